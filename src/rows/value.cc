// SPDX-License-Identifier: Apache-2.0
#include "holdfast/value.h"

#include <fmt/core.h>

#include "rows/decimal_limits.h"

namespace hf {
namespace {

std::string_view NameOfHeld(const Value& value) {
  static constexpr std::string_view kNames[] = {"null",     "a boolean", "a byte",      "a short",         "an int",
                                                "a long",   "a float",   "a double",    "a decimal",       "a string",
                                                "a binary", "a date",    "a timestamp", "a timestamp_ntz", "an array",
                                                "a map",    "a struct"};
  return kNames[value.index()];
}

// The alternative of ValueVariant that stands for a type.
std::size_t AlternativeOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::kNull: return 0;
    case TypeKind::kBoolean: return 1;
    case TypeKind::kByte: return 2;
    case TypeKind::kShort: return 3;
    case TypeKind::kInt: return 4;
    case TypeKind::kLong: return 5;
    case TypeKind::kFloat: return 6;
    case TypeKind::kDouble: return 7;
    case TypeKind::kDecimal: return 8;
    case TypeKind::kString: return 9;
    case TypeKind::kBinary: return 10;
    case TypeKind::kDate: return 11;
    case TypeKind::kTimestamp: return 12;
    case TypeKind::kTimestampNtz: return 13;
    case TypeKind::kArray: return 14;
    case TypeKind::kMap: return 15;
    case TypeKind::kStruct: return 16;
  }
  return 0;
}

Status Misfit(std::string_view path, const DataType& type, std::string_view found) {
  return Invalid(fmt::format("{}: expected {}, found {}", path, type.ToSql(), found));
}

Status CheckDecimal(const Decimal& decimal, const DataType& type, std::string_view path) {
  if (decimal.scale != type.scale()) {
    return Misfit(path, type, fmt::format("a decimal of scale {}", decimal.scale));
  }
  return FitsDecimal(decimal.unscaled, type.precision()) ? Status() : Misfit(path, type, "a decimal with more digits");
}

Status CheckNested(const Value& value, const DataType& type, std::string_view path) {
  const auto& children = type.children();
  if (const auto* array = std::get_if<ArrayValue>(&value)) {
    for (std::size_t i = 0; i < array->elements.size(); ++i) {
      HF_RETURN_IF_ERROR(
          CheckValue(array->elements[i], children[0].type, children[0].nullable, fmt::format("{}[{}]", path, i)));
    }
  } else if (const auto* map = std::get_if<MapValue>(&value)) {
    for (std::size_t i = 0; i < map->entries.size(); ++i) {
      const auto& [key, mapped] = map->entries[i];
      HF_RETURN_IF_ERROR(CheckValue(key, children[0].type, false, fmt::format("{}.key[{}]", path, i)));
      HF_RETURN_IF_ERROR(
          CheckValue(mapped, children[1].type, children[1].nullable, fmt::format("{}.value[{}]", path, i)));
    }
  } else if (const auto* row = std::get_if<StructValue>(&value)) {
    if (row->fields.size() != children.size()) {
      return Misfit(path, type, fmt::format("a struct of {} fields", row->fields.size()));
    }
    for (std::size_t i = 0; i < children.size(); ++i) {
      HF_RETURN_IF_ERROR(CheckValue(row->fields[i], children[i].type, children[i].nullable,
                                    fmt::format("{}.{}", path, children[i].name)));
    }
  }
  return {};
}

}  // namespace

Status CheckValue(const Value& value, const DataType& type, bool nullable, std::string_view path) {
  if (value.is_null()) {
    return nullable || type.kind() == TypeKind::kNull ? Status()
                                                      : Misfit(path, type, "null, which the column does not allow");
  }
  if (value.index() != AlternativeOf(type.kind())) {
    return Misfit(path, type, NameOfHeld(value));
  }
  if (type.kind() == TypeKind::kDecimal) {
    return CheckDecimal(std::get<Decimal>(value), type, path);
  }
  return type.is_nested() ? CheckNested(value, type, path) : Status();
}

}  // namespace hf
