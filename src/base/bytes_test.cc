// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/random.h"

namespace hf {
namespace {

using namespace std::string_literals;

TEST(Bytes, FixedWidthOrders) {
  std::string out;
  AppendLittle16(out, 0x0102);
  AppendBig16(out, 0x0102);
  AppendLittle32(out, 0x01020304);
  AppendBig32(out, 0x01020304);
  AppendLittle64(out, 0x0102030405060708);
  AppendBig64(out, 0x0102030405060708);
  EXPECT_EQ(out,
            "\x02\x01"
            "\x01\x02"
            "\x04\x03\x02\x01"
            "\x01\x02\x03\x04"
            "\x08\x07\x06\x05\x04\x03\x02\x01"
            "\x01\x02\x03\x04\x05\x06\x07\x08");
  ByteReader reader(out);
  EXPECT_EQ(reader.ReadLittle16(), 0x0102);
  EXPECT_EQ(reader.ReadBig16(), 0x0102);
  EXPECT_EQ(reader.ReadLittle32(), 0x01020304u);
  EXPECT_EQ(reader.ReadBig32(), 0x01020304u);
  EXPECT_EQ(reader.ReadLittle64(), 0x0102030405060708u);
  EXPECT_EQ(reader.ReadBig64(), 0x0102030405060708u);
  EXPECT_TRUE(reader.at_end());
  EXPECT_TRUE(reader.StatusAtEnd("record").ok());
}

TEST(Bytes, StoreIsTheInverseOfLoad) {
  std::string room(8, '\0');
  StoreBig32(room.data(), 0xA1B2C3D4);
  EXPECT_EQ(LoadBig32(room.data()), 0xA1B2C3D4u);
  EXPECT_EQ(LoadLittle32(room.data()), 0xD4C3B2A1u);
  StoreLittle64(room.data(), 0xA1B2C3D4E5F60718u);
  EXPECT_EQ(LoadLittle64(room.data()), 0xA1B2C3D4E5F60718u);
}

TEST(ByteReader, FailureIsStickyAndNamesTheRead) {
  ByteReader reader("abc");
  EXPECT_EQ(reader.ReadByte(), 'a');
  EXPECT_EQ(reader.ReadBig32(), 0u);
  EXPECT_TRUE(reader.failed());
  EXPECT_EQ(reader.ReadByte(), 0);
  EXPECT_EQ(reader.ReadBytes(0), "");
  EXPECT_EQ(reader.remaining(), 0u);
  const Status status = reader.status("offsets/7");
  EXPECT_EQ(status.kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(status.message(), "offsets/7: the bytes end too early at byte 1 of 3");
}

TEST(ByteReader, EveryFixedReadStopsAtTheEnd) {
  for (std::size_t size = 0; size < 8; ++size) {
    const std::string bytes(size, 'x');
    const auto fails = [&](auto read) {
      ByteReader reader(bytes);
      read(reader);
      return reader.failed();
    };
    EXPECT_EQ(fails([](ByteReader& r) { r.ReadByte(); }), size < 1);
    EXPECT_EQ(fails([](ByteReader& r) { r.ReadBig16(); }), size < 2);
    EXPECT_EQ(fails([](ByteReader& r) { r.ReadLittle16(); }), size < 2);
    EXPECT_EQ(fails([](ByteReader& r) { r.ReadBig32(); }), size < 4);
    EXPECT_EQ(fails([](ByteReader& r) { r.ReadLittle32(); }), size < 4);
    EXPECT_TRUE(fails([](ByteReader& r) { r.ReadBig64(); }));
    EXPECT_TRUE(fails([](ByteReader& r) { r.ReadLittle64(); }));
    EXPECT_TRUE(fails([](ByteReader& r) { r.ReadBytes(8); }));
  }
}

TEST(ByteReader, HugeSizeDoesNotWrapAround) {
  ByteReader reader("abc");
  EXPECT_EQ(reader.ReadBytes(std::numeric_limits<std::size_t>::max()), "");
  EXPECT_TRUE(reader.failed());
}

TEST(ByteReader, LeftOverBytesAreCorruptAtTheEnd) {
  ByteReader reader("abc");
  reader.Skip(1);
  EXPECT_TRUE(reader.status("x").ok());
  EXPECT_EQ(reader.rest(), "bc");
  EXPECT_EQ(reader.StatusAtEnd("x").message(), "x: 2 unexpected bytes follow at byte 1 of 3");
}

TEST(ByteReader, FirstFailureStays) {
  ByteReader reader("");
  reader.Fail("a union has no such branch");
  reader.Fail("later");
  EXPECT_THAT(std::string(reader.status("x").message()), testing::HasSubstr("a union has no such branch"));
}

TEST(Varint, ZigzagVectorsOfAvro) {
  const std::pair<std::int64_t, std::string> cases[] = {
      {0, "\x00"s},
      {-1, "\x01"},
      {1, "\x02"},
      {-2, "\x03"},
      {2, "\x04"},
      {-64, "\x7f"},
      {64, "\x80\x01"},
      {8192, "\x80\x80\x01"},
      {std::numeric_limits<std::int64_t>::max(), "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"},
      {std::numeric_limits<std::int64_t>::min(), "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"},
  };
  for (const auto& [value, encoded] : cases) {
    std::string out;
    AppendZigzag(out, value);
    EXPECT_EQ(out, encoded) << value;
    ByteReader reader(encoded);
    EXPECT_EQ(reader.ReadZigzag(), value);
    EXPECT_TRUE(reader.at_end() && !reader.failed());
  }
}

TEST(Varint, RandomNumbersComeBack) {
  SeededRandom random(1);
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t value = random.Next64() >> random.Below(64);
    std::string out;
    AppendVarint(out, value);
    AppendZigzag(out, static_cast<std::int64_t>(value));
    ByteReader reader(out);
    ASSERT_EQ(reader.ReadVarint(), value);
    ASSERT_EQ(reader.ReadZigzag(), static_cast<std::int64_t>(value));
    ASSERT_TRUE(reader.at_end());
  }
}

TEST(Varint, UnfinishedOrTooLongIsRefused) {
  for (const std::string& bytes :
       {""s, "\x80"s, std::string(9, '\xff'), std::string(9, '\xff') + "\x02", std::string(20, '\x80')}) {
    ByteReader reader(bytes);
    EXPECT_EQ(reader.ReadVarint(), 0u);
    EXPECT_TRUE(reader.failed());
    EXPECT_EQ(reader.position(), 0u);
  }
}

std::string JavaUtf(std::string_view text) {
  std::string out;
  EXPECT_TRUE(AppendJavaUtf(out, text).ok());
  return out;
}

TEST(JavaUtf, WritesWhatJavaWrites) {
  EXPECT_EQ(JavaUtf(""), "\0\0"s);
  EXPECT_EQ(JavaUtf("ab"), "\0\2ab"s);
  EXPECT_EQ(JavaUtf("\0"s), "\0\2\xC0\x80"s);
  EXPECT_EQ(JavaUtf("\u00e4\u20ac"), "\0\5\xC3\xA4\xE2\x82\xAC"s);
  EXPECT_EQ(JavaUtf("\U0001F600"), "\0\6\xED\xA0\xBD\xED\xB8\x80"s);
}

TEST(JavaUtf, TextComesBack) {
  for (const std::string& text :
       {""s, "plain"s, "\0nul\0"s, "\u00e4\u20ac\U0001F600\U0010FFFF"s, std::string(65535, 'x')}) {
    const std::string encoded = JavaUtf(text);
    EXPECT_EQ(JavaUtfSize(text) + 2, encoded.size());
    ByteReader reader(encoded);
    EXPECT_EQ(reader.ReadJavaUtf(), text);
    EXPECT_TRUE(reader.StatusAtEnd("text").ok());
  }
}

TEST(JavaUtf, RefusesToWriteWhatDoesNotFit) {
  std::string out = "kept";
  EXPECT_EQ(AppendJavaUtf(out, std::string(65536, 'x')).kind(), ErrorKind::kInvalid);
  EXPECT_EQ(AppendJavaUtf(out, "\xff").kind(), ErrorKind::kInvalid);
  EXPECT_EQ(out, "kept");
}

TEST(JavaUtf, RefusesToReadWhatJavaNeverWrites) {
  const std::string bodies[] = {
      "\xff",                      // no such first byte
      "\xC3",                      // cut off
      "\xE2\x82",                  // cut off
      "\xC1\x81",                  // overlong
      "\xE0\x80\x81",              // overlong
      "\xF0\x9F\x98\x80",          // four bytes are not modified UTF-8
      "\xED\xA0\xBD",              // high surrogate alone
      "\xED\xB8\x80",              // low surrogate alone
      "\xED\xA0\xBDx",             // high surrogate before a letter
      "\xED\xA0\xBD\xED\xA0\xBD",  // two high surrogates
  };
  for (const std::string& body : bodies) {
    std::string encoded;
    AppendBig16(encoded, static_cast<std::uint16_t>(body.size()));
    encoded += body;
    ByteReader reader(encoded);
    EXPECT_EQ(reader.ReadJavaUtf(), "");
    EXPECT_TRUE(reader.failed());
    EXPECT_EQ(reader.position(), 0u);
  }
  const std::string too_short = "\0\5abc"s;
  ByteReader cut(too_short);
  cut.ReadJavaUtf();
  EXPECT_TRUE(cut.failed());
}

}  // namespace
}  // namespace hf
