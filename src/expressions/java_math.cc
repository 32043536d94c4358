// SPDX-License-Identifier: Apache-2.0
#include "expressions/java_math.h"

#include "expressions/double_bits.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace hf::java_math {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kTwo54 = 0x1p54;
// ln 2 in two parts, of which the first times a small whole number is exact.
constexpr double kLn2High = 6.93147180369123816490e-01;
constexpr double kLn2Low = 1.90821492927058770002e-10;
constexpr double kOneByLn2 = 1.44269504088896338700e+00;
// Half of pi in two parts.
constexpr double kHalfPi = 1.57079632679489655800e+00;
constexpr double kHalfPiLow = 6.12323399573676603587e-17;
constexpr double kPi = 3.14159265358979311600e+00;
constexpr double kPiLow = 1.2246467991473531772e-16;

// x = k * ln 2 + (high - low), with what is left at most half of ln 2.
struct Reduced {
  int k = 0;
  double high = 0;
  double low = 0;
};
Reduced ReduceByLn2(double x) {
  const std::int32_t size = HighOf(x) & 0x7FFF'FFFF;
  const bool negative = x < 0;
  if (size < 0x3FF0'A2B2) {  // 1.5 ln 2
    return negative ? Reduced{-1, x + kLn2High, -kLn2Low} : Reduced{1, x - kLn2High, kLn2Low};
  }
  const int k = static_cast<int>(kOneByLn2 * x + (negative ? -0.5 : 0.5));
  return {k, x - k * kLn2High, k * kLn2Low};
}

constexpr std::int32_t kHalfLn2 = 0x3FD6'2E42;  // as a high half

// The coefficients for log((1 + s) / (1 - s)) beyond 2s.
constexpr std::array<double, 7> kLogs = {6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01,
                                         2.222219843214978396e-01, 1.818357216161805012e-01, 1.531383769920937332e-01,
                                         1.479819860511658591e-01};

// (asin(x) - x) / x of t = x * x, and the same for the other end of the range.
double AsinRatio(double t) {
  constexpr std::array<double, 6> kOver = {1.66666666666666657415e-01, -3.25565818622400915405e-01,
                                           2.01212532134862925881e-01, -4.00555345006794114027e-02,
                                           7.91534994289814532176e-04, 3.47933107596021167570e-05};
  constexpr std::array<double, 5> kUnder = {1.0, -2.40339491173441421878e+00, 2.02094576023350569471e+00,
                                            -6.88283971605453293030e-01, 7.70381505559019352791e-02};
  return t * Polynomial(t, kOver) / Polynomial(t, kUnder);
}

}  // namespace

double Exp(double x) {
  if (std::isnan(x)) {
    return x;
  }
  if (x > 7.09782712893383973096e+02) {
    return kInfinity;
  }
  if (x < -7.45133219101941108420e+02) {
    return 0;
  }
  const std::int32_t size = HighOf(x) & 0x7FFF'FFFF;
  if (size < 0x3E30'0000) {  // 2^-28
    return 1.0 + x;
  }
  Reduced reduced;
  if (size > kHalfLn2) {
    reduced = ReduceByLn2(x);
    x = reduced.high - reduced.low;
  }
  constexpr std::array<double, 5> kRest = {1.66666666666666019037e-01, -2.77777777770155933842e-03,
                                           6.61375632143793436117e-05, -1.65339022054652515390e-06,
                                           4.13813679705723846039e-08};
  const double t = x * x;
  const double c = x - t * Polynomial(t, kRest);
  if (reduced.k == 0) {
    return 1.0 - ((x * c) / (c - 2.0) - x);
  }
  const double y = 1.0 - ((reduced.low - (x * c) / (2.0 - c)) - reduced.high);
  return reduced.k >= -1021 ? Scaled(y, reduced.k) : Scaled(y, reduced.k + 1000) * 0x1p-1000;
}

