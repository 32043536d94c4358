// SPDX-License-Identifier: Apache-2.0
// The compressed streams that Spark writes changelogs in (spark.sql.streaming.stateStore.compression.codec), whole
// streams in memory at a time:
//   kLz4     lz4-java's LZ4BlockOutputStream: blocks of 32 KiB, each with its own header and xxHash32 checksum
//   kZstd    one Zstandard frame (Spark ZStdCompressionCodec, level 1)
//   kSnappy  snappy-java's SnappyOutputStream: a 16-byte header, then blocks with a big-endian length (no checksum)
//   kLzf     compress-lzf's LZFOutputStream: chunks of up to 65535 bytes, "ZV", compressed or as they are (no checksum)
//   kNone    the bytes themselves
// LZF is read whole and written in chunks that are not compressed: Spark reads those, and nobody chooses it for size.
// Decompression takes hostile bytes: memory grows only with what has been decoded, up to `bytes_max`.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "holdfast/status.h"

namespace hf {

enum class CompressionCodec { kNone, kLz4, kZstd, kSnappy, kLzf };

// "none", "lz4", "zstd", "snappy", "lzf": the values of Spark's configuration. nullopt for another text.
std::optional<CompressionCodec> FindCompressionCodec(std::string_view name);
std::string_view CompressionCodecName(CompressionCodec codec);

Result<std::string> Compress(CompressionCodec codec, std::string_view bytes);

// kCorrupt says at which byte of the stream what was wrong; the caller knows the file and adds its name.
Result<std::string> Decompress(CompressionCodec codec, std::string_view stream, std::size_t bytes_max);

}  // namespace hf
