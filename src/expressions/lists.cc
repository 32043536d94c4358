// SPDX-License-Identifier: Apache-2.0
// Lists, maps and structs (Spark 4.3 complexTypeExtractors.scala, complexTypeCreator.scala,
// collectionOperations.scala), and split, which makes a list. The type of what comes out is the analyzer's to say: the
// list has TypeKind::kNull.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "expressions/element_order.h"
#include "expressions/routine.h"

namespace hf {
namespace {

// Calls `take` for each row, with the places of the row in both arguments; a null in either makes null.
template <typename F>
Status EachPair(const Arguments& arguments, ColumnBuilder& out, const F& take) {
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    if (arguments.vectors[0].IsNull(row) || arguments.vectors[1].IsNull(row)) {
      out.AppendNull();
      continue;
    }
    HF_RETURN_IF_ERROR(take(arguments.vectors[0].At(row), arguments.vectors[1].At(row)));
  }
  return {};
}

// list[index], from 0. A bigint is cut to an int, as Spark does.
template <typename T>
Status Subscript(const Arguments& arguments, ColumnBuilder& out) {
  const Column& list = arguments.vectors[0].column;
  return EachPair(arguments, out, [&](std::int64_t at, std::int64_t index_at) -> Status {
    const Elements elements = ElementsAt(list, at);
    const auto index = static_cast<std::int32_t>(arguments.vectors[1].column.Fixed<T>(index_at));
    if (index < 0 || index >= elements.size()) {
      return Invalid(fmt::format("the index {} is out of bounds: the array has {} elements", index, elements.size()),
                     "INVALID_ARRAY_INDEX");
    }
    out.AppendFrom(list.children[0], elements.begin + index);
    return {};
  });
}

// From 1, or from -1 behind.
template <typename T>
Status ElementAt(const Arguments& arguments, ColumnBuilder& out) {
  const Column& list = arguments.vectors[0].column;
  return EachPair(arguments, out, [&](std::int64_t at, std::int64_t index_at) -> Status {
    const Elements elements = ElementsAt(list, at);
    const std::int64_t index = arguments.vectors[1].column.Fixed<T>(index_at);
    if (index == 0) {
      return Invalid("element_at counts from 1 or, from behind, from -1", "INVALID_INDEX_OF_ZERO");
    }
    if (index > elements.size() || -index > elements.size()) {
      return Invalid(fmt::format("the index {} is out of bounds: the array has {} elements", index, elements.size()),
                     "INVALID_ARRAY_INDEX_IN_ELEMENT_AT");
    }
    out.AppendFrom(list.children[0], index > 0 ? elements.begin + index - 1 : elements.end + index);
    return {};
  });
}

// The value of a key; null when the map lacks it.
template <typename T>
Status ValueOfKey(const Arguments& arguments, ColumnBuilder& out) {
  const Column& map = arguments.vectors[0].column;
  const Vector map_keys{map.children[0], false};
  const Vector wanted{arguments.vectors[1].column, false};
  const ValuesOf<T> keys(map_keys);
  return EachPair(arguments, out, [&](std::int64_t at, std::int64_t key_at) -> Status {
    const Elements entries = ElementsAt(map, at);
    const T key = ValuesOf<T>(wanted)[key_at];
    for (std::int32_t entry = entries.begin; entry < entries.end; ++entry) {
      if (keys[entry] == key) {
        out.AppendFrom(map.children[1], entry);
        return {};
      }
    }
    out.AppendNull();
    return {};
  });
}

Status Size(const Arguments& arguments, ColumnBuilder& out) {
  const Vector& lists = arguments.vectors[0];
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    if (lists.IsNull(row)) {
      out.AppendNull();
    } else {
      out.AppendFixed(ElementsAt(lists.column, lists.At(row)).size());
    }
  }
  return {};
}

Status MakeList(const Arguments& arguments, ColumnBuilder& out) {
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    for (const Vector& vector : arguments.vectors) {
      out.child(0).AppendFrom(vector.column, vector.At(row));
    }
    out.AppendList();
  }
  return {};
}

Status MakeStruct(const Arguments& arguments, ColumnBuilder& out) {
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    for (std::size_t i = 0; i < arguments.vectors.size(); ++i) {
      out.child(i).AppendFrom(arguments.vectors[i].column, arguments.vectors[i].At(row));
    }
    out.AppendStruct();
  }
  return {};
}

