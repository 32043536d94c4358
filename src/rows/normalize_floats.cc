// SPDX-License-Identifier: Apache-2.0
#include "rows/normalize_floats.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace hf {
namespace {

template <typename Float>
void Normalize(Float& number) {
  if (number == 0) {
    number = 0;
  } else if (std::isnan(number)) {
    number = std::numeric_limits<Float>::quiet_NaN();
  }
}

void NormalizeValue(Value& value) {
  if (auto* single = std::get_if<float>(&value)) {
    Normalize(*single);
  } else if (auto* number = std::get_if<double>(&value)) {
    Normalize(*number);
  } else if (auto* array = std::get_if<ArrayValue>(&value)) {
    std::for_each(array->elements.begin(), array->elements.end(), NormalizeValue);
  } else if (auto* fields = std::get_if<StructValue>(&value)) {
    std::for_each(fields->fields.begin(), fields->fields.end(), NormalizeValue);
  }
}

void NormalizePlace(const PlaceLayout& place, void* at) {
  if (place.optional != nullptr) {
    if (place.optional->get(at) == nullptr) {
      return;
    }
    at = place.optional->emplace(at);  // keeps the value that is there
  }
  NormalizeFloats(*place.type, at);
}

}  // namespace

bool HoldsFloats(const DataType& type) {
  return type.kind() == TypeKind::kFloat || type.kind() == TypeKind::kDouble ||
         std::any_of(type.children().begin(), type.children().end(),
                     [](const StructField& child) { return HoldsFloats(child.type); });
}

void NormalizeFloats(const TypeLayout& layout, void* object) {
  switch (layout.kind) {
    case MemoryKind::kFloat: Normalize(*static_cast<float*>(object)); return;
    case MemoryKind::kDouble: Normalize(*static_cast<double*>(object)); return;
    case MemoryKind::kValue: NormalizeValue(*static_cast<Value*>(object)); return;
    case MemoryKind::kRow: {
      auto& row = *static_cast<Row*>(object);
      std::for_each(row.begin(), row.end(), NormalizeValue);
      return;
    }
    case MemoryKind::kStruct:
      for (const FieldLayout& field : layout.fields) {
        NormalizePlace(field.place, static_cast<char*>(object) + field.offset);
      }
      return;
    case MemoryKind::kVector:
      for (std::size_t i = 0; i < layout.sequence->size(object); ++i) {
        NormalizePlace(layout.element, const_cast<void*>(layout.sequence->at(object, i)));
      }
      return;
    case MemoryKind::kMap: HF_CHECK(false, "a map cannot be grouped by");
    case MemoryKind::kBool:
    case MemoryKind::kInt8:
    case MemoryKind::kInt16:
    case MemoryKind::kInt32:
    case MemoryKind::kInt64:
    case MemoryKind::kInt128:
    case MemoryKind::kString:
    case MemoryKind::kStringView:
    case MemoryKind::kBinary: return;
  }
}

}  // namespace hf
