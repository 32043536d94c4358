// SPDX-License-Identifier: Apache-2.0
// The dialect of a checkpoint: which of Spark's programming interfaces can go on with it. Its operator's name says so:
// Spark refuses to go on under another one.
#pragma once

#include <string_view>
#include <vector>

#include "holdfast/status.h"
#include "holdfast/struct_layout.h"
#include "holdfast/types.h"
#include "state/state_schema_file.h"

namespace hf {

inline constexpr std::string_view kRowOperator = "transformWithStateInPySparkExec";    // Python, rows
inline constexpr std::string_view kPandasOperator = "transformWithStateInPandasExec";  // Python, Pandas
inline constexpr std::string_view kJvmOperator = "transformWithStateExec";             // Scala and Java
inline constexpr std::string_view kOperatorNames[] = {kRowOperator, kPandasOperator, kJvmOperator};

// kIncompatible for an operator that is not transformWithState.
Status CheckOperatorName(std::string_view operator_name);

// The struct as which the grouping key stands in schema files. In Python it has the grouping columns, `key`. In Scala
// and Java it has what the encoder of the key's class makes of that: `value` for one that is no class. A checkpoint
// keeps the one it has (`latest_file`, its newest schema file; nullptr when it is new) as long as `key` has the same
// types at the same places; otherwise `key` comes back, and the rules of evolution refuse it. `key_layout` is the
// processor's key, which says where it cannot be empty.
Schema KeyStructOf(std::string_view operator_name, const Schema& key, const TypeLayout& key_layout,
                   const std::vector<StateFamilySchema>* latest_file);

}  // namespace hf
