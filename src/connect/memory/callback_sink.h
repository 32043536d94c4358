// SPDX-License-Identifier: Apache-2.0
// CallbackSink hands each batch to the host (Spark: foreachBatch).
#pragma once

#include <functional>

#include "holdfast/sink.h"

namespace hf {

class CallbackSink final : public Sink {
 public:
  // All rows of a batch as one; `batch` is its id. Called at least once a batch: a batch that was handed out, but
  // whose commit did not become durable, comes again under the same id.
  using Callback = std::function<Status(const ColumnBatch& rows, std::int64_t batch)>;

  explicit CallbackSink(Callback callback) : callback_(std::move(callback)) {}

  [[nodiscard]] std::string description() const override { return "ForeachBatchSink"; }
  Status Open(const Schema& schema, const std::string& query_id) override;
  Result<bool> Holds(std::int64_t) override { return false; }
  // What the callback throws becomes kUser (Spark's FOREACH_BATCH_USER_FUNCTION_ERROR), a Status it returns stays as it
  // is.
  Result<SinkCommit> Commit(std::int64_t batch, const std::vector<ColumnBatch>& rows) override;
  [[nodiscard]] bool TakesRowsAtOnce() const override { return true; }
  Status Emit(std::int64_t batch, const std::vector<ColumnBatch>& rows) override {
    return Commit(batch, rows).status();
  }

 private:
  const Callback callback_;
  Schema schema_;
};

// One batch with the rows of all of `parts`, which must be of `schema`. Copies unless there is just one part.
Result<ColumnBatch> Concatenate(const Schema& schema, const std::vector<ColumnBatch>& parts);

}  // namespace hf
