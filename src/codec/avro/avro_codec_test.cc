// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "codec/avro/avro_reader.h"
#include "codec/avro/avro_schema.h"
#include "codec/avro/avro_writer.h"

namespace hf {
namespace {

struct Address {
  std::string street;
  std::optional<std::int32_t> zip;
  bool operator==(const Address&) const = default;
};
HOLDFAST_STRUCT(Address, street, zip);

struct SessionV1 {
  std::string session_id;
  std::string user_id;
  std::int32_t event_count = 0;
  double total_revenue = 0;
  Timestamp session_start;
  bool operator==(const SessionV1&) const = default;
};
HOLDFAST_STRUCT(SessionV1, session_id, user_id, event_count, total_revenue, session_start);

struct SessionV2 {
  std::string session_id;
  std::string user_id;
  std::int64_t event_count = 0;
  double total_revenue = 0;
  Timestamp session_start;
  std::optional<std::string> device_type;
  std::optional<std::string> page_category;
  bool operator==(const SessionV2&) const = default;
};
HOLDFAST_STRUCT(SessionV2, session_id, user_id, event_count, total_revenue, session_start, device_type, page_category);

struct Everything {
  bool flag = false;
  std::int32_t i = 0;
  std::int64_t l = 0;
  float f = 0;
  double d = 0;
  std::string s;
  Binary b;
  Date date;
  Timestamp ts;
  TimestampNtz ntz;
  DecimalOf<10, 2> small;
  DecimalOf<38, 10> large;
  Address home;
  std::optional<Address> work;
  std::vector<std::int32_t> numbers;
  std::vector<std::optional<Address>> places;
  std::map<std::string, std::vector<std::string>> tags;
  std::optional<std::map<std::string, double>> weights;
  bool operator==(const Everything&) const = default;
};
HOLDFAST_STRUCT(Everything, flag, i, l, f, d, s, b, date, ts, ntz, small, large, home, work, numbers, places, tags,
                weights);

template <typename T>
const TypeLayout& Layout() {
  return detail::LayoutOf<T>::Get();
}

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}
std::string ToHex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) {
    hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return hex;
}

Schema Ddl(std::string_view ddl) { return Schema::FromDdl(ddl).value(); }

template <typename T>
std::string Encoded(const T& object) {
  auto writer = AvroWriter::Compile(SchemaOf(Layout<T>()), Layout<T>());
  EXPECT_TRUE(writer.ok()) << writer.status().ToString();
  std::string bytes;
  EXPECT_TRUE(writer->Encode(&object, bytes).ok());
  return bytes;
}
template <typename T>
T DecodedAs(const Schema& writer, std::string_view bytes) {
  auto reader = AvroReader::Compile(writer, Layout<T>());
  EXPECT_TRUE(reader.ok()) << reader.status().ToString();
  T object;
  const Status status = reader->Decode(bytes, &object);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return object;
}
Result<std::string> EncodeRow(const Schema& schema, const Row& row) {
  const auto layout = RowLayout(schema);
  HF_ASSIGN_OR_RETURN(const AvroWriter writer, AvroWriter::Compile(schema, *layout));
  std::string bytes;
  HF_RETURN_IF_ERROR(writer.Encode(&row, bytes));
  return bytes;
}
Result<Row> DecodeRow(const Schema& writer, const Schema& reader, std::string_view bytes) {
  const auto layout = RowLayout(reader);
  HF_ASSIGN_OR_RETURN(const AvroReader plan, AvroReader::Compile(writer, *layout));
  Row row;
  HF_RETURN_IF_ERROR(plan.Decode(bytes, &row));
  return row;
}

constexpr std::int64_t kNewYear = 1767225600000000;

