// SPDX-License-Identifier: Apache-2.0
// RowReader and RowAppender: objects in, columns out, and back. The typed API stands on these two.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "holdfast/batch.h"
#include "holdfast/struct_layout.h"

namespace hf {

namespace detail {
struct StructPlan;  // which column goes into which member, and how
}

// Copies rows of a batch into an object of one layout. Compiled once per (schema, layout); fields match by name.
class RowReader {
 public:
  // kInvalid names the member that the schema lacks, or whose type differs, with both types. `layout` must outlive the
  // reader.
  static Result<RowReader> Compile(const Schema& schema, const TypeLayout& layout);

  // Writes row `row` of `batch` (of the compiled schema) into `object`. Members of type std::string_view view the
  // batch's memory. Throws StatusError when a member that is not optional meets a null. Thread-safe.
  void Read(const ColumnBatch& batch, std::int64_t row, void* object) const;

  // Rows that are read in the order of their keys lie scattered in the batch. Whoever knows the next ones asks for them
  // ahead of Read: first for what is at a known place, some rows later for the text that those offsets point to.
  void Prefetch(const ColumnBatch& batch, std::int64_t row) const;
  void PrefetchText(const ColumnBatch& batch, std::int64_t row) const;

 private:
  explicit RowReader(std::shared_ptr<const detail::StructPlan> plan) : plan_(std::move(plan)) {}
  std::shared_ptr<const detail::StructPlan> plan_;
};

// Builds columns from objects of one layout.
class RowAppender {
 public:
  // kInvalid as RowReader::Compile, and when the schema has a column that the layout lacks. `layout` must outlive the
  // appender.
  static Result<std::unique_ptr<RowAppender>> Make(const Schema& schema, const TypeLayout& layout);
  virtual ~RowAppender() = default;

  // Adds one row. Throws StatusError when a datum does not fit its column (dynamic rows), when a column that allows no
  // null gets one, or when a column would pass 2 GiB.
  virtual void Append(const void* object) = 0;
  // Adds rows that are columns already. REQUIRES: the columns have the types of the appender's schema, and no null
  // where it allows none. Throws StatusError when a column would pass 2 GiB.
  virtual void AppendBatch(const ColumnBatch& rows) = 0;
  [[nodiscard]] virtual std::int64_t rows() const = 0;
  // Takes what was appended since the last Finish.
  virtual ColumnBatch Finish() = 0;
};

// Where one row of a micro-batch lies: the source may deliver a micro-batch as several column batches.
struct RowRef {
  std::uint32_t batch;
  std::uint32_t row;
};

// The rows of one key, in order.
struct RowSelection {
  std::span<const ColumnBatch> batches;
  std::span<const RowRef> rows;
};

}  // namespace hf
