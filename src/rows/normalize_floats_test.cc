// SPDX-License-Identifier: Apache-2.0
#include "rows/normalize_floats.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "holdfast/types.h"

namespace hf {
namespace {

struct Inner {
  float f = 0;
  std::optional<double> maybe;
};
HOLDFAST_STRUCT(Inner, f, maybe);

struct Key {
  double d = 0;
  std::string text;
  Inner inner;
  std::vector<std::optional<double>> list;
};
HOLDFAST_STRUCT(Key, d, text, inner, list);

const double kOtherNan = std::bit_cast<double>(0xFFF8000000000123ull);

std::uint64_t Bits(double value) { return std::bit_cast<std::uint64_t>(value); }

TEST(NormalizeFloats, ReachesEveryDepthOfAStruct) {
  Key key = {.d = kOtherNan,
             .text = "-0.0",
             .inner = {.f = -0.0f, .maybe = -0.0},
             .list = {std::nullopt, -0.0, kOtherNan, -1.5}};
  NormalizeFloats(detail::LayoutOf<Key>::Get(), &key);
  EXPECT_EQ(Bits(key.d), 0x7FF8000000000000u);
  EXPECT_EQ(key.text, "-0.0");
  EXPECT_FALSE(std::signbit(key.inner.f));
  EXPECT_EQ(Bits(*key.inner.maybe), 0u);
  EXPECT_FALSE(key.list[0].has_value());
  EXPECT_EQ(Bits(*key.list[1]), 0u);
  EXPECT_EQ(Bits(*key.list[2]), 0x7FF8000000000000u);
  EXPECT_EQ(key.list[3], -1.5);
}

TEST(NormalizeFloats, ReachesEveryDepthOfARow) {
  Row row = {Value(-0.0f), Value(StructValue{{Value(ArrayValue{{Value(kOtherNan), Value()}}), Value("x")}}),
             Value(2.0)};
  const Schema schema = *Schema::FromDdl("a FLOAT, s STRUCT<l: ARRAY<DOUBLE>, t: STRING>, d DOUBLE");
  NormalizeFloats(*RowLayout(schema), &row);
  EXPECT_FALSE(std::signbit(std::get<float>(row[0])));
  const auto& fields = std::get<StructValue>(row[1]).fields;
  EXPECT_EQ(Bits(std::get<double>(std::get<ArrayValue>(fields[0]).elements[0])), 0x7FF8000000000000u);
  EXPECT_EQ(row[2], Value(2.0));
}

TEST(NormalizeFloats, TypesWithoutFloatsAreKnown) {
  EXPECT_TRUE(HoldsFloats(Schema::FromDdl("a INT, s STRUCT<l: ARRAY<FLOAT>>")->type()));
  EXPECT_FALSE(HoldsFloats(Schema::FromDdl("a INT, s STRUCT<l: ARRAY<DECIMAL(5,2)>>")->type()));
}

}  // namespace
}  // namespace hf
