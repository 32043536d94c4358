// SPDX-License-Identifier: Apache-2.0
// TimeIndex: what becomes due at a time, in the order of time: a family of keys {milliseconds, struct} with nothing as
// value. Timers by time and the expirations of a variable with TTL are such families (Spark 4.3 TimerStateImpl
// timestampToKey, TTLState ttlIndex).
//
// Knows a time before which there is nothing, so that asking costs nothing while nothing is due, however much waits
// and however much has gone.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/row_frame.h"
#include "state/store.h"

namespace hf {

// Some entries of an index, by time and then by the bytes of the row.
class TimeEntries {
 public:
  void Add(std::int64_t time_ms, std::string_view row) {
    times_.push_back(time_ms);
    rows_.append(row);
    ends_.push_back(rows_.size());
  }
  [[nodiscard]] std::size_t size() const { return times_.size(); }
  [[nodiscard]] std::int64_t time_ms(std::size_t i) const { return times_[i]; }
  [[nodiscard]] std::string_view row(std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(rows_).substr(begin, ends_[i] - begin);
  }

 private:
  std::vector<std::int64_t> times_;
  std::string rows_;
  std::vector<std::size_t> ends_;
};

class TimeIndex {
 public:
  // `store` outlives it.
  TimeIndex(const RowFrame& frame, Store& store, FamilyId family) : frame_(frame), store_(&store), family_(family) {}

  // `row`: the encoded struct. Twice the same is once.
  void Put(std::int64_t time_ms, std::string_view row);
  void Remove(std::int64_t time_ms, std::string_view row);
  // The entries up to `until_ms`, that included. kCorrupt when a key is no such key.
  Result<TimeEntries> Due(std::int64_t until_ms);
  // The time of the first entry; nullopt: there is none.
  Result<std::optional<std::int64_t>> Earliest();

 private:
  // The key up to and with its time, in `key_`.
  void BeginKey(std::int64_t time_ms);
  void MakeKey(std::int64_t time_ms, std::string_view row);
  [[nodiscard]] Result<std::int64_t> TimeOf(const FramedKey& key) const;
  // Visits entries from the first possible one on, until `visit` returns false.
  Status Scan(const std::function<bool(std::int64_t time_ms, std::string_view row)>& visit);

  RowFrame frame_;
  Store* store_;
  FamilyId family_;
  std::int64_t none_before_ms_ = std::numeric_limits<std::int64_t>::min();
  std::string key_;    // scratch
  std::string value_;  // scratch
};

}  // namespace hf
