// SPDX-License-Identifier: Apache-2.0
// ColumnBatch: rows as columns, in Apache Arrow's memory layout.
//
// A batch is immutable and cheap to copy: buffers are shared. It crosses to other libraries without a copy
// through the Arrow C data interface (holdfast/arrow_c.h).
//
// Physical layouts (Arrow's names): boolean bit-packed; byte/short/int/long/float/double fixed width; date
// int32 days; timestamp and timestamp_ntz int64 microseconds; decimal 16-byte little-endian two's complement;
// string and binary int32 offsets + bytes; array int32 offsets + one child; map int32 offsets + one child
// struct<key,value> held as two children; struct its children; void no buffers.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "holdfast/types.h"
#include "holdfast/value.h"

namespace hf {

// One column. Row i of the column is element `offset + i` of its buffers.
struct Column {
  DataType type;
  std::int64_t length = 0;
  std::int64_t offset = 0;
  std::int64_t null_count = 0;             // exact
  const std::uint8_t* validity = nullptr;  // bitmap, 1 = valid; nullptr when no row is null
  const std::uint8_t* values = nullptr;    // fixed-width values, boolean bitmap, or the bytes of strings
  const std::int32_t* offsets = nullptr;   // string, binary, array, map: length + 1 entries from `offset`
  std::vector<Column> children;            // array: element; map: key, value; struct: its fields
  std::shared_ptr<const void> owner;       // keeps the buffers alive

  [[nodiscard]] bool IsNull(std::int64_t row) const {
    if (type.kind() == TypeKind::kNull) {
      return true;
    }
    const std::int64_t at = offset + row;
    return validity != nullptr && ((validity[at >> 3] >> (at & 7)) & 1) == 0;
  }
  template <typename T>
  [[nodiscard]] T Fixed(std::int64_t row) const {
    T value;
    std::memcpy(&value, values + (offset + row) * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
    return value;
  }
  [[nodiscard]] bool Bool(std::int64_t row) const {
    const std::int64_t at = offset + row;
    return ((values[at >> 3] >> (at & 7)) & 1) != 0;
  }
  // Bytes of a string or binary; valid while the column (or a copy) lives.
  [[nodiscard]] std::string_view Bytes(std::int64_t row) const {
    const std::int32_t begin = offsets[offset + row];
    return {reinterpret_cast<const char*>(values) + begin, static_cast<std::size_t>(offsets[offset + row + 1] - begin)};
  }
};

class ColumnBatch {
 public:
  ColumnBatch() = default;
  // REQUIRES: one column a field, of the field's type, each `rows` long.
  ColumnBatch(Schema schema, std::vector<Column> columns, std::int64_t rows)
      : schema_(std::move(schema)), columns_(std::move(columns)), rows_(rows) {}

  [[nodiscard]] const Schema& schema() const { return schema_; }
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
  [[nodiscard]] const Column& column(std::size_t index) const { return columns_[index]; }

  // Rows [begin, begin + count) without a copy.
  [[nodiscard]] ColumnBatch Slice(std::int64_t begin, std::int64_t count) const;
  // The datum in one cell, copied out.
  [[nodiscard]] Value At(std::size_t column, std::int64_t row) const;
  [[nodiscard]] Row RowAt(std::int64_t row) const;

  // Builds a batch from rows; kInvalid names row, column and what does not fit the schema.
  static Result<ColumnBatch> FromRows(const Schema& schema, const std::vector<Row>& rows);

 private:
  Schema schema_;
  std::vector<Column> columns_;
  std::int64_t rows_ = 0;
};

// The datum in row `row` of `column`, copied out.
Value ValueAt(const Column& column, std::int64_t row);

}  // namespace hf
