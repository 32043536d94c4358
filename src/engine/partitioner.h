// SPDX-License-Identifier: Apache-2.0
// Partitioner: which rows of a batch belong to which partition. Placement is Spark's (rows/murmur3_spark.h): a key put
// elsewhere would be two copies of a key, and nobody would notice.
#pragma once

#include <cstdint>
#include <vector>

#include "holdfast/batch.h"

namespace hf {

class Partitioner {
 public:
  Partitioner(std::vector<std::size_t> key_columns, std::size_t partitions)
      : key_columns_(std::move(key_columns)), partitions_(partitions) {}

  // Row numbers by partition, ascending.
  std::vector<std::vector<std::uint32_t>> Split(const ColumnBatch& batch);

 private:
  const std::vector<std::size_t> key_columns_;
  const std::size_t partitions_;
  std::vector<std::int32_t> hashes_;
};

}  // namespace hf
