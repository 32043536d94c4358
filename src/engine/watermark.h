// SPDX-License-Identifier: Apache-2.0
// Watermark: up to which event time a query has seen its input.
//
//  1. An operator of the plan watches one column; its watermark is the largest event time that it has seen minus its
//     delay, 0 before it has seen any. It never falls.
//  2. The query's watermark is the least (or, by policy, the greatest) of its operators'. It begins at 0 and never
//  falls.
//  3. It moves after a batch and counts from the next one on. Batch N is late-checked by that of batch N - 1, so that
//  no
//     row is dropped by what its own predecessors in one batch did, and timers expire by that of batch N.
//
// The checkpoint holds the query's watermark and not the operators': after a restart each operator begins anew, and the
// query's watermark stays until they have caught up. (Spark 4.3: WatermarkTracker, PropagateWatermarkSimulator.)
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "holdfast/batch.h"

namespace hf {

// The event times of a batch at one operator, in milliseconds rounded down. Rows without one do not count.
// (Spark 4.3, EventTimeStats, takes such a row for one of 1970; only the progress' min and avg show that.)
class EventTimes {
 public:
  // REQUIRES: a column of timestamps.
  void Add(const Column& column);

  [[nodiscard]] bool empty() const { return count_ == 0; }
  // REQUIRES: not empty.
  [[nodiscard]] std::int64_t min_ms() const { return min_; }
  [[nodiscard]] std::int64_t max_ms() const { return max_; }
  [[nodiscard]] std::int64_t avg_ms() const { return static_cast<std::int64_t>(sum_ / count_); }

 private:
  std::int64_t count_ = 0;
  std::int64_t min_ = 0;
  std::int64_t max_ = 0;
  __int128 sum_ = 0;
};

// spark.sql.streaming.multipleWatermarkPolicy
enum class WatermarkPolicy { kMin, kMax };

class Watermark {
 public:
  Watermark() = default;
  // `delays_ms` by operator; none: the watermark stays as it is. The others are those of the batch that is run next and
  // of the one before it, as the checkpoint's logs say.
  Watermark(WatermarkPolicy policy, std::vector<std::int64_t> delays_ms, std::int64_t eviction_ms,
            std::int64_t late_events_ms)
      : policy_(policy),
        delays_ms_(std::move(delays_ms)),
        operators_(delays_ms_.size()),
        eviction_ms_(eviction_ms),
        late_events_ms_(late_events_ms) {}

  // Of the next batch: what has an expiry up to here expires.
  [[nodiscard]] std::int64_t eviction_ms() const { return eviction_ms_; }
  // Of the next batch: rows up to here are late.
  [[nodiscard]] std::int64_t late_events_ms() const { return late_events_ms_; }
  // Whether the last batch moved it, so that a batch may have something to do even without rows.
  [[nodiscard]] bool has_moved() const { return eviction_ms_ > late_events_ms_; }

  // The batch is done, in which operator i saw `seen[i]`.
  void Advance(const std::vector<EventTimes>& seen);

 private:
  WatermarkPolicy policy_ = WatermarkPolicy::kMin;
  std::vector<std::int64_t> delays_ms_;
  std::vector<std::optional<std::int64_t>> operators_;  // nullopt: has not seen any event time in this run
  std::int64_t eviction_ms_ = 0;
  std::int64_t late_events_ms_ = 0;
};

// Whether a row is late: its event time is not after the watermark. A row without one never is.
// REQUIRES: a column of timestamps.
bool IsLate(const Column& event_time, std::int64_t row, std::int64_t late_events_ms);

}  // namespace hf
