// SPDX-License-Identifier: Apache-2.0
// Spark's xxhash64() (org.apache.spark.sql.catalyst.expressions.XxHash64Function).
#pragma once

#include <cstdint>

#include "holdfast/batch.h"

namespace hf {

inline constexpr std::int64_t kSparkXxHash64Seed = 42;

// The hash of one datum; `seed` is that of what stands before it. REQUIRES: the column is and holds no map.
std::int64_t XxHash64(const Column& column, std::int64_t row, std::int64_t seed);

}  // namespace hf
