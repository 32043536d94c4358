// SPDX-License-Identifier: Apache-2.0
// DatumSlot: one way to look at a place that holds a datum, whether it is a member of a struct or an hf::Value, so
// that the writer and reader of an encoding are compiled once for both.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "holdfast/struct_layout.h"
#include "holdfast/value.h"

namespace hf {

enum class Holder : std::uint8_t {
  kAlways,    // the datum itself
  kOptional,  // a std::optional of it
  kValue,     // an hf::Value
};

struct DatumSlot {
  DataType type;
  const TypeLayout* layout = nullptr;  // nullptr for an hf::Value
  Holder holder = Holder::kValue;
  const OptionalAccess* optional = nullptr;

  [[nodiscard]] bool is_value() const { return holder == Holder::kValue; }
};

struct SlotField {
  std::string name;
  std::size_t offset = 0;  // from the start of the struct, or of the Value array of a row
  DatumSlot slot;
};

// The fields of the struct that `slot` holds, with offsets from its datum (from Row::data() for rows and StructValues).
std::vector<SlotField> FieldsOfSlot(const DatumSlot& slot);
// REQUIRES: an array. The access works on the datum: the vector, or the ArrayValue.
DatumSlot ElementOfSlot(const DatumSlot& slot);
const SequenceAccess* SequenceOfSlot(const DatumSlot& slot);
// REQUIRES: a map. The access works on the datum, with places of KeyOfSlot as keys and of MapValueOfSlot as values.
DatumSlot KeyOfSlot(const DatumSlot& slot);
DatumSlot MapValueOfSlot(const DatumSlot& slot);
const MapAccess* MapOfSlot(const DatumSlot& slot);
// The slot of the whole object: a struct, or an hf::Row.
DatumSlot SlotOfObject(const TypeLayout& layout);

// The alternative of ValueVariant that a non-null datum of the type has.
std::size_t ValueIndexOf(TypeKind kind);
// Makes `value` a datum of this alternative, keeping what it holds when it already is one; returns the datum.
void* DatumOf(Value& value, std::size_t index);
// The datum, whatever its alternative; all alternatives lie at the same place.
const void* DatumOf(const Value& value);

// The datum to fill at `place`, made when there is none. `optional` as in the slot; `value_index` is ValueIndexOf's.
inline void* FillPlace(Holder holder, void* place, const OptionalAccess* optional, std::size_t value_index) {
  switch (holder) {
    case Holder::kAlways: return place;
    case Holder::kOptional: return optional->emplace(place);
    case Holder::kValue: return DatumOf(*static_cast<Value*>(place), value_index);
  }
  return place;
}
// Makes `place` null; false when it cannot be.
inline bool ClearPlace(Holder holder, void* place, const OptionalAccess* optional) {
  if (holder == Holder::kOptional) {
    optional->reset(place);
  } else if (holder == Holder::kValue) {
    static_cast<Value*>(place)->emplace<0>();
  }
  return holder != Holder::kAlways;
}

}  // namespace hf
