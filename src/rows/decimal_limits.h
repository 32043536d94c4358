// SPDX-License-Identifier: Apache-2.0
// How many digits a decimal holds.
#pragma once

#include <array>

namespace hf {

inline constexpr int kDecimalPrecisionMax = 38;

// 10^exponent. REQUIRES: 0 <= exponent <= 38.
inline __int128 PowerOfTen(int exponent) {
  static const auto powers = [] {
    std::array<__int128, kDecimalPrecisionMax + 1> made{};
    made[0] = 1;
    for (std::size_t i = 1; i < made.size(); ++i) {
      made[i] = made[i - 1] * 10;
    }
    return made;
  }();
  return powers[static_cast<std::size_t>(exponent)];
}

inline bool FitsDecimal(__int128 unscaled, int precision) {
  const __int128 limit = PowerOfTen(precision);
  return unscaled < limit && unscaled > -limit;
}

}  // namespace hf
