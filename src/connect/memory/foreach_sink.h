// SPDX-License-Identifier: Apache-2.0
// ForeachSink hands rows one by one to a ForeachWriter of the host, whose header says what is promised.
#pragma once

#include <memory>

#include "holdfast/foreach_writer.h"
#include "holdfast/sink.h"

namespace hf {

class ForeachSink final : public Sink {
 public:
  explicit ForeachSink(std::shared_ptr<detail::AnyForeachWriter> writer) : writer_(std::move(writer)) {}

  [[nodiscard]] std::string description() const override { return "ForeachWriterTable"; }
  Status Open(const Schema& schema, const std::string& query_id) override;
  Result<bool> Holds(std::int64_t) override { return false; }
  // What the writer throws becomes kUser with Spark's FOREACH_USER_FUNCTION_ERROR; a StatusError keeps its Status.
  Result<SinkCommit> Commit(std::int64_t batch, const std::vector<ColumnBatch>& rows) override;
  [[nodiscard]] bool TakesRowsAtOnce() const override { return true; }
  // Portions of a batch are its parts, counted on.
  Status Emit(std::int64_t batch, const std::vector<ColumnBatch>& rows) override;

 private:
  Status WritePart(std::int64_t part, std::int64_t batch, const ColumnBatch& rows);

  const std::shared_ptr<detail::AnyForeachWriter> writer_;
  std::int64_t emitting_batch_ = -1;
  std::int64_t next_part_ = 0;  // of that batch
};

}  // namespace hf
