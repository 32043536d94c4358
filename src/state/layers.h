// SPDX-License-Identifier: Apache-2.0
// Layers: the committed state of a store as one map: frozen deltas over a view of the base.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "holdfast/status.h"
#include "state/delta.h"
#include "state/rocksdb_base.h"
#include "state/store.h"

namespace hf {

// Keys counted, or a change of such counts.
struct KeyCounts {
  std::int64_t keys = 0;  // in user families
  std::int64_t internal_keys = 0;

  void Add(bool is_internal, std::int64_t count) { (is_internal ? internal_keys : keys) += count; }
  KeyCounts& operator+=(const KeyCounts& other) {
    keys += other.keys;
    internal_keys += other.internal_keys;
    return *this;
  }
};

// The net effect of one version.
struct FrozenDelta {
  StateVersion version = 0;
  std::shared_ptr<const Delta> delta;
};

struct Layers {
  std::shared_ptr<const BaseView> base;
  std::vector<FrozenDelta> deltas;  // oldest first
  std::string list_delimiter;

  [[nodiscard]] std::vector<const Delta*> DeltaPointers() const;
  [[nodiscard]] std::int64_t delta_bytes() const;

  // True and *value filled when the key has a value.
  Result<bool> Get(std::string_view key, std::string* value) const;
  // Calls found(i, value) for each of the sorted `keys` that has a value, in no particular order.
  Status MultiGet(std::span<const std::string_view> keys,
                  const std::function<void(std::size_t, std::string_view)>& found) const;
};

// Walks the entries of `layers` with begin <= key < end (end empty: to the last) in key order.
class LayersCursor {
 public:
  LayersCursor(const Layers& layers, std::string_view begin, std::string_view end);

  [[nodiscard]] bool valid() const { return valid_; }
  // Valid until Next.
  [[nodiscard]] std::string_view key() const { return key_; }
  [[nodiscard]] std::string_view value() const { return value_; }
  void Next();
  [[nodiscard]] Status status() const { return base_ == nullptr ? Status() : base_->status(); }

 private:
  void Settle();

  const std::string delimiter_;
  const std::string end_;
  DeltaMerge deltas_;
  std::unique_ptr<BaseCursor> base_;  // null: the base is empty
  bool at_delta_ = false;
  bool at_base_ = false;
  bool valid_ = false;
  std::string_view key_;
  std::string_view value_;
  std::string joined_;
};

// Returns by how much `deltas` (oldest first) change the counts of what `base` holds.
Result<KeyCounts> CountChange(const BaseView& base, const std::vector<FrozenDelta>& deltas,
                              std::string_view list_delimiter,
                              const std::function<bool(std::string_view key)>& is_internal);
// Counts all keys of `base`.
Result<KeyCounts> CountAll(const BaseView& base, const std::function<bool(std::string_view key)>& is_internal);

}  // namespace hf
