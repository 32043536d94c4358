// SPDX-License-Identifier: Apache-2.0
// Arrow's bitmaps: bit i is bit i%8 of byte i/8.
#pragma once

#include <cstdint>

namespace hf {

// How many of the `count` bits from `begin` on are zero.
std::int64_t CountZeros(const std::uint8_t* bits, std::int64_t begin, std::int64_t count);

}  // namespace hf
