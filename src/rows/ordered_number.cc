// SPDX-License-Identifier: Apache-2.0
#include "rows/ordered_number.h"

#include <bit>

namespace hf {
namespace {

template <typename T>
OrderedNumber OrderedInteger(T value) {
  return {value < 0 ? OrderedNumber::kNegative : OrderedNumber::kPositive,
          static_cast<std::uint64_t>(static_cast<std::int64_t>(value))};
}
template <typename Bits, typename T>
OrderedNumber OrderedFloat(T value) {
  const auto bits = std::bit_cast<Bits>(value);
  const bool negative = (bits >> (8 * sizeof(Bits) - 1)) != 0;
  return {negative ? OrderedNumber::kNegative : OrderedNumber::kPositive, negative ? static_cast<Bits>(~bits) : bits};
}

}  // namespace

int OrderedBytes(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
    case TypeKind::kByte: return 1;
    case TypeKind::kShort: return 2;
    case TypeKind::kInt:
    case TypeKind::kFloat: return 4;
    case TypeKind::kLong:
    case TypeKind::kDouble: return 8;
    case TypeKind::kNull:
    case TypeKind::kDecimal:
    case TypeKind::kString:
    case TypeKind::kBinary:
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kStruct: break;
  }
  return 0;
}

bool ToOrdered(const Value& value, TypeKind kind, OrderedNumber* ordered) {
  if (value.is_null()) {
    *ordered = {};
    return true;
  }
  if (const auto* flag = std::get_if<bool>(&value); flag != nullptr && kind == TypeKind::kBoolean) {
    *ordered = {OrderedNumber::kPositive, *flag ? 1U : 0U};
  } else if (const auto* i8 = std::get_if<std::int8_t>(&value); i8 != nullptr && kind == TypeKind::kByte) {
    *ordered = OrderedInteger(*i8);
  } else if (const auto* i16 = std::get_if<std::int16_t>(&value); i16 != nullptr && kind == TypeKind::kShort) {
    *ordered = OrderedInteger(*i16);
  } else if (const auto* i32 = std::get_if<std::int32_t>(&value); i32 != nullptr && kind == TypeKind::kInt) {
    *ordered = OrderedInteger(*i32);
  } else if (const auto* i64 = std::get_if<std::int64_t>(&value); i64 != nullptr && kind == TypeKind::kLong) {
    *ordered = OrderedInteger(*i64);
  } else if (const auto* f32 = std::get_if<float>(&value); f32 != nullptr && kind == TypeKind::kFloat) {
    *ordered = OrderedFloat<std::uint32_t>(*f32);
  } else if (const auto* f64 = std::get_if<double>(&value); f64 != nullptr && kind == TypeKind::kDouble) {
    *ordered = OrderedFloat<std::uint64_t>(*f64);
  } else {
    return false;
  }
  return true;
}

Value FromOrdered(const OrderedNumber& ordered, TypeKind kind) {
  if (ordered.is_null()) {
    return {};
  }
  const bool flipped = ordered.marker == OrderedNumber::kNegative;
  if (kind == TypeKind::kBoolean) {
    return ordered.bits != 0;
  }
  if (kind == TypeKind::kByte) {
    return static_cast<std::int8_t>(ordered.bits);
  }
  if (kind == TypeKind::kShort) {
    return static_cast<std::int16_t>(ordered.bits);
  }
  if (kind == TypeKind::kInt) {
    return static_cast<std::int32_t>(ordered.bits);
  }
  if (kind == TypeKind::kFloat) {
    const auto bits = static_cast<std::uint32_t>(ordered.bits);
    return std::bit_cast<float>(flipped ? ~bits : bits);
  }
  if (kind == TypeKind::kDouble) {
    return std::bit_cast<double>(flipped ? ~ordered.bits : ordered.bits);
  }
  return static_cast<std::int64_t>(ordered.bits);
}

}  // namespace hf
