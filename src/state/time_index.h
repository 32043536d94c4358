// SPDX-License-Identifier: Apache-2.0
// TimeIndex: what becomes due at a time, in the order of time: a family of keys {milliseconds, struct} with nothing as
// value. Timers by time and the expirations of a variable with TTL are such families (Spark 4.3 TimerStateImpl
// timestampToKey, TTLState ttlIndex).
//
// Knows a time before which there is nothing, so that asking costs nothing while nothing is due, however much waits
// and however much has gone. What is due is read some entries at a time, however much that is.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <set>
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

  // `row`: the encoded struct. Twice the same is once; but while a walk goes on what is put must not be there, and what
  // is removed must be.
  void Put(std::int64_t time_ms, std::string_view row);
  void Remove(std::int64_t time_ms, std::string_view row);
  // Removes one that NextDue has given.
  void RemoveGiven(std::int64_t time_ms, std::string_view row);
  // Begins a walk through the entries up to `until_ms`, that included, as they are now: what is put from now on is not
  // among them, and what is removed still is.
  void BeginDue(std::int64_t until_ms);
  // The next of them, `count` at most; none: the walk has ended. The caller removes each before it asks again. kCorrupt
  // when a key is no such key.
  Result<TimeEntries> NextDue(std::size_t count);
  // The time of the first entry; nullopt: there is none.
  Result<std::optional<std::int64_t>> Earliest();

 private:
  // By keys of the store.
  struct Walk {
    std::int64_t until_ms;
    std::string from;  // where it goes on
    std::int64_t least_put_ms = std::numeric_limits<std::int64_t>::max();
    // Of what lies before it: what has come since it began, and what has gone.
    std::set<std::string, std::less<>> put;
    std::set<std::string, std::less<>> removed;
  };

  // The key up to and with its time, in `key_`.
  void BeginKey(std::int64_t time_ms);
  void MakeKey(std::int64_t time_ms, std::string_view row);
  [[nodiscard]] Result<std::int64_t> TimeOf(const FramedKey& key) const;
  // Visits entries with keys from `begin` on, until `visit` returns false.
  using Visit = std::function<bool(std::string_view key, std::int64_t time_ms, std::string_view row)>;
  Status Scan(std::string_view begin, const Visit& visit);
  // Visits `key`, an entry's, with what it says.
  Result<bool> VisitEntry(std::string_view key, const Visit& visit) const;
  // Whether the walk has yet to come to `key`, an entry of `time_ms`.
  [[nodiscard]] bool LiesBeforeWalk(std::int64_t time_ms, std::string_view key) const {
    return walk_.has_value() && time_ms <= walk_->until_ms && key >= walk_->from;
  }

  RowFrame frame_;
  Store* store_;
  FamilyId family_;
  std::int64_t none_before_ms_ = std::numeric_limits<std::int64_t>::min();
  std::optional<Walk> walk_;
  std::string key_;    // scratch
  std::string value_;  // scratch
};

}  // namespace hf
