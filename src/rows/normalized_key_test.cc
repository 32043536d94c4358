// SPDX-License-Identifier: Apache-2.0
#include "rows/normalized_key.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "rows/random_for_test.h"

namespace hf {
namespace {

std::string KeyOf(const ColumnBatch& batch, std::int64_t row) {
  std::vector<const Column*> columns;
  for (const Column& column : batch.columns()) {
    columns.push_back(&column);
  }
  std::string key;
  NormalizedKeys(columns).AppendKey(row, key);
  return key;
}

// `values` in ascending order.
void ExpectOrder(const std::string& type, const std::vector<Value>& values) {
  std::vector<Row> rows;
  for (const Value& value : values) {
    rows.push_back({value});
  }
  const ColumnBatch batch = *ColumnBatch::FromRows(*Schema::FromDdl("a " + type), rows);
  for (std::int64_t i = 0; i + 1 < batch.rows(); ++i) {
    EXPECT_LT(KeyOf(batch, i), KeyOf(batch, i + 1)) << type << " " << i;
  }
}

TEST(NormalizedKeys, SortAsSparkSorts) {
  const double infinity = std::numeric_limits<double>::infinity();
  ExpectOrder("BOOLEAN", {{}, false, true});
  ExpectOrder("TINYINT", {{}, std::int8_t{-128}, std::int8_t{-1}, std::int8_t{0}, std::int8_t{127}});
  ExpectOrder("SMALLINT", {{}, std::int16_t{INT16_MIN}, std::int16_t{-1}, std::int16_t{0}, std::int16_t{256}});
  ExpectOrder("INT", {{}, INT32_MIN, std::int32_t{-1}, std::int32_t{0}, INT32_MAX});
  ExpectOrder("BIGINT", {{}, std::int64_t{INT64_MIN}, std::int64_t{-1}, std::int64_t{0}, std::int64_t{INT64_MAX}});
  ExpectOrder("DOUBLE", {{}, -infinity, -2.5, -1e-300, 0.0, 1e-300, 2.5, infinity, std::nan("")});
  ExpectOrder("FLOAT", {{}, -2.5f, 0.0f, 2.5f, std::nanf("")});
  ExpectOrder("DECIMAL(38,2)",
              {{}, Decimal{-PowerOfTen(30), 2}, Decimal{-1, 2}, Decimal{0, 2}, Decimal{PowerOfTen(30), 2}});
  ExpectOrder("STRING", {{},
                         "",
                         std::string("\0", 1),
                         std::string("\0\0", 2),
                         std::string("\0a", 2),
                         "a",
                         std::string("a\0", 2),
                         "aa",
                         "b",
                         "\xC3\xA9"});
  ExpectOrder("DATE", {{}, Date{-1}, Date{1}});
  ExpectOrder("ARRAY<INT>", {{},
                             ArrayValue{},
                             ArrayValue{{Value()}},
                             ArrayValue{{std::int32_t{1}}},
                             ArrayValue{{std::int32_t{1}, std::int32_t{0}}},
                             ArrayValue{{std::int32_t{2}}}});
  ExpectOrder("STRUCT<a: STRING, b: INT>", {{},
                                            StructValue{{Value(), Value(std::int32_t{9})}},
                                            StructValue{{Value("a"), Value()}},
                                            StructValue{{Value("a"), Value(std::int32_t{1})}},
                                            StructValue{{Value("b"), Value()}}});
}

TEST(NormalizedKeys, EqualKeysForWhatSparkGroupsTogether) {
  const ColumnBatch batch = *ColumnBatch::FromRows(
      *Schema::FromDdl("a DOUBLE, b FLOAT"),
      {{0.0, std::nanf("1")}, {-0.0, std::nanf("2")}, {std::nan("1"), 0.0f}, {-std::nan("2"), -0.0f}});
  EXPECT_EQ(KeyOf(batch, 0), KeyOf(batch, 1));
  EXPECT_EQ(KeyOf(batch, 2), KeyOf(batch, 3));
}

TEST(NormalizedKeys, ColumnsCannotRunIntoEachOther) {
  const ColumnBatch batch =
      *ColumnBatch::FromRows(*Schema::FromDdl("a STRING, b STRING"),
                             {{"a", "bc"}, {"ab", "c"}, {std::string("a\0", 2), "b"}, {"a", std::string("\0b", 2)}});
  for (std::int64_t i = 0; i < 4; ++i) {
    for (std::int64_t j = 0; j < i; ++j) {
      EXPECT_NE(KeyOf(batch, i), KeyOf(batch, j));
    }
  }
  EXPECT_LT(KeyOf(batch, 0), KeyOf(batch, 1));
  // What ends a text and begins the next may also stand in a text.
  const std::string join("\0\0\1", 3);
  const ColumnBatch joined = *ColumnBatch::FromRows(*Schema::FromDdl("a STRING, b STRING"),
                                                    {{"a" + join + "b", "x"}, {"a", "b" + join + "x"}});
  EXPECT_NE(KeyOf(joined, 0), KeyOf(joined, 1));
}

TEST(NormalizedKeys, OneTextColumnWithoutNullsIsItsOwnKey) {
  const Schema schema = *Schema::FromDdl("a STRING");
  const ColumnBatch batch = *ColumnBatch::FromRows(schema, {{"x"}, {std::string("y\0z", 3)}});
  const std::vector<const Column*> columns = {&batch.column(0)};
  const NormalizedKeys keys(columns);
  ASSERT_TRUE(keys.is_bare());
  EXPECT_EQ(keys.BareKey(1), std::string("y\0z", 3));
  const ColumnBatch with_null = *ColumnBatch::FromRows(schema, {{"x"}, {{}}});
  const std::vector<const Column*> nullable = {&with_null.column(0)};
  EXPECT_FALSE(NormalizedKeys(nullable).is_bare());
}

}  // namespace
}  // namespace hf
