// SPDX-License-Identifier: Apache-2.0
#include "connect/delta/delta_sink.h"

#include <fmt/format.h>

#include <utility>

#include "base/file_uri.h"
#include "connect/file/nullable_schema.h"

namespace hf {

Result<std::unique_ptr<DeltaSink>> DeltaSink::Create(const std::string& path,
                                                     const std::map<std::string, std::string>& options,
                                                     const std::string& output_mode, const DeltaLibrary* library,
                                                     std::vector<std::string> partition_by) {
  HF_ASSIGN_OR_RETURN(const std::string local, PathFromHadoopPath(path));
  if (!local.starts_with('/')) {
    return Invalid(fmt::format("the path of a Delta sink must be absolute: {}", path));
  }
  Parts parts = {.path = local, .output_mode = output_mode, .options = {}};
  HF_ASSIGN_OR_RETURN(parts.options, ParseDeltaWriteOptions(options, std::move(partition_by)));
  HF_ASSIGN_OR_RETURN(DeltaTable table, DeltaTable::Open(local, library));
  return std::unique_ptr<DeltaSink>(new DeltaSink(std::move(table), std::move(parts), library));
}

std::string DeltaSink::description() const { return fmt::format("DeltaSink[{}]", HadoopPathFromPath(path_)); }

Status DeltaSink::Open(const Schema& schema, const std::string& query_id) {
  HF_RETURN_IF_ERROR(CheckDeltaWrite(path_, options_, schema, library_));
  HF_ASSIGN_OR_RETURN(const DeltaState state, table_.State());
  if (state.exists) {
    HF_RETURN_IF_ERROR(table_.CheckAppend(schema, options_.writing));
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
  const Status created = table_.Create(AsNullable(schema_), options_.properties, options_.writing.partition_by);
  // Somebody else made the table meanwhile: his schema decides.
  if (!created.ok() && created.kind() == ErrorKind::kConflict) {
    HF_RETURN_IF_ERROR(table_.CheckAppend(schema_, options_.writing));
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
  const DeltaAppend what = {.app_id = query_id_,
                            .app_version = batch,
                            .output_mode = output_mode_,
                            .merge_schema = options_.writing.merge_schema};
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
