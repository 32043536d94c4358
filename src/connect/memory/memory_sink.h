// SPDX-License-Identifier: Apache-2.0
// MemorySink keeps the result rows for the host to look at. Thread-safe.
#pragma once

#include <map>
#include <mutex>

#include "holdfast/sink.h"

namespace hf {

class MemorySink final : public Sink {
 public:
  [[nodiscard]] std::string description() const override { return "MemorySink"; }
  Status Open(const Schema& schema, const std::string& query_id) override;
  // The rows do not outlive the process, so nothing can be promised.
  Result<bool> Holds(std::int64_t) override { return false; }
  // A batch that this object has already is not added again (Spark: MemorySink.addBatch).
  Result<SinkCommit> Commit(std::int64_t batch, const std::vector<ColumnBatch>& rows) override;
  [[nodiscard]] bool TakesRowsAtOnce() const override { return true; }
  Status Emit(std::int64_t batch, const std::vector<ColumnBatch>& rows) override;

  // That of the query's output; empty before Open.
  [[nodiscard]] Schema schema() const;
  // All rows, by batch, then as they came.
  [[nodiscard]] std::vector<Row> rows() const;
  // The rows of one batch; empty when there is none such.
  [[nodiscard]] std::vector<Row> RowsOf(std::int64_t batch) const;
  [[nodiscard]] std::vector<ColumnBatch> batches() const;
  // The batches that have been committed, also those without rows.
  [[nodiscard]] std::vector<std::int64_t> batch_ids() const;
  void Clear();

 private:
  mutable std::mutex mutex_;  // guards all below
  Schema schema_;
  std::map<std::int64_t, std::vector<ColumnBatch>> batches_;
};

}  // namespace hf
