// SPDX-License-Identifier: Apache-2.0
// HOLDFAST_STRUCT: tells the library how a C++ struct lies in memory, so that the struct is the schema.
//
//   struct Click { std::string session_id; std::optional<double> revenue; hf::Timestamp event_timestamp; };
//   HOLDFAST_STRUCT(Click, session_id, revenue, event_timestamp);
//
// Members may be bool, int8..int64, float, double, std::string, std::string_view (input rows only: it views the
// batch), hf::Binary, hf::Date, hf::Timestamp, hf::TimestampNtz, hf::DecimalOf<P, S>, another HOLDFAST_STRUCT,
// std::vector<T>, std::map<K, T>, and std::optional of each (also as element or map value). A member that is not
// optional must have a value in every row: a null there is an error that names the field.
//
// One description serves input columns, output columns, keys and state; rows known only at run time (hf::Row)
// have a layout made from their schema. So there is a single reader and writer of each format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "holdfast/types.h"
#include "holdfast/value.h"

namespace hf {

// A decimal(P, S) member: unscaled * 10^-S.
template <int P, int S>
struct DecimalOf {
  static_assert(P >= 1 && P <= 38 && S >= 0 && S <= P);
  __int128 unscaled = 0;
  bool operator==(const DecimalOf&) const = default;
};

// How an object lies in memory. kValue: an hf::Value; kRow: an hf::Row (a struct known at run time).
enum class MemoryKind : std::uint8_t {
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kFloat,
  kDouble,
  kInt128,      // DecimalOf
  kString,      // std::string
  kStringView,  // std::string_view
  kBinary,      // hf::Binary
  kStruct,
  kVector,
  kMap,
  kValue,
  kRow,
};

struct TypeLayout;

// Access to a std::optional without knowing its type. `emplace` keeps a value that is there (its capacity is reused).
struct OptionalAccess {
  void* (*emplace)(void* optional);
  void (*reset)(void* optional);
  const void* (*get)(const void* optional);  // nullptr when empty
};

// A place that holds a datum: a member, an element, a map's key or value.
struct PlaceLayout {
  const TypeLayout* type = nullptr;
  const OptionalAccess* optional = nullptr;  // nullptr: the place always holds a value
};

struct FieldLayout {
  std::string name;
  std::size_t offset = 0;
  PlaceLayout place;
};

struct SequenceAccess {
  void (*clear)(void* sequence);
  void* (*append)(void* sequence);  // adds a default element and returns its place
  std::size_t (*size)(const void* sequence);
  const void* (*at)(const void* sequence, std::size_t index);
};

struct MapAccess {
  void (*clear)(void* map);
  // Adds an entry: `fill_key` writes into a key place, the returned place is the entry's value. An equal key is
  // replaced.
  void* (*insert)(void* map, const void* key);
  void* (*new_key)();
  void (*delete_key)(void* key);
  std::size_t (*size)(const void* map);
  // Calls visit(context, key, value) for each entry, in the map's order; stops when it returns false.
  void (*each)(const void* map, void* context, bool (*visit)(void* context, const void* key, const void* value));
};

struct TypeLayout {
  MemoryKind kind = MemoryKind::kValue;
  DataType type;  // the Spark type the object stands for
  std::size_t size_bytes = 0;
  std::vector<FieldLayout> fields;  // kStruct; for kRow the offset is the index in the row
  PlaceLayout element;              // kVector
  PlaceLayout key;                  // kMap
  PlaceLayout value;                // kMap
  const SequenceAccess* sequence = nullptr;
  const MapAccess* map = nullptr;
  void* (*create)() = nullptr;  // a default object on the heap
  void (*destroy)(void* object) = nullptr;
};

// The layout of hf::Row for rows of `schema`.
std::shared_ptr<const TypeLayout> RowLayout(const Schema& schema);
// The layout of one hf::Value; its type is void, because the column says what the value may be.
const TypeLayout& ValueLayout();

// The schema that a struct layout stands for; every field nullable, as Spark's Avro state needs it.
inline Schema SchemaOf(const TypeLayout& layout) { return Schema(layout.type); }

namespace detail {

template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <typename T>
void* CreateObject() {
  return new T();
}
template <typename T>
void DestroyObject(void* object) {
  delete static_cast<T*>(object);
}

template <typename T>
struct LayoutOf;  // a type that no column can hold has no specialisation

template <typename T>
TypeLayout ScalarLayout(MemoryKind kind, DataType type) {
  TypeLayout layout;
  layout.kind = kind;
  layout.type = std::move(type);
  layout.size_bytes = sizeof(T);
  layout.create = CreateObject<T>;
  layout.destroy = DestroyObject<T>;
  return layout;
}

#define HF_SCALAR_LAYOUT_(cpp_type, memory_kind, spark_type)                                        \
  template <>                                                                                       \
  struct LayoutOf<cpp_type> {                                                                       \
    static const TypeLayout& Get() {                                                                \
      static const TypeLayout layout = ScalarLayout<cpp_type>(MemoryKind::memory_kind, spark_type); \
      return layout;                                                                                \
    }                                                                                               \
  };
HF_SCALAR_LAYOUT_(bool, kBool, DataType::Boolean())
HF_SCALAR_LAYOUT_(std::int8_t, kInt8, DataType::Byte())
HF_SCALAR_LAYOUT_(std::int16_t, kInt16, DataType::Short())
HF_SCALAR_LAYOUT_(std::int32_t, kInt32, DataType::Int())
HF_SCALAR_LAYOUT_(std::int64_t, kInt64, DataType::Long())
HF_SCALAR_LAYOUT_(float, kFloat, DataType::Float())
HF_SCALAR_LAYOUT_(double, kDouble, DataType::Double())
HF_SCALAR_LAYOUT_(std::string, kString, DataType::String())
HF_SCALAR_LAYOUT_(std::string_view, kStringView, DataType::String())
HF_SCALAR_LAYOUT_(Binary, kBinary, DataType::Binary())
HF_SCALAR_LAYOUT_(Date, kInt32, DataType::Date())
HF_SCALAR_LAYOUT_(Timestamp, kInt64, DataType::Timestamp())
HF_SCALAR_LAYOUT_(TimestampNtz, kInt64, DataType::TimestampNtz())
#undef HF_SCALAR_LAYOUT_

template <int P, int S>
struct LayoutOf<DecimalOf<P, S>> {
  static const TypeLayout& Get() {
    static const TypeLayout layout = ScalarLayout<DecimalOf<P, S>>(MemoryKind::kInt128, DataType::Decimal(P, S));
    return layout;
  }
};

template <typename T>
const OptionalAccess* OptionalAccessOf() {
  static const OptionalAccess access = {[](void* place) -> void* {
                                          auto& held = *static_cast<std::optional<T>*>(place);
                                          return held.has_value() ? &*held : &held.emplace();
                                        },
                                        [](void* place) { static_cast<std::optional<T>*>(place)->reset(); },
                                        [](const void* place) -> const void* {
                                          const auto& held = *static_cast<const std::optional<T>*>(place);
                                          return held.has_value() ? &*held : nullptr;
                                        }};
  return &access;
}

// The place of a member declared as Declared (T or std::optional<T>).
template <typename Declared>
PlaceLayout PlaceOf() {
  if constexpr (IsOptional<Declared>::value) {
    using T = typename Declared::value_type;
    return {&LayoutOf<T>::Get(), OptionalAccessOf<T>()};
  } else {
    return {&LayoutOf<Declared>::Get(), nullptr};
  }
}

template <typename Element>
struct LayoutOf<std::vector<Element>> {
  using Vector = std::vector<Element>;
  static const TypeLayout& Get() {
    static const SequenceAccess access = {
        [](void* v) { static_cast<Vector*>(v)->clear(); },
        [](void* v) -> void* { return &static_cast<Vector*>(v)->emplace_back(); },
        [](const void* v) { return static_cast<const Vector*>(v)->size(); },
        [](const void* v, std::size_t i) -> const void* { return &(*static_cast<const Vector*>(v))[i]; }};
    static const TypeLayout layout = [] {
      const PlaceLayout element = PlaceOf<Element>();
      TypeLayout made =
          ScalarLayout<Vector>(MemoryKind::kVector, DataType::Array(element.type->type, element.optional != nullptr));
      made.element = element;
      made.sequence = &access;
      return made;
    }();
    return layout;
  }
};

template <typename Key, typename Mapped>
struct LayoutOf<std::map<Key, Mapped>> {
  using Map = std::map<Key, Mapped>;
  static const TypeLayout& Get() {
    static const MapAccess access = {
        [](void* m) { static_cast<Map*>(m)->clear(); },
        [](void* m, const void* key) -> void* { return &(*static_cast<Map*>(m))[*static_cast<const Key*>(key)]; },
        CreateObject<Key>,
        DestroyObject<Key>,
        [](const void* m) { return static_cast<const Map*>(m)->size(); },
        [](const void* m, void* context, bool (*visit)(void*, const void*, const void*)) {
          for (const auto& [key, mapped] : *static_cast<const Map*>(m)) {
            if (!visit(context, &key, &mapped)) {
              return;
            }
          }
        }};
    static const TypeLayout layout = [] {
      const PlaceLayout key = PlaceOf<Key>();
      const PlaceLayout mapped = PlaceOf<Mapped>();
      TypeLayout made = ScalarLayout<Map>(MemoryKind::kMap,
                                          DataType::Map(key.type->type, mapped.type->type, mapped.optional != nullptr));
      made.key = key;
      made.value = mapped;
      made.map = &access;
      return made;
    }();
    return layout;
  }
};

// A type with HOLDFAST_STRUCT; found by argument-dependent lookup beside the struct.
template <typename T>
  requires requires { HoldfastStructLayout(static_cast<const T*>(nullptr)); }
struct LayoutOf<T> {
  static const TypeLayout& Get() {
    static const TypeLayout layout = HoldfastStructLayout(static_cast<const T*>(nullptr));
    return layout;
  }
};

// A struct with strings and optionals need not be standard-layout, so the offset is measured, not asked of offsetof.
template <typename T, typename Declared>
FieldLayout FieldOf(const char* name, Declared T::* member) {
  alignas(T) static const char storage[sizeof(T)] = {};
  const auto* object = reinterpret_cast<const T*>(storage);
  const auto offset = static_cast<std::size_t>(reinterpret_cast<const char*>(&(object->*member)) - storage);
  return {.name = name, .offset = offset, .place = PlaceOf<Declared>()};
}

template <typename T>
TypeLayout StructLayoutOf(std::vector<FieldLayout> fields) {
  std::vector<StructField> columns;
  columns.reserve(fields.size());
  for (const FieldLayout& field : fields) {
    columns.push_back({.name = field.name, .type = field.place.type->type});
  }
  TypeLayout layout = ScalarLayout<T>(MemoryKind::kStruct, DataType::Struct(std::move(columns)));
  layout.fields = std::move(fields);
  return layout;
}

// Spark keeps a state variable or key of a scalar type as struct<value: T> (Scala encoders do the same).
template <typename T>
const TypeLayout& RowLayoutOf() {
  if constexpr (requires { HoldfastStructLayout(static_cast<const T*>(nullptr)); }) {
    return LayoutOf<T>::Get();
  } else {
    static const TypeLayout layout = StructLayoutOf<T>({{.name = "value", .offset = 0, .place = PlaceOf<T>()}});
    return layout;
  }
}

}  // namespace detail
}  // namespace hf

