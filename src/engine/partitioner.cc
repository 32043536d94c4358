// SPDX-License-Identifier: Apache-2.0
#include "engine/partitioner.h"

#include "rows/murmur3_spark.h"

namespace hf {

std::vector<std::vector<std::uint32_t>> Partitioner::Split(const ColumnBatch& batch) {
  std::vector<const Column*> columns;
  for (const std::size_t column : key_columns_) {
    columns.push_back(&batch.column(column));
  }
  const auto rows = static_cast<std::size_t>(batch.rows());
  hashes_.resize(rows);
  HashRows(columns, hashes_);
  std::vector<std::vector<std::uint32_t>> split(partitions_);
  for (auto& part : split) {
    part.reserve(rows / partitions_ + rows / 16);
  }
  for (std::uint32_t row = 0; row < rows; ++row) {
    const std::int32_t partition = PartitionOfHash(hashes_[row], static_cast<std::int32_t>(partitions_));
    split[static_cast<std::size_t>(partition)].push_back(row);
  }
  return split;
}

}  // namespace hf
