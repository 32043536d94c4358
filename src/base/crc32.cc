// SPDX-License-Identifier: Apache-2.0
#include "base/crc32.h"

#include "base/crc_tables.h"

namespace hf {
namespace {

constexpr crc_tables::Tables kTables = crc_tables::MakeTables(0xEDB88320u);

}  // namespace

std::uint32_t Crc32(std::string_view bytes, std::uint32_t so_far) { return crc_tables::Extend(kTables, so_far, bytes); }

}  // namespace hf
