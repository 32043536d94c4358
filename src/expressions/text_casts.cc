// SPDX-License-Identifier: Apache-2.0
// Casts to and from strings (Spark 4.3 Cast.scala in ANSI mode, UTF8String, SparkDateTimeUtils).
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/java_text.h"
#include "expressions/routine.h"
#include "expressions/token.h"
#include "expressions/wide_decimal.h"
#include "rows/civil_time.h"
#include "rows/scalar_text.h"

namespace hf {
namespace {

// java.lang.String.trim, which keeps DEL.
std::string_view JavaTrim(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= 0x20) {
    text.remove_prefix(1);
  }
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= 0x20) {
    text.remove_suffix(1);
  }
  return text;
}

void InvalidInput(RowOutcome& outcome, std::string_view text) {
  outcome.Fail("CAST_INVALID_INPUT", fmt::format("the text '{}' is no {}", text, outcome.type().ToSql()));
}

template <typename T>
T IntegerOfText(RowOutcome& outcome, std::string_view text) {
  const auto made = ParseInteger(TrimControls(text), std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
  if (!made.has_value()) {
    InvalidInput(outcome, text);
  }
  return static_cast<T>(made.value_or(0));
}

// "0x1.8p3", with a sign before and a letter of Java's types behind, which strtod leaves.
bool IsHexadecimal(std::string_view text) {
  text.remove_prefix(!text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0);
  if (text.size() < 2 || text[0] != '0' || (text[1] != 'x' && text[1] != 'X')) {
    return false;
  }
  text.remove_prefix(2);
  const auto skip = [&text](std::string_view letters) {
    const std::size_t count = std::min(text.find_first_not_of(letters), text.size());
    text.remove_prefix(count);
    return count;
  };
  std::size_t digits = skip("0123456789abcdefABCDEF");
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    digits += skip("0123456789abcdefABCDEF");
  }
  if (digits == 0 || (!text.starts_with('p') && !text.starts_with('P'))) {
    return false;
  }
  text.remove_prefix(1);
  text.remove_prefix(!text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0);
  return skip("0123456789") > 0 && (text.empty() || (text.size() == 1 && skip("dDfF") == 1));
}

template <typename T>
T RealOfText(RowOutcome& outcome, std::string_view text) {
  const auto read = [&]() -> std::optional<T> {
    const std::string_view body = JavaTrim(text);
    if (body.starts_with('\x7F') || body.ends_with('\x7F')) {
      return std::nullopt;
    }
    if (IsHexadecimal(body)) {
      return static_cast<T>(std::is_same_v<T, float> ? std::strtof(std::string(body).c_str(), nullptr)
                                                     : std::strtod(std::string(body).c_str(), nullptr));
    }
    if constexpr (std::is_same_v<T, float>) {
      return ParseFloat(text);
    } else {
      return ParseDouble(text);
    }
  };
  if (const auto made = read()) {
    return *made;
  }
  // Cast.processFloatingPointSpecialLiterals
  const std::string word = LowerWord(JavaTrim(text));
  if (word == "inf" || word == "+inf" || word == "infinity" || word == "+infinity") {
    return std::numeric_limits<T>::infinity();
  }
  if (word == "-inf" || word == "-infinity") {
    return -std::numeric_limits<T>::infinity();
  }
  if (word != "nan") {
    InvalidInput(outcome, text);
  }
  return std::numeric_limits<T>::quiet_NaN();
}

__int128 DecimalOfText(RowOutcome& outcome, std::string_view text) {
  const std::string_view body = JavaTrim(text);
  if (const auto made = ParseDecimal(body, outcome.type().precision(), outcome.type().scale())) {
    return *made;
  }
  // Which of three errors: no number at all, one beyond every decimal, one beyond this decimal.
  const auto real = ParseDouble(body);
  const bool is_number = real.has_value() && !body.starts_with('\x7F') && !IsHexadecimal(body) && !body.empty() &&
                         (body.back() == '.' || (body.back() >= '0' && body.back() <= '9'));
  if (!is_number) {
    InvalidInput(outcome, text);
  } else if (!ParseDecimal(body, kDecimalPrecisionMax, 0).has_value() && std::fabs(*real) >= 9.9e37) {
    outcome.Fail("NUMERIC_OUT_OF_SUPPORTED_RANGE", fmt::format("the number '{}' has more than 38 digits", text));
  } else {
    outcome.Fail("NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION",
                 fmt::format("the number '{}' does not fit {}", text, outcome.type().ToSql()));
  }
  return 0;
}

bool TruthOfText(RowOutcome& outcome, std::string_view text) {
  const std::string word = LowerWord(TrimControls(text));
  for (const std::string_view yes : {"t", "true", "y", "yes", "1"}) {
    if (word == yes) {
      return true;
    }
  }
  for (const std::string_view no : {"f", "false", "n", "no", "0"}) {
    if (word == no) {
      return false;
    }
  }
  InvalidInput(outcome, text);
  return false;
}

std::int32_t DateOfText(RowOutcome& outcome, std::string_view text) {
  const auto made = ParseDate(text);
  if (!made.has_value()) {
    InvalidInput(outcome, text);
  }
  return made.value_or(0);
}

