// SPDX-License-Identifier: Apache-2.0
#include "state/batch_table.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "state/delta.h"
#include "state/key_order.h"

namespace hf {

namespace {

constexpr std::size_t kSlotsMin = 1024;

// The family's bytes in the order of the keys; missing bytes are zero.
std::uint16_t DigestOf(std::string_view key) { return static_cast<std::uint16_t>(KeyDigest(key, 0) >> 48); }

}  // namespace

BatchTable::BatchTable(std::string list_delimiter, bool log_every_operation)
    : delimiter_(std::move(list_delimiter)), log_every_operation_(log_every_operation) {}

// ---- Entries -----------------------------------------------------------------------------------------------------

const BatchTable::Entry* BatchTable::Find(std::string_view key) const {
  if (count_ == 0) {
    return nullptr;
  }
  const std::uint64_t hash = Delta::HashOf(key);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at] != nullptr; at = (at + 1) & mask) {
    if (slots_[at]->hash == hash && slots_[at]->key == key) {
      return slots_[at];
    }
  }
  return nullptr;
}

BatchTable::Entry& BatchTable::FindOrAdd(std::string_view key, std::optional<bool> existed, bool* added) {
  HF_CHECK(key.size() >= kFamilyBytes, "a key of {} bytes has no family id", key.size());
  if ((count_ + 1) * 2 > slots_.size()) {
    Grow();
  }
  const std::uint64_t hash = Delta::HashOf(key);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; slots_[at] != nullptr; at = (at + 1) & mask) {
    if (slots_[at]->hash == hash && slots_[at]->key == key) {
      *added = false;
      return *slots_[at];
    }
  }
  *added = true;
  ++count_;
  char* block = static_cast<char*>(memory_.allocate(sizeof(Entry) + key.size(), alignof(Entry)));
  char* bytes = block + sizeof(Entry);
  std::memcpy(bytes, key.data(), key.size());
  auto* entry = new (block) Entry{.key = std::string_view(bytes, key.size()),
                                  .value = {},
                                  .value_room = 0,
                                  .hash = hash,
                                  .op = StateOp::kPut,
                                  .existed = existed};
  slots_[at] = entry;
  Family& family = FamilyOf(key);
  family.entries.push_back(entry);
  if (family.ordered.has_value()) {
    // Scans are followed by changes in the order of the scan.
    family.ordered->emplace_hint(family.ordered->end(), entry->key, entry);
  }
  return *entry;
}

void BatchTable::Grow() {
  std::vector<Entry*> old = std::exchange(slots_, {});
  slots_.resize(std::max(kSlotsMin, old.size() * 2));
  const std::size_t mask = slots_.size() - 1;
  for (Entry* entry : old) {
    if (entry != nullptr) {
      std::size_t at = entry->hash & mask;
      while (slots_[at] != nullptr) {
        at = (at + 1) & mask;
      }
      slots_[at] = entry;
    }
  }
}

void BatchTable::SetValue(Entry* entry, std::string_view value, std::string_view delimiter, std::string_view more) {
  const std::size_t size = value.size() + delimiter.size() + more.size();
  char* to = const_cast<char*>(entry->value.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast): ours
  if (size > entry->value_room) {
    const bool grows = size > value.size() || entry->value_room > 0;  // what grows once grows again
    entry->value_room = grows ? 2 * size : size;
    to = static_cast<char*>(memory_.allocate(entry->value_room, 1));
  }
  std::size_t at = 0;
  for (const std::string_view part : {value, delimiter, more}) {
    if (!part.empty() && to + at != part.data()) {  // the value may lie there already
      std::memcpy(to + at, part.data(), part.size());
    }
    at += part.size();
  }
  entry->value = std::string_view(to, size);
}

// ---- Operations --------------------------------------------------------------------------------------------------

void BatchTable::Log(StateOp op, std::string_view key, std::string_view value) {
  if (log_every_operation_) {
    AppendRecord(log_, op, key, value);
  }
}

void BatchTable::Put(std::string_view key, std::string_view value, std::optional<bool> existed) {
  bool added = false;
  Entry& entry = FindOrAdd(key, existed, &added);
  entry.op = StateOp::kPut;
  SetValue(&entry, value, {}, {});
  Log(StateOp::kPut, key, value);
}

