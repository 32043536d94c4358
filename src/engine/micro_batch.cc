// SPDX-License-Identifier: Apache-2.0
#include "engine/batch_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/caught.h"
#include "holdfast/log.h"

namespace hf {

namespace {

std::size_t ThreadCount(const Conf& conf, std::size_t partitions) {
  const auto wanted = static_cast<std::size_t>(conf.GetInt(conf_key::kThreads));
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  // Two even for one partition: the sink works beside it.
  return wanted == 0 ? std::clamp<std::size_t>(cores, 1, std::max<std::size_t>(partitions, 2)) : wanted;
}

// Of what the sink gets.
const Schema& OutputOf(const StreamPlan& plan, const Recovered& recovered) {
  const BatchSteps& steps = plan.operators.back().steps;
  return steps.empty() ? recovered.operators.back().plan->output : steps.back()->output();
}

}  // namespace

Result<std::unique_ptr<BatchRunner>> BatchRunner::Open(const StreamPlan& plan) {
  HF_ASSIGN_OR_RETURN(Recovered recovered, Recover(plan));
  std::unique_ptr<BatchRunner> runner(new BatchRunner(plan, std::move(recovered)));
  HF_RETURN_IF_ERROR(plan.sink->Open(OutputOf(plan, runner->recovered_), runner->query_id()));
  HF_RETURN_IF_ERROR(CreateCheckpoint(plan, runner->recovered_));
  return runner;
}

BatchRunner::BatchRunner(const StreamPlan& plan, Recovered recovered)
    : plan_(plan),
      recovered_(std::move(recovered)),
      offset_log_(*plan.files, plan.checkpoint),
      commit_log_(*plan.files, plan.checkpoint),
      run_id_(plan.random->NewUuid()),
      pool_(ThreadCount(recovered_.conf, recovered_.partitions)),
      planner_(plan_, recovered_, [this] { return NextExpiries(); }),
      upkeep_(plan_, recovered_, tasks_, [this](const std::string& message) { Warn(message); }) {
  for (std::size_t number = 0; number < plan_.operators.size(); ++number) {
    operators_.push_back(std::make_unique<OperatorTasks>(plan_, recovered_, number, pool_));
    for (const auto& task : operators_.back()->tasks()) {
      tasks_.push_back(task.get());
    }
  }
}

void BatchRunner::Announce() const {
  for (const std::string& line : recovered_.conf.SettingsToPaste()) {
    plan_.Tell(LogLevel::kInfo, line);
  }
  for (const std::string& sentence : recovered_.conf.NotInForce()) {
    plan_.Tell(LogLevel::kWarning, sentence);
  }
  for (const RecoveredOperator& each : recovered_.operators) {
    for (const std::string& note : each.state.notes) {
      plan_.Tell(LogLevel::kWarning, note);
    }
  }
}

void BatchRunner::Warn(const std::string& message) const { plan_.Tell(LogLevel::kWarning, message); }

Result<std::optional<StreamingQueryProgress>> BatchRunner::RunNextBatch() {
  BatchMeasures measures;
  measures.started_ms = plan_.clock->NowMs();
  std::optional<Batch> batch;
  {
    const Stopwatch total = measures.Time(*plan_.clock, "triggerExecution");
    {
      const Stopwatch watch = measures.Time(*plan_.clock, "latestOffset");
      HF_ASSIGN_OR_RETURN(batch, planner_.Next());
    }
    had_input_ = batch.has_value() && batch->start != batch->entry.offsets;
    if (!batch.has_value()) {
      // Idle: nothing is waiting for the next barrier, so make the last commit durable now.
      HF_RETURN_IF_ERROR(plan_.files->Sync());
      return std::optional<StreamingQueryProgress>();
    }
    HF_RETURN_IF_ERROR(RunBatch(*batch, &measures).WithContext(fmt::format("batch {}", batch->id)));
  }
  MeasureQuery(*batch, &measures);
  return std::optional(MakeProgress(measures));
}

Result<std::vector<std::optional<std::int64_t>>> BatchRunner::NextExpiries() {
  if (!next_expiries_.has_value()) {
    HF_RETURN_IF_ERROR(LoadState());
    std::vector<std::optional<std::int64_t>> expiries;
    for (const auto& each : operators_) {
      HF_ASSIGN_OR_RETURN(expiries.emplace_back(), each->NextExpiry());
    }
    next_expiries_ = std::move(expiries);
  }
  return *next_expiries_;
}

// The batch, as in the picture of the README.
Status BatchRunner::RunBatch(const Batch& batch, BatchMeasures* measures) {
  if (first_batch_) {  // what cannot go on is refused before anything is promised
    HF_RETURN_IF_ERROR(batch.is_rerun ? Status() : CheckSinkLacks(batch.id));
    HF_RETURN_IF_ERROR(LoadState());
  }
  if (!batch.is_rerun) {
    const Stopwatch watch = measures->Time(*plan_.clock, "walCommit");
    // A crash may keep offsets/N and lose the name commits/N-1, unless that is durable first.
    HF_RETURN_IF_ERROR(plan_.files->Sync());
    upkeep_.PurgePublished();
    HF_RETURN_IF_ERROR(offset_log_.Write(batch.id, batch.entry));  // the promise
  }
  if (first_batch_) {
    HF_RETURN_IF_ERROR(WriteStateDescriptions(batch));
    first_batch_ = false;
  }
  Watermark next = recovered_.watermark;
  {
    const Stopwatch watch = measures->Time(*plan_.clock, "addBatch");
    HF_RETURN_IF_ERROR(ReadInput(batch, &next, measures));
    HF_ASSIGN_OR_RETURN(const std::vector<ColumnBatch> rows, RunOperators(measures));
    HF_RETURN_IF_ERROR(CommitState(batch, rows, measures));
    HF_RETURN_IF_ERROR(CommitSink(batch, rows, measures));
  }
  const Stopwatch watch = measures->Time(*plan_.clock, "commitOffsets");
  HF_RETURN_IF_ERROR(commit_log_.Write(batch.id, CommitOf(next)));  // the proof
  HF_RETURN_IF_ERROR(ConfirmState(batch, next));
  MeasureState(measures);
  return Status();
}

CommitMetadata BatchRunner::CommitOf(const Watermark& next) const {
  CommitMetadata commit{.next_batch_watermark_ms = next.eviction_ms(), .state_unique_ids = {}};
  if (recovered_.unique_ids) {
    commit.state_unique_ids.emplace();
    for (const auto& each : operators_) {
      OperatorUniqueIds ids;
      for (const VersionId& prepared : each->prepared()) {
        ids.push_back({prepared.unique_id});
      }
      commit.state_unique_ids->emplace_back(each->plan().operator_id, std::move(ids));
    }
  }
  return commit;
}

void BatchRunner::MeasureQuery(const Batch& batch, BatchMeasures* measures) {
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
void BatchRunner::MeasureState(BatchMeasures* measures) const {
  for (std::size_t number = 0; number < operators_.size(); ++number) {
    OperatorMeasures& of = measures->operators[number];
    for (const auto& task : operators_[number]->tasks()) {
      const StoreCounts counts = task->store().counts();
      of.rows_total += counts.keys;
      of.custom_metrics["rocksdbNumInternalColFamiliesKeys"] += counts.internal_keys;
      of.memory_bytes += counts.delta_bytes + static_cast<std::int64_t>(task->cell_bytes());
    }
  }
}

// A checkpoint that was put back to an earlier day would promise a batch that its sink holds with other rows; once
// promised, the batch would pass for one that was not finished, and its rows for written.
Status BatchRunner::CheckSinkLacks(BatchId batch) const {
  HF_ASSIGN_OR_RETURN(const bool held, plan_.sink->Holds(batch));
  if (!held) {
    return Status();
  }
  return Conflict(fmt::format(
      "the sink holds batch {} already, but {} has never begun it: is the checkpoint older than {}, or does "
      "another query write there? Restore both from the same moment",
      batch, plan_.checkpoint, plan_.sink->description()));
}

Status BatchRunner::LoadState() {
  if (state_loaded_) {
    return Status();
  }
  for (const auto& each : operators_) {
    HF_RETURN_IF_ERROR(each->Load());
  }
  state_loaded_ = true;
  return Status();
}

Status BatchRunner::WriteStateDescriptions(const Batch& batch) {
  bool is_new = false;
  for (RecoveredOperator& each : recovered_.operators) {
    HF_RETURN_IF_ERROR(WriteStateDescription(plan_, *each.plan, recovered_.conf, each.state, batch.id));
    is_new = is_new || each.state.new_schema.has_value();
  }
  if (batch.is_rerun) {
    HF_ASSIGN_OR_RETURN(const bool held, plan_.sink->Holds(batch.id));
    for (std::size_t input = 0; held && input < plan_.inputs.size(); ++input) {
      if (batch.HasInput(input)) {
        plan_.inputs[input].source->NextPlanMustBeWhole();
      }
    }
    if (held && batch.id > 0 && is_new) {
      Warn(fmt::format(
          "batch {} is in the sink already but was not finished, and the processor has changed since: it is run again "
          "for its state only",
          batch.id));
    }
  }
  return Status();
}

void BatchRunner::BeginSteps(const Batch& batch) const {
  BatchMoment moment{.timestamp_ms = batch.entry.metadata->batch_timestamp_ms,
                     .batch = static_cast<std::uint64_t>(batch.id)};
  const std::uint64_t seed = Mixed(Mixed(0, recovered_.query_id), moment.batch);
  std::uint64_t place = 0;
  const auto begin = [&](const BatchSteps& steps) {
    for (const auto& step : steps) {
      moment.seed = Mixed(seed, place++);
      step->BeginBatch(moment);
    }
  };
  for (const StreamInput& input : plan_.inputs) {
    begin(input.steps);
  }
  for (const StreamOperator& each : plan_.operators) {
    begin(each.steps);
  }
}

void BatchRunner::BeginOperators(const Batch& batch) {
  next_expiries_.reset();
  BeginSteps(batch);
  for (std::size_t number = 0; number < operators_.size(); ++number) {
    const StreamOperator& of = plan_.operators[number];
    operators_[number]->Begin(TaskBatchOf(batch, of), of.has_watermark ? recovered_.watermark.late_events_ms() : 0);
    if (batch.id == 0) {
      operators_[number]->FeedInitialState();
    }
  }
}

Status BatchRunner::ReadInput(const Batch& batch, Watermark* next, BatchMeasures* measures) {
  const Stopwatch watch = measures->Time(*plan_.clock, "getBatch");
  BeginOperators(batch);
  BatchInput input;
  HF_RETURN_IF_ERROR(ReadBatch(plan_, batch.start, batch.entry.offsets, *operators_.front(), &input));
  MeasureInput(input, measures);
  next->Advance(input.event_times);
  return Status();
}

void BatchRunner::MeasureInput(const BatchInput& input, BatchMeasures* measures) const {
  for (const std::int64_t rows : input.rows) {
    measures->sources.push_back({.rows = rows});
  }
  const auto seen = std::find_if(input.event_times.begin(), input.event_times.end(),
                                 [](const EventTimes& times) { return !times.empty(); });
  if (seen != input.event_times.end()) {
    measures->event_times = *seen;
  }
}

TaskBatch BatchRunner::TaskBatchOf(const Batch& batch, const StreamOperator& of) const {
  TaskBatch task_batch = {.query = {.query_id = recovered_.query_id, .run_id = run_id_, .batch_id = batch.id},
                          .timer_values = {},
                          .stop_now = plan_.stop_now,
                          .clock = plan_.clock};
  if (of.time_mode != TimeMode::kNone) {
    task_batch.timer_values = {.current_processing_time_ms = batch.entry.metadata->batch_timestamp_ms,
                               .current_watermark_ms = of.has_watermark ? batch.entry.metadata->batch_watermark_ms : 0};
  }
  return task_batch;
}

Result<std::vector<ColumnBatch>> BatchRunner::RunOperators(BatchMeasures* measures) {
  const Stopwatch watch = measures->Time(*plan_.clock, "holdfastProcess");
  HF_ASSIGN_OR_RETURN(std::vector<ColumnBatch> rows,
                      RunChain([&](std::size_t number) -> Result<std::vector<ColumnBatch>> {
                        HF_RETURN_IF_ERROR(operators_[number]->Finish());
                        return operators_[number]->TakeRows();
                      }));
  for (const ColumnBatch& each : rows) {
    measures->output_rows += each.rows();
  }
  MeasureOperators(measures);
  return rows;
}

Result<std::vector<ColumnBatch>> BatchRunner::RunChain(
    const std::function<Result<std::vector<ColumnBatch>>(std::size_t)>& run) {
  std::vector<ColumnBatch> rows;
  for (std::size_t number = 0; number < operators_.size(); ++number) {
    for (const ColumnBatch& of_the_one_before : rows) {
      operators_[number]->Feed(of_the_one_before);
    }
    HF_ASSIGN_OR_RETURN(rows, run(number));
  }
  return rows;
}

void BatchRunner::MeasureOperators(BatchMeasures* measures) {
  bool published = false;
  for (std::size_t number = 0; number < operators_.size(); ++number) {
    const OperatorTasks& of = *operators_[number];
    published = published || std::any_of(of.outputs().begin(), of.outputs().end(),
                                         [](const TaskOutput& output) { return output.version.publish_now; });
    measures->operators.push_back(MeasureTasks(of.plan(), of.outputs()));
    measures->operators.back().operator_name = recovered_.operators[number].state.metadata.operator_name;
    measures->operators.back().rows_dropped_by_watermark = of.late_rows();
  }
  upkeep_.SetPublished(published);
  measures->operators.back().custom_metrics["holdfastSnapshotsPublished"] = upkeep_.snapshots_published();
}

// The first barrier: changelogs of all partitions, and with them every name written since the last (source log,
// offsets, schema files). A version that changed the column families gets its snapshot before the commit. While the
// disk is busy with that, the sink may write what nobody sees yet.
Status BatchRunner::CommitState(const Batch& batch, const std::vector<ColumnBatch>& rows, BatchMeasures* measures) {
  const Stopwatch watch = measures->Time(*plan_.clock, kCommitStateDuration);
  Status written;
  Status staged;
  pool_.ForEach(2, [&](std::size_t i) {
    if (i == 0) {
      written = Caught([&] { return WriteChangelogs(); });
    } else {
      staged = Caught([&] { return plan_.sink->Stage(batch.id, rows); });
    }
  });
  HF_RETURN_IF_ERROR(written);
  HF_RETURN_IF_ERROR(staged);
  HF_RETURN_IF_ERROR(PublishSnapshots());
  return CommitSources();  // the barrier made the previous commits/N durable, too
}

Status BatchRunner::PublishSnapshots() {
  for (const auto& each : operators_) {
    HF_RETURN_IF_ERROR(each->PublishNow());
  }
  return Status();
}

Status BatchRunner::WriteChangelogs() {
  std::vector<NewFile> changelogs;
  for (const auto& each : operators_) {
    for (const TaskOutput& output : each->outputs()) {
      const std::vector<NewFile> files = output.version.Files();
      changelogs.insert(changelogs.end(), files.begin(), files.end());
    }
  }
  return plan_.files->PutMany(changelogs);
}

// The second barrier is the sink's own.
Status BatchRunner::CommitSink(const Batch& batch, const std::vector<ColumnBatch>& rows, BatchMeasures* measures) {
  const Stopwatch watch = measures->Time(*plan_.clock, "holdfastCommitSink");
  HF_ASSIGN_OR_RETURN(const SinkCommit committed, plan_.sink->Commit(batch.id, rows));
  if (committed == SinkCommit::kWasThere && !batch.is_rerun) {
    return Conflict(
        fmt::format("the sink holds batch {} already, but this run has not written it: is another query writing to {}?",
                    batch.id, plan_.sink->description()));
  }
  return Status();
}

Status BatchRunner::ConfirmState(const Batch& batch, const Watermark& next) {
  for (const auto& each : operators_) {
    HF_RETURN_IF_ERROR(each->Confirm());
  }
  recovered_.unfinished.reset();
  recovered_.end_offsets = batch.entry.offsets;
  recovered_.next_batch = batch.id + 1;
  recovered_.watermark = next;
  source_commit_ = batch.entry.offsets;
  return upkeep_.AfterBatch(batch.id);
}

Status BatchRunner::CommitSources() {
  for (std::size_t input = 0; input < source_commit_.size(); ++input) {
    if (source_commit_[input].has_value()) {
      HF_RETURN_IF_ERROR(plan_.inputs[input].source->Commit(source_commit_[input]));
    }
  }
  return Status();
}

Status BatchRunner::Close(bool clean) {
  arrivals_.Stop();
  if (!clean) {
    for (const auto& each : operators_) {
      each->Abort();  // of a real-time batch that is given up processors are still open
    }
  }
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
