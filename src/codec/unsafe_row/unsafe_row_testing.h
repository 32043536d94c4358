// SPDX-License-Identifier: Apache-2.0
// The rows that Spark 4.3.0 encoded for us (test/spark_compat/unsafe_row), for tests.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"
#include "holdfast/value.h"

namespace hf {

inline std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}
inline std::string ToHex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) {
    hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return hex;
}

inline __int128 WholeNumber(std::string_view digits) {
  const bool negative = digits.front() == '-';
  __int128 number = 0;
  for (const char digit : digits.substr(negative ? 1 : 0)) {
    number = number * 10 + (negative ? '0' - digit : digit - '0');
  }
  return number;
}

// The exact notation of test/spark_compat/recipes_unsafe_row/make_cases.py.
inline Value DatumOfJson(const Json& json, const DataType& type) {
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
    case TypeKind::kDecimal: return Decimal{WholeNumber(text()), type.scale()};
    case TypeKind::kString: return text();
    case TypeKind::kBinary: return Binary{FromHex(text())};
    case TypeKind::kDate: return Date{static_cast<std::int32_t>(number())};
    case TypeKind::kTimestamp: return Timestamp{number()};
    case TypeKind::kTimestampNtz: return TimestampNtz{number()};
    case TypeKind::kArray: {
      ArrayValue array;
      for (const Json& element : json) {
        array.elements.push_back(DatumOfJson(element, type.children()[0].type));
      }
      return array;
    }
    case TypeKind::kMap: {
      MapValue map;
      for (const Json& entry : json) {
        map.entries.emplace_back(DatumOfJson(entry[0], type.children()[0].type),
                                 DatumOfJson(entry[1], type.children()[1].type));
      }
      return map;
    }
    case TypeKind::kStruct: {
      StructValue made;
      for (std::size_t i = 0; i < json.size(); ++i) {
        made.fields.push_back(DatumOfJson(json[i], type.children()[i].type));
      }
      return made;
    }
  }
  return {};
}

struct SparkVector {
  Schema schema;
  Row row;
  std::string bytes;
  std::string line;  // of the file, for messages
};

// A whole key of state, without the family id.
struct SparkKey {
  SparkVector vector;
  std::size_t prefix_columns = 0;
  std::vector<std::size_t> range;  // ordinals of the ordering columns
  std::string prefix;              // the row of either
  std::string rest;                // the row of the other columns; empty when there are none
};

inline std::vector<Json> SparkLines(bool of_keys) {
  std::vector<Json> lines;
  std::ifstream file(HOLDFAST_SOURCE_DIR "/test/spark_compat/unsafe_row/vectors.jsonl");
  for (std::string line; std::getline(file, line);) {
    Json json = ParseJson(line).value();
    // All ways in which Spark writes a row made the same bytes.
    EXPECT_FALSE(json.contains("fresh") || json.contains("interpreted")) << line;
    if (json.contains("key") == of_keys) {
      lines.push_back(std::move(json));
    }
  }
  return lines;
}

inline SparkVector SparkVectorOf(const Json& json, std::string bytes) {
  const Schema schema = Schema::FromDdl(json["ddl"].get<std::string>()).value();
  return {.schema = schema,
          .row = std::get<StructValue>(DatumOfJson(json["row"], schema.type())).fields,
          .bytes = std::move(bytes),
          .line = DumpJson(json)};
}

inline std::vector<SparkVector> SparkVectors() {
  std::vector<SparkVector> vectors;
  for (const Json& json : SparkLines(false)) {
    vectors.push_back(SparkVectorOf(json, FromHex(json["hex"].get<std::string>())));
  }
  EXPECT_GT(vectors.size(), 380u);
  return vectors;
}

inline std::vector<SparkKey> SparkKeys() {
  std::vector<SparkKey> keys;
  for (const Json& json : SparkLines(true)) {
    SparkKey key;
    key.vector = SparkVectorOf(json, FromHex(json["hex"].get<std::string>()));
    if (const Json* count = FindKey(json["key"], "prefix"); count != nullptr) {
      key.prefix_columns = count->get<std::size_t>();
    }
    if (const Json* ordinals = FindKey(json["key"], "range"); ordinals != nullptr) {
      key.range = ordinals->get<std::vector<std::size_t>>();
    }
    ByteReader reader(key.vector.bytes);
    if (key.prefix_columns > 0 || !key.range.empty()) {
      const std::string_view prefix = reader.ReadBytes(reader.ReadLittle32());
      EXPECT_EQ(prefix.substr(0, 1), std::string_view("\0", 1)) << key.vector.line;
      key.prefix = prefix.substr(1);
    }
    if (!reader.at_end()) {
      EXPECT_EQ(reader.ReadByte(), 0) << key.vector.line;
      key.rest = reader.rest();
    }
    EXPECT_FALSE(reader.failed()) << key.vector.line;
    keys.push_back(std::move(key));
  }
  EXPECT_GT(keys.size(), 20u);
  return keys;
}

}  // namespace hf
