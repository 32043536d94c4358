// SPDX-License-Identifier: Apache-2.0
#include "connect/memory/foreach_sink.h"

#include <fmt/core.h>

#include <functional>

#include "base/caught.h"

namespace hf {
namespace {

// Runs a function of the writer's; what it throws becomes a Status that says which function and where.
Status Called(std::string_view function, std::int64_t part, std::int64_t batch, const std::function<void()>& call) {
  return CaughtFromUser(
      fmt::format("{} of the foreach writer failed in partition {} of batch {}", function, part, batch),
      "FOREACH_USER_FUNCTION_ERROR", [&call] {
        call();
        return Status();
      });
}

}  // namespace

Status ForeachSink::Open(const Schema& schema, const std::string&) {
  return writer_->Bind(schema).WithContext("the result's rows do not fit the type of the foreach writer");
}

// Spark 4.3 ForeachDataWriter: an Open that throws is not closed; one that says no is.
Status ForeachSink::WritePart(std::int64_t part, std::int64_t batch, const ColumnBatch& rows) {
  bool wanted = false;
  HF_RETURN_IF_ERROR(Called("Open", part, batch, [&] { wanted = writer_->Open(part, batch); }));
  Status written;
  if (wanted) {
    written = Called("Process", part, batch, [&] {
      for (std::int64_t row = 0; row < rows.rows(); ++row) {
        writer_->Process(rows, row);
      }
    });
  }
  const Status closed = Called("Close", part, batch, [&] { writer_->Close(written); });
  return written.ok() ? closed : written;
}

Status ForeachSink::Emit(std::int64_t batch, const std::vector<ColumnBatch>& rows) {
  if (batch != emitting_batch_) {
    emitting_batch_ = batch;
    next_part_ = 0;
  }
  for (const ColumnBatch& part : rows) {
    HF_RETURN_IF_ERROR(WritePart(next_part_++, batch, part));
  }
  return Status();
}

Result<SinkCommit> ForeachSink::Commit(std::int64_t batch, const std::vector<ColumnBatch>& rows) {
  if (rows.empty()) {
    HF_RETURN_IF_ERROR(WritePart(0, batch, ColumnBatch()));
  }
  for (std::size_t part = 0; part < rows.size(); ++part) {
    HF_RETURN_IF_ERROR(WritePart(static_cast<std::int64_t>(part), batch, rows[part]));
  }
  return SinkCommit::kAdded;
}

}  // namespace hf
