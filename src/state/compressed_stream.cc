// SPDX-License-Identifier: Apache-2.0
#include "state/compressed_stream.h"

#include <fmt/core.h>
#include <lz4.h>
#include <snappy.h>
#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "base/bytes.h"

namespace hf {
namespace {

constexpr std::size_t kBlockBytes = 32 * 1024;  // Spark: spark.io.compression.{lz4,snappy}.blockSize

// lz4-java LZ4BlockOutputStream.
constexpr std::string_view kLz4Magic = "LZ4Block";
constexpr std::size_t kLz4HeaderBytes = 21;
constexpr std::uint8_t kLz4MethodRaw = 0x10;
constexpr std::uint8_t kLz4MethodLz4 = 0x20;
constexpr int kLz4LevelBase = 10;  // the low half of the token is log2(block size) - 10
constexpr std::uint8_t kLz4Level = 5;
static_assert(kBlockBytes == std::size_t{1} << (kLz4LevelBase + kLz4Level));
constexpr std::uint32_t kLz4ChecksumSeed = 0x9747b28c;
constexpr std::uint32_t kLz4ChecksumMask = 0x0FFFFFFF;  // xxHash's StreamingXXHash32.asChecksum drops four bits
constexpr std::size_t kLz4RatioMax = 255;

std::uint32_t Lz4Checksum(std::string_view bytes) {
  return XXH32(bytes.data(), bytes.size(), kLz4ChecksumSeed) & kLz4ChecksumMask;
}

void StoreLz4Header(char* to, std::uint8_t token, std::uint32_t stored, std::uint32_t original,
                    std::uint32_t checksum) {
  std::memcpy(to, kLz4Magic.data(), kLz4Magic.size());
  to[8] = static_cast<char>(token);
  StoreLittle32(to + 9, stored);
  StoreLittle32(to + 13, original);
  StoreLittle32(to + 17, checksum);
}

std::string CompressLz4(std::string_view bytes) {
  const std::size_t blocks = (bytes.size() + kBlockBytes - 1) / kBlockBytes;
  const auto block_room = static_cast<std::size_t>(LZ4_compressBound(kBlockBytes));
  // Room for the worst case would be touched and thrown away; most state compresses, so half is asked for first.
  std::string out(kLz4HeaderBytes * (blocks + 1) + bytes.size() / 2 + block_room, '\0');
  std::size_t at = 0;
  for (std::size_t from = 0; from < bytes.size(); from += kBlockBytes) {
    const std::string_view block = bytes.substr(from, kBlockBytes);
    if (out.size() - at < 2 * kLz4HeaderBytes + block_room) {
      out.resize(out.size() * 2 + block_room);
    }
    char* payload = out.data() + at + kLz4HeaderBytes;
    int stored =
        LZ4_compress_default(block.data(), payload, static_cast<int>(block.size()), static_cast<int>(block_room));
    const bool raw = stored <= 0 || static_cast<std::size_t>(stored) >= block.size();
    if (raw) {
      std::memcpy(payload, block.data(), block.size());
      stored = static_cast<int>(block.size());
    }
    StoreLz4Header(out.data() + at, (raw ? kLz4MethodRaw : kLz4MethodLz4) | kLz4Level,
                   static_cast<std::uint32_t>(stored), static_cast<std::uint32_t>(block.size()), Lz4Checksum(block));
    at += kLz4HeaderBytes + static_cast<std::size_t>(stored);
  }
  StoreLz4Header(out.data() + at, kLz4MethodRaw | kLz4Level, 0, 0, 0);
  out.resize(at + kLz4HeaderBytes);
  return out;
}

struct Lz4Header {
  std::uint8_t method = 0;
  std::uint32_t stored = 0;
  std::uint32_t original = 0;
  std::uint32_t checksum = 0;
};

// Reads a header and refuses every length that its block cannot have, so that nothing is allocated for it.
Lz4Header ReadLz4Header(ByteReader& reader, std::size_t bytes_left) {
  if (reader.ReadBytes(kLz4Magic.size()) != kLz4Magic) {
    reader.Fail("no LZ4Block header");
  }
  const std::uint8_t token = reader.ReadByte();
  Lz4Header header{static_cast<std::uint8_t>(token & 0xF0), reader.ReadLittle32(), reader.ReadLittle32(),
                   reader.ReadLittle32()};
  if (reader.failed()) {
    return header;
  }
  const std::size_t block_max = std::size_t{1} << (kLz4LevelBase + (token & 0x0F));
  if (header.method != kLz4MethodRaw && header.method != kLz4MethodLz4) {
    reader.Fail("unknown compression method in an LZ4Block header");
  } else if (header.original > block_max || header.stored > reader.remaining()) {
    reader.Fail("impossible length in an LZ4Block header");
  } else if (header.original > bytes_left) {
    reader.Fail("the decompressed bytes exceed the limit");
  } else if ((header.original == 0) != (header.stored == 0) ||
             (header.method == kLz4MethodRaw && header.original != header.stored) ||
             header.original > std::uint64_t{header.stored} * kLz4RatioMax) {
    reader.Fail("contradicting lengths in an LZ4Block header");
  } else if (header.original == 0 && header.checksum != 0) {
    reader.Fail("an empty LZ4 block has a checksum");
  }
  return header;
}

Result<std::string> DecompressLz4(std::string_view stream, std::size_t bytes_max) {
  ByteReader reader(stream);
  std::string out;
  bool ended = false;
  // An end frame may be followed by another stream (lz4-java concatenates them), so the end of the file decides.
  while (!reader.failed() && !(ended && reader.at_end())) {
    const Lz4Header header = ReadLz4Header(reader, bytes_max - out.size());
    ended = header.original == 0;
    const std::string_view payload = reader.ReadBytes(header.stored);
    if (reader.failed() || ended) {
      continue;
    }
    const std::size_t at = out.size();
    if (out.capacity() - at < header.original) {
      out.reserve(std::max(out.capacity() * 2, at + header.original + stream.size()));
    }
    out.resize(at + header.original);
    if (header.method == kLz4MethodRaw) {
      std::memcpy(out.data() + at, payload.data(), payload.size());
    } else if (LZ4_decompress_safe(payload.data(), out.data() + at, static_cast<int>(payload.size()),
                                   static_cast<int>(header.original)) != static_cast<int>(header.original)) {
      reader.Fail("an LZ4 block does not decompress");
    }
    if (Lz4Checksum(std::string_view(out).substr(at)) != header.checksum) {
      reader.Fail("the checksum of an LZ4 block does not match");
    }
  }
  HF_RETURN_IF_ERROR(reader.status("LZ4 stream"));
  return out;
}

struct ZstdFree {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

Result<std::string> DecompressZstd(std::string_view stream, std::size_t bytes_max) {
  const std::unique_ptr<ZSTD_DCtx, ZstdFree> context(ZSTD_createDCtx());
  if (context == nullptr) {
    return Unavailable("no memory for a Zstandard decoder");
  }
  std::string out;
  std::string chunk(ZSTD_DStreamOutSize(), '\0');
  ZSTD_inBuffer in{stream.data(), stream.size(), 0};
  std::size_t wanted = 1;  // 0: a frame ended here
  while (in.pos < in.size || wanted != 0) {
    ZSTD_outBuffer produced{chunk.data(), chunk.size(), 0};
    const std::size_t consumed_before = in.pos;
    wanted = ZSTD_decompressStream(context.get(), &produced, &in);
    if (ZSTD_isError(wanted) != 0) {
      return Corrupt(fmt::format("Zstandard stream: {} at byte {} of {}", ZSTD_getErrorName(wanted), in.pos, in.size));
    }
    if (bytes_max - out.size() < produced.pos) {
      return Corrupt(fmt::format("Zstandard stream: the decompressed bytes exceed the limit of {}", bytes_max));
    }
    out.append(chunk.data(), produced.pos);
    if (wanted != 0 && in.pos == consumed_before && produced.pos == 0) {
      return Corrupt(fmt::format("Zstandard stream: the bytes end too early, after {}", in.size));
    }
  }
  return out;
}

Result<std::string> CompressZstd(std::string_view bytes) {
  constexpr int kLevel = 1;  // Spark: spark.io.compression.zstd.level
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), kLevel);
  if (ZSTD_isError(size) != 0) {
    return Unavailable(fmt::format("Zstandard cannot compress: {}", ZSTD_getErrorName(size)));
  }
  out.resize(size);
  return out;
}

// snappy-java SnappyCodec: magic, then version and oldest compatible version, both 1.
constexpr std::string_view kSnappyMagic("\x82SNAPPY\0", 8);
constexpr std::uint32_t kSnappyVersion = 1;
constexpr std::size_t kSnappyRatioMax = 64;  // a copy of 64 bytes takes two
// SnappyInputStream tells a repeated header from a block by its first four bytes.
constexpr std::uint32_t kSnappyMagicStart = 0x82534e41;

std::string CompressSnappy(std::string_view bytes) {
  std::string out(kSnappyMagic);
  AppendBig32(out, kSnappyVersion);
  AppendBig32(out, kSnappyVersion);
  std::string block;
  for (std::size_t from = 0; from < bytes.size(); from += kBlockBytes) {
    const std::string_view original = bytes.substr(from, kBlockBytes);
    snappy::Compress(original.data(), original.size(), &block);
    AppendBig32(out, static_cast<std::uint32_t>(block.size()));
    out += block;
  }
  return out;
}

void ReadSnappyHeader(ByteReader& reader) {
  const bool magic = reader.ReadBytes(kSnappyMagic.size()) == kSnappyMagic;
  const std::uint32_t version = reader.ReadBig32();
  const std::uint32_t compatible = reader.ReadBig32();
  if (!magic || version < kSnappyVersion || compatible > kSnappyVersion) {
    reader.Fail("no snappy-java header");
  }
}

Result<std::string> DecompressSnappy(std::string_view stream, std::size_t bytes_max) {
  ByteReader reader(stream);
  ReadSnappyHeader(reader);
  std::string out;
  while (!reader.failed() && !reader.at_end()) {
    if (reader.remaining() >= 4 && LoadBig32(reader.rest().data()) == kSnappyMagicStart) {
      ReadSnappyHeader(reader);
      continue;
    }
    const std::string_view block = reader.ReadBytes(reader.ReadBig32());
    std::size_t original = 0;
    if (reader.failed()) {
      break;
    }
    if (!snappy::GetUncompressedLength(block.data(), block.size(), &original) ||
        original > block.size() * kSnappyRatioMax) {
      reader.Fail("impossible length of a snappy block");
      break;
    }
    if (original > bytes_max - out.size()) {
      reader.Fail("the decompressed bytes exceed the limit");
      break;
    }
    const std::size_t at = out.size();
    out.resize(at + original);
    if (!snappy::RawUncompress(block.data(), block.size(), out.data() + at)) {
      reader.Fail("a snappy block does not decompress");
    }
  }
  HF_RETURN_IF_ERROR(reader.status("snappy stream"));
  return out;
}

// compress-lzf LZFChunk.
constexpr std::string_view kLzfMagic = "ZV";
constexpr std::uint8_t kLzfRaw = 0;
constexpr std::uint8_t kLzfCompressed = 1;
constexpr std::size_t kLzfChunkBytes = 0xFFFF;

std::string CompressLzf(std::string_view bytes) {
  std::string out;
  for (std::size_t from = 0; from < bytes.size(); from += kLzfChunkBytes) {
    const std::string_view chunk = bytes.substr(from, kLzfChunkBytes);
    out += kLzfMagic;
    out += static_cast<char>(kLzfRaw);
    AppendBig16(out, static_cast<std::uint16_t>(chunk.size()));
    out += chunk;
  }
  return out;
}

// Appends what `chunk` decompresses to; false when that is not `original` bytes.
bool AppendLzfChunk(std::string_view chunk, std::size_t original, std::string& out) {
  ByteReader reader(chunk);
  const std::size_t begin = out.size();
  while (!reader.failed() && !reader.at_end()) {
    const std::uint8_t control = reader.ReadByte();
    if (control < 32) {
      out += reader.ReadBytes(std::size_t{control} + 1);
    } else {
      std::size_t length = control >> 5;
      length += length == 7 ? reader.ReadByte() : 0;
      const std::size_t distance = (std::size_t{control} & 31) * 256 + reader.ReadByte() + 1;
      if (distance > out.size() - begin) {
        return false;
      }
      for (length += 2; length > 0; --length) {
        out.push_back(out[out.size() - distance]);
      }
    }
    if (out.size() - begin > original) {
      return false;
    }
  }
  return !reader.failed() && out.size() - begin == original;
}

Result<std::string> DecompressLzf(std::string_view stream, std::size_t bytes_max) {
  ByteReader reader(stream);
  std::string out;
  while (!reader.failed() && !reader.at_end()) {
    const bool magic = reader.ReadBytes(kLzfMagic.size()) == kLzfMagic;
    const std::uint8_t type = reader.ReadByte();
    if (!magic || type > kLzfCompressed) {
      reader.Fail("no LZF chunk");
    }
    const std::size_t stored = reader.ReadBig16();
    const std::size_t original = type == kLzfCompressed ? reader.ReadBig16() : stored;
    const std::string_view chunk = reader.ReadBytes(stored);
    if (reader.failed()) {
      break;
    }
    if (original > bytes_max - out.size()) {
      reader.Fail("the decompressed bytes exceed the limit");
    } else if (type == kLzfRaw) {
      out += chunk;
    } else if (!AppendLzfChunk(chunk, original, out)) {
      reader.Fail("an LZF chunk does not decompress");
    }
  }
  HF_RETURN_IF_ERROR(reader.status("LZF stream"));
  return out;
}

struct NamedCodec {
  std::string_view name;
  CompressionCodec codec;
};
constexpr std::array kCodecs = {
    NamedCodec{"none", CompressionCodec::kNone}, NamedCodec{"lz4", CompressionCodec::kLz4},
    NamedCodec{"zstd", CompressionCodec::kZstd}, NamedCodec{"snappy", CompressionCodec::kSnappy},
    NamedCodec{"lzf", CompressionCodec::kLzf},
};

}  // namespace