void BatchTable::Merge(std::string_view key, std::string_view value, std::optional<bool> existed) {
  bool added = false;
  Entry& entry = FindOrAdd(key, existed, &added);
  if (added || entry.op == StateOp::kDelete) {
    entry.op = added ? StateOp::kMerge : StateOp::kPut;
    SetValue(&entry, value, {}, {});
  } else {
    SetValue(&entry, entry.value, delimiter_, value);
  }
  Log(StateOp::kMerge, key, value);
}

void BatchTable::Delete(std::string_view key, std::optional<bool> existed) {
  bool added = false;
  Entry& entry = FindOrAdd(key, existed, &added);
  entry.op = StateOp::kDelete;
  entry.value = entry.value.substr(0, 0);  // what there is room for stays
  Log(StateOp::kDelete, key, {});
}

void BatchTable::Clear() {
  slots_.clear();
  families_.clear();
  count_ = 0;
  memory_.release();
  log_.clear();
}

// ---- Order -------------------------------------------------------------------------------------------------------

BatchTable::Family& BatchTable::FamilyOf(std::string_view key) {
  const std::uint16_t digest = DigestOf(key);
  const auto at = std::lower_bound(families_.begin(), families_.end(), digest,
                                   [](const Family& family, std::uint16_t wanted) { return family.digest < wanted; });
  return at != families_.end() && at->digest == digest
             ? *at
             : *families_.insert(at, Family{.digest = digest, .entries = {}, .ordered = {}});
}

namespace {

template <typename Entry>
std::vector<Entry*> SortedByKey(const std::vector<Entry*>& entries) {
  std::vector<std::string_view> keys;
  keys.reserve(entries.size());
  for (const Entry* entry : entries) {
    keys.push_back(entry->key);
  }
  std::vector<Entry*> sorted;
  sorted.reserve(entries.size());
  for (const std::uint32_t i : SortedOrder(keys)) {
    sorted.push_back(entries[i]);
  }
  return sorted;
}

}  // namespace

void BatchTable::Order(Family* family) {
  if (!family->ordered.has_value()) {
    family->ordered.emplace(&memory_);
    for (Entry* entry : SortedByKey(family->entries)) {
      family->ordered->emplace_hint(family->ordered->end(), entry->key, entry);
    }
  }
}

std::vector<BatchTable::Entry*> BatchTable::Sorted() const {
  std::vector<Entry*> sorted;
  sorted.reserve(count_);
  for (const Family& family : families_) {
    if (family.ordered.has_value()) {
      for (const auto& [key, entry] : *family.ordered) {
        sorted.push_back(entry);
      }
    } else {
      const std::vector<Entry*> of_family = SortedByKey(family.entries);
      sorted.insert(sorted.end(), of_family.begin(), of_family.end());
    }
  }
  return sorted;
}

BatchTable::Cursor::Cursor(BatchTable& table, std::string_view begin, std::string_view end) : table_(table), end_(end) {
  std::vector<Family>& families = table_.families_;
  while (family_ < families.size() && families[family_].digest < DigestOf(begin)) {
    ++family_;
  }
  if (family_ < families.size()) {
    table_.Order(&families[family_]);
    left_ = &*families[family_].ordered;
    at_ = left_->lower_bound(begin);
    Settle();
  }
}

// Goes on to the next family where one has ended, and ends behind the last.
void BatchTable::Cursor::Settle() {
  std::vector<Family>& families = table_.families_;
  while (at_ == left_->end()) {
    ++family_;
    // A family that begins where the range ends is not looked at, nor brought into order.
    if (family_ == families.size() || (!end_.empty() && families[family_].entries.front()->key >= end_ &&
                                       (families[family_].digest > DigestOf(end_) || end_.size() <= kFamilyBytes))) {
      left_ = nullptr;
      return;
    }
    table_.Order(&families[family_]);
    left_ = &*families[family_].ordered;
    at_ = left_->begin();
  }
  if (!end_.empty() && at_->first >= end_) {
    left_ = nullptr;
  }
}

}  // namespace hf
