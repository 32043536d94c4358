// SPDX-License-Identifier: Apache-2.0
// The engine behind ProcessorTester: one partition's task over a disk in memory, with no query around it.
#include "holdfast/processor_tester.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/clock.h"
#include "engine/conf.h"
#include "engine/partition_task.h"
#include "engine/recovery.h"
#include "engine/watermark.h"
#include "files/disk_file_system.h"
#include "files/scratch_directory.h"
#include "files/simulated_disk.h"
#include "query/trigger_text.h"
#include "state/evolution.h"
#include "state/list_variable.h"
#include "state/map_variable.h"
#include "state/value_variable.h"

namespace hf {

namespace {

void ThrowUnlessOk(const Status& status) {
  if (!status.ok()) {
    throw StatusError(status);
  }
}

template <typename T>
T OrThrow(Result<T> result) {
  ThrowUnlessOk(result.status());
  return std::move(result).value();
}

// Rows that come as a key and a row of their own: the columns of the key, then those of the row that the key lacks.
class RowsWithKey {
 public:
  // `key_layout` has the names of the columns; both layouts outlive it.
  RowsWithKey(const TypeLayout& key_layout, const TypeLayout& row_layout)
      : keys_(OrThrow(RowAppender::Make(SchemaOf(key_layout), key_layout))),
        rows_(OrThrow(RowAppender::Make(SchemaOf(row_layout), row_layout))) {
    std::vector<StructField> columns = SchemaOf(key_layout).fields();
    const Schema row = SchemaOf(row_layout);
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!SchemaOf(key_layout).IndexOf(row.field(i).name).has_value()) {
        columns.push_back(row.field(i));
        kept_.push_back(i);
      }
    }
    schema_ = Schema(std::move(columns));
  }
  [[nodiscard]] const Schema& schema() const { return schema_; }
  // Both or, where it throws, neither.
  void Add(const void* key, const void* row) {
    rows_->Append(row);
    try {
      keys_->Append(key);
    } catch (...) {
      keys_->Finish();
      rows_->Finish();
      throw;
    }
  }
  ColumnBatch Take() {
    const ColumnBatch keys = keys_->Finish();
    const ColumnBatch rows = rows_->Finish();
    std::vector<Column> columns = keys.columns();
    for (const std::size_t column : kept_) {
      columns.push_back(rows.column(column));
    }
    return {schema_, std::move(columns), keys.rows()};
  }

 private:
  std::unique_ptr<RowAppender> keys_;
  std::unique_ptr<RowAppender> rows_;
  std::vector<std::size_t> kept_;
  Schema schema_;
};

class SlotsOf final : public detail::StateSlots {
 public:
  explicit SlotsOf(PartitionState& state) : state_(state) {}
  ValueSlot& Value(std::string_view name, const TypeLayout& type) override {
    return dynamic_cast<ValueVariable&>(Find(name, VariableKind::kValue, nullptr, type));
  }
  ListSlot& List(std::string_view name, const TypeLayout& element) override {
    return dynamic_cast<ListVariable&>(Find(name, VariableKind::kList, nullptr, element));
  }
  MapSlot& Map(std::string_view name, const TypeLayout& user_key, const TypeLayout& value) override {
    return dynamic_cast<MapVariable&>(Find(name, VariableKind::kMap, &user_key, value));
  }

 private:
  StateVariable& Find(std::string_view name, VariableKind kind, const TypeLayout* user_key, const TypeLayout& value) {
    StateVariable* found = state_.Find(name);
    if (found == nullptr) {
      throw StatusError(Invalid(fmt::format("the processor declares no state variable {}", name)));
    }
    const VariableType asked = {.value = &value, .user_key = user_key, .ttl_ms = found->type().ttl_ms};
    const std::string declared_text = TextOf(state_.KindOf(name), found->type());
    const std::string asked_text = TextOf(kind, asked);
    if (declared_text != asked_text || !AreExchangeable(found->type(), asked)) {
      throw StatusError(Invalid(
          fmt::format("state variable {} is a {}, and was asked for as a {}", name, declared_text, asked_text)));
    }
    return *found;
  }
  PartitionState& state_;
};

