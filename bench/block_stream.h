// SPDX-License-Identifier: Apache-2.0
// lz4-java's LZ4BlockOutputStream, which Spark writes changelogs in: blocks of 32 KiB with a header each.
#pragma once

#include <string>
#include <string_view>

namespace bench {

// Returns the stream of `bytes`, which lies in *room until the next use of it; *room grows where it must.
std::string_view CompressBlocks(std::string_view bytes, std::string* room);

}  // namespace bench
