// SPDX-License-Identifier: Apache-2.0
#include "codec/json/json_column.h"

#include "codec/json/json_rewriter.h"

#include <fmt/core.h>

#include <charconv>
#include <limits>
#include <optional>

namespace hf {
namespace {

constexpr std::size_t kNoField = static_cast<std::size_t>(-1);

JsonOutcome Worse(JsonOutcome a, JsonOutcome b) { return a > b ? a : b; }

// Doubles of few digits, which is what records hold: an exact integer divided by an exact power of ten is rounded
// once, hence correctly.
bool ParseShortDouble(std::string_view digits, double* value) {
  static constexpr double kPowers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                       1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const bool negative = digits[0] == '-';
  std::uint64_t sum = 0;
  std::size_t behind_point = 0;
  bool point = false;
  if (digits.size() > 16) {
    return false;
  }
  for (std::size_t i = negative ? 1 : 0; i < digits.size(); ++i) {
    const auto digit = static_cast<unsigned>(digits[i]) - '0';
    if (digit <= 9) {
      sum = sum * 10 + digit;
      behind_point += point ? 1 : 0;
    } else if (digits[i] == '.') {
      point = true;
    } else {
      return false;
    }
  }
  const double magnitude = static_cast<double>(sum) / kPowers[behind_point];
  *value = negative ? -magnitude : magnitude;
  return true;
}

// JacksonParser takes these texts into float and double columns, and no others.
bool IsNonNumberText(std::string_view text) {
  return text == "NaN" || text == "Infinity" || text == "+Infinity" || text == "-Infinity" || text == "+INF" ||
         text == "-INF";
}

template <typename T>
T NonNumber(std::string_view text) {
  if (text == "NaN") {
    return std::numeric_limits<T>::quiet_NaN();
  }
  return text[0] == '-' ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity();
}

template <typename T>
bool AppendInteger(std::string_view digits, ColumnBuilder& builder) {
  T value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc()) {
    return false;
  }
  builder.AppendFixed(value);
  return true;
}

template <typename T>
bool AppendFloating(std::string_view digits, ColumnBuilder& builder) {
  if (IsNonNumberText(digits)) {
    builder.AppendFixed(NonNumber<T>(digits));
    return true;
  }
  double quick = 0;
  if constexpr (sizeof(T) == 8) {
    if (ParseShortDouble(digits, &quick)) {
      builder.AppendFixed(quick);
      return true;
    }
  }
  std::optional<T> value;
  if constexpr (sizeof(T) == 8) {
    value = ParseDouble(digits);
  } else {
    value = ParseFloat(digits);
  }
  if (value.has_value()) {
    builder.AppendFixed(*value);
  }
  return value.has_value();
}

template <typename T>
bool AppendIfAny(const std::optional<T>& value, ColumnBuilder& builder) {
  if (value.has_value()) {
    builder.AppendFixed(*value);
  }
  return value.has_value();
}

}  // namespace

JsonColumn::JsonColumn(const DataType& type, std::string path, const TimeFormats* formats, Others others)
    : type_(type), path_(std::move(path)), formats_(formats), others_(others) {
  for (const StructField& field : type.children()) {
    std::string child_path = path_;
    switch (type.kind()) {
      case TypeKind::kArray: child_path += "[]"; break;
      case TypeKind::kMap: child_path += "." + field.name; break;
      default: child_path += (path_.empty() ? "" : ".") + field.name; break;
    }
    names_.push_back(field.name);
    children_.emplace_back(field.type, std::move(child_path), formats, others);
  }
}

JsonOutcome JsonColumn::Malformed(JsonProblem& problem) const {
  problem.Note(path_, "not valid JSON");
  return JsonOutcome::kMalformed;
}

JsonOutcome JsonColumn::Bad(JsonCursor& cursor, JsonProblem& problem) {
  const auto text = cursor.SkipValue();
  if (!text.has_value()) {
    return Malformed(problem);
  }
  problem.Note(path_, fmt::format("{} is no {}", text->size() > 100 ? text->substr(0, 100) : *text, type_.ToSql()));
  return JsonOutcome::kBad;
}

