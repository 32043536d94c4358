// SPDX-License-Identifier: Apache-2.0
// Decimals on the way to their result: exact in 512 bits, then rounded as Spark rounds (half away from zero).
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <optional>

#include "rows/decimal_limits.h"

namespace hf {

using WideInteger = boost::multiprecision::int512_t;

inline WideInteger WideOf(__int128 value) {
  const bool negative = value < 0;
  const auto magnitude = negative ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  WideInteger wide = static_cast<std::uint64_t>(magnitude >> 64);
  wide <<= 64;
  wide += static_cast<std::uint64_t>(magnitude);
  return negative ? WideInteger(-wide) : wide;
}

// 10^exponent. REQUIRES: 0 <= exponent <= 150.
inline WideInteger WidePower(int exponent) {
  return boost::multiprecision::pow(WideInteger(10), static_cast<unsigned>(exponent));
}

// value / by, half away from zero. REQUIRES: by != 0.
inline WideInteger DivideHalfUp(const WideInteger& value, const WideInteger& by) {
  WideInteger quotient;
  WideInteger remainder;
  boost::multiprecision::divide_qr(value, by, quotient, remainder);
  const bool negative = (value < 0) != (by < 0);
  if (2 * boost::multiprecision::abs(remainder) >= boost::multiprecision::abs(by)) {
    quotient += negative ? -1 : 1;
  }
  return quotient;
}

// The same number with another scale.
inline WideInteger Rescaled(const WideInteger& value, int from_scale, int to_scale) {
  return to_scale >= from_scale ? WideInteger(value * WidePower(to_scale - from_scale))
                                : DivideHalfUp(value, WidePower(from_scale - to_scale));
}

// Scala's BigDecimal rounds to 34 digits, half to even (MathContext.DECIMAL128).
inline WideInteger RoundedTo34(const WideInteger& value) {
  constexpr int kDigits = 34;
  const WideInteger magnitude = boost::multiprecision::abs(value);
  int excess = 0;
  while (magnitude >= WidePower(kDigits + excess)) {
    ++excess;
  }
  if (excess == 0) {
    return value;
  }
  const WideInteger unit = WidePower(excess);
  WideInteger quotient = magnitude / unit;
  const WideInteger twice = (magnitude % unit) * 2;
  if (twice > unit || (twice == unit && (quotient & 1) != 0)) {
    ++quotient;
  }
  quotient *= unit;
  return value < 0 ? WideInteger(-quotient) : quotient;
}

// BigInteger.longValue.
inline std::uint64_t LowBits(const WideInteger& value) {
  const WideInteger magnitude = boost::multiprecision::abs(value);
  const auto low = static_cast<std::uint64_t>(magnitude & WideInteger(~std::uint64_t{0}));
  return value < 0 ? 0 - low : low;
}

// nullopt when `value` has more digits than `precision`.
inline std::optional<__int128> Narrowed(const WideInteger& value, int precision) {
  const WideInteger magnitude = boost::multiprecision::abs(value);
  if (magnitude >= WidePower(precision)) {
    return std::nullopt;
  }
  const auto high = static_cast<std::uint64_t>(magnitude >> 64);
  const auto low = static_cast<std::uint64_t>(magnitude & WideInteger(~std::uint64_t{0}));
  const auto narrow = static_cast<__int128>(static_cast<unsigned __int128>(high) << 64 | low);
  return value < 0 ? -narrow : narrow;
}

// `unscaled` with another scale and at most `precision` digits, or nullopt.
inline std::optional<__int128> RescaledDecimal(__int128 unscaled, int from_scale, int precision, int scale) {
  if (scale == from_scale) {
    return FitsDecimal(unscaled, precision) ? std::optional(unscaled) : std::nullopt;
  }
  if (__int128 more = 0; scale > from_scale && scale - from_scale <= kDecimalPrecisionMax &&
                         !__builtin_mul_overflow(unscaled, PowerOfTen(scale - from_scale), &more)) {
    return FitsDecimal(more, precision) ? std::optional(more) : std::nullopt;
  }
  return Narrowed(Rescaled(WideOf(unscaled), from_scale, scale), precision);
}

}  // namespace hf