std::int64_t InstantOfText(RowOutcome& outcome, std::string_view text) {
  const auto made = ParseTimestamp(text, outcome.zone());
  if (!made.has_value()) {
    InvalidInput(outcome, text);
  }
  return made.value_or(0);
}

std::int64_t ReadingOfText(RowOutcome& outcome, std::string_view text) {
  const auto made = ParseTimestampNtz(text, true);
  if (!made.has_value()) {
    InvalidInput(outcome, text);
  }
  return made.value_or(0);
}

std::string_view SameBytes(RowOutcome&, std::string_view bytes) { return bytes; }

std::string TextOfTruth(RowOutcome&, bool value) { return value ? "true" : "false"; }

template <typename T>
std::string TextOfInteger(RowOutcome&, T value) {
  return fmt::format("{}", value);
}
std::string TextOfFloat(RowOutcome&, float value) { return JavaFloatText(value); }
std::string TextOfDouble(RowOutcome&, double value) { return JavaDoubleText(value); }

std::string TextOfDecimal(RowOutcome& outcome, __int128 unscaled) {
  const auto scale = static_cast<std::size_t>(outcome.argument_type(0).scale());
  std::string digits = WideOf(unscaled < 0 ? -unscaled : unscaled).str();
  if (digits.size() <= scale) {
    digits.insert(0, scale + 1 - digits.size(), '0');
  }
  if (scale > 0) {
    digits.insert(digits.size() - scale, 1, '.');
  }
  return unscaled < 0 ? "-" + digits : digits;
}

std::string TextOfDate(RowOutcome&, std::int32_t days) {
  std::string text;
  AppendDateText(text, days);
  return text;
}

std::string TextOfReading(RowOutcome&, std::int64_t micros) {
  std::string text;
  const std::int64_t fraction = micros - FloorDiv(micros, kMicrosPerSecond) * kMicrosPerSecond;
  AppendDateTimeText(text, micros, fraction == 0 ? 0 : 6);
  text[text.find('T')] = ' ';
  while (fraction != 0 && text.back() == '0') {
    text.pop_back();
  }
  return text;
}

std::string TextOfInstant(RowOutcome& outcome, std::int64_t micros) {
  return TextOfReading(outcome, outcome.zone().LocalOf(micros));
}

}  // namespace

void AddTextCasts(std::vector<Routine>& list) {
  const auto from_text = [&](TypeKind to, Kernel kernel, bool can_fail) {
    list.push_back({.name = "cast",
                    .arguments = {TypeKind::kString},
                    .result = to,
                    .kernel = kernel,
                    .can_fail = can_fail,
                    .makes_null = to != TypeKind::kBinary});
  };
  const auto to_text = [&](TypeKind from, Kernel kernel) {
    list.push_back({.name = "cast", .arguments = {from}, .result = TypeKind::kString, .kernel = kernel});
  };
  from_text(TypeKind::kByte, EachRow<&IntegerOfText<std::int8_t>>::Run, true);
  from_text(TypeKind::kShort, EachRow<&IntegerOfText<std::int16_t>>::Run, true);
  from_text(TypeKind::kInt, EachRow<&IntegerOfText<std::int32_t>>::Run, true);
  from_text(TypeKind::kLong, EachRow<&IntegerOfText<std::int64_t>>::Run, true);
  from_text(TypeKind::kFloat, EachRow<&RealOfText<float>>::Run, true);
  from_text(TypeKind::kDouble, EachRow<&RealOfText<double>>::Run, true);
  from_text(TypeKind::kDecimal, EachRow<&DecimalOfText>::Run, true);
  from_text(TypeKind::kBoolean, EachRow<&TruthOfText>::Run, true);
  from_text(TypeKind::kDate, EachRow<&DateOfText>::Run, true);
  from_text(TypeKind::kTimestamp, EachRow<&InstantOfText>::Run, true);
  from_text(TypeKind::kTimestampNtz, EachRow<&ReadingOfText>::Run, true);
  from_text(TypeKind::kBinary, EachRow<&SameBytes>::Run, false);
  to_text(TypeKind::kBoolean, EachRow<&TextOfTruth>::Run);
  to_text(TypeKind::kByte, EachRow<&TextOfInteger<std::int8_t>>::Run);
  to_text(TypeKind::kShort, EachRow<&TextOfInteger<std::int16_t>>::Run);
  to_text(TypeKind::kInt, EachRow<&TextOfInteger<std::int32_t>>::Run);
  to_text(TypeKind::kLong, EachRow<&TextOfInteger<std::int64_t>>::Run);
  to_text(TypeKind::kFloat, EachRow<&TextOfFloat>::Run);
  to_text(TypeKind::kDouble, EachRow<&TextOfDouble>::Run);
  to_text(TypeKind::kDecimal, EachRow<&TextOfDecimal>::Run);
  to_text(TypeKind::kBinary, EachRow<&SameBytes>::Run);
  to_text(TypeKind::kDate, EachRow<&TextOfDate>::Run);
  to_text(TypeKind::kTimestamp, EachRow<&TextOfInstant>::Run);
  to_text(TypeKind::kTimestampNtz, EachRow<&TextOfReading>::Run);
}

}  // namespace hf
