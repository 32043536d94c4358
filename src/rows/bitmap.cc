// SPDX-License-Identifier: Apache-2.0
#include "rows/bitmap.h"

#include <bit>

namespace hf {

std::int64_t CountZeros(const std::uint8_t* bits, std::int64_t begin, std::int64_t count) {
  std::int64_t ones = 0;
  std::int64_t at = begin;
  const std::int64_t end = begin + count;
  const auto one_bit = [&] { return (bits[at >> 3] >> (at & 7)) & 1; };
  for (; at < end && (at & 7) != 0; ++at) {
    ones += one_bit();
  }
  for (; at + 8 <= end; at += 8) {
    ones += std::popcount(bits[at >> 3]);
  }
  for (; at < end; ++at) {
    ones += one_bit();
  }
  return count - ones;
}

}  // namespace hf
