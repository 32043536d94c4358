// SPDX-License-Identifier: Apache-2.0
// Casts between numbers, booleans and instants (Spark 4.3 Cast.scala in ANSI mode).
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "expressions/routine.h"
#include "expressions/wide_decimal.h"
#include "rows/civil_time.h"
#include "rows/scalar_text.h"

namespace hf {
namespace {

void CastOverflow(RowOutcome& outcome, const std::string& value) {
  outcome.Fail("CAST_OVERFLOW", fmt::format("the {} value {} does not fit {}", outcome.argument_type(0).ToSql(), value,
                                            outcome.type().ToSql()));
}

void DecimalOverflow(RowOutcome& outcome, const std::string& value) {
  outcome.Fail("NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION",
               fmt::format("the value {} does not fit {}", value, outcome.type().ToSql()));
}

template <typename To, typename From>
To Number(RowOutcome& outcome, From value) {
  if constexpr (std::is_floating_point_v<To>) {
    return static_cast<To>(value);
  } else if constexpr (std::is_floating_point_v<From>) {
    // Java's ExactNumeric: what lies between two integers is cut; 2^63, which Long.MaxValue rounds to, saturates.
    const auto real = static_cast<double>(value);
    constexpr auto kLeast = static_cast<double>(std::numeric_limits<To>::min());
    constexpr auto kMost = static_cast<double>(std::numeric_limits<To>::max());
    if (!(std::floor(real) <= kMost && std::ceil(real) >= kLeast)) {
      CastOverflow(outcome, fmt::format("{}", value));
      return 0;
    }
    return real >= kMost ? std::numeric_limits<To>::max() : static_cast<To>(real);
  } else {
    if (value > std::numeric_limits<To>::max() || value < std::numeric_limits<To>::min()) {
      CastOverflow(outcome, fmt::format("{}", value));
    }
    return static_cast<To>(value);
  }
}

template <typename From>
__int128 DecimalOfNumber(RowOutcome& outcome, From value) {
  std::optional<__int128> made;
  if constexpr (std::is_floating_point_v<From>) {
    if (!std::isfinite(value)) {
      outcome.SetNull();  // also in ANSI mode
      return 0;
    }
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), static_cast<double>(value),
                                   std::chars_format::scientific)
                         .ptr;
    made = ParseDecimal({digits.data(), static_cast<std::size_t>(end - digits.data())}, outcome.type().precision(),
                        outcome.type().scale());
  } else {
    made = RescaledDecimal(value, 0, outcome.type().precision(), outcome.type().scale());
  }
  if (!made.has_value()) {
    DecimalOverflow(outcome, fmt::format("{}", value));
  }
  return made.value_or(0);
}

template <typename From>
bool Truth(RowOutcome&, From value) {
  return value != 0;
}

template <typename To>
To NumberOfTruth(RowOutcome&, bool value) {
  return static_cast<To>(value ? 1 : 0);
}

__int128 DecimalOfTruth(RowOutcome& outcome, bool value) {
  const auto made = RescaledDecimal(value ? 1 : 0, 0, outcome.type().precision(), outcome.type().scale());
  if (!made.has_value()) {
    DecimalOverflow(outcome, value ? "true" : "false");
  }
  return made.value_or(0);
}

// Seconds become microseconds; what is beyond them saturates (TimeUnit.SECONDS.toMicros).
template <typename From>
std::int64_t InstantOfNumber(RowOutcome& outcome, From value) {
  if constexpr (std::is_floating_point_v<From>) {
    if (!std::isfinite(value)) {
      outcome.Fail("CAST_INVALID_INPUT", fmt::format("{} is no instant", value));
      return 0;
    }
    const double micros = static_cast<double>(value) * static_cast<double>(kMicrosPerSecond);
    constexpr double kMost = 9223372036854775807.0;
    if (!(std::floor(micros) <= kMost && std::ceil(micros) >= -kMost)) {
      CastOverflow(outcome, fmt::format("{}", value));
      return 0;
    }
    return micros >= kMost ? INT64_MAX : static_cast<std::int64_t>(micros);
  } else {
    const auto seconds = static_cast<std::int64_t>(value);
    std::int64_t micros = 0;
    return __builtin_mul_overflow(seconds, kMicrosPerSecond, &micros) ? (seconds < 0 ? INT64_MIN : INT64_MAX) : micros;
  }
}

__int128 DecimalOfInstant(RowOutcome& outcome, std::int64_t micros) {
  const auto made = RescaledDecimal(micros, 6, outcome.type().precision(), outcome.type().scale());
  if (!made.has_value()) {
    DecimalOverflow(outcome, fmt::format("{} microseconds", micros));
  }
  return made.value_or(0);
}

template <typename To>
To NumberOfInstant(RowOutcome& outcome, std::int64_t micros) {
  if constexpr (std::is_floating_point_v<To>) {
    return static_cast<To>(static_cast<double>(micros) / static_cast<double>(kMicrosPerSecond));
  } else {
    return Number<To>(outcome, FloorDiv(micros, kMicrosPerSecond));
  }
}

