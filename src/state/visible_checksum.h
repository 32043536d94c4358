// SPDX-License-Identifier: Apache-2.0
// VisibleChecksum: f.crc, the checksum that Spark keeps beside changelogs and snapshots: in Spark 4.1 always, later in
// checkpoint format 2 (Spark 4.3 ChecksumCheckpointFileManager; docs/formats/checksum_files.md). Not Hadoop's .f.crc.
#pragma once

#include <string>
#include <string_view>

#include "files/file_system.h"
#include "holdfast/status.h"

namespace hf {

// "<path>.crc"
std::string VisibleChecksumPath(std::string_view path);
std::string EncodeVisibleChecksum(std::string_view file);

// Reads a file and compares it with its f.crc where there is one. kCorrupt names the file. An f.crc that is none is
// logged and passed over.
Result<std::string> ReadChecked(FileSystem& files, const std::string& path);

}  // namespace hf
