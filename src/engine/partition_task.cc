// SPDX-License-Identifier: Apache-2.0
#include "engine/partition_task.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/stopwatch.h"

namespace hf {

namespace {

constexpr std::string_view kStoppedNow = "HOLDFAST_STOPPED_NOW";

// An object of a layout, for as long as the batch runs.
class ScratchObject {
 public:
  explicit ScratchObject(const TypeLayout& layout) : layout_(&layout), object_(layout.create()) {}
  ~ScratchObject() { layout_->destroy(object_); }
  ScratchObject(const ScratchObject&) = delete;
  ScratchObject& operator=(const ScratchObject&) = delete;
  [[nodiscard]] void* get() const { return object_; }

 private:
  const TypeLayout* layout_;
  void* object_;
};

}  // namespace

Status StoppedNow() { return Unavailable("the query was told to stop at once", std::string(kStoppedNow)); }
bool IsStoppedNow(const Status& status) { return status.condition() == kStoppedNow; }

namespace {

// A run of calls of a processor.
class RunOfCalls {
 public:
  explicit RunOfCalls(AnyProcessor& processor) : processor_(processor) { processor_.BeginCalls(); }
  ~RunOfCalls() { processor_.EndCalls(); }
  RunOfCalls(const RunOfCalls&) = delete;
  RunOfCalls& operator=(const RunOfCalls&) = delete;

 private:
  AnyProcessor& processor_;
};

// Between two calls of a processor, of which each may take long.
void ThrowIfStopped(const TaskBatch& batch) {
  if (batch.stop_now.stop_requested()) {
    throw StatusError(StoppedNow());
  }
}

}  // namespace

class PartitionTask::Running {
 public:
  Running(const OperatorPlan& plan, PartitionState& state, const TaskBatch& batch)
      : batch_(batch), handle_(state, plan.time_mode, batch_.query), key_(*plan.input.key_layout) {}

  Status Make(const OperatorPlan& plan) {
    HF_ASSIGN_OR_RETURN(out_, RowAppender::Make(plan.output, plan.factory->output_layout()));
    return CallUser("the copy constructor", [&] { processor_ = plan.factory->Make(); });
  }
  // The batch's clock moves on.
  void SetBatch(const TaskBatch& batch) { batch_ = batch; }
  [[nodiscard]] Run run() {
    return {.processor = *processor_,
            .handle = handle_,
            .batch = batch_,
            .out = *out_,
            .key = key_.get(),
            .output = &output_};
  }
  TaskOutput& output() { return output_; }

