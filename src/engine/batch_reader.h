// SPDX-License-Identifier: Apache-2.0
// BatchReader: reads the input of a batch, leaves out what is too late, and feeds each row to the task of its
// partition.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/batch_planner.h"
#include "engine/partition_task.h"
#include "engine/partitioner.h"
#include "engine/stream_plan.h"
#include "engine/watermark.h"

namespace hf {

// What was read. Late rows count in all of it.
struct BatchInput {
  std::vector<std::int64_t> rows;       // by input
  std::vector<EventTimes> event_times;  // by watermark operator
  std::int64_t late_rows = 0;           // of them, those that no task got
};

class BatchReader {
 public:
  using Tasks = std::vector<std::unique_ptr<PartitionTask>>;

  // Plan and tasks outlive the reader.
  BatchReader(const StreamPlan& plan, Partitioner partitioner, const Tasks& tasks)
      : plan_(plan), partitioner_(std::move(partitioner)), tasks_(tasks) {}

  // Before the first batch's input. `key_columns`: their places in the rows.
  void FeedInitialState(const InitialState& initial_state, const std::vector<std::size_t>& key_columns);

  // Rows of the first input first. Those up to `late_events_ms` are late where the time mode is kEventTime.
  Result<BatchInput> Read(const Batch& batch, std::int64_t late_events_ms);

 private:
  Status ReadInput(std::size_t input, const Batch& batch, std::int64_t late_events_ms, BatchInput* read);
  void Feed(const ColumnBatch& rows, std::int64_t late_events_ms, BatchInput* read);

  const StreamPlan& plan_;
  Partitioner partitioner_;
  const Tasks& tasks_;
};

}  // namespace hf
