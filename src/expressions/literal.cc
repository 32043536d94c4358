// SPDX-License-Identifier: Apache-2.0
#include "expressions/literal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "expressions/token.h"
#include "rows/decimal_limits.h"
#include "rows/scalar_text.h"

namespace hf {
namespace {

Syntax Literal(Value value, DataType type) {
  Syntax made;
  made.kind = SyntaxKind::kLiteral;
  made.value = std::move(value);
  made.type = std::move(type);
  return made;
}

Status OutOfRange(std::string_view text, std::string_view type) {
  return Invalid(fmt::format("the number {} does not fit {}", text, type), "INVALID_NUMERIC_LITERAL_RANGE");
}

struct NumberParts {
  std::string body;    // digits, point and exponent
  std::string suffix;  // in lower case
  bool point = false;
  bool exponent = false;
};

// nullopt when `text` is no number.
std::optional<NumberParts> Split(std::string_view text) {
  NumberParts parts;
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
      ++at;
    }
    return at - begin;
  };
  std::size_t count = digits();
  if (at < text.size() && text[at] == '.') {
    parts.point = true;
    ++at;
    count += digits();
  }
  if (count == 0) {
    return std::nullopt;
  }
  if (at + 1 < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const std::size_t before = at;
    at += text[at + 1] == '+' || text[at + 1] == '-' ? 2 : 1;
    if (digits() == 0) {
      at = before;
    } else {
      parts.exponent = true;
    }
  }
  parts.body = text.substr(0, at);
  parts.suffix = LowerWord(text.substr(at));
  static constexpr std::array<std::string_view, 7> kSuffixes = {"", "y", "s", "l", "f", "d", "bd"};
  for (const std::string_view suffix : kSuffixes) {
    if (suffix == parts.suffix) {
      return parts;
    }
  }
  return std::nullopt;
}

template <typename T>
Result<std::optional<Syntax>> Whole(const NumberParts& parts, bool negative, std::string_view name, DataType type) {
  const std::string text = (negative ? "-" : "") + parts.body;
  const auto value = ParseInteger(text, std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
  if (!value.has_value()) {
    return OutOfRange(text, name);
  }
  return std::optional(Literal(static_cast<T>(*value), std::move(type)));
}

template <typename T>
Result<std::optional<Syntax>> Floating(const NumberParts& parts, bool negative, std::string_view name, DataType type) {
  const std::string text = (negative ? "-" : "") + parts.body;
  const auto value = std::is_same_v<T, float> ? static_cast<T>(ParseFloat(text).value_or(0))
                                              : static_cast<T>(ParseDouble(text).value_or(0));
  if (std::isinf(value)) {
    return OutOfRange(text, name);
  }
  return std::optional(Literal(value, std::move(type)));
}

// java.math.BigDecimal(text), of which leading zeros are no digits.
Result<std::optional<Syntax>> DecimalLiteral(const NumberParts& parts, bool negative) {
  const std::size_t e = parts.body.find_first_of("eE");
  const std::string digits = parts.body.substr(0, e);
  int exponent = 0;
  if (e != std::string::npos) {
    const std::string power = parts.body.substr(parts.body[e + 1] == '+' ? e + 2 : e + 1);
    std::from_chars(power.data(), power.data() + power.size(), exponent);
  }
  const std::size_t point = digits.find('.');
  int scale = (point == std::string::npos ? 0 : static_cast<int>(digits.size() - point) - 1) - exponent;
  __int128 unscaled = 0;
  int precision = 0;
  for (const char c : digits) {
    if (c != '.') {
      precision += precision > 0 || c != '0' ? 1 : 0;
      unscaled = precision > kDecimalPrecisionMax ? 0 : unscaled * 10 + (c - '0');
    }
  }
  // A negative scale becomes zeros, a scale beyond the digits leading zeros behind the point.
  const int zeros = std::max(0, -scale);
  precision = std::max({precision + (unscaled == 0 ? 0 : zeros), scale, 1});
  scale = std::max(scale, 0);
  if (precision > kDecimalPrecisionMax || zeros > kDecimalPrecisionMax) {
    return Invalid(fmt::format("the number {} has more than {} digits", parts.body, kDecimalPrecisionMax),
                   "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION");
  }
  unscaled *= PowerOfTen(zeros);
  return std::optional(Literal(Decimal{negative ? -unscaled : unscaled, scale}, DataType::Decimal(precision, scale)));
}

}  // namespace

