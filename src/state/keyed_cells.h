// SPDX-License-Identifier: Apache-2.0
// KeyedCells: the entries of a family whose key is the grouping key, for the keys of a batch: the current one's is read
// and changed in its cell. With `log_every_operation` each change goes to the store as well, at once and in call order,
// as Spark does it; else Collect hands over what the batch has changed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/cells.h"

namespace hf {

class KeyedCells {
 public:
  // `store` outlives it. `complete`: the family has no entry yet. `variable`: for messages.
  KeyedCells(Store& store, FamilyId family, bool complete, bool log_every_operation, std::string variable)
      : store_(&store),
        log_every_operation_(log_every_operation),
        variable_(std::move(variable)),
        cells_(family, complete) {}

  // Reads what further keys of the batch have, which take the place of those bound before; no key is current
  // afterwards. However often that happens in a batch, it holds no more than the cells of the keys it has met.
  Status BindKeys(const GroupKeys& keys) {
    group_ = kNoKey;
    bound_.clear();
    return cells_.Bind(keys, *store_, &bound_);
  }
  // Makes one of the keys that are bound the current one.
  void BindKey(std::size_t group) {
    group_ = group;
    if (group + kCellsAhead < bound_.size()) {
      PrefetchCell(bound_[group + kCellsAhead]);
    }
  }
  // No key is current afterwards.
  void EndKey();

  [[nodiscard]] bool has_key() const { return group_ != kNoKey; }
  [[nodiscard]] bool log_every_operation() const { return log_every_operation_; }
  // The current key's cell; throws StatusError when no key is current. Valid until Put.
  Cell& current() {
    if (group_ == kNoKey) [[unlikely]] {
      RefuseWithoutKey();
    }
    Cell*& cell = bound_[group_];
    cell = cell->Latest();
    return *cell;
  }
  // Of the current key.
  void Put(std::string_view value);
  void Remove();

  // Removes those values of `keys` that `is_gone` says so of. Keys that have no cell get none, so these are keys that
  // the batch has done with. `done` is called for each key in turn, when its value has gone or stays. Sets the family
  // of `keys`.
  Status RemoveWhere(GroupKeys* keys, const std::function<bool(std::string_view value)>& is_gone,
                     const std::function<void(std::size_t i, bool was_removed)>& done);

  void Collect(std::vector<StateRecord>* records) const { cells_.Collect(records); }
  // The batch is confirmed.
  void EndBatch(std::size_t budget_bytes);

  [[nodiscard]] std::size_t memory_bytes() const {
    return cells_.memory_bytes() + (bound_.capacity() + absent_.capacity()) * sizeof(Cell*);
  }

 private:
  static constexpr std::size_t kNoKey = static_cast<std::size_t>(-1);
  static constexpr std::size_t kCellsAhead = 8;  // keys between asking for a cell and reading it

  [[noreturn]] void RefuseWithoutKey() const;
  // The current value of one of the keys without a cell, and whether it was read: a key that comes twice is not.
  struct ReadValue {
    bool is_read = false;
    std::optional<std::string> value = {};
  };
  Result<std::vector<ReadValue>> ReadAside(const GroupKeys& keys, const std::vector<Cell*>& found);
  void Leave(Cell* cell);

  Store* store_;
  const bool log_every_operation_;
  const std::string variable_;
  Cells cells_;
  std::vector<Cell*> bound_;   // by group
  std::vector<Cell*> absent_;  // of the batch: those without a value when their key had ended, each once
  std::size_t group_ = kNoKey;
};

// What a use of a variable outside of a key throws.
[[noreturn]] void ThrowNoKey(std::string_view variable);

}  // namespace hf
