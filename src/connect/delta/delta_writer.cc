// SPDX-License-Identifier: Apache-2.0
#include "connect/delta/delta_writer.h"

#include <fmt/format.h>

#include "connect/delta/delta_write_options.h"
#include "connect/file/nullable_schema.h"
#include "files/remove_tree.h"
#include "holdfast/log.h"

namespace hf {

namespace {

Result<DeltaAppended> StageAndAppend(DeltaTable& table, const DeltaAppend& what, const Schema& schema,
                                     const std::vector<ColumnBatch>& rows) {
  HF_ASSIGN_OR_RETURN(DeltaStaged staged, table.Stage(what, schema, rows));
  return table.Append(std::move(staged));
}

// The log of a table that was made for rows that cannot be written, unless somebody else has come to it.
void RemoveNewTable(DeltaTable& table, const std::string& path) {
  const Result<DeltaState> state = table.State();
  if (state.ok() && state->exists && state->version == 0) {
    const Status removed = RemoveBelow(path + "/_delta_log", {});
    if (!removed.ok()) {
      Log(LogLevel::kWarning, fmt::format("an empty Delta table stays at {}: {}", path, removed.ToString()));
    }
  }
}

}  // namespace

Status WriteDelta(const DeltaWrite& write, const Schema& schema, const std::vector<ColumnBatch>& rows) {
  HF_ASSIGN_OR_RETURN(const DeltaWriteOptions options, ParseDeltaWriteOptions(write.options, write.partition_by));
  HF_ASSIGN_OR_RETURN(DeltaTable table, DeltaTable::Open(write.path));
  HF_RETURN_IF_ERROR(CheckDeltaWrite(write.path, options, schema, nullptr));
  HF_ASSIGN_OR_RETURN(const DeltaState state, table.State());
  if (state.exists && write.mode == SaveMode::kErrorIfExists) {
    return Invalid(
        fmt::format("there is a Delta table at {} already. Set mode as \"overwrite\" to overwrite its rows, or "
                    "append to it",
                    write.path),
        "DELTA_PATH_EXISTS");
  }
  if (state.exists && write.mode == SaveMode::kIgnore) {
    return Status();
  }
  HF_RETURN_IF_ERROR(state.exists ? table.CheckAppend(schema, options.writing)
                                  : table.Create(AsNullable(schema), options.properties, options.writing.partition_by));
  const DeltaAppend what = {.merge_schema = options.writing.merge_schema,
                            .write_mode = write.mode == SaveMode::kOverwrite ? "Overwrite" : "Append"};
  const Result<DeltaAppended> appended = StageAndAppend(table, what, schema, rows);
  if (!appended.ok()) {
    if (!state.exists) {
      RemoveNewTable(table, write.path);
    }
    return appended.status();
  }
  // The rows are safe already; without the checkpoint readers are slower, and the next commit is due for it again.
  if (const Status written = appended->checkpoint_due ? table.WriteCheckpoint() : Status(); !written.ok()) {
    Log(LogLevel::kWarning, fmt::format("the log of {} got no checkpoint: {}", write.path, written.ToString()));
  }
  return Status();
}

}  // namespace hf
