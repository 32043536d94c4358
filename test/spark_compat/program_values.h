// SPDX-License-Identifier: Apache-2.0
// Values as the recorded programs write them in JSON (programs/README.md), the same on Spark's side
// (programs/java/holdfast/programs/Values.java).
#pragma once

#include <string>

#include "base/json.h"
#include "holdfast/batch.h"

namespace hf::test {

// The struct of a type that a program names: "bigint", or "a int, b string".
Schema SchemaOfType(const std::string& type);
// Whether the struct is what Spark makes of a scalar: its only field is `value`.
bool IsScalar(const DataType& type);

// REQUIRES: `json` is a value of the type, which programs use.
Value ValueOf(const Json& json, const DataType& type);
Row RowOf(const Json& json, const Schema& schema);
Json JsonOf(const Value& value, const DataType& type);
Json JsonOf(const Row& row, const Schema& schema);

// Each row of a batch as the array of its columns, added to `rows`.
void AddRows(const ColumnBatch& batch, Json* rows);

}  // namespace hf::test
