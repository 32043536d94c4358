// SPDX-License-Identifier: Apache-2.0
#include "state/layers.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace hf {
namespace {

// List elements that wait for an older value, newest first.
using Elements = std::vector<std::string_view>;

// Puts `elements` behind the value that *value holds (when it has one); false when there is no value at all.
bool JoinElements(const Elements& elements, std::string_view delimiter, bool has_value, std::string* value) {
  for (std::size_t i = elements.size(); i-- > 0;) {
    if (has_value) {
      AppendElement(*value, delimiter, elements[i]);
    } else {
      value->assign(elements[i]);
      has_value = true;
    }
  }
  return has_value;
}

// Answers many sorted keys layer by layer, newest first.
class Lookup {
 public:
  using Found = std::function<void(std::size_t, std::string_view)>;

  Lookup(std::span<const std::string_view> keys, std::string_view delimiter, const Found& found)
      : keys_(keys), delimiter_(delimiter), found_(found), open_(keys.size()) {
    std::iota(open_.begin(), open_.end(), 0);
  }

  void Ask(const Delta& delta) {
    std::size_t position = 0;
    std::size_t still_open = 0;
    for (const std::uint32_t index : open_) {
      bool is_there = false;
      position = delta.Find(keys_[index], position, &is_there);
      if (!is_there || !Answer(index, delta.record(position))) {
        open_[still_open++] = index;
      }
    }
    open_.resize(still_open);
  }

  Status Ask(const BaseView& base) {
    std::vector<std::string_view> left(open_.size());
    for (std::size_t i = 0; i < open_.size(); ++i) {
      left[i] = keys_[open_[i]];
    }
    HF_RETURN_IF_ERROR(
        base.MultiGet(left, [this](std::size_t i, std::string_view value) { Resolve(open_[i], true, value); }));
    // What has elements and no value below them.
    while (!elements_.empty()) {
      Resolve(elements_.begin()->first, false, {});
    }
    return {};
  }

 private:
  // True when the record settles the key.
  bool Answer(std::uint32_t index, const ChangelogRecord& record) {
    if (record.op == StateOp::kMerge) {
      elements_[index].push_back(record.value);
      return false;
    }
    Resolve(index, record.op == StateOp::kPut, record.value);
    return true;
  }

  void Resolve(std::uint32_t index, bool has_value, std::string_view value) {
    const auto waiting = elements_.find(index);
    if (waiting == elements_.end()) {
      if (has_value) {
        found_(index, value);
      }
      return;
    }
    joined_.assign(value);
    if (JoinElements(waiting->second, delimiter_, has_value, &joined_)) {
      found_(index, joined_);
    }
    elements_.erase(waiting);
  }

  const std::span<const std::string_view> keys_;
  const std::string_view delimiter_;
  const Found& found_;
  std::vector<std::uint32_t> open_;
  std::map<std::uint32_t, Elements> elements_;
  std::string joined_;
};

}  // namespace

std::vector<const Delta*> Layers::DeltaPointers() const {
  std::vector<const Delta*> pointers;
  for (const FrozenDelta& frozen : deltas) {
    pointers.push_back(frozen.delta.get());
  }
  return pointers;
}

std::int64_t Layers::delta_bytes() const {
  std::size_t bytes = 0;
  for (const FrozenDelta& frozen : deltas) {
    bytes += frozen.delta->memory_bytes();
  }
  return static_cast<std::int64_t>(bytes);
}

Result<bool> Layers::Get(std::string_view key, std::string* value) const {
  Elements elements;
  const std::uint64_t hash = deltas.empty() ? 0 : Delta::HashOf(key);
  for (std::size_t i = deltas.size(); i-- > 0;) {
    const Delta& delta = *deltas[i].delta;
    if (!delta.MayHave(hash)) {
      continue;
    }
    bool is_there = false;
    const std::size_t position = delta.Find(key, 0, &is_there);
    if (!is_there) {
      continue;
    }
    const ChangelogRecord record = delta.record(position);
    if (record.op == StateOp::kMerge) {
      elements.push_back(record.value);
      continue;
    }
    value->assign(record.value);
    return JoinElements(elements, list_delimiter, record.op == StateOp::kPut, value);
  }
  HF_ASSIGN_OR_RETURN(const bool in_base, base->Get(key, value));
  return JoinElements(elements, list_delimiter, in_base, value);
}

