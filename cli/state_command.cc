// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "commands.h"
#include "holdfast/state_reader.h"
#include "rows_output.h"

namespace hf::cli {

int RunState(const StateCommand& command) {
  RowsOutput output(command.format, command.rows_max);
  const Status read = ReadState(
      command.checkpoint, {.batch_id = command.batch, .operator_id = command.operator_id, .variable = command.variable},
      [&output](const ColumnBatch& rows) { return output.Write(rows); });
  if (!read.ok()) {
    const int code = Fail(read);
    // No variable named where there are several, or none of that name: the command line is to be mended.
    const bool usage = read.condition() == "STDS_REQUIRED_OPTION_UNSPECIFIED" ||
                       read.condition() == "STDS_INVALID_OPTION_VALUE.WITH_MESSAGE";
    return usage ? kExitUsage : code;
  }
  output.Finish();
  return kExitOk;
}

int RunStateMetadata(const std::string& checkpoint, const std::string& format) {
  const auto operators = ReadStateMetadata(checkpoint);
  if (!operators.ok()) {
    return Fail(operators.status());
  }
  // The visible columns of Spark's "state-metadata" source, in its order.
  const Schema schema({{.name = "operatorId", .type = DataType::Long()},
                       {.name = "operatorName", .type = DataType::String()},
                       {.name = "stateStoreName", .type = DataType::String()},
                       {.name = "numPartitions", .type = DataType::Int()},
                       {.name = "minBatchId", .type = DataType::Long()},
                       {.name = "maxBatchId", .type = DataType::Long()},
                       {.name = "operatorProperties", .type = DataType::String()}});
  std::vector<Row> rows;
  for (const OperatorStateSummary& info : *operators) {
    rows.push_back({info.operator_id, info.operator_name, info.state_store_name,
                    static_cast<std::int32_t>(info.num_partitions), info.min_batch_id, info.max_batch_id,
                    info.operator_properties});
  }
  const auto batch = ColumnBatch::FromRows(schema, rows);
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
