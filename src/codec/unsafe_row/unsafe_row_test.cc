// SPDX-License-Identifier: Apache-2.0
// What the codec promises beside Spark's bytes: structs, names, refusals, damage. Random rows carry their seed.
#include <limits>

#include "base/random.h"
#include "codec/unsafe_row/unsafe_row_format.h"
#include "codec/unsafe_row/unsafe_row_reader.h"
#include "codec/unsafe_row/unsafe_row_testing.h"
#include "codec/unsafe_row/unsafe_row_writer.h"
#include "rows/random_for_test.h"

namespace hf {
namespace {

struct Place {
  std::string street;
  std::optional<std::int16_t> number;
  bool operator==(const Place&) const = default;
};
HOLDFAST_STRUCT(Place, street, number);

struct Everything {
  bool flag = false;
  std::int8_t b = 0;
  std::int16_t s = 0;
  std::int32_t i = 0;
  std::int64_t l = 0;
  float f = 0;
  double d = 0;
  std::optional<std::string> text;
  Binary raw;
  Date date;
  Timestamp ts;
  TimestampNtz ntz;
  DecimalOf<10, 2> small;
  std::optional<DecimalOf<38, 10>> large;
  Place home;
  std::optional<Place> work;
  std::vector<std::int16_t> numbers;
  std::vector<std::optional<Place>> places;
  std::map<std::int32_t, std::vector<std::string>> tags;
  std::optional<std::map<std::string, std::optional<double>>> weights;
  bool operator==(const Everything&) const = default;
};
HOLDFAST_STRUCT(Everything, flag, b, s, i, l, f, d, text, raw, date, ts, ntz, small, large, home, work, numbers, places,
                tags, weights);

Everything Sample() {
  Everything e;
  e.flag = true;
  e.b = -3;
  e.s = -300;
  e.i = -70000;
  e.l = std::int64_t{1} << 60;
  e.f = -0.5F;
  e.d = 1e300;
  e.text = std::string(700, 'x');
  e.raw = {std::string("\0\1", 2)};
  e.date = {-3};
  e.ts = {-1};
  e.ntz = {1767225600000000};
  e.small.unscaled = -9999999999;
  e.large = DecimalOf<38, 10>{__int128{-1} << 100};
  e.home = {"Main Street", std::int16_t{12}};
  e.work = Place{"", std::nullopt};
  e.numbers = {1, -2, 3};
  e.places = {Place{"a", std::int16_t{1}}, std::nullopt};
  e.tags = {{-1, {}}, {7, {"x", "y"}}};
  e.weights = {{"none", std::nullopt}, {"w", 0.25}};
  return e;
}

Schema Ddl(std::string_view ddl) { return Schema::FromDdl(ddl).value(); }

template <typename T>
const TypeLayout& Layout() {
  return detail::LayoutOf<T>::Get();
}
template <typename T>
std::string Encoded(const Schema& schema, const T& object) {
  const auto writer = UnsafeRowWriter::Compile(schema, Layout<T>());
  EXPECT_TRUE(writer.ok()) << writer.status().ToString();
  std::string bytes;
  EXPECT_TRUE(writer->Encode(&object, bytes).ok());
  return bytes;
}
Result<std::string> EncodeRow(const Schema& schema, const Row& row) {
  const auto layout = RowLayout(schema);
  HF_ASSIGN_OR_RETURN(const UnsafeRowWriter writer, UnsafeRowWriter::Compile(schema, *layout));
  std::string bytes;
  HF_RETURN_IF_ERROR(writer.Encode(&row, bytes));
  return bytes;
}
Result<Row> DecodeRow(const Schema& written, const Schema& read, std::string_view bytes) {
  const auto layout = RowLayout(read);
  HF_ASSIGN_OR_RETURN(const UnsafeRowReader reader, UnsafeRowReader::Compile(written, *layout));
  Row row;
  HF_RETURN_IF_ERROR(reader.Decode(bytes, &row));
  return row;
}

TEST(UnsafeRow, StructsAndRowsHaveTheSameBytes) {
  const Schema schema = SchemaOf(Layout<Everything>());
  const auto reader = UnsafeRowReader::Compile(schema, Layout<Everything>());
  ASSERT_TRUE(reader.ok()) << reader.status().ToString();
  Everything read;
  for (const Everything& e : {Sample(), Everything(), Sample()}) {
    const std::string bytes = Encoded(schema, e);
    ASSERT_TRUE(reader->Decode(bytes, &read).ok());
    EXPECT_EQ(read, e);
    const Row row = DecodeRow(schema, schema, bytes).value();
    EXPECT_EQ(ToHex(EncodeRow(schema, row).value()), ToHex(bytes));
  }
}

TEST(UnsafeRow, FieldsBelongTogetherByNameWhateverTheirOrder) {
  const Schema schema = Ddl("number SMALLINT,wide DECIMAL(38,0),street STRING,more ARRAY<INT>");
  const std::string bytes = Encoded(schema, Place{"Main Street", std::int16_t{7}});
  EXPECT_EQ(DecodeRow(schema, schema, bytes).value(), (Row{std::int16_t{7}, Value(), "Main Street", Value()}));
  const Row full = {std::int16_t{7}, Decimal{5, 0}, "Main Street", ArrayValue{{Value(std::int32_t{1})}}};
  const auto reader = UnsafeRowReader::Compile(schema, Layout<Place>());
  ASSERT_TRUE(reader.ok());
  Place place;
  ASSERT_TRUE(reader->Decode(EncodeRow(schema, full).value(), &place).ok());
  EXPECT_EQ(place, (Place{"Main Street", std::int16_t{7}}));
  EXPECT_EQ(DecodeRow(schema, Ddl("later INT,street STRING"), bytes).value(), (Row{Value(), "Main Street"}));
}

TEST(UnsafeRow, CompilingRefusesWhatDoesNotFit) {
  EXPECT_FALSE(UnsafeRowWriter::Compile(Ddl("street STRING"), Layout<Place>()).ok());
  EXPECT_FALSE(UnsafeRowWriter::Compile(Ddl("street STRING,number INT"), Layout<Place>()).ok());
  EXPECT_FALSE(UnsafeRowReader::Compile(Ddl("street STRING,number INT"), Layout<Place>()).ok());
  EXPECT_FALSE(UnsafeRowReader::Compile(Ddl("number SMALLINT"), Layout<Place>()).ok());  // street must have a value
  const auto row = RowLayout(Ddl("d DECIMAL(10,2)"));
  EXPECT_FALSE(UnsafeRowReader::Compile(Ddl("d DECIMAL(10,3)"), *row).ok());
  const Schema twice({{.name = "a", .type = DataType::Int()}, {.name = "a", .type = DataType::Int()}});
  EXPECT_FALSE(UnsafeRowWriter::Compile(twice, *RowLayout(twice)).ok());
  DataType deep = DataType::Int();
  for (int i = 0; i <= unsafe_row::kDepthMax; ++i) {
    deep = DataType::Array(deep);
  }
  const Schema bottomless({{.name = "a", .type = deep}});
  EXPECT_FALSE(UnsafeRowReader::Compile(bottomless, *RowLayout(bottomless)).ok());
}

TEST(UnsafeRow, WritingRefusesWhatHasNoBytes) {
  const std::pair<const char*, Row> cases[] = {
      {"m MAP<STRING,INT>", {MapValue{{{Value(), Value()}}}}},
      {"a INT", {"text"}},
      {"a INT", {}},
      {"d DECIMAL(4,2)", {Decimal{10000, 2}}},
      {"d DECIMAL(4,2)", {Decimal{1, 3}}},
      {"d DECIMAL(20,0)", {Decimal{PowerOfTen(20), 0}}},
      {"s STRUCT<x:INT>", {StructValue{{}}}},
  };
  for (const auto& [ddl, row] : cases) {
    const auto layout = RowLayout(Ddl(ddl));
    const auto writer = UnsafeRowWriter::Compile(Ddl(ddl), *layout);
    ASSERT_TRUE(writer.ok());
    std::string bytes = "kept";
    EXPECT_EQ(writer->Encode(&row, bytes).kind(), ErrorKind::kInvalid) << ddl;
    EXPECT_EQ(bytes, "kept") << ddl;
  }
}

TEST(UnsafeRow, ANullWithoutAPlaceIsRefusedByName) {
  const Schema schema = SchemaOf(Layout<Place>());
  const std::string bytes = EncodeRow(schema, {Value(), std::int16_t{1}}).value();
  Place place;
  const Status status = UnsafeRowReader::Compile(schema, Layout<Place>())->Decode(bytes, &place);
  EXPECT_EQ(status.kind(), ErrorKind::kInvalid);
  EXPECT_NE(status.message().find("'street'"), std::string_view::npos) << status.ToString();
}

struct Damage {
  const char* ddl;
  const char* hex;
  const char* why;
};

constexpr Damage kDamages[] = {
    {"a INT", "", "fewer bytes than its fields"},
    {"a INT",
     "00000000000000000100000000000000"
     "0000000000000000",
     "left over"},
    {"a INT", "02000000000000000100000000000000", "more fields as null"},
    {"a INT", "00000000000000000100000001000000", "more than its type"},
    {"a BOOLEAN", "00000000000000000200000000000000", "no boolean"},
    {"a VOID", "00000000000000000000000000000000", "void"},
    {"a DECIMAL(1,0)", "00000000000000000a00000000000000", "more digits"},
    {"a STRING",
     "00000000000000000100000018000000"
     "6100000000000000",
     "does not begin"},
    {"a STRING",
     "00000000000000000900000010000000"
     "6100000000000000",
     "end within it"},
    {"a STRING",
     "0000000000000000ffffffff10000000"
     "6100000000000000",
     "end within it"},
    {"a STRING",
     "00000000000000000100000010000000"
     "6100000000000000"
     "0000000000000000",
     "left over"},
    {"a DECIMAL(20,0)",
     "00000000000000000000000010000000"
     "00000000000000000000000000000000",
     "1 and 16"},
    {"a DECIMAL(20,0)",
     "00000000000000000100000010000000"
     "0100000000000000",
     "end within it"},
    {"a ARRAY<INT>", "00000000000000000000000010000000", "no room for its count"},
    {"a ARRAY<INT>",
     "00000000000000000800000010000000"
     "ffffffffffffffff",
     "more elements than bytes"},
    {"a ARRAY<INT>",
     "00000000000000001000000010000000"
     "03000000000000000000000000000000",
     "than its elements take"},
    {"a ARRAY<INT>",
     "00000000000000001000000010000000"
     "00000000000000000000000000000000",
     "left over"},
    {"a MAP<INT,INT>",
     "00000000000000000800000010000000"
     "0800000000000000",
     "no room for its keys"},
    {"a MAP<INT,INT>",
     "00000000000000002800000010000000"
     "1800000000000000"
     "0100000000000000"
     "0000000000000000"
     "0100000000000000"
     "0000000000000000",
     "as many values as keys"},
    {"a MAP<INT,INT>",
     "00000000000000003800000010000000"
     "1800000000000000"
     "0100000000000000"
     "0100000000000000"
     "0000000000000000"
     "0100000000000000"
     "0100000000000000"
     "0000000000000000",
     "a key of a map"},
};

TEST(UnsafeRow, DamageIsNamed) {
  for (const Damage& damage : kDamages) {
    const auto row = DecodeRow(Ddl(damage.ddl), Ddl(damage.ddl), FromHex(damage.hex));
    ASSERT_FALSE(row.ok()) << damage.ddl << " " << damage.why;
    EXPECT_EQ(row.status().kind(), ErrorKind::kCorrupt);
    EXPECT_NE(row.status().message().find(damage.why), std::string_view::npos) << row.status().ToString();
  }
}

TEST(UnsafeRow, WhatIsWrittenIsReadForAnyRow) {
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    RandomData data(seed);
    const Schema schema = data.Schema(static_cast<int>(1 + data.Below(5)), 3);
    const Row row = data.Row(schema);
    const auto bytes = EncodeRow(schema, row);
    ASSERT_TRUE(bytes.ok()) << "seed " << seed << ": " << bytes.status().ToString();
    ASSERT_EQ(bytes->size() % 8, 0u) << "seed " << seed;
    const auto read = DecodeRow(schema, schema, *bytes);
    ASSERT_TRUE(read.ok()) << "seed " << seed << ": " << read.status().ToString();
    ASSERT_EQ(*read, row) << "seed " << seed << " " << schema.ToDdl();
  }
}

TEST(UnsafeRow, DamagedBytesNeverHarm) {
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    RandomData data(seed);
    SeededRandom dice(seed);
    const Schema schema = data.Schema(static_cast<int>(1 + data.Below(5)), 3);
    const std::string bytes = EncodeRow(schema, data.Row(schema)).value();
    for (int i = 0; i < 20; ++i) {
      std::string damaged = bytes.substr(0, dice.Below(4) == 0 ? dice.Below(bytes.size() + 1) : bytes.size());
      for (std::size_t flips = 1 + dice.Below(4); flips > 0 && !damaged.empty(); --flips) {
        damaged[dice.Below(damaged.size())] = static_cast<char>(dice.Below(256));
      }
      damaged.shrink_to_fit();
      const auto row = DecodeRow(schema, schema, damaged);
      ASSERT_TRUE(row.ok() || row.status().kind() == ErrorKind::kCorrupt) << "seed " << seed;
      if (row.ok()) {
        ASSERT_LE(EncodeRow(schema, *row).value().size(), damaged.size()) << "seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace hf
