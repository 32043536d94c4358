// SPDX-License-Identifier: Apache-2.0
#include "codec/avro/range_key.h"

#include <limits>

namespace hf {
namespace {

Schema One(DataType type) { return Schema({{.name = "c", .type = std::move(type)}}); }

// The range record of a timer that Spark 4.3.0 wrote: expiryTimestampMs 1767225643835.
TEST(RangeKey, WritesSparksTimerKey) {
  std::string bytes;
  AppendRangeLong(0x19b76db4e3b, bytes);
  EXPECT_EQ(bytes, std::string("\x02\x02\x01\x02\x10\x00\x00\x01\x9b\x76\xdb\x4e\x3b", 13));
  EXPECT_EQ(bytes.size(), kRangeLongSize);
  EXPECT_EQ(ReadRangeLong(bytes).value(), 0x19b76db4e3b);
  std::string row;
  ASSERT_TRUE(AppendRangeKey(One(DataType::Long()), {std::int64_t{0x19b76db4e3b}}, row).ok());
  EXPECT_EQ(row, bytes);
}

template <typename T>
void ExpectOrder(DataType type, std::vector<T> ascending) {
  const Schema schema = One(std::move(type));
  std::string before;
  for (const T value : ascending) {
    std::string bytes;
    ASSERT_TRUE(AppendRangeKey(schema, {Value(value)}, bytes).ok());
    EXPECT_LT(before, bytes) << +value;
    EXPECT_EQ(ReadRangeKey(schema, bytes).value(), Row{Value(value)});
    before = bytes;
  }
  std::string null;
  ASSERT_TRUE(AppendRangeKey(schema, {Value()}, null).ok());
  EXPECT_LT(before, null);
  EXPECT_EQ(ReadRangeKey(schema, null).value(), Row{Value()});
}

TEST(RangeKey, TheOrderOfTheBytesIsTheOrderOfTheValues) {
  ExpectOrder<bool>(DataType::Boolean(), {false, true});
  ExpectOrder<std::int8_t>(DataType::Byte(), {-128, -1, 0, 1, 127});
  ExpectOrder<std::int16_t>(DataType::Short(), {-32768, -256, -1, 0, 255, 256, 32767});
  ExpectOrder<std::int32_t>(
      DataType::Int(), {std::numeric_limits<std::int32_t>::min(), -1, 0, 1, std::numeric_limits<std::int32_t>::max()});
  ExpectOrder<std::int64_t>(DataType::Long(), {std::numeric_limits<std::int64_t>::min(), -931, -1, 0, 8, 90, 13000,
                                               std::numeric_limits<std::int64_t>::max()});
  ExpectOrder<float>(DataType::Float(), {-std::numeric_limits<float>::infinity(), -1.5F, -1e-30F, 0.0F, 1e-30F, 2.0F,
                                         std::numeric_limits<float>::infinity()});
  ExpectOrder<double>(DataType::Double(),
                      {-std::numeric_limits<double>::max(), -2.0, -1.0, -0.0, 0.0, 1e-300, 1.0, 1e300});
}

TEST(RangeKey, SeveralColumnsOrderLexicographically) {
  const Schema schema({{.name = "a", .type = DataType::Int()}, {.name = "b", .type = DataType::Long()}});
  std::string before;
  for (const Row& row : {Row{std::int32_t{-1}, std::int64_t{9}}, Row{std::int32_t{0}, std::int64_t{-9}},
                         Row{std::int32_t{0}, std::int64_t{0}}}) {
    std::string bytes;
    ASSERT_TRUE(AppendRangeKey(schema, row, bytes).ok());
    EXPECT_LT(before, bytes);
    EXPECT_EQ(ReadRangeKey(schema, bytes).value(), row);
    before = bytes;
  }
}

TEST(RangeKey, RefusesColumnsThatCannotOrder) {
  EXPECT_EQ(CheckRangeKey(One(DataType::String())).condition(),
            "STATE_STORE_VARIABLE_SIZE_ORDERING_COLS_NOT_SUPPORTED");
  EXPECT_EQ(CheckRangeKey(One(DataType::Null())).condition(), "STATE_STORE_NULL_TYPE_ORDERING_COLS_NOT_SUPPORTED");
  EXPECT_TRUE(CheckRangeKey(One(DataType::Double())).ok());
  std::string out = "kept";
  EXPECT_FALSE(AppendRangeKey(One(DataType::Long()), {"text"}, out).ok());
  EXPECT_EQ(out, "kept");
}

TEST(RangeKey, DamageIsCorrupt) {
  std::string bytes;
  AppendRangeLong(-5, bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(ReadRangeLong(bytes.substr(0, size)).status().kind(), ErrorKind::kCorrupt);
  }
  EXPECT_FALSE(ReadRangeLong(bytes + "x").ok());
  for (const std::size_t at : {0, 1, 2, 3, 4}) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x40);
    EXPECT_FALSE(ReadRangeLong(flipped).ok()) << at;
  }
}

TEST(RangeKey, BytesThatContradictTheirOrderAreCorrupt) {
  std::string bytes;
  AppendRangeLong(-5, bytes);
  bytes[2] = 1;  // "not negative", before a negative number
  EXPECT_EQ(ReadRangeLong(bytes).status().kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(ReadRangeKey(One(DataType::Long()), bytes).status().kind(), ErrorKind::kCorrupt);
  bytes[2] = 2;  // null, before a value that is not zero
  EXPECT_EQ(ReadRangeKey(One(DataType::Long()), bytes).status().kind(), ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace hf
