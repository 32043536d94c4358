// SPDX-License-Identifier: Apache-2.0
#include "base/crc32c.h"

#include "base/crc_tables.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace hf {
namespace {

constexpr crc_tables::Tables kTables = crc_tables::MakeTables(0x82F63B78u);

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t ExtendWithInstruction(std::uint32_t so_far, std::string_view bytes) {
  std::uint64_t crc = ~so_far;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    crc = _mm_crc32_u64(crc, LoadLittle64(at));
  }
  auto narrow = static_cast<std::uint32_t>(crc);
  for (; left > 0; --left, ++at) {
    narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(*at));
  }
  return ~narrow;
}
#endif

}  // namespace

std::uint32_t Crc32cPortable(std::string_view bytes, std::uint32_t so_far) {
  return crc_tables::Extend(kTables, so_far, bytes);
}

std::uint32_t Crc32c(std::string_view bytes, std::uint32_t so_far) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) {
    return ExtendWithInstruction(so_far, bytes);
  }
#endif
  return Crc32cPortable(bytes, so_far);
}

}  // namespace hf
