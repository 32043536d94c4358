// SPDX-License-Identifier: Apache-2.0
#include "expressions/coercion.h"

#include <algorithm>

#include "expressions/token.h"
#include "rows/decimal_limits.h"

namespace hf {
namespace {

// DecimalType.adjustPrecisionScale: keeps digits before the point, and of those behind it at least six.
DataType Adjusted(int precision, int scale) {
  constexpr int kMinimumAdjustedScale = 6;
  if (precision <= kDecimalPrecisionMax) {
    return DataType::Decimal(precision, scale);
  }
  const int whole_digits = precision - scale;
  return DataType::Decimal(kDecimalPrecisionMax,
                           std::max(kDecimalPrecisionMax - whole_digits, std::min(scale, kMinimumAdjustedScale)));
}

std::optional<DataType> WiderDateTime(TypeKind left, TypeKind right) {
  const bool has_ltz = left == TypeKind::kTimestamp || right == TypeKind::kTimestamp;
  return has_ltz ? DataType::Timestamp() : DataType::TimestampNtz();
}

}  // namespace

bool IsIntegral(TypeKind kind) { return kind >= TypeKind::kByte && kind <= TypeKind::kLong; }
bool IsNumeric(TypeKind kind) { return kind >= TypeKind::kByte && kind <= TypeKind::kDecimal; }

DataType DecimalForType(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kByte: return DataType::Decimal(3, 0);
    case TypeKind::kShort: return DataType::Decimal(5, 0);
    case TypeKind::kInt: return DataType::Decimal(10, 0);
    case TypeKind::kLong: return DataType::Decimal(20, 0);
    case TypeKind::kFloat: return DataType::Decimal(14, 7);
    case TypeKind::kDouble: return DataType::Decimal(30, 15);
    default: return type;
  }
}

DataType WiderDecimal(const DataType& left, const DataType& right) {
  const int scale = std::max(left.scale(), right.scale());
  const int whole = std::max(left.precision() - left.scale(), right.precision() - right.scale());
  return DataType::Decimal(std::min(whole + scale, kDecimalPrecisionMax), std::min(scale, kDecimalPrecisionMax));
}

DataType DecimalResult(char operation, const DataType& left, const DataType& right) {
  const int p1 = left.precision();
  const int s1 = left.scale();
  const int p2 = right.precision();
  const int s2 = right.scale();
  const int scale = std::max(s1, s2);
  switch (operation) {
    case '*': return Adjusted(p1 + p2 + 1, s1 + s2);
    case '/': {
      const int quotient_scale = std::max(6, s1 + p2 + 1);
      return Adjusted(p1 - s1 + s2 + quotient_scale, quotient_scale);
    }
    case '%': return Adjusted(std::min(p1 - s1, p2 - s2) + scale, scale);
    default: return Adjusted(std::max(p1 - s1, p2 - s2) + scale + 1, scale);
  }
}

std::optional<DataType> TightestCommonType(const DataType& left, const DataType& right) {
  const TypeKind a = left.kind();
  const TypeKind b = right.kind();
  if (left == right) {
    return left;
  }
  if (a == TypeKind::kNull || b == TypeKind::kNull) {
    return a == TypeKind::kNull ? right : left;
  }
  if (IsNumeric(a) && IsNumeric(b)) {
    if (a == TypeKind::kDecimal || b == TypeKind::kDecimal) {
      const DataType& decimal = a == TypeKind::kDecimal ? left : right;
      const DataType& other = a == TypeKind::kDecimal ? right : left;
      const DataType whole = DecimalForType(other);
      const bool wider = IsIntegral(other.kind()) && decimal.precision() - decimal.scale() >= whole.precision();
      return wider ? std::optional(decimal) : std::nullopt;
    }
    // An integral type beside float becomes double, which loses less.
    return std::max(a, b) == TypeKind::kFloat ? DataType::Double() : DataType::Of(std::max(a, b));
  }
  if (IsDateTime(a) && IsDateTime(b)) {
    return WiderDateTime(a, b);
  }
  return std::nullopt;
}

std::optional<DataType> PromotedString(const DataType& other) {
  if (IsIntegral(other.kind())) {
    return DataType::Long();
  }
  if (IsFractional(other.kind())) {
    return DataType::Double();
  }
  if (other.kind() == TypeKind::kNull) {
    return DataType::String();
  }
  return other.is_nested() ? std::nullopt : std::optional(other);
}

bool IsSameButNulls(const DataType& from, const DataType& to) {
  const std::vector<StructField>& left = from.children();
  const std::vector<StructField>& right = to.children();
  if (from.kind() != to.kind()) {
    return from.kind() == TypeKind::kNull;
  }
  if (!from.is_nested()) {
    return from == to;
  }
  bool same = left.size() == right.size();
  for (std::size_t i = 0; same && i < left.size(); ++i) {
    same = left[i].name == right[i].name && IsSameButNulls(left[i].type, right[i].type);
  }
  return same;
}

namespace {

// TypeCoercionBase.findTypeForComplex.
std::optional<DataType> WiderNested(const DataType& left, const DataType& right) {
  if (left.kind() != right.kind() || left.children().size() != right.children().size()) {
    return std::nullopt;
  }
  std::vector<StructField> parts;
  for (std::size_t i = 0; i < left.children().size(); ++i) {
    const StructField& a = left.children()[i];
    const StructField& b = right.children()[i];
    const auto type = WiderType(a.type, b.type);
    if (!type.has_value() || !SameWord(a.name, b.name)) {
      return std::nullopt;
    }
    parts.push_back({a.name, *type, a.nullable || b.nullable});
  }
  switch (left.kind()) {
    case TypeKind::kArray: return DataType::Array(parts[0].type, parts[0].nullable);
    case TypeKind::kMap: return DataType::Map(parts[0].type, parts[1].type, parts[1].nullable);
    default: return DataType::Struct(std::move(parts));
  }
}

}  // namespace

std::optional<DataType> WiderType(const DataType& left, const DataType& right) {
  if (auto tightest = TightestCommonType(left, right)) {
    return tightest;
  }
  const TypeKind a = left.kind();
  const TypeKind b = right.kind();
  if (IsNumeric(a) && IsNumeric(b)) {  // one of them a decimal
    const bool floating =
        a == TypeKind::kFloat || a == TypeKind::kDouble || b == TypeKind::kFloat || b == TypeKind::kDouble;
    return floating ? DataType::Double() : WiderDecimal(DecimalForType(left), DecimalForType(right));
  }
  if (a == TypeKind::kString || b == TypeKind::kString) {
    return PromotedString(a == TypeKind::kString ? right : left);
  }
  return left.is_nested() ? WiderNested(left, right) : std::nullopt;
}

}  // namespace hf
