// SPDX-License-Identifier: Apache-2.0
// AvroSlot: one way to look at a place that holds a datum, whether it is a member of a struct or an hf::Value, so
// that writer and reader are compiled once for both. Inside codec/avro only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "holdfast/struct_layout.h"
#include "holdfast/value.h"

namespace hf::avro {

enum class Holder : std::uint8_t {
  kAlways,    // the datum itself
  kOptional,  // a std::optional of it
  kValue,     // an hf::Value
};

struct AvroSlot {
  DataType type;
  const TypeLayout* layout = nullptr;  // nullptr for an hf::Value
  Holder holder = Holder::kValue;
  const OptionalAccess* optional = nullptr;

  [[nodiscard]] bool is_value() const { return holder == Holder::kValue; }
};

struct AvroSlotField {
  std::string name;
  std::size_t offset = 0;  // from the start of the struct, or of the Value array of a row
  AvroSlot slot;
};

// The fields of the struct that `slot` holds, with offsets from its datum (from Row::data() for rows and StructValues).
std::vector<AvroSlotField> FieldsOfSlot(const AvroSlot& slot);
// REQUIRES: an array. The access works on the datum: the vector, or the ArrayValue.
AvroSlot ElementOfSlot(const AvroSlot& slot);
const SequenceAccess* SequenceOfSlot(const AvroSlot& slot);
// REQUIRES: a map with string keys. insert() takes a std::string as key; each() gives a std::string as key.
AvroSlot MapValueOfSlot(const AvroSlot& slot);
const MapAccess* MapOfSlot(const AvroSlot& slot);
// The slot of the whole object: a struct, or an hf::Row.
AvroSlot SlotOfObject(const TypeLayout& layout);

// The alternative of ValueVariant that a non-null datum of the type has.
std::size_t ValueIndexOf(TypeKind kind);
// Makes `value` a datum of this alternative, keeping what it holds when it already is one; returns the datum.
void* DatumOf(Value& value, std::size_t index);
// The datum, whatever its alternative; all alternatives lie at the same place.
const void* DatumOf(const Value& value);

}  // namespace hf::avro
