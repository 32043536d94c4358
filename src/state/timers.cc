// SPDX-License-Identifier: Apache-2.0
#include "state/timers.h"

#include <fmt/format.h>

#include "state/nested_rows.h"

namespace hf {

namespace {
constexpr int kSchemaId = 0;  // Spark 4.3: these families never evolve
}

Result<Timers> Timers::Open(Store& store, const StatePlan& plan, std::string_view time_mode) {
  const TimerFamilies families = TimerFamiliesOf(time_mode);
  HF_ASSIGN_OR_RETURN(const FamilyId by_key, store.EnsureFamily(families.by_key));
  HF_ASSIGN_OR_RETURN(const FamilyId by_time, store.EnsureFamily(families.by_time));
  return Timers(plan.frame, store, by_key, by_time);
}

void Timers::SetPrefix(std::string_view key) {
  key_ = FamilyPrefix(by_key_);
  const std::size_t part = RowFrame::BeginPrefix(key_);
  AppendStructsRow(frame_.encoding, {key}, key_);
  RowFrame::EndPart(part, key_);
}

void Timers::SetKey(std::string_view key, std::int64_t expiry_ms) {
  SetPrefix(key);
  frame_.AppendHead(kSchemaId, key_);
  AppendLongRow(frame_.encoding, expiry_ms, key_);
}

Result<bool> Timers::Register(std::string_view key, std::int64_t expiry_ms) {
  SetKey(key, expiry_ms);
  HF_ASSIGN_OR_RETURN(const bool known, store_->Get(key_, &value_));
  if (!known) {
    frame_.BeginRow(kSchemaId, value_);
    AppendVoidRow(frame_.encoding, value_);
    store_->Put(key_, value_);
    by_time_.Put(expiry_ms, key);
  }
  return !known;
}

Result<bool> Timers::Delete(std::string_view key, std::int64_t expiry_ms) {
  SetKey(key, expiry_ms);
  HF_ASSIGN_OR_RETURN(const bool known, store_->Get(key_, &value_));
  if (known) {
    store_->Delete(key_);
    by_time_.Remove(expiry_ms, key);
  }
  return known;
}

void Timers::Remove(std::string_view key, std::int64_t expiry_ms) {
  SetKey(key, expiry_ms);
  store_->DeleteSeen(key_);  // what is kept by time is kept by key as well
  by_time_.RemoveGiven(expiry_ms, key);
}

Result<std::vector<std::int64_t>> Timers::List(std::string_view key) {
  std::vector<std::int64_t> times;
  SetPrefix(key);
  Status damage;
  HF_RETURN_IF_ERROR(store_->ScanPrefix(key_, [&](std::string_view found, std::string_view /*value*/) {
    const std::optional<FramedKey> framed = frame_.ReadPrefixedKey(found);
    const auto time = framed.has_value() ? ReadLongRow(frame_.encoding, framed->row.bytes) : std::nullopt;
    if (!time.has_value()) {
      damage = Corrupt(fmt::format("a stored key of {} bytes is not that of a timer", found.size()));
      return false;
    }
    times.push_back(*time);
    return true;
  }));
  HF_RETURN_IF_ERROR(damage);
  return times;
}

}  // namespace hf