bool JsonColumn::AppendText(std::string_view text, ColumnBuilder& builder) const {
  switch (type_.kind()) {
    case TypeKind::kTimestamp: return AppendIfAny(ReadTimestamp(text, *formats_), builder);
    case TypeKind::kTimestampNtz: return AppendIfAny(ReadTimestampNtz(text, *formats_), builder);
    case TypeKind::kDate: {
      auto date = ReadDate(text, *formats_);
      if (!date.has_value() && !formats_->date.has_value()) {
        // Spark 1.5 wrote days since the epoch (JacksonParser). Before 1582-10-15 it counted in another calendar.
        if (const auto days = ParseInteger(text, -141427, std::numeric_limits<std::int32_t>::max())) {
          date = static_cast<std::int32_t>(*days);
        }
      }
      return AppendIfAny(date, builder);
    }
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      if (!IsNonNumberText(text)) {
        return false;
      }
      return type_.kind() == TypeKind::kFloat ? AppendFloating<float>(text, builder)
                                              : AppendFloating<double>(text, builder);
    case TypeKind::kDecimal: {
      // ExprUtils.getDecimalParser of the default locale drops thousands separators.
      std::string plain(text);
      std::erase(plain, ',');
      return AppendIfAny(ParseDecimal(plain, type_.precision(), type_.scale()), builder);
    }
    case TypeKind::kBinary: {
      const auto bytes = ParseBase64(text);
      if (bytes.has_value()) {
        builder.AppendBytes(*bytes);
      }
      return bytes.has_value();
    }
    default: return false;
  }
}

JsonOutcome JsonColumn::ReadString(JsonCursor& cursor, JsonToken token, ColumnBuilder& builder, JsonProblem& problem) {
  if (token != JsonToken::kString) {
    if (others_ == Others::kRewritten) {
      std::string text;
      if (!RewriteJson(cursor, &text)) {
        return Malformed(problem);
      }
      builder.AppendBytes(text);
      return JsonOutcome::kRead;
    }
    // Any other value becomes its source text (Spark 4.3, spark.sql.json.enableExactStringParsing).
    const auto text = cursor.SkipValue();
    if (!text.has_value()) {
      return Malformed(problem);
    }
    builder.AppendBytes(*text);
    return JsonOutcome::kRead;
  }
  const auto text = cursor.ReadString();
  if (!text.has_value()) {
    return Malformed(problem);
  }
  builder.AppendBytes(*text);
  return JsonOutcome::kRead;
}

bool JsonColumn::AppendNumber(std::string_view digits, JsonToken token, ColumnBuilder& builder) const {
  const bool is_integer = token == JsonToken::kInteger;
  if (is_integer && digits == "-0") {
    digits = "0";  // whole numbers have no other
  }
  switch (type_.kind()) {
    case TypeKind::kDouble: return AppendFloating<double>(digits, builder);
    case TypeKind::kFloat: return AppendFloating<float>(digits, builder);
    case TypeKind::kLong: return is_integer && AppendInteger<std::int64_t>(digits, builder);
    case TypeKind::kInt: return is_integer && AppendInteger<std::int32_t>(digits, builder);
    case TypeKind::kShort: return is_integer && AppendInteger<std::int16_t>(digits, builder);
    // Spark wraps 128..255 around (Jackson's getByteValue); to us they do not fit.
    case TypeKind::kByte: return is_integer && AppendInteger<std::int8_t>(digits, builder);
    case TypeKind::kDecimal: return AppendIfAny(ParseDecimal(digits, type_.precision(), type_.scale()), builder);
    case TypeKind::kTimestamp: {
      std::int64_t micros = 0;
      const auto seconds = is_integer ? ParseInteger(digits, INT64_MIN, INT64_MAX) : std::nullopt;
      if (!seconds.has_value() || __builtin_mul_overflow(*seconds, kMicrosPerSecond, &micros)) {
        return false;
      }
      builder.AppendFixed(micros);
      return true;
    }
    default: return false;
  }
}

