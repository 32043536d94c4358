// SPDX-License-Identifier: Apache-2.0
#include "connect/memory/memory_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <utility>

#include "rows/column_builder.h"

namespace hf {
namespace {

class GroupSplit final : public SourceSplit {
 public:
  explicit GroupSplit(ColumnBatch rows) : rows_(std::move(rows)) {}

  Result<std::optional<ColumnBatch>> Next() override { return std::exchange(rows_, std::nullopt); }

 private:
  std::optional<ColumnBatch> rows_;
};

Result<std::int64_t> ParseOffset(const std::string& text) {
  std::int64_t offset = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (error != std::errc() || end != text.data() + text.size() || offset < -1 ||
      offset == std::numeric_limits<std::int64_t>::max()) {
    return Corrupt(
        fmt::format("the checkpoint holds an offset that is none of a memory source: {}", text.substr(0, 120)));
  }
  return offset;
}

// What the rows of a column occupy; a slice counts only what it shows, lists with all of their elements.
std::int64_t BytesOf(const Column& column) {
  std::int64_t bytes = column.validity != nullptr ? column.length / 8 : 0;
  const TypeKind kind = column.type.kind();
  if (column.offsets != nullptr) {
    bytes += (column.length + 1) * static_cast<std::int64_t>(sizeof(std::int32_t));
    if (kind == TypeKind::kString || kind == TypeKind::kBinary) {
      bytes += column.offsets[column.offset + column.length] - column.offsets[column.offset];
    }
  } else {
    bytes +=
        kind == TypeKind::kBoolean ? column.length / 8 : column.length * static_cast<std::int64_t>(FixedWidth(kind));
  }
  for (const Column& child : column.children) {
    bytes += BytesOf(child);
  }
  return bytes;
}

std::int64_t BytesOf(const ColumnBatch& rows) {
  std::int64_t bytes = static_cast<std::int64_t>(sizeof(ColumnBatch));
  for (const Column& column : rows.columns()) {
    bytes += static_cast<std::int64_t>(sizeof(Column)) + BytesOf(column);
  }
  return bytes;
}

Status Closed() { return Unavailable("the memory stream was closed and takes no more rows"); }

}  // namespace

std::shared_ptr<MemoryStream> MemoryStream::Make(Schema schema, MemoryStreamOptions options) {
  return std::make_shared<MemorySource>(std::move(schema), options);
}

Status MemorySource::CheckSchema(const ColumnBatch& rows) const {
  if (rows.schema() == schema_) {
    return {};
  }
  return Invalid(
      fmt::format("the rows have the schema {}, the memory source has {}", rows.schema().ToDdl(), schema_.ToDdl()));
}

bool MemorySource::HasRoomFor(std::int64_t bytes) const {
  return waiting_bytes_ == 0 || waiting_bytes_ + bytes <= bytes_max_;
}

Result<std::int64_t> MemorySource::AddRows(const ColumnBatch& rows) {
  HF_RETURN_IF_ERROR(CheckSchema(rows));
  const std::int64_t bytes = BytesOf(rows);
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this, bytes] { return closed_ || HasRoomFor(bytes); });
  if (closed_) {
    return Closed();
  }
  groups_.push_back({.rows = rows, .bytes = bytes});
  waiting_bytes_ += bytes;
  const std::int64_t offset = End() - 1;
  lock.unlock();
  Notify();
  return offset;
}

Result<std::optional<std::int64_t>> MemorySource::TryAddRows(const ColumnBatch& rows) {
  HF_RETURN_IF_ERROR(CheckSchema(rows));
  const std::int64_t bytes = BytesOf(rows);
  std::unique_lock lock(mutex_);
  if (closed_) {
    return Closed();
  }
  if (!HasRoomFor(bytes)) {
    return std::optional<std::int64_t>();
  }
  groups_.push_back({.rows = rows, .bytes = bytes});
  waiting_bytes_ += bytes;
  const std::int64_t offset = End() - 1;
  lock.unlock();
  Notify();
  return std::optional(offset);
}

void MemorySource::NotifyOfRows(std::function<void()> notify) {
  const std::lock_guard lock(notify_mutex_);
  notify_ = std::move(notify);
}

void MemorySource::Notify() {
  const std::lock_guard lock(notify_mutex_);
  if (notify_) {
    notify_();
  }
}

