// SPDX-License-Identifier: Apache-2.0
#include "rows/murmur3_spark.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "rows/datum_hash.h"

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

struct Murmur3 {
  using Value = std::int32_t;
  static Value Int(std::int32_t value, Value seed) { return HashInt(value, seed); }
  static Value Long(std::int64_t value, Value seed) { return HashLong(value, seed); }
  static Value Bytes(std::string_view bytes, Value seed) { return HashBytes(bytes, seed); }
};

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
    seed = HashDatum<Murmur3>(*column, row, seed);
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
      out[i] = HashDatum<Murmur3>(*column, static_cast<std::int64_t>(i), out[i]);
    }
  }
}

}  // namespace hf