std::optional<CompressionCodec> FindCompressionCodec(std::string_view name) {
  for (const NamedCodec& known : kCodecs) {
    if (known.name == name) {
      return known.codec;
    }
  }
  return std::nullopt;
}

std::string_view CompressionCodecName(CompressionCodec codec) {
  for (const NamedCodec& known : kCodecs) {
    if (known.codec == codec) {
      return known.name;
    }
  }
  return "unknown";
}

Result<std::string> Compress(CompressionCodec codec, std::string_view bytes) {
  switch (codec) {
    case CompressionCodec::kNone: return std::string(bytes);
    case CompressionCodec::kLz4: return CompressLz4(bytes);
    case CompressionCodec::kZstd: return CompressZstd(bytes);
    case CompressionCodec::kSnappy: return CompressSnappy(bytes);
    case CompressionCodec::kLzf: return CompressLzf(bytes);
  }
  return Internal("unknown compression codec");
}

Result<std::string> Decompress(CompressionCodec codec, std::string_view stream, std::size_t bytes_max) {
  switch (codec) {
    case CompressionCodec::kNone:
      if (stream.size() > bytes_max) {
        return Corrupt(fmt::format("{} bytes exceed the limit of {}", stream.size(), bytes_max));
      }
      return std::string(stream);
    case CompressionCodec::kLz4: return DecompressLz4(stream, bytes_max);
    case CompressionCodec::kZstd: return DecompressZstd(stream, bytes_max);
    case CompressionCodec::kSnappy: return DecompressSnappy(stream, bytes_max);
    case CompressionCodec::kLzf: return DecompressLzf(stream, bytes_max);
  }
  return Internal("unknown compression codec");
}

}  // namespace hf
