// SPDX-License-Identifier: Apache-2.0
// DeltaSink appends result rows to a Delta table, exactly once.
//
//  1. A batch is one commit that carries txn{appId = query id, version = batch id}, as Spark's own DeltaSink writes
//     it (io.delta, DeltaSink.addBatch), so that Holdfast and Spark each skip what the other has committed.
//  2. A batch without rows still commits its txn, as Spark's does.
//  3. The table is created with the first batch, not before: a query that is refused at its start leaves nothing.
//  4. With mergeSchema the first batch whose rows have new columns adds them, in the commit that has these rows, also
//     when it has none. A column of another type is refused in any case.
#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connect/delta/delta_write_options.h"
#include "holdfast/sink.h"

namespace hf {

class DeltaSink final : public Sink {
 public:
  // `path` is absolute, or a file: URI. Options: delta.* (table properties, used when the table is created; Open
  // refuses those that cannot be had, also for a table that is there) and mergeSchema; others are refused by
  // name. `output_mode` ("Append", "Update") goes into the table's history. `partition_by` are columns of the rows: a
  // new table is partitioned by them, and one that is there must be.
  // `library`: see DeltaTable::Open.
  static Result<std::unique_ptr<DeltaSink>> Create(const std::string& path,
                                                   const std::map<std::string, std::string>& options,
                                                   const std::string& output_mode,
                                                   const DeltaLibrary* library = nullptr,
                                                   std::vector<std::string> partition_by = {});

  [[nodiscard]] std::string description() const override;
  Status Open(const Schema& schema, const std::string& query_id) override;
  Result<bool> Holds(std::int64_t batch) override;
  Status Stage(std::int64_t batch, const std::vector<ColumnBatch>& rows) override;
  Result<SinkCommit> Commit(std::int64_t batch, const std::vector<ColumnBatch>& rows) override;
  std::function<Status()> TakeUpkeep() override;

 private:
  struct Parts {
    std::string path;
    std::string output_mode;
    DeltaWriteOptions options;
  };
  DeltaSink(DeltaTable table, Parts parts, const DeltaLibrary* library)
      : library_(library),
        table_(std::move(table)),
        path_(std::move(parts.path)),
        output_mode_(std::move(parts.output_mode)),
        options_(std::move(parts.options)) {}

  Status EnsureTable();
  Status StageRows(std::int64_t batch, const std::vector<ColumnBatch>& rows);

  const DeltaLibrary* library_;  // null: DeltaLibrary::Get()'s
  DeltaTable table_;
  const std::string path_;
  const std::string output_mode_;
  const DeltaWriteOptions options_;
  Schema schema_;
  std::string query_id_;
  bool table_exists_ = false;
  std::optional<DeltaStaged> staged_;
  std::int64_t staged_batch_ = -1;  // meaningful while staged_ has a value
  bool checkpoint_due_ = false;
  std::atomic<bool> checkpoint_pending_ = false;  // has been taken, and has not begun
};

}  // namespace hf
