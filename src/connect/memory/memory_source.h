// SPDX-License-Identifier: Apache-2.0
// MemorySource: rows that the host pushes (Spark: MemoryStream).
//
// An offset is a bare number, that of the last AddRows: "0", "1" ... The rows live in this object and nowhere else.
// A query that starts again on the same checkpoint goes on as long as it gets the same object, or one that was made
// with the `first_offset` from which the host can push again; rows that are gone are refused by number, not skipped.
#pragma once

#include <deque>
#include <mutex>

#include "holdfast/source.h"

namespace hf {

// Thread-safe: the host may push while a query reads.
class MemorySource final : public Source {
 public:
  // `first_offset` is what the next AddRows will have.
  explicit MemorySource(Schema schema, std::int64_t first_offset = 0)
      : schema_(std::move(schema)), dropped_(first_offset) {}

  // Makes the rows available, all at once, and returns their offset. kInvalid when they are of another schema.
  Result<std::int64_t> AddRows(const ColumnBatch& rows);
  Result<std::int64_t> AddRows(const std::vector<Row>& rows);

  [[nodiscard]] const Schema& schema() const override { return schema_; }
  [[nodiscard]] std::string description() const override;
  Result<SourceOffset> Latest(const SourceOffset& start) override;
  Status FixAvailable(const SourceOffset& start) override;
  void IgnoreLimits() override {}  // there are none
  Result<std::vector<std::unique_ptr<SourceSplit>>> Plan(const SourceOffset& start, const SourceOffset& end) override;
  void ReadAhead(const SourceOffset&) override {}  // the rows are here
  // Drops the rows.
  Status Commit(const SourceOffset& end) override;

 private:
  [[nodiscard]] Result<std::int64_t> NextAfter(const SourceOffset& start) const;

  const Schema schema_;
  mutable std::mutex mutex_;  // guards all below
  std::deque<ColumnBatch> blocks_;
  std::int64_t dropped_;                   // the offset of blocks_.front()
  std::optional<std::int64_t> fixed_end_;  // one behind the last offset that Latest may return
};

}  // namespace hf