double Expm1(double x) {
  const std::int32_t size = HighOf(x) & 0x7FFF'FFFF;
  if (std::isnan(x) || size < 0x3C90'0000) {  // 2^-54
    return x;
  }
  if (x > 7.09782712893383973096e+02) {
    return kInfinity;
  }
  if (x < 0 && size >= 0x4043'687A) {  // -56 ln 2
    return -1.0;
  }
  Reduced reduced;
  double c = 0;  // what is lost in x
  if (size > kHalfLn2) {
    reduced = ReduceByLn2(x);
    x = reduced.high - reduced.low;
    c = (reduced.high - x) - reduced.low;
  }
  constexpr std::array<double, 6> kRest = {1.0,
                                           -3.33333333333331316428e-02,
                                           1.58730158725481460165e-03,
                                           -7.93650757867487942473e-05,
                                           4.00821782732936239552e-06,
                                           -2.01099218183624371326e-07};
  const double half = 0.5 * x;
  const double square = x * half;
  const double r = Polynomial(square, kRest);
  const double t = 3.0 - r * half;
  double e = square * ((r - t) / (6.0 - x * t));
  const int k = reduced.k;
  if (k == 0) {
    return x - (x * e - square);
  }
  e = (x * (e - c) - c);
  e -= square;
  if (k == -1) {
    return 0.5 * (x - e) - 0.5;
  }
  if (k == 1) {
    return x < -0.25 ? -2.0 * (e - (x + 0.5)) : 1.0 + 2.0 * (x - e);
  }
  if (k <= -2 || k > 56) {
    return Scaled(1.0 - (e - x), k) - 1.0;
  }
  if (k < 20) {
    return Scaled(OfHigh(0x3FF0'0000 - (0x20'0000 >> k)) - (e - x), k);  // 1 - 2^-k
  }
  return Scaled(x - (e + OfHigh((0x3FF - k) << 20)) + 1.0, k);
}

