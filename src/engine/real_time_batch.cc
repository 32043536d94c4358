// SPDX-License-Identifier: Apache-2.0
// A real-time batch: the other form of the batch protocol.
//
//   the work      as rows arrive: read, partition, group, process, emit - until the batch has lasted long enough
//   the commit    state ▸ offsets/N, the promise ▸ commits/N, the proof
//
// Where a batch ends is not known before, so that the promise comes last. A batch without promise never was: its state
// has unique ids that nobody names (checkpoint format 2), and its rows come again.
#include <fmt/format.h>

#include <algorithm>

#include "engine/batch_runner.h"

namespace hf {

namespace {

constexpr std::int64_t kPollUs = 10'000;    // where a source does not say that it has rows
constexpr std::int64_t kTimersUs = 10'000;  // between two looks at timers that are due
constexpr std::int64_t kIdleUs = 100'000;   // without rows, before whoever runs the query is asked

}  // namespace

Result<std::optional<StreamingQueryProgress>> BatchRunner::RunRealTimeBatch(const std::stop_token& stop) {
  if (recovered_.unfinished.has_value() || BeginsSomewhere()) {
    return RunNextBatch();
  }
  if (!arrivals_.is_watching()) {
    arrivals_.Watch(plan_.inputs);
    HF_RETURN_IF_ERROR(CheckSinkLacks(recovered_.next_batch));
    HF_RETURN_IF_ERROR(LoadState());
  }
  Batch batch = planner_.EndingAt(recovered_.end_offsets);
  HF_ASSIGN_OR_RETURN(const bool has_work, AwaitFirst(stop, &batch));
  if (!has_work) {
    return std::optional<StreamingQueryProgress>();
  }
  BatchMeasures measures;
  measures.started_ms = plan_.clock->NowMs();
  BatchInput input{.rows = std::vector<std::int64_t>(plan_.inputs.size()),
                   .event_times = std::vector<EventTimes>(plan_.watermarks.size())};
  emitted_rows_ = 0;
  {
    const Stopwatch total = measures.Time(*plan_.clock, "triggerExecution");
    BeginOperators(batch);
    const std::int64_t end_us = plan_.clock->SteadyUs() + plan_.trigger.interval.count() * 1000;
    Status ran = RunUntil(end_us, stop, &batch, &input);
    ran = ran.ok() ? EndRealTimeBatch(&batch, input, &measures) : ran;
    HF_RETURN_IF_ERROR(ran.WithContext(fmt::format("batch {}", batch.id)));
  }
  MeasureQuery(batch, &measures);
  return std::optional(MakeProgress(measures));
}

bool BatchRunner::BeginsSomewhere() const {
  for (std::size_t input = 0; input < plan_.inputs.size(); ++input) {
    if (!recovered_.end_offsets[input].has_value() && plan_.inputs[input].source->FirstBatchSaysWhereItBegan()) {
      return true;
    }
  }
  return false;
}

Result<bool> BatchRunner::AwaitFirst(const std::stop_token& stop, Batch* batch) {
  const std::int64_t give_up_us = plan_.clock->SteadyUs() + kIdleUs;
  while (true) {
    HF_ASSIGN_OR_RETURN(const std::vector<SourceOffset> latest, planner_.LatestAfter(batch->entry.offsets));
    HF_ASSIGN_OR_RETURN(const bool is_due, planner_.IsDue());
    if (latest != batch->entry.offsets || is_due) {
      batch->entry.metadata->batch_timestamp_ms = plan_.clock->NowMs();
      return true;
    }
    const std::int64_t left_us = give_up_us - plan_.clock->SteadyUs();
    if (left_us <= 0 || stop.stop_requested()) {
      return false;
    }
    arrivals_.Wait(std::chrono::microseconds(std::min(left_us, kPollUs)));
  }
}

Status BatchRunner::RunUntil(std::int64_t end_us, const std::stop_token& stop, Batch* batch, BatchInput* input) {
  const bool has_timers = std::any_of(plan_.operators.begin(), plan_.operators.end(), [](const StreamOperator& each) {
    return each.time_mode == TimeMode::kProcessingTime;
  });
  std::int64_t timers_us = 0;
  for (std::int64_t now_us = plan_.clock->SteadyUs(); now_us < end_us && !stop.stop_requested();
       now_us = plan_.clock->SteadyUs()) {
    std::vector<SourceOffset>& end = batch->entry.offsets;
    HF_ASSIGN_OR_RETURN(std::vector<SourceOffset> latest, planner_.LatestAfter(end));
    const bool arrived = latest != end;
    const bool look = has_timers && now_us - timers_us >= kTimersUs;
    if (arrived) {
      HF_RETURN_IF_ERROR(ReadBatch(plan_, end, latest, *operators_.front(), input));
      end = std::move(latest);
    }
    if (arrived || look) {
      timers_us = look ? now_us : timers_us;
      HF_RETURN_IF_ERROR(RunArrived(*batch, look));
    } else {
      arrivals_.Wait(std::chrono::microseconds(std::min(end_us - now_us, kPollUs)));
    }
  }
  return plan_.stop_now.stop_requested() ? StoppedNow() : Status();
}

Status BatchRunner::RunArrived(const Batch& batch, bool all) {
  const std::int64_t now_ms = plan_.clock->NowMs();
  HF_ASSIGN_OR_RETURN(const std::vector<ColumnBatch> rows, RunChain([&](std::size_t number) {
                        TaskBatch task_batch = TaskBatchOf(batch, plan_.operators[number]);
                        task_batch.by_row = true;
                        if (plan_.operators[number].time_mode != TimeMode::kNone) {
                          task_batch.timer_values.current_processing_time_ms = now_ms;
                        }
                        return operators_[number]->RunArrived(task_batch, all);
                      }));
  for (const ColumnBatch& each : rows) {
    emitted_rows_ += each.rows();
  }
  return rows.empty() ? Status() : plan_.sink->Emit(batch.id, rows);
}

Status BatchRunner::EndRealTimeBatch(Batch* batch, const BatchInput& input, BatchMeasures* measures) {
  // What a start that finds the promise without the proof has for its clock, and later batches for the past.
  batch->entry.metadata->batch_timestamp_ms = plan_.clock->NowMs();
  for (std::size_t number = 0; number < operators_.size(); ++number) {
    TaskBatch task_batch = TaskBatchOf(*batch, plan_.operators[number]);
    task_batch.by_row = true;
    operators_[number]->SetBatch(task_batch);
  }
  MeasureInput(input, measures);
  HF_ASSIGN_OR_RETURN(const std::vector<ColumnBatch> rows, RunOperators(measures));
  measures->output_rows += emitted_rows_;
  if (!rows.empty()) {
    HF_RETURN_IF_ERROR(plan_.sink->Emit(batch->id, rows));
  }
  if (first_batch_) {
    HF_RETURN_IF_ERROR(WriteStateDescriptions(*batch));
    first_batch_ = false;
  }
  {
    const Stopwatch watch = measures->Time(*plan_.clock, kCommitStateDuration);
    HF_RETURN_IF_ERROR(WriteChangelogs());  // the barrier
    HF_RETURN_IF_ERROR(PublishSnapshots());
  }
  const Stopwatch watch = measures->Time(*plan_.clock, "commitOffsets");
  HF_RETURN_IF_ERROR(offset_log_.Write(batch->id, batch->entry));  // the promise
  HF_RETURN_IF_ERROR(plan_.files->Sync());
  Watermark next = recovered_.watermark;
  next.Advance(input.event_times);
  HF_RETURN_IF_ERROR(commit_log_.Write(batch->id, CommitOf(next)));  // the proof
  HF_RETURN_IF_ERROR(plan_.files->Sync());                           // the next barrier may be minutes away
  HF_RETURN_IF_ERROR(ConfirmState(*batch, next));
  upkeep_.PurgePublished();
  HF_RETURN_IF_ERROR(CommitSources());
  MeasureState(measures);
  return Status();
}

}  // namespace hf
