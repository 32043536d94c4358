// SPDX-License-Identifier: Apache-2.0
#include "engine/micro_batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/caught.h"
#include "base/log.h"

namespace hf {

namespace {

std::size_t ThreadCount(const Conf& conf, std::size_t partitions) {
  const auto wanted = static_cast<std::size_t>(conf.GetInt(conf_key::kThreads));
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  // Two even for one partition: the sink works beside it.
  return wanted == 0 ? std::clamp<std::size_t>(cores, 1, std::max<std::size_t>(partitions, 2)) : wanted;
}

// Adds the time from construction to destruction to one of the batch's durations.
class Stopwatch {
 public:
  Stopwatch(Clock& clock, BatchMeasures* measures, const char* name)
      : clock_(clock), measures_(measures), name_(name), begun_us_(clock.SteadyUs()) {}
  ~Stopwatch() { measures_->duration_ms[name_] += (clock_.SteadyUs() - begun_us_) / 1000; }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  Clock& clock_;
  BatchMeasures* measures_;
  const char* name_;
  const std::int64_t begun_us_;
};

// What the tasks put out, in the order of the partitions; taken from them.
std::vector<ColumnBatch> TakeRows(std::vector<TaskOutput>& outputs) {
  std::vector<ColumnBatch> rows;
  for (TaskOutput& output : outputs) {
    if (output.rows.rows() > 0) {
      rows.push_back(std::move(output.rows));
    }
  }
  return rows;
}

}  // namespace

Result<std::unique_ptr<MicroBatchRunner>> MicroBatchRunner::Open(const StreamPlan& plan) {
  HF_ASSIGN_OR_RETURN(Recovered recovered, Recover(plan));
  std::unique_ptr<MicroBatchRunner> runner(new MicroBatchRunner(plan, std::move(recovered)));
  HF_RETURN_IF_ERROR(plan.sink->Open(runner->recovered_.operator_plan->output, runner->query_id()));
  HF_RETURN_IF_ERROR(CreateCheckpoint(plan, runner->recovered_));
  if (plan.on_message) {
    for (const std::string& line : runner->recovered_.conf.SettingsToPaste()) {
      plan.on_message(line);
    }
  }
  return runner;
}

MicroBatchRunner::MicroBatchRunner(const StreamPlan& plan, Recovered recovered)
    : plan_(plan),
      recovered_(std::move(recovered)),
      offset_log_(*plan.files, plan.checkpoint),
      commit_log_(*plan.files, plan.checkpoint),
      run_id_(plan.random->NewUuid()),
      pool_(ThreadCount(recovered_.conf, recovered_.partitions)),
      planner_(plan_, recovered_, [this] { return NextExpiry(); }),
      reader_(plan_, Partitioner(recovered_.operator_plan->input.key_columns, recovered_.partitions), tasks_),
      upkeep_(plan_, recovered_, tasks_, [this](const std::string& message) { Warn(message); }) {
  for (std::size_t partition = 0; partition < recovered_.partitions; ++partition) {
    tasks_.push_back(
        std::make_unique<PartitionTask>(*recovered_.operator_plan, StateOptionsOf(plan_, recovered_, partition)));
  }
}

void MicroBatchRunner::Warn(const std::string& message) const {
  Log(LogLevel::kWarning, message);
  if (plan_.on_message) {
    plan_.on_message(message);
  }
}

Status MicroBatchRunner::ForEachTask(const std::function<Status(std::size_t, PartitionTask&)>& work) {
  std::vector<Status> results(tasks_.size());
  pool_.ForEach(tasks_.size(), [&](std::size_t partition) {
    results[partition] = Caught([&] { return work(partition, *tasks_[partition]); });
  });
  for (std::size_t partition = 0; partition < results.size(); ++partition) {
    if (!results[partition].ok()) {
      return results[partition].WithContext(fmt::format("partition {}", partition));
    }
  }
  return Status();
}

Result<std::optional<StreamingQueryProgress>> MicroBatchRunner::RunNextBatch() {
  BatchMeasures measures;
  measures.started_ms = plan_.clock->NowMs();
  std::optional<Batch> batch;
  {
    const Stopwatch total(*plan_.clock, &measures, "triggerExecution");
    {
      const Stopwatch watch(*plan_.clock, &measures, "latestOffset");
      HF_ASSIGN_OR_RETURN(batch, planner_.Next());
    }
    ran_batch_ = batch.has_value();
    if (!ran_batch_) {
      // Idle: nothing is waiting for the next barrier, so make the last commit durable now.
      HF_RETURN_IF_ERROR(plan_.files->Sync());
      return std::optional<StreamingQueryProgress>();
    }
    HF_RETURN_IF_ERROR(RunBatch(*batch, &measures).WithContext(fmt::format("batch {}", batch->id)));
  }
  MeasureQuery(*batch, &measures);
  return std::optional(MakeProgress(measures));
}

Result<std::optional<std::int64_t>> MicroBatchRunner::NextExpiry() {
  if (next_expiry_known_) {
    return next_expiry_;
  }
  HF_RETURN_IF_ERROR(LoadState());
  std::vector<std::optional<std::int64_t>> by_partition(tasks_.size());
  HF_RETURN_IF_ERROR(ForEachTask([&](std::size_t partition, PartitionTask& task) -> Status {
    HF_ASSIGN_OR_RETURN(by_partition[partition], task.NextExpiry());
    return Status();
  }));
  next_expiry_.reset();
  for (const std::optional<std::int64_t>& expiry : by_partition) {
    if (expiry.has_value()) {
      next_expiry_ = std::min(*expiry, next_expiry_.value_or(*expiry));
    }
  }
  next_expiry_known_ = true;
  return next_expiry_;
}

// The batch, as in the picture of the README.
Status MicroBatchRunner::RunBatch(const Batch& batch, BatchMeasures* measures) {
  if (first_batch_) {  // what cannot go on is refused before anything is promised
    HF_RETURN_IF_ERROR(batch.is_rerun ? Status() : CheckSinkLacks(batch.id));
    HF_RETURN_IF_ERROR(LoadState());
  }
  if (!batch.is_rerun) {
    const Stopwatch watch(*plan_.clock, measures, "walCommit");
    // A crash may keep offsets/N and lose the name commits/N-1, unless that is durable first.
    HF_RETURN_IF_ERROR(plan_.files->Sync());
    upkeep_.PurgePublished();
    HF_RETURN_IF_ERROR(offset_log_.Write(batch.id, batch.entry));  // the promise
  }
  if (first_batch_) {
    HF_RETURN_IF_ERROR(DescribeState(batch));
    first_batch_ = false;
  }
  Watermark next = recovered_.watermark;
  {
    const Stopwatch watch(*plan_.clock, measures, "addBatch");
    HF_ASSIGN_OR_RETURN(const BatchInput input, ReadInput(batch, measures));
    HF_ASSIGN_OR_RETURN(auto outputs, RunTasks(batch, measures));
    const std::vector<ColumnBatch> rows = TakeRows(outputs);
    HF_RETURN_IF_ERROR(CommitState(batch, outputs, rows, measures));
    HF_RETURN_IF_ERROR(CommitSink(batch, rows, measures));
    next.Advance(input.event_times);
  }
  const Stopwatch watch(*plan_.clock, measures, "commitOffsets");
  HF_RETURN_IF_ERROR(commit_log_.Write(batch.id, CommitOf(next)));  // the proof
  HF_RETURN_IF_ERROR(ConfirmState(batch, next));
  MeasureState(measures);
  return Status();
}

CommitMetadata MicroBatchRunner::CommitOf(const Watermark& next) const {
  CommitMetadata commit{.next_batch_watermark_ms = next.eviction_ms(), .state_unique_ids = {}};
  if (recovered_.unique_ids) {
    OperatorUniqueIds ids;
    for (const VersionId& prepared : prepared_ids_) {
      ids.push_back({prepared.unique_id});
    }
    commit.state_unique_ids = {{recovered_.operator_plan->operator_id, std::move(ids)}};
  }
  return commit;
}

void MicroBatchRunner::MeasureQuery(const Batch& batch, BatchMeasures* measures) {
  measures->query_id = recovered_.query_id;
  measures->run_id = run_id_;
  measures->name = plan_.name;
  measures->batch_id = batch.id;
  measures->seconds_since_last_trigger =
      last_trigger_ms_ == 0 ? 0 : static_cast<double>(measures->started_ms - last_trigger_ms_) / 1000.0;
  last_trigger_ms_ = measures->started_ms;
  for (std::size_t input = 0; input < plan_.inputs.size(); ++input) {
    measures->sources[input].description = plan_.inputs[input].source->description();
    measures->sources[input].start_offset = batch.start[input];
    measures->sources[input].end_offset = batch.entry.offsets[input];
  }
  measures->sink_description = plan_.sink->description();
  if (!plan_.watermarks.empty()) {
    measures->watermark_ms = batch.entry.metadata->batch_watermark_ms;
  }
}

// The state as this batch left it: only what is confirmed is counted.
void MicroBatchRunner::MeasureState(BatchMeasures* measures) const {
  for (const auto& task : tasks_) {
    const StoreCounts counts = task->store().counts();
    measures->rows_total += counts.keys;
    measures->memory_bytes += counts.delta_bytes + static_cast<std::int64_t>(task->cell_bytes());
  }
}

// A checkpoint that was put back to an earlier day would promise a batch that its sink holds with other rows; once
// promised, the batch would pass for one that was not finished, and its rows for written.
Status MicroBatchRunner::CheckSinkLacks(BatchId batch) const {
  HF_ASSIGN_OR_RETURN(const bool held, plan_.sink->Holds(batch));
  if (!held) {
    return Status();
  }
  return Conflict(fmt::format(
      "the sink holds batch {} already, but {} has never begun it: is the checkpoint older than {}, or does "
      "another query write there? Restore both from the same moment",
      batch, plan_.checkpoint, plan_.sink->description()));
}

Status MicroBatchRunner::LoadState() {
  if (state_loaded_) {
    return Status();
  }
  // What a failed attempt left behind must not be taken for ours (rule 2 of the invariants).
  const std::int64_t version = recovered_.next_batch;
  for (std::size_t partition = 0; partition < tasks_.size(); ++partition) {
    HF_RETURN_IF_ERROR(RemoveVersionsAbove(
        *plan_.files, StateDirectory(plan_.checkpoint, recovered_.operator_plan->operator_id, partition), version));
  }
  HF_RETURN_IF_ERROR(ForEachTask([&](std::size_t partition, PartitionTask& task) {
    return task.Load({version, recovered_.state_ids.empty() ? std::string() : recovered_.state_ids[partition]});
  }));
  state_loaded_ = true;
  return Status();
}

Status MicroBatchRunner::DescribeState(const Batch& batch) {
  HF_RETURN_IF_ERROR(
      WriteStateDescription(plan_, *recovered_.operator_plan, recovered_.conf, recovered_.state, batch.id));
  if (batch.is_rerun) {
    HF_ASSIGN_OR_RETURN(const bool held, plan_.sink->Holds(batch.id));
    for (std::size_t input = 0; held && input < plan_.inputs.size(); ++input) {
      if (batch.HasInput(input)) {
        plan_.inputs[input].source->NextPlanMustBeWhole();
      }
    }
    if (held && batch.id > 0 && recovered_.state.new_schema.has_value()) {
      Warn(fmt::format(
          "batch {} is in the sink already but was not finished, and the processor has changed since: it is run again "
          "for its state only",
          batch.id));
    }
  }
  return Status();
}

Result<BatchInput> MicroBatchRunner::ReadInput(const Batch& batch, BatchMeasures* measures) {
  const Stopwatch watch(*plan_.clock, measures, "getBatch");
  if (batch.id == 0 && plan_.initial_state.has_value()) {
    reader_.FeedInitialState(*plan_.initial_state, recovered_.operator_plan->initial_state->key_columns);
  }
  HF_ASSIGN_OR_RETURN(BatchInput input, reader_.Read(batch, recovered_.watermark.late_events_ms()));
  for (const std::int64_t rows : input.rows) {
    measures->sources.push_back({.rows = rows});
  }
  measures->rows_dropped_by_watermark = input.late_rows;
  const auto seen = std::find_if(input.event_times.begin(), input.event_times.end(),
                                 [](const EventTimes& times) { return !times.empty(); });
  if (seen != input.event_times.end()) {
    measures->event_times = *seen;
  }
  return input;
}

TaskBatch MicroBatchRunner::TaskBatchOf(const Batch& batch) const {
  TaskBatch task_batch = {.query = {.query_id = recovered_.query_id, .run_id = run_id_, .batch_id = batch.id},
                          .timer_values = {}};
  if (plan_.time_mode != TimeMode::kNone) {
    task_batch.timer_values = {.current_processing_time_ms = batch.entry.metadata->batch_timestamp_ms,
                               .current_watermark_ms = batch.entry.metadata->batch_watermark_ms};
  }
  return task_batch;
}

Result<std::vector<TaskOutput>> MicroBatchRunner::RunTasks(const Batch& batch, BatchMeasures* measures) {
  const Stopwatch watch(*plan_.clock, measures, "holdfastProcess");
  const TaskBatch task_batch = TaskBatchOf(batch);
  next_expiry_known_ = false;
  std::vector<TaskOutput> outputs(tasks_.size());
  HF_RETURN_IF_ERROR(ForEachTask([&](std::size_t partition, PartitionTask& task) -> Status {
    HF_ASSIGN_OR_RETURN(outputs[partition], task.Finish(task_batch));
    return Status();
  }));
  bool published = false;
  prepared_ids_.clear();
  for (const TaskOutput& output : outputs) {
    prepared_ids_.push_back({output.version.version, output.version.unique_id});
    published = published || output.version.publish_now;
  }
  upkeep_.SetPublished(published);
  measures->operator_name = recovered_.state.metadata.operator_name;
  MeasureTasks(*recovered_.operator_plan, outputs, measures);
  measures->custom_metrics["holdfastSnapshotsPublished"] = upkeep_.snapshots_published();
  return outputs;
}

// The first barrier: changelogs of all partitions, and with them every name written since the last (source log,
// offsets, schema files). A version that changed the column families gets its snapshot before the commit. While the
// disk is busy with that, the sink may write what nobody sees yet.
Status MicroBatchRunner::CommitState(const Batch& batch, const std::vector<TaskOutput>& outputs,
                                     const std::vector<ColumnBatch>& rows, BatchMeasures* measures) {
  const Stopwatch watch(*plan_.clock, measures, kCommitStateDuration);
  Status written;
  Status staged;
  pool_.ForEach(2, [&](std::size_t i) {
    if (i == 0) {
      written = Caught([&] { return WriteChangelogs(outputs); });
    } else {
      staged = Caught([&] { return plan_.sink->Stage(batch.id, rows); });
    }
  });
  HF_RETURN_IF_ERROR(written);
  HF_RETURN_IF_ERROR(staged);
  HF_RETURN_IF_ERROR(ForEachTask([&outputs](std::size_t partition, PartitionTask& task) {
    return outputs[partition].version.publish_now ? task.PublishNow() : Status();
  }));
  return CommitSources();  // the barrier made the previous commits/N durable, too
}

Status MicroBatchRunner::WriteChangelogs(const std::vector<TaskOutput>& outputs) {
  std::vector<NewFile> changelogs;
  for (const TaskOutput& output : outputs) {
    const std::vector<NewFile> files = output.version.Files();
    changelogs.insert(changelogs.end(), files.begin(), files.end());
  }
  return plan_.files->PutMany(changelogs);
}

// The second barrier is the sink's own.
Status MicroBatchRunner::CommitSink(const Batch& batch, const std::vector<ColumnBatch>& rows, BatchMeasures* measures) {
  const Stopwatch watch(*plan_.clock, measures, "holdfastCommitSink");
  HF_ASSIGN_OR_RETURN(const SinkCommit committed, plan_.sink->Commit(batch.id, rows));
  if (committed == SinkCommit::kWasThere && !batch.is_rerun) {
    return Conflict(
        fmt::format("the sink holds batch {} already, but this run has not written it: is another query writing to {}?",
                    batch.id, plan_.sink->description()));
  }
  return Status();
}

Status MicroBatchRunner::ConfirmState(const Batch& batch, const Watermark& next) {
  HF_RETURN_IF_ERROR(
      ForEachTask([this](std::size_t partition, PartitionTask& task) { return task.Load(prepared_ids_[partition]); }));
  recovered_.unfinished.reset();
  recovered_.end_offsets = batch.entry.offsets;
  recovered_.next_batch = batch.id + 1;
  recovered_.batch_timestamp_ms = batch.entry.metadata->batch_timestamp_ms;
  recovered_.watermark = next;
  source_commit_ = batch.entry.offsets;
  return upkeep_.AfterBatch(batch.id);
}

Status MicroBatchRunner::CommitSources() {
  for (std::size_t input = 0; input < source_commit_.size(); ++input) {
    if (source_commit_[input].has_value()) {
      HF_RETURN_IF_ERROR(plan_.inputs[input].source->Commit(source_commit_[input]));
    }
  }
  return Status();
}

Status MicroBatchRunner::Close(bool clean) {
  Status status = upkeep_.Finish();
  if (clean && status.ok() && !first_batch_) {
    status = upkeep_.FinishDue();
  }
  if (clean && status.ok()) {
    status = plan_.files->Sync();
  }
  if (clean && status.ok()) {
    upkeep_.PurgePublished();
    status = CommitSources();
  }
  return status;
}

}  // namespace hf
