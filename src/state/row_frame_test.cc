// SPDX-License-Identifier: Apache-2.0
// The bytes are those of a checkpoint that Spark 4.3.0 wrote: grouping key struct{id: string} = "k0".
#include "state/row_frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "codec/avro/range_key.h"

namespace hf {
namespace {

using testing::ElementsAre;

// "02 00" -> two bytes; blanks and bars are for the reader.
std::string Hex(std::string_view text) {
  std::string bytes;
  std::string digits;
  for (const char c : text) {
    if (c != ' ' && c != '|') {
      digits += c;
    }
    if (digits.size() == 2) {
      bytes += static_cast<char>(std::stoi(digits, nullptr, 16));
      digits.clear();
    }
  }
  return bytes;
}

const RowFrame kAvro;
const RowFrame kUnsafeRow{.encoding = StateEncoding::kUnsafeRow};
const std::string kGroupingKey = Hex("02 04 6b 30");

std::string KeyOf(const RowFrame& frame, FamilyId family, int schema_id, std::string_view row) {
  std::string key;
  frame.AppendKeyHead(family, schema_id, key);
  return key.append(row);
}
std::string PrefixedKeyOf(const RowFrame& frame, FamilyId family, std::string_view prefix, std::string_view rest) {
  std::string key = FamilyPrefix(family);
  const std::size_t part = RowFrame::BeginPrefix(key);
  key += prefix;
  RowFrame::EndPart(part, key);
  frame.AppendHead(0, key);
  return key.append(rest);
}
std::string ElementOf(const RowFrame& frame, int schema_id, std::string_view row) {
  std::string element;
  const std::size_t part = frame.BeginElement(schema_id, element);
  element += row;
  RowFrame::EndPart(part, element);
  return element;
}
std::string RangeOf(std::int64_t value) {
  std::string range;
  AppendRangeLong(value, range);
  return range;
}
std::vector<std::string> ElementsOf(std::string_view delimiter, std::string_view list) {
  std::vector<std::string> elements;
  while (!list.empty()) {
    const auto element = kAvro.TakeElement(delimiter, &list);
    if (!element.has_value()) {
      return {"(corrupt)"};
    }
    elements.emplace_back(element->bytes);
  }
  return elements;
}

void ExpectPrefixedKey(std::string_view key, FamilyId family, std::string_view prefix, std::string_view rest) {
  const auto read = kAvro.ReadPrefixedKey(key);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->family, family);
  EXPECT_EQ(read->prefix, prefix);
  EXPECT_EQ(read->row.schema_id, 0);
  EXPECT_EQ(read->row.bytes, rest);
  for (std::size_t size = 0; size < key.size() - rest.size(); ++size) {
    EXPECT_FALSE(kAvro.ReadPrefixedKey(key.substr(0, size)).has_value()) << size;
  }
}

TEST(RowFrame, KeyOfAValue) {
  const std::string key = Hex("02 00 | 00 | 00 00 | 02 04 6b 30");
  EXPECT_EQ(KeyOf(kAvro, 2, 0, kGroupingKey), key);
  EXPECT_EQ(FamilyOf(key), 2);
  EXPECT_EQ(key.substr(0, 2), FamilyPrefix(2));
  const auto read = kAvro.ReadKey(key);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->family, 2);
  EXPECT_EQ(read->row.schema_id, 0);
  EXPECT_EQ(read->row.bytes, kGroupingKey);
  EXPECT_EQ(KeyOf(kAvro, 0x0102, 0x0304, "k"), Hex("02 01 | 00 | 04 03 | 6b"));
}

TEST(RowFrame, ValueBeforeAndAfterAnEvolution) {
  const std::string row = Hex("02 04 6b 30 02 02");
  for (const auto& [schema_id, head] : {std::pair{0, "00 | 00 00"}, {1, "00 | 01 00"}, {0x7fff, "00 | ff 7f"}}) {
    std::string value = "of the key before";
    kAvro.BeginRow(schema_id, value);
    EXPECT_EQ(value, Hex(head));
    std::string appended;
    kAvro.AppendHead(schema_id, appended);
    EXPECT_EQ(appended, value);
    value += row;
    const auto read = kAvro.ReadRow(value);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->schema_id, schema_id);
    EXPECT_EQ(read->bytes, row);
  }
}

TEST(RowFrame, ElementsOfAList) {
  const std::string element = Hex("06 00 00 00 | 00 | 00 00 | 02 02 62");
  EXPECT_EQ(ElementOf(kAvro, 0, Hex("02 02 62")), element);
  const std::string other = ElementOf(kAvro, 1, Hex("02 02 2c"));
  EXPECT_THAT(ElementsOf("", element + other), ElementsAre(Hex("02 02 62"), Hex("02 02 2c")));
  EXPECT_THAT(ElementsOf(",", element + "," + other), ElementsAre(Hex("02 02 62"), Hex("02 02 2c")));
  EXPECT_THAT(ElementsOf(",", element), ElementsAre(Hex("02 02 62")));
  for (const std::string& list : {element + other, element + ",", element + ";" + other, "," + element}) {
    EXPECT_THAT(ElementsOf(",", list), ElementsAre("(corrupt)"));
  }
  for (std::size_t size = 1; size < element.size(); ++size) {
    EXPECT_THAT(ElementsOf("", element.substr(0, size)), ElementsAre("(corrupt)")) << size;
  }
}

