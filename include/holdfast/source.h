// SPDX-License-Identifier: Apache-2.0
// Source: where rows come from. The engine knows sources only by this interface.
//
// An offset is a position in the source's data, as JSON text that only the source understands; it is recorded
// verbatim in the checkpoint's offset log. A batch holds the rows after `start` up to and including `end`; the same
// (start, end) always yields the same rows in the same order, also in another process after a crash.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "holdfast/batch.h"
#include "holdfast/status.h"

namespace hf {

using SourceOffset = std::optional<std::string>;  // nullopt: before any data

// A part of a batch that can be read on its own. Rows of a batch are those of its splits, in order.
class SourceSplit {
 public:
  virtual ~SourceSplit() = default;
  // The next rows; nullopt at the end. After a failure the split is of no more use.
  virtual Result<std::optional<ColumnBatch>> Next() = 0;
};

class Source {
 public:
  virtual ~Source() = default;
  [[nodiscard]] virtual const Schema& schema() const = 0;
  // For StreamingQueryProgress: "FileStreamSource[file:/data/events]".
  [[nodiscard]] virtual std::string description() const = 0;

  // The end of the batch that begins after `start`, under the source's own limits (maxFilesPerTrigger); equal to
  // `start` when there is nothing new. What the offset means is durable when this returns.
  virtual Result<SourceOffset> Latest(const SourceOffset& start) = 0;
  // Whether the end of the first batch is what says where the query began, so that nothing later may be in that batch.
  [[nodiscard]] virtual bool FirstBatchSaysWhereItBegan() const { return false; }
  // A query begins with this source: what an earlier one fixed no longer holds.
  virtual void BeginQuery() {}
  // Fixes what is available now: later calls of Latest go no further. Called once, for Trigger AvailableNow and Once.
  virtual Status FixAvailable(const SourceOffset& start) = 0;
  // For Trigger Once: from now on Latest ignores the limits.
  virtual void IgnoreLimits() = 0;

  virtual Result<std::vector<std::unique_ptr<SourceSplit>>> Plan(const SourceOffset& start,
                                                                 const SourceOffset& end) = 0;
  // The batch that is planned next was in the sink before, and is run again for its state: a source that may leave out
  // input which has gone must fail instead, else the state would lack rows that the sink has.
  virtual void NextPlanMustBeWhole() {}
  // From now on `notify` is called, on any thread, when Latest may have something new; an empty function ends that:
  // when it returns, no call is under way. A source that does not call it is asked again and again.
  virtual void NotifyOfRows(std::function<void()> notify) { static_cast<void>(notify); }
  // A hint that the batch after `start` will be planned next: the source may begin to read. Never changes results.
  virtual void ReadAhead(const SourceOffset& start) = 0;
  // Everything up to `end` is processed for good.
  virtual Status Commit(const SourceOffset& end) = 0;
};

}  // namespace hf
