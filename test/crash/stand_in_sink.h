// SPDX-License-Identifier: Apache-2.0
// StandInSink: a sink in memory for what runs on a simulated disk: durable, knows its batches, and stops with the
// machine.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/sink.h"
#include "holdfast/value.h"

namespace hf {

// What outlives every stop.
struct StandInTable {
  std::map<std::int64_t, std::vector<std::string>> committed;  // rows as JSON, by batch
  std::multiset<std::string> emitted;                          // those of real-time batches
};

class StandInSink final : public Sink {
 public:
  // `stops` is asked before and after rows come: whether the machine has stopped there. Both outlive the sink.
  StandInSink(StandInTable& table, std::function<bool(std::int64_t batch)> stops)
      : table_(table), stops_(std::move(stops)) {}
  [[nodiscard]] std::string description() const override { return "StandInSink"; }
  Status Open(const Schema&, const std::string&) override { return Status(); }
  Result<bool> Holds(std::int64_t batch) override { return table_.committed.count(batch) != 0; }
  Result<SinkCommit> Commit(std::int64_t batch, const std::vector<ColumnBatch>& rows) override {
    if (stops_(batch)) {
      return Unavailable("stopped before the sink's commit");
    }
    const bool is_new = table_.committed.count(batch) == 0;
    if (is_new) {
      table_.committed[batch] = TextsOf(rows);
    }
    if (stops_(batch)) {
      return Unavailable("stopped after the sink's commit");
    }
    return is_new ? SinkCommit::kAdded : SinkCommit::kWasThere;
  }
  [[nodiscard]] bool TakesRowsAtOnce() const override { return true; }
  Status Emit(std::int64_t batch, const std::vector<ColumnBatch>& rows) override {
    if (stops_(batch)) {
      return Unavailable("stopped before the sink took rows");
    }
    for (std::string& row : TextsOf(rows)) {
      table_.emitted.insert(std::move(row));
    }
    return stops_(batch) ? Unavailable("stopped after the sink took rows") : Status();
  }

 private:
  static std::vector<std::string> TextsOf(const std::vector<ColumnBatch>& rows) {
    std::vector<std::string> texts;
    for (const ColumnBatch& part : rows) {
      for (std::int64_t row = 0; row < part.rows(); ++row) {
        texts.push_back(ToJson(part.RowAt(row), part.schema()));
      }
    }
    return texts;
  }

  StandInTable& table_;
  const std::function<bool(std::int64_t batch)> stops_;
};

}  // namespace hf
