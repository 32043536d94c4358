// SPDX-License-Identifier: Apache-2.0
#include "engine/batch_reader.h"

namespace hf {

namespace {

Status Feed(const StreamPlan& plan, std::size_t number, ColumnBatch rows, OperatorTasks& first_operator,
            BatchInput* read) {
  const StreamInput& input = plan.inputs[number];
  read->rows[number] += rows.rows();
  const std::span<const std::shared_ptr<BatchStep>> steps(input.steps);
  HF_ASSIGN_OR_RETURN(rows, ApplySteps(steps.first(input.steps_before_watermark), std::move(rows)));
  if (input.watermark.has_value() && rows.rows() > 0) {
    read->event_times[*input.watermark].Add(rows.column(plan.watermarks[*input.watermark].column));
  }
  HF_ASSIGN_OR_RETURN(rows, ApplySteps(steps.subspan(input.steps_before_watermark), std::move(rows)));
  if (rows.rows() > 0) {
    // The names of a union are its first input's.
    first_operator.Feed(ColumnBatch(plan.operators.front().input, rows.columns(), rows.rows()));
  }
  return Status();
}

}  // namespace

Status ReadBatch(const StreamPlan& plan, const std::vector<SourceOffset>& start, const std::vector<SourceOffset>& end,
                 OperatorTasks& first_operator, BatchInput* read) {
  read->rows.resize(plan.inputs.size());
  read->event_times.resize(plan.watermarks.size());
  for (std::size_t input = 0; input < plan.inputs.size(); ++input) {
    if (start[input] == end[input]) {
      continue;
    }
    Source& source = *plan.inputs[input].source;
    HF_ASSIGN_OR_RETURN(const auto splits, source.Plan(start[input], end[input]));
    source.ReadAhead(end[input]);
    for (const auto& split : splits) {
      while (true) {
        HF_RETURN_IF_ERROR(plan.stop_now.stop_requested() ? StoppedNow() : Status());
        HF_ASSIGN_OR_RETURN(auto rows, split->Next());
        if (!rows.has_value()) {
          break;
        }
        HF_RETURN_IF_ERROR(Feed(plan, input, *std::move(rows), first_operator, read));
      }
    }
  }
  return Status();
}

}  // namespace hf
