// SPDX-License-Identifier: Apache-2.0
#include "holdfast/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "rows/scalar_format.h"

namespace hf {
namespace {

Schema Ddl(std::string_view text) { return *Schema::FromDdl(text); }
std::string Json(const char* ddl, Row row) { return ToJson(row, Ddl(ddl)); }

TEST(Value, PrintsScalarsAsSparkDoes) {
  EXPECT_EQ(Json("a INT, b STRING, c STRING", {std::int32_t{1}, "x\"\\\n\x01\xC3\xA9/", {}}),
            "{\"a\":1,\"b\":\"x\\\"\\\\\\n\\u0001\xC3\xA9/\",\"c\":null}");
  EXPECT_EQ(Json("a TIMESTAMP, b TIMESTAMP_NTZ, c DATE", {Timestamp{1767225743064340}, TimestampNtz{0}, Date{20454}}),
            R"({"a":"2026-01-01T00:02:23.064340Z","b":"1970-01-01T00:00:00.000000","c":"2026-01-01"})");
  EXPECT_EQ(Json("a DATE, b TIMESTAMP", {Date{-719529}, Timestamp{-1}}),
            R"({"a":"-0001-12-31","b":"1969-12-31T23:59:59.999999Z"})");
  EXPECT_EQ(Json("a DATE", {Date{4'000'000}}), R"({"a":"+12921-08-18"})");
  EXPECT_EQ(Json("a BINARY, b BINARY, c BINARY", {Binary{"hi"}, Binary{""}, Binary{"abc"}}),
            R"({"a":"aGk=","b":"","c":"YWJj"})");
  EXPECT_EQ(Json("a BOOLEAN, b TINYINT", {true, std::int8_t{-5}}), R"({"a":true,"b":-5})");
}

TEST(Value, PrintsNumbersAsJavaDoes) {
  EXPECT_EQ(Json("a DOUBLE, b DOUBLE, c DOUBLE, d DOUBLE, e FLOAT", {1.0, 1e10, 0.1, -0.0, 0.1f}),
            R"({"a":1.0,"b":1.0E10,"c":0.1,"d":-0.0,"e":0.1})");
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(Json("a DOUBLE, b DOUBLE, c FLOAT", {std::nan(""), infinity, -std::numeric_limits<float>::infinity()}),
            R"({"a":"NaN","b":"Infinity","c":"-Infinity"})");
}

TEST(Value, PrintsDecimalsAsBigDecimalDoes) {
  const auto text = [](__int128 unscaled, int scale) {
    std::string out;
    AppendDecimalText(out, unscaled, scale);
    return out;
  };
  EXPECT_EQ(text(150, 2), "1.50");
  EXPECT_EQ(text(-5, 2), "-0.05");
  EXPECT_EQ(text(0, 18), "0E-18");
  EXPECT_EQ(text(0, 6), "0.000000");
  EXPECT_EQ(text(123, 10), "1.23E-8");
  EXPECT_EQ(text(123, 8), "0.00000123");
  EXPECT_EQ(text(123, 9), "1.23E-7");
  EXPECT_EQ(text(42, 0), "42");
}

TEST(Value, PrintsNestedValues) {
  const Row row = {ArrayValue{{std::int32_t{1}, {}}},
                   MapValue{{{Value("k"), Value(std::int32_t{1})}, {Value("l"), Value()}}},
                   StructValue{{Value("s"), Value()}}};
  EXPECT_EQ(Json("a ARRAY<INT>, m MAP<STRING,INT>, s STRUCT<x: STRING, y: INT>", row),
            R"({"a":[1,null],"m":{"k":1,"l":null},"s":{"x":"s","y":null}})");
}

// Spark's state reader with flattenCollectionTypes=false printed these for a map state whose key is
// struct<page:string>.
TEST(Value, PrintsStructKeysOfMapsAsSparkDoes) {
  const DataType key = DataType::Struct({{.name = "page", .type = DataType::String()}});
  EXPECT_EQ(MapKeyText(StructValue{{Value("purchase")}}, key), "[0,1000000008,6573616863727570]");
  EXPECT_EQ(MapKeyText(StructValue{{Value("add_to_cart")}}, key), "[0,100000000b,635f6f745f646461,747261]");
  EXPECT_EQ(MapKeyText(StructValue{{Value()}}, key), "[1,0]");
  EXPECT_EQ(MapKeyText(Date{20454}, DataType::Date()), "20454");
  EXPECT_EQ(MapKeyText(std::int64_t{-7}, DataType::Long()), "-7");
  EXPECT_EQ(MapKeyText(2.5, DataType::Double()), "2.5");
}

TEST(CheckValue, NamesPathTypeAndWhatWasFound) {
  const auto failure = [](const Value& value, const DataType& type, bool nullable = true) {
    return std::string(CheckValue(value, type, nullable, "a").message());
  };
  EXPECT_EQ(failure("x", DataType::Int()), "a: expected INT, found a string");
  EXPECT_EQ(failure(std::int64_t{1}, DataType::Int()), "a: expected INT, found a long");
  EXPECT_EQ(failure({}, DataType::Int(), false), "a: expected INT, found null, which the column does not allow");
  EXPECT_EQ(failure({}, DataType::Int()), "");
  EXPECT_EQ(failure(Decimal{100000, 2}, DataType::Decimal(5, 2)),
            "a: expected DECIMAL(5,2), found a decimal with more digits");
  EXPECT_EQ(failure(Decimal{99999, 2}, DataType::Decimal(5, 2)), "");
  EXPECT_EQ(failure(Decimal{1, 3}, DataType::Decimal(5, 2)), "a: expected DECIMAL(5,2), found a decimal of scale 3");
  EXPECT_EQ(failure(ArrayValue{{Value("x"), Value(true)}}, DataType::Array(DataType::String())),
            "a[1]: expected STRING, found a boolean");
  EXPECT_EQ(failure(MapValue{{{Value(), Value()}}}, DataType::Map(DataType::String(), DataType::Int())),
            "a.key[0]: expected STRING, found null, which the column does not allow");
  EXPECT_EQ(failure(StructValue{{Value("x")}}, DataType::Struct({{.name = "n", .type = DataType::Int()}})),
            "a.n: expected INT, found a string");
  EXPECT_EQ(failure(StructValue{}, DataType::Struct({{.name = "n", .type = DataType::Int()}})),
            "a: expected STRUCT<n: INT>, found a struct of 0 fields");
  EXPECT_EQ(failure(Timestamp{1}, DataType::TimestampNtz()), "a: expected TIMESTAMP_NTZ, found a timestamp");
}

}  // namespace
}  // namespace hf
