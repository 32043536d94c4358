// SPDX-License-Identifier: Apache-2.0
// Timers: the timers of a partition, each a grouping key and a time, kept twice: by key, to list those of a key, and by
// time, to find those that are due (Spark 4.3 TimerStateImpl).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "state/state_plan.h"
#include "state/store.h"
#include "state/time_index.h"

namespace hf {

class Timers {
 public:
  // The column families are made where the store has none. `time_mode`: "ProcessingTime" or "EventTime". `store` and
  // `plan` outlive it.
  static Result<Timers> Open(Store& store, const StatePlan& plan, std::string_view time_mode);

  // `key`: the row of a grouping key. False: it is there already, or not there; then nothing changes.
  Result<bool> Register(std::string_view key, std::int64_t expiry_ms);
  Result<bool> Delete(std::string_view key, std::int64_t expiry_ms);
  // Removes a timer that NextDue has given.
  void Remove(std::string_view key, std::int64_t expiry_ms);
  // In the order of their bytes.
  Result<std::vector<std::int64_t>> List(std::string_view key);
  // By time, then by key: those that are there when the walk begins, some at a time (TimeIndex).
  void BeginDue(std::int64_t until_ms) { by_time_.BeginDue(until_ms); }
  Result<TimeEntries> NextDue(std::size_t count) { return by_time_.NextDue(count); }
  Result<std::optional<std::int64_t>> Earliest() { return by_time_.Earliest(); }

 private:
  Timers(const RowFrame& frame, Store& store, FamilyId by_key, FamilyId by_time)
      : frame_(frame), store_(&store), by_key_(by_key), by_time_(frame, store, by_time) {}
  // What the keys of all timers of `key` begin with, in `key_`.
  void SetPrefix(std::string_view key);
  void SetKey(std::string_view key, std::int64_t expiry_ms);

  RowFrame frame_;
  Store* store_;
  FamilyId by_key_;
  TimeIndex by_time_;
  std::string key_;    // scratch
  std::string value_;  // scratch
};

}  // namespace hf