double Log(double x) {
  if (x == 0 || x < 0 || !(x < kInfinity)) {
    return x == 0 ? -kInfinity : x < 0 ? kNan : x;
  }
  int k = 0;
  if (HighOf(x) < 0x10'0000) {  // subnormal
    k = -54;
    x *= kTwo54;
  }
  // x = 2^k (1 + f), with 1 + f around 1.
  std::int32_t high = HighOf(x);
  k += (high >> 20) - 1023;
  high &= 0xF'FFFF;
  const std::int32_t upper = (high + 0x9'5F64) & 0x10'0000;
  x = WithHigh(x, high | (upper ^ 0x3FF0'0000));
  k += upper >> 20;
  const double f = x - 1.0;
  const double high_part = k * kLn2High;
  const double low_part = k * kLn2Low;
  if ((0xF'FFFF & (2 + high)) < 3) {  // |f| < 2^-20
    if (f == 0) {
      return k == 0 ? 0 : high_part + low_part;
    }
    const double rest = f * f * (0.5 - 0.33333333333333333 * f);
    return k == 0 ? f - rest : high_part - ((rest - low_part) - f);
  }
  const double s = f / (2.0 + f);
  const double z = s * s;
  const double w = z * z;
  const double even = w * (kLogs[1] + w * (kLogs[3] + w * kLogs[5]));
  const double odd = z * (kLogs[0] + w * (kLogs[2] + w * (kLogs[4] + w * kLogs[6])));
  const double rest = odd + even;
  if (((high - 0x6'147A) | (0x6'B851 - high)) > 0) {
    const double half = 0.5 * f * f;
    return k == 0 ? f - (half - s * (half + rest)) : high_part - ((half - (s * (half + rest) + low_part)) - f);
  }
  return k == 0 ? f - s * (f - rest) : high_part - ((s * (f - rest) - low_part) - f);
}

double Log10(double x) {
  if (x == 0 || x < 0 || !(x < kInfinity)) {
    return x == 0 ? -kInfinity : x < 0 ? kNan : x;
  }
  int k = 0;
  if (HighOf(x) < 0x10'0000) {
    k = -54;
    x *= kTwo54;
  }
  const std::int32_t high = HighOf(x);
  k += (high >> 20) - 1023;
  const int below = k < 0 ? 1 : 0;
  const double y = k + below;
  x = WithHigh(x, (high & 0xF'FFFF) | ((0x3FF - below) << 20));
  const double z = y * 3.69423907715893078616e-13 + 4.34294481903251816668e-01 * Log(x);
  return z + y * 3.01029995663611771306e-01;
}

double Log1p(double x) {
  const std::int32_t high = HighOf(x);
  const std::int32_t size = high & 0x7FFF'FFFF;
  if (std::isnan(x) || x == kInfinity) {
    return x;
  }
  if (x <= -1.0) {
    return x == -1.0 ? -kInfinity : kNan;
  }
  if (size < 0x3E20'0000) {  // 2^-29
    return size < 0x3C90'0000 ? x : x - x * x * 0.5;
  }
  int k = 0;
  double f = x;
  double c = 0;
  std::int32_t rest_high = 1;
  const bool near = high < 0x3FDA'827A && (high > 0 || high <= static_cast<std::int32_t>(0xBFD2'BEC3));
  if (!near) {
    double u = x;
    if (high < 0x4340'0000) {
      u = 1.0 + x;
      k = (HighOf(u) >> 20) - 1023;
      c = (k > 0 ? 1.0 - (u - x) : x - (u - 1.0)) / u;
    } else {
      k = (HighOf(u) >> 20) - 1023;
    }
    rest_high = HighOf(u) & 0xF'FFFF;
    if (rest_high < 0x6'A09E) {
      u = WithHigh(u, rest_high | 0x3FF0'0000);
    } else {
      ++k;
      u = WithHigh(u, rest_high | 0x3FE0'0000);
      rest_high = (0x10'0000 - rest_high) >> 2;
    }
    f = u - 1.0;
  }
  const double half = 0.5 * f * f;
  if (rest_high == 0) {  // |f| < 2^-20
    if (f == 0) {
      return k == 0 ? 0 : k * kLn2High + (c + k * kLn2Low);
    }
    const double rest = half * (1.0 - 0.66666666666666666 * f);
    return k == 0 ? f - rest : k * kLn2High - ((rest - (k * kLn2Low + c)) - f);
  }
  const double s = f / (2.0 + f);
  const double z = s * s;
  const double rest = z * Polynomial(z, kLogs);
  return k == 0 ? f - (half - s * (half + rest))
                : k * kLn2High - ((half - (s * (half + rest) + (k * kLn2Low + c))) - f);
}

double Cbrt(double x) {
  if (x == 0 || !std::isfinite(x)) {
    return x;
  }
  const double size = std::fabs(x);
  // A third of the exponent, to five bits.
  const double rough = HighOf(size) < 0x10'0000 ? OfHigh(HighOf(kTwo54 * size) / 3 + 696'219'795)
                                                : OfHigh(HighOf(size) / 3 + 715'094'163);
  double t = rough;
  double r = t * t / size;
  double s = 5.42857142857142815906e-01 + r * t;
  t *= 3.57142857142857150787e-01 +
       1.60714285714285720630e+00 / (s + 1.41428571428571436819e+00 + -7.05306122448979611050e-01 / s);
  // Cut to 20 bits, a little above the root; then one step of Newton's.
  t = OfHigh(HighOf(t) + 1);
  s = t * t;
  r = size / s;
  r = (r - t) / ((t + t) + r);
  t = t + t * r;
  return x < 0 ? -t : t;
}

double Hypot(double x, double y) {
  double a = std::fabs(x);
  double b = std::fabs(y);
  if (std::isinf(a) || std::isinf(b)) {
    return kInfinity;
  }
  if (std::isnan(a) || std::isnan(b)) {
    return kNan;
  }
  if (HighOf(b) > HighOf(a)) {
    std::swap(a, b);
  }
  std::int32_t high_a = HighOf(a);
  std::int32_t high_b = HighOf(b);
  if (high_a - high_b > 0x3C0'0000) {  // 2^60 times as large
    return a + b;
  }
  int k = 0;
  const auto scale = [&](int by) {
    high_a += by * 0x10'0000;
    high_b += by * 0x10'0000;
    a = WithHigh(a, high_a);
    b = WithHigh(b, high_b);
    k -= by;
  };
  if (high_a > 0x5F30'0000) {  // 2^500
    scale(-600);
  }
  if (high_b < 0x20B0'0000) {  // 2^-500
    if (high_b < 0x10'0000) {
      if (b == 0) {
        return a;
      }
      b *= 0x1p1022;
      a *= 0x1p1022;
      k -= 1022;
    } else {
      scale(600);
    }
  }
  double w = a - b;
  if (w > b) {
    const double a1 = OfHigh(high_a);
    const double a2 = a - a1;
    w = std::sqrt(a1 * a1 - (b * (-b) - a2 * (a + a1)));
  } else {
    a = a + a;
    const double b1 = OfHigh(high_b);
    const double b2 = b - b1;
    const double a1 = OfHigh(high_a + 0x10'0000);
    const double a2 = a - a1;
    w = std::sqrt(a1 * b1 - (w * (-w) - (a1 * b2 + a2 * b)));
  }
  return k == 0 ? w : Scaled(1.0, k) * w;
}

double Asin(double x) {
  const double size = std::fabs(x);
  if (!(size < 1.0)) {
    return size == 1.0 ? x * kHalfPi + x * kHalfPiLow : kNan;
  }
  if (size < 0x1p-27) {
    return x;
  }
  if (size < 0.5) {
    return x + x * AsinRatio(x * x);
  }
  double t = (1.0 - size) * 0.5;
  const double ratio = AsinRatio(t);
  const double s = std::sqrt(t);
  if (HighOf(size) >= 0x3FEF'3333) {  // 0.975
    t = kHalfPi - (2.0 * (s + s * ratio) - kHalfPiLow);
  } else {
    const double w = WithoutLow(s);
    const double c = (t - w * w) / (s + w);
    const double p = 2.0 * s * ratio - (kHalfPiLow - 2.0 * c);
    const double q = kHalfPi / 2 - 2.0 * w;
    t = kHalfPi / 2 - (p - q);
  }
  return x < 0 ? -t : t;
}

double Acos(double x) {
  const double size = std::fabs(x);
  if (!(size < 1.0)) {
    return x == 1.0 ? 0.0 : x == -1.0 ? kPi + 2.0 * kHalfPiLow : kNan;
  }
  if (size < 0.5) {
    return HighOf(size) <= 0x3C60'0000 ? kHalfPi + kHalfPiLow : kHalfPi - (x - (kHalfPiLow - x * AsinRatio(x * x)));
  }
  const double z = (1.0 - size) * 0.5;
  const double s = std::sqrt(z);
  const double ratio = AsinRatio(z);
  if (x < 0) {
    return kPi - 2.0 * (s + (ratio * s - kHalfPiLow));
  }
  const double upper = WithoutLow(s);
  const double c = (z - upper * upper) / (s + upper);
  return 2.0 * (upper + (ratio * s + c));
}

double Atan(double x) {
  // The angles of 1/2, 1, 3/2 and infinity, in two parts.
  constexpr std::array<double, 4> kAngles = {4.63647609000806093515e-01, 7.85398163397448278999e-01,
                                             9.82793723247329054082e-01, kHalfPi};
  constexpr std::array<double, 4> kAnglesLow = {2.26987774529616870924e-17, 3.06161699786838301793e-17,
                                                1.39033110312309984516e-17, kHalfPiLow};
  constexpr std::array<double, 6> kEven = {3.33333333333329318027e-01, 1.42857142725034663711e-01,
                                           9.09088713343650656196e-02, 6.66107313738753120669e-02,
                                           4.97687799461593236017e-02, 1.62858201153657823623e-02};
  constexpr std::array<double, 5> kOdd = {-1.99999999998764832476e-01, -1.11111104054623557880e-01,
                                          -7.69187620504482999495e-02, -5.83357013379057348645e-02,
                                          -3.65315727442169155270e-02};
  if (std::isnan(x)) {
    return x;
  }
  const double size = std::fabs(x);
  if (size >= 0x1p66) {
    return x > 0 ? kHalfPi + kHalfPiLow : -kHalfPi - kHalfPiLow;
  }
  if (size < 0x1p-27) {
    return x;
  }
  int angle = -1;
  double t = x;
  if (HighOf(size) >= 0x3FDC'0000) {   // 7/16
    if (HighOf(size) < 0x3FE6'0000) {  // 11/16
      angle = 0;
      t = (2.0 * size - 1.0) / (2.0 + size);
    } else if (HighOf(size) < 0x3FF3'0000) {  // 19/16
      angle = 1;
      t = (size - 1.0) / (size + 1.0);
    } else if (HighOf(size) < 0x4003'8000) {  // 39/16
      angle = 2;
      t = (size - 1.5) / (1.0 + 1.5 * size);
    } else {
      angle = 3;
      t = -1.0 / size;
    }
  }
  const double z = t * t;
  const double w = z * z;
  const double sum = z * Polynomial(w, kEven) + w * Polynomial(w, kOdd);
  if (angle < 0) {
    return t - t * sum;
  }
  const auto at = static_cast<std::size_t>(angle);
  const double made = kAngles[at] - ((t * sum - kAnglesLow[at]) - t);
  return x < 0 ? -made : made;
}

double Atan2(double y, double x) {
  if (std::isnan(x) || std::isnan(y)) {
    return kNan;
  }
  if (x == 1.0) {
    return Atan(y);
  }
  const bool left = std::signbit(x);
  const auto signed_as_y = [y](double angle) { return std::signbit(y) ? -angle : angle; };
  if (y == 0) {
    return left ? signed_as_y(kPi) : y;
  }
  if (x == 0) {
    return signed_as_y(kHalfPi);
  }
  if (std::isinf(x)) {
    const double quarter = kHalfPi / 2;
    return signed_as_y(std::isinf(y) ? (left ? 3.0 * quarter : quarter) : left ? kPi : 0.0);
  }
  if (std::isinf(y)) {
    return signed_as_y(kHalfPi);
  }
  const int k = ((HighOf(y) & 0x7FFF'FFFF) - (HighOf(x) & 0x7FFF'FFFF)) >> 20;
  const double z = k > 60 ? kHalfPi + 0.5 * kPiLow : left && k < -60 ? 0.0 : Atan(std::fabs(y / x));
  if (!left) {
    return signed_as_y(z);
  }
  return std::signbit(y) ? (z - kPiLow) - kPi : kPi - (z - kPiLow);
}

}  // namespace hf::java_math
