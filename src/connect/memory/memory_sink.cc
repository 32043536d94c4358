// SPDX-License-Identifier: Apache-2.0
#include "connect/memory/memory_sink.h"

namespace hf {
namespace {

void AppendRows(const ColumnBatch& batch, std::vector<Row>& rows) {
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    rows.push_back(batch.RowAt(row));
  }
}

}  // namespace

Status MemorySink::Open(const Schema& schema, const std::string&) {
  const std::lock_guard lock(mutex_);
  schema_ = schema;
  return {};
}

Result<SinkCommit> MemorySink::Commit(std::int64_t batch, const std::vector<ColumnBatch>& rows) {
  const std::lock_guard lock(mutex_);
  return batches_.emplace(batch, rows).second ? SinkCommit::kAdded : SinkCommit::kWasThere;
}

Status MemorySink::Emit(std::int64_t batch, const std::vector<ColumnBatch>& rows) {
  const std::lock_guard lock(mutex_);
  std::vector<ColumnBatch>& held = batches_[batch];
  held.insert(held.end(), rows.begin(), rows.end());
  return Status();
}

Schema MemorySink::schema() const {
  const std::lock_guard lock(mutex_);
  return schema_;
}

std::vector<Row> MemorySink::rows() const {
  const std::lock_guard lock(mutex_);
  std::vector<Row> rows;
  for (const auto& [id, parts] : batches_) {
    for (const ColumnBatch& part : parts) {
      AppendRows(part, rows);
    }
  }
  return rows;
}

std::vector<Row> MemorySink::RowsOf(std::int64_t batch) const {
  const std::lock_guard lock(mutex_);
  std::vector<Row> rows;
  if (const auto found = batches_.find(batch); found != batches_.end()) {
    for (const ColumnBatch& part : found->second) {
      AppendRows(part, rows);
    }
  }
  return rows;
}

std::vector<ColumnBatch> MemorySink::batches() const {
  const std::lock_guard lock(mutex_);
  std::vector<ColumnBatch> all;
  for (const auto& [id, parts] : batches_) {
    all.insert(all.end(), parts.begin(), parts.end());
  }
  return all;
}

std::vector<std::int64_t> MemorySink::batch_ids() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::int64_t> ids;
  for (const auto& [id, parts] : batches_) {
    ids.push_back(id);
  }
  return ids;
}

void MemorySink::Clear() {
  const std::lock_guard lock(mutex_);
  batches_.clear();
}

}  // namespace hf
