// SPDX-License-Identifier: Apache-2.0
// round, floor, ceil, sqrt, sign; exp, logarithms, cbrt, hypot, angles (Spark 4.3 mathExpressions.scala). sin, cos and
// tan are left out: they are the processor's affair in Java, too.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "expressions/java_math.h"
#include "expressions/routine.h"
#include "expressions/wide_decimal.h"
#include "rows/scalar_text.h"

namespace hf {
namespace {

std::int64_t WholeOf(RowOutcome& outcome, double value) {
  if (std::isnan(value)) {
    return 0;
  }
  if (!(value >= -9223372036854775808.0 && value < 9223372036854775808.0)) {
    outcome.Fail("ARITHMETIC_OVERFLOW", fmt::format("{} has no whole number in BIGINT", value));
    return 0;
  }
  return static_cast<std::int64_t>(value);
}

std::int64_t Floor(RowOutcome& outcome, double value) { return WholeOf(outcome, std::floor(value)); }
std::int64_t Ceil(RowOutcome& outcome, double value) { return WholeOf(outcome, std::ceil(value)); }
std::int64_t Whole(RowOutcome&, std::int64_t value) { return value; }

template <int direction>
__int128 WholeDecimal(RowOutcome& outcome, __int128 unscaled) {
  const __int128 unit = PowerOfTen(outcome.argument_type(0).scale());
  const __int128 cut = unscaled / unit;
  const __int128 rest = unscaled % unit;
  return rest * direction > 0 ? cut + direction : cut;
}

double SquareRoot(RowOutcome&, double value) { return std::sqrt(value); }
double Sign(RowOutcome&, double value) { return value > 0 ? 1.0 : value < 0 ? -1.0 : value; }

template <double (*F)(double)>
double OfOne(RowOutcome&, double value) {
  return F(value);
}
template <double (*F)(double, double)>
double OfTwo(RowOutcome&, double left, double right) {
  return F(left, right);
}
// Spark makes 0.0 of -0.0 here.
double Angle(double y, double x) { return java_math::Atan2(y + 0.0, x + 0.0); }
double Log2(double value) { return java_math::Log(value) / java_math::Log(2.0); }
// Null at and below the number that has no logarithm (Spark: UnaryLogExpression).
template <double (*F)(double), int no_logarithm>
double LogarithmOf(RowOutcome& outcome, double value) {
  if (value <= no_logarithm) {
    outcome.SetNull();
    return 0;
  }
  return F(value);
}
double LogarithmTo(RowOutcome& outcome, double base, double value) {
  if (base <= 0 || value <= 0) {
    outcome.SetNull();
    return 0;
  }
  return java_math::Log(value) / java_math::Log(base);
}
double Degrees(RowOutcome&, double value) { return value * 57.29577951308232; }
double Radians(RowOutcome&, double value) { return value * 0.017453292519943295; }

// BigDecimal.valueOf(value).setScale(digits, HALF_UP or HALF_EVEN): rounds the decimal text of the number, not the
// number, so that 1.005 becomes 1.01.
double RoundText(double value, int digits, bool half_even) {
  if (!std::isfinite(value) || value == 0) {
    return value == 0 ? 0.0 : value;
  }
  std::array<char, 40> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), std::fabs(value), std::chars_format::scientific);
  const std::string_view whole(text.data(), static_cast<std::size_t>(end.ptr - text.data()));
  const std::size_t e = whole.find('e');
  std::string figures(1, whole[0]);
  figures += e > 2 ? whole.substr(2, e - 2) : "";
  const int exponent = std::atoi(std::string(whole.substr(e + 1)).c_str());
  // figures[i] stands for 10^(exponent - i); those below 10^-digits go.
  const std::int64_t kept = std::int64_t{exponent} + digits + 1;
  if (kept >= static_cast<std::int64_t>(figures.size())) {
    return value;
  }
  if (kept < 0) {
    return 0.0;
  }
  const std::string rest = figures.substr(static_cast<std::size_t>(kept));
  figures.resize(static_cast<std::size_t>(kept));
  const bool tie = rest[0] == '5' && rest.find_first_not_of('0', 1) == std::string::npos;
  const bool odd = !figures.empty() && (figures.back() - '0') % 2 == 1;
  const bool up = tie && half_even ? odd : rest[0] >= '5';
  std::uint64_t number = figures.empty() ? 0 : std::stoull(figures);
  number += up ? 1 : 0;
  if (number == 0) {
    return 0.0;
  }
  const double rounded = ParseDouble(fmt::format("{}e{}", number, -digits)).value_or(0);
  return value < 0 ? -rounded : rounded;
}

template <bool half_even>
double RoundDouble(RowOutcome&, double value, std::int32_t digits) {
  return RoundText(value, digits, half_even);
}
template <bool half_even>
float RoundFloat(RowOutcome&, float value, std::int32_t digits) {
  return static_cast<float>(RoundText(static_cast<double>(value), digits, half_even));
}

template <typename T, bool half_even>
T RoundInteger(RowOutcome& outcome, T value, std::int32_t digits) {
  if (digits >= 0) {
    return value;
  }
  if (digits < -19) {
    return 0;
  }
  const __int128 unit = PowerOfTen(-digits);
  __int128 quotient = value / unit;
  const __int128 rest = value % unit;
  const __int128 twice = (rest < 0 ? -rest : rest) * 2;
  if (twice > unit || (twice == unit && (!half_even || quotient % 2 != 0))) {
    quotient += value < 0 ? -1 : 1;
  }
  const __int128 rounded = quotient * unit;
  if (rounded > std::numeric_limits<T>::max() || rounded < std::numeric_limits<T>::min()) {
    outcome.Fail("ARITHMETIC_OVERFLOW", fmt::format("round({}, {}) has no value of its type", value, digits));
    return 0;
  }
  return static_cast<T>(rounded);
}

