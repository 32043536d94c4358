// SPDX-License-Identifier: Apache-2.0
// StatePlan: which variables a query has and how their values are encoded; decided once at the start of a query
// (evolution.h), the same for every partition.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "holdfast/types.h"
#include "state/row_frame.h"
#include "state/state_families.h"

namespace hf {

// A variable has three schemas: written (by id, found on each value), stored (what is written next) and the view the
// processor declared. Values are rewritten lazily, when touched.
struct VariablePlan {
  std::string name;
  VariableKind kind = VariableKind::kValue;
  bool has_ttl = false;
  // Of a value, of a list's element, of a map's value; without what TTL puts around it.
  Schema stored;
  int stored_id = 0;
  std::map<int, Schema> written;  // by schema id, the stored one included
  Schema user_key = {};           // of a map
};

struct StatePlan {
  RowFrame frame;     // of every key and value
  Schema key_schema;  // the grouping columns
  int key_schema_id = 0;
  std::vector<VariablePlan> variables;

  [[nodiscard]] const VariablePlan* Find(std::string_view name) const {
    for (const VariablePlan& variable : variables) {
      if (variable.name == name) {
        return &variable;
      }
    }
    return nullptr;
  }
};

}  // namespace hf
