// SPDX-License-Identifier: Apache-2.0
// Spark 4.3's types of results and the types it casts arguments to in ANSI mode (AnsiTypeCoercion, DecimalPrecision).
#pragma once

#include <optional>

#include "holdfast/types.h"

namespace hf {

bool IsIntegral(TypeKind kind);
bool IsNumeric(TypeKind kind);  // with decimal
inline bool IsFractional(TypeKind kind) {
  return kind == TypeKind::kFloat || kind == TypeKind::kDouble || kind == TypeKind::kDecimal;
}
inline bool IsDateTime(TypeKind kind) {
  return kind == TypeKind::kDate || kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampNtz;
}

// The decimal that holds every value of an integral type, or a decimal itself.
DataType DecimalForType(const DataType& type);
// The decimal that holds both (widerDecimalType).
DataType WiderDecimal(const DataType& left, const DataType& right);
// The decimal of `+`, `-`, `*`, `/`, `%` over two decimals, with digits of the fraction given up where 38 are not
// enough.
DataType DecimalResult(char operation, const DataType& left, const DataType& right);

// Whether the two differ in nothing but where nulls may be, and in elements and fields that are nothing but null in
// `from`.
bool IsSameButNulls(const DataType& from, const DataType& to);

// findTightestCommonType and findWiderTypeForTwo; nullopt: none. Nested types are one only when their parts are, by
// WiderType.
std::optional<DataType> TightestCommonType(const DataType& left, const DataType& right);
std::optional<DataType> WiderType(const DataType& left, const DataType& right);
// What a string is cast to beside `other` (findWiderTypeForString).
std::optional<DataType> PromotedString(const DataType& other);

}  // namespace hf
