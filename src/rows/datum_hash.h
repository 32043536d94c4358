// SPDX-License-Identifier: Apache-2.0
// How Spark hashes a datum of any type with a hash of ints, longs and bytes (HashExpression of Spark 4.3): Hash has
// Value, and Int, Long and Bytes, each with the seed behind the value. Columns and the parts of nested data are folded,
// the hash of one is the seed of the next; a null leaves it as it is.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "holdfast/batch.h"

namespace hf {

// BigInteger.toByteArray: the fewest big-endian bytes in two's complement, at least one.
template <typename Hash>
typename Hash::Value HashBigInteger(__int128 value, typename Hash::Value seed) {
  char bytes[16];
  std::size_t size = 0;
  for (int shift = 120; shift >= 0; shift -= 8) {
    const auto byte = static_cast<signed char>(value >> shift);
    const bool is_sign_only = size == 0 && shift > 0 && (value >> (shift - 1)) == (value < 0 ? -1 : 0);
    if (!is_sign_only) {
      bytes[size++] = byte;
    }
  }
  return Hash::Bytes({bytes, size}, seed);
}

// Java's floatToIntBits knows a single NaN, and Spark hashes -0.0 as 0.0.
template <typename Hash>
typename Hash::Value HashFloat(float value, typename Hash::Value seed) {
  if (value == 0) {
    return Hash::Int(0, seed);
  }
  return Hash::Int(std::isnan(value) ? 0x7FC00000 : std::bit_cast<std::int32_t>(value), seed);
}

template <typename Hash>
typename Hash::Value HashDouble(double value, typename Hash::Value seed) {
  if (value == 0) {
    return Hash::Long(0, seed);
  }
  return Hash::Long(std::isnan(value) ? 0x7FF8000000000000 : std::bit_cast<std::int64_t>(value), seed);
}

// REQUIRES: the column is and holds no map.
template <typename Hash>
typename Hash::Value HashDatum(const Column& column, std::int64_t row, typename Hash::Value seed) {
  if (column.IsNull(row)) {
    return seed;
  }
  switch (column.type.kind()) {
    case TypeKind::kNull: return seed;
    case TypeKind::kBoolean: return Hash::Int(column.Bool(row) ? 1 : 0, seed);
    case TypeKind::kByte: return Hash::Int(column.Fixed<std::int8_t>(row), seed);
    case TypeKind::kShort: return Hash::Int(column.Fixed<std::int16_t>(row), seed);
    case TypeKind::kInt:
    case TypeKind::kDate: return Hash::Int(column.Fixed<std::int32_t>(row), seed);
    case TypeKind::kLong:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz: return Hash::Long(column.Fixed<std::int64_t>(row), seed);
    case TypeKind::kFloat: return HashFloat<Hash>(column.Fixed<float>(row), seed);
    case TypeKind::kDouble: return HashDouble<Hash>(column.Fixed<double>(row), seed);
    case TypeKind::kDecimal: {
      const auto unscaled = column.Fixed<__int128>(row);
      return column.type.precision() <= 18 ? Hash::Long(static_cast<std::int64_t>(unscaled), seed)
                                           : HashBigInteger<Hash>(unscaled, seed);
    }
    case TypeKind::kString:
    case TypeKind::kBinary: return Hash::Bytes(column.Bytes(row), seed);
    case TypeKind::kStruct:
      for (const Column& child : column.children) {
        seed = HashDatum<Hash>(child, column.offset + row, seed);
      }
      return seed;
    case TypeKind::kArray:
      for (std::int64_t i = column.offsets[column.offset + row]; i < column.offsets[column.offset + row + 1]; ++i) {
        seed = HashDatum<Hash>(column.children[0], i, seed);
      }
      return seed;
    case TypeKind::kMap: HF_CHECK(false, "a map cannot be hashed");
  }
  return seed;
}

}  // namespace hf
