// SPDX-License-Identifier: Apache-2.0
// ConsoleSink shows each batch as Spark's console sink does (Spark 4.3: ConsoleWrite.printRows):
//
//   -------------------------------------------
//   Batch: 0
//   -------------------------------------------
//   +---+
//   ...
//
// The text goes to the caller's function.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "connect/memory/table_text.h"
#include "holdfast/sink.h"

namespace hf {

class ConsoleSink final : public Sink {
 public:
  using Write = std::function<void(std::string_view)>;

  // Options: numRows (20), truncate ("true"; "false" shows cells whole); others are refused by name. `write` is called
  // once a batch, on the thread that commits.
  static Result<std::unique_ptr<ConsoleSink>> Create(Write write, const std::map<std::string, std::string>& options,
                                                     const std::string& time_zone);

  [[nodiscard]] std::string description() const override;
  Status Open(const Schema& schema, const std::string& query_id) override;
  Result<bool> Holds(std::int64_t) override { return false; }
  Result<SinkCommit> Commit(std::int64_t batch, const std::vector<ColumnBatch>& rows) override;
  [[nodiscard]] bool TakesRowsAtOnce() const override { return true; }
  Status Emit(std::int64_t batch, const std::vector<ColumnBatch>& rows) override {
    return Commit(batch, rows).status();
  }

 private:
  ConsoleSink(Write write, TableTextOptions options) : write_(std::move(write)), options_(std::move(options)) {}

  const Write write_;
  const TableTextOptions options_;
  Schema schema_;
};

}  // namespace hf
