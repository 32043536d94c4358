// SPDX-License-Identifier: Apache-2.0
// ValueVariable: one value state variable in one partition.
//
// Decodes the current key's value at most once, into one object that is reused for every key; encodes it at most
// once, when the key ends. So get and update inside a key are pointer work, and a value that was only read is not
// written. With `log_every_operation` each change is encoded and logged at once, as Spark does.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "holdfast/struct_layout.h"
#include "holdfast/value_state.h"
#include "state/cells.h"
#include "state/state_plan.h"
#include "state/state_row_codec.h"

namespace hf {

class ValueVariable final : public ValueSlot {
 public:
  // `plan` and `store` outlive the variable; `layout` too, or `owner` keeps it alive.
  static Result<std::unique_ptr<ValueVariable>> Make(const RowFrame& frame, const VariablePlan& plan,
                                                     const TypeLayout& layout, std::shared_ptr<const TypeLayout> owner,
                                                     Store& store, FamilyId family, bool complete,
                                                     bool log_every_operation);
  // Whether values of every written schema can be read into `layout`, and its values be written: what Make finds out.
  static Status Check(StateEncoding encoding, const VariablePlan& plan, const TypeLayout& layout);
  ~ValueVariable() override;
  ValueVariable(const ValueVariable&) = delete;
  ValueVariable& operator=(const ValueVariable&) = delete;

  void Load() override;
  void Changed() override;
  std::optional<int> WrittenSchemaId() override;
  const Schema& SchemaById(int id) override;

  // Reads what further keys of the batch have; REQUIRES no key bound.
  Status BindKeys(const GroupKeys& keys);
  // Makes key number `group` of the batch, among those bound so far, the current one.
  void BindKey(std::size_t group) {
    group_ = group;
    held = Held::kUnread;
    if (group + kCellsAhead < batch_cells_.size()) {
      PrefetchCell(batch_cells_[group + kCellsAhead]);
    }
  }
  // Takes over what the current key's code changed; no key is current afterwards.
  void EndKey();

  void Collect(std::vector<StateRecord>* records) const { cells_.Collect(records); }
  // The batch is confirmed.
  void EndBatch(std::size_t budget_bytes);
  // The batch is forgotten, and with it every cell.
  void Abort();

  [[nodiscard]] const TypeLayout& layout() const { return *layout_; }
  [[nodiscard]] const VariablePlan& plan() const { return *plan_; }
  [[nodiscard]] std::size_t memory_bytes() const { return cells_.memory_bytes(); }

 private:
  static constexpr std::size_t kNoKey = static_cast<std::size_t>(-1);
  static constexpr std::size_t kCellsAhead = 8;  // keys between asking for a cell and reading it

  ValueVariable(const RowFrame& frame, const VariablePlan& plan, const TypeLayout& layout,
                std::shared_ptr<const TypeLayout> owner, Store& store, FamilyId family, bool complete,
                bool log_every_operation);
  // The current key's cell; throws StatusError when no key is current.
  Cell*& CurrentCell();
  void WriteBack();
  // The cell's value without its frame; throws StatusError when it has none.
  [[nodiscard]] FramedRow RowOf(const Cell& cell) const;

  const RowFrame frame_;
  const VariablePlan* plan_;
  const TypeLayout* layout_;
  std::shared_ptr<const TypeLayout> layout_owner_;
  Store* store_;
  const bool log_every_operation_;
  StateRowWriter writer_;
  std::vector<std::optional<StateRowReader>> readers_;  // by schema id
  Cells cells_;
  std::vector<Cell*> batch_cells_;  // by group
  std::vector<Cell*> absent_;       // those of them without a value when their key had ended
  std::size_t group_ = kNoKey;
  bool changed_ = false;
  std::optional<int> written_id_;  // of the value as it was before the current key's first change
  bool written_id_known_ = false;
  std::string encoded_;  // scratch
};

}  // namespace hf
