// SPDX-License-Identifier: Apache-2.0
// Rows: batches of the engine as Python sees them, exchanged with pyarrow, pandas and others through Arrow's C stream
// interface without a copy.
#pragma once

#include <nanobind/nanobind.h>

#include <vector>

#include "holdfast/batch.h"

namespace hfpy {

namespace nb = nanobind;

struct Rows {
  hf::Schema schema;
  std::vector<hf::ColumnBatch> batches;
};

// Takes any object with __arrow_c_stream__ (a pyarrow Table or RecordBatch). Throws StatusError, naming the column
// whose type Spark does not have.
Rows RowsFrom(const nb::object& source);
// One batch out of all.
hf::ColumnBatch OneBatch(const Rows& rows);

void BindRows(nb::module_& module);

}  // namespace hfpy
