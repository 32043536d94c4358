// SPDX-License-Identifier: Apache-2.0
// OrderedNumber: a number as a marker and bits, which compare as unsigned the way the numbers compare. What range keys
// are made of, whatever their encoding (Spark 4.3 RocksDBDataEncoder.encodePrefixKeyForRangeScan).
#pragma once

#include <cstdint>

#include "holdfast/types.h"
#include "holdfast/value.h"

namespace hf {

struct OrderedNumber {
  static constexpr std::uint8_t kNegative = 0x00;
  static constexpr std::uint8_t kPositive = 0x01;  // zero or more
  static constexpr std::uint8_t kNull = 0x02;

  std::uint8_t marker = kNull;
  std::uint64_t bits = 0;  // of floating point numbers below zero all are flipped

  [[nodiscard]] bool is_null() const { return marker == kNull; }
};

// Bytes of a number of this type; 0: it has no such form.
int OrderedBytes(TypeKind kind);

// False: the value is not of the type.
bool ToOrdered(const Value& value, TypeKind kind, OrderedNumber* ordered);
Value FromOrdered(const OrderedNumber& ordered, TypeKind kind);

}  // namespace hf