TEST(RowFrame, KeyOfAMap) {
  const std::string key = Hex("05 00 | 06 00 00 00 | 00 | 02 02 04 6b 30 | 00 | 00 00 | 02 02 02 62");
  const std::string grouping_key = Hex("02 02 04 6b 30");
  EXPECT_EQ(PrefixedKeyOf(kAvro, 5, grouping_key, Hex("02 02 02 62")), key);
  ExpectPrefixedKey(key, 5, grouping_key, Hex("02 02 02 62"));
  // What one of the grouping key's entries begins with.
  std::string begin = FamilyPrefix(5);
  const std::size_t part = RowFrame::BeginPrefix(begin);
  begin += grouping_key;
  RowFrame::EndPart(part, begin);
  EXPECT_TRUE(key.starts_with(begin));
}

TEST(RowFrame, KeysOfATimer) {
  const std::string by_key = Hex("0e 00 | 06 00 00 00 | 00 02 02 04 6b 30 | 00 00 00 | 02 f6 b8 9b ed d6 66");
  EXPECT_EQ(PrefixedKeyOf(kAvro, 14, Hex("02 02 04 6b 30"), Hex("02 f6 b8 9b ed d6 66")), by_key);
  ExpectPrefixedKey(by_key, 14, Hex("02 02 04 6b 30"), Hex("02 f6 b8 9b ed d6 66"));
  const std::string by_time =
      Hex("0f 00 | 0e 00 00 00 | 00 02 02 01 02 10 00 00 01 9b 76 db 4e 3b | 00 00 00 | 02 02 04 6b 30");
  EXPECT_EQ(PrefixedKeyOf(kAvro, 15, RangeOf(0x19b76db4e3b), Hex("02 02 04 6b 30")), by_time);
  ExpectPrefixedKey(by_time, 15, RangeOf(0x19b76db4e3b), Hex("02 02 04 6b 30"));
}

TEST(RowFrame, KeyOfAnExpiryIndex) {
  const std::string key =
      Hex("06 00 | 0e 00 00 00 | 00 | 02 02 01 | 02 10 00 00 01 a2 04 17 d3 6d | 00 | 00 00 | 02 02 04 6b 30");
  EXPECT_EQ(PrefixedKeyOf(kAvro, 6, RangeOf(0x1a20417d36d), Hex("02 02 04 6b 30")), key);
  ExpectPrefixedKey(key, 6, RangeOf(0x1a20417d36d), Hex("02 02 04 6b 30"));
  // Its value is a row of nothing.
  const auto value = kAvro.ReadRow(Hex("00 00 00"));
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value->bytes, "");
}

TEST(RowFrame, WithoutAFrame) {
  for (const char* bytes : {"", "00", "00 00", "01 00 00 02"}) {
    EXPECT_FALSE(kAvro.ReadRow(Hex(bytes)).has_value()) << bytes;
    EXPECT_FALSE(kAvro.ReadKey(Hex("02 00") + Hex(bytes)).has_value()) << bytes;
  }
  EXPECT_FALSE(kAvro.ReadKey(Hex("02")).has_value());
  // Sizes that lie, and a prefix of another version.
  for (const char* key : {"05 00 | ff ff ff ff | 00 02", "05 00 | 00 00 00 00 | 00 00 00", "05 00 | 00 00 00 80",
                          "05 00 | 02 00 00 00 | 01 02 | 00 00 00"}) {
    EXPECT_FALSE(kAvro.ReadPrefixedKey(Hex(key)).has_value()) << key;
  }
}

TEST(RowFrame, UnsafeRowsHaveTheSameFramesWithoutASchemaId) {
  EXPECT_EQ(KeyOf(kUnsafeRow, 2, 7, "row"), Hex("02 00 | 00") + "row");
  EXPECT_EQ(PrefixedKeyOf(kUnsafeRow, 5, "key", "rest"), Hex("05 00 | 04 00 00 00 | 00") + "key" + Hex("00") + "rest");
  EXPECT_EQ(ElementOf(kUnsafeRow, 7, "row"), Hex("04 00 00 00 | 00") + "row");
  const auto read = kUnsafeRow.ReadRow(Hex("00") + "row");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->schema_id, 0);
  EXPECT_EQ(read->bytes, "row");
}

}  // namespace
}  // namespace hf
