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
#include "state/keyed_cells.h"
#include "state/state_variable.h"

namespace hf {

class ValueVariable final : public ValueSlot, public StateVariable {
 public:
  static Result<std::unique_ptr<ValueVariable>> Make(const VariableContext& context, const VariablePlan& plan,
                                                     const VariableType& type);
  ~ValueVariable() override;
  ValueVariable(const ValueVariable&) = delete;
  ValueVariable& operator=(const ValueVariable&) = delete;

  void Load() override;
  void Changed() override;
  std::optional<int> WrittenSchemaId() override;
  const Schema& SchemaById(int id) override;

  Status BindKeys(const GroupKeys& keys) override { return cells_.BindKeys(keys); }
  void BindKey(std::size_t group, std::string_view key) override;
  void EndKey() override;
  Result<std::int64_t> RemoveExpired() override;
  Result<std::optional<std::int64_t>> EarliestExpiration() override;
  [[nodiscard]] SchemaUse TakeSchemaUse() override { return codec_.TakeUse(); }
  void Collect(std::vector<StateRecord>* records) const override { cells_.Collect(records); }
  void EndBatch(std::size_t budget_bytes) override { cells_.EndBatch(budget_bytes); }
  [[nodiscard]] std::size_t memory_bytes() const override { return cells_.memory_bytes(); }

 private:
  ValueVariable(const VariableContext& context, VariableCodec codec, const VariableType& type, FamilyId family,
                bool is_new);
  void WriteBack();
  Result<std::int64_t> RemoveExpired(const TimeEntries& due);
  // The expiration of what the cell holds.
  [[nodiscard]] std::int64_t ExpirationOf(const Cell& cell) const {
    return codec_.Expiration(codec_.RowOf(cell.value()));
  }

  const VariableContext context_;
  const VariableCodec codec_;
  KeyedCells cells_;
  std::optional<TimeIndex> expirations_;  // with TTL
  std::string_view key_;                  // the current key's row
  bool changed_ = false;
  std::optional<int> written_id_;  // of the value as it was before the current key's first change
  bool written_id_known_ = false;
  std::string encoded_;  // scratch
};

}  // namespace hf
