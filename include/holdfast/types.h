// SPDX-License-Identifier: Apache-2.0
// The types of Spark SQL, and schemas made of them.
//
// Texts: a schema reads and prints as Spark's StructType JSON and as a DDL string; both follow Spark 4.3
// (`StructType.json`, `StructType.toDDL`). Types that Spark has and Holdfast lacks (intervals, variant, char,
// varchar, collated strings) are refused by name when a text is parsed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/status.h"

namespace hf {

enum class TypeKind : std::uint8_t {
  kNull,  // "void": a column without values
  kBoolean,
  kByte,
  kShort,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kDecimal,
  kString,
  kBinary,
  kDate,
  kTimestamp,     // an instant, microseconds since the epoch
  kTimestampNtz,  // a wall clock reading, microseconds since 1970-01-01T00:00:00
  kArray,
  kMap,
  kStruct,
};

struct StructField;

// A type, by value; nested parts are shared and immutable.
class DataType {
 public:
  DataType() = default;  // void
  static DataType Of(TypeKind scalar) { return DataType(scalar); }
  static DataType Null() { return Of(TypeKind::kNull); }
  static DataType Boolean() { return Of(TypeKind::kBoolean); }
  static DataType Byte() { return Of(TypeKind::kByte); }
  static DataType Short() { return Of(TypeKind::kShort); }
  static DataType Int() { return Of(TypeKind::kInt); }
  static DataType Long() { return Of(TypeKind::kLong); }
  static DataType Float() { return Of(TypeKind::kFloat); }
  static DataType Double() { return Of(TypeKind::kDouble); }
  static DataType String() { return Of(TypeKind::kString); }
  static DataType Binary() { return Of(TypeKind::kBinary); }
  static DataType Date() { return Of(TypeKind::kDate); }
  static DataType Timestamp() { return Of(TypeKind::kTimestamp); }
  static DataType TimestampNtz() { return Of(TypeKind::kTimestampNtz); }
  // REQUIRES: 1 <= precision <= 38, 0 <= scale <= precision.
  static DataType Decimal(int precision, int scale);
  static DataType Array(DataType element, bool contains_null = true);
  static DataType Map(DataType key, DataType value, bool value_contains_null = true);
  static DataType Struct(std::vector<StructField> fields);

  [[nodiscard]] TypeKind kind() const { return kind_; }
  [[nodiscard]] int precision() const { return precision_; }
  [[nodiscard]] int scale() const { return scale_; }
  // The fields of a struct; for an array one field "element", for a map "key" and "value"; else empty.
  [[nodiscard]] const std::vector<StructField>& children() const;
  [[nodiscard]] bool is_nested() const { return kind_ >= TypeKind::kArray; }

  // Equality as Spark's: names, types, nullability and field metadata at every level.
  bool operator==(const DataType& other) const;

  // Spark's simpleString: "array<struct<a:int,b:string>>", "decimal(10,2)".
  [[nodiscard]] std::string ToString() const;
  // Spark's catalogString-like SQL name in capitals, for messages: "BIGINT", "STRUCT<a: INT>".
  [[nodiscard]] std::string ToSql() const;

 private:
  explicit DataType(TypeKind kind) : kind_(kind) {}
  TypeKind kind_ = TypeKind::kNull;
  std::uint8_t precision_ = 0;
  std::uint8_t scale_ = 0;
  std::shared_ptr<const std::vector<StructField>> children_;
};

struct StructField {
  std::string name;
  DataType type = {};
  bool nullable = true;
  std::string metadata_json = "{}";  // kept verbatim

  bool operator==(const StructField& other) const = default;
};

// The columns of a row: the top-level struct. Copying is cheap.
class Schema {
 public:
  Schema() : type_(DataType::Struct({})) {}
  explicit Schema(std::vector<StructField> fields) : type_(DataType::Struct(std::move(fields))) {}
  // REQUIRES: type.kind() == kStruct.
  explicit Schema(DataType type) : type_(std::move(type)) {}

  [[nodiscard]] const std::vector<StructField>& fields() const { return type_.children(); }
  [[nodiscard]] std::size_t size() const { return fields().size(); }
  [[nodiscard]] const StructField& field(std::size_t index) const { return fields()[index]; }
  // Index of the field with exactly this name; nullopt when there is none.
  [[nodiscard]] std::optional<std::size_t> IndexOf(std::string_view name) const;
  // The same where it must be clear which field is meant: kInvalid with AMBIGUOUS_REFERENCE when several have the name.
  [[nodiscard]] Result<std::optional<std::size_t>> FindOne(std::string_view name) const;
  [[nodiscard]] const DataType& type() const { return type_; }

  // Spark's StructType.json, one line: {"type":"struct","fields":[...]}.
  [[nodiscard]] std::string ToJson() const;
  // Spark's StructType.toDDL: "id STRING NOT NULL,n INT".
  [[nodiscard]] std::string ToDdl() const;
  static Result<Schema> FromJson(std::string_view json);
  static Result<Schema> FromDdl(std::string_view ddl);
  // Either text: JSON when it begins with '{', else DDL.
  static Result<Schema> Parse(std::string_view text);

  bool operator==(const Schema& other) const { return type_ == other.type_; }

 private:
  DataType type_;
};

}  // namespace hf
