// SPDX-License-Identifier: Apache-2.0
#include "sql/vector.h"

namespace hf {

Column Gather(const Column& column, std::span<const std::int64_t> chosen) {
  ColumnBuilder builder(column.type);
  builder.Reserve(static_cast<std::int64_t>(chosen.size()));
  for (const std::int64_t row : chosen) {
    builder.AppendFrom(column, row);
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
