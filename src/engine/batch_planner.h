// SPDX-License-Identifier: Apache-2.0
// BatchPlanner: which batch is run next, if any: the unfinished one of an earlier run, else one with new input, else,
// where time alone gives an operator something to do, one without rows.
//
// Time gives it something to do when
//   - with kEventTime the last batch moved its watermark (Spark 4.3: shouldRunAnotherBatch), or
//   - a timer, or with kProcessingTime a TTL, has come due since the last batch.
// Spark runs batches without rows under kProcessingTime for ever; here a query rests until something is due. With a
// trigger that ends, what counts is what was due when it began.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "engine/recovery.h"
#include "engine/stream_plan.h"

namespace hf {

struct Batch {
  std::int64_t id = 0;
  OffsetSeq entry;
  std::vector<SourceOffset> start;  // by input; the end is entry.offsets
  bool is_rerun = false;

  [[nodiscard]] bool HasInput(std::size_t input) const { return start[input] != entry.offsets[input]; }
};

class BatchPlanner {
 public:
  // By operator the earliest time, by the clock of its time mode, at which its state has something to do; nullopt:
  // never.
  using NextExpiry = std::function<Result<std::vector<std::optional<std::int64_t>>>()>;

  // Both outlive the planner; `recovered` says where the query stands, and moves with it.
  BatchPlanner(const StreamPlan& plan, const Recovered& recovered, NextExpiry next_expiry)
      : plan_(plan), recovered_(recovered), next_expiry_(std::move(next_expiry)) {}

  // For the triggers that end: what is available now is all there is. `once`: in a single batch.
  Status FixAvailable(bool once);
  // nullopt: there is nothing to do.
  Result<std::optional<Batch>> Next();
  // Where the sources are that have been read up to `known`.
  Result<std::vector<SourceOffset>> LatestAfter(const std::vector<SourceOffset>& known);
  // Whether a batch without input is to be run.
  Result<bool> IsDue();
  // A batch that begins where the last one ended.
  [[nodiscard]] Batch EndingAt(std::vector<SourceOffset> end) const;

 private:
  struct Fixed {
    std::int64_t now_ms;
    std::int64_t first_batch;  // the first that is planned after that
    bool once;
  };

  [[nodiscard]] Batch Unfinished() const;
  // A batch that ends where the sources have their last rows; nullopt: none has new ones.
  Result<std::optional<Batch>> WithInput();
  [[nodiscard]] std::int64_t WatermarkOf(const StreamOperator& of) const;

  const StreamPlan& plan_;
  const Recovered& recovered_;
  const NextExpiry next_expiry_;
  std::optional<Fixed> fixed_;
};

}  // namespace hf
