// SPDX-License-Identifier: Apache-2.0
// map, map_keys, map_values (Spark 4.3 complexTypeCreator.scala, ArrayBasedMapBuilder.scala).
#include <vector>

#include "expressions/element_order.h"
#include "expressions/routine.h"

namespace hf {
namespace {

// Keys and values by turns. No key may be null, nor be there twice (spark.sql.mapKeyDedupPolicy=EXCEPTION).
Status MakeMap(const Arguments& arguments, ColumnBuilder& out) {
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    ColumnBuilder keys(arguments.type.children()[0].type);
    for (std::size_t i = 0; i < arguments.vectors.size(); i += 2) {
      if (arguments.vectors[i].IsNull(row)) {
        return Invalid("a key of a map is null", "NULL_MAP_KEY");
      }
      keys.AppendFrom(arguments.vectors[i].column, arguments.vectors[i].At(row));
    }
    const Column made = keys.Finish();
    for (std::int64_t key = 0; key < made.length; ++key) {
      for (std::int64_t before = 0; before < key; ++before) {
        if (CompareElements(made, key, before) == 0) {
          return Invalid("a map has the same key twice", "DUPLICATED_MAP_KEY");
        }
      }
      out.child(0).AppendFrom(made, key);
      const Vector& values = arguments.vectors[static_cast<std::size_t>(key) * 2 + 1];
      out.child(1).AppendFrom(values.column, values.At(row));
    }
    out.AppendList();
  }
  return {};
}

// The list of keys or of values.
template <std::size_t child>
Status PartsOfMap(const Arguments& arguments, ColumnBuilder& out) {
  const Vector& maps = arguments.vectors[0];
  const Column& parts = maps.column.children[child];
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    if (maps.IsNull(row)) {
      out.AppendNull();
      continue;
    }
    const Elements range = ElementsAt(maps.column, maps.At(row));
    for (std::int64_t part = range.begin; part < range.end; ++part) {
      out.child(0).AppendFrom(parts, part);
    }
    out.AppendList();
  }
  return {};
}

}  // namespace

void AddMaps(std::vector<Routine>& list) {
  // Its arguments may be of any types.
  list.push_back({.name = "map",
                  .arguments = {},
                  .result = TypeKind::kNull,
                  .kernel = MakeMap,
                  .nulls = NullRule::kSeesNever,
                  .can_fail = true});
  list.push_back(
      {.name = "map_keys", .arguments = {TypeKind::kMap}, .result = TypeKind::kNull, .kernel = PartsOfMap<0>});
  list.push_back(
      {.name = "map_values", .arguments = {TypeKind::kMap}, .result = TypeKind::kNull, .kernel = PartsOfMap<1>});
}

}  // namespace hf
