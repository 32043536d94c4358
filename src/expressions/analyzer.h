// SPDX-License-Identifier: Apache-2.0
// From what a text says to an expression over a schema: columns are found, casts are put where Spark puts them, and
// what is not in the list of routines is refused.
#pragma once

#include <set>

#include "expressions/expression.h"
#include "expressions/syntax.h"

namespace hf {

struct Analyzed {
  ExpressionPtr expression;
  std::set<const Routine*> routines;  // that it uses
};

// kInvalid carries Spark's condition (UNRESOLVED_COLUMN.WITH_SUGGESTION, DATATYPE_MISMATCH...., WRONG_NUM_ARGS....) or
// HOLDFAST_UNPROVEN_EXPRESSION, and `text`.
Result<Analyzed> Analyze(const Syntax& syntax, std::string_view text, const Schema& input, const TimeZone& zone);

}  // namespace hf