JsonOutcome JsonColumn::ReadNumber(JsonCursor& cursor, JsonToken token, ColumnBuilder& builder, JsonProblem& problem) {
  const char* begin = cursor.at();
  const auto digits = cursor.ReadNumber(&token);
  if (!digits.has_value()) {
    return Malformed(problem);
  }
  if (AppendNumber(*digits, token, builder)) {
    return JsonOutcome::kRead;
  }
  cursor.MoveTo(begin);
  return Bad(cursor, problem);
}

JsonOutcome JsonColumn::Read(JsonCursor& cursor, ColumnBuilder& builder, JsonProblem& problem) {
  const JsonToken token = cursor.Peek();
  if (token == JsonToken::kNull) {
    if (!cursor.SkipLiteral(token)) {
      return Malformed(problem);
    }
    builder.AppendNull();
    return JsonOutcome::kRead;
  }
  const TypeKind kind = type_.kind();
  if (kind == TypeKind::kString) {
    return ReadString(cursor, token, builder, problem);
  }
  if (kind == TypeKind::kNull) {
    builder.AppendNull();
    return cursor.SkipValue().has_value() ? JsonOutcome::kRead : Malformed(problem);
  }
  switch (token) {
    case JsonToken::kString: {
      const char* begin = cursor.at();
      const auto text = cursor.ReadString();
      if (!text.has_value()) {
        return Malformed(problem);
      }
      if (AppendText(*text, builder)) {
        return JsonOutcome::kRead;
      }
      cursor.MoveTo(begin);
      return Bad(cursor, problem);
    }
    case JsonToken::kInteger:
    case JsonToken::kFraction: return ReadNumber(cursor, token, builder, problem);
    case JsonToken::kTrue:
    case JsonToken::kFalse:
      if (kind != TypeKind::kBoolean) {
        return Bad(cursor, problem);
      }
      if (!cursor.SkipLiteral(token)) {
        return Malformed(problem);
      }
      builder.AppendBool(token == JsonToken::kTrue);
      return JsonOutcome::kRead;
    case JsonToken::kObject:
    case JsonToken::kArray: return ReadNested(cursor, token, builder, problem);
    default: return Malformed(problem);
  }
}

JsonOutcome JsonColumn::ReadNested(JsonCursor& cursor, JsonToken token, ColumnBuilder& builder, JsonProblem& problem) {
  JsonOutcome outcome = JsonOutcome::kBad;
  if (type_.kind() == TypeKind::kStruct && token == JsonToken::kObject) {
    outcome = ReadMembers(cursor, builder.children(), problem);
    if (outcome < JsonOutcome::kBad) {
      builder.AppendStruct();
    }
  } else if (type_.kind() == TypeKind::kMap && token == JsonToken::kObject) {
    outcome = ReadMap(cursor, builder, problem);
  } else if (type_.kind() == TypeKind::kArray && token == JsonToken::kArray) {
    outcome = ReadArray(cursor, builder, problem);
  } else {
    return Bad(cursor, problem);
  }
  if (outcome >= JsonOutcome::kBad) {
    builder.DropOpen();
  }
  return outcome;
}

// An element of the wrong type makes the whole array null; one that is partly bad stays (JacksonParser.convertArray).
JsonOutcome JsonColumn::ReadArray(JsonCursor& cursor, ColumnBuilder& builder, JsonProblem& problem) {
  JsonOutcome outcome = JsonOutcome::kRead;
  cursor.Take('[');
  if (!cursor.Take(']')) {
    do {
      outcome = Worse(outcome, children_[0].Read(cursor, builder.child(0), problem));
      if (outcome == JsonOutcome::kMalformed) {
        return outcome;
      }
    } while (cursor.Take(','));
    if (!cursor.Take(']')) {
      return Malformed(problem);
    }
  }
  if (outcome < JsonOutcome::kBad) {
    builder.AppendList();
  }
  return outcome;
}