Decimal BigDecimal() {
  __int128 unscaled = 1234567890123456789;
  for (const int digit : {0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
    unscaled = unscaled * 10 + digit;
  }
  return {unscaled, 10};
}

struct Golden {
  const char* ddl;
  Row row;
  const char* hex;
};

// The bytes are those of Spark 4.3.0: AvroSerializer and Avro's BinaryEncoder on toAvroTypeWithDefaults(ddl).
std::vector<Golden> Goldens() {
  const Value null;
  auto row = [](Row fields) { return Value(StructValue{std::move(fields)}); };
  auto list = [](std::vector<Value> elements) { return Value(ArrayValue{std::move(elements)}); };
  auto map = [](std::vector<std::pair<Value, Value>> entries) { return Value(MapValue{std::move(entries)}); };
  const Value one = std::int32_t{1};
  return {
      {"session_id string, user_id string, event_count int, total_revenue double, session_start timestamp",
       {"s0013", "u0004", std::int32_t{7}, 12.5, Timestamp{kNewYear + 123000}},
       "020a7330303133020a7530303034020e02000000000000294002f08191e288d2a306"},
      {"a int", {std::int32_t{-1}}, "0201"},
      {"a int", {std::numeric_limits<std::int32_t>::min()}, "02ffffffff0f"},
      {"a bigint", {std::numeric_limits<std::int64_t>::min()}, "02ffffffffffffffffff01"},
      {"a bigint", {std::numeric_limits<std::int64_t>::max()}, "02feffffffffffffffff01"},
      {"a bigint", {std::int64_t{1767225600123456}}, "02808991e288d2a306"},
      {"a boolean, b boolean", {true, false}, "02010200"},
      {"a float", {1.5F}, "020000c03f"},
      {"a double", {std::numeric_limits<double>::quiet_NaN()}, "02000000000000f87f"},
      {"a string", {null}, "00"},
      {"a string", {""}, "0200"},
      {"a string", {"h\xc3\xa9llo \xf0\x9f\x98\x80"}, "021668c3a96c6c6f20f09f9880"},
      {"a binary", {Binary{std::string("\0\xff\x02", 3)}}, "020600ff02"},
      {"a date", {Date{20454}}, "02ccbf02"},
      {"a timestamp_ntz", {TimestampNtz{kNewYear}}, "02808082e288d2a306"},
      {"a void", {null}, ""},
      {"a int, v void, b int", {one, null, std::int32_t{2}}, "02020204"},
      {"d decimal(10,2)", {Decimal{-125, 2}}, "02ffffffff83"},
      {"d decimal(38,10)", {BigDecimal()}, "02000000018ee90ff6c373e0ee0c04d515"},
      {"d decimal(1,0)", {Decimal{9, 0}}, "0209"},
      {"d decimal(18,0)", {Decimal{-999999999999999999, 0}}, "02f21f494c589c0001"},
      {"n struct<x:int,y:string>", {row({one, null})}, "02020200"},
      {"n struct<x:int,y:string>", {null}, "00"},
      {"n struct<>", {row({})}, "02"},
      {"l array<int>", {list({one, std::int32_t{2}, std::int32_t{-3}})}, "020602040500"},
      {"l array<int>", {list({})}, "0200"},
      {"l array<int>", {null}, "00"},
      {"l array<struct<x:int>>", {list({row({one}), null})}, "02040202020000"},
      {"l array<array<string>>", {list({list({"a"}), null, list({})})}, "0206020202610000020000"},
      {"m map<string,int>", {map({{"k", one}})}, "0202026b0200"},
      {"m map<string,int>", {map({})}, "0200"},
      {"m map<string,struct<x:int>>", {map({{"k", row({one})}})}, "0202026b02020200"},
      {"m map<string,map<string,double>>", {map({{"k", map({{"j", 2.0}})}})}, "0202026b0202026a00000000000000400000"},
      {"l array<decimal(10,2)>", {list({Decimal{100, 2}})}, "0202000000006400"},
      {"n struct<m:struct<x:array<struct<d:date>>>>", {row({row({list({row({Date{-1}})})})})}, "0202020202020100"},
  };
}

TEST(AvroCodec, WritesSparksBytes) {
  for (const Golden& golden : Goldens()) {
    auto bytes = EncodeRow(Ddl(golden.ddl), golden.row);
    ASSERT_TRUE(bytes.ok()) << golden.ddl << ": " << bytes.status().ToString();
    EXPECT_EQ(ToHex(*bytes), golden.hex) << golden.ddl;
  }
}

TEST(AvroCodec, ReadsSparksBytes) {
  for (const Golden& golden : Goldens()) {
    auto row = DecodeRow(Ddl(golden.ddl), Ddl(golden.ddl), FromHex(golden.hex));
    ASSERT_TRUE(row.ok()) << golden.ddl << ": " << row.status().ToString();
    if (std::string_view(golden.ddl) == "a double") {
      EXPECT_NE(std::get<double>((*row)[0]), std::get<double>((*row)[0]));
    } else {
      EXPECT_EQ(*row, golden.row) << golden.ddl;
    }
  }
}

Everything Sample() {
  Everything e;
  e.flag = true;
  e.i = -70000;
  e.l = std::int64_t{1} << 60;
  e.f = -0.5F;
  e.d = 1e300;
  e.s = std::string(700, 'x');
  e.b = {std::string("\0\1", 2)};
  e.date = {-3};
  e.ts = {-1};
  e.ntz = {kNewYear};
  e.small.unscaled = -9999999999;
  e.large.unscaled = BigDecimal().unscaled;
  e.home = {"Main Street", 12345};
  e.work = Address{"", std::nullopt};
  e.numbers = {1, -2, 3};
  e.places = {Address{"a", 1}, std::nullopt};
  e.tags = {{"empty", {}}, {"two", {"x", "y"}}};
  e.weights = {{"w", 0.25}};
  return e;
}

TEST(AvroCodec, EveryMemberTypeComesBack) {
  for (const Everything& e : {Sample(), Everything()}) {
    EXPECT_EQ(DecodedAs<Everything>(SchemaOf(Layout<Everything>()), Encoded(e)), e);
  }
}

TEST(AvroCodec, StructsAndRowsMakeTheSameBytes) {
  const Schema schema = SchemaOf(Layout<Everything>());
  const std::string bytes = Encoded(Sample());
  auto row = DecodeRow(schema, schema, bytes);
  ASSERT_TRUE(row.ok()) << row.status().ToString();
  auto again = EncodeRow(schema, *row);
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(ToHex(*again), ToHex(bytes));
}

TEST(AvroCodec, ReusedObjectsAreFilledAnew) {
  const Schema schema = SchemaOf(Layout<Everything>());
  auto reader = AvroReader::Compile(schema, Layout<Everything>());
  Everything object = Sample();
  ASSERT_TRUE(reader->Decode(Encoded(Everything()), &object).ok());
  EXPECT_EQ(object, Everything());
}

// ---- Resolution ---------------------------------------------------------------------------------------------------

TEST(AvroResolution, TheSecondVersionReadsTheFirst) {
  const SessionV1 v1 = {"s0013", "u0004", 7, 12.5, {kNewYear}};
  const auto v2 = DecodedAs<SessionV2>(SchemaOf(Layout<SessionV1>()), Encoded(v1));
  EXPECT_EQ(v2, (SessionV2{"s0013", "u0004", 7, 12.5, {kNewYear}, std::nullopt, std::nullopt}));
}

TEST(AvroCodec, DecimalOfMoreDigitsThanItsTypeIsCorrupt) {
  const Schema schema = Ddl("a decimal(1,0)");
  EXPECT_EQ(DecodeRow(schema, schema, "\x02\x09").value(), (Row{Decimal{9, 0}}));
  const auto row = DecodeRow(schema, schema, "\x02\x0a");
  ASSERT_FALSE(row.ok());
  EXPECT_EQ(row.status().kind(), ErrorKind::kCorrupt);
  EXPECT_NE(row.status().ToString().find("more digits"), std::string::npos) << row.status().ToString();
}

TEST(AvroResolution, FieldsThatAreGoneAreSkipped) {
  struct Case {
    const char* writer;
    Row row;
  };
  const Value address = StructValue{{"x", std::int32_t{1}}};
  const std::vector<Case> cases = {
      {"a int, keep int", {std::int32_t{5}, std::int32_t{9}}},
      {"a bigint, keep int", {std::int64_t{-5}, std::int32_t{9}}},
      {"a string, keep int", {"gone", std::int32_t{9}}},
      {"a decimal(20,2), keep int", {Decimal{5, 2}, std::int32_t{9}}},
      {"a double, b float, c boolean, d void, keep int", {1.0, 1.0F, true, Value(), std::int32_t{9}}},
      {"a struct<x:string,y:int>, keep int", {address, std::int32_t{9}}},
      {"a array<struct<x:string,y:int>>, keep int", {ArrayValue{{address, Value()}}, std::int32_t{9}}},
      {"a map<string,array<int>>, keep int", {MapValue{{{"k", ArrayValue{{std::int32_t{3}}}}}}, std::int32_t{9}}},
      {"a string, keep int", {Value(), std::int32_t{9}}},
  };
  for (const Case& c : cases) {
    auto bytes = EncodeRow(Ddl(c.writer), c.row);
    ASSERT_TRUE(bytes.ok()) << bytes.status().ToString();
    auto row = DecodeRow(Ddl(c.writer), Ddl("added string, keep bigint"), *bytes);
    ASSERT_TRUE(row.ok()) << c.writer << ": " << row.status().ToString();
    EXPECT_EQ(*row, (Row{Value(), std::int64_t{9}})) << c.writer;
  }
}

TEST(AvroResolution, NumbersWiden) {
  struct Case {
    const char* writer;
    Value written;
    const char* reader;
    Value read;
  };
  const Case cases[] = {
      {"a int", std::int32_t{-7}, "a bigint", std::int64_t{-7}},
      {"a int", std::int32_t{-7}, "a float", -7.0F},
      {"a int", std::int32_t{-7}, "a double", -7.0},
      {"a bigint", std::int64_t{1} << 40, "a float", static_cast<float>(std::int64_t{1} << 40)},
      {"a bigint", std::int64_t{1} << 40, "a double", static_cast<double>(std::int64_t{1} << 40)},
      {"a float", 1.5F, "a double", 1.5},
      {"a string", "x", "a binary", Binary{"x"}},
      {"a binary", Binary{"x"}, "a string", "x"},
      {"a date", Date{20454}, "a timestamp", Timestamp{20454}},
      {"a array<int>", ArrayValue{{std::int32_t{1}}}, "a array<bigint>", ArrayValue{{std::int64_t{1}}}},
      {"a map<string,int>", MapValue{{{"k", std::int32_t{1}}}}, "a map<string,double>", MapValue{{{"k", 1.0}}}},
      {"a array<struct<x:int>>", ArrayValue{{StructValue{{std::int32_t{1}}}}}, "a array<struct<y:string,x:bigint>>",
       ArrayValue{{StructValue{{Value(), std::int64_t{1}}}}}},
      {"a void", Value(), "a int", Value()},
      {"a decimal(10,2)", Decimal{125, 2}, "a decimal(11,2)", Decimal{125, 2}},
  };
  for (const Case& c : cases) {
    auto bytes = EncodeRow(Ddl(c.writer), {c.written});
    ASSERT_TRUE(bytes.ok());
    auto row = DecodeRow(Ddl(c.writer), Ddl(c.reader), *bytes);
    ASSERT_TRUE(row.ok()) << row.status().ToString();
    EXPECT_EQ(*row, Row{c.read}) << c.writer << " -> " << c.reader;
  }
}

TEST(AvroResolution, PlansExactlyWhatAvroCanRead) {
  const char* types[] = {
      "int",           "bigint",     "float",         "double",          "string",        "binary",
      "boolean",       "date",       "timestamp",     "timestamp_ntz",   "void",          "decimal(10,2)",
      "decimal(12,2)", "array<int>", "array<string>", "map<string,int>", "struct<x:int>", "struct<x:string>"};
  for (const char* from : types) {
    for (const char* to : types) {
      const Schema writer = Ddl(fmt::format("a {}", from));
      const Schema reader = Ddl(fmt::format("a {}", to));
      const auto layout = RowLayout(reader);
      EXPECT_EQ(AvroReader::Compile(writer, *layout).ok(), !FindAvroMismatch(writer.type(), reader.type()).has_value())
          << from << " -> " << to;
    }
  }
}

TEST(AvroResolution, AMemberThatMustHaveAValueIsNamedWhenTheWriterLacksIt) {
  auto reader = AvroReader::Compile(Ddl("session_id string"), Layout<SessionV1>());
  ASSERT_FALSE(reader.ok());
  EXPECT_THAT(reader.status().ToString(),
              testing::AllOf(testing::HasSubstr("'user_id'"), testing::HasSubstr("std::optional")));
}

TEST(AvroResolution, NullForAMemberThatMustHaveAValueIsNamed) {
  SessionV1 object;
  auto reader = AvroReader::Compile(SchemaOf(Layout<SessionV1>()), Layout<SessionV1>());
  const Status status = reader->Decode(FromHex("020a7330303133000000000000000000"), &object);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.kind(), ErrorKind::kInvalid);
  EXPECT_THAT(status.ToString(), testing::HasSubstr("'user_id'"));
}

