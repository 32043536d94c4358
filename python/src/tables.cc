// SPDX-License-Identifier: Apache-2.0
// SQL over tables, looks into a checkpoint, and what of a new version may go on with it.
#include "tables.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <map>
#include <string>
#include <vector>

#include "gil.h"
#include "holdfast/read_rows.h"
#include "holdfast/sql.h"
#include "holdfast/state_reader.h"
#include "holdfast/write_rows.h"
#include "rows.h"

namespace hfpy {

namespace {

class Sql {
 public:
  Sql() : session_(WithoutGil([] { return OrThrow(hf::SqlSession::Open()); })) {}
  Rows Query(const std::string& sql) {
    const hf::ColumnBatch rows = WithoutGil([&] { return OrThrow(session_->Query(sql)); });
    return {.schema = rows.schema(), .batches = {rows}};
  }
  void CreateTable(const std::string& name, const nb::object& source) {
    const Rows rows = RowsFrom(source);
    WithoutGil([&] { ThrowUnlessOk(session_->CreateTable(name, rows.schema, rows.batches)); });
  }
  void CreateTableFromDelta(const std::string& name, const std::string& path) {
    WithoutGil([&] { ThrowUnlessOk(session_->CreateTableFromDelta(name, path)); });
  }

 private:
  const std::unique_ptr<hf::SqlSession> session_;
};

struct StateQuestion {
  std::string variable;
  std::int64_t operator_id = 0;
  std::optional<std::int64_t> batch_id;
  bool timers = false;
  bool flatten = true;
  std::optional<std::int64_t> changes_first;
  std::optional<std::int64_t> changes_last;
  std::optional<std::int64_t> snapshot_batch;
  std::optional<std::int64_t> snapshot_partition;
};

hf::StateReadOptions OptionsOf(const StateQuestion& question) {
  hf::StateReadOptions options;
  options.variable = question.variable;
  options.operator_id = question.operator_id;
  options.batch_id = question.batch_id;
  options.timers = question.timers;
  options.flatten = question.flatten;
  if (question.changes_first.has_value()) {
    options.changes = {.first = *question.changes_first, .last = question.changes_last};
  }
  if (question.snapshot_batch.has_value()) {
    options.snapshot_start = {.batch_id = *question.snapshot_batch, .partition_id = question.snapshot_partition};
  }
  return options;
}

Rows ReadState(const std::string& checkpoint, const StateQuestion& question) {
  Rows rows;
  WithoutGil([&] {
    ThrowUnlessOk(hf::ReadState(checkpoint, OptionsOf(question), [&](const hf::ColumnBatch& batch) {
      rows.schema = batch.schema();
      rows.batches.push_back(batch);
      return hf::Status();
    }));
  });
  return rows;
}

hf::InputDescription InputOf(const std::string& format, const std::string& path, const hf::Options& options,
                             const std::string& schema_json) {
  return {.format = format,
          .path = path,
          .options = options,
          .schema = schema_json.empty() ? hf::Schema() : OrThrow(hf::Schema::Parse(schema_json)),
          .source = nullptr};
}

std::string SchemaOfRows(const std::string& format, const std::string& path, const hf::Options& options,
                         const std::string& schema_json, const hf::Options& conf) {
  const hf::InputDescription input = InputOf(format, path, options, schema_json);
  return WithoutGil([&] { return OrThrow(hf::SchemaOfRows(input, conf)).ToJson(); });
}

Rows ReadRows(const std::string& format, const std::string& path, const hf::Options& options,
              const std::string& schema_json, const hf::Options& conf) {
  const hf::InputDescription input = InputOf(format, path, options, schema_json);
  Rows rows;
  WithoutGil([&] {
    rows.schema = OrThrow(hf::SchemaOfRows(input, conf));
    ThrowUnlessOk(hf::ReadRows(input, conf, [&](const hf::ColumnBatch& batch) {
      rows.batches.push_back(batch);
      return hf::Status();
    }));
  });
  return rows;
}

hf::SaveMode SaveModeOf(const std::string& word) {
  static const std::map<std::string, hf::SaveMode> kModes = {{"errorifexists", hf::SaveMode::kErrorIfExists},
                                                             {"append", hf::SaveMode::kAppend},
                                                             {"overwrite", hf::SaveMode::kOverwrite},
                                                             {"ignore", hf::SaveMode::kIgnore}};
  const auto found = kModes.find(word);
  if (found == kModes.end()) {
    throw hf::StatusError(hf::Internal("unknown save mode " + word));
  }
  return found->second;
}

void WriteRows(const std::string& format, const std::string& path, const hf::Options& options, const std::string& mode,
               const std::vector<std::string>& partition_by, const nb::object& source, const hf::Options& conf) {
  const Rows rows = RowsFrom(source);
  const hf::OutputDescription output = {.format = format,
                                        .path = path,
                                        .options = options,
                                        .mode = SaveModeOf(mode),
                                        .partition_by = partition_by,
                                        .conf = conf};
  WithoutGil([&] { ThrowUnlessOk(hf::WriteRows(output, rows.schema, rows.batches)); });
}

Rows ReadStateMetadata(const std::string& checkpoint) {
  const hf::ColumnBatch rows = WithoutGil([&] { return OrThrow(hf::ReadStateMetadataRows(checkpoint)); });
  return {.schema = rows.schema(), .batches = {rows}};
}

}  // namespace

void BindTables(nb::module_& module) {
  nb::class_<Sql>(module, "Sql", "A DuckDB connection in memory.")
      .def(nb::init<>())
      .def("query", &Sql::Query, nb::arg("sql"))
      .def("create_table", &Sql::CreateTable, nb::arg("name"), nb::arg("rows"))
      .def("create_table_from_delta", &Sql::CreateTableFromDelta, nb::arg("name"), nb::arg("path"));
  nb::class_<StateQuestion>(module, "StateQuestion", "The options of Spark's statestore source.")
      .def(nb::init<>())
      .def_rw("variable", &StateQuestion::variable)
      .def_rw("operator_id", &StateQuestion::operator_id)
      .def_rw("batch_id", &StateQuestion::batch_id, nb::arg().none())
      .def_rw("timers", &StateQuestion::timers)
      .def_rw("flatten", &StateQuestion::flatten)
      .def_rw("changes_first", &StateQuestion::changes_first, nb::arg().none())
      .def_rw("changes_last", &StateQuestion::changes_last, nb::arg().none())
      .def_rw("snapshot_batch", &StateQuestion::snapshot_batch, nb::arg().none())
      .def_rw("snapshot_partition", &StateQuestion::snapshot_partition, nb::arg().none());
  module.def("read_state", &ReadState, nb::arg("checkpoint"), nb::arg("question"));
  module.def("schema_of_rows", &SchemaOfRows, nb::arg("format"), nb::arg("path"), nb::arg("options"),
             nb::arg("schema_json"), nb::arg("conf"));
  module.def("read_rows", &ReadRows, nb::arg("format"), nb::arg("path"), nb::arg("options"), nb::arg("schema_json"),
             nb::arg("conf"), "All rows that are there now.");
  module.def("write_rows", &WriteRows, nb::arg("format"), nb::arg("path"), nb::arg("options"), nb::arg("mode"),
             nb::arg("partition_by"), nb::arg("rows"), nb::arg("conf"));
  module.def("read_state_metadata", &ReadStateMetadata, nb::arg("checkpoint"));
}

}  // namespace hfpy
