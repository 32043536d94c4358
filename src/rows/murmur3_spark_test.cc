// SPDX-License-Identifier: Apache-2.0
#include "rows/murmur3_spark.h"

#include <gtest/gtest.h>

#include <cmath>

#include "rows/random_for_test.h"

namespace hf {
namespace {

std::int32_t HashOf(const std::string& ddl, const Row& row) {
  const ColumnBatch batch = *ColumnBatch::FromRows(*Schema::FromDdl(ddl), {row});
  std::vector<const Column*> columns;
  for (const Column& column : batch.columns()) {
    columns.push_back(&column);
  }
  return HashRow(columns, 0);
}

// hash() of Spark 4.3.0 gave these.
TEST(SparkHash, EqualsSparks) {
  EXPECT_EQ(HashOf("a STRING", {"k0"}), 2025593270);
  EXPECT_EQ(HashOf("a STRING", {"k3"}), -1351617014);
  EXPECT_EQ(HashOf("a STRING", {"k1"}), 2067321769);
  EXPECT_EQ(HashOf("a STRING", {""}), 142593372);
  EXPECT_EQ(HashOf("a STRING", {"abcdefgh"}), -804741815);
  EXPECT_EQ(HashOf("a STRING", {"\xC3\xA9"}), 2119106806);
  EXPECT_EQ(HashOf("a INT", {std::int32_t{1}}), -559580957);
  EXPECT_EQ(HashOf("a BIGINT", {std::int64_t{1}}), -1712319331);
  EXPECT_EQ(HashOf("a DOUBLE", {1.5}), 1290763749);
  EXPECT_EQ(HashOf("a DOUBLE", {0.0}), -1670924195);
  EXPECT_EQ(HashOf("a DOUBLE", {-0.0}), -1670924195);
  EXPECT_EQ(HashOf("a DATE", {Date{20454}}), -80271844);
  EXPECT_EQ(HashOf("a TIMESTAMP", {Timestamp{1767225600000000}}), -192643641);
  EXPECT_EQ(HashOf("a DECIMAL(10,2)", {Decimal{125, 2}}), 1910520950);
  EXPECT_EQ(HashOf("a DECIMAL(30,2)", {Decimal{125, 2}}), -1153375511);
  EXPECT_EQ(HashOf("a BINARY", {Binary{"\x01\x02\x03"}}), -246362483);
  EXPECT_EQ(HashOf("a STRING, b INT", {"a", std::int32_t{1}}), 532252686);
}

TEST(SparkHash, NullLeavesTheSeed) {
  EXPECT_EQ(HashOf("a STRING, b INT", {{}, {}}), kSparkHashSeed);
  EXPECT_EQ(HashOf("a INT, b STRING, c INT", {{}, "k0", {}}), 2025593270);
}

TEST(SparkHash, NarrowIntegersAndNestedColumnsAreFolded) {
  EXPECT_EQ(HashOf("a TINYINT", {std::int8_t{1}}), -559580957);
  EXPECT_EQ(HashOf("a SMALLINT", {std::int16_t{1}}), -559580957);
  EXPECT_EQ(HashOf("a BOOLEAN", {true}), -559580957);
  EXPECT_EQ(HashOf("s STRUCT<a: STRING, b: INT>", {StructValue{{Value("a"), Value(std::int32_t{1})}}}), 532252686);
  EXPECT_EQ(HashOf("s ARRAY<INT>", {ArrayValue{{std::int32_t{1}}}}), -559580957);
  EXPECT_EQ(HashOf("a FLOAT", {std::nanf("1")}), HashOf("a FLOAT", {std::nanf("2")}));
}

TEST(SparkHash, LongDecimalsHashTheirShortestBytes) {
  // BigInteger.toByteArray: one byte for 0 and 127, two for 128, one for -128.
  EXPECT_EQ(HashOf("a DECIMAL(30,0)", {Decimal{0, 0}}), HashBytes(std::string_view("\0", 1), 42));
  EXPECT_EQ(HashOf("a DECIMAL(30,0)", {Decimal{127, 0}}), HashBytes("\x7F", 42));
  EXPECT_EQ(HashOf("a DECIMAL(30,0)", {Decimal{128, 0}}), HashBytes(std::string_view("\0\x80", 2), 42));
  EXPECT_EQ(HashOf("a DECIMAL(30,0)", {Decimal{-128, 0}}), HashBytes("\x80", 42));
  EXPECT_EQ(HashOf("a DECIMAL(30,0)", {Decimal{-129, 0}}), HashBytes("\xFF\x7F", 42));
  EXPECT_EQ(HashOf("a DECIMAL(30,0)", {Decimal{-1, 0}}), HashBytes("\xFF", 42));
}

TEST(SparkHash, BatchAndRowAgree) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    RandomData random(seed);
    const Schema schema = random.Schema(3, 0);
    const ColumnBatch batch = ColumnBatch::FromRows(schema, random.Rows(schema, 30))->Slice(5, 25);
    const std::vector<const Column*> columns = {&batch.column(0), &batch.column(2)};
    std::vector<std::int32_t> hashes(25);
    HashRows(columns, hashes);
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      ASSERT_EQ(hashes[i], HashRow(columns, static_cast<std::int64_t>(i)));
    }
  }
}

TEST(SparkHash, PartitionIsNeverNegative) {
  EXPECT_EQ(PartitionOfHash(-1, 4), 3);
  EXPECT_EQ(PartitionOfHash(INT32_MIN, 7), ((INT32_MIN % 7) + 7) % 7);
  EXPECT_EQ(PartitionOfHash(9, 4), 1);
}

}  // namespace
}  // namespace hf