__int128 WholePart(__int128 unscaled, int scale) { return unscaled / PowerOfTen(scale); }

template <typename To>
To NumberOfDecimal(RowOutcome& outcome, __int128 unscaled) {
  const int scale = outcome.argument_type(0).scale();
  if constexpr (std::is_floating_point_v<To>) {
    std::string text = WideOf(unscaled).str() + fmt::format("e{}", -scale);
    return std::is_same_v<To, float> ? static_cast<To>(ParseFloat(text).value_or(0))
                                     : static_cast<To>(ParseDouble(text).value_or(0));
  } else {
    const __int128 whole = WholePart(unscaled, scale);
    if (whole > std::numeric_limits<To>::max() || whole < std::numeric_limits<To>::min()) {
      CastOverflow(outcome, WideOf(whole).str());
      return 0;
    }
    return static_cast<To>(whole);
  }
}

__int128 DecimalOfDecimal(RowOutcome& outcome, __int128 unscaled) {
  const auto made =
      RescaledDecimal(unscaled, outcome.argument_type(0).scale(), outcome.type().precision(), outcome.type().scale());
  if (!made.has_value()) {
    DecimalOverflow(outcome, WideOf(unscaled).str());
  }
  return made.value_or(0);
}

// (value * 10^6).longValue: of the whole part the low 64 bits.
std::int64_t InstantOfDecimal(RowOutcome& outcome, __int128 unscaled) {
  const int scale = outcome.argument_type(0).scale();
  const WideInteger micros = WideOf(unscaled) * kMicrosPerSecond / WidePower(scale);
  return static_cast<std::int64_t>(LowBits(micros));
}

void AddCast(std::vector<Routine>& list, TypeKind from, TypeKind to, Kernel kernel, bool can_fail,
             bool makes_null = false) {
  list.push_back({.name = "cast",
                  .arguments = {from},
                  .result = to,
                  .kernel = kernel,
                  .can_fail = can_fail,
                  .makes_null = makes_null});
}

template <typename From, typename To>
void AddPair(std::vector<Routine>& list) {
  if constexpr (!std::is_same_v<From, To>) {
    const bool can_fail =
        !std::is_floating_point_v<To> && (std::is_floating_point_v<From> || sizeof(To) < sizeof(From));
    AddCast(list, KindOf<From>(), KindOf<To>(), EachRow<&Number<To, From>>::Run, can_fail,
            std::is_floating_point_v<From> && !std::is_floating_point_v<To>);
  }
}

template <typename T>
void AddOf(std::vector<Routine>& list) {
  constexpr TypeKind kKind = KindOf<T>();
  constexpr bool kFloating = std::is_floating_point_v<T>;
  AddPair<T, std::int8_t>(list);
  AddPair<T, std::int16_t>(list);
  AddPair<T, std::int32_t>(list);
  AddPair<T, std::int64_t>(list);
  AddPair<T, float>(list);
  AddPair<T, double>(list);
  AddCast(list, kKind, TypeKind::kDecimal, EachRow<&DecimalOfNumber<T>>::Run, true, kFloating);
  AddCast(list, kKind, TypeKind::kBoolean, EachRow<&Truth<T>>::Run, false);
  AddCast(list, kKind, TypeKind::kTimestamp, EachRow<&InstantOfNumber<T>>::Run, kFloating, kFloating);
  AddCast(list, TypeKind::kBoolean, kKind, EachRow<&NumberOfTruth<T>>::Run, false);
  AddCast(list, TypeKind::kDecimal, kKind, EachRow<&NumberOfDecimal<T>>::Run, !kFloating, !kFloating);
  AddCast(list, TypeKind::kTimestamp, kKind, EachRow<&NumberOfInstant<T>>::Run, !kFloating && sizeof(T) < 8,
          !kFloating && sizeof(T) < 8);
}

}  // namespace

void AddNumberCasts(std::vector<Routine>& list) {
  AddOf<std::int8_t>(list);
  AddOf<std::int16_t>(list);
  AddOf<std::int32_t>(list);
  AddOf<std::int64_t>(list);
  AddOf<float>(list);
  AddOf<double>(list);
  AddCast(list, TypeKind::kDecimal, TypeKind::kDecimal, EachRow<&DecimalOfDecimal>::Run, true);
  AddCast(list, TypeKind::kDecimal, TypeKind::kBoolean, EachRow<&Truth<__int128>>::Run, false);
  AddCast(list, TypeKind::kDecimal, TypeKind::kTimestamp, EachRow<&InstantOfDecimal>::Run, true);
  AddCast(list, TypeKind::kTimestamp, TypeKind::kDecimal, EachRow<&DecimalOfInstant>::Run, true);
  AddCast(list, TypeKind::kBoolean, TypeKind::kDecimal, EachRow<&DecimalOfTruth>::Run, true);
}

}  // namespace hf