TEST(AvroResolution, ViewsCannotHoldState) {
  auto reader = AvroReader::Compile(Ddl("value string"), detail::RowLayoutOf<std::string_view>());
  EXPECT_FALSE(reader.ok());
}

TEST(AvroWriter, WritesFieldsThatTheLayoutLacksAsNull) {
  auto writer =
      AvroWriter::Compile(Ddl("session_id string, extra array<int>, none void"), detail::RowLayoutOf<std::string>());
  ASSERT_FALSE(writer.ok());  // the layout's member `value` would be lost
  auto wider = AvroWriter::Compile(Ddl("extra array<int>, none void, value string, more struct<x:int>"),
                                   detail::RowLayoutOf<std::string>());
  ASSERT_TRUE(wider.ok()) << wider.status().ToString();
  const std::string value = "k";
  std::string bytes;
  ASSERT_TRUE(wider->Encode(&value, bytes).ok());
  EXPECT_EQ(ToHex(bytes), "0002026b00");
}

TEST(AvroWriter, RefusesWhatAvroHasNoPlaceForAndLeavesTheOutputAlone) {
  struct Case {
    const char* ddl;
    Value value;
    const char* says;
  };
  const Case cases[] = {
      {"tags array<string>", ArrayValue{{"a", Value()}}, "'tags[]' is null"},
      {"m map<string,int>", MapValue{{{"a", Value()}}}, "'m{}' is null"},
      {"m map<string,int>", MapValue{{{std::int32_t{1}, std::int32_t{1}}}}, "'m' has a key"},
      {"a int", std::int64_t{1}, "'a' holds a value of another type"},
      {"n struct<x:int>", StructValue{{}}, "'n' is a struct with another number"},
      {"d decimal(3,1)", Decimal{1000, 1}, "'d' is a decimal with more digits"},
      {"d decimal(3,1)", Decimal{1, 2}, "'d' is a decimal of another scale"},
  };
  for (const Case& c : cases) {
    const Schema schema = Ddl(c.ddl);
    const auto layout = RowLayout(schema);
    auto writer = AvroWriter::Compile(schema, *layout);
    ASSERT_TRUE(writer.ok());
    std::string out = "before";
    const Row row = {c.value};
    const Status status = writer->Encode(&row, out);
    ASSERT_FALSE(status.ok()) << c.ddl;
    EXPECT_THAT(status.ToString(), testing::HasSubstr(c.says));
    EXPECT_EQ(out, "before");
  }
}

