// SPDX-License-Identifier: Apache-2.0
// CRC32 (zlib's, java.util.zip.CRC32): the checksum in Hadoop's hidden .f.crc files. Not CRC32C.
#pragma once

#include <cstdint>
#include <string_view>

namespace hf {

// Returns the checksum of what gave `so_far`, followed by `bytes`.
std::uint32_t Crc32(std::string_view bytes, std::uint32_t so_far = 0);

}  // namespace hf
