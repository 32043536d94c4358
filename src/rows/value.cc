// SPDX-License-Identifier: Apache-2.0
#include "holdfast/value.h"

#include <fmt/core.h>

#include <optional>

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

// Where a value stands. Nearly all fit, so that the text is made only for one that does not.
struct Place {
  const Place* around = nullptr;
  std::string_view before = {};  // "." in front of a field's name
  std::string_view name = {};
  std::optional<std::size_t> index = {};

  [[nodiscard]] std::string Text() const {
    return fmt::format("{}{}{}{}", around == nullptr ? "" : around->Text(), before, name,
                       index.has_value() ? fmt::format("[{}]", *index) : "");
  }
};

Status Misfit(const Place& place, const DataType& type, std::string_view found) {
  return Invalid(fmt::format("{}: expected {}, found {}", place.Text(), type.ToSql(), found));
}

Status CheckDecimal(const Decimal& decimal, const DataType& type, const Place& place) {
  if (decimal.scale != type.scale()) {
    return Misfit(place, type, fmt::format("a decimal of scale {}", decimal.scale));
  }
  return FitsDecimal(decimal.unscaled, type.precision()) ? Status() : Misfit(place, type, "a decimal with more digits");
}

Status Check(const Value& value, const DataType& type, bool nullable, const Place& place);

Status CheckNested(const Value& value, const DataType& type, const Place& place) {
  const auto& children = type.children();
  if (const auto* array = std::get_if<ArrayValue>(&value)) {
    for (std::size_t i = 0; i < array->elements.size(); ++i) {
      HF_RETURN_IF_ERROR(
          Check(array->elements[i], children[0].type, children[0].nullable, {.around = &place, .index = i}));
    }
  } else if (const auto* map = std::get_if<MapValue>(&value)) {
    for (std::size_t i = 0; i < map->entries.size(); ++i) {
      const auto& [key, mapped] = map->entries[i];
      HF_RETURN_IF_ERROR(Check(key, children[0].type, false, {.around = &place, .name = ".key", .index = i}));
      HF_RETURN_IF_ERROR(
          Check(mapped, children[1].type, children[1].nullable, {.around = &place, .name = ".value", .index = i}));
    }
  } else if (const auto* row = std::get_if<StructValue>(&value)) {
    if (row->fields.size() != children.size()) {
      return Misfit(place, type, fmt::format("a struct of {} fields", row->fields.size()));
    }
    for (std::size_t i = 0; i < children.size(); ++i) {
      HF_RETURN_IF_ERROR(Check(row->fields[i], children[i].type, children[i].nullable,
                               {.around = &place, .before = ".", .name = children[i].name}));
    }
  }
  return {};
}

Status Check(const Value& value, const DataType& type, bool nullable, const Place& place) {
  if (value.is_null()) {
    return nullable || type.kind() == TypeKind::kNull ? Status()
                                                      : Misfit(place, type, "null, which the column does not allow");
  }
  if (value.index() != AlternativeOf(type.kind())) {
    return Misfit(place, type, NameOfHeld(value));
  }
  if (type.kind() == TypeKind::kDecimal) {
    return CheckDecimal(std::get<Decimal>(value), type, place);
  }
  return type.is_nested() ? CheckNested(value, type, place) : Status();
}

}  // namespace

Status CheckValue(const Value& value, const DataType& type, bool nullable, std::string_view path) {
  return Check(value, type, nullable, {.name = path});
}

}  // namespace hf