// The preprocessor's loop over the member names (C++20 __VA_OPT__, up to 256 members).
#define HF_PARENS_ ()
#define HF_EXPAND_(...) HF_EXPAND4_(HF_EXPAND4_(HF_EXPAND4_(HF_EXPAND4_(__VA_ARGS__))))
#define HF_EXPAND4_(...) HF_EXPAND3_(HF_EXPAND3_(HF_EXPAND3_(HF_EXPAND3_(__VA_ARGS__))))
#define HF_EXPAND3_(...) HF_EXPAND2_(HF_EXPAND2_(HF_EXPAND2_(HF_EXPAND2_(__VA_ARGS__))))
#define HF_EXPAND2_(...) HF_EXPAND1_(HF_EXPAND1_(HF_EXPAND1_(HF_EXPAND1_(__VA_ARGS__))))
#define HF_EXPAND1_(...) __VA_ARGS__
#define HF_EACH_(type, ...) __VA_OPT__(HF_EXPAND_(HF_EACH_ONE_(type, __VA_ARGS__)))
#define HF_EACH_ONE_(type, member, ...) HF_FIELD_(type, member) __VA_OPT__(HF_EACH_AGAIN_ HF_PARENS_(type, __VA_ARGS__))
#define HF_EACH_AGAIN_() HF_EACH_ONE_
#define HF_FIELD_(type, member) ::hf::detail::FieldOf(#member, &type::member),

// Describes `Type` by its members, in the order of the columns. Put it beside the struct, in the struct's namespace.
#define HOLDFAST_STRUCT(Type, ...)                                             \
  [[maybe_unused]] inline ::hf::TypeLayout HoldfastStructLayout(const Type*) { \
    return ::hf::detail::StructLayoutOf<Type>({HF_EACH_(Type, __VA_ARGS__)});  \
  }                                                                            \
  static_assert(true, "HOLDFAST_STRUCT wants a semicolon")
