// SPDX-License-Identifier: Apache-2.0
// Table-driven 32-bit checksums, sixteen bytes a step ("slicing"): tables[k][b] is the checksum of byte b
// followed by k zero bytes, so that the sixteen lookups of a step are independent of each other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace hf::crc_tables {

inline constexpr std::size_t kSlices = 16;
using Tables = std::array<std::array<std::uint32_t, 256>, kSlices>;

// `polynomial` with its lowest bit first, as both checksums shift to the right.
constexpr Tables MakeTables(std::uint32_t polynomial) {
  Tables tables{};
  for (std::uint32_t b = 0; b < 256; ++b) {
    std::uint32_t crc = b;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0);
    }
    tables[0][b] = crc;
  }
  for (std::size_t k = 1; k < kSlices; ++k) {
    for (std::size_t b = 0; b < 256; ++b) {
      const std::uint32_t before = tables[k - 1][b];
      tables[k][b] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}

inline std::uint32_t FoldWord(const Tables& tables, std::uint32_t word, std::size_t highest) {
  return tables[highest][word & 0xFF] ^ tables[highest - 1][(word >> 8) & 0xFF] ^
         tables[highest - 2][(word >> 16) & 0xFF] ^ tables[highest - 3][word >> 24];
}

inline std::uint32_t Extend(const Tables& tables, std::uint32_t so_far, std::string_view bytes) {
  std::uint32_t crc = ~so_far;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= kSlices; left -= kSlices, at += kSlices) {
    crc = FoldWord(tables, crc ^ LoadLittle32(at), 15) ^ FoldWord(tables, LoadLittle32(at + 4), 11) ^
          FoldWord(tables, LoadLittle32(at + 8), 7) ^ FoldWord(tables, LoadLittle32(at + 12), 3);
  }
  for (; left > 0; --left, ++at) {
    crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<unsigned char>(*at)) & 0xFF];
  }
  return ~crc;
}

}  // namespace hf::crc_tables
