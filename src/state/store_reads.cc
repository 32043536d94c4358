// SPDX-License-Identifier: Apache-2.0
// The reads of StoreImpl: the current batch over the committed layers.
#include <algorithm>

#include <fmt/core.h>

#include "state/row_checksum.h"
#include "state/store_impl.h"

namespace hf {

// ---- Rows out of what the layers keep ----------------------------------------------------------------------------

Result<std::string_view> StoreImpl::Verified(std::string_view key, std::string_view stored, std::string* joined) const {
  Result<std::string_view> rows = VerifyRows(key, stored, options_.list_delimiter, joined);
  return rows.ok() ? rows : rows.status().WithContext(fmt::format("{}, version {}", options_.directory, version_));
}

Result<bool> StoreImpl::Get(std::string_view key, std::string* value) {
  HF_ASSIGN_OR_RETURN(const bool found, GetStored(key, value));
  if (found && options_.row_checksums) {
    std::string joined;
    HF_ASSIGN_OR_RETURN(const std::string_view rows, Verified(key, *value, &joined));
    *value = std::string(rows);
  }
  return found;
}

Status StoreImpl::MultiGet(std::span<const std::string_view> keys,
                           const std::function<void(std::size_t, std::string_view)>& found) {
  if (!options_.row_checksums) {
    return MultiGetStored(keys, found);
  }
  Status damage;
  std::string joined;
  HF_RETURN_IF_ERROR(MultiGetStored(keys, [&](std::size_t i, std::string_view stored) {
    const Result<std::string_view> rows = Verified(keys[i], stored, &joined);
    if (rows.ok()) {
      found(i, *rows);
    } else {
      damage = rows.status();
    }
  }));
  return damage;
}

Status StoreImpl::ScanRange(std::string_view begin, std::string_view end,
                            const std::function<bool(std::string_view key, std::string_view value)>& visit) {
  if (!options_.row_checksums) {
    return ScanStored(begin, end, visit);
  }
  Status damage;
  std::string joined;
  HF_RETURN_IF_ERROR(ScanStored(begin, end, [&](std::string_view key, std::string_view stored) {
    const Result<std::string_view> rows = Verified(key, stored, &joined);
    if (!rows.ok()) {
      damage = rows.status();
    }
    return rows.ok() && visit(key, *rows);
  }));
  return damage;
}

// ---- The current batch over the committed layers -----------------------------------------------------------------

Result<bool> StoreImpl::GetStored(std::string_view key, std::string* value) {
  const BatchTable::Entry* entry = batch_.Find(key);
  if (entry != nullptr && entry->op != StateOp::kMerge) {
    value->assign(entry->value);
    return entry->op == StateOp::kPut;
  }
  HF_ASSIGN_OR_RETURN(bool found, layers_.Get(key, value));
  last_get_key_.assign(key);
  last_get_existed_ = found;
  if (entry != nullptr) {
    found ? AppendElement(*value, options_.list_delimiter, entry->value)
          : static_cast<void>(value->assign(entry->value));
    found = true;
  }
  return found;
}

Status StoreImpl::MultiGetStored(std::span<const std::string_view> keys,
                                 const std::function<void(std::size_t, std::string_view)>& found) {
  if (batch_.empty()) {
    return layers_.MultiGet(keys, found);
  }
  struct Pending {
    std::size_t index;
    const BatchTable::Entry* elements;  // null: nothing in the batch table
  };
  std::vector<Pending> pending;
  std::vector<std::string_view> below;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const BatchTable::Entry* entry = batch_.Find(keys[i]);
    if (entry == nullptr || entry->op == StateOp::kMerge) {
      pending.push_back({i, entry});
      below.push_back(keys[i]);
    } else if (entry->op == StateOp::kPut) {
      found(i, entry->value);
    }
  }
  std::string joined;
  HF_RETURN_IF_ERROR(layers_.MultiGet(below, [&](std::size_t i, std::string_view value) {
    Pending& answered = pending[i];
    if (answered.elements == nullptr) {
      found(answered.index, value);
      return;
    }
    joined.assign(value);
    AppendElement(joined, options_.list_delimiter, answered.elements->value);
    answered.elements = nullptr;
    found(answered.index, joined);
  }));
  for (const Pending& left : pending) {
    if (left.elements != nullptr) {
      found(left.index, left.elements->value);
    }
  }
  return {};
}

Status StoreImpl::ScanStored(std::string_view begin, std::string_view end,
                             const std::function<bool(std::string_view key, std::string_view value)>& visit) {
  if (!end.empty() && begin >= end) {
    return {};
  }
  BatchTable::Cursor changed = batch_.Range(begin, end);
  LayersCursor below(layers_, begin, end);
  std::string joined;
  while (changed.valid() || below.valid()) {
    const int compared = !changed.valid() ? 1 : !below.valid() ? -1 : changed.entry().key.compare(below.key());
    bool go_on = true;
    if (compared > 0) {
      go_on = visit(below.key(), below.value());
    } else if (changed.entry().op == StateOp::kMerge && compared == 0) {
      joined.assign(below.value());
      AppendElement(joined, options_.list_delimiter, changed.entry().value);
      go_on = visit(changed.entry().key, joined);
    } else if (changed.entry().op != StateOp::kDelete) {
      go_on = visit(changed.entry().key, changed.entry().value);
    }
    if (!go_on) {
      return {};
    }
    if (compared >= 0) {
      below.Next();
    }
    if (compared <= 0) {
      changed.Next();
    }
  }
  return below.status();
}

}  // namespace hf
