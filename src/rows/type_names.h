// SPDX-License-Identifier: Apache-2.0
// The three names that Spark 4.3 has for each scalar type, and what it has and Holdfast lacks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "holdfast/types.h"

namespace hf {

// Types that nest deeper are refused when a text is parsed: every walk over a type is a recursion.
inline constexpr int kTypeDepthMax = 100;

struct TypeNames {
  std::string_view json;    // DataType.typeName: "integer"
  std::string_view simple;  // DataType.simpleString: "int"
  std::string_view sql;     // DataType.sql: "INT"
};

// Decimals have their digits behind the name; nested types have only a name.
TypeNames NamesOf(TypeKind kind);

// The scalar type with this name in StructType JSON: "integer", "decimal(10,2)", also "null" and "timestamp_ltz",
// as DataType.nameToType takes them. kInvalid names a type of Spark that Holdfast lacks, or an unknown one.
Result<DataType> ScalarTypeOfJsonName(std::string_view name);

// kInvalid when Spark would refuse the digits of a decimal.
Result<DataType> MakeDecimal(int precision, int scale);

// The refusal of a type that Spark has and Holdfast lacks.
Status UnsupportedType(std::string_view name);

// `name` as an identifier in DDL: in backticks when it is not letters, digits and underscores.
std::string QuotedIfNeeded(std::string_view name);

}  // namespace hf
