// SPDX-License-Identifier: Apache-2.0
// Java's StrictMath.pow. The logarithm of x to the base 2 is kept in two parts, of which the upper half of the bits of
// one can be multiplied without an error.
#include <cmath>
#include <limits>

#include "expressions/double_bits.h"
#include "expressions/java_math.h"

namespace hf::java_math {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct TwoParts {
  double high = 0;
  double low = 0;
};

enum class Whole { kNot, kOdd, kEven };
Whole WholenessOf(double y) {
  if (std::fabs(y) >= 0x1p53) {
    return Whole::kEven;
  }
  return y != std::trunc(y) ? Whole::kNot : std::fmod(y, 2) == 0 ? Whole::kEven : Whole::kOdd;
}

// log2(x) for x within 2^-20 of 1.
TwoParts LogNearOne(double x) {
  const double t = x - 1.0;
  const double w = (t * t) * (0.5 - t * (0.3333333333333333333333 - t * 0.25));
  const double u = 1.44269502162933349609e+00 * t;
  const double v = t * 1.92596299112661746887e-08 - w * 1.44269504088896338700e+00;
  const double high = WithoutLow(u + v);
  return {high, v - (high - u)};
}

// log2(x) of a number above 0: x is 2^n times something around 1 or 1.5.
TwoParts LogOf(double x) {
  constexpr std::array<double, 6> kSeries = {5.99999999999994648725e-01, 4.28571428578550184252e-01,
                                             3.33333329818377432918e-01, 2.72728123808534006489e-01,
                                             2.30660745775561754067e-01, 2.06975017800338417784e-01};
  int n = 0;
  if (HighOf(x) < 0x10'0000) {
    x *= 0x1p53;
    n = -53;
  }
  n += (HighOf(x) >> 20) - 0x3FF;
  const std::int32_t digits = HighOf(x) & 0xF'FFFF;
  std::int32_t high = digits | 0x3FF0'0000;
  const bool upper = digits > 0x3'988E && digits < 0xB'B67A;  // between the roots of 3/2 and 3
  if (digits >= 0xB'B67A) {
    ++n;
    high -= 0x10'0000;
  }
  x = WithHigh(x, high);
  const double middle = upper ? 1.5 : 1.0;
  const double u = x - middle;
  const double v = 1.0 / (x + middle);
  const double s = u * v;
  const double s_high = WithoutLow(s);
  const double sum_high = OfHigh(((high >> 1) | 0x2000'0000) + 0x8'0000 + (upper ? 1 << 18 : 0));
  const double sum_low = x - (sum_high - middle);
  const double s_low = v * ((u - s_high * sum_high) - s_high * sum_low);
  const double s2 = s * s;
  double r = s2 * s2 * Polynomial(s2, kSeries);
  r += s_low * (s_high + s);
  const double square = s_high * s_high;
  const double t_high = WithoutLow(3.0 + square + r);
  const double t_low = r - ((t_high - 3.0) - square);
  const double product = s_high * t_high;
  const double rest = s_low * t_high + t_low * s;
  const double p_high = WithoutLow(product + rest);
  const double p_low = rest - (p_high - product);
  // Times 2 / (3 ln 2), and log2 of the middle.
  const double z_high = 9.61796700954437255859e-01 * p_high;
  const double z_low = -7.02846165095275826516e-09 * p_high + p_low * 9.61796693925975554329e-01 +
                       (upper ? 1.35003920212974897128e-08 : 0.0);
  const double middle_high = upper ? 5.84962487220764160156e-01 : 0.0;
  const double t = n;
  const double made = WithoutLow(((z_high + z_low) + middle_high) + t);
  return {made, z_low - (((made - t) - middle_high) - z_high)};
}

// 2 to the power of both parts, times `sign`.
double PowerOfTwo(TwoParts exponent, double sign) {
  constexpr std::array<double, 5> kRest = {1.66666666666666019037e-01, -2.77777777770155933842e-03,
                                           6.61375632143793436117e-05, -1.65339022054652515390e-06,
                                           4.13813679705723846039e-08};
  double z = exponent.low + exponent.high;
  if (z >= 1024.0 && (z > 1024.0 || exponent.low + 8.0085662595372944372e-17 > z - exponent.high)) {
    return sign * kInfinity;
  }
  if (z <= -1075.0 && (z < -1075.0 || exponent.low <= z - exponent.high)) {
    return sign * 0.0;
  }
  const std::int32_t high = HighOf(z);
  std::int32_t n = 0;
  if ((high & 0x7FFF'FFFF) > 0x3FE0'0000) {  // n is the whole number next to z
    const int k = ((high & 0x7FFF'FFFF) >> 20) - 0x3FF;
    const std::int32_t next = high + (0x10'0000 >> (k + 1));
    const int k_next = ((next & 0x7FFF'FFFF) >> 20) - 0x3FF;
    exponent.high -= OfHigh(next & ~(0xF'FFFF >> k_next));
    n = ((next & 0xF'FFFF) | 0x10'0000) >> (20 - k_next);
    n = high < 0 ? -n : n;
  }
  const double t = WithoutLow(exponent.low + exponent.high);
  const double u = t * 6.93147182464599609375e-01;
  const double v = (exponent.low - (t - exponent.high)) * 6.93147180559945286227e-01 + t * -1.90465429995776804525e-09;
  z = u + v;
  const double w = v - (z - u);
  const double square = z * z;
  const double part = z - square * Polynomial(square, kRest);
  const double r = (z * part) / (part - 2.0) - (w + z * w);
  z = 1.0 - (r - z);
  // Results that are subnormal are rounded once, by the multiplication.
  const std::int32_t scaled = HighOf(z) + n * 0x10'0000;
  return sign * ((scaled >> 20) <= 0 ? std::ldexp(z, n) : WithHigh(z, scaled));
}

}  // namespace

double Pow(double x, double y) {
  if (y == 0) {
    return 1.0;
  }
  if (std::isnan(x) || std::isnan(y)) {
    return kNan;
  }
  const double size = std::fabs(x);
  if (std::isinf(y)) {
    return size == 1.0 ? kNan : (size > 1.0) == (y > 0) ? kInfinity : 0.0;
  }
  if (y == 1.0 || y == 2.0 || y == -1.0) {
    return y == 1.0 ? x : y == 2.0 ? x * x : 1.0 / x;
  }
  if (y == 0.5 && std::isfinite(x)) {
    return std::sqrt(x + 0.0);
  }
  const Whole whole = std::signbit(x) ? WholenessOf(y) : Whole::kEven;
  const double sign = whole == Whole::kOdd ? -1.0 : 1.0;
  if (size == 0 || size == 1.0 || std::isinf(size)) {
    const double made = y < 0 ? 1.0 / size : size;
    return x == -1.0 && whole == Whole::kNot ? kNan : sign * made;
  }
  if (whole == Whole::kNot) {
    return kNan;
  }
  TwoParts log;
  if (std::fabs(y) > 0x1.00000ffffffffp31) {
    const bool grows = (size > 1.0) == (y > 0);
    const std::int32_t high = HighOf(size);
    if (high < 0x3FEF'FFFF || high > 0x3FF0'0000 || std::fabs(y) >= 0x1.00001p64) {
      return sign * (grows ? kInfinity : 0.0);
    }
    log = LogNearOne(size);
  } else {
    log = LogOf(size);
  }
  const double y_high = WithoutLow(y);
  return PowerOfTwo({y_high * log.high, (y - y_high) * log.high + y * log.low}, sign);
}

}  // namespace hf::java_math
