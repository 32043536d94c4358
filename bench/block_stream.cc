// SPDX-License-Identifier: Apache-2.0
#include "block_stream.h"

#include <lz4.h>
#include <xxhash.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace bench {

namespace {

constexpr std::size_t kBlockBytes = 32 * 1024;
constexpr std::string_view kMagic = "LZ4Block";
constexpr std::size_t kHeaderBytes = 8 + 1 + 4 + 4 + 4;  // magic, token, stored bytes, original bytes, checksum
constexpr std::uint8_t kStoredRaw = 0x10;
constexpr std::uint8_t kStoredLz4 = 0x20;
constexpr std::uint8_t kSizeClass = 5;  // 32 KiB = 2^(10 + 5)
constexpr std::uint32_t kChecksumSeed = 0x9747b28c;
constexpr std::uint32_t kChecksumMask = 0x0fffffff;

// Numbers of the header are little-endian, as this machine's are.
void StoreHeader(char* to, std::uint8_t method, std::uint32_t stored, std::uint32_t original, std::uint32_t checksum) {
  std::memcpy(to, kMagic.data(), kMagic.size());
  to[8] = static_cast<char>(method | kSizeClass);
  std::memcpy(to + 9, &stored, 4);
  std::memcpy(to + 13, &original, 4);
  std::memcpy(to + 17, &checksum, 4);
}

}  // namespace

std::string_view CompressBlocks(std::string_view bytes, std::string* room) {
  const auto block_room = static_cast<std::size_t>(LZ4_compressBound(kBlockBytes));
  const std::size_t most = (bytes.size() / kBlockBytes + 1) * (kHeaderBytes + block_room) + kHeaderBytes;
  if (room->size() < most) {
    room->resize(most);
  }
  char* to = room->data();
  for (std::size_t at = 0; at < bytes.size(); at += kBlockBytes) {
    const std::string_view block = bytes.substr(at, kBlockBytes);
    auto stored = static_cast<std::size_t>(LZ4_compress_default(
        block.data(), to + kHeaderBytes, static_cast<int>(block.size()), static_cast<int>(block_room)));
    const bool raw = stored == 0 || stored >= block.size();
    if (raw) {
      stored = block.size();
      std::memcpy(to + kHeaderBytes, block.data(), stored);
    }
    const std::uint32_t checksum = XXH32(block.data(), block.size(), kChecksumSeed) & kChecksumMask;
    StoreHeader(to, raw ? kStoredRaw : kStoredLz4, static_cast<std::uint32_t>(stored),
                static_cast<std::uint32_t>(block.size()), checksum);
    to += kHeaderBytes + stored;
  }
  StoreHeader(to, kStoredRaw, 0, 0, 0);
  to += kHeaderBytes;
  return {room->data(), static_cast<std::size_t>(to - room->data())};
}

}  // namespace bench
