// SPDX-License-Identifier: Apache-2.0
// PartitionState: everything one partition of one operator remembers: its store, its variables and its timers.
//
// A batch is: BeginBatch; Declare for each variable (from the processor's Init); OpenTimers where there is a time mode;
// for some keys at a time BindKeys, then BindKey/EndKey around each of them; RemoveExpired; Prepare; and Confirm or
// Abort. One thread at a time.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "state/cells.h"
#include "state/state_plan.h"
#include "state/state_variable.h"
#include "state/store.h"
#include "state/timers.h"

namespace hf {

struct PartitionStateOptions {
  StoreOptions store;
  std::size_t cache_bytes = 256u << 20;  // for the cells of this partition
};

// For messages: "ListState of struct<...> with a TTL of 5 ms". It says whether two declarations are one.
std::string TextOf(VariableKind kind, const VariableType& type);
// Whether objects of the one are objects of the other; the texts being the same.
bool AreExchangeable(const VariableType& a, const VariableType& b);

class PartitionState {
 public:
  // Recovers the version (Store::Open). `plan` outlives the state.
  static Result<std::unique_ptr<PartitionState>> Open(const PartitionStateOptions& options, const StatePlan& plan,
                                                      const VersionId& id);

  // `now_ms`: the clock of TTL.
  void BeginBatch(std::int64_t now_ms);
  // The clock moves on within the batch, between two keys; it never goes back.
  void SetTime(std::int64_t now_ms) { time_.now_ms = std::max(time_.now_ms, now_ms); }
  // The variable, made at its first declaration; a ValueVariable, ListVariable or MapVariable, as `kind` has it.
  // Creates its column families when the store has none.
  // Whether the plan has a variable of this name.
  [[nodiscard]] bool Knows(std::string_view name) const { return plan_->Find(name) != nullptr; }
  Result<StateVariable*> Declare(std::string_view name, VariableKind kind, const VariableType& type);
  // Says whether there was one.
  Result<bool> DeleteIfExists(std::string_view name);
  // A declared variable; nullptr: there is none of that name.
  [[nodiscard]] StateVariable* Find(std::string_view name) const;
  // REQUIRES: it is declared.
  [[nodiscard]] VariableKind KindOf(std::string_view name) const { return plan_->Find(name)->kind; }
  // "ProcessingTime" or "EventTime".
  Status OpenTimers(std::string_view time_mode);

  // Further keys of the batch; reads what they have. Each begins with room for the family id. `keys` stay until the
  // next call.
  Status BindKeys(const GroupKeys& keys);
  // Makes a key of the last BindKeys the current one.
  void BindKey(std::size_t group);
  void EndKey();
  // The row of the current key; nullopt: there is none.
  [[nodiscard]] std::optional<std::string_view> current_key() const { return current_key_; }

  // REQUIRES: OpenTimers.
  [[nodiscard]] Timers& timers() { return *timers_; }
  // Of all variables; returns how many values, elements and entries that were.
  Result<std::int64_t> RemoveExpired();
  // The earliest expiration of any variable, and the time of the first timer; also before anything was declared.
  // nullopt: there is none.
  Result<std::optional<std::int64_t>> EarliestExpiration();
  Result<std::optional<std::int64_t>> EarliestTimer(std::string_view time_mode);

  // Of the variables with several schemas since the last call, by name.
  [[nodiscard]] std::map<std::string, SchemaUse> TakeSchemaUse();

  Result<PreparedVersion> Prepare();
  Status PublishNow() { return store_->PublishNow(); }
  // Makes the prepared version the version of the state; cells beyond the budget are evicted.
  void Confirm();
  // Forgets the current batch and every cell.
  void Abort();

  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] std::size_t cell_bytes() const;

 private:
  explicit PartitionState(const PartitionStateOptions& options, const StatePlan& plan)
      : options_(options), plan_(&plan) {}
  Result<std::optional<std::int64_t>> EarliestIn(std::string_view family);

  const PartitionStateOptions options_;
  const StatePlan* plan_;
  std::unique_ptr<Store> store_;
  BatchTime time_;
  std::map<std::string, std::unique_ptr<StateVariable>, std::less<>> variables_;
  std::vector<StateVariable*> order_;  // of declaration
  std::optional<Timers> timers_;
  const GroupKeys* keys_ = nullptr;  // of the last BindKeys
  std::optional<std::string_view> current_key_;
  std::vector<StateRecord> records_;  // scratch
};

}  // namespace hf
