// SPDX-License-Identifier: Apache-2.0
#include "rows/datum_slot.h"

#include <array>
#include <utility>

namespace hf {
namespace {

DatumSlot ValueSlotOf(const DataType& type) { return {.type = type}; }

DatumSlot SlotOfPlace(const PlaceLayout& place, const DataType& type) {
  const bool is_value = place.type->kind == MemoryKind::kValue || place.type->kind == MemoryKind::kRow;
  return {.type = type,
          .layout = is_value ? nullptr : place.type,
          .holder = is_value                    ? Holder::kValue
                    : place.optional != nullptr ? Holder::kOptional
                                                : Holder::kAlways,
          .optional = place.optional};
}

const SequenceAccess kArrayValueAccess = {
    [](void* v) { static_cast<ArrayValue*>(v)->elements.clear(); },
    [](void* v) -> void* { return &static_cast<ArrayValue*>(v)->elements.emplace_back(); },
    [](const void* v) { return static_cast<const ArrayValue*>(v)->elements.size(); },
    [](const void* v, std::size_t i) -> const void* { return &static_cast<const ArrayValue*>(v)->elements[i]; }};

const MapAccess kMapValueAccess = {
    [](void* m) { static_cast<MapValue*>(m)->entries.clear(); },
    [](void* m, const void* key) -> void* {
      return &static_cast<MapValue*>(m)->entries.emplace_back(*static_cast<const Value*>(key), Value()).second;
    },
    []() -> void* { return new Value(); },
    [](void* key) { delete static_cast<Value*>(key); },
    [](const void* m) { return static_cast<const MapValue*>(m)->entries.size(); },
    [](const void* m, void* context, bool (*visit)(void*, const void*, const void*)) {
      for (const auto& [key, mapped] : static_cast<const MapValue*>(m)->entries) {
        if (!visit(context, &key, &mapped)) {
          return;
        }
      }
    }};

template <std::size_t I>
void* Become(Value& value) {
  if (value.index() != I) {
    value.emplace<I>();
  }
  return &std::get<I>(value);
}

template <std::size_t... I>
constexpr std::array<void* (*)(Value&), sizeof...(I)> BecomeTable(std::index_sequence<I...>) {
  return {Become<I>...};
}

}  // namespace

std::vector<SlotField> FieldsOfSlot(const DatumSlot& slot) {
  std::vector<SlotField> fields;
  if (slot.is_value()) {
    for (const StructField& field : slot.type.children()) {
      fields.push_back({field.name, fields.size() * sizeof(Value), ValueSlotOf(field.type)});
    }
    return fields;
  }
  for (const FieldLayout& field : slot.layout->fields) {
    fields.push_back({field.name, field.offset, SlotOfPlace(field.place, field.place.type->type)});
  }
  return fields;
}

DatumSlot ElementOfSlot(const DatumSlot& slot) {
  const DataType& type = slot.type.children()[0].type;
  return slot.is_value() ? ValueSlotOf(type) : SlotOfPlace(slot.layout->element, type);
}
const SequenceAccess* SequenceOfSlot(const DatumSlot& slot) {
  return slot.is_value() ? &kArrayValueAccess : slot.layout->sequence;
}

DatumSlot KeyOfSlot(const DatumSlot& slot) {
  const DataType& type = slot.type.children()[0].type;
  return slot.is_value() ? ValueSlotOf(type) : SlotOfPlace(slot.layout->key, type);
}
DatumSlot MapValueOfSlot(const DatumSlot& slot) {
  const DataType& type = slot.type.children()[1].type;
  return slot.is_value() ? ValueSlotOf(type) : SlotOfPlace(slot.layout->value, type);
}
const MapAccess* MapOfSlot(const DatumSlot& slot) { return slot.is_value() ? &kMapValueAccess : slot.layout->map; }

DatumSlot SlotOfObject(const TypeLayout& layout) {
  if (layout.kind == MemoryKind::kStruct) {
    return {.type = layout.type, .layout = &layout, .holder = Holder::kAlways};
  }
  return ValueSlotOf(layout.type);
}

std::size_t ValueIndexOf(TypeKind kind) {
  static const std::array<std::size_t, 17> kIndex = {0,
                                                     Value(false).index(),
                                                     Value(std::int8_t{}).index(),
                                                     Value(std::int16_t{}).index(),
                                                     Value(std::int32_t{}).index(),
                                                     Value(std::int64_t{}).index(),
                                                     Value(0.0F).index(),
                                                     Value(0.0).index(),
                                                     Value(Decimal{}).index(),
                                                     Value(std::string()).index(),
                                                     Value(Binary{}).index(),
                                                     Value(Date{}).index(),
                                                     Value(Timestamp{}).index(),
                                                     Value(TimestampNtz{}).index(),
                                                     Value(ArrayValue{}).index(),
                                                     Value(MapValue{}).index(),
                                                     Value(StructValue{}).index()};
  return kIndex[static_cast<std::size_t>(kind)];
}

void* DatumOf(Value& value, std::size_t index) {
  static constexpr auto kBecome = BecomeTable(std::make_index_sequence<std::variant_size_v<ValueVariant>>());
  return kBecome[index](value);
}

const void* DatumOf(const Value& value) {
  return std::visit([](const auto& datum) -> const void* { return &datum; }, static_cast<const ValueVariant&>(value));
}

}  // namespace hf
