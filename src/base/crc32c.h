// SPDX-License-Identifier: Apache-2.0
// CRC32C (Castagnoli, java.util.zip.CRC32C): the checksum in Spark's visible f.crc files and of its rows.
// Hadoop's hidden .f.crc files hold CRC32 instead.
#pragma once

#include <cstdint>
#include <string_view>

namespace hf {

// Returns the checksum of what gave `so_far`, followed by `bytes`. Uses the processor's instruction for it
// where there is one, which is asked at run time.
std::uint32_t Crc32c(std::string_view bytes, std::uint32_t so_far = 0);

// As Crc32c, by tables. For tests of one against the other.
std::uint32_t Crc32cPortable(std::string_view bytes, std::uint32_t so_far = 0);

}  // namespace hf
