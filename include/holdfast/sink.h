// SPDX-License-Identifier: Apache-2.0
// Sink: where result rows go. The engine knows sinks only by this interface.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "holdfast/batch.h"
#include "holdfast/status.h"

namespace hf {

enum class SinkCommit {
  kAdded,     // the batch is in the sink now
  kWasThere,  // the sink held this batch already (an earlier attempt committed it); nothing was added
};

class Sink {
 public:
  virtual ~Sink() = default;
  // For StreamingQueryProgress: "DeltaSink[file:/tables/v1_sessions]".
  [[nodiscard]] virtual std::string description() const = 0;

  // Called once before the first batch: everything that can be refused (schema, options, features of the table) is
  // refused here, before a row is written. `query_id` is the id in the checkpoint's metadata.
  virtual Status Open(const Schema& schema, const std::string& query_id) = 0;
  // Whether the sink already holds `batch`; for sinks that cannot know (console, memory, foreachBatch) false.
  virtual Result<bool> Holds(std::int64_t batch) = 0;
  // A head start: may write what nobody sees yet, such as data files, while the state of the batch becomes durable.
  // Commit of the same batch with the same rows follows, or nothing does, and then the sink removes what it staged when
  // it is destroyed. May be called on another thread than the rest, never at the same time as another call.
  virtual Status Stage(std::int64_t batch, const std::vector<ColumnBatch>& rows) {
    static_cast<void>(batch);
    static_cast<void>(rows);
    return Status();
  }
  // Adds all rows of a batch at once. When this returns well the rows are durable and visible (files, log entry and
  // directories synced). A batch that is there already is not added again.
  virtual Result<SinkCommit> Commit(std::int64_t batch, const std::vector<ColumnBatch>& rows) = 0;
  // Whether rows may be handed over before their batch ends, by Emit: what Trigger RealTime needs.
  [[nodiscard]] virtual bool TakesRowsAtOnce() const { return false; }
  // Some rows of a batch, as they come, durable when it returns. A batch may not be committed after all: then its rows
  // come again under the same id, in other portions and with others, by Emit or by Commit, and Holds must not speak of
  // it. REQUIRES: TakesRowsAtOnce.
  virtual Status Emit(std::int64_t batch, const std::vector<ColumnBatch>& rows) {
    static_cast<void>(batch);
    static_cast<void>(rows);
    return Status(ErrorKind::kInternal, "the sink does not take rows at once");
  }
  // Work that the last Commit made due and that no batch needs, such as a checkpoint of a table's log; null when there
  // is none. It is run once, on a background thread beside later calls, and before the sink is destroyed; what fails
  // in it is logged, since the rows are safe already.
  virtual std::function<Status()> TakeUpkeep() { return nullptr; }
};

}  // namespace hf
