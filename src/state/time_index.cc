// SPDX-License-Identifier: Apache-2.0
#include "state/time_index.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/avro/range_key.h"
#include "codec/unsafe_row/unsafe_range_key.h"
#include "state/nested_rows.h"

namespace hf {

namespace {
constexpr int kSchemaId = 0;  // Spark 4.3: these families never evolve
}

void TimeIndex::BeginKey(std::int64_t time_ms) {
  key_ = FamilyPrefix(family_);
  const std::size_t part = RowFrame::BeginPrefix(key_);
  if (frame_.encoding == StateEncoding::kAvro) {
    AppendRangeLong(time_ms, key_);
  } else {
    AppendUnsafeRangeLong(time_ms, key_);
  }
  RowFrame::EndPart(part, key_);
}

void TimeIndex::MakeKey(std::int64_t time_ms, std::string_view row) {
  BeginKey(time_ms);
  frame_.AppendHead(kSchemaId, key_);
  AppendStructsRow(frame_.encoding, {row}, key_);
}

void TimeIndex::Put(std::int64_t time_ms, std::string_view row) {
  MakeKey(time_ms, row);
  frame_.BeginRow(kSchemaId, value_);
  AppendVoidRow(frame_.encoding, value_);
  store_->Put(key_, value_);
  none_before_ms_ = std::min(none_before_ms_, time_ms);
  if (walk_.has_value()) {
    walk_->least_put_ms = std::min(walk_->least_put_ms, time_ms);
    // What was there when the walk began, and has gone since, is there again.
    if (LiesBeforeWalk(time_ms, key_) && walk_->removed.erase(key_) == 0) {
      walk_->put.insert(key_);
    }
  }
}

void TimeIndex::Remove(std::int64_t time_ms, std::string_view row) {
  MakeKey(time_ms, row);
  store_->Delete(key_);
  if (LiesBeforeWalk(time_ms, key_) && walk_->put.erase(key_) == 0) {
    walk_->removed.insert(key_);
  }
}

void TimeIndex::RemoveGiven(std::int64_t time_ms, std::string_view row) {
  MakeKey(time_ms, row);
  store_->DeleteSeen(key_);
}

Result<std::int64_t> TimeIndex::TimeOf(const FramedKey& key) const {
  return frame_.encoding == StateEncoding::kAvro ? ReadRangeLong(key.prefix) : ReadUnsafeRangeLong(key.prefix);
}

Result<bool> TimeIndex::VisitEntry(std::string_view key, const Visit& visit) const {
  const std::optional<FramedKey> framed = frame_.ReadPrefixedKey(key);
  const auto row = framed.has_value() ? ReadStructRow(frame_.encoding, framed->row.bytes) : std::nullopt;
  if (!row.has_value()) {
    return Corrupt(fmt::format("a key of {} bytes in column family {} is not a time with a key", key.size(), family_));
  }
  HF_ASSIGN_OR_RETURN(const std::int64_t time_ms, TimeOf(*framed));
  return visit(key, time_ms, *row);
}

Status TimeIndex::Scan(std::string_view begin, const Visit& visit) {
  Status damage;
  HF_RETURN_IF_ERROR(
      store_->ScanRange(begin, PrefixEnd(FamilyPrefix(family_)), [&](std::string_view key, std::string_view /*value*/) {
        const Result<bool> visited = VisitEntry(key, visit);
        if (!visited.ok()) {
          damage = visited.status();
        }
        return visited.ok() && *visited;
      }));
  return damage;
}

void TimeIndex::BeginDue(std::int64_t until_ms) {
  walk_.reset();
  if (until_ms >= none_before_ms_) {
    BeginKey(none_before_ms_);
    walk_.emplace(Walk{.until_ms = until_ms, .from = key_, .put = {}, .removed = {}});
  }
}

Result<TimeEntries> TimeIndex::NextDue(std::size_t count) {
  TimeEntries entries;
  if (!walk_.has_value()) {
    return entries;
  }
  std::string last;
  const auto take = [&](std::string_view key, std::int64_t time_ms, std::string_view row) {
    entries.Add(time_ms, row);
    last.assign(key);
    return entries.size() < count;
  };
  // Those that have gone stand among the others where they were.
  auto gone = walk_->removed.begin();
  Status damage;
  const auto take_gone_before = [&](std::optional<std::string_view> key) {
    bool goes_on = true;
    for (; goes_on && gone != walk_->removed.end() && (!key.has_value() || *gone < *key); ++gone) {
      const Result<bool> taken = VisitEntry(*gone, take);
      damage = taken.status();
      goes_on = taken.ok() && *taken;
    }
    return goes_on;
  };
  std::optional<std::int64_t> later_ms;  // the first behind the walk
  HF_RETURN_IF_ERROR(Scan(walk_->from, [&](std::string_view key, std::int64_t time_ms, std::string_view row) {
    if (time_ms > walk_->until_ms) {
      later_ms = time_ms;
      return false;
    }
    return take_gone_before(key) && (walk_->put.contains(key) || take(key, time_ms, row));
  }));
  HF_RETURN_IF_ERROR(damage);
  if (entries.size() < count && take_gone_before(std::nullopt)) {
    none_before_ms_ = std::min(later_ms.value_or(std::numeric_limits<std::int64_t>::max()), walk_->least_put_ms);
    walk_.reset();
    return entries;
  }
  HF_RETURN_IF_ERROR(damage);
  walk_->from = last + '\0';  // the first key that may follow
  walk_->removed.erase(walk_->removed.begin(), walk_->removed.lower_bound(walk_->from));
  walk_->put.erase(walk_->put.begin(), walk_->put.lower_bound(walk_->from));
  return entries;
}

Result<std::optional<std::int64_t>> TimeIndex::Earliest() {
  std::optional<std::int64_t> first;
  if (none_before_ms_ == std::numeric_limits<std::int64_t>::max()) {
    return first;
  }
  BeginKey(none_before_ms_);
  HF_RETURN_IF_ERROR(Scan(key_, [&](std::string_view /*key*/, std::int64_t time_ms, std::string_view /*row*/) {
    first = time_ms;
    return false;
  }));
  none_before_ms_ = first.value_or(std::numeric_limits<std::int64_t>::max());
  return first;
}

}  // namespace hf