Result<std::int64_t> MemorySource::AddRows(const std::vector<Row>& rows) {
  HF_ASSIGN_OR_RETURN(const ColumnBatch batch, ColumnBatch::FromRows(schema_, rows));
  return AddRows(batch);
}

Result<std::int64_t> MemorySource::AddObjects(const TypeLayout& layout, const void* first, std::size_t count,
                                              std::size_t stride) {
  ColumnBatch rows;
  {
    const std::lock_guard lock(appender_mutex_);
    if (appender_layout_ != &layout) {  // compiled once; a host pushes one type
      HF_ASSIGN_OR_RETURN(appender_, RowAppender::Make(schema_, layout));
      appender_layout_ = &layout;
    }
    try {
      for (std::size_t i = 0; i < count; ++i) {
        appender_->Append(static_cast<const std::byte*>(first) + i * stride);
      }
    } catch (const StatusError& error) {
      appender_layout_ = nullptr;  // with the rows in front of the bad one
      return error.status();
    }
    rows = appender_->Finish();
  }
  return AddRows(rows);
}

void MemorySource::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  room_.notify_all();
}

std::string MemorySource::description() const {
  std::string columns;
  for (const StructField& field : schema_.fields()) {
    columns += columns.empty() ? field.name : "," + field.name;
  }
  return fmt::format("MemoryStream[{}]", columns);
}

Result<std::int64_t> MemorySource::NextAfter(const SourceOffset& start) const {
  std::int64_t next = 0;
  if (start.has_value()) {
    HF_ASSIGN_OR_RETURN(const std::int64_t offset, ParseOffset(*start));
    next = offset + 1;
  }
  if (next < dropped_ || next > End()) {
    const std::string held = groups_.empty() ? fmt::format("no rows and counts on from offset {}", dropped_)
                                             : fmt::format("the rows of offsets {} to {}", dropped_, End() - 1);
    return Invalid(fmt::format(
        "the memory source holds {}, but the checkpoint asks for what comes from offset {} on: rows in memory do not "
        "outlive their process. Make the source with first_offset {} and push again what no committed batch has, or "
        "use a new checkpoint",
        held, next, next));
  }
  return next;
}

void MemorySource::TakeUp(std::int64_t next) {
  for (; taken_up_ < next; ++taken_up_) {
    waiting_bytes_ -= groups_[static_cast<std::size_t>(taken_up_ - dropped_)].bytes;
  }
  room_.notify_all();
}

Result<SourceOffset> MemorySource::Latest(const SourceOffset& start) {
  const std::lock_guard lock(mutex_);
  HF_ASSIGN_OR_RETURN(const std::int64_t next, NextAfter(start));
  // Not only in Commit, which comes with the next batch: the push that it would be made of may be what waits for room.
  TakeUp(next);
  std::int64_t end = End();
  if (fixed_end_.has_value()) {
    end = std::max(next, std::min(end, *fixed_end_));
  }
  return end == next ? start : SourceOffset(std::to_string(end - 1));
}

void MemorySource::BeginQuery() {
  const std::lock_guard lock(mutex_);
  fixed_end_.reset();
}

Status MemorySource::FixAvailable(const SourceOffset& start) {
  const std::lock_guard lock(mutex_);
  HF_RETURN_IF_ERROR(NextAfter(start).status());
  fixed_end_ = End();
  return {};
}

Result<std::vector<std::unique_ptr<SourceSplit>>> MemorySource::Plan(const SourceOffset& start,
                                                                     const SourceOffset& end) {
  const std::lock_guard lock(mutex_);
  HF_ASSIGN_OR_RETURN(const std::int64_t first, NextAfter(start));
  HF_ASSIGN_OR_RETURN(const std::int64_t last, NextAfter(end));
  std::vector<std::unique_ptr<SourceSplit>> splits;
  for (std::int64_t offset = first; offset < last; ++offset) {
    splits.push_back(std::make_unique<GroupSplit>(groups_[static_cast<std::size_t>(offset - dropped_)].rows));
  }
  return splits;
}

Status MemorySource::Commit(const SourceOffset& end) {
  const std::lock_guard lock(mutex_);
  HF_ASSIGN_OR_RETURN(const std::int64_t next, NextAfter(end));
  TakeUp(next);
  while (dropped_ < next) {
    groups_.pop_front();
    ++dropped_;
  }
  return {};
}

}  // namespace hf
