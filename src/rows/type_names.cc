// SPDX-License-Identifier: Apache-2.0
#include "rows/type_names.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace hf {
namespace {

struct ScalarName {
  TypeKind kind;
  TypeNames names;
};

constexpr std::array kScalars = {
    ScalarName{TypeKind::kNull, {"void", "void", "VOID"}},
    ScalarName{TypeKind::kBoolean, {"boolean", "boolean", "BOOLEAN"}},
    ScalarName{TypeKind::kByte, {"byte", "tinyint", "TINYINT"}},
    ScalarName{TypeKind::kShort, {"short", "smallint", "SMALLINT"}},
    ScalarName{TypeKind::kInt, {"integer", "int", "INT"}},
    ScalarName{TypeKind::kLong, {"long", "bigint", "BIGINT"}},
    ScalarName{TypeKind::kFloat, {"float", "float", "FLOAT"}},
    ScalarName{TypeKind::kDouble, {"double", "double", "DOUBLE"}},
    ScalarName{TypeKind::kDecimal, {"decimal", "decimal", "DECIMAL"}},
    ScalarName{TypeKind::kString, {"string", "string", "STRING"}},
    ScalarName{TypeKind::kBinary, {"binary", "binary", "BINARY"}},
    ScalarName{TypeKind::kDate, {"date", "date", "DATE"}},
    ScalarName{TypeKind::kTimestamp, {"timestamp", "timestamp", "TIMESTAMP"}},
    ScalarName{TypeKind::kTimestampNtz, {"timestamp_ntz", "timestamp_ntz", "TIMESTAMP_NTZ"}},
    ScalarName{TypeKind::kArray, {"array", "array", "ARRAY"}},
    ScalarName{TypeKind::kMap, {"map", "map", "MAP"}},
    ScalarName{TypeKind::kStruct, {"struct", "struct", "STRUCT"}},
};

// The first words of types that Spark 4.3 has and we lack (DataType.nameToType, SqlBaseParser.g4 primitiveType).
constexpr std::array<std::string_view, 10> kForeign = {
    "interval", "variant", "char", "character", "varchar", "time", "udt", "geometry", "geography", "string collate"};

bool IsForeign(std::string_view name) {
  const std::string_view word = name.substr(0, name.find_first_of("( "));
  for (const std::string_view foreign : kForeign) {
    if (word == foreign) {
      return true;
    }
  }
  return name.starts_with("string collate");
}

// Reads "(10,2)", with spaces allowed as in DataType.FIXED_DECIMAL.
bool ParseDigits(std::string_view text, int* precision, int* scale) {
  const auto number = [&text](int* value) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return error == std::errc();
  };
  const auto literal = [&text](char c) {
    const bool found = text.starts_with(c);
    text.remove_prefix(found ? 1 : 0);
    return found;
  };
  return literal('(') && number(precision) && literal(',') && number(scale) && literal(')') && text.empty();
}

}  // namespace

TypeNames NamesOf(TypeKind kind) { return kScalars[static_cast<std::size_t>(kind)].names; }

Status UnsupportedType(std::string_view name) {
  return Invalid(fmt::format("the type {} of Spark is not supported by Holdfast", name), "UNSUPPORTED_DATATYPE");
}

Result<DataType> MakeDecimal(int precision, int scale) {
  if (precision < 1 || precision > 38) {
    return Invalid(fmt::format("decimal({},{}): the precision must lie between 1 and 38", precision, scale),
                   "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION");
  }
  if (scale < 0 || scale > precision) {
    return Invalid(fmt::format("decimal({},{}): the scale must lie between 0 and the precision", precision, scale));
  }
  return DataType::Decimal(precision, scale);
}

Result<DataType> ScalarTypeOfJsonName(std::string_view name) {
  if (name == "decimal") {
    return DataType::Decimal(10, 0);
  }
  if (name == "null") {
    return DataType::Null();
  }
  if (name == "timestamp_ltz") {
    return DataType::Timestamp();
  }
  if (name.starts_with("decimal")) {
    int precision = 0;
    int scale = 0;
    if (ParseDigits(name.substr(7), &precision, &scale)) {
      return MakeDecimal(precision, scale);
    }
  }
  for (const ScalarName& scalar : kScalars) {
    if (scalar.names.json == name && scalar.kind < TypeKind::kArray) {
      return DataType::Of(scalar.kind);
    }
  }
  if (IsForeign(name)) {
    return UnsupportedType(name);
  }
  return Invalid(fmt::format("\"{}\" is not the name of a type", name), "INVALID_JSON_DATA_TYPE");
}

std::string QuotedIfNeeded(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  bool plain = !name.empty() && is_letter(name[0]);
  for (const char c : name) {
    plain = plain && (is_letter(c) || (c >= '0' && c <= '9'));
  }
  if (plain) {
    return std::string(name);
  }
  std::string out = "`";
  for (const char c : name) {
    out.append(c == '`' ? 2 : 1, c);
  }
  return out + "`";
}

}  // namespace hf
