// SPDX-License-Identifier: Apache-2.0
#include "files/hadoop_checksum.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "support/status_matchers.h"

namespace hf {
namespace {

using namespace std::string_literals;
using test::HasKind;
using test::IsOk;

Status Verify(std::string_view bytes, std::string checksum_file) {
  HadoopChecksumVerifier verifier(std::move(checksum_file));
  verifier.Append(bytes);
  return verifier.Finish("/c/f");
}

std::string Content(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>(i * 31 + i / 512);
  }
  return bytes;
}

TEST(HadoopChecksum, IsWhatHadoopWrites) {
  // Spark 4.3.0's offsets/.0.crc begins like this; the sum is zlib's.
  EXPECT_EQ(HadoopChecksumOf("123456789"), "crc\0\0\0\2\0\xCB\xF4\x39\x26"s);
  EXPECT_EQ(HadoopChecksumOf(""), "crc\0\0\0\2\0"s);
  std::string two_chunks = "crc\0\0\0\2\0"s;
  AppendBig32(two_chunks, Crc32(Content(600).substr(0, 512)));
  AppendBig32(two_chunks, Crc32(Content(600).substr(512)));
  EXPECT_EQ(HadoopChecksumOf(Content(600)), two_chunks);
}

TEST(HadoopChecksum, PiecesGiveTheSameAsTheWhole) {
  const std::string bytes = Content(2000);
  for (std::size_t piece : {1u, 7u, 511u, 512u, 513u, 1999u}) {
    HadoopChecksumWriter writer;
    HadoopChecksumVerifier verifier(HadoopChecksumOf(bytes));
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      writer.Append(std::string_view(bytes).substr(at, piece));
      verifier.Append(std::string_view(bytes).substr(at, piece));
    }
    EXPECT_EQ(writer.Finish(), HadoopChecksumOf(bytes));
    EXPECT_THAT(verifier.Finish("/c/f"), IsOk());
  }
}

TEST(HadoopChecksum, EveryFlippedByteOfTheContentIsFound) {
  const std::string bytes = Content(1100);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] ^= 1;
    ASSERT_THAT(Verify(damaged, HadoopChecksumOf(bytes)), HasKind(ErrorKind::kCorrupt)) << i;
  }
}

TEST(HadoopChecksum, DamageNamesFileAndBytes) {
  std::string damaged = Content(1100);
  damaged[1024] ^= 1;
  EXPECT_THAT(std::string(Verify(damaged, HadoopChecksumOf(Content(1100))).message()),
              testing::StartsWith("/c/f: bytes 1024 to 1100 do not match"));
  damaged[600] ^= 1;
  EXPECT_THAT(std::string(Verify(damaged, HadoopChecksumOf(Content(1100))).message()),
              testing::StartsWith("/c/f: bytes 512 to 1024 do not match"));
}

TEST(HadoopChecksum, CutOffContentIsFoundAtEveryLength) {
  const std::string bytes = Content(1100);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_THAT(Verify(bytes.substr(0, size), HadoopChecksumOf(bytes)), HasKind(ErrorKind::kCorrupt)) << size;
  }
}

TEST(HadoopChecksum, CutOffChecksumFileIsComparedAsFarAsItGoes) {
  const std::string bytes = Content(1100);
  const std::string checksum = HadoopChecksumOf(bytes);
  for (std::size_t size = 0; size < checksum.size(); ++size) {
    EXPECT_THAT(Verify(bytes, checksum.substr(0, size)), IsOk()) << size;
    // Whole sums are left of it or none: a sum that is there and does not match is another content's.
    const bool compares = size > kHadoopChecksumHeaderBytes && size % 4 == 0;
    EXPECT_EQ(Verify(Content(1101).substr(1), checksum.substr(0, size)).ok(), !compares) << size;
  }
}

TEST(HadoopChecksum, LongerContentInThePlaceOfTheOldIsFound) {
  const std::string checksum = HadoopChecksumOf(Content(300));
  EXPECT_THAT(Verify(Content(2001).substr(1), checksum), HasKind(ErrorKind::kCorrupt));
}

TEST(HadoopChecksum, UnreadableHeaderReadsAsMissing) {
  const std::string bytes = Content(1100);
  std::string checksum = HadoopChecksumOf(Content(1101));
  EXPECT_THAT(Verify(bytes, checksum), HasKind(ErrorKind::kCorrupt));
  for (std::size_t i = 0; i < 4; ++i) {
    std::string damaged = checksum;
    damaged[i] ^= 1;
    EXPECT_THAT(Verify(bytes, damaged), IsOk());
  }
  EXPECT_THAT(Verify(bytes, std::string(checksum.size(), '\0')), IsOk());
  EXPECT_THAT(Verify(bytes, checksum + "?"), IsOk());
  EXPECT_THAT(Verify(bytes, "crc\0\0\0\0\0abcd"s), IsOk());
  EXPECT_THAT(Verify(bytes, "crc\0\xff\xff\xff\xff"s + "abcd"), IsOk());
}

TEST(HadoopChecksum, OtherChunkSizesAreFollowed) {
  // io.bytes.per.checksum is configurable in Hadoop.
  const std::string bytes = Content(300);
  std::string checksum = "crc\0\0\0\0\x64"s;
  for (std::size_t at = 0; at < 300; at += 100) {
    AppendBig32(checksum, Crc32(bytes.substr(at, 100)));
  }
  EXPECT_THAT(Verify(bytes, checksum), IsOk());
  checksum.back() ^= 1;
  EXPECT_THAT(std::string(Verify(bytes, checksum).message()), testing::HasSubstr("bytes 200 to 300"));
}

TEST(HadoopChecksum, EmptyContent) {
  EXPECT_THAT(Verify("", HadoopChecksumOf("")), IsOk());
  EXPECT_THAT(Verify("", HadoopChecksumOf("x")), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(Verify("x", HadoopChecksumOf("")), IsOk());
}

}  // namespace
}  // namespace hf
