// SPDX-License-Identifier: Apache-2.0
#include "engine/operator_tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/caught.h"
#include "engine/watermark.h"

namespace hf {

OperatorTasks::OperatorTasks(const StreamPlan& plan, const Recovered& recovered, std::size_t number, TaskPool& pool)
    : stream_(plan),
      recovered_(recovered),
      described_(plan.operators[number]),
      number_(number),
      pool_(pool),
      partitioner_(recovered.operators[number].plan->input.key_columns, recovered.partitions) {
  for (std::size_t partition = 0; partition < recovered.partitions; ++partition) {
    tasks_.push_back(std::make_unique<PartitionTask>(
        this->plan(), StateOptionsOf(plan, recovered, this->plan().operator_id, partition)));
  }
}

Status OperatorTasks::ForEachTask(const std::function<Status(std::size_t, PartitionTask&)>& work) {
  std::vector<Status> results(tasks_.size());
  pool_.ForEach(tasks_.size(), [&](std::size_t partition) {
    results[partition] = Caught([&] { return work(partition, *tasks_[partition]); });
  });
  for (std::size_t partition = 0; partition < results.size(); ++partition) {
    HF_RETURN_IF_ERROR(Named(results[partition], partition));
  }
  return Status();
}

Status OperatorTasks::Named(const Status& status, std::size_t partition) const {
  if (status.ok()) {
    return status;
  }
  return status.WithContext(stream_.operators.size() == 1
                                ? fmt::format("partition {}", partition)
                                : fmt::format("operator {}, partition {}", plan().operator_id, partition));
}

Status OperatorTasks::Load() {
  // What a failed attempt left behind must not be taken for ours (rule 2 of the invariants).
  const std::int64_t version = recovered_.next_batch;
  for (std::size_t partition = 0; partition < tasks_.size(); ++partition) {
    HF_RETURN_IF_ERROR(RemoveVersionsAbove(*stream_.files,
                                           StateDirectory(stream_.checkpoint, plan().operator_id, partition), version));
  }
  const std::vector<std::string>& ids = recovered_.operators[number_].state_ids;
  return ForEachTask([&](std::size_t partition, PartitionTask& task) {
    return task.Load({version, ids.empty() ? std::string() : ids[partition]});
  });
}

Result<std::optional<std::int64_t>> OperatorTasks::NextExpiry() {
  std::vector<std::optional<std::int64_t>> by_partition(tasks_.size());
  HF_RETURN_IF_ERROR(ForEachTask([&](std::size_t partition, PartitionTask& task) -> Status {
    HF_ASSIGN_OR_RETURN(by_partition[partition], task.NextExpiry());
    return Status();
  }));
  std::optional<std::int64_t> earliest;
  for (const std::optional<std::int64_t>& expiry : by_partition) {
    if (expiry.has_value()) {
      earliest = std::min(*expiry, earliest.value_or(*expiry));
    }
  }
  return earliest;
}

void OperatorTasks::Begin(const TaskBatch& batch, std::int64_t late_events_ms) {
  batch_ = batch;
  late_events_ms_ = late_events_ms;
  late_rows_ = 0;
}

void OperatorTasks::FeedInitialState() {
  if (!described_.initial_state.has_value()) {
    return;
  }
  Partitioner partitioner(plan().initial_state->key_columns, tasks_.size());
  for (const ColumnBatch& rows : described_.initial_state->rows) {
    auto by_partition = partitioner.Split(rows);
    for (std::size_t partition = 0; partition < tasks_.size(); ++partition) {
      if (!by_partition[partition].empty()) {
        tasks_[partition]->FeedInitialState(rows, std::move(by_partition[partition]));
      }
    }
  }
}

void OperatorTasks::Feed(const ColumnBatch& rows) {
  const bool has_late_rows = described_.time_mode == TimeMode::kEventTime && described_.event_time.has_value();
  auto by_partition = partitioner_.Split(rows);
  for (std::size_t partition = 0; partition < tasks_.size(); ++partition) {
    std::vector<std::uint32_t>& of_partition = by_partition[partition];
    if (has_late_rows) {
      const Column& times = rows.column(*described_.event_time);
      late_rows_ += static_cast<std::int64_t>(
          std::erase_if(of_partition, [&](std::uint32_t row) { return IsLate(times, row, late_events_ms_); }));
    }
    if (!of_partition.empty()) {
      tasks_[partition]->Feed(rows, std::move(of_partition));
    }
  }
}

Status OperatorTasks::Finish() {
  outputs_.clear();
  outputs_.resize(tasks_.size());
  return ForEachTask([&](std::size_t partition, PartitionTask& task) -> Status {
    HF_ASSIGN_OR_RETURN(outputs_[partition], task.Finish(batch_));
    return Status();
  });
}

Status OperatorTasks::CheckEventTimes(const ColumnBatch& rows) const {
  if (!described_.output_event_time.has_value()) {
    return Status();
  }
  const Column& times = rows.column(*described_.output_event_time);
  for (std::int64_t row = 0; row < rows.rows(); ++row) {
    if (IsLate(times, row, late_events_ms_)) {
      return Invalid(
          fmt::format("operator {} put out a row with eventTime={} (microseconds, column {}), which is not after the "
                      "watermark {} (milliseconds) and so late for what follows; put out later times only",
                      plan().operator_id, times.Fixed<std::int64_t>(row),
                      rows.schema().field(*described_.output_event_time).name, late_events_ms_),
          "EMITTING_ROWS_OLDER_THAN_WATERMARK_NOT_ALLOWED");
    }
  }
  return Status();
}

Status OperatorTasks::Pass(ColumnBatch rows, std::vector<ColumnBatch>* passed) {
  HF_RETURN_IF_ERROR(CheckEventTimes(rows));
  HF_ASSIGN_OR_RETURN(rows, ApplySteps(described_.steps, std::move(rows)));
  if (rows.rows() > 0) {
    passed->push_back(std::move(rows));
  }
  return Status();
}

Result<std::vector<ColumnBatch>> OperatorTasks::TakeRows() {
  std::vector<ColumnBatch> taken;
  for (TaskOutput& output : outputs_) {
    HF_RETURN_IF_ERROR(Pass(std::exchange(output.rows, ColumnBatch()), &taken));
  }
  return taken;
}

// A task at a time: waking a thread takes longer than the few rows that come at once.
Result<std::vector<ColumnBatch>> OperatorTasks::RunArrived(const TaskBatch& batch, bool all) {
  batch_ = batch;
  std::vector<ColumnBatch> taken;
  for (std::size_t partition = 0; partition < tasks_.size(); ++partition) {
    if (all || tasks_[partition]->has_input()) {
      auto rows = tasks_[partition]->RunArrived(batch);
      HF_RETURN_IF_ERROR(Named(rows.status(), partition));
      HF_RETURN_IF_ERROR(Pass(std::move(rows).value(), &taken));
    }
  }
  return taken;
}

std::vector<VersionId> OperatorTasks::prepared() const {
  std::vector<VersionId> ids;
  for (const TaskOutput& output : outputs_) {
    ids.push_back({output.version.version, output.version.unique_id});
  }
  return ids;
}

Status OperatorTasks::PublishNow() {
  return ForEachTask([this](std::size_t partition, PartitionTask& task) {
    return outputs_[partition].version.publish_now ? task.PublishNow() : Status();
  });
}

Status OperatorTasks::Confirm() {
  const std::vector<VersionId> ids = prepared();
  outputs_.clear();  // they hold changelogs
  return ForEachTask([&ids](std::size_t partition, PartitionTask& task) { return task.Load(ids[partition]); });
}

void OperatorTasks::Abort() {
  for (const auto& task : tasks_) {
    task->Abort();
  }
}

}  // namespace hf