class TaskTester final : public detail::TesterEngine {
 public:
  explicit TaskTester(TesterOptions options)
      : options_(std::move(options)),
        conf_(OrThrow(Conf::Make(options_.conf))),
        scratch_(OrThrow(ScratchDirectory::Make(conf_.Get(conf_key::kScratchDirectory), random_))) {
    processing_time_ms = options_.processing_time_ms;
    if (!options_.event_time.empty()) {
      delay_ms_ = OrThrow(ParseInterval(options_.delay_threshold)).count();
      watermark_ = Watermark(WatermarkPolicy::kMin, {delay_ms_}, 0, 0);
    }
  }

  void Evolve(std::shared_ptr<const ProcessorFactory> processor) override {
    const auto before = plan_;  // the task is still running by it
    Compile(std::move(processor));
    Open();
  }
  void Add(const void* key, const void* row) override { input_->Add(key, row); }
  void AddInitialState(const void* key, const void* row) override {
    if (!initial_state_.has_value()) {
      throw StatusError(
          Invalid("the processor takes no initial state: derive it from StatefulProcessorWithInitialState"));
    }
    initial_state_->Add(key, row);
    has_initial_state_ = true;
  }

  ColumnBatch RunBatch() override {
    TaskOutput output = RunTask();
    Commit(output.version);
    ThrowUnlessOk(task_->Load({output.version.version, {}}));
    version_ = output.version.version;
    initial_rows_.reset();
    return std::move(output.rows);
  }

  void CrashInBatch() override {
    MakeRecoverable();
    const Watermark watermark = watermark_;
    const std::int64_t watermark_before_ms = watermark_ms;
    const std::int64_t late_rows_before = late_rows;
    const TaskOutput output = RunTask();
    ThrowUnlessOk(files_.PutMany(output.version.Files()));
    ThrowUnlessOk(RemoveVersionsAbove(files_, kDirectory, version_));
    watermark_ = watermark;
    watermark_ms = watermark_before_ms;
    late_rows = late_rows_before;
    --query_.batch_id;
    Open();
  }

  void Restart() override {
    MakeRecoverable();
    Open();
  }

  void UseState(const void* key, const std::function<void(detail::StateSlots&)>& use) override {
    PartitionState& state = task_->state();
    state.BeginBatch(processing_time_ms);
    ProcessorHandle handle(state, options_.time_mode, query_);
    std::unique_ptr<AnyProcessor> processor;
    ThrowUnlessOk(CallUser("the copy constructor", [&] { processor = plan_->factory->Make(); }));
    try {
      ThrowUnlessOk(CallUser("Init", [&] { processor->Init(handle); }));
      if (options_.time_mode != TimeMode::kNone) {
        ThrowUnlessOk(state.OpenTimers(TimeModeName(options_.time_mode)));
      }
      handle.Enter(HandleState::kInitialized);
      TimeEntries of_key;
      of_key.Add(0, KeyRow(key));
      GroupKeys keys;
      AppendKeys(plan_->state, of_key, &keys);
      ThrowUnlessOk(state.BindKeys(keys));
      state.BindKey(0);
      SlotsOf slots(state);
      use(slots);
      state.EndKey();
      const PreparedVersion prepared = OrThrow(state.Prepare());
      Commit(prepared);
      state.Confirm();
      version_ = prepared.version;
    } catch (...) {
      state.Abort();
      static_cast<void>(CallUser("Close", [&] { processor->Close(); }));
      throw;
    }
    ThrowUnlessOk(CallUser("Close", [&] { processor->Close(); }));
  }

  void RemoveVariable(std::string_view name, const void* key) override {
    UseState(key, [&](detail::StateSlots& slots) {
      const StateVariable* variable = task_->state().Find(name);
      const VariableType type = variable == nullptr ? VariableType() : variable->type();
      const VariableKind kind = variable == nullptr ? VariableKind::kValue : task_->state().KindOf(name);
      static const TypeLayout kNone;
      const TypeLayout& value = type.value == nullptr ? kNone : *type.value;
      switch (kind) {
        case VariableKind::kValue: {
          ValueSlot& slot = slots.Value(name, value);
          slot.held = ValueSlot::Held::kAbsent;
          slot.Changed();
          break;
        }
        case VariableKind::kList: slots.List(name, value).Clear(); break;
        case VariableKind::kMap: slots.Map(name, *type.user_key, value).Clear(); break;
      }
    });
  }

