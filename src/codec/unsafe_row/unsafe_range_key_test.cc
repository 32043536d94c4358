// SPDX-License-Identifier: Apache-2.0
#include "codec/unsafe_row/unsafe_range_key.h"

#include <limits>

#include "codec/unsafe_row/unsafe_row_testing.h"

namespace hf {
namespace {

Schema One(DataType type) { return Schema({{.name = "c", .type = std::move(type)}}); }

std::string KeyOf(const Schema& schema, const Row& row) {
  std::string bytes;
  EXPECT_TRUE(AppendUnsafeRangeKey(schema, row, bytes).ok());
  return bytes;
}

// The ordering columns lie between their size and the rest of the key: size, version byte, row.
TEST(UnsafeRangeKey, WritesAndReadsSparksBytes) {
  int checked = 0;
  for (const SparkKey& key : SparkKeys()) {
    std::vector<StructField> fields;
    Row row;
    for (const std::size_t ordinal : key.range) {
      fields.push_back(key.vector.schema.field(ordinal));
      row.push_back(key.vector.row[ordinal]);
    }
    const Schema ordering(fields);
    if (fields.empty() || !CheckUnsafeRangeKey(ordering).ok()) {
      continue;
    }
    const std::string bytes = KeyOf(ordering, row);
    EXPECT_EQ(ToHex(bytes), ToHex(key.prefix)) << key.vector.line;
    const auto read = ReadUnsafeRangeKey(ordering, key.prefix);
    ASSERT_TRUE(read.ok()) << read.status().ToString() << key.vector.line;
    EXPECT_EQ(KeyOf(ordering, *read), key.prefix) << key.vector.line;
    if (fields.size() == 1 && !row[0].is_null()) {
      std::string number;
      AppendUnsafeRangeLong(std::get<std::int64_t>(row[0]), number);
      EXPECT_EQ(number, bytes) << key.vector.line;
      EXPECT_EQ(Value(ReadUnsafeRangeLong(bytes).value()), row[0]) << key.vector.line;
    }
    ++checked;
  }
  EXPECT_GE(checked, 16);
}

// Spark 4.3.0 falls through for booleans: true, false and null are keys of which it could not read one.
TEST(UnsafeRangeKey, RefusesBooleansAndWhatCannotOrder) {
  EXPECT_EQ(CheckUnsafeRangeKey(One(DataType::Boolean())).kind(), ErrorKind::kInvalid);
  EXPECT_EQ(CheckUnsafeRangeKey(One(DataType::String())).condition(),
            "STATE_STORE_VARIABLE_SIZE_ORDERING_COLS_NOT_SUPPORTED");
  EXPECT_TRUE(CheckUnsafeRangeKey(One(DataType::Long())).ok());
  std::string out = "kept";
  EXPECT_FALSE(AppendUnsafeRangeKey(One(DataType::Long()), {"text"}, out).ok());
  EXPECT_FALSE(AppendUnsafeRangeKey(One(DataType::Long()), {}, out).ok());
  EXPECT_EQ(out, "kept");
}

TEST(UnsafeRangeKey, TheOrderOfTheBytesIsTheOrderOfTheNumbers) {
  std::string before;
  for (const std::int64_t value : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-931}, std::int64_t{-1},
                                   std::int64_t{0}, std::int64_t{256}, std::numeric_limits<std::int64_t>::max()}) {
    std::string bytes;
    AppendUnsafeRangeLong(value, bytes);
    EXPECT_EQ(bytes.size(), kUnsafeRangeLongSize);
    EXPECT_LT(before, bytes) << value;
    before = bytes;
  }
  EXPECT_LT(before, KeyOf(One(DataType::Long()), {Value()}));
}

TEST(UnsafeRangeKey, AnyOtherByteIsCorrupt) {
  const Schema schema = One(DataType::Long());
  std::string bytes;
  AppendUnsafeRangeLong(-5, bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(ReadUnsafeRangeLong(bytes.substr(0, size)).status().kind(), ErrorKind::kCorrupt);
    EXPECT_EQ(ReadUnsafeRangeKey(schema, bytes.substr(0, size)).status().kind(), ErrorKind::kCorrupt);
  }
  EXPECT_FALSE(ReadUnsafeRangeLong(bytes + '\0').ok());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (at >= 17 && at < 25) {
      continue;  // of the number itself
    }
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x41);
    EXPECT_FALSE(ReadUnsafeRangeLong(flipped).ok()) << at;
    EXPECT_EQ(ReadUnsafeRangeKey(schema, flipped).status().kind(), ErrorKind::kCorrupt) << at;
  }
}

}  // namespace
}  // namespace hf
