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
      partitioner_(recovered_.operator_plan->input.key_columns, recovered_.partitions) {
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

Status MicroBatchRunner::FixAvailable(bool once) {
  if (once) {
    plan_.source->IgnoreLimits();
  }
  // An unfinished batch comes first; what is available is what lies behind it.
  return plan_.source->FixAvailable(recovered_.unfinished.has_value() ? recovered_.unfinished->offsets.front()
                                                                      : recovered_.end_offset);
}

Result<std::optional<MicroBatchRunner::Batch>> MicroBatchRunner::NextBatch() {
  Batch batch;
  batch.id = recovered_.next_batch;
  batch.start = recovered_.end_offset;
  if (recovered_.unfinished.has_value()) {
    batch.entry = *recovered_.unfinished;
    batch.end = batch.entry.offsets.front();
    batch.is_rerun = true;
    return std::optional(std::move(batch));
  }
  HF_ASSIGN_OR_RETURN(batch.end, plan_.source->Latest(batch.start));
  if (batch.end == batch.start) {
    return std::optional<Batch>();
  }
  batch.entry = {.metadata = OffsetSeqMetadata{.batch_watermark_ms = recovered_.watermark_ms,
                                               .batch_timestamp_ms = plan_.clock->NowMs(),
                                               .conf = recovered_.conf.ToRecord()},
                 .offsets = {batch.end}};
  return std::optional(std::move(batch));
}

Result<std::optional<StreamingQueryProgress>> MicroBatchRunner::RunNextBatch() {
  BatchMeasures measures;
  measures.started_ms = plan_.clock->NowMs();
  std::optional<Batch> batch;
  {
    const Stopwatch total(*plan_.clock, &measures, "triggerExecution");
    {
      const Stopwatch watch(*plan_.clock, &measures, "latestOffset");
      HF_ASSIGN_OR_RETURN(batch, NextBatch());
    }
    had_data_ = batch.has_value();
    if (!had_data_) {
      // Idle: nothing is waiting for the next barrier, so make the last commit durable now.
      HF_RETURN_IF_ERROR(plan_.files->Sync());
      return std::optional<StreamingQueryProgress>();
    }
    HF_RETURN_IF_ERROR(RunBatch(*batch, &measures).WithContext(fmt::format("batch {}", batch->id)));
  }
  measures.query_id = recovered_.query_id;
  measures.run_id = run_id_;
  measures.name = plan_.name;
  measures.batch_id = batch->id;
  measures.seconds_since_last_trigger =
      last_trigger_ms_ == 0 ? 0 : static_cast<double>(measures.started_ms - last_trigger_ms_) / 1000.0;
  last_trigger_ms_ = measures.started_ms;
  measures.source_description = plan_.source->description();
  measures.sink_description = plan_.sink->description();
  measures.start_offset = batch->start;
  measures.end_offset = batch->end;
  return std::optional(MakeProgress(measures));
}

// The batch, as in the picture of the README.
Status MicroBatchRunner::RunBatch(const Batch& batch, BatchMeasures* measures) {
  if (first_batch_) {  // what cannot go on is refused before anything is promised
    HF_RETURN_IF_ERROR(batch.is_rerun ? Status() : CheckSinkLacks(batch.id));
    HF_RETURN_IF_ERROR(LoadState(batch));
  }
  if (!batch.is_rerun) {
    const Stopwatch watch(*plan_.clock, measures, "walCommit");
    // A crash may keep offsets/N and lose the name commits/N-1, unless that is durable first.
    HF_RETURN_IF_ERROR(plan_.files->Sync());
    PurgePublished();
    HF_RETURN_IF_ERROR(offset_log_.Write(batch.id, batch.entry));  // the promise
  }
  if (first_batch_) {
    HF_RETURN_IF_ERROR(DescribeState(batch));
    first_batch_ = false;
  }
  {
    const Stopwatch watch(*plan_.clock, measures, "addBatch");
    HF_ASSIGN_OR_RETURN(auto outputs, RunTasks(batch, measures));
    const std::vector<ColumnBatch> rows = TakeRows(outputs);
    HF_RETURN_IF_ERROR(CommitState(batch, outputs, rows, measures));
    HF_RETURN_IF_ERROR(CommitSink(batch, rows, measures));
  }
  const Stopwatch watch(*plan_.clock, measures, "commitOffsets");
  HF_RETURN_IF_ERROR(commit_log_.Write(batch.id, CommitOf(batch)));  // the proof
  HF_RETURN_IF_ERROR(ConfirmState(batch));
  MeasureState(measures);
  return Status();
}

CommitMetadata MicroBatchRunner::CommitOf(const Batch& batch) const {
  CommitMetadata commit{.next_batch_watermark_ms = batch.entry.metadata->batch_watermark_ms, .state_unique_ids = {}};
  if (recovered_.unique_ids) {
    OperatorUniqueIds ids;
    for (const VersionId& prepared : prepared_ids_) {
      ids.push_back({prepared.unique_id});
    }
    commit.state_unique_ids = {{recovered_.operator_plan->operator_id, std::move(ids)}};
  }
  return commit;
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

Status MicroBatchRunner::LoadState(const Batch& batch) {
  // What a failed attempt left behind must not be taken for ours (rule 2 of the invariants).
  for (std::size_t partition = 0; partition < tasks_.size(); ++partition) {
    HF_RETURN_IF_ERROR(RemoveVersionsAbove(
        *plan_.files, StateDirectory(plan_.checkpoint, recovered_.operator_plan->operator_id, partition), batch.id));
  }
  return ForEachTask([&](std::size_t partition, PartitionTask& task) {
    return task.Load({batch.id, recovered_.state_ids.empty() ? std::string() : recovered_.state_ids[partition]});
  });
}

Status MicroBatchRunner::DescribeState(const Batch& batch) {
  HF_RETURN_IF_ERROR(
      WriteStateDescription(plan_, *recovered_.operator_plan, recovered_.conf, recovered_.state, batch.id));
  if (batch.is_rerun) {
    HF_ASSIGN_OR_RETURN(const bool held, plan_.sink->Holds(batch.id));
    if (held) {
      plan_.source->NextPlanMustBeWhole();
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

Status MicroBatchRunner::FeedTasks(const Batch& batch) {
  HF_ASSIGN_OR_RETURN(const auto splits, plan_.source->Plan(batch.start, batch.end));
  plan_.source->ReadAhead(batch.end);
  for (const auto& split : splits) {
    while (true) {
      HF_ASSIGN_OR_RETURN(auto rows, split->Next());
      if (!rows.has_value()) {
        break;
      }
      auto by_partition = partitioner_.Split(*rows);
      for (std::size_t partition = 0; partition < tasks_.size(); ++partition) {
        if (!by_partition[partition].empty()) {
          tasks_[partition]->Feed(*rows, std::move(by_partition[partition]));
        }
      }
    }
  }
  return Status();
}

TimerValues MicroBatchRunner::TimesOf(const Batch& batch) const {
  if (plan_.time_mode == TimeMode::kNone) {
    return {};
  }
  return {.current_processing_time_ms = batch.entry.metadata->batch_timestamp_ms,
          .current_watermark_ms = batch.entry.metadata->batch_watermark_ms};
}

Result<std::vector<TaskOutput>> MicroBatchRunner::RunTasks(const Batch& batch, BatchMeasures* measures) {
  {
    const Stopwatch watch(*plan_.clock, measures, "getBatch");
    HF_RETURN_IF_ERROR(FeedTasks(batch));
  }
  const Stopwatch watch(*plan_.clock, measures, "holdfastProcess");
  const TaskBatch task_batch = {.query = {.query_id = recovered_.query_id, .run_id = run_id_, .batch_id = batch.id},
                                .timer_values = TimesOf(batch)};
  std::vector<TaskOutput> outputs(tasks_.size());
  HF_RETURN_IF_ERROR(ForEachTask([&](std::size_t partition, PartitionTask& task) -> Status {
    HF_ASSIGN_OR_RETURN(outputs[partition], task.Finish(task_batch));
    return Status();
  }));
  published_in_batch_ = false;
  prepared_ids_.clear();
  for (const TaskOutput& output : outputs) {
    prepared_ids_.push_back({output.version.version, output.version.unique_id});
    published_in_batch_ = published_in_batch_ || output.version.publish_now;
    measures->input_rows += output.input_rows;
    measures->output_rows += output.rows.rows();
    measures->rows_updated += output.version.rows_put;
    measures->rows_removed += output.version.rows_removed;
  }
  measures->partitions = static_cast<std::int64_t>(tasks_.size());
  measures->operator_name = recovered_.state.metadata.operator_name;
  measures->custom_metrics["numValueStateVars"] =
      static_cast<std::int64_t>(recovered_.operator_plan->state.variables.size() * tasks_.size());
  measures->custom_metrics["holdfastSnapshotsPublished"] = snapshots_published_;
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
  // The barrier made the previous commits/N durable too.
  return source_commit_.has_value() ? plan_.source->Commit(source_commit_) : Status();
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

Status MicroBatchRunner::ConfirmState(const Batch& batch) {
  HF_RETURN_IF_ERROR(
      ForEachTask([this](std::size_t partition, PartitionTask& task) { return task.Load(prepared_ids_[partition]); }));
  recovered_.unfinished.reset();
  recovered_.end_offset = batch.end;
  recovered_.next_batch = batch.id + 1;
  recovered_.watermark_ms = batch.entry.metadata->batch_watermark_ms;
  source_commit_ = batch.end;
  PurgeLogs(batch.id);
  if (auto upkeep = plan_.sink->TakeUpkeep(); upkeep != nullptr) {
    maintenance_.Submit(std::move(upkeep));
  }
  return MaintainState();
}

Status MicroBatchRunner::MaintainState() {
  HF_RETURN_IF_ERROR(AdoptSnapshots());
  // Deltas wait in memory for their snapshot; when they hold more than they may, the batch waits for it.
  const std::int64_t delta_bytes_max = StateOptionsOf(plan_, recovered_, 0).store.delta_bytes_max;
  const auto is_full = [this, delta_bytes_max] {
    return std::any_of(tasks_.begin(), tasks_.end(), [delta_bytes_max](const auto& task) {
      return task->store().counts().delta_bytes > delta_bytes_max + delta_bytes_max / 2;
    });
  };
  if (is_full()) {
    BeginDueSnapshots();  // where the last one failed there is none on its way
    maintenance_.WaitIdle();
    HF_RETURN_IF_ERROR(AdoptSnapshots());
    if (!snapshot_failure_.ok() && is_full()) {
      return snapshot_failure_.WithContext(
          fmt::format("changes that wait for a snapshot fill the memory for state ({}), and no snapshot succeeds",
                      conf_key::kCacheBytes));
    }
  }
  BeginDueSnapshots();
  return Status();
}

void MicroBatchRunner::BeginDueSnapshots() {
  for (std::size_t partition = 0; partition < tasks_.size(); ++partition) {
    if (auto job = tasks_[partition]->store().BeginSnapshot(false); job != nullptr) {
      maintenance_.Submit(partition, std::move(job));
    }
  }
}

Status MicroBatchRunner::AdoptSnapshots() {
  for (Maintenance::Finished& finished : maintenance_.TakeFinished()) {
    if (finished.job == nullptr) {
      if (!finished.status.ok()) {
        Warn(fmt::format("upkeep of {} failed; its rows are safe: {}", plan_.sink->description(),
                         finished.status.ToString()));
      }
      continue;
    }
    Store& store = tasks_[finished.partition]->store();
    if (!finished.status.ok()) {
      // The changelogs hold everything; the next due snapshot tries again.
      snapshot_failure_ = finished.status;
      Warn(fmt::format("the snapshot of partition {} at version {} was not published: {}", finished.partition,
                       finished.job->version(), finished.status.ToString()));
      continue;
    }
    store.Adopt(*finished.job);
    snapshot_failure_ = Status();
    ++snapshots_published_;
    PurgeState(store);
  }
  return Status();
}

// What is left over only takes room, and the next snapshot's purge tries again.
void MicroBatchRunner::PurgeState(Store& store) {
  if (const Status purged = store.Purge(recovered_.conf.GetInt(conf_key::kMinBatchesToRetain)); !purged.ok()) {
    Warn(fmt::format("old versions of the state were not deleted: {}", purged.ToString()));
  }
}

void MicroBatchRunner::PurgePublished() {
  if (published_in_batch_) {
    for (const auto& task : tasks_) {
      PurgeState(task->store());
    }
  }
}

void MicroBatchRunner::PurgeLogs(std::int64_t batch) {
  const std::int64_t retained = recovered_.conf.GetInt(conf_key::kMinBatchesToRetain);
  if (batch < retained) {
    return;
  }
  // A restart needs the offsets at which its batch begins, and the commit before one whose name a crash takes back.
  const std::int64_t oldest = std::min(batch - retained + 1, batch - 1);
  std::vector<Status> purges = {offset_log_.Purge(oldest), commit_log_.Purge(oldest)};
  if (!metadata_purged_) {  // each start writes one entry, so once a start is enough
    purges.push_back(
        OperatorMetadataLog(*plan_.files, plan_.checkpoint, recovered_.operator_plan->operator_id).Purge(oldest));
    metadata_purged_ = true;
  }
  for (const Status& purged : purges) {
    if (!purged.ok()) {
      Warn(fmt::format("old log entries were not deleted: {}", purged.ToString()));
    }
  }
}

Status MicroBatchRunner::Close(bool clean) {
  maintenance_.WaitIdle();
  Status status = AdoptSnapshots();
  if (clean && status.ok() && !first_batch_) {
    // A snapshot may have become due while an earlier one was on its way.
    BeginDueSnapshots();
    maintenance_.WaitIdle();
    status = AdoptSnapshots();
  }
  if (clean && status.ok()) {
    status = plan_.files->Sync();
  }
  if (clean && status.ok()) {
    PurgePublished();
  }
  if (clean && status.ok() && source_commit_.has_value()) {
    status = plan_.source->Commit(source_commit_);
  }
  return status;
}

}  // namespace hf
