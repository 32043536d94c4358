// SPDX-License-Identifier: Apache-2.0
#include "expressions/vector.h"

namespace hf {

namespace {

// Without a look at the type for every row.
template <typename T>
void GatherInto(ColumnBuilder& builder, const Column& column, std::span<const std::int64_t> chosen) {
  const bool nulls = column.null_count > 0;
  for (const std::int64_t row : chosen) {
    if (nulls && column.IsNull(row)) {
      builder.AppendNull();
    } else if constexpr (std::is_same_v<T, std::string_view>) {
      builder.AppendBytes(column.Bytes(row));
    } else {
      builder.AppendFixed(column.Fixed<T>(row));
    }
  }
}

}  // namespace

Column Gather(const Column& column, std::span<const std::int64_t> chosen) {
  ColumnBuilder builder(column.type);
  builder.Reserve(static_cast<std::int64_t>(chosen.size()));
  const TypeKind kind = column.type.kind();
  if (kind == TypeKind::kString || kind == TypeKind::kBinary) {
    GatherInto<std::string_view>(builder, column, chosen);
    return builder.Finish();
  }
  switch (FixedWidth(kind)) {
    case 1: GatherInto<std::int8_t>(builder, column, chosen); break;
    case 2: GatherInto<std::int16_t>(builder, column, chosen); break;
    case 4: GatherInto<std::int32_t>(builder, column, chosen); break;
    case 8: GatherInto<std::int64_t>(builder, column, chosen); break;
    case 16: GatherInto<__int128>(builder, column, chosen); break;
    default:
      for (const std::int64_t row : chosen) {
        builder.AppendFrom(column, row);
      }
  }
  return builder.Finish();
}

Column Scatter(const Vector& vector, std::span<const std::int64_t> positions, std::int64_t rows) {
  ColumnBuilder builder(vector.column.type);
  builder.Reserve(rows);
  std::size_t next = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
    if (next < positions.size() && positions[next] == row) {
      builder.AppendFrom(vector.column, vector.At(static_cast<std::int64_t>(next++)));
    } else {
      builder.AppendNull();
    }
  }
  return builder.Finish();
}

Column Spread(const Vector& vector, std::int64_t rows) {
  if (!vector.constant) {
    return vector.column;
  }
  ColumnBuilder builder(vector.column.type);
  builder.Reserve(rows);
  for (std::int64_t row = 0; row < rows; ++row) {
    builder.AppendFrom(vector.column, 0);
  }
  return builder.Finish();
}

}  // namespace hf