Result<std::optional<Syntax>> NumberLiteral(std::string_view text, bool negative) {
  const auto parts = Split(text);
  if (!parts.has_value()) {
    return std::optional<Syntax>();
  }
  const std::string& suffix = parts->suffix;
  const bool whole = !parts->point && !parts->exponent;
  if (suffix == "y" || suffix == "s" || suffix == "l") {
    if (!whole) {
      return std::optional<Syntax>();
    }
    return suffix == "y"   ? Whole<std::int8_t>(*parts, negative, "TINYINT", DataType::Byte())
           : suffix == "s" ? Whole<std::int16_t>(*parts, negative, "SMALLINT", DataType::Short())
                           : Whole<std::int64_t>(*parts, negative, "BIGINT", DataType::Long());
  }
  if (suffix == "f") {
    return Floating<float>(*parts, negative, "FLOAT", DataType::Float());
  }
  if (suffix == "d" || (suffix.empty() && parts->exponent)) {
    return Floating<double>(*parts, negative, "DOUBLE", DataType::Double());
  }
  if (suffix.empty() && whole) {
    const std::string signed_text = (negative ? "-" : "") + parts->body;
    if (ParseInteger(signed_text, INT32_MIN, INT32_MAX).has_value()) {
      return Whole<std::int32_t>(*parts, negative, "INT", DataType::Int());
    }
    if (ParseInteger(signed_text, INT64_MIN, INT64_MAX).has_value()) {
      return Whole<std::int64_t>(*parts, negative, "BIGINT", DataType::Long());
    }
  }
  return DecimalLiteral(*parts, negative);
}

Result<std::optional<Syntax>> TypedLiteral(std::string_view word, std::string_view text) {
  const std::string lower = LowerWord(word);
  std::optional<Syntax> made;
  static constexpr std::array<std::string_view, 5> kRelative = {"now", "today", "tomorrow", "yesterday", "epoch"};
  for (const std::string_view relative : kRelative) {
    if ((lower == "date" || lower.starts_with("timestamp")) && SameWord(relative, text)) {
      return Invalid(
          fmt::format("the literal {}'{}' is not offered, for it has another value when a batch is run again; "
                      "write the date out",
                      word, text),
          "HOLDFAST_UNPROVEN_EXPRESSION");
    }
  }
  if (lower == "date") {
    if (const auto days = ParseDate(text)) {
      made = Literal(Date{*days}, DataType::Date());
    }
  } else if (lower == "timestamp_ntz") {
    if (const auto micros = ParseTimestampNtz(text)) {
      made = Literal(TimestampNtz{*micros}, DataType::TimestampNtz());
    }
  } else if (lower == "timestamp" || lower == "timestamp_ltz") {
    // Kept as a text: its instant depends on the session's time zone, which the analyzer knows.
    made = Literal(std::string(text), DataType::Timestamp());
  } else if (lower == "x") {
    const std::string digits = (text.size() % 2 == 1 ? "0" : "") + std::string(text);
    Binary bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
      int byte = 0;
      const char* const end = digits.data() + i + 2;
      if (std::from_chars(digits.data() + i, end, byte, 16).ptr != end || byte < 0) {
        return Invalid(fmt::format("the literal X'{}' has a character that is no hexadecimal digit", text),
                       "INVALID_TYPED_LITERAL");
      }
      bytes.bytes += static_cast<char>(byte);
    }
    made = Literal(std::move(bytes), DataType::Binary());
  } else {
    return made;
  }
  if (!made.has_value()) {
    return Invalid(fmt::format("the literal {}'{}' is no {}", word, text, lower), "INVALID_TYPED_LITERAL");
  }
  return made;
}

Result<DataType> TypeOfWord(std::string_view word, const std::vector<int>& numbers) {
  struct Named {
    std::string_view word;
    TypeKind kind;
  };
  static constexpr std::array kNamed = {Named{"boolean", TypeKind::kBoolean},
                                        Named{"tinyint", TypeKind::kByte},
                                        Named{"byte", TypeKind::kByte},
                                        Named{"smallint", TypeKind::kShort},
                                        Named{"short", TypeKind::kShort},
                                        Named{"int", TypeKind::kInt},
                                        Named{"integer", TypeKind::kInt},
                                        Named{"bigint", TypeKind::kLong},
                                        Named{"long", TypeKind::kLong},
                                        Named{"float", TypeKind::kFloat},
                                        Named{"real", TypeKind::kFloat},
                                        Named{"double", TypeKind::kDouble},
                                        Named{"string", TypeKind::kString},
                                        Named{"binary", TypeKind::kBinary},
                                        Named{"date", TypeKind::kDate},
                                        Named{"timestamp", TypeKind::kTimestamp},
                                        Named{"timestamp_ltz", TypeKind::kTimestamp},
                                        Named{"timestamp_ntz", TypeKind::kTimestampNtz}};
  const std::string lower = LowerWord(word);
  if (lower == "decimal" || lower == "dec" || lower == "numeric") {
    const int precision = numbers.empty() ? 10 : numbers[0];
    const int scale = numbers.size() > 1 ? numbers[1] : 0;
    if (numbers.size() > 2 || precision < 1 || precision > kDecimalPrecisionMax || scale < 0 || scale > precision) {
      return Invalid(fmt::format("there is no type {}({})", word, fmt::join(numbers, ",")),
                     precision > kDecimalPrecisionMax ? "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION"
                     : scale > precision              ? "DECIMAL_SCALE_EXCEEDS_PRECISION"
                                                      : "UNSUPPORTED_DATATYPE");
    }
    return DataType::Decimal(precision, scale);
  }
  for (const Named& named : kNamed) {
    if (named.word == lower && numbers.empty()) {
      return DataType::Of(named.kind);
    }
  }
  return Invalid(fmt::format("there is no type {} to cast to", word), "UNSUPPORTED_DATATYPE");
}

}  // namespace hf
