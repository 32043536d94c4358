// SPDX-License-Identifier: Apache-2.0
// How Spark keeps rows in state as Avro: which types it can hold, and which schema can read which.
//
// Spark 4.3 SchemaConverters.toAvroTypeWithDefaults, in short: a record whose every field is union ["null", T]
// with default null, whatever the field's nullability says; a void field is plain "null" (no bytes). Arrays, maps
// and nested records are unions wherever they stand; scalar array elements and scalar map values are not, so that
// a null there cannot be written. Map keys are strings. A decimal is a fixed of as few bytes as its precision
// needs. A nested record is named after its field, without a namespace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "holdfast/status.h"
#include "holdfast/types.h"

namespace hf {

// Avro's types, as far as state uses them.
enum class AvroType : std::uint8_t {
  kNull,
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kString,
  kBytes,
  kFixed,
  kArray,
  kMap,
  kRecord,
};

AvroType AvroTypeOf(const DataType& type);

// Bytes of the fixed that holds a decimal of `precision` digits (Spark Decimal.minBytesForPrecision).
int DecimalSizeBytes(int precision);

// Ok when values of `schema` can be kept in Avro state. Otherwise kInvalid that begins with `subject`, names the
// field and gives the reason. Refused is what Spark 4.3 refuses when it builds the encoders of such a variable,
// and array<void>, whose elements would take no bytes at all.
Status CheckAvroState(const Schema& schema, std::string_view subject);

// Structs, arrays and maps may nest this deep; the codec recurses by schema, never by data.
inline constexpr int kAvroDepthMax = 64;

// Why values written with one schema cannot be read with another.
struct AvroMismatch {
  std::string path;  // "address.zip"; "[]" marks an array element, "{}" a map value; empty for the whole record
  DataType writer;
  DataType reader;
};

// Decides as Java Avro's SchemaValidatorBuilder.canReadStrategy does for the two derived Avro schemas: only
// physical types count, so that int can be read as date and string as binary. nullopt: readable.
std::optional<AvroMismatch> FindAvroMismatch(const DataType& writer, const DataType& reader);

}  // namespace hf
