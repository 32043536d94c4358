// SPDX-License-Identifier: Apache-2.0
#include "connect/memory/callback_sink.h"

#include <fmt/core.h>

#include "base/caught.h"
#include "rows/column_builder.h"

namespace hf {

Result<ColumnBatch> Concatenate(const Schema& schema, const std::vector<ColumnBatch>& parts) {
  std::int64_t rows = 0;
  for (const ColumnBatch& part : parts) {
    rows += part.rows();
  }
  for (const ColumnBatch& part : parts) {
    if (part.rows() == rows && rows > 0) {
      return part;
    }
  }
  std::vector<ColumnBuilder> builders = MakeBuilders(schema);
  try {
    for (std::size_t column = 0; column < builders.size(); ++column) {
      builders[column].Reserve(rows);
      for (const ColumnBatch& part : parts) {
        for (std::int64_t row = 0; row < part.rows(); ++row) {
          builders[column].AppendFrom(part.column(column), row);
        }
      }
    }
  } catch (const StatusError& error) {
    return error.status();
  }
  return FinishBatch(schema, builders);
}

Status CallbackSink::Open(const Schema& schema, const std::string&) {
  schema_ = schema;
  return {};
}

Result<SinkCommit> CallbackSink::Commit(std::int64_t batch, const std::vector<ColumnBatch>& rows) {
  HF_ASSIGN_OR_RETURN(const ColumnBatch all, Concatenate(schema_, rows));
  HF_RETURN_IF_ERROR(CaughtFromUser(fmt::format("the foreachBatch function failed in batch {}", batch),
                                    "FOREACH_BATCH_USER_FUNCTION_ERROR", [&] { return callback_(all, batch); }));
  return SinkCommit::kAdded;
}

}  // namespace hf
