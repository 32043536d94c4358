// SPDX-License-Identifier: Apache-2.0
#include "holdfast/batch.h"

#include <gtest/gtest.h>

#include "base/check.h"
#include "rows/bitmap.h"
#include "rows/column_builder.h"
#include "rows/random_for_test.h"

namespace hf {
namespace {

std::vector<Row> AllRows(const ColumnBatch& batch) {
  std::vector<Row> rows;
  for (std::int64_t i = 0; i < batch.rows(); ++i) {
    rows.push_back(batch.RowAt(i));
  }
  return rows;
}

TEST(ColumnBatch, GivesBackTheRowsItWasMadeFrom) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    RandomData random(seed);
    const Schema schema = random.Schema(5, 3);
    const std::vector<Row> rows = random.Rows(schema, random.Below(40));
    const auto batch = ColumnBatch::FromRows(schema, rows);
    ASSERT_TRUE(batch.ok()) << batch.status().ToString();
    ASSERT_EQ(AllRows(*batch), rows) << schema.ToDdl();
    for (const Column& column : batch->columns()) {
      std::int64_t nulls = 0;
      for (std::int64_t i = 0; i < column.length; ++i) {
        nulls += column.IsNull(i) ? 1 : 0;
      }
      ASSERT_EQ(column.null_count, nulls);
      ASSERT_EQ(column.validity == nullptr, nulls == 0);
    }
  }
}

TEST(ColumnBatch, SlicesOfSlicesViewTheSameRows) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    RandomData random(seed);
    const Schema schema = random.Schema(4, 2);
    const std::vector<Row> rows = random.Rows(schema, 50);
    const ColumnBatch batch = *ColumnBatch::FromRows(schema, rows);
    const std::int64_t begin = random.Below(30);
    const std::int64_t count = random.Below(50 - begin);
    const ColumnBatch slice = batch.Slice(begin, 50 - begin).Slice(0, count);
    ASSERT_EQ(AllRows(slice), std::vector<Row>(rows.begin() + begin, rows.begin() + begin + count));
    for (const Column& column : slice.columns()) {
      std::int64_t nulls = 0;
      for (std::int64_t i = 0; i < count; ++i) {
        nulls += column.IsNull(i) ? 1 : 0;
      }
      ASSERT_EQ(column.null_count, nulls);
    }
  }
}

TEST(ColumnBatch, SliceBeyondTheEndIsAMistake) {
  const ColumnBatch batch = *ColumnBatch::FromRows(*Schema::FromDdl("a INT"), {{std::int32_t{1}}});
  EXPECT_THROW(static_cast<void>(batch.Slice(1, 1)), InvariantError);
  EXPECT_THROW(static_cast<void>(batch.Slice(-1, 1)), InvariantError);
  EXPECT_EQ(batch.Slice(1, 0).rows(), 0);
}

TEST(ColumnBatch, FromRowsNamesRowAndColumn) {
  const Schema schema = *Schema::FromDdl("a INT, b STRING NOT NULL");
  EXPECT_EQ(ColumnBatch::FromRows(schema, {{std::int32_t{1}, "x"}, {std::int32_t{1}, {}}}).status().message(),
            "row 1: b: expected STRING, found null, which the column does not allow");
  EXPECT_EQ(ColumnBatch::FromRows(schema, {{"x"}}).status().message(), "row 0: 1 values for 2 columns");
}

TEST(ColumnBatch, WithoutColumnsStillHasRows) { EXPECT_EQ(ColumnBatch::FromRows(Schema(), {{}, {}})->rows(), 2); }

TEST(ColumnBuilder, TruncateForgetsTheEnd) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RandomData random(seed);
    const DataType type = random.Type(3);
    ColumnBuilder builder(type);
    std::vector<Value> expected;
    for (int step = 0; step < 30; ++step) {
      if (random.OneIn(4)) {
        const auto kept = static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(expected.size()) + 1));
        expected.resize(kept);
        builder.Truncate(static_cast<std::int64_t>(kept));
      }
      expected.push_back(random.Datum(type));
      builder.AppendValue(expected.back());
    }
    const Column column = builder.Finish();
    ASSERT_EQ(column.length, static_cast<std::int64_t>(expected.size()));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(ValueAt(column, static_cast<std::int64_t>(i)), expected[i]) << type.ToSql();
    }
  }
}

TEST(ColumnBuilder, DropOpenForgetsAnUnfinishedList) {
  ColumnBuilder builder(DataType::Array(DataType::Int()));
  builder.child(0).AppendFixed(std::int32_t{1});
  builder.AppendList();
  builder.child(0).AppendFixed(std::int32_t{2});
  builder.DropOpen();
  builder.AppendList();
  const Column column = builder.Finish();
  EXPECT_EQ(ValueAt(column, 0), Value(ArrayValue{{std::int32_t{1}}}));
  EXPECT_EQ(ValueAt(column, 1), Value(ArrayValue{}));
}

TEST(ColumnBuilder, CanBeUsedAgainAfterFinish) {
  ColumnBuilder builder(DataType::String());
  builder.AppendBytes("a");
  builder.AppendNull();
  const Column first = builder.Finish();
  builder.AppendBytes("b");
  const Column second = builder.Finish();
  EXPECT_EQ(first.Bytes(0), "a");
  EXPECT_TRUE(first.IsNull(1));
  EXPECT_EQ(second.Bytes(0), "b");
  EXPECT_EQ(second.null_count, 0);
}

TEST(Bitmap, CountsZerosAtAnyOffset) {
  const std::uint8_t bits[] = {0b10110101, 0xFF, 0x00, 0b00001111};
  EXPECT_EQ(CountZeros(bits, 0, 32), 3 + 0 + 8 + 4);
  EXPECT_EQ(CountZeros(bits, 1, 3), 2);
  EXPECT_EQ(CountZeros(bits, 6, 20), 1 + 0 + 8 + 0);
  EXPECT_EQ(CountZeros(bits, 5, 0), 0);
}

}  // namespace
}  // namespace hf
