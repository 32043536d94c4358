// SPDX-License-Identifier: Apache-2.0
// BatchTable: what the current batch has done to its keys; optionally also every operation in call order.
//
// Keys are found by hash. They are brought into order only where somebody asks for it: all of them once, when the batch
// ends; those of a family that is scanned at the first scan, and kept in order from then on.
#pragma once

#include <cstdint>
#include <map>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/changelog.h"
#include "state/store.h"

namespace hf {

class BatchTable {
 public:
  struct Entry {
    std::string_view key;
    std::string_view value;       // joined elements for kMerge; empty for kDelete
    std::size_t value_room;       // bytes there are for it
    std::uint64_t hash;           // of the key
    StateOp op;                   // net: kMerge only while nothing in this batch decides the value before it
    std::optional<bool> existed;  // whether the key had a value before the batch
  };

 private:
  using Ordered = std::pmr::map<std::string_view, Entry*>;
  struct Family {
    std::uint16_t digest;  // in the order of the keys
    std::vector<Entry*> entries;
    std::optional<Ordered> ordered;
  };

 public:
  // Walks entries in key order. The table must not change meanwhile.
  class Cursor {
   public:
    [[nodiscard]] bool valid() const { return left_ != nullptr; }
    [[nodiscard]] const Entry& entry() const { return *at_->second; }
    void Next() {
      ++at_;
      Settle();
    }

   private:
    friend class BatchTable;
    Cursor(BatchTable& table, std::string_view begin, std::string_view end);
    void Settle();

    BatchTable& table_;
    const std::string_view end_;
    std::size_t family_ = 0;
    Ordered* left_ = nullptr;  // the family that it walks; null: it has ended
    Ordered::iterator at_;
  };

  BatchTable(std::string list_delimiter, bool log_every_operation);

  // `existed` when the caller knows it; what is known already stays.
  void Put(std::string_view key, std::string_view value, std::optional<bool> existed);
  void Merge(std::string_view key, std::string_view value, std::optional<bool> existed);
  void Delete(std::string_view key, std::optional<bool> existed);

  [[nodiscard]] bool empty() const { return count_ == 0; }
  // nullptr: the batch has not touched the key.
  [[nodiscard]] const Entry* Find(std::string_view key) const;
  // The entries with begin <= key < end (end empty: to the last). Both are borrowed.
  Cursor Range(std::string_view begin, std::string_view end) { return {*this, begin, end}; }
  // All of them in key order; valid until Clear.
  [[nodiscard]] std::vector<Entry*> Sorted() const;

  // The records of a changelog with every operation so far.
  [[nodiscard]] const std::string& log() const { return log_; }

  void Clear();

 private:
  Entry& FindOrAdd(std::string_view key, std::optional<bool> existed, bool* added);
  Family& FamilyOf(std::string_view key);
  void Order(Family* family);
  void Grow();
  // Makes `value` and `more` the value.
  void SetValue(Entry* entry, std::string_view value, std::string_view delimiter, std::string_view more);
  void Log(StateOp op, std::string_view key, std::string_view value);

  const std::string delimiter_;
  const bool log_every_operation_;
  std::pmr::monotonic_buffer_resource memory_;  // of entries, keys and values: they all go together
  std::vector<Entry*> slots_;                   // by hash, a power of two; null: free
  std::size_t count_ = 0;
  std::vector<Family> families_;  // by digest
  std::string log_;
};

}  // namespace hf
