// SPDX-License-Identifier: Apache-2.0
// Avro's integers: zigzag, then seven bits a byte, least significant first, the high bit on all but the last
// (Avro 1.12 specification, "Binary encoding"). Up to eight bytes are made or read in one step without a loop:
// most timestamps are eight bytes long.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace hf::avro {

static_assert(std::endian::native == std::endian::little, "values are moved between memory and Avro as they lie");

inline constexpr std::size_t kVarintBytesMax = 10;

// Writes up to kVarintBytesMax bytes at `p`, of which the returned pointer marks the end. At least 10 bytes must be
// writable.
inline char* WriteVarint(char* p, std::uint64_t value) {
  if (value < 0x80) {
    *p = static_cast<char>(value);
    return p + 1;
  }
  if (value < (std::uint64_t{1} << 56)) {
    const auto bytes = static_cast<unsigned>((64 - std::countl_zero(value) + 6) / 7);
    std::uint64_t x = (value & 0x000000000fffffffU) | ((value & 0x00fffffff0000000U) << 4);
    x = (x & 0x00003fff00003fffU) | ((x & 0x0fffc0000fffc000U) << 2);
    x = (x & 0x007f007f007f007fU) | ((x & 0x3f803f803f803f80U) << 1);
    x |= 0x8080808080808080U & ((std::uint64_t{1} << (8 * (bytes - 1))) - 1);
    std::memcpy(p, &x, 8);
    return p + bytes;
  }
  while (value >= 0x80) {
    *p++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *p++ = static_cast<char>(value);
  return p;
}
inline char* WriteLong(char* p, std::int64_t value) { return WriteVarint(p, Zigzag(value)); }

// Near the end of the bytes, and for nine or ten bytes. nullptr: cut off, or longer than 64 bits.
inline const std::uint8_t* ReadVarintSlowly(const std::uint8_t* p, const std::uint8_t* end, std::uint64_t* value) {
  std::uint64_t result = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (p == end) {
      return nullptr;
    }
    const std::uint8_t byte = *p++;
    if (shift == 63 && byte > 1) {
      return nullptr;
    }
    result |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      *value = result;
      return p;
    }
  }
  return nullptr;
}

// Returns the place after the integer, or nullptr when there is none.
inline const std::uint8_t* ReadVarint(const std::uint8_t* p, const std::uint8_t* end, std::uint64_t* value) {
  if (end - p < 8) {
    return ReadVarintSlowly(p, end, value);
  }
  std::uint64_t x;
  std::memcpy(&x, p, 8);
  if ((x & 0x80) == 0) {
    *value = x & 0x7f;
    return p + 1;
  }
  const std::uint64_t last = ~x & 0x8080808080808080U;
  if (last == 0) {
    return ReadVarintSlowly(p, end, value);
  }
  x &= (last ^ (last - 1)) & 0x7f7f7f7f7f7f7f7fU;
  x = (x & 0x007f007f007f007fU) | ((x & 0x7f007f007f007f00U) >> 1);
  x = (x & 0x00003fff00003fffU) | ((x & 0x3fff00003fff0000U) >> 2);
  x = (x & 0x000000000fffffffU) | ((x & 0x0fffffff00000000U) >> 4);
  *value = x;
  return p + std::countr_zero(last) / 8 + 1;
}
inline const std::uint8_t* ReadLong(const std::uint8_t* p, const std::uint8_t* end, std::int64_t* value) {
  std::uint64_t raw;
  p = ReadVarint(p, end, &raw);
  if (p != nullptr) {
    *value = Unzigzag(raw);
  }
  return p;
}

}  // namespace hf::avro