__int128 RoundDecimal(RowOutcome& outcome, __int128 unscaled, std::int32_t digits) {
  const int scale = outcome.argument_type(0).scale();
  if (digits >= scale) {
    return unscaled;
  }
  if (digits < -kDecimalPrecisionMax) {
    return 0;
  }
  WideInteger rounded = Rescaled(WideOf(unscaled), scale, digits);
  rounded *= WidePower(outcome.type().scale() - digits);
  const auto made = Narrowed(rounded, outcome.type().precision());
  if (!made.has_value()) {
    outcome.Fail("NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION",
                 fmt::format("the result of round does not fit {}", outcome.type().ToSql()));
  }
  return made.value_or(0);
}

void AddRound(std::vector<Routine>& list, TypeKind kind, Kernel kernel, bool can_fail, std::string_view name) {
  list.push_back({.name = std::string(name),
                  .arguments = {kind, TypeKind::kInt},
                  .result = kind,
                  .kernel = kernel,
                  .can_fail = can_fail,
                  .makes_null = true});
}

template <typename T>
void AddRoundOf(std::vector<Routine>& list, TypeKind kind) {
  AddRound(list, kind, EachRow<&RoundInteger<T, false>>::Run, true, "round");
  AddRound(list, kind, EachRow<&RoundInteger<T, true>>::Run, true, "bround");
}

void AddReals(std::vector<Routine>& list) {
  const auto add = [&](std::string_view name, std::size_t arguments, Kernel kernel, bool makes_null = false) {
    list.push_back({.name = std::string(name),
                    .arguments = std::vector<TypeKind>(arguments, TypeKind::kDouble),
                    .result = TypeKind::kDouble,
                    .kernel = kernel,
                    .makes_null = makes_null});
  };
  add("exp", 1, EachRow<&OfOne<java_math::Exp>>::Run, true);
  add("expm1", 1, EachRow<&OfOne<java_math::Expm1>>::Run, true);
  add("cbrt", 1, EachRow<&OfOne<java_math::Cbrt>>::Run, true);
  add("asin", 1, EachRow<&OfOne<java_math::Asin>>::Run, true);
  add("acos", 1, EachRow<&OfOne<java_math::Acos>>::Run, true);
  add("atan", 1, EachRow<&OfOne<java_math::Atan>>::Run, true);
  add("degrees", 1, EachRow<&Degrees>::Run, true);
  add("radians", 1, EachRow<&Radians>::Run, true);
  add("atan2", 2, EachRow<&OfTwo<Angle>>::Run);
  add("hypot", 2, EachRow<&OfTwo<java_math::Hypot>>::Run);
  add("power", 2, EachRow<&OfTwo<java_math::Pow>>::Run);
  // Spark takes a null for possible in every function of one number.
  add("ln", 1, EachRow<&LogarithmOf<java_math::Log, 0>>::Run, true);
  add("log2", 1, EachRow<&LogarithmOf<Log2, 0>>::Run, true);
  add("log10", 1, EachRow<&LogarithmOf<java_math::Log10, 0>>::Run, true);
  add("log1p", 1, EachRow<&LogarithmOf<java_math::Log1p, -1>>::Run, true);
  add("log", 2, EachRow<&LogarithmTo>::Run, true);
}

}  // namespace

void AddMathematics(std::vector<Routine>& list) {
  AddReals(list);
  const auto one = [&](std::string_view name, TypeKind from, TypeKind to, Kernel kernel) {
    list.push_back({.name = std::string(name),
                    .arguments = {from},
                    .result = to,
                    .kernel = kernel,
                    .can_fail = to == TypeKind::kLong,
                    .makes_null = true});
  };
  one("floor", TypeKind::kDouble, TypeKind::kLong, EachRow<&Floor>::Run);
  one("floor", TypeKind::kLong, TypeKind::kLong, EachRow<&Whole>::Run);
  one("floor", TypeKind::kDecimal, TypeKind::kDecimal, EachRow<&WholeDecimal<-1>>::Run);
  one("ceil", TypeKind::kDouble, TypeKind::kLong, EachRow<&Ceil>::Run);
  one("ceil", TypeKind::kLong, TypeKind::kLong, EachRow<&Whole>::Run);
  one("ceil", TypeKind::kDecimal, TypeKind::kDecimal, EachRow<&WholeDecimal<1>>::Run);
  one("sqrt", TypeKind::kDouble, TypeKind::kDouble, EachRow<&SquareRoot>::Run);
  one("sign", TypeKind::kDouble, TypeKind::kDouble, EachRow<&Sign>::Run);
  AddRoundOf<std::int8_t>(list, TypeKind::kByte);
  AddRoundOf<std::int16_t>(list, TypeKind::kShort);
  AddRoundOf<std::int32_t>(list, TypeKind::kInt);
  AddRoundOf<std::int64_t>(list, TypeKind::kLong);
  AddRound(list, TypeKind::kFloat, EachRow<&RoundFloat<false>>::Run, false, "round");
  AddRound(list, TypeKind::kDouble, EachRow<&RoundDouble<false>>::Run, false, "round");
  AddRound(list, TypeKind::kDouble, EachRow<&RoundDouble<true>>::Run, false, "bround");
  AddRound(list, TypeKind::kDecimal, EachRow<&RoundDecimal>::Run, true, "round");
}

}  // namespace hf
