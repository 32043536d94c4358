// SPDX-License-Identifier: Apache-2.0
// BatchStep: what is done to rows on their way without remembering any, so that the same rows at the same time give the
// same rows.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "holdfast/batch.h"
#include "holdfast/status.h"

namespace hf {

class BatchStep {
 public:
  BatchStep() = default;
  BatchStep(const BatchStep&) = delete;
  BatchStep& operator=(const BatchStep&) = delete;
  virtual ~BatchStep() = default;
  // Of the rows that come out.
  [[nodiscard]] virtual const Schema& output() const = 0;
  // Before each batch: the time that is recorded for it, so that a batch that is run again has the same.
  virtual void SetBatchTime(std::int64_t timestamp_ms) { static_cast<void>(timestamp_ms); }
  // By one thread at a time.
  virtual Result<ColumnBatch> Apply(const ColumnBatch& rows) = 0;
};
using BatchSteps = std::vector<std::shared_ptr<BatchStep>>;

// One after the other; as long as there are rows.
Result<ColumnBatch> ApplySteps(std::span<const std::shared_ptr<BatchStep>> steps, ColumnBatch rows);

}  // namespace hf