 private:
  TaskBatch batch_;
  ProcessorHandle handle_;
  const ScratchObject key_;
  std::unique_ptr<RowAppender> out_;
  std::unique_ptr<AnyProcessor> processor_;
  TaskOutput output_;
};

PartitionTask::PartitionTask(const OperatorPlan& plan, PartitionStateOptions state_options)
    : plan_(&plan), options_(std::move(state_options)), input_(plan.input, plan.state, plan.key_writer) {}

PartitionTask::~PartitionTask() { static_cast<void>(End()); }

Status PartitionTask::Load(const VersionId& id) {
  if (state_ != nullptr && prepared_ == id) {
    state_->Confirm();
    prepared_.reset();
    loaded_ = id;
    return Status();
  }
  if (state_ != nullptr && !prepared_.has_value() && loaded_ == id) {
    return Status();
  }
  prepared_.reset();
  state_ = nullptr;
  HF_ASSIGN_OR_RETURN(state_, PartitionState::Open(options_, plan_->state, id));
  loaded_ = id;
  return Status();
}

void PartitionTask::FeedInitialState(ColumnBatch batch, std::vector<std::uint32_t> rows) {
  if (!initial_state_.has_value()) {
    initial_state_.emplace(*plan_->initial_state, plan_->state, plan_->key_writer);
  }
  initial_state_->Add(std::move(batch), std::move(rows));
}

void PartitionTask::Abort() {
  static_cast<void>(End());
  input_.Clear();
  initial_state_.reset();
  prepared_.reset();
  if (state_ != nullptr) {
    state_->Abort();
  }
}

// Some keys at a time, so that what a key needs is still in the cache when the next step comes to it.
Status PartitionTask::RunKeys(const char* function, KeyedRows& rows, const Run& run, const Call& call) {
  rows.Group();
  HF_RETURN_IF_ERROR(CallUser("reading the rows", [&] { run.processor.BeginRows(rows.All()); }));
  for (std::size_t begin = 0; begin < rows.groups(); begin += kKeysAtATime) {
    const std::size_t end = std::min(begin + kKeysAtATime, rows.groups());
    HF_RETURN_IF_ERROR(CallUser("reading the keys", [&] { rows.EncodeKeys(begin, end, run.key, &keys_); }));
    HF_RETURN_IF_ERROR(state_->BindKeys(keys_));
    std::size_t group = begin;
    const Status ran = CallUser(function, [&] {
      const RunOfCalls calls(run.processor);
      for (; group < end; ++group) {
        ThrowIfStopped(run.batch);
        const RowSelection selection = rows.Selection(group);
        rows.ReadKey(group, run.key);
        state_->BindKey(group - begin);
        call(selection);
        state_->EndKey();
      }
    });
    if (!ran.ok()) {
      return ran.WithContext(fmt::format("key {}", rows.KeyText(group)));
    }
  }
  return Status();
}

Status PartitionTask::RunRows(const Run& run) {
  if (input_.empty()) {
    return Status();
  }
  input_.Group();
  HF_RETURN_IF_ERROR(CallUser("reading the keys", [&] { input_.EncodeKeys(0, input_.groups(), run.key, &keys_); }));
  HF_RETURN_IF_ERROR(state_->BindKeys(keys_));
  const std::vector<KeyedRows::Arrived> arrived = input_.InOrder();
  std::size_t at = 0;
  while (at < arrived.size()) {
    const std::size_t end = std::min(at + kKeysAtATime, arrived.size());
    const Status ran = CallUser("HandleInputRows", [&] {
      const RunOfCalls calls(run.processor);
      for (; at < end; ++at) {
        ThrowIfStopped(run.batch);
        const RowSelection selection = input_.Selection(arrived[at]);
        input_.ReadKey(arrived[at].group, run.key);
        state_->BindKey(arrived[at].group);
        run.processor.BeginRows(selection);
        run.processor.HandleInputRows(run.key, input_.row_reader(), selection, run.batch.timer_values, run.out);
        state_->EndKey();
      }
    });
    if (!ran.ok()) {
      return ran.WithContext(fmt::format("key {}", input_.KeyText(arrived[at].group)));
    }
  }
  return Status();
}

Status PartitionTask::CallTimers(const TimeEntries& due, const Run& run) {
  keys_.Clear();
  AppendKeys(plan_->state, due, &keys_);
  HF_RETURN_IF_ERROR(state_->BindKeys(keys_));
  std::size_t at = 0;
  const Status ran = CallUser("HandleExpiredTimer", [&] {
    const RunOfCalls calls(run.processor);
    for (; at < due.size(); ++at) {
      ThrowIfStopped(run.batch);
      if (const Status read = plan_->stored_key_reader->Decode(due.row(at), run.key); !read.ok()) {
        throw StatusError(read.WithContext("the grouping key of a timer"));
      }
      state_->BindKey(at);
      run.processor.HandleExpiredTimer(run.key, run.batch.timer_values, {.expiry_time_ms = due.time_ms(at)}, run.out);
      state_->timers().Remove(due.row(at), due.time_ms(at));
      state_->EndKey();
    }
  });
  return ran.ok() ? ran : ran.WithContext(fmt::format("key {}, timer {}", StoredKeyText(due.row(at)), due.time_ms(at)));
}

// As Spark 4.3: those that were due when the last key had been processed, registered in this batch or before. What a
// timer registers fires in the next batch at the earliest, and what it deletes has fired.
Status PartitionTask::RunTimers(const Run& run) {
  const Stopwatch watch(*run.batch.clock, &run.output->timers_us, Stopwatch::kMicros);
  const TimerValues& now = run.batch.timer_values;
  Timers& timers = state_->timers();
  timers.BeginDue(plan_->time_mode == TimeMode::kProcessingTime ? now.current_processing_time_ms
                                                                : now.current_watermark_ms);
  HF_ASSIGN_OR_RETURN(TimeEntries due, timers.NextDue(kKeysAtATime));
  while (due.size() > 0) {
    HF_RETURN_IF_ERROR(CallTimers(due, run));
    run.output->expired_timers += static_cast<std::int64_t>(due.size());
    HF_ASSIGN_OR_RETURN(due, timers.NextDue(kKeysAtATime));
  }
  return Status();
}

std::string PartitionTask::StoredKeyText(std::string_view key) const {
  const auto layout = RowLayout(plan_->key);
  const auto reader = StateRowReader::Compile(plan_->state.frame.encoding, plan_->key, *layout);
  Row row;
  const Status read = reader.ok() ? reader->Decode(key, &row) : reader.status();
  return read.ok() ? ToJson(row, plan_->key) : "(unreadable)";
}

Status PartitionTask::Begin(const TaskBatch& batch) {
  if (running_ != nullptr) {
    running_->SetBatch(batch);
    state_->SetTime(batch.timer_values.current_processing_time_ms);
    return Status();
  }
  state_->BeginBatch(batch.timer_values.current_processing_time_ms);
  auto running = std::make_unique<Running>(*plan_, *state_, batch);
  HF_RETURN_IF_ERROR(running->Make(*plan_));
  running_ = std::move(running);
  const Run run = running_->run();
  HF_RETURN_IF_ERROR(CallUser("Init", [&] { run.processor.Init(run.handle); }));
  if (plan_->time_mode != TimeMode::kNone) {
    HF_RETURN_IF_ERROR(state_->OpenTimers(TimeModeName(plan_->time_mode)));
  }
  return run.handle.FinishInit();
}

Status PartitionTask::End() {
  if (running_ == nullptr) {
    return Status();
  }
  const std::unique_ptr<Running> ending = std::move(running_);
  const Run run = ending->run();
  run.handle.Enter(HandleState::kClosed);
  return CallUser("Close", [&] { run.processor.Close(); });
}

Status PartitionTask::RunFed(const Run& run) {
  const TimerValues& now = run.batch.timer_values;
  if (initial_state_.has_value()) {
    const Stopwatch watch(*run.batch.clock, &run.output->initial_state_us, Stopwatch::kMicros);
    HF_RETURN_IF_ERROR(RunKeys("HandleInitialState", *initial_state_, run, [&](RowSelection rows) {
      run.processor.HandleInitialState(run.key, initial_state_->row_reader(), rows, now);
    }));
    initial_state_.reset();
  }
  if (run.batch.by_row) {
    HF_RETURN_IF_ERROR(RunRows(run));
  } else {
    HF_RETURN_IF_ERROR(RunKeys("HandleInputRows", input_, run, [&](RowSelection rows) {
      run.processor.HandleInputRows(run.key, input_.row_reader(), rows, now, run.out);
    }));
  }
  input_.Clear();
  run.handle.Enter(HandleState::kDataProcessed);
  HF_RETURN_IF_ERROR(plan_->time_mode == TimeMode::kNone ? Status() : RunTimers(run));
  return CallUser("taking the output", [&] { run.processor.Flush(run.out); });
}

Result<ColumnBatch> PartitionTask::ProcessArrived(const TaskBatch& batch) {
  HF_RETURN_IF_ERROR(Begin(batch));
  const Run run = running_->run();
  HF_RETURN_IF_ERROR(RunFed(run));
  run.handle.Enter(HandleState::kInitialized);
  return run.out.Finish();
}

Result<ColumnBatch> PartitionTask::RunArrived(const TaskBatch& batch) {
  auto rows = ProcessArrived(batch);
  if (!rows.ok()) {
    Abort();
  }
  return rows;
}

Result<TaskOutput> PartitionTask::Process(const TaskBatch& batch) {
  HF_RETURN_IF_ERROR(Begin(batch));
  const Run run = running_->run();
  HF_RETURN_IF_ERROR(RunFed(run));
  run.handle.Enter(HandleState::kTimerProcessed);
  TaskOutput output = std::move(running_->output());
  {
    const Stopwatch watch(*batch.clock, &output.removal_us, Stopwatch::kMicros);
    HF_ASSIGN_OR_RETURN(output.expired_values, state_->RemoveExpired());
  }
  output.rows = run.out.Finish();
  output.registered_timers = run.handle.registered_timers();
  output.deleted_variables = run.handle.deleted_variables();
  output.deleted_timers = run.handle.deleted_timers() + output.expired_timers;
  HF_RETURN_IF_ERROR(End());
  output.schema_use = state_->TakeSchemaUse();
  HF_ASSIGN_OR_RETURN(output.version, state_->Prepare());
  return output;
}

Result<std::optional<std::int64_t>> PartitionTask::NextExpiry() {
  if (plan_->time_mode == TimeMode::kNone) {
    return std::optional<std::int64_t>();
  }
  HF_ASSIGN_OR_RETURN(const auto timer, state_->EarliestTimer(TimeModeName(plan_->time_mode)));
  HF_ASSIGN_OR_RETURN(const auto expiration, state_->EarliestExpiration());
  return !timer.has_value() || (expiration.has_value() && *expiration < *timer) ? expiration : timer;
}

Result<TaskOutput> PartitionTask::Finish(const TaskBatch& batch) {
  auto output = Process(batch);
  if (!output.ok()) {
    Abort();
    return output;
  }
  prepared_ = VersionId{output->version.version, output->version.unique_id};
  return output;
}

}  // namespace hf