// Whether the list has an element for which the routine "=" of its type is true; null when it has none and a null.
Status Contains(const Arguments& arguments, ColumnBuilder& out) {
  const Column& list = arguments.vectors[0].column;
  const Column& values = arguments.vectors[1].column;
  const std::array<TypeKind, 2> kinds = {values.type.kind(), values.type.kind()};
  // Every element beside the value that is looked for, of all rows.
  std::vector<std::int64_t> elements;
  std::vector<std::int64_t> wanted;
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    if (arguments.vectors[0].IsNull(row) || arguments.vectors[1].IsNull(row)) {
      continue;
    }
    const Elements range = ElementsAt(list, arguments.vectors[0].At(row));
    for (std::int32_t element = range.begin; element < range.end; ++element) {
      elements.push_back(element);
      wanted.push_back(arguments.vectors[1].At(row));
    }
  }
  const std::array<Vector, 2> both = {Vector{Gather(list.children[0], elements), false},
                                      Vector{Gather(values, wanted), false}};
  ColumnBuilder builder(DataType::Boolean());
  const auto count = static_cast<std::int64_t>(elements.size());
  HF_RETURN_IF_ERROR(FindRoutine("=", kinds)->kernel(Arguments{both, count, arguments.type, arguments.zone}, builder));
  const Column equal = builder.Finish();
  std::int64_t next = 0;
  return EachPair(arguments, out, [&](std::int64_t at, std::int64_t) -> Status {
    bool found = false;
    bool has_null = false;
    for (const std::int64_t end = next + ElementsAt(list, at).size(); next < end; ++next) {
      has_null = has_null || equal.IsNull(next);
      found = found || (!equal.IsNull(next) && equal.Bool(next));
    }
    if (has_null && !found) {
      out.AppendNull();
    } else {
      out.AppendBool(found);
    }
    return {};
  });
}

// How many bytes a character has that begins so (UTF8String.numBytesForFirstByte).
std::size_t CharacterBytes(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0xC2 || byte > 0xF4 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// Adds the parts of a text to a list; at most `limit` of them, when that is positive (String.split of Java).
void SplitInto(std::string_view text, std::string_view separator, std::int32_t limit, ColumnBuilder* parts) {
  std::int32_t count = 1;
  if (separator.empty() && !text.empty()) {
    // Spark: each character for itself, without an empty text behind the last.
    while (limit <= 0 || count < limit) {
      const std::size_t size = std::min(CharacterBytes(text.front()), text.size());
      if (size == text.size()) {
        break;
      }
      parts->AppendBytes(text.substr(0, size));
      text.remove_prefix(size);
      ++count;
    }
  }
  while (!separator.empty() && (limit <= 0 || count < limit)) {
    const std::size_t found = text.find(separator);
    if (found == std::string_view::npos) {
      break;
    }
    parts->AppendBytes(text.substr(0, found));
    text.remove_prefix(found + separator.size());
    ++count;
  }
  parts->AppendBytes(text);
}

Status Split(const Arguments& arguments, ColumnBuilder& out) {
  const std::span<const Vector> vectors = arguments.vectors;
  const ValuesOf<std::string_view> texts(vectors[0]);
  const ValuesOf<std::string_view> separators(vectors[1]);
  const ValuesOf<std::int32_t> limits(vectors[2]);
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    if (vectors[0].IsNull(row) || vectors[1].IsNull(row) || vectors[2].IsNull(row)) {
      out.AppendNull();
      continue;
    }
    SplitInto(texts[row], separators[row], limits[row], &out.child(0));
    out.AppendList();
  }
  return {};
}

}  // namespace

void AddLists(std::vector<Routine>& list) {
  constexpr TypeKind kArray = TypeKind::kArray;
  constexpr TypeKind kMap = TypeKind::kMap;
  const auto add = [&](std::string_view name, std::vector<TypeKind> from, TypeKind to, Kernel kernel,
                       bool can_fail = false) {
    list.push_back({.name = std::string(name),
                    .arguments = std::move(from),
                    .result = to,
                    .kernel = kernel,
                    .can_fail = can_fail});
  };
  const auto add_elements = [&]<typename T>(T) {
    add("[]", {kArray, KindOf<T>()}, TypeKind::kNull, Subscript<T>, true);
    if (sizeof(T) <= 4) {
      add("element_at", {kArray, KindOf<T>()}, TypeKind::kNull, ElementAt<T>, true);
    }
  };
  add_elements(std::int8_t{});
  add_elements(std::int16_t{});
  add_elements(std::int32_t{});
  add_elements(std::int64_t{});
  for (const std::string_view name : {"[]", "element_at"}) {
    add(name, {kMap, TypeKind::kString}, TypeKind::kNull, ValueOfKey<std::string_view>);
    add(name, {kMap, TypeKind::kInt}, TypeKind::kNull, ValueOfKey<std::int32_t>);
  }
  add("size", {kArray}, TypeKind::kInt, Size);
  add("size", {kMap}, TypeKind::kInt, Size);
  add("split", {TypeKind::kString, TypeKind::kString, TypeKind::kInt}, TypeKind::kNull, Split);
  for (int kind = static_cast<int>(TypeKind::kBoolean); kind <= static_cast<int>(TypeKind::kStruct); ++kind) {
    const auto element = static_cast<TypeKind>(kind);
    list.push_back({.name = "array",
                    .arguments = {element},
                    .result = TypeKind::kNull,
                    .kernel = MakeList,
                    .nulls = NullRule::kSeesNever,
                    .variadic = true});
    if (kind < static_cast<int>(kArray)) {
      add("array_contains", {kArray, element}, TypeKind::kBoolean, Contains);
    }
  }
  // Its arguments may be of any types.
  list.push_back({.name = "struct",
                  .arguments = {},
                  .result = TypeKind::kNull,
                  .kernel = MakeStruct,
                  .nulls = NullRule::kSeesNever});
}

}  // namespace hf
