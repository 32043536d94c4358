// SPDX-License-Identifier: Apache-2.0
// Random schemas and rows for property tests. The same seed gives the same data.
#pragma once

#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/batch.h"
#include "rows/decimal_limits.h"

namespace hf {

class RandomData {
 public:
  explicit RandomData(std::uint64_t seed) : generator_(seed) {}

  std::int64_t Below(std::int64_t limit) {
    return std::uniform_int_distribution<std::int64_t>(0, limit - 1)(generator_);
  }
  bool OneIn(std::int64_t n) { return Below(n) == 0; }

  // `map_keys_are_strings`: what JSON and Avro can hold.
  DataType Type(int depth, bool map_keys_are_strings = false) {
    const std::int64_t kind = Below(depth > 0 ? 16 : 13);
    switch (kind) {
      case 0: return DataType::Decimal(static_cast<int>(1 + Below(38)), 0);
      case 1: {
        const int precision = static_cast<int>(1 + Below(38));
        return DataType::Decimal(precision, static_cast<int>(Below(precision + 1)));
      }
      case 13: return DataType::Array(Type(depth - 1, map_keys_are_strings));
      case 14:
        return DataType::Map(map_keys_are_strings ? DataType::String() : MapKeyType(),
                             Type(depth - 1, map_keys_are_strings));
      case 15: {
        std::vector<StructField> fields;
        for (std::int64_t i = 0; i <= Below(3); ++i) {
          fields.push_back({.name = "f" + std::to_string(i), .type = Type(depth - 1, map_keys_are_strings)});
        }
        return DataType::Struct(std::move(fields));
      }
      default: {
        static constexpr TypeKind kKinds[] = {TypeKind::kBoolean, TypeKind::kByte,     TypeKind::kShort,
                                              TypeKind::kInt,     TypeKind::kLong,     TypeKind::kFloat,
                                              TypeKind::kDouble,  TypeKind::kString,   TypeKind::kBinary,
                                              TypeKind::kDate,    TypeKind::kTimestamp};
        return kind == 12 ? DataType::TimestampNtz() : DataType::Of(kKinds[kind - 2 < 0 ? 0 : kind - 2]);
      }
    }
  }

  hf::Schema Schema(int columns, int depth, bool map_keys_are_strings = false) {
    std::vector<StructField> fields;
    for (int i = 0; i < columns; ++i) {
      fields.push_back({.name = "c" + std::to_string(i), .type = Type(depth, map_keys_are_strings)});
    }
    return hf::Schema(std::move(fields));
  }

  std::string Text() {
    static constexpr const char* kPieces[] = {"a", "Z", "\"", "\\", "\n", "\t", "\xC3\xA9", "\xF0\x9F\x98\x80",
                                              ",", "'", "{",  " "};
    std::string text;
    for (std::int64_t i = Below(OneIn(20) ? 60 : 8); i > 0; --i) {
      text += kPieces[Below(12)];
    }
    return text;
  }

  Value Datum(const DataType& type, bool nullable = true) {
    if (nullable && OneIn(5)) {
      return {};
    }
    const auto whole = static_cast<std::int64_t>(generator_()) >> Below(64);
    switch (type.kind()) {
      case TypeKind::kNull: return {};
      case TypeKind::kBoolean: return OneIn(2);
      case TypeKind::kByte: return static_cast<std::int8_t>(whole);
      case TypeKind::kShort: return static_cast<std::int16_t>(whole);
      case TypeKind::kInt: return static_cast<std::int32_t>(whole);
      case TypeKind::kLong: return whole;
      case TypeKind::kFloat: return static_cast<float>(whole) / 8.0f;
      case TypeKind::kDouble: return OneIn(10) ? static_cast<double>(whole) * 1e-30 : static_cast<double>(whole) / 3.0;
      case TypeKind::kDecimal: {
        const __int128 wide = (static_cast<__int128>(whole) << 64) ^ static_cast<__int128>(generator_());
        return Decimal{wide % PowerOfTen(type.precision()), type.scale()};
      }
      case TypeKind::kString: return Text();
      case TypeKind::kBinary: return Binary{Text() + static_cast<char>(whole)};
      case TypeKind::kDate: return Date{static_cast<std::int32_t>(Below(100'000)) - 30'000};
      // Four-digit years, which every text format can hold.
      case TypeKind::kTimestamp: return Timestamp{Below(4'000'000'000'000'000) - 2'000'000'000'000'000};
      case TypeKind::kTimestampNtz: return TimestampNtz{Below(4'000'000'000'000'000) - 2'000'000'000'000'000};
      default: return Nested(type);
    }
  }

  hf::Row Row(const hf::Schema& schema) {
    hf::Row row;
    for (const StructField& field : schema.fields()) {
      row.push_back(Datum(field.type, field.nullable));
    }
    return row;
  }

  std::vector<hf::Row> Rows(const hf::Schema& schema, std::int64_t count) {
    std::vector<hf::Row> rows;
    for (std::int64_t i = 0; i < count; ++i) {
      rows.push_back(Row(schema));
    }
    return rows;
  }

 private:
  DataType MapKeyType() {
    static const DataType types[] = {DataType::String(), DataType::Int(), DataType::Date()};
    return types[Below(3)];
  }

  Value Nested(const DataType& type) {
    const auto& children = type.children();
    if (type.kind() == TypeKind::kArray) {
      ArrayValue made;
      for (std::int64_t i = Below(4); i > 0; --i) {
        made.elements.push_back(Datum(children[0].type, children[0].nullable));
      }
      return made;
    }
    if (type.kind() == TypeKind::kMap) {
      MapValue made;
      for (std::int64_t i = Below(4); i > 0; --i) {
        made.entries.emplace_back(Datum(children[0].type, false), Datum(children[1].type, children[1].nullable));
      }
      return made;
    }
    StructValue made;
    for (const StructField& field : children) {
      made.fields.push_back(Datum(field.type, field.nullable));
    }
    return made;
  }

  std::mt19937_64 generator_;
};

}  // namespace hf
