// SPDX-License-Identifier: Apache-2.0
// StateVariable: what a partition does with a variable of any kind: bind keys, end keys, expire, hand over, forget.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/struct_layout.h"
#include "state/cells.h"
#include "state/state_plan.h"
#include "state/store.h"
#include "state/time_index.h"
#include "state/variable_codec.h"

namespace hf {

// What the variables of a partition share; outlives them.
struct BatchTime {
  std::int64_t now_ms = 0;  // of the current batch, or within it of the current call
};
struct VariableContext {
  Store* store;
  const StatePlan* plan;
  const BatchTime* time;
  bool log_every_operation;
};

// The types of a variable as the processor declares them.
struct VariableType {
  const TypeLayout* value = nullptr;
  const TypeLayout* user_key = nullptr;                // of a map
  std::shared_ptr<const TypeLayout> value_owner = {};  // what keeps them alive where they are not static
  std::shared_ptr<const TypeLayout> user_key_owner = {};
  std::int64_t ttl_ms = 0;
};

// One thread at a time.
class StateVariable {
 public:
  explicit StateVariable(VariableType type) : type_(std::move(type)) {}
  virtual ~StateVariable() = default;

  // Reads what further keys of the batch have, where it is worth reading together; no key is current afterwards.
  virtual Status BindKeys(const GroupKeys& keys) = 0;
  // Makes key number `group` of the last BindKeys the current one. `key`: its row, which stays valid until EndKey.
  virtual void BindKey(std::size_t group, std::string_view key) = 0;
  // Takes over what the current key's code changed; no key is current afterwards. Throws StatusError.
  virtual void EndKey() = 0;

  // Removes what has expired and returns how many values, elements or entries that were. After the last key.
  virtual Result<std::int64_t> RemoveExpired() { return 0; }
  virtual Result<std::optional<std::int64_t>> EarliestExpiration() { return std::optional<std::int64_t>(); }

  // Of all keys since the last call; empty where there is one schema alone.
  [[nodiscard]] virtual SchemaUse TakeSchemaUse() = 0;

  // What the batch has changed and the store does not have yet. Views live until EndBatch.
  virtual void Collect(std::vector<StateRecord>* records) const = 0;
  // The batch is confirmed.
  virtual void EndBatch(std::size_t budget_bytes) = 0;
  [[nodiscard]] virtual std::size_t memory_bytes() const = 0;
  // Whether it has a use for a share of the memory for cells.
  [[nodiscard]] virtual bool keeps_cells() const { return true; }

  [[nodiscard]] const VariableType& type() const { return type_; }

 private:
  const VariableType type_;
};

inline constexpr std::size_t kKeysAtATime = 1024;  // so that what a key needs is still in the cache when it is run

// Makes the variable of plan.kind, and its column families where the store has none, in Spark's order.
Result<std::unique_ptr<StateVariable>> MakeVariable(const VariableContext& context, const VariablePlan& plan,
                                                    const VariableType& type);
// What making it would find out: whether values of every written schema can be read into the declared types, and those
// be written. kInvalid says which cannot.
Status CheckVariable(const RowFrame& frame, const VariablePlan& plan, const VariableType& type);

// The index of a variable's expirations; its column family is made where the store has none.
Result<TimeIndex> OpenExpirations(const VariableContext& context, const VariablePlan& plan);

// Hands what is due in `index` at `now_ms` to `remove`, some entries at a time; returns how many things those were that
// it says it has removed.
Result<std::int64_t> RemoveDue(TimeIndex& index, std::int64_t now_ms,
                               const std::function<Result<std::int64_t>(const TimeEntries& due)>& remove);

// The grouping keys of entries whose rows are grouping keys, as BindKeys wants them.
void AppendKeys(const StatePlan& plan, const TimeEntries& entries, GroupKeys* keys);

}  // namespace hf
