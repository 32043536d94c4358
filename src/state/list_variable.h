// SPDX-License-Identifier: Apache-2.0
// ListVariable: one list state variable in one partition. An append is a merge, which reads nothing; beside the list
// stands how many elements it has, in a family of its own (Spark 4.3 ListStateImpl: $rowCounter_x).
//
// With TTL (OneToManyTTLState) each element carries its expiration; the index has one entry a list, the least
// expiration of its elements, which $min_x holds too; $count_x counts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "holdfast/list_state.h"
#include "state/keyed_cells.h"
#include "state/state_variable.h"

namespace hf {

class ListVariable final : public ListSlot, public StateVariable {
 public:
  static Result<std::unique_ptr<ListVariable>> Make(const VariableContext& context, const VariablePlan& plan,
                                                    const VariableType& type);

  bool Exists() override;
  std::unique_ptr<ElementCursor> Elements() override;
  void Put(std::span<const void* const> elements) override;
  void Append(std::span<const void* const> elements) override;
  void Clear() override;

  Status BindKeys(const GroupKeys& keys) override;
  void BindKey(std::size_t group, std::string_view key) override;
  void EndKey() override;
  Result<std::int64_t> RemoveExpired() override;
  Result<std::optional<std::int64_t>> EarliestExpiration() override;
  [[nodiscard]] SchemaUse TakeSchemaUse() override { return codec_.TakeUse(); }
  void Collect(std::vector<StateRecord>* records) const override;
  void EndBatch(std::size_t budget_bytes) override;
  [[nodiscard]] std::size_t memory_bytes() const override;

 private:
  // What a variable with TTL has besides.
  struct Expiring {
    TimeIndex index;
    std::unique_ptr<KeyedCells> least;  // expiration
  };
  class Cursor;

  ListVariable(const VariableContext& context, VariableCodec codec, const VariableType& type, FamilyId family)
      : StateVariable(type), context_(context), codec_(std::move(codec)), family_(family) {}

  // The current key's list, in `list_`; false when there is none.
  bool Read();
  // Writes elements behind what is there, or instead of it, with an expiration of now.
  void Write(std::span<const void* const> elements, bool instead);
  // The elements of the current key's list are about to be replaced.
  void CountRewritten();
  // Into `encoded_` and `ends_`. Throws StatusError.
  void Encode(std::span<const void* const> elements, std::int64_t expiration_ms);
  void SetKey(std::string_view row);
  [[nodiscard]] std::optional<std::int64_t> ReadLong(KeyedCells& cells) const;
  // How many elements the current key's list has.
  [[nodiscard]] std::int64_t ReadCount() const;
  void WriteLong(KeyedCells& cells, std::int64_t value);
  // The least expiration of the list becomes `expiration_ms` (nullopt: there is no list), in the index too.
  void SetLeast(std::optional<std::int64_t> expiration_ms);
  Result<std::int64_t> RemoveExpired(const TimeEntries& due);
  // Of the current key, whose index entry is due; returns how many elements had expired.
  std::int64_t RemoveExpiredElements();
  [[noreturn]] void FailFrame() const;

  const VariableContext context_;
  const VariableCodec codec_;
  const FamilyId family_;
  std::unique_ptr<KeyedCells> count_;
  std::optional<Expiring> expiring_;
  std::string_view row_;  // the current key's
  std::string key_;       // of the current key in the store
  bool key_made_ = false;
  std::string list_;     // scratch
  std::string encoded_;  // scratch: elements, and where each ends
  std::vector<std::size_t> ends_;
  std::vector<int> read_ids_;  // of the current key's elements, by the last walk over them; where use is counted
  std::string number_;         // scratch
};

}  // namespace hf
