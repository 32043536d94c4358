// SPDX-License-Identifier: Apache-2.0
#include "engine/batch_step.h"

namespace hf {

Result<ColumnBatch> ApplySteps(std::span<const std::shared_ptr<BatchStep>> steps, ColumnBatch rows) {
  for (const auto& step : steps) {
    if (rows.rows() == 0) {
      break;
    }
    HF_ASSIGN_OR_RETURN(rows, step->Apply(rows));
  }
  return rows;
}

}  // namespace hf
