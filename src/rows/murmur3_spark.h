// SPDX-License-Identifier: Apache-2.0
// Spark's hash() of grouping columns (org.apache.spark.sql.catalyst.expressions.Murmur3HashFunction), which says in
// which partition a key lives. It is Murmur3_x86_32 with one deviation that must be kept: the bytes behind the last
// whole word are mixed one at a time, each as a signed int (Murmur3_x86_32.hashUnsafeBytes). Columns are folded, the
// hash of one is the seed of the next; a null leaves it as it is.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "holdfast/batch.h"

namespace hf {

inline constexpr std::int32_t kSparkHashSeed = 42;

std::int32_t HashInt(std::int32_t value, std::int32_t seed);
std::int32_t HashLong(std::int64_t value, std::int32_t seed);
std::int32_t HashBytes(std::string_view bytes, std::int32_t seed);

// Returns hash(columns) of one row. REQUIRES: no column is or holds a map, which Spark does not group by.
std::int32_t HashRow(std::span<const Column* const> columns, std::int64_t row, std::int32_t seed = kSparkHashSeed);
// The same for rows [0, out.size()).
void HashRows(std::span<const Column* const> columns, std::span<std::int32_t> out, std::int32_t seed = kSparkHashSeed);

// Spark's pmod(hash, partitions), the partition of a key. REQUIRES: partitions > 0.
inline std::int32_t PartitionOfHash(std::int32_t hash, std::int32_t partitions) {
  const std::int32_t rest = hash % partitions;
  return rest < 0 ? rest + partitions : rest;
}

}  // namespace hf