// A bad value makes the whole map null, and equal keys are kept (JacksonParser.convertMap).
JsonOutcome JsonColumn::ReadMap(JsonCursor& cursor, ColumnBuilder& builder, JsonProblem& problem) {
  JsonOutcome outcome = JsonOutcome::kRead;
  cursor.Take('{');
  if (!cursor.Take('}')) {
    do {
      if (cursor.Peek() != JsonToken::kString) {
        return Malformed(problem);
      }
      const auto key = cursor.ReadString();
      if (!key.has_value()) {
        return Malformed(problem);
      }
      builder.child(0).AppendBytes(*key);
      if (!cursor.Take(':')) {
        return Malformed(problem);
      }
      outcome = Worse(outcome, children_[1].Read(cursor, builder.child(1), problem));
      if (outcome == JsonOutcome::kMalformed) {
        return outcome;
      }
    } while (cursor.Take(','));
    if (!cursor.Take('}')) {
      return Malformed(problem);
    }
  }
  if (outcome < JsonOutcome::kBad) {
    builder.AppendList();
  }
  return outcome;
}

// Takes a member's name and returns the index of its field, kNoField when the schema has none. Names are compared
// exactly, whatever spark.sql.caseSensitive says (JacksonParser.convertObject: schema.getFieldIndex).
std::size_t JsonColumn::FindField(JsonCursor& cursor, std::size_t expected, bool* malformed) {
  // Records tend to hold their fields in the order of the schema.
  if (expected < names_.size() && cursor.TakeName(names_[expected])) {
    return expected;
  }
  std::optional<std::string_view> name;
  if (cursor.Peek() == JsonToken::kString) {
    name = cursor.ReadString();
  }
  *malformed = !name.has_value();
  if (name.has_value()) {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == *name) {
        return i;
      }
    }
  }
  return kNoField;
}

// The last of several members with one name counts, but a bad one leaves what is there.
JsonOutcome JsonColumn::ReadMember(JsonCursor& cursor, std::size_t index, ColumnBuilder& builder, std::int64_t row,
                                   JsonProblem& problem) {
  JsonColumn& child = children_[index];
  if (builder.length() == row) {
    const JsonOutcome outcome = child.Read(cursor, builder, problem);
    return outcome == JsonOutcome::kBad ? JsonOutcome::kPartial : outcome;
  }
  ColumnBuilder again(child.type_);
  const JsonOutcome outcome = child.Read(cursor, again, problem);
  if (outcome < JsonOutcome::kBad) {
    builder.Truncate(row);
    builder.AppendFrom(again.Finish(), 0);
  }
  return outcome == JsonOutcome::kBad ? JsonOutcome::kPartial : outcome;
}

JsonOutcome JsonColumn::ReadMembers(JsonCursor& cursor, ColumnBuilder* builders, JsonProblem& problem) {
  const std::int64_t row = names_.empty() ? 0 : builders[0].length();
  JsonOutcome outcome = JsonOutcome::kRead;
  std::size_t expected = 0;
  cursor.Take('{');
  if (!cursor.Take('}')) {
    do {
      cursor.SkipSpace();
      bool malformed = false;
      const std::size_t index = FindField(cursor, expected, &malformed);
      if (malformed || !cursor.Take(':')) {
        return Malformed(problem);
      }
      if (index == kNoField) {
        if (!cursor.SkipValue().has_value()) {
          return Malformed(problem);
        }
        continue;
      }
      expected = index + 1;
      outcome = Worse(outcome, ReadMember(cursor, index, builders[index], row, problem));
      if (outcome == JsonOutcome::kMalformed) {
        return outcome;
      }
    } while (cursor.Take(','));
    if (!cursor.Take('}')) {
      return Malformed(problem);
    }
  }
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (builders[i].length() == row) {
      builders[i].AppendNull();
    }
  }
  return outcome;
}

}  // namespace hf
