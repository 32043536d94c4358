// SPDX-License-Identifier: Apache-2.0
// BatchReader: reads the input of a batch, takes it through the steps before the first operator, and feeds it to that.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/operator_tasks.h"
#include "engine/stream_plan.h"
#include "engine/watermark.h"

namespace hf {

// What was read. Late rows count in all of it.
struct BatchInput {
  std::vector<std::int64_t> rows;       // by input, as the sources gave them
  std::vector<EventTimes> event_times;  // by watermark operator
};

// What lies between two positions, rows of the first input first; what was read is added to `read`. REQUIRES: the
// operator has begun the batch.
Status ReadBatch(const StreamPlan& plan, const std::vector<SourceOffset>& start, const std::vector<SourceOffset>& end,
                 OperatorTasks& first_operator, BatchInput* read);

}  // namespace hf
