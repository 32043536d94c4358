// SPDX-License-Identifier: Apache-2.0
// OperatorTasks: one operator of a query in all its partitions, through a batch.
//
//   Begin(batch)  what the batch fixes for it
//   Feed(rows)    gives each row to the task of its partition, but those that are late
//   Finish()      runs the tasks in parallel
//   TakeRows()    what they put out, as the next operator or the sink gets it
//
// RunArrived() runs and takes a part of a batch before it is finished.
//
// What became of the state is in outputs() until the next batch, for whoever commits it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/partition_task.h"
#include "engine/partitioner.h"
#include "engine/recovery.h"
#include "engine/stream_plan.h"
#include "engine/task_pool.h"

namespace hf {

class OperatorTasks {
 public:
  // All outlive it. Nothing is opened yet.
  OperatorTasks(const StreamPlan& plan, const Recovered& recovered, std::size_t number, TaskPool& pool);

  [[nodiscard]] const OperatorPlan& plan() const { return *recovered_.operators[number_].plan; }
  [[nodiscard]] const std::vector<std::unique_ptr<PartitionTask>>& tasks() const { return tasks_; }

  // The state that the next batch reads, once what failed attempts left above it is removed.
  Status Load();
  // By the clock of the time mode: the earliest time at which a partition has a timer or a value to end; nullopt:
  // never.
  Result<std::optional<std::int64_t>> NextExpiry();

  // Rows with event times up to `late_events_ms` are late where the time mode is kEventTime.
  void Begin(const TaskBatch& batch, std::int64_t late_events_ms);
  // The clock of a batch that is processed as its rows come moves on.
  void SetBatch(const TaskBatch& batch) { batch_ = batch; }
  // In the first batch of a checkpoint only.
  void FeedInitialState();
  void Feed(const ColumnBatch& rows);
  Status Finish();
  // For batches whose rows are processed as they come: runs the tasks that were fed since, or all of them (`all`, so
  // that due timers fire), and returns what they put out as TakeRows does. The processing time is `batch`'s.
  Result<std::vector<ColumnBatch>> RunArrived(const TaskBatch& batch, bool all);
  // In the order of the partitions. Fails where the operator puts out event times that are late already (Spark 4.3
  // UpdateEventTimeColumnExec).
  Result<std::vector<ColumnBatch>> TakeRows();

  [[nodiscard]] const std::vector<TaskOutput>& outputs() const { return outputs_; }  // without their rows
  [[nodiscard]] std::int64_t late_rows() const { return late_rows_; }
  // What the batch made of the state, by partition.
  [[nodiscard]] std::vector<VersionId> prepared() const;
  // Brings the versions that ask for it to their snapshots.
  Status PublishNow();
  // The batch is committed.
  Status Confirm();
  // The batch is given up: processors that are open are closed.
  void Abort();

 private:
  // Calls `work` for every task in parallel; the first failure by partition, named.
  Status ForEachTask(const std::function<Status(std::size_t, PartitionTask&)>& work);
  [[nodiscard]] Status Named(const Status& status, std::size_t partition) const;
  Status CheckEventTimes(const ColumnBatch& rows) const;
  // Takes the rows of a task through the steps behind the operator.
  Status Pass(ColumnBatch rows, std::vector<ColumnBatch>* passed);

  const StreamPlan& stream_;
  const Recovered& recovered_;
  const StreamOperator& described_;
  const std::size_t number_;
  TaskPool& pool_;
  Partitioner partitioner_;
  std::vector<std::unique_ptr<PartitionTask>> tasks_;
  TaskBatch batch_;
  std::int64_t late_events_ms_ = 0;
  std::int64_t late_rows_ = 0;
  std::vector<TaskOutput> outputs_;
};

}  // namespace hf
