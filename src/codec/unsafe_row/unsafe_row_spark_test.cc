// SPDX-License-Identifier: Apache-2.0
// Every row that Spark 4.3.0 encoded for us (test/spark_compat/unsafe_row), read and written again.
#include <fstream>

#include "base/json.h"
#include "codec/unsafe_row/unsafe_row_reader.h"
#include "codec/unsafe_row/unsafe_row_writer.h"

namespace hf {
namespace {

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

__int128 Whole(std::string_view digits) {
  const bool negative = digits.front() == '-';
  __int128 number = 0;
  for (const char digit : digits.substr(negative ? 1 : 0)) {
    number = number * 10 + (negative ? '0' - digit : digit - '0');
  }
  return number;
}

// The exact notation of make_cases.py.
Value Datum(const Json& json, const DataType& type) {
  if (json.is_null()) {
    return {};
  }
  const auto text = [&] { return json.get<std::string>(); };
  const auto number = [&] { return json.get<std::int64_t>(); };
  switch (type.kind()) {
    case TypeKind::kNull: return {};
    case TypeKind::kBoolean: return json.get<bool>();
    case TypeKind::kByte: return static_cast<std::int8_t>(number());
    case TypeKind::kShort: return static_cast<std::int16_t>(number());
    case TypeKind::kInt: return static_cast<std::int32_t>(number());
    case TypeKind::kLong: return number();
    case TypeKind::kFloat: return std::bit_cast<float>(static_cast<std::uint32_t>(std::stoul(text(), nullptr, 16)));
    case TypeKind::kDouble: return std::bit_cast<double>(std::uint64_t{std::stoull(text(), nullptr, 16)});
    case TypeKind::kDecimal: return Decimal{Whole(text()), type.scale()};
    case TypeKind::kString: return text();
    case TypeKind::kBinary: return Binary{FromHex(text())};
    case TypeKind::kDate: return Date{static_cast<std::int32_t>(number())};
    case TypeKind::kTimestamp: return Timestamp{number()};
    case TypeKind::kTimestampNtz: return TimestampNtz{number()};
    case TypeKind::kArray: {
      ArrayValue array;
      for (const Json& element : json) {
        array.elements.push_back(Datum(element, type.children()[0].type));
      }
      return array;
    }
    case TypeKind::kMap: {
      MapValue map;
      for (const Json& entry : json) {
        map.entries.emplace_back(Datum(entry[0], type.children()[0].type), Datum(entry[1], type.children()[1].type));
      }
      return map;
    }
    case TypeKind::kStruct: {
      StructValue made;
      for (std::size_t i = 0; i < json.size(); ++i) {
        made.fields.push_back(Datum(json[i], type.children()[i].type));
      }
      return made;
    }
  }
  return {};
}

struct Vector {
  Schema schema;
  Row row;
  std::string bytes;
  std::string line;
};

std::vector<Vector> Vectors() {
  std::vector<Vector> vectors;
  std::ifstream file(HOLDFAST_SOURCE_DIR "/test/spark_compat/unsafe_row/vectors.jsonl");
  for (std::string line; std::getline(file, line);) {
    const Json json = ParseJson(line).value();
    EXPECT_FALSE(json.contains("fresh") || json.contains("interpreted")) << line;
    const Schema schema = Schema::FromDdl(json["ddl"].get<std::string>()).value();
    // Of a whole key the value form is the row behind a version byte.
    const std::string bytes = json.contains("key") ? FromHex(json["as_value"].get<std::string>()).substr(1)
                                                   : FromHex(json["hex"].get<std::string>());
    vectors.push_back({schema, std::get<StructValue>(Datum(json["row"], schema.type())).fields, bytes, line});
  }
  EXPECT_GT(vectors.size(), 400u);
  return vectors;
}

TEST(UnsafeRowSpark, WritesSparksBytes) {
  for (const Vector& vector : Vectors()) {
    const auto layout = RowLayout(vector.schema);
    const auto writer = UnsafeRowWriter::Compile(vector.schema, *layout);
    ASSERT_TRUE(writer.ok()) << writer.status().ToString() << vector.line;
    std::string bytes = "kept";
    const Status status = writer->Encode(&vector.row, bytes);
    ASSERT_TRUE(status.ok()) << status.ToString() << vector.line;
    ASSERT_EQ(ToHex(bytes.substr(4)), ToHex(vector.bytes)) << vector.line;
  }
}

TEST(UnsafeRowSpark, ReadsSparksBytesAndWritesThemAgain) {
  for (const Vector& vector : Vectors()) {
    const auto layout = RowLayout(vector.schema);
    const auto reader = UnsafeRowReader::Compile(vector.schema, *layout);
    ASSERT_TRUE(reader.ok()) << reader.status().ToString() << vector.line;
    Row row;
    const Status status = reader->Decode(vector.bytes, &row);
    ASSERT_TRUE(status.ok()) << status.ToString() << vector.line;
    const Row expected = vector.row;
    if (expected == vector.row) {  // not so when there is a NaN
      ASSERT_EQ(row, expected) << vector.line;
    }
    std::string again;
    ASSERT_TRUE(UnsafeRowWriter::Compile(vector.schema, *layout)->Encode(&row, again).ok());
    ASSERT_EQ(ToHex(again), ToHex(vector.bytes)) << vector.line;
  }
}

}  // namespace
}  // namespace hf
