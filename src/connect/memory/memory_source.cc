// SPDX-License-Identifier: Apache-2.0
#include "connect/memory/memory_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace hf {
namespace {

class BlockSplit final : public SourceSplit {
 public:
  explicit BlockSplit(ColumnBatch block) : block_(std::move(block)) {}

  Result<std::optional<ColumnBatch>> Next() override { return std::exchange(block_, std::nullopt); }

 private:
  std::optional<ColumnBatch> block_;
};

Result<std::int64_t> ParseOffset(const std::string& text) {
  std::int64_t offset = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (error != std::errc() || end != text.data() + text.size() || offset < -1) {
    return Corrupt(fmt::format("the checkpoint holds an offset that is none of a memory source: {}", text));
  }
  return offset;
}

}  // namespace

Result<std::int64_t> MemorySource::AddRows(const ColumnBatch& rows) {
  if (!(rows.schema() == schema_)) {
    return Invalid(
        fmt::format("the rows have the schema {}, the memory source has {}", rows.schema().ToDdl(), schema_.ToDdl()));
  }
  const std::lock_guard lock(mutex_);
  blocks_.push_back(rows);
  return dropped_ + static_cast<std::int64_t>(blocks_.size()) - 1;
}

Result<std::int64_t> MemorySource::AddRows(const std::vector<Row>& rows) {
  HF_ASSIGN_OR_RETURN(const ColumnBatch batch, ColumnBatch::FromRows(schema_, rows));
  return AddRows(batch);
}

std::string MemorySource::description() const {
  std::string columns;
  for (const StructField& field : schema_.fields()) {
    columns += columns.empty() ? field.name : "," + field.name;
  }
  return fmt::format("MemoryStream[{}]", columns);
}

// REQUIRES: mutex_ is held.
Result<std::int64_t> MemorySource::NextAfter(const SourceOffset& start) const {
  std::int64_t next = 0;
  if (start.has_value()) {
    HF_ASSIGN_OR_RETURN(const std::int64_t offset, ParseOffset(*start));
    next = offset + 1;
  }
  const std::int64_t end = dropped_ + static_cast<std::int64_t>(blocks_.size());
  if (next < dropped_ || next > end) {
    return Invalid(
        fmt::format("the memory source holds the rows of offsets {} to {}, but the checkpoint goes on at {}: rows "
                    "in memory do not outlive their process. Use a new checkpoint, or push the rows again",
                    dropped_, end - 1, next));
  }
  return next;
}

Result<SourceOffset> MemorySource::Latest(const SourceOffset& start) {
  const std::lock_guard lock(mutex_);
  HF_ASSIGN_OR_RETURN(const std::int64_t next, NextAfter(start));
  std::int64_t end = dropped_ + static_cast<std::int64_t>(blocks_.size());
  if (fixed_end_.has_value()) {
    end = std::max(next, std::min(end, *fixed_end_));
  }
  return end == next ? start : SourceOffset(std::to_string(end - 1));
}

Status MemorySource::FixAvailable(const SourceOffset& start) {
  const std::lock_guard lock(mutex_);
  HF_RETURN_IF_ERROR(NextAfter(start).status());
  fixed_end_ = dropped_ + static_cast<std::int64_t>(blocks_.size());
  return {};
}

Result<std::vector<std::unique_ptr<SourceSplit>>> MemorySource::Plan(const SourceOffset& start,
                                                                     const SourceOffset& end) {
  const std::lock_guard lock(mutex_);
  HF_ASSIGN_OR_RETURN(const std::int64_t first, NextAfter(start));
  HF_ASSIGN_OR_RETURN(const std::int64_t last, NextAfter(end));
  std::vector<std::unique_ptr<SourceSplit>> splits;
  for (std::int64_t offset = first; offset < last; ++offset) {
    splits.push_back(std::make_unique<BlockSplit>(blocks_[static_cast<std::size_t>(offset - dropped_)]));
  }
  return splits;
}

Status MemorySource::Commit(const SourceOffset& end) {
  const std::lock_guard lock(mutex_);
  HF_ASSIGN_OR_RETURN(const std::int64_t next, NextAfter(end));
  while (dropped_ < next) {
    blocks_.pop_front();
    ++dropped_;
  }
  return {};
}

}  // namespace hf
