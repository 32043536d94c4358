// SPDX-License-Identifier: Apache-2.0
// Properties that hold for every schema and every bytes; the seed of a failure is in its message.
#include "base/random.h"
#include "codec/avro/avro_reader.h"
#include "codec/avro/avro_varint.h"
#include "codec/avro/avro_writer.h"

namespace hf {
namespace {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::size_t Below(std::size_t bound) { return static_cast<std::size_t>(random_.Below(bound)); }
  std::int64_t Number() { return static_cast<std::int64_t>(random_.Next64() >> Below(64)) * (Below(2) == 0 ? 1 : -1); }

  DataType Type(int depth, const std::string& name) {
    switch (Below(depth > 0 ? 15 : 12)) {
      case 0: return DataType::Boolean();
      case 1: return DataType::Int();
      case 2: return DataType::Long();
      case 3: return DataType::Float();
      case 4: return DataType::Double();
      case 5: return DataType::String();
      case 6: return DataType::Binary();
      case 7: return DataType::Date();
      case 8: return DataType::Timestamp();
      case 9: return DataType::TimestampNtz();
      case 10: {
        const int precision = 1 + static_cast<int>(Below(38));
        return DataType::Decimal(precision, static_cast<int>(Below(static_cast<std::size_t>(precision) + 1)));
      }
      case 11: return depth == kDepth ? DataType::Null() : DataType::Int();
      case 12: return DataType::Array(Type(depth - 1, name + "e"));
      case 13: return DataType::Map(DataType::String(), Type(depth - 1, name + "v"));
      default: return DataType::Struct(Fields(depth - 1, name));
    }
  }
  std::vector<StructField> Fields(int depth, const std::string& name) {
    std::vector<StructField> fields(Below(6));
    for (std::size_t i = 0; i < fields.size(); ++i) {
      fields[i].name = fmt::format("{}_{}", name, i);
      fields[i].type = Type(depth, fields[i].name);
    }
    return fields;
  }

  Value Of(const DataType& type, bool nullable) {
    if (type.kind() == TypeKind::kNull || (nullable && Below(4) == 0)) {
      return {};
    }
    switch (type.kind()) {
      case TypeKind::kBoolean: return Below(2) == 0;
      case TypeKind::kInt: return static_cast<std::int32_t>(Number());
      case TypeKind::kLong: return Number();
      case TypeKind::kFloat: return static_cast<float>(Number());
      case TypeKind::kDouble: return static_cast<double>(Number());
      case TypeKind::kString: return Text();
      case TypeKind::kBinary: return Binary{Text()};
      case TypeKind::kDate: return Date{static_cast<std::int32_t>(Number())};
      case TypeKind::kTimestamp: return Timestamp{Number()};
      case TypeKind::kTimestampNtz: return TimestampNtz{Number()};
      case TypeKind::kDecimal: return SomeDecimal(type);
      case TypeKind::kArray: {
        const DataType& element = type.children()[0].type;
        ArrayValue array;
        for (std::size_t i = Below(4); i > 0; --i) {
          array.elements.push_back(Of(element, element.is_nested()));
        }
        return array;
      }
      case TypeKind::kMap: {
        const DataType& mapped = type.children()[1].type;
        MapValue map;
        for (std::size_t i = Below(4); i > 0; --i) {
          map.entries.emplace_back(Value(Text()), Of(mapped, mapped.is_nested()));
        }
        return map;
      }
      case TypeKind::kStruct: return StructValue{RowOf(type)};
      case TypeKind::kNull:
      case TypeKind::kByte:
      case TypeKind::kShort: break;
    }
    return {};
  }
  Row RowOf(const DataType& type) {
    Row row;
    for (const StructField& field : type.children()) {
      row.push_back(Of(field.type, true));
    }
    return row;
  }
  std::string Text() {
    std::string text(Below(8) == 0 ? Below(1500) : Below(20), ' ');
    for (char& c : text) {
      c = static_cast<char>(Below(256));
    }
    return text;
  }

  static constexpr int kDepth = 3;

 private:
  Value SomeDecimal(const DataType& type) {
    __int128 unscaled = 0;
    for (std::size_t digits = Below(static_cast<std::size_t>(type.precision()) + 1); digits > 0; --digits) {
      unscaled = unscaled * 10 + static_cast<int>(Below(10));
    }
    return Decimal{Below(2) == 0 ? unscaled : -unscaled, type.scale()};
  }

