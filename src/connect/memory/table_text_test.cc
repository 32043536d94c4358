// SPDX-License-Identifier: Apache-2.0
#include "connect/memory/table_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace hf {
namespace {

std::string Show(const Schema& schema, const std::vector<Row>& rows, const TableTextOptions& options = {}) {
  return FormatTable(schema, {ColumnBatch::FromRows(schema, rows).value()}, options).value();
}

std::string Pretty(const Value& value, const DataType& type, const std::string& zone = "UTC") {
  return PrettyText(value, type, zone).value();
}

TEST(TableText, ColumnsAreAsWideAsTheirWidestCellAndAtLeastThree) {
  const Schema schema({{.name = "id", .type = DataType::String()}, {.name = "price", .type = DataType::Double()}});
  EXPECT_EQ(Show(schema, {{Value("a"), Value(1.5)}, {Value(), Value(100000000.0)}}),
            "+----+-----+\n"
            "|  id|price|\n"
            "+----+-----+\n"
            "|   a|  1.5|\n"
            "|NULL|1.0E8|\n"
            "+----+-----+\n");
}

TEST(TableText, LongCellsEndInDotsAndWholeCellsAlignLeft) {
  const Schema schema({{.name = "text", .type = DataType::String()}});
  const std::vector<Row> rows = {{Value("123456789012345678901")}, {Value("12345678901234567890")}};
  EXPECT_EQ(Show(schema, rows),
            "+--------------------+\n"
            "|                text|\n"
            "+--------------------+\n"
            "|12345678901234567...|\n"
            "|12345678901234567890|\n"
            "+--------------------+\n");
  EXPECT_EQ(Show(schema, rows, {.cell_length_max = 0}),
            "+---------------------+\n"
            "|text                 |\n"
            "+---------------------+\n"
            "|123456789012345678901|\n"
            "|12345678901234567890 |\n"
            "+---------------------+\n");
  EXPECT_EQ(Show(schema, {{Value("abcdef")}}, {.cell_length_max = 3}), "+----+\n|text|\n+----+\n| abc|\n+----+\n");
}

TEST(TableText, OnlyTheFirstRowsAreShownAndTheRestIsSaid) {
  const Schema schema({{.name = "n", .type = DataType::Int()}});
  const std::vector<Row> rows = {{Value(std::int32_t{1})}, {Value(std::int32_t{2})}};
  EXPECT_EQ(Show(schema, rows, {.rows_max = 1}), "+---+\n|  n|\n+---+\n|  1|\n+---+\nonly showing top 1 row\n");
  EXPECT_EQ(Show(schema, rows, {.rows_max = 0}), "+---+\n|  n|\n+---+\n+---+\nonly showing top 0 rows\n");
  EXPECT_EQ(Show(schema, {}), "+---+\n|  n|\n+---+\n+---+\n");
  EXPECT_EQ(Show(Schema(), {}), "++\n||\n++\n++\n");
}

TEST(TableText, WideCharactersTakeTwoColumnsAndControlsAreEscaped) {
  const Schema schema({{.name = "text", .type = DataType::String()}});
  EXPECT_EQ(Show(schema, {{Value("\xE4\xB8\xAD\xE6\x96\x87\xE5\xAD\x97")}, {Value("a\nb\tc")}}),
            "+-------+\n"
            "|   text|\n"
            "+-------+\n"
            "| \xE4\xB8\xAD\xE6\x96\x87\xE5\xAD\x97|\n"
            "|a\\nb\\tc|\n"
            "+-------+\n");
}

TEST(TableText, ScalarsPrintAsSparkPrintsThem) {
  EXPECT_EQ(Pretty(Value(true), DataType::Boolean()), "true");
  EXPECT_EQ(Pretty(Value(std::int8_t{-7}), DataType::Byte()), "-7");
  EXPECT_EQ(Pretty(Value(0.1F), DataType::Float()), "0.1");
  EXPECT_EQ(Pretty(Value(std::nan("")), DataType::Double()), "NaN");
  EXPECT_EQ(Pretty(Value(-std::numeric_limits<double>::infinity()), DataType::Double()), "-Infinity");
  EXPECT_EQ(Pretty(Value(Binary{std::string("\x1A\xC0\x00", 3)}), DataType::Binary()), "[1A C0 00]");
  EXPECT_EQ(Pretty(Value(Binary{}), DataType::Binary()), "[]");
  EXPECT_EQ(Pretty(Value(Date{-1}), DataType::Date()), "1969-12-31");
  EXPECT_EQ(Pretty(Value(TimestampNtz{1'500'000}), DataType::TimestampNtz()), "1970-01-01 00:00:01.5");
}

TEST(TableText, DecimalsArePlain) {
  const auto decimal = [](__int128 unscaled, int scale) {
    return Value(Decimal{.unscaled = unscaled, .scale = scale});
  };
  EXPECT_EQ(Pretty(decimal(12345, 2), DataType::Decimal(10, 2)), "123.45");
  EXPECT_EQ(Pretty(decimal(-5, 3), DataType::Decimal(10, 3)), "-0.005");
  EXPECT_EQ(Pretty(decimal(0, 10), DataType::Decimal(10, 10)), "0.0000000000");
  EXPECT_EQ(Pretty(decimal(7, 0), DataType::Decimal(10, 0)), "7");
}

TEST(TableText, TimestampsAreInTheSessionsZone) {
  const Value instant(Timestamp{1'767'225'600'123'000});  // 2026-01-01T00:00:00.123Z
  EXPECT_EQ(Pretty(instant, DataType::Timestamp()), "2026-01-01 00:00:00.123");
  EXPECT_EQ(Pretty(instant, DataType::Timestamp(), "Europe/Paris"), "2026-01-01 01:00:00.123");
  EXPECT_FALSE(PrettyText(instant, DataType::Timestamp(), "Mars/Base").ok());
}

TEST(TableText, NestedValuesShowTheirNulls) {
  const DataType array = DataType::Array(DataType::Int());
  EXPECT_EQ(Pretty(Value(ArrayValue{{Value(std::int32_t{1}), Value()}}), array), "[1, NULL]");
  EXPECT_EQ(Pretty(Value(ArrayValue{}), array), "[]");
  const DataType map = DataType::Map(DataType::String(), DataType::Int());
  EXPECT_EQ(Pretty(Value(MapValue{{{Value("a"), Value(std::int32_t{1})}, {Value("b"), Value()}}}), map),
            "{a -> 1, b -> NULL}");
  const DataType record =
      DataType::Struct({{.name = "x", .type = DataType::Int()}, {.name = "y", .type = DataType::String()}});
  EXPECT_EQ(Pretty(Value(StructValue{{Value(), Value("")}}), record), "{NULL, }");
}

}  // namespace
}  // namespace hf
