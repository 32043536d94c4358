// SPDX-License-Identifier: Apache-2.0
#include "holdfast/batch.h"

#include <fmt/core.h>

#include "base/check.h"
#include "rows/bitmap.h"
#include "rows/column_builder.h"

namespace hf {
namespace {

Value NestedAt(const Column& column, std::int64_t row) {
  if (column.type.kind() == TypeKind::kStruct) {
    StructValue made;
    made.fields.reserve(column.children.size());
    for (const Column& child : column.children) {
      made.fields.push_back(ValueAt(child, column.offset + row));
    }
    return made;
  }
  const std::int64_t begin = column.offsets[column.offset + row];
  const std::int64_t end = column.offsets[column.offset + row + 1];
  if (column.type.kind() == TypeKind::kArray) {
    ArrayValue made;
    for (std::int64_t i = begin; i < end; ++i) {
      made.elements.push_back(ValueAt(column.children[0], i));
    }
    return made;
  }
  MapValue made;
  for (std::int64_t i = begin; i < end; ++i) {
    made.entries.emplace_back(ValueAt(column.children[0], i), ValueAt(column.children[1], i));
  }
  return made;
}

}  // namespace

Value ValueAt(const Column& column, std::int64_t row) {
  if (column.IsNull(row)) {
    return {};
  }
  switch (column.type.kind()) {
    case TypeKind::kNull: return {};
    case TypeKind::kBoolean: return column.Bool(row);
    case TypeKind::kByte: return column.Fixed<std::int8_t>(row);
    case TypeKind::kShort: return column.Fixed<std::int16_t>(row);
    case TypeKind::kInt: return column.Fixed<std::int32_t>(row);
    case TypeKind::kLong: return column.Fixed<std::int64_t>(row);
    case TypeKind::kFloat: return column.Fixed<float>(row);
    case TypeKind::kDouble: return column.Fixed<double>(row);
    case TypeKind::kDecimal: return Decimal{column.Fixed<__int128>(row), column.type.scale()};
    case TypeKind::kString: return std::string(column.Bytes(row));
    case TypeKind::kBinary: return Binary{std::string(column.Bytes(row))};
    case TypeKind::kDate: return Date{column.Fixed<std::int32_t>(row)};
    case TypeKind::kTimestamp: return Timestamp{column.Fixed<std::int64_t>(row)};
    case TypeKind::kTimestampNtz: return TimestampNtz{column.Fixed<std::int64_t>(row)};
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kStruct: return NestedAt(column, row);
  }
  return {};
}

ColumnBatch ColumnBatch::Slice(std::int64_t begin, std::int64_t count) const {
  HF_CHECK(begin >= 0 && count >= 0 && begin <= rows_ && count <= rows_ - begin, "rows [{}, {}+{}) of {}", begin, begin,
           count, rows_);
  std::vector<Column> columns = columns_;
  for (Column& column : columns) {
    column.offset += begin;
    column.length = count;
    if (column.type.kind() == TypeKind::kNull) {
      column.null_count = count;
    } else if (column.validity != nullptr) {
      column.null_count = CountZeros(column.validity, column.offset, count);
    }
  }
  return {schema_, std::move(columns), count};
}

Value ColumnBatch::At(std::size_t column, std::int64_t row) const {
  HF_CHECK(column < columns_.size() && row >= 0 && row < rows_);
  return ValueAt(columns_[column], row);
}

Row ColumnBatch::RowAt(std::int64_t row) const {
  Row made;
  made.reserve(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    made.push_back(At(i, row));
  }
  return made;
}

Result<ColumnBatch> ColumnBatch::FromRows(const Schema& schema, const std::vector<Row>& rows) {
  std::vector<ColumnBuilder> builders = MakeBuilders(schema);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].size() != schema.size()) {
      return Invalid(fmt::format("row {}: {} values for {} columns", i, rows[i].size(), schema.size()));
    }
    for (std::size_t j = 0; j < schema.size(); ++j) {
      const StructField& field = schema.field(j);
      if (Status status = CheckValue(rows[i][j], field.type, field.nullable, field.name); !status.ok()) {
        return status.WithContext(fmt::format("row {}", i));
      }
      builders[j].AppendValue(rows[i][j]);
    }
  }
  const ColumnBatch batch = FinishBatch(schema, builders);
  return ColumnBatch(schema, batch.columns(), static_cast<std::int64_t>(rows.size()));
}

}  // namespace hf
