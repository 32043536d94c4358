// SPDX-License-Identifier: Apache-2.0
#include "engine/partition_task.h"

#include <fmt/format.h>

#include <algorithm>

#include "rows/normalized_key.h"

namespace hf {

namespace {

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

// Writes the order-preserving keys of `rows` into `arena` and views of them into `keys`.
void AppendKeys(const NormalizedKeys& normalized, std::span<const std::uint32_t> rows, std::string* arena,
                std::vector<std::string_view>* keys) {
  std::vector<std::size_t> ends;
  for (const std::uint32_t row : rows) {
    normalized.AppendKey(row, *arena);
    ends.push_back(arena->size());
  }
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    keys->push_back(std::string_view(*arena).substr(begin, end - begin));
    begin = end;
  }
}

// Rows are read in the order of their keys, so nearly each would wait for memory several times. This asks for them
// while earlier ones are processed. The distances cover the way to memory and fit the first-level cache.
class RowsAhead {
 public:
  RowsAhead(const RowReader& reader, const std::vector<ColumnBatch>& batches, std::span<const RowRef> rows)
      : reader_(reader), batches_(batches), rows_(rows) {}

  // Row number `row` is read next.
  void At(std::size_t row) const {
    if (row + 2 * kDistance < rows_.size()) {
      const RowRef far = rows_[row + 2 * kDistance];
      reader_.Prefetch(batches_[far.batch], far.row);
    }
    if (row + kDistance < rows_.size()) {
      const RowRef near = rows_[row + kDistance];
      reader_.PrefetchText(batches_[near.batch], near.row);
    }
  }

 private:
  static constexpr std::size_t kDistance = 8;

  const RowReader& reader_;
  const std::vector<ColumnBatch>& batches_;
  const std::span<const RowRef> rows_;
};

}  // namespace

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

void PartitionTask::Feed(ColumnBatch batch, std::vector<std::uint32_t> rows) {
  batches_.push_back(std::move(batch));
  rows_.push_back(std::move(rows));
}

void PartitionTask::Abort() {
  batches_.clear();
  rows_.clear();
  prepared_.reset();
  if (state_ != nullptr) {
    state_->Abort();
  }
}

void PartitionTask::GroupRows() {
  std::vector<std::vector<const Column*>> columns(batches_.size());
  std::vector<NormalizedKeys> normalized;
  for (std::size_t batch = 0; batch < batches_.size(); ++batch) {
    for (const std::size_t column : plan_->key_columns) {
      columns[batch].push_back(&batches_[batch].column(column));
    }
    normalized.emplace_back(columns[batch]);
  }
  const bool bare =
      std::all_of(normalized.begin(), normalized.end(), [](const NormalizedKeys& keys) { return keys.is_bare(); });
  grouping_.Clear();
  key_arenas_.assign(batches_.size(), {});
  std::vector<std::string_view> keys;
  for (std::uint32_t batch = 0; batch < batches_.size(); ++batch) {
    keys.clear();
    if (bare) {
      for (const std::uint32_t row : rows_[batch]) {
        keys.push_back(normalized[batch].BareKey(row));
      }
    } else {
      AppendKeys(normalized[batch], rows_[batch], &key_arenas_[batch], &keys);
    }
    grouping_.Add(batch, rows_[batch], keys);
  }
  grouping_.Finish();
}

void PartitionTask::EncodeKeys(KeyRange range, void* key) {
  keys_.Clear();
  std::string& arena = keys_.arena();
  constexpr FamilyId kOfTheVariable = 0;  // cells fill it in
  const StatePlan& state = plan_->state;
  const RowsAhead ahead(*plan_->key_reader, batches_, grouping_.ordered());
  for (std::size_t group = range.begin; group < range.end; ++group) {
    ahead.At(grouping_.FirstRow(group));
    const RowRef first = grouping_.Group(group).front();
    plan_->key_reader->Read(batches_[first.batch], first.row, key);
    state.frame.AppendKeyHead(kOfTheVariable, state.key_schema_id, arena);
    if (const Status status = plan_->key_writer.Encode(key, arena); !status.ok()) {
      throw StatusError(status.WithContext("the grouping key"));
    }
    keys_.EndKey();
  }
}

Status PartitionTask::CallProcessor(KeyRange range, std::size_t first, const Run& run) {
  std::size_t group = range.begin;
  const RowsAhead ahead(*plan_->input_reader, batches_, grouping_.ordered());
  const Status ran = CallUser("HandleInputRows", [&] {
    for (; group < range.end; ++group) {
      const std::span<const RowRef> rows = grouping_.Group(group);
      for (std::size_t row = 0; row < rows.size(); ++row) {
        ahead.At(grouping_.FirstRow(group) + row);
      }
      plan_->key_reader->Read(batches_[rows.front().batch], rows.front().row, run.key);
      state_->BindKey(first + group - range.begin);
      run.processor.HandleInputRows(run.key, *plan_->input_reader, {.batches = batches_, .rows = rows},
                                    run.batch.timer_values, run.out);
      state_->EndKey();
    }
  });
  return ran.ok() ? ran : ran.WithContext(fmt::format("key {}", KeyText(group)));
}

// Some keys at a time, so that what a key needs is still in the cache when the next step comes to it.
Status PartitionTask::RunKeys(const Run& run) {
  GroupRows();
  for (std::size_t begin = 0; begin < grouping_.groups(); begin += kKeysAtATime) {
    const KeyRange range = {begin, std::min(begin + kKeysAtATime, grouping_.groups())};
    HF_RETURN_IF_ERROR(CallUser("reading the keys", [&] { EncodeKeys(range, run.key); }));
    HF_ASSIGN_OR_RETURN(const std::size_t first, state_->BindKeys(keys_));
    HF_RETURN_IF_ERROR(CallProcessor(range, first, run));
  }
  return Status();
}

