// SPDX-License-Identifier: Apache-2.0
#include "state/compressed_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/bytes.h"
#include "base/random.h"

namespace hf {
namespace {

using ::testing::HasSubstr;

constexpr std::array kAll = {CompressionCodec::kNone, CompressionCodec::kLz4, CompressionCodec::kZstd,
                             CompressionCodec::kSnappy, CompressionCodec::kLzf};
constexpr std::size_t kMax = 1 << 24;

std::string RandomBytes(std::size_t size, std::uint64_t seed) {
  SeededRandom random(seed);
  std::string bytes;
  while (bytes.size() < size) {
    AppendLittle64(bytes, random.Next64());
  }
  bytes.resize(size);
  return bytes;
}

std::string Repeating(std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    bytes += "session-" + std::to_string(bytes.size() % 97);
  }
  bytes.resize(size);
  return bytes;
}

TEST(CompressedStream, GivesBackWhatWasCompressed) {
  for (const CompressionCodec codec : kAll) {
    for (const std::size_t size : {0, 1, 32767, 32768, 32769, 300000}) {
      for (const std::string& bytes : {Repeating(size), RandomBytes(size, size)}) {
        const Result<std::string> stream = Compress(codec, bytes);
        ASSERT_TRUE(stream.ok());
        const Result<std::string> back = Decompress(codec, *stream, kMax);
        ASSERT_TRUE(back.ok()) << CompressionCodecName(codec) << " " << size << ": " << back.status().ToString();
        EXPECT_EQ(*back, bytes);
      }
    }
  }
}

TEST(CompressedStream, Lz4FramesAsLz4JavaDoes) {
  const std::string random = RandomBytes(40, 7);
  const std::string stream = *Compress(CompressionCodec::kLz4, random);
  // Incompressible: a raw block (0x10) of level 5, then the end frame.
  ASSERT_EQ(stream.size(), 21 + 40 + 21u);
  EXPECT_EQ(stream.substr(0, 9), "LZ4Block\x15");
  EXPECT_EQ(LoadLittle32(stream.data() + 9), 40u);
  EXPECT_EQ(LoadLittle32(stream.data() + 13), 40u);
  EXPECT_EQ(stream.substr(21, 40), random);
  EXPECT_EQ(stream.substr(61), std::string("LZ4Block\x15\0\0\0\0\0\0\0\0\0\0\0\0", 21));
  EXPECT_EQ(Compress(CompressionCodec::kLz4, Repeating(1000))->substr(0, 9), "LZ4Block\x25");
}

TEST(CompressedStream, LzfChunksAreReadAsTheirFormatSays) {
  // A literal run of three, a copy of six from three back, a long copy of 9 + 1 from one back.
  const std::string chunk(
      "\x02"
      "abc"
      "\x80\x02"
      "\xe0\x01\x00",
      9);
  std::string stream("ZV\x01", 3);
  AppendBig16(stream, 9);
  AppendBig16(stream, 19);
  stream += chunk;
  stream += std::string("ZV\x00\x00\x01", 5) + "!";
  EXPECT_EQ(*Decompress(CompressionCodec::kLzf, stream, kMax), "abcabcabc" + std::string(10, 'c') + "!");
  std::string beyond = std::string("ZV\0\0\1", 5) + "!" + stream;
  beyond[6 + 12] = 3;  // a copy from before the chunk's begin
  for (const std::string& wrong : {beyond, stream.substr(0, 15), "ZV\x02" + stream.substr(3), std::string("Z")}) {
    EXPECT_EQ(Decompress(CompressionCodec::kLzf, wrong, kMax).status().kind(), ErrorKind::kCorrupt);
  }
  EXPECT_EQ(Decompress(CompressionCodec::kLzf, stream, 10).status().kind(), ErrorKind::kCorrupt);
}

TEST(CompressedStream, ConcatenatedLz4StreamsAreOne) {
  const std::string stream = *Compress(CompressionCodec::kLz4, "first ") + *Compress(CompressionCodec::kLz4, "second");
  EXPECT_EQ(*Decompress(CompressionCodec::kLz4, stream, kMax), "first second");
}

TEST(CompressedStream, EveryTruncationIsCorrupt) {
  for (const CompressionCodec codec : {CompressionCodec::kLz4, CompressionCodec::kZstd}) {
    const std::string stream = *Compress(codec, Repeating(500) + RandomBytes(100, 3));
    for (std::size_t size = 0; size < stream.size(); ++size) {
      const Result<std::string> back = Decompress(codec, stream.substr(0, size), kMax);
      ASSERT_FALSE(back.ok()) << CompressionCodecName(codec) << " " << size;
      EXPECT_EQ(back.status().kind(), ErrorKind::kCorrupt);
    }
  }
}

TEST(CompressedStream, NoFlippedByteOfLz4GivesOtherContent) {
  const std::string bytes = Repeating(700) + RandomBytes(50, 4);
  const std::string stream = *Compress(CompressionCodec::kLz4, bytes);
  for (std::size_t at = 0; at < stream.size(); ++at) {
    for (const int bit : {0, 3, 7}) {
      std::string damaged = stream;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      const Result<std::string> back = Decompress(CompressionCodec::kLz4, damaged, kMax);
      EXPECT_TRUE(!back.ok() || *back == bytes) << at << " bit " << bit;
    }
  }
}

TEST(CompressedStream, NoFlippedByteCrashesAReader) {
  for (const CompressionCodec codec : kAll) {
    const std::string stream = *Compress(codec, Repeating(300) + RandomBytes(300, 5));
    for (std::size_t at = 0; at < stream.size(); ++at) {
      std::string damaged = stream;
      damaged[at] = static_cast<char>(~damaged[at]);
      const Result<std::string> back = Decompress(codec, damaged, kMax);
      EXPECT_TRUE(back.ok() || back.status().kind() == ErrorKind::kCorrupt);
    }
  }
}

TEST(CompressedStream, ClaimedLengthsAreNotBelieved) {
  std::string lz4("LZ4Block\x2F", 9);
  AppendLittle32(lz4, 1);
  AppendLittle32(lz4, 1 << 25);
  AppendLittle32(lz4, 0);
  lz4 += 'x';
  EXPECT_THAT(Decompress(CompressionCodec::kLz4, lz4, 1u << 30).status().ToString(),
              HasSubstr("contradicting lengths"));
  std::string snappy = *Compress(CompressionCodec::kSnappy, "");
  AppendBig32(snappy, 5);
  snappy += "\xff\xff\xff\xff\x07";
  EXPECT_THAT(Decompress(CompressionCodec::kSnappy, snappy, 1u << 30).status().ToString(),
              HasSubstr("impossible length"));
}

TEST(CompressedStream, StopsAtTheLimit) {
  const std::string bytes(100000, 'a');
  for (const CompressionCodec codec : kAll) {
    const Result<std::string> back = Decompress(codec, *Compress(codec, bytes), bytes.size() - 1);
    ASSERT_FALSE(back.ok());
    EXPECT_THAT(back.status().ToString(), HasSubstr("limit"));
  }
}

TEST(CompressedStream, CodecNamesAreSparks) {
  for (const CompressionCodec codec : kAll) {
    EXPECT_EQ(FindCompressionCodec(CompressionCodecName(codec)), codec);
  }
  EXPECT_EQ(FindCompressionCodec("gzip"), std::nullopt);
}

}  // namespace
}  // namespace hf
