// SPDX-License-Identifier: Apache-2.0
// Inner part of java_math: halves of a double's bits, and polynomials in the order in which they are to be evaluated.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace hf::java_math {

// The algorithms choose their ways by the upper half of a number's bits.
inline std::int32_t HighOf(double x) { return static_cast<std::int32_t>(std::bit_cast<std::uint64_t>(x) >> 32); }
inline double WithHigh(double x, std::int32_t high) {
  const std::uint64_t low = std::bit_cast<std::uint64_t>(x) & 0xFFFF'FFFFu;
  return std::bit_cast<double>(std::uint64_t{static_cast<std::uint32_t>(high)} << 32 | low);
}
inline double OfHigh(std::int32_t high) { return WithHigh(0, high); }
inline double WithoutLow(double x) { return OfHigh(HighOf(x)); }
// 2^k times x, for results that are normal.
inline double Scaled(double x, int k) {
  return WithHigh(
      x, static_cast<std::int32_t>(static_cast<std::uint32_t>(HighOf(x)) + (static_cast<std::uint32_t>(k) << 20)));
}

// c[0] + x * (c[1] + x * (...)).
template <std::size_t N>
double Polynomial(double x, const std::array<double, N>& c) {
  double sum = c[N - 1];
  for (std::size_t i = N - 1; i-- > 0;) {
    sum = c[i] + x * sum;
  }
  return sum;
}

}  // namespace hf::java_math