Status PartitionTask::CallTimers(const TimeEntries& due, KeyRange range, const Run& run) {
  keys_.Clear();
  AppendKeys(plan_->state, due, range.begin, range.end, &keys_);
  HF_ASSIGN_OR_RETURN(const std::size_t first, state_->BindKeys(keys_));
  std::size_t at = range.begin;
  const Status ran = CallUser("HandleExpiredTimer", [&] {
    for (; at < range.end; ++at) {
      if (const Status read = plan_->stored_key_reader->Decode(due.row(at), run.key); !read.ok()) {
        throw StatusError(read.WithContext("the grouping key of a timer"));
      }
      state_->BindKey(first + at - range.begin);
      run.processor.HandleExpiredTimer(run.key, run.batch.timer_values, {.expiry_time_ms = due.time_ms(at)}, run.out);
      if (const auto deleted = state_->timers().Delete(due.row(at), due.time_ms(at)); !deleted.ok()) {
        throw StatusError(deleted.status());
      }
      state_->EndKey();
    }
  });
  return ran.ok() ? ran : ran.WithContext(fmt::format("key {}, timer {}", StoredKeyText(due.row(at)), due.time_ms(at)));
}

// As Spark 4.3: those that were due when the last key had been processed, registered in this batch or before. What a
// timer registers fires in the next batch at the earliest, and what it deletes has fired.
Status PartitionTask::RunTimers(const Run& run) {
  const TimerValues& now = run.batch.timer_values;
  HF_ASSIGN_OR_RETURN(const TimeEntries due, state_->timers().Due(plan_->time_mode == TimeMode::kProcessingTime
                                                                      ? now.current_processing_time_ms
                                                                      : now.current_watermark_ms));
  for (std::size_t begin = 0; begin < due.size(); begin += kKeysAtATime) {
    HF_RETURN_IF_ERROR(CallTimers(due, {begin, std::min(begin + kKeysAtATime, due.size())}, run));
  }
  run.output->expired_timers = static_cast<std::int64_t>(due.size());
  return Status();
}

std::string PartitionTask::StoredKeyText(std::string_view key) const {
  const auto layout = RowLayout(plan_->key);
  const auto reader = StateRowReader::Compile(plan_->state.frame.encoding, plan_->key, *layout);
  Row row;
  const Status read = reader.ok() ? reader->Decode(key, &row) : reader.status();
  return read.ok() ? ToJson(row, plan_->key) : "(unreadable)";
}

std::string PartitionTask::KeyText(std::size_t group) const {
  if (group >= grouping_.groups()) {
    return "(none)";
  }
  const RowRef first = grouping_.Group(group).front();
  Row key;
  for (const std::size_t column : plan_->key_columns) {
    key.push_back(batches_[first.batch].At(column, first.row));
  }
  return ToJson(key, plan_->key);
}

Status PartitionTask::RunAll(const Run& run) {
  HF_RETURN_IF_ERROR(CallUser("Init", [&] { run.processor.Init(run.handle); }));
  if (plan_->time_mode != TimeMode::kNone) {
    HF_RETURN_IF_ERROR(state_->OpenTimers(TimeModeName(plan_->time_mode)));
  }
  run.handle.Enter(HandleState::kInitialized);
  HF_RETURN_IF_ERROR(RunKeys(run));
  run.handle.Enter(HandleState::kDataProcessed);
  if (plan_->time_mode != TimeMode::kNone) {
    HF_RETURN_IF_ERROR(RunTimers(run));
  }
  run.handle.Enter(HandleState::kTimerProcessed);
  HF_ASSIGN_OR_RETURN(run.output->expired_values, state_->RemoveExpired());
  return Status();
}

Result<TaskOutput> PartitionTask::Process(const TaskBatch& batch) {
  HF_ASSIGN_OR_RETURN(const auto out, RowAppender::Make(plan_->output, plan_->factory->output_layout()));
  state_->BeginBatch(batch.timer_values.current_processing_time_ms);
  ProcessorHandle handle(*state_, plan_->time_mode, batch.query);
  const ScratchObject key(plan_->key_layout);
  std::unique_ptr<AnyProcessor> processor;
  HF_RETURN_IF_ERROR(CallUser("the copy constructor", [&] { processor = plan_->factory->Make(); }));
  TaskOutput output;
  const Status ran = RunAll(
      {.processor = *processor, .handle = handle, .batch = batch, .out = *out, .key = key.get(), .output = &output});
  handle.Enter(HandleState::kClosed);
  const Status closed = CallUser("Close", [&] { processor->Close(); });
  HF_RETURN_IF_ERROR(ran);
  HF_RETURN_IF_ERROR(closed);
  HF_ASSIGN_OR_RETURN(output.version, state_->Prepare());
  output.rows = out->Finish();
  output.input_rows = static_cast<std::int64_t>(grouping_.rows());
  output.registered_timers = handle.registered_timers();
  output.deleted_timers = handle.deleted_timers() + output.expired_timers;
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
  grouping_.Clear();
  if (!output.ok()) {
    Abort();
    return output;
  }
  batches_.clear();
  rows_.clear();
  prepared_ = VersionId{output->version.version, output->version.unique_id};
  return output;
}

}  // namespace hf
