// SPDX-License-Identifier: Apache-2.0
#include "state/keyed_cells.h"

#include <fmt/format.h>

#include <algorithm>

namespace hf {

void ThrowNoKey(std::string_view variable) {
  throw StatusError(
      Invalid(fmt::format("state variable {} was used while no key was being processed; use it only inside "
                          "HandleInputRows, HandleExpiredTimer and HandleInitialState",
                          variable),
              "INTERNAL_ERROR_TWS"));
}

void KeyedCells::RefuseWithoutKey() const { ThrowNoKey(variable_); }

void KeyedCells::Put(std::string_view value) {
  Cell& cell = current();
  if (log_every_operation_) {
    store_->Put(cell.key(), value);
  }
  cells_.Put(&bound_[group_], value);
}

void KeyedCells::Remove() {
  Cell& cell = current();
  if (log_every_operation_) {
    store_->Delete(cell.key());
  }
  if (cell.held == Cell::Held::kPresent) {
    cells_.Remove(&cell);
  }
}

void KeyedCells::Leave(Cell* cell) {
  if (!cell->leaves) {
    cell->leaves = true;
    absent_.push_back(cell);
  }
}

void KeyedCells::EndKey() {
  if (Cell& cell = current(); cell.held == Cell::Held::kAbsent) {
    Leave(&cell);
  }
  group_ = kNoKey;
}

Result<std::vector<KeyedCells::ReadValue>> KeyedCells::ReadAside(const GroupKeys& keys,
                                                                 const std::vector<Cell*>& found) {
  std::vector<ReadValue> values(keys.size());
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (found[i] == nullptr) {
      order.push_back(i);
    }
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return keys.key(a) < keys.key(b); });
  order.erase(
      std::unique(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return keys.key(a) == keys.key(b); }),
      order.end());
  std::vector<std::string_view> sorted;
  for (const std::size_t i : order) {
    sorted.push_back(keys.key(i));
    values[i].is_read = true;
  }
  HF_RETURN_IF_ERROR(store_->MultiGet(
      sorted, [&](std::size_t i, std::string_view value) { values[order[i]].value = std::string(value); }));
  return values;
}

Status KeyedCells::RemoveWhere(GroupKeys* keys, const std::function<bool(std::string_view value)>& is_gone,
                               const std::function<void(std::size_t i, bool was_removed)>& done) {
  keys->SetFamily(cells_.family());
  std::vector<Cell*> found;
  for (std::size_t i = 0; i < keys->size(); ++i) {
    found.push_back(cells_.Find(keys->key(i), keys->hash(i)));
  }
  std::vector<ReadValue> values(keys->size(), ReadValue{.is_read = true});
  if (!cells_.complete()) {
    HF_ASSIGN_OR_RETURN(values, ReadAside(*keys, found));
  }
  for (std::size_t i = 0; i < keys->size(); ++i) {
    bool is_removed = false;
    if (Cell* cell = found[i]; cell != nullptr) {
      is_removed = cell->held == Cell::Held::kPresent && is_gone(cell->value());
      if (is_removed) {
        if (log_every_operation_) {
          store_->Delete(cell->key());
        }
        cells_.Remove(cell);
        Leave(cell);
      }
    } else {
      std::optional<std::string>& value = values[i].value;
      if (!values[i].is_read) {
        value.emplace();
        HF_ASSIGN_OR_RETURN(const bool is_there, store_->Get(keys->key(i), &*value));
        value = is_there ? std::move(value) : std::nullopt;
      }
      is_removed = value.has_value() && is_gone(*value);
      if (is_removed) {
        store_->DeleteSeen(keys->key(i));
      }
    }
    done(i, is_removed);
  }
  return Status();
}

void KeyedCells::EndBatch(std::size_t budget_bytes) {
  cells_.EndBatch(absent_, budget_bytes);
  bound_.clear();
  absent_.clear();
  group_ = kNoKey;
}

}  // namespace hf
