// SPDX-License-Identifier: Apache-2.0
// RowSteps: what a description says is done to rows, resolved against their columns: the steps, who watches whose event
// times, what the inputs of a query are together.
#pragma once

#include <optional>
#include <vector>

#include "engine/stream_plan.h"

namespace hf {

struct InputStreams {
  std::vector<StreamInput> inputs;            // by input, without their sources
  Schema schema;                              // Spark's union: names of the first, columns by place
  std::vector<WatermarkOperator> watermarks;  // in the order of the description
  // Where the column of the watermark over the first input is now; nullopt: none, or a step has left it out.
  std::optional<std::size_t> event_time;
};

// kInvalid, under Spark's conditions, names what does not fit: columns of inputs, a column of event times, a delay, a
// second watermark over the same rows.
Result<InputStreams> JoinInputs(const QueryDescription& description);

// The rows of a processor after the steps on them.
struct OperatorOutput {
  BatchSteps steps;
  Schema schema;
  std::optional<std::size_t> processor_event_time;  // of the processor's rows
  std::optional<std::size_t> event_time;            // of `schema`; nullopt: none, or a step has left it out
};

// `has_watermark`: the query has one.
Result<OperatorOutput> ResolveOutput(const OperatorDescription& description, bool has_watermark);

// Whether an operator in event time gets event times.
Status CheckEventTime(TimeMode time_mode, const std::optional<std::size_t>& event_time, const std::string& missing);

}  // namespace hf
