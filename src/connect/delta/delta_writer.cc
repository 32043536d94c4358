// SPDX-License-Identifier: Apache-2.0
#include "connect/delta/delta_writer.h"

#include <fmt/format.h>

#include "connect/delta/delta_write_options.h"
#include "connect/file/nullable_schema.h"
#include "holdfast/log.h"

namespace hf {

Status WriteDelta(const DeltaWrite& write, const Schema& schema, const std::vector<ColumnBatch>& rows) {
  HF_ASSIGN_OR_RETURN(const DeltaWriteOptions options, ParseDeltaWriteOptions(write.options, write.partition_by));
  HF_ASSIGN_OR_RETURN(DeltaTable table, DeltaTable::Open(write.path));
  HF_RETURN_IF_ERROR(CheckDeltaWrite(write.path, options, schema, nullptr));
  HF_ASSIGN_OR_RETURN(const DeltaState state, table.State());
  if (state.exists && write.mode == DeltaSaveMode::kErrorIfExists) {
    return Invalid(
        fmt::format("there is a Delta table at {} already. Set mode as \"overwrite\" to overwrite its rows, or "
                    "append to it",
                    write.path),
        "DELTA_PATH_EXISTS");
  }
  if (state.exists && write.mode == DeltaSaveMode::kIgnore) {
    return Status();
  }
  HF_RETURN_IF_ERROR(state.exists ? table.CheckAppend(schema, options.writing)
                                  : table.Create(AsNullable(schema), options.properties, options.writing.partition_by));
  const DeltaAppend what = {.merge_schema = options.writing.merge_schema,
                            .write_mode = write.mode == DeltaSaveMode::kOverwrite ? "Overwrite" : "Append"};
  HF_ASSIGN_OR_RETURN(DeltaStaged staged, table.Stage(what, schema, rows));
  HF_ASSIGN_OR_RETURN(const DeltaAppended appended, table.Append(std::move(staged)));
  // The rows are safe already; without the checkpoint readers are slower, and the next commit is due for it again.
  if (const Status written = appended.checkpoint_due ? table.WriteCheckpoint() : Status(); !written.ok()) {
    Log(LogLevel::kWarning, fmt::format("the log of {} got no checkpoint: {}", write.path, written.ToString()));
  }
  return Status();
}

}  // namespace hf