  std::vector<std::int64_t> Timers(const void* key) override {
    std::vector<std::int64_t> times;
    if (options_.time_mode != TimeMode::kNone) {
      UseState(key, [&](detail::StateSlots&) { times = OrThrow(task_->state().timers().List(KeyRow(key))); });
    }
    std::sort(times.begin(), times.end());
    return times;
  }

 private:
  static constexpr const char* kDirectory = "/state/0/0";

  // The plan of `processor` on the state so far; nothing is changed when it cannot go on with that.
  void Compile(std::shared_ptr<const ProcessorFactory> processor) {
    const Declarations declared = OrThrow(CollectDeclarations(*processor, options_.time_mode, query_));
    TypeLayout key_layout = processor->key_layout();
    std::vector<std::string> columns;
    for (FieldLayout& field : key_layout.fields) {
      field.name = key_layout.fields.size() == 1 && field.name == "value" ? "key" : field.name;
      columns.push_back(field.name);
    }
    std::vector<StructField> key_fields = SchemaOf(key_layout).fields();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      key_fields[i].name = columns[i];
    }
    key_layout.type = DataType::Struct(std::move(key_fields));
    auto named = std::make_unique<const TypeLayout>(std::move(key_layout));
    RowsWithKey input(*named, processor->input_layout());
    auto plan = OrThrow(OperatorPlan::Make(processor, options_.time_mode, conf_.encoding(), input.schema(), columns));
    std::optional<RowsWithKey> initial_state;
    if (processor->initial_state_layout() != nullptr) {
      initial_state.emplace(*named, *processor->initial_state_layout());
      ThrowUnlessOk(
          plan->TakeInitialState({.schema = initial_state->schema(), .rows = {}, .grouping_columns = columns}));
    }
    if (!options_.event_time.empty()) {
      const auto column = input.schema().IndexOf(options_.event_time);
      if (!column.has_value() || input.schema().field(*column).type.kind() != TypeKind::kTimestamp) {
        throw StatusError(Invalid(fmt::format("event_time {} is no timestamp of the input, whose columns are {}",
                                              options_.event_time, input.schema().ToDdl())));
      }
      event_time_ = *column;
    }
    DescribeState(declared, plan.get());
    key_layout_ = std::move(named);
    input_.emplace(std::move(input));
    initial_state_ = std::move(initial_state);
    plan_ = std::move(plan);
  }

  // As the start of a query does it with the checkpoint's files (engine/state_description.h).
  void DescribeState(const Declarations& declared, OperatorPlan* plan) {
    DeclaredState state{.key = plan->key,
                        .deleted = declared.deleted,
                        .time_mode = std::string(TimeModeName(options_.time_mode)),
                        .output_mode = std::string(OutputModeName(options_.output_mode))};
    std::vector<RecordedVariable> variables;
    for (const Declaration& declaration : declared.variables) {
      state.variables.push_back(declaration.variable);
      variables.push_back({.name = declaration.variable.name,
                           .type = std::string(VariableKindName(declaration.variable.kind)),
                           .ttl_enabled = declaration.variable.has_ttl});
    }
    Evolution evolution = hf::Evolve(
        recorded_, state, {.accept = conf_.GetList(conf_key::kEvolutionAccept), .encoding = conf_.encoding()});
    ThrowUnlessOk(evolution.status);
    plan->state = std::move(evolution.plan);
    for (const Declaration& declaration : declared.variables) {
      ThrowUnlessOk(CheckVariable(plan->state.frame, *plan->state.Find(declaration.variable.name), declaration.type));
    }
    if (evolution.needs_schema_file) {
      recorded_.schema_files.push_back(std::move(evolution.families));
    }
    recorded_.variables = std::move(variables);
    recorded_.time_mode = state.time_mode;
    recorded_.output_mode = state.output_mode;
  }

  void Open() {
    if (task_ != nullptr) {
      MakeRecoverable();
    }
    PartitionStateOptions options{.store = StoreFormatOf(conf_)};
    options.store.files = &files_;
    options.store.random = &random_;
    options.store.directory = kDirectory;
    options.store.scratch_directory = fmt::format("{}/{}", scratch_->path(), ++opened_);
    options.store.publishes_families = false;
    task_ = nullptr;
    auto task = std::make_unique<PartitionTask>(*plan_, options);
    ThrowUnlessOk(task->Load({version_, {}}));
    task_ = std::move(task);
  }

  // What a query would have published on the way: the state can be opened from the disk.
  void MakeRecoverable() {
    if (const auto job = task_->store().BeginSnapshot(true); job != nullptr) {
      ThrowUnlessOk(job->Run());
      task_->store().Adopt(*job);
    }
  }

  // Runs the batch of what was added; nothing of it is committed.
  TaskOutput RunTask() {
    const ColumnBatch rows = input_->Take();
    EventTimes seen;
    std::vector<std::uint32_t> in_time;
    for (std::uint32_t row = 0; row < rows.rows(); ++row) {
      if (event_time_.has_value() && IsLate(rows.column(*event_time_), row, watermark_.late_events_ms())) {
        ++late_rows;
      } else {
        in_time.push_back(row);
      }
    }
    if (event_time_.has_value()) {
      seen.Add(rows.column(*event_time_));
    }
    task_->Feed(rows, std::move(in_time));
    if (has_initial_state_) {
      initial_rows_ = initial_state_->Take();
      has_initial_state_ = false;
    }
    if (initial_rows_.has_value()) {  // until a batch with them is committed
      std::vector<std::uint32_t> all(static_cast<std::size_t>(initial_rows_->rows()));
      std::iota(all.begin(), all.end(), 0);
      task_->FeedInitialState(*initial_rows_, std::move(all));
    }
    TaskBatch batch{.query = query_, .timer_values = {}, .clock = &clock_};
    if (options_.time_mode != TimeMode::kNone) {
      batch.timer_values = {.current_processing_time_ms = processing_time_ms, .current_watermark_ms = watermark_ms};
    }
    ++query_.batch_id;
    TaskOutput output = OrThrow(task_->Finish(batch));
    if (event_time_.has_value()) {
      watermark_ = watermark_ms == watermark_.eviction_ms()
                       ? watermark_
                       : Watermark(WatermarkPolicy::kMin, {delay_ms_}, watermark_ms, watermark_.eviction_ms());
      watermark_.Advance({seen});
      watermark_ms = watermark_.eviction_ms();
    }
    return output;
  }

  void Commit(const PreparedVersion& prepared) { ThrowUnlessOk(files_.PutMany(prepared.Files())); }

  std::string KeyRow(const void* key) const {
    std::string row;
    ThrowUnlessOk(plan_->key_writer.Encode(key, row));
    return row;
  }

  const TesterOptions options_;
  const Conf conf_;
  SystemRandom random_;
  const std::unique_ptr<ScratchDirectory> scratch_;
  ManualClock clock_;
  SimulatedDisk disk_{clock_};
  DiskFileSystem files_{disk_};
  QueryInfo query_{.query_id = "00000000-0000-0000-0000-000000000000",
                   .run_id = "00000000-0000-0000-0000-000000000000",
                   .batch_id = 0};
  RecordedState recorded_;
  std::unique_ptr<const TypeLayout> key_layout_;
  std::optional<RowsWithKey> input_;
  std::optional<RowsWithKey> initial_state_;
  bool has_initial_state_ = false;
  std::optional<ColumnBatch> initial_rows_;  // of the batch that is not committed yet
  std::optional<std::size_t> event_time_;    // its column
  std::int64_t delay_ms_ = 0;
  Watermark watermark_;
  std::shared_ptr<const OperatorPlan> plan_;
  std::unique_ptr<PartitionTask> task_;
  StateVersion version_ = 0;
  int opened_ = 0;
};

}  // namespace

std::unique_ptr<detail::TesterEngine> detail::TesterEngine::Make(std::shared_ptr<const ProcessorFactory> processor,
                                                                 TesterOptions options) {
  auto tester = std::make_unique<TaskTester>(std::move(options));
  tester->Evolve(std::move(processor));
  return tester;
}

}  // namespace hf