// ---- Hostile bytes ------------------------------------------------------------------------------------------------

TEST(AvroHostile, EveryTruncationIsCorrupt) {
  const Schema schema = SchemaOf(Layout<Everything>());
  auto reader = AvroReader::Compile(schema, Layout<Everything>());
  auto skipper = AvroSkipper::Compile(schema);
  ASSERT_TRUE(skipper.ok());
  const std::string bytes = Encoded(Sample());
  EXPECT_EQ(skipper->RecordSize(bytes + "more").value(), bytes.size());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string cut(bytes.data(), size);
    Everything object;
    const Status status = reader->Decode(cut, &object);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.kind(), ErrorKind::kCorrupt) << status.ToString();
    EXPECT_FALSE(skipper->RecordSize(cut).ok());
  }
}

TEST(AvroHostile, DamageIsNamed) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"a int", "02 02 00", "left over"},
      {"a int", "04 02", "union branch"},
      {"a int", "02 8080808010", "longer than 32 bits"},
      {"a bigint", "02 ffffffffffffffffff02", "longer than 64 bits"},
      {"a string", "02 01", "negative"},
      {"a string", "02 06 6161", "end within"},
      {"a boolean", "02 02", "boolean"},
      {"l array<int>", "02 8008 00", "more elements than bytes"},
      {"l array<int>", "02 feffffffffffffffff01", "more elements than bytes"},
      {"l array<int>", "02 ffffffffffffffffff01 00", "size of a block"},
      {"l array<int>", "02 01 20 02 00", "size of a block"},
      {"l array<int>", "02 ffffffffffffffffff01 ffff", "cut off"},
      {"m map<string,int>", "02 02 09 00", "negative"},
  };
  for (const auto& [ddl, hex, says] : cases) {
    std::string packed(hex);
    std::erase(packed, ' ');
    auto row = DecodeRow(Ddl(ddl), Ddl(ddl), FromHex(packed));
    ASSERT_FALSE(row.ok()) << ddl << " " << hex;
    EXPECT_EQ(row.status().kind(), ErrorKind::kCorrupt);
    EXPECT_THAT(row.status().ToString(), testing::HasSubstr(says)) << hex;
    auto skipped = DecodeRow(Ddl(ddl), Ddl("other int"), FromHex(packed));
    const bool is_skippable = std::string_view(says) == "boolean" || std::string_view(says) == "longer than 32 bits";
    EXPECT_EQ(skipped.ok(), is_skippable) << hex;  // what is skipped is not looked into
  }
}

TEST(AvroHostile, BlocksWithTheirSizeAreRead) {
  auto row = DecodeRow(Ddl("l array<int>"), Ddl("l array<int>"), FromHex("0203040204020600"));
  ASSERT_TRUE(row.ok()) << row.status().ToString();
  EXPECT_EQ(std::get<ArrayValue>((*row)[0]).elements.size(), 3U);
}

}  // namespace
}  // namespace hf
