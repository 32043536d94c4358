// SPDX-License-Identifier: Apache-2.0
#include "rows.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "gil.h"
#include "holdfast/arrow_c.h"
#include "holdfast/file_format.h"
#include "holdfast/row_access.h"

namespace hfpy {

namespace {

constexpr const char* kStreamName = "arrow_array_stream";

void ReleaseStream(void* pointer) noexcept {
  auto* stream = static_cast<ArrowArrayStream*>(pointer);
  if (stream->release != nullptr) {
    stream->release(stream);
  }
  delete stream;
}

nb::capsule ExportRows(const Rows& rows) {
  auto* stream = new ArrowArrayStream{};
  const hf::Status exported = hf::ExportStream(rows.schema, rows.batches, stream);
  if (!exported.ok()) {
    delete stream;
    ThrowUnlessOk(exported);
  }
  return nb::capsule(stream, kStreamName, ReleaseStream);
}

std::int64_t CountRows(const Rows& rows) {
  std::int64_t count = 0;
  for (const hf::ColumnBatch& batch : rows.batches) {
    count += batch.rows();
  }
  return count;
}

// Reads the schema of a stream without taking its batches.
hf::Schema SchemaOfStream(ArrowArrayStream* stream) {
  ArrowSchema schema{};
  if (stream->get_schema(stream, &schema) != 0) {
    const char* why = stream->get_last_error(stream);
    throw hf::StatusError(hf::Invalid(std::string("the Arrow stream has no schema: ") + (why == nullptr ? "" : why)));
  }
  return OrThrow(hf::ImportSchema(&schema));
}

}  // namespace

Rows RowsFrom(const nb::object& source) {
  if (nb::isinstance<Rows>(source)) {
    return nb::cast<Rows>(source);
  }
  const auto capsule = nb::cast<nb::capsule>(source.attr("__arrow_c_stream__")());
  auto* stream = static_cast<ArrowArrayStream*>(capsule.data(kStreamName));
  Rows rows;
  rows.schema = SchemaOfStream(stream);
  rows.batches = WithoutGil([&] { return OrThrow(hf::ImportStream(stream)); });
  for (hf::ColumnBatch& batch : rows.batches) {
    batch = hf::ColumnBatch(rows.schema, batch.columns(), batch.rows());
  }
  return rows;
}

hf::ColumnBatch OneBatch(const Rows& rows) {
  if (rows.batches.size() == 1) {
    return rows.batches.front();
  }
  const auto layout = hf::RowLayout(rows.schema);
  const auto appender = OrThrow(hf::RowAppender::Make(rows.schema, *layout));
  for (const hf::ColumnBatch& batch : rows.batches) {
    appender->AppendBatch(batch);
  }
  return appender->Finish();
}

void BindRows(nb::module_& module) {
  nb::class_<Rows>(module, "Rows", "Rows of the engine; give them to pyarrow.table(rows).")
      .def(
          "__arrow_c_stream__", [](const Rows& rows, const nb::object&) { return ExportRows(rows); },
          nb::arg("requested_schema") = nb::none())
      .def("__len__", &CountRows)
      .def_prop_ro("schema_json", [](const Rows& rows) { return rows.schema.ToJson(); })
      .def("show", [](const Rows& rows, std::size_t rows_max, std::size_t cell_length_max) {
        return hf::FormatTable(rows.schema, rows.batches, rows_max, cell_length_max);
      });
  module.def("rows", &RowsFrom, nb::arg("source"),
             "Takes over anything with __arrow_c_stream__, without copying where the layouts agree.");
}

}  // namespace hfpy
