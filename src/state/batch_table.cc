// SPDX-License-Identifier: Apache-2.0
#include "state/batch_table.h"

#include <cstring>
#include <utility>

#include "base/check.h"
#include "state/delta.h"

namespace hf {

BatchTable::BatchTable(std::string list_delimiter, bool log_every_operation)
    : delimiter_(std::move(list_delimiter)), log_every_operation_(log_every_operation) {
  Clear();
}

BatchTable::Entry& BatchTable::FindOrAdd(std::string_view key, std::optional<bool> existed, bool* added) {
  HF_CHECK(key.size() >= kFamilyBytes, "a key of {} bytes has no family id", key.size());
  auto at = entries_.lower_bound(key);
  *added = at == entries_.end() || at->first != key;
  if (*added) {
    char* bytes = static_cast<char*>(memory_.allocate(key.size(), 1));
    std::memcpy(bytes, key.data(), key.size());
    at = entries_.emplace_hint(at, std::string_view(bytes, key.size()), Entry{});
    at->second.existed = existed;
  }
  return at->second;
}

void BatchTable::Log(StateOp op, std::string_view key, std::string_view value) {
  if (log_every_operation_) {
    AppendRecord(log_, op, key, value);
  }
}

void BatchTable::Put(std::string_view key, std::string_view value, std::optional<bool> existed) {
  bool added = false;
  Entry& entry = FindOrAdd(key, existed, &added);
  entry.op = StateOp::kPut;
  entry.value.assign(value);
  Log(StateOp::kPut, key, value);
}

void BatchTable::Merge(std::string_view key, std::string_view value, std::optional<bool> existed) {
  bool added = false;
  Entry& entry = FindOrAdd(key, existed, &added);
  if (added) {
    entry.op = StateOp::kMerge;
    entry.value.assign(value);
  } else if (entry.op == StateOp::kDelete) {
    entry.op = StateOp::kPut;
    entry.value.assign(value);
  } else {
    AppendElement(entry.value, delimiter_, value);
  }
  Log(StateOp::kMerge, key, value);
}

void BatchTable::Delete(std::string_view key, std::optional<bool> existed) {
  bool added = false;
  Entry& entry = FindOrAdd(key, existed, &added);
  entry.op = StateOp::kDelete;
  entry.value.clear();
  Log(StateOp::kDelete, key, {});
}

const BatchTable::Entry* BatchTable::Find(std::string_view key) const {
  const auto at = entries_.find(key);
  return at == entries_.end() ? nullptr : &at->second;
}

void BatchTable::Clear() {
  entries_.clear();
  memory_.release();
  log_.clear();
}

}  // namespace hf
