// SPDX-License-Identifier: Apache-2.0
#include "rows/murmur3_spark.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/check.h"

namespace hf {
namespace {

inline std::uint32_t MixWord(std::uint32_t word) { return std::rotl(word * 0xCC9E2D51u, 15) * 0x1B873593u; }
inline std::uint32_t MixHash(std::uint32_t hash, std::uint32_t word) {
  return std::rotl(hash ^ MixWord(word), 13) * 5 + 0xE6546B64u;
}
inline std::int32_t Finish(std::uint32_t hash, std::uint32_t size) {
  hash ^= size;
  hash = (hash ^ hash >> 16) * 0x85EBCA6Bu;
  hash = (hash ^ hash >> 13) * 0xC2B2AE35u;
  return static_cast<std::int32_t>(hash ^ hash >> 16);
}

inline std::int32_t HashBytesInline(const char* bytes, std::size_t size, std::int32_t seed) {
  auto hash = static_cast<std::uint32_t>(seed);
  std::size_t at = 0;
  for (; at + 4 <= size; at += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes + at, 4);
    hash = MixHash(hash, word);
  }
  for (; at < size; ++at) {
    hash = MixHash(hash, static_cast<std::uint32_t>(static_cast<std::int32_t>(static_cast<signed char>(bytes[at]))));
  }
  return Finish(hash, static_cast<std::uint32_t>(size));
}

// BigInteger.toByteArray: the fewest big-endian bytes in two's complement, at least one.
std::int32_t HashBigInteger(__int128 value, std::int32_t seed) {
  char bytes[16];
  std::size_t size = 0;
  for (int shift = 120; shift >= 0; shift -= 8) {
    const auto byte = static_cast<signed char>(value >> shift);
    const bool is_sign_only = size == 0 && shift > 0 && (value >> (shift - 1)) == (value < 0 ? -1 : 0);
    if (!is_sign_only) {
      bytes[size++] = byte;
    }
  }
  return HashBytes({bytes, size}, seed);
}

// Java's floatToIntBits knows a single NaN, and Spark hashes -0.0 as 0.0.
std::int32_t HashFloat(float value, std::int32_t seed) {
  if (value == 0) {
    return HashInt(0, seed);
  }
  return HashInt(std::isnan(value) ? 0x7FC00000 : std::bit_cast<std::int32_t>(value), seed);
}

std::int32_t HashDouble(double value, std::int32_t seed) {
  if (value == 0) {
    return HashLong(0, seed);
  }
  return HashLong(std::isnan(value) ? 0x7FF8000000000000 : std::bit_cast<std::int64_t>(value), seed);
}

std::int32_t HashDatum(const Column& column, std::int64_t row, std::int32_t seed) {
  if (column.IsNull(row)) {
    return seed;
  }
  switch (column.type.kind()) {
    case TypeKind::kNull: return seed;
    case TypeKind::kBoolean: return HashInt(column.Bool(row) ? 1 : 0, seed);
    case TypeKind::kByte: return HashInt(column.Fixed<std::int8_t>(row), seed);
    case TypeKind::kShort: return HashInt(column.Fixed<std::int16_t>(row), seed);
    case TypeKind::kInt:
    case TypeKind::kDate: return HashInt(column.Fixed<std::int32_t>(row), seed);
    case TypeKind::kLong:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz: return HashLong(column.Fixed<std::int64_t>(row), seed);
    case TypeKind::kFloat: return HashFloat(column.Fixed<float>(row), seed);
    case TypeKind::kDouble: return HashDouble(column.Fixed<double>(row), seed);
    case TypeKind::kDecimal: {
      const auto unscaled = column.Fixed<__int128>(row);
      return column.type.precision() <= 18 ? HashLong(static_cast<std::int64_t>(unscaled), seed)
                                           : HashBigInteger(unscaled, seed);
    }
    case TypeKind::kString:
    case TypeKind::kBinary: return HashBytes(column.Bytes(row), seed);
    case TypeKind::kStruct:
      for (const Column& child : column.children) {
        seed = HashDatum(child, column.offset + row, seed);
      }
      return seed;
    case TypeKind::kArray:
      for (std::int64_t i = column.offsets[column.offset + row]; i < column.offsets[column.offset + row + 1]; ++i) {
        seed = HashDatum(column.children[0], i, seed);
      }
      return seed;
    case TypeKind::kMap: HF_CHECK(false, "a map cannot be hashed");
  }
  return seed;
}

void HashTexts(const Column& column, std::span<std::int32_t> out) {
  const std::int32_t* offsets = column.offsets + column.offset;
  const auto* bytes = reinterpret_cast<const char*>(column.values);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = HashBytesInline(bytes + offsets[i], static_cast<std::size_t>(offsets[i + 1] - offsets[i]), out[i]);
  }
}

}  // namespace

std::int32_t HashInt(std::int32_t value, std::int32_t seed) {
  return Finish(MixHash(static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(value)), 4);
}

std::int32_t HashLong(std::int64_t value, std::int32_t seed) {
  const auto bits = static_cast<std::uint64_t>(value);
  const std::uint32_t low = MixHash(static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(bits));
  return Finish(MixHash(low, static_cast<std::uint32_t>(bits >> 32)), 8);
}

std::int32_t HashBytes(std::string_view bytes, std::int32_t seed) {
  return HashBytesInline(bytes.data(), bytes.size(), seed);
}

std::int32_t HashRow(std::span<const Column* const> columns, std::int64_t row, std::int32_t seed) {
  for (const Column* column : columns) {
    seed = HashDatum(*column, row, seed);
  }
  return seed;
}

void HashRows(std::span<const Column* const> columns, std::span<std::int32_t> out, std::int32_t seed) {
  std::fill(out.begin(), out.end(), seed);
  for (const Column* column : columns) {
    if (column->type.kind() == TypeKind::kString && column->validity == nullptr) {
      HashTexts(*column, out);
      continue;
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = HashDatum(*column, static_cast<std::int64_t>(i), out[i]);
    }
  }
}

}  // namespace hf
