// SPDX-License-Identifier: Apache-2.0
// Values: a datum as a Python object, and back.
//
// Two sets of rules, PySpark 4.3's (test/spark_compat/python/FINDINGS.md): kState is what state variables give and take
// (structs as Row, maps as dict, timestamps as naive datetimes of the process's own zone), kArrow what
// pyarrow's as_py gives for a cell of the input (structs as dict, maps as lists of pairs, timestamps with the session's
// zone).
#pragma once

#include <nanobind/nanobind.h>

#include <string_view>

#include "holdfast/batch.h"
#include "holdfast/value.h"
#include "moments.h"

namespace hfpy {

namespace nb = nanobind;

enum class ValueStyle { kState, kArrow };

struct Reading {
  ValueStyle style = ValueStyle::kState;
  Zone zone = {};  // for kArrow
};

// All of it REQUIRES: the lock is held.
nb::object ToPython(const hf::Value& value, const hf::DataType& type, const Reading& reading);
// Cell `row` of a column, without a detour where the type is a scalar. A new reference.
PyObject* CellToPython(const hf::Column& column, std::int64_t row, const Reading& reading);

// A Python object as a datum of `type`, by the rules of state. Throws StatusError that names `path`, what was
// found and what the type takes: nothing is cut, rounded or dropped on the way.
void FromPython(nb::handle object, const hf::DataType& type, std::string_view path, hf::Value* value);
// A tuple, list, Row or dict as a row of `schema`. `what` is it for messages: "the value of state variable counts".
void RowFromPython(nb::handle object, const hf::Schema& schema, std::string_view what, hf::Row* row);
// The row as a tuple.
nb::object RowToTuple(const hf::Row& row, const hf::Schema& schema, const Reading& reading);

// The same as a Row with the names of the schema.
nb::object RowToNamed(const hf::Row& row, const hf::Schema& schema, const Reading& reading);

// The class of Rows with these names (holdfast.sql.row.row_class).
nb::object RowClass(const hf::DataType& structure);

void ImportClasses();

}  // namespace hfpy
