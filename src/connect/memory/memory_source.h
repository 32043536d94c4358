// SPDX-License-Identifier: Apache-2.0
// MemorySource: the MemoryStream of the public API.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>

#include "holdfast/memory_stream.h"
#include "holdfast/row_access.h"

namespace hf {

class MemorySource final : public MemoryStream {
 public:
  // `first_offset` is what the next AddRows will have.
  explicit MemorySource(Schema schema, std::int64_t first_offset = 0)
      : MemorySource(std::move(schema), MemoryStreamOptions{.first_offset = first_offset}) {}
  MemorySource(Schema schema, MemoryStreamOptions options)
      : schema_(std::move(schema)),
        bytes_max_(options.bytes_max),
        dropped_(options.first_offset),
        taken_up_(options.first_offset) {}

  Result<std::int64_t> AddRows(const ColumnBatch& rows) override;
  Result<std::int64_t> AddRows(const std::vector<Row>& rows) override;
  Result<std::optional<std::int64_t>> TryAddRows(const ColumnBatch& rows) override;
  void Close() override;

  [[nodiscard]] const Schema& schema() const override { return schema_; }
  [[nodiscard]] std::string description() const override;
  // Also makes room: what lies up to `start` is in a committed batch.
  Result<SourceOffset> Latest(const SourceOffset& start) override;
  void BeginQuery() override;
  Status FixAvailable(const SourceOffset& start) override;
  void IgnoreLimits() override {}  // there are none
  Result<std::vector<std::unique_ptr<SourceSplit>>> Plan(const SourceOffset& start, const SourceOffset& end) override;
  void NotifyOfRows(std::function<void()> notify) override;
  void ReadAhead(const SourceOffset&) override {}  // the rows are here
  // Drops the rows.
  Status Commit(const SourceOffset& end) override;

 private:
  struct Group {
    ColumnBatch rows;
    std::int64_t bytes = 0;
  };

  Result<std::int64_t> AddObjects(const TypeLayout& layout, const void* first, std::size_t count,
                                  std::size_t stride) override;
  [[nodiscard]] Status CheckSchema(const ColumnBatch& rows) const;
  // The four below: REQUIRES: mutex_ is held. Notify: it is not.
  [[nodiscard]] Result<std::int64_t> NextAfter(const SourceOffset& start) const;
  [[nodiscard]] std::int64_t End() const { return dropped_ + static_cast<std::int64_t>(groups_.size()); }
  [[nodiscard]] bool HasRoomFor(std::int64_t bytes) const;
  void TakeUp(std::int64_t next);
  void Notify();

  const Schema schema_;
  const std::int64_t bytes_max_;

  std::mutex appender_mutex_;  // guards the two below; never taken while mutex_ is held
  std::unique_ptr<RowAppender> appender_;
  const TypeLayout* appender_layout_ = nullptr;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable room_;
  std::deque<Group> groups_;
  std::int64_t dropped_;                   // the offset of groups_.front()
  std::int64_t taken_up_;                  // the first offset that no committed batch has; not below dropped_
  std::int64_t waiting_bytes_ = 0;         // of the groups from taken_up_ on
  std::optional<std::int64_t> fixed_end_;  // one behind the last offset that Latest may return
  bool closed_ = false;

  std::mutex notify_mutex_;  // guards notify_; taken after mutex_ is given back
  std::function<void()> notify_;
};

}  // namespace hf
