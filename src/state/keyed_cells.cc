// SPDX-License-Identifier: Apache-2.0
#include "state/keyed_cells.h"

#include <fmt/format.h>

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
  cells_.Put(&batch_cells_[group_], value);
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

void KeyedCells::EndKey() {
  if (Cell& cell = current(); cell.held == Cell::Held::kAbsent && !cell.leaves) {
    cell.leaves = true;
    absent_.push_back(&cell);
  }
  group_ = kNoKey;
}

void KeyedCells::EndBatch(std::size_t budget_bytes) {
  cells_.EndBatch(absent_, budget_bytes);
  batch_cells_.clear();
  absent_.clear();
  group_ = kNoKey;
}

}  // namespace hf
