// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "arguments.h"
#include "commands.h"
#include "holdfast/state_reader.h"
#include "rows_output.h"

namespace hf::cli {

namespace {

// FROM..TO, or without TO: to the last committed batch.
Result<StateReadOptions::Changes> ParseChanges(const std::string& text) {
  const std::size_t dots = text.find("..");
  const auto first = ParseBatch(text.substr(0, dots));
  const std::string last = dots == std::string::npos ? std::string() : text.substr(dots + 2);
  if (!first.has_value() || (!last.empty() && !ParseBatch(last).has_value())) {
    return Invalid(fmt::format("--changes {}: what is wanted is FROM..TO, two batch ids, such as 3..7 or 3..", text),
                   "STDS_INVALID_OPTION_VALUE.WITH_MESSAGE");
  }
  return StateReadOptions::Changes{.first = *first, .last = ParseBatch(last)};
}

Status ReadTo(RowsOutput& output, const StateCommand& command) {
  StateReadOptions options{.batch_id = command.batch,
                           .operator_id = command.operator_id,
                           .variable = command.variable,
                           .timers = command.timers,
                           .flatten = command.flatten};
  if (!command.changes.empty()) {
    HF_ASSIGN_OR_RETURN(options.changes, ParseChanges(command.changes));
  }
  if (command.partition.has_value() && !command.snapshot_batch.has_value()) {
    return Invalid("--partition needs --snapshot-batch", "STDS_REQUIRED_OPTION_UNSPECIFIED");
  }
  if (command.snapshot_batch.has_value()) {
    options.snapshot_start = {.batch_id = *command.snapshot_batch, .partition_id = command.partition};
  }
  return ReadState(command.checkpoint, options, [&output](const ColumnBatch& rows) { return output.Write(rows); });
}

}  // namespace

int RunState(const StateCommand& command) {
  RowsOutput output(command.format, command.rows_max);
  const Status read = ReadTo(output, command);
  if (!read.ok()) {
    const int code = Fail(read);
    // No variable named where there are several, or none of that name: the command line is to be mended.
    const bool usage = read.condition() == "STDS_REQUIRED_OPTION_UNSPECIFIED" ||
                       read.condition() == "STDS_CONFLICT_OPTIONS" ||
                       read.condition() == "CANNOT_LOAD_STATE_STORE.SNAPSHOT_PARTITION_ID_NOT_FOUND" ||
                       read.condition().starts_with("STDS_INVALID_OPTION_VALUE");
    return usage ? kExitUsage : code;
  }
  output.Finish();
  return kExitOk;
}

int RunStateMetadata(const std::string& checkpoint, const std::string& format) {
  const auto batch = ReadStateMetadataRows(checkpoint);
  if (!batch.ok()) {
    return Fail(batch.status());
  }
  RowsOutput output(format, 0);
  if (const Status written = output.Write(*batch); !written.ok()) {
    return Fail(written);
  }
  output.Finish();
  return kExitOk;
}

}  // namespace hf::cli
