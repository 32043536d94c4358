// SPDX-License-Identifier: Apache-2.0
// What the rate sources have in common: rows of a time and a number, dealt out to partitions as Spark deals them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "holdfast/source.h"

namespace hf {

// timestamp TIMESTAMP, value BIGINT (Spark 4.3 RateStreamProvider.SCHEMA).
const Schema& RateSchema();

// The largest time in milliseconds whose microseconds are a TIMESTAMP.
inline constexpr std::int64_t kRateMsMax = 9'000'000'000'000'000;

// Microseconds since the epoch of a value.
using TimeOfValue = std::function<std::int64_t(std::int64_t value)>;

// The values from `begin` up to and without `end`: partition p has begin + p, begin + p + partitions and so on.
// Partitions without a value are left out.
std::vector<std::unique_ptr<SourceSplit>> DealOut(std::int64_t begin, std::int64_t end, std::int64_t partitions,
                                                  const TimeOfValue& time_of);

}  // namespace hf
