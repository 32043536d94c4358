// SPDX-License-Identifier: Apache-2.0
// BatchStep: what is done to rows on their way without remembering any, so that the same rows of the same batch give
// the same rows.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "holdfast/batch.h"
#include "holdfast/status.h"

namespace hf {

// What is recorded for a batch, so that a batch that is run again has the same.
struct BatchMoment {
  std::int64_t timestamp_ms = 0;
  std::uint64_t batch = 0;
  std::uint64_t seed = 0;  // a hash of the query's id, the batch and the place of the step in the query
};

class BatchStep {
 public:
  BatchStep() = default;
  BatchStep(const BatchStep&) = delete;
  BatchStep& operator=(const BatchStep&) = delete;
  virtual ~BatchStep() = default;
  // Of the rows that come out.
  [[nodiscard]] virtual const Schema& output() const = 0;
  // Before the rows of each batch.
  virtual void BeginBatch(const BatchMoment& moment) { static_cast<void>(moment); }
  // By one thread at a time.
  virtual Result<ColumnBatch> Apply(const ColumnBatch& rows) = 0;
};
using BatchSteps = std::vector<std::shared_ptr<BatchStep>>;

// One after the other; as long as there are rows.
Result<ColumnBatch> ApplySteps(std::span<const std::shared_ptr<BatchStep>> steps, ColumnBatch rows);

}  // namespace hf
