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
}

void TimeIndex::Remove(std::int64_t time_ms, std::string_view row) {
  MakeKey(time_ms, row);
  store_->Delete(key_);
}

Result<std::int64_t> TimeIndex::TimeOf(const FramedKey& key) const {
  return frame_.encoding == StateEncoding::kAvro ? ReadRangeLong(key.prefix) : ReadUnsafeRangeLong(key.prefix);
}

Status TimeIndex::Scan(const std::function<bool(std::int64_t time_ms, std::string_view row)>& visit) {
  BeginKey(none_before_ms_);
  Status damage;
  HF_RETURN_IF_ERROR(
      store_->ScanRange(key_, PrefixEnd(FamilyPrefix(family_)), [&](std::string_view key, std::string_view /*value*/) {
        const std::optional<FramedKey> framed = frame_.ReadPrefixedKey(key);
        const auto row = framed.has_value() ? ReadStructRow(frame_.encoding, framed->row.bytes) : std::nullopt;
        if (!row.has_value()) {
          damage = Corrupt(
              fmt::format("a key of {} bytes in column family {} is not a time with a key", key.size(), family_));
          return false;
        }
        const Result<std::int64_t> time = TimeOf(*framed);
        if (!time.ok()) {
          damage = time.status();
          return false;
        }
        return visit(*time, *row);
      }));
  return damage;
}

Result<TimeEntries> TimeIndex::Due(std::int64_t until_ms) {
  TimeEntries entries;
  if (until_ms < none_before_ms_) {
    return entries;
  }
  std::optional<std::int64_t> first;
  HF_RETURN_IF_ERROR(Scan([&](std::int64_t time_ms, std::string_view row) {
    first = first.value_or(time_ms);
    if (time_ms > until_ms) {
      return false;
    }
    entries.Add(time_ms, row);
    return true;
  }));
  none_before_ms_ = first.value_or(std::numeric_limits<std::int64_t>::max());
  return entries;
}

Result<std::optional<std::int64_t>> TimeIndex::Earliest() {
  std::optional<std::int64_t> first;
  if (none_before_ms_ == std::numeric_limits<std::int64_t>::max()) {
    return first;
  }
  HF_RETURN_IF_ERROR(Scan([&](std::int64_t time_ms, std::string_view) {
    first = time_ms;
    return false;
  }));
  none_before_ms_ = first.value_or(std::numeric_limits<std::int64_t>::max());
  return first;
}

}  // namespace hf