  SeededRandom random_;
};

struct Codec {
  Schema schema;
  std::shared_ptr<const TypeLayout> layout;
  AvroWriter writer;
  AvroReader reader;
  AvroSkipper skipper;
};

Codec CodecOf(Dice& dice) {
  Schema schema(dice.Fields(Dice::kDepth, "f"));
  auto layout = RowLayout(schema);
  auto writer = AvroWriter::Compile(schema, *layout);
  EXPECT_TRUE(writer.ok()) << writer.status().ToString() << schema.ToDdl();
  auto reader = AvroReader::Compile(schema, *layout);
  auto skipper = AvroSkipper::Compile(schema);
  return {schema, layout, std::move(*writer), std::move(*reader), std::move(*skipper)};
}

TEST(AvroRandom, WhatIsWrittenIsRead) {
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    Dice dice(seed);
    const Codec codec = CodecOf(dice);
    Row read;
    for (int i = 0; i < 3; ++i) {
      const Row row = dice.RowOf(codec.schema.type());
      std::string bytes;
      ASSERT_TRUE(codec.writer.Encode(&row, bytes).ok()) << "seed " << seed;
      const Status status = codec.reader.Decode(bytes, &read);
      ASSERT_TRUE(status.ok()) << "seed " << seed << ": " << status.ToString();
      ASSERT_EQ(read, row) << "seed " << seed << " " << codec.schema.ToDdl();
      ASSERT_EQ(codec.skipper.RecordSize(bytes).value(), bytes.size()) << "seed " << seed;
    }
  }
}

TEST(AvroRandom, FieldsOutOfOrderAndMissingAreResolvedByName) {
  for (std::uint64_t seed = 0; seed < 800; ++seed) {
    Dice dice(seed);
    const Codec codec = CodecOf(dice);
    const Row row = dice.RowOf(codec.schema.type());
    std::string bytes;
    ASSERT_TRUE(codec.writer.Encode(&row, bytes).ok());
    std::vector<StructField> fields;
    Row expected;
    for (std::size_t i = codec.schema.size(); i-- > 0;) {
      if (dice.Below(3) != 0) {
        fields.push_back(codec.schema.field(i));
        expected.push_back(row[i]);
      } else {
        fields.push_back({.name = fmt::format("new{}", i), .type = DataType::String()});
        expected.emplace_back();
      }
    }
    const auto layout = RowLayout(Schema(fields));
    auto reader = AvroReader::Compile(codec.schema, *layout);
    ASSERT_TRUE(reader.ok()) << reader.status().ToString();
    Row read;
    ASSERT_TRUE(reader->Decode(bytes, &read).ok()) << "seed " << seed;
    ASSERT_EQ(read, expected) << "seed " << seed;
  }
}

TEST(AvroRandom, DamagedBytesNeverHarm) {
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    Dice dice(seed);
    const Codec codec = CodecOf(dice);
    const Row row = dice.RowOf(codec.schema.type());
    std::string bytes;
    ASSERT_TRUE(codec.writer.Encode(&row, bytes).ok());
    for (int i = 0; i < 20; ++i) {
      std::string damaged = bytes.substr(0, dice.Below(4) == 0 ? dice.Below(bytes.size() + 1) : bytes.size());
      for (std::size_t flips = 1 + dice.Below(4); flips > 0 && !damaged.empty(); --flips) {
        damaged[dice.Below(damaged.size())] = static_cast<char>(dice.Below(256));
      }
      damaged.shrink_to_fit();
      Row read;
      const Status status = codec.reader.Decode(damaged, &read);
      ASSERT_TRUE(status.ok() || status.kind() == ErrorKind::kCorrupt) << "seed " << seed << ": " << status.ToString();
      const auto size = codec.skipper.RecordSize(damaged);
      ASSERT_TRUE(!size.ok() || *size <= damaged.size());
      ASSERT_TRUE(!status.ok() || (size.ok() && *size == damaged.size())) << "seed " << seed;
    }
  }
}

TEST(AvroVarint, AgreesWithTheLoopOfTheSpecification) {
  Dice dice(1);
  for (int i = 0; i < 200000; ++i) {
    const std::int64_t value = i < 130 ? (i < 65 ? 1LL << (i % 63) : -(1LL << (i % 63))) : dice.Number();
    std::string expected;
    AppendZigzag(expected, value);
    char made[avro::kVarintBytesMax];
    const char* end = avro::WriteLong(made, value);
    ASSERT_EQ(std::string(made, static_cast<std::size_t>(end - made)), expected) << value;
    expected += std::string(dice.Below(10), '\x80');
    const auto* from = reinterpret_cast<const std::uint8_t*>(expected.data());
    std::int64_t read = 0;
    ASSERT_EQ(avro::ReadLong(from, from + expected.size(), &read), from + (end - made)) << value;
    ASSERT_EQ(read, value);
  }
}

}  // namespace
}  // namespace hf
