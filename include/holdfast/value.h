// SPDX-License-Identifier: Apache-2.0
// Value and Row: one datum of any Spark SQL type, for programs that learn the schema at run time.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "holdfast/types.h"

namespace hf {

// An instant: microseconds since 1970-01-01T00:00:00Z.
struct Timestamp {
  std::int64_t micros = 0;
  auto operator<=>(const Timestamp&) const = default;
};
// A wall clock reading without a zone: microseconds since 1970-01-01T00:00:00.
struct TimestampNtz {
  std::int64_t micros = 0;
  auto operator<=>(const TimestampNtz&) const = default;
};
// Days since 1970-01-01.
struct Date {
  std::int32_t days = 0;
  auto operator<=>(const Date&) const = default;
};
// unscaled * 10^-scale. Precision belongs to the type, not the value.
struct Decimal {
  __int128 unscaled = 0;
  std::int32_t scale = 0;
  bool operator==(const Decimal&) const = default;
};
struct Binary {
  std::string bytes;
  auto operator<=>(const Binary&) const = default;
};

class Value;
using Row = std::vector<Value>;  // a struct: one value a field, in schema order
struct ArrayValue {
  std::vector<Value> elements;
  bool operator==(const ArrayValue&) const;
};
struct MapValue {
  std::vector<std::pair<Value, Value>> entries;  // in the order written
  bool operator==(const MapValue&) const;
};
struct StructValue {
  Row fields;
  bool operator==(const StructValue&) const;
};

using ValueVariant =
    std::variant<std::monostate, bool, std::int8_t, std::int16_t, std::int32_t, std::int64_t, float, double, Decimal,
                 std::string, Binary, Date, Timestamp, TimestampNtz, ArrayValue, MapValue, StructValue>;

// Null (std::monostate) or a datum whose alternative belongs to the TypeKind of its column.
class Value : public ValueVariant {
 public:
  using ValueVariant::ValueVariant;
  Value() = default;
  Value(const char* text) : ValueVariant(std::string(text)) {}  // NOLINT(google-explicit-constructor)
  [[nodiscard]] bool is_null() const { return index() == 0; }
};

inline bool ArrayValue::operator==(const ArrayValue& other) const { return elements == other.elements; }
inline bool MapValue::operator==(const MapValue& other) const { return entries == other.entries; }
inline bool StructValue::operator==(const StructValue& other) const { return fields == other.fields; }

// Ok when `value` can stand in a column of `type`; else kInvalid that names `path`, the type and what was found.
Status CheckValue(const Value& value, const DataType& type, bool nullable, std::string_view path);

// Prints as `holdfast state --format json` does: Spark's to_json with ignoreNullFields=false, timestamps in UTC
// with microseconds, NaN and Infinity as strings, binary as base64.
std::string ToJson(const Value& value, const DataType& type);
std::string ToJson(const Row& row, const Schema& schema);

}  // namespace hf