Status Layers::MultiGet(std::span<const std::string_view> keys,
                        const std::function<void(std::size_t, std::string_view)>& found) const {
  Lookup lookup(keys, list_delimiter, found);
  for (std::size_t i = deltas.size(); i-- > 0;) {
    lookup.Ask(*deltas[i].delta);
  }
  return lookup.Ask(*base);
}

LayersCursor::LayersCursor(const Layers& layers, std::string_view begin, std::string_view end)
    : delimiter_(layers.list_delimiter), end_(end), deltas_(layers.DeltaPointers(), layers.list_delimiter, begin) {
  if (!layers.base->empty()) {
    base_ = layers.base->Scan(begin, end);
  }
  Settle();
}

void LayersCursor::Next() {
  if (at_delta_) {
    deltas_.Next();
  }
  if (at_base_) {
    base_->Next();
  }
  Settle();
}

// Moves over deleted keys to the next entry.
void LayersCursor::Settle() {
  for (;; deltas_.Next()) {
    const bool in_delta = deltas_.valid() && (end_.empty() || deltas_.record().key < end_);
    const bool in_base = base_ != nullptr && base_->valid();
    const int compared = !in_delta || !in_base ? 0 : deltas_.record().key.compare(base_->key());
    at_delta_ = in_delta && (!in_base || compared <= 0);
    at_base_ = in_base && (!in_delta || compared >= 0);
    valid_ = at_delta_ || at_base_;
    if (!valid_) {
      return;
    }
    if (!at_delta_) {
      key_ = base_->key();
      value_ = base_->value();
      return;
    }
    const ChangelogRecord& record = deltas_.record();
    key_ = record.key;
    value_ = record.value;
    if (record.op == StateOp::kMerge && at_base_) {
      joined_.assign(base_->value());
      AppendElement(joined_, delimiter_, record.value);
      value_ = joined_;
    }
    if (record.op != StateOp::kDelete) {
      return;
    }
    if (at_base_) {
      base_->Next();
    }
  }
}

Result<KeyCounts> CountChange(const BaseView& base, const std::vector<FrozenDelta>& deltas,
                              std::string_view list_delimiter,
                              const std::function<bool(std::string_view key)>& is_internal) {
  std::vector<const Delta*> pointers;
  for (const FrozenDelta& frozen : deltas) {
    pointers.push_back(frozen.delta.get());
  }
  KeyCounts change;
  DeltaMerge merged(std::move(pointers), list_delimiter);
  const std::unique_ptr<BaseCursor> cursor =
      base.empty() || !merged.valid() ? nullptr : base.Scan(merged.record().key, {});
  for (; merged.valid(); merged.Next()) {
    const ChangelogRecord& record = merged.record();
    bool existed = false;
    if (cursor != nullptr && cursor->valid()) {
      cursor->SkipTo(record.key);
      existed = cursor->valid() && cursor->key() == record.key;
    }
    const bool exists = record.op != StateOp::kDelete;
    if (existed != exists) {
      change.Add(is_internal(record.key), exists ? 1 : -1);
    }
  }
  if (cursor != nullptr) {
    HF_RETURN_IF_ERROR(cursor->status());
  }
  return change;
}

Result<KeyCounts> CountAll(const BaseView& base, const std::function<bool(std::string_view key)>& is_internal) {
  KeyCounts counts;
  if (base.empty()) {
    return counts;
  }
  const std::unique_ptr<BaseCursor> cursor = base.Scan({}, {});
  for (; cursor->valid(); cursor->Next()) {
    counts.Add(is_internal(cursor->key()), 1);
  }
  HF_RETURN_IF_ERROR(cursor->status());
  return counts;
}

}  // namespace hf
