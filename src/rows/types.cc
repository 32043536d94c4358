// SPDX-License-Identifier: Apache-2.0
#include "holdfast/types.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"
#include "rows/type_names.h"

namespace hf {

DataType DataType::Decimal(int precision, int scale) {
  HF_CHECK(precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision, "decimal({},{})", precision, scale);
  DataType type(TypeKind::kDecimal);
  type.precision_ = static_cast<std::uint8_t>(precision);
  type.scale_ = static_cast<std::uint8_t>(scale);
  return type;
}

DataType DataType::Array(DataType element, bool contains_null) {
  DataType type(TypeKind::kArray);
  type.children_ = std::make_shared<const std::vector<StructField>>(
      std::vector<StructField>{{.name = "element", .type = std::move(element), .nullable = contains_null}});
  return type;
}

DataType DataType::Map(DataType key, DataType value, bool value_contains_null) {
  DataType type(TypeKind::kMap);
  type.children_ = std::make_shared<const std::vector<StructField>>(
      std::vector<StructField>{{.name = "key", .type = std::move(key), .nullable = false},
                               {.name = "value", .type = std::move(value), .nullable = value_contains_null}});
  return type;
}

DataType DataType::Struct(std::vector<StructField> fields) {
  DataType type(TypeKind::kStruct);
  type.children_ = std::make_shared<const std::vector<StructField>>(std::move(fields));
  return type;
}

const std::vector<StructField>& DataType::children() const {
  static const std::vector<StructField> none;
  return children_ ? *children_ : none;
}

bool DataType::operator==(const DataType& other) const {
  if (kind_ != other.kind_ || precision_ != other.precision_ || scale_ != other.scale_) {
    return false;
  }
  return children_ == other.children_ || children() == other.children();
}

std::string DataType::ToString() const {
  switch (kind_) {
    case TypeKind::kDecimal: return fmt::format("decimal({},{})", precision(), scale());
    case TypeKind::kArray: return fmt::format("array<{}>", children()[0].type.ToString());
    case TypeKind::kMap: return fmt::format("map<{},{}>", children()[0].type.ToString(), children()[1].type.ToString());
    case TypeKind::kStruct: {
      std::string out = "struct<";
      for (const StructField& field : children()) {
        out += fmt::format("{}{}:{}", out.size() > 7 ? "," : "", field.name, field.type.ToString());
      }
      return out + ">";
    }
    default: return std::string(NamesOf(kind_).simple);
  }
}

std::optional<std::size_t> Schema::IndexOf(std::string_view name) const {
  for (std::size_t i = 0; i < size(); ++i) {
    if (field(i).name == name) {
      return i;
    }
  }
  return std::nullopt;
}

Result<std::optional<std::size_t>> Schema::FindOne(std::string_view name) const {
  const auto is_meant = [name](const StructField& field) { return field.name == name; };
  if (std::count_if(fields().begin(), fields().end(), is_meant) > 1) {
    return Invalid(
        fmt::format("several columns have the name {}; there are {}. Give one of them another name", name, ToDdl()),
        "AMBIGUOUS_REFERENCE");
  }
  return IndexOf(name);
}

Result<Schema> Schema::Parse(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{' ? FromJson(text) : FromDdl(text);
}

}  // namespace hf
