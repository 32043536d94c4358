// SPDX-License-Identifier: Apache-2.0
#include "connect/delta/delta_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/file_uri.h"
#include "base/nearest_name.h"
#include "base/random.h"
#include "connect/file/nullable_schema.h"
#include "connect/options/option_values.h"
#include "files/scratch_directory.h"
#include "holdfast/log.h"

namespace hf {
namespace {

// Refuses what no Delta table can hold, so that it is refused before the table is created.
Status CheckStorable(const DataType& type, const std::string& path) {
  if (type.kind() == TypeKind::kNull) {
    return Invalid(fmt::format("Delta has no type for column {}, which is void", path));
  }
  for (const StructField& child : type.children()) {
    HF_RETURN_IF_ERROR(CheckStorable(child.type, path.empty() ? child.name : fmt::format("{}.{}", path, child.name)));
  }
  return {};
}

Status CheckPartitionColumns(const std::vector<std::string>& columns, const Schema& schema) {
  for (auto column = columns.begin(); column != columns.end(); ++column) {
    const auto& fields = schema.fields();
    const bool known =
        std::any_of(fields.begin(), fields.end(), [&](const StructField& field) { return field.name == *column; });
    if (!known) {
      std::vector<std::string_view> names;
      for (const StructField& field : fields) {
        names.push_back(field.name);
      }
      return Invalid(fmt::format("the partition column {} is none of the rows' columns ({}){}", *column, schema.ToDdl(),
                                 DidYouMean(*column, names)));
    }
    if (std::find(columns.begin(), column, *column) != column) {
      return Invalid(fmt::format("the partition column {} is named twice", *column));
    }
  }
  if (!columns.empty() && columns.size() >= schema.size()) {
    return Invalid("a Delta table cannot be partitioned by all of its columns: name fewer partition columns");
  }
  return {};
}

// Only the creation of a table judges its properties and the types of its partition columns, which is too late for a
// new table and never happens for one that is there. So a table of this schema is created elsewhere first.
Status CheckOnTrial(const std::map<std::string, std::string>& properties, const std::vector<std::string>& partition_by,
                    const Schema& schema, const DeltaLibrary* library) {
  if (properties.empty() && partition_by.empty()) {
    return {};
  }
  SystemRandom random;
  HF_ASSIGN_OR_RETURN(const auto trial, ScratchDirectory::Make("", random));
  HF_ASSIGN_OR_RETURN(DeltaTable table, DeltaTable::Open(trial->path(), library));
  const Status created = table.Create(AsNullable(schema), properties, partition_by);
  if (created.ok() || created.kind() == ErrorKind::kUnavailable) {
    return created.WithContext(
        "trying the Delta sink's table properties in the directory for temporary files (TMPDIR)");
  }
  std::string reason(created.message());
  for (std::size_t at = reason.find(trial->path()); at != std::string::npos; at = reason.find(trial->path())) {
    reason.replace(at, trial->path().size(), "on trial");
  }
  std::string given;
  for (const auto& [name, value] : properties) {
    given += fmt::format("{}{}={}", given.empty() ? "" : ", ", name, value);
  }
  if (properties.empty()) {
    return Invalid(
        fmt::format("the Delta sink cannot partition its table by {}: {}", fmt::join(partition_by, ", "), reason));
  }
  return Invalid(
      fmt::format("the Delta sink cannot have its table properties ({}): {}; leave out the one that is "
                  "named",
                  given, reason));
}

}  // namespace

Result<std::unique_ptr<DeltaSink>> DeltaSink::Create(const std::string& path,
                                                     const std::map<std::string, std::string>& options,
                                                     const std::string& output_mode, const DeltaLibrary* library,
                                                     std::vector<std::string> partition_by) {
  HF_ASSIGN_OR_RETURN(const std::string local, PathFromHadoopPath(path));
  if (!local.starts_with('/')) {
    return Invalid(fmt::format("the path of a Delta sink must be absolute: {}", path));
  }
  Parts parts = {.path = local,
                 .output_mode = output_mode,
                 .properties = {},
                 .writing = {.partition_by = std::move(partition_by), .merge_schema = false}};
  for (const auto& [name, value] : options) {
    if (name.starts_with("delta.")) {
      parts.properties.emplace(name, value);
    } else if (LowerCase(name) == "mergeschema") {
      HF_ASSIGN_OR_RETURN(parts.writing.merge_schema, ParseBooleanOption(name, value));
    } else if (name != "path") {
      return Invalid(
          fmt::format("the Delta sink has no option {} (given as \"{}\"); it takes table properties "
                      "(delta.*) and mergeSchema",
                      name, value));
    }
  }
  HF_ASSIGN_OR_RETURN(DeltaTable table, DeltaTable::Open(local, library));
  return std::unique_ptr<DeltaSink>(new DeltaSink(std::move(table), std::move(parts), library));
}

std::string DeltaSink::description() const { return fmt::format("DeltaSink[{}]", HadoopPathFromPath(path_)); }

Status DeltaSink::Open(const Schema& schema, const std::string& query_id) {
  if (schema.size() == 0) {
    return Invalid(fmt::format("a Delta table needs a column: {}", path_));
  }
  HF_RETURN_IF_ERROR(CheckStorable(schema.type(), ""));
  HF_RETURN_IF_ERROR(CheckPartitionColumns(writing_.partition_by, schema));
  HF_RETURN_IF_ERROR(CheckOnTrial(properties_, writing_.partition_by, schema, library_));
  HF_ASSIGN_OR_RETURN(const DeltaState state, table_.State());
  if (state.exists) {
    HF_RETURN_IF_ERROR(table_.CheckAppend(schema, writing_));
  }
  table_exists_ = state.exists;
  schema_ = schema;
  query_id_ = query_id;
  return {};
}

Result<bool> DeltaSink::Holds(std::int64_t batch) {
  HF_ASSIGN_OR_RETURN(const std::optional<std::int64_t> last, table_.LastCommitOf(query_id_));
  return last.has_value() && *last >= batch;
}

Status DeltaSink::EnsureTable() {
  if (table_exists_) {
    return {};
  }
  // Nullable throughout, as Spark's DeltaSink creates it (ImplicitMetadataOperation: schema.asNullable).
  const Status created = table_.Create(AsNullable(schema_), properties_, writing_.partition_by);
  // Somebody else made the table meanwhile: his schema decides.
  if (!created.ok() && created.kind() == ErrorKind::kConflict) {
    HF_RETURN_IF_ERROR(table_.CheckAppend(schema_, writing_));
  } else {
    HF_RETURN_IF_ERROR(created);
  }
  table_exists_ = true;
  return {};
}

Status DeltaSink::Stage(std::int64_t batch, const std::vector<ColumnBatch>& rows) {
  // A new table would be seen: it waits for Commit.
  return table_exists_ ? StageRows(batch, rows) : Status();
}

Status DeltaSink::StageRows(std::int64_t batch, const std::vector<ColumnBatch>& rows) {
  const DeltaAppend what = {
      .app_id = query_id_, .app_version = batch, .output_mode = output_mode_, .merge_schema = writing_.merge_schema};
  HF_ASSIGN_OR_RETURN(staged_, table_.Stage(what, schema_, rows));
  staged_batch_ = batch;
  return {};
}

Result<SinkCommit> DeltaSink::Commit(std::int64_t batch, const std::vector<ColumnBatch>& rows) {
  if (!staged_.has_value() || staged_batch_ != batch) {
    HF_RETURN_IF_ERROR(EnsureTable());
    HF_RETURN_IF_ERROR(StageRows(batch, rows));
  }
  HF_ASSIGN_OR_RETURN(const DeltaAppended appended, table_.Append(*std::exchange(staged_, std::nullopt)));
  checkpoint_due_ = appended.checkpoint_due;
  return appended.skipped ? SinkCommit::kWasThere : SinkCommit::kAdded;
}

// Only readers' speed depends on the checkpoint, and when it fails the next commit is due for it again.
std::function<Status()> DeltaSink::TakeUpkeep() {
  if (!std::exchange(checkpoint_due_, false) || checkpoint_pending_.exchange(true)) {
    return nullptr;
  }
  return [this] {
    checkpoint_pending_ = false;
    return table_.WriteCheckpoint();
  };
}

}  // namespace hf
