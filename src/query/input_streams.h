// SPDX-License-Identifier: Apache-2.0
// InputStreams: what the inputs of a query are together: the columns of their rows, and who watches whose event times.
#pragma once

#include <optional>
#include <vector>

#include "engine/stream_plan.h"

namespace hf {

struct InputStreams {
  Schema schema;                                         // Spark's union: names of the first, columns by place
  std::vector<WatermarkOperator> watermarks;             // in the order of the description
  std::vector<std::optional<std::size_t>> watermark_of;  // by input: which of them watches it
  std::optional<std::size_t> event_time;                 // the column of the one that watches the first input
};

// kInvalid, under Spark's conditions, names what does not fit: columns of inputs, a column of event times, a delay, a
// second watermark over the same rows, or TimeMode::kEventTime without any.
Result<InputStreams> JoinInputs(const QueryDescription& description);

}  // namespace hf
