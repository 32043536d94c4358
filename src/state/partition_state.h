// SPDX-License-Identifier: Apache-2.0
// PartitionState: everything one partition of one operator remembers: its store and its variables.
//
// A batch is: DeclareValue for each variable (from the processor's Init); for some keys at a time BindKeys, then
// BindKey/EndKey around each of them; Prepare; and Confirm or Abort. One thread at a time.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "state/cells.h"
#include "state/state_plan.h"
#include "state/store.h"
#include "state/value_variable.h"

namespace hf {

struct PartitionStateOptions {
  StoreOptions store;
  std::size_t cache_bytes = 256u << 20;  // for the cells of this partition
};

class PartitionState {
 public:
  // Recovers the version (Store::Open). `plan` outlives the state.
  static Result<std::unique_ptr<PartitionState>> Open(const PartitionStateOptions& options, const StatePlan& plan,
                                                      const VersionId& id);

  // The variable, made at its first declaration. Creates its column family when the store has none.
  Result<ValueVariable*> DeclareValue(std::string_view name, const TypeLayout& layout,
                                      std::shared_ptr<const TypeLayout> owner);
  Status DeleteIfExists(std::string_view name);

  // Further keys of the batch; reads what they have. Each begins with room for the family id.
  Status BindKeys(const GroupKeys& keys);
  void BindKey(std::size_t group);
  void EndKey();

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

  const PartitionStateOptions options_;
  const StatePlan* plan_;
  std::unique_ptr<Store> store_;
  std::map<std::string, std::unique_ptr<ValueVariable>, std::less<>> variables_;
  std::vector<ValueVariable*> order_;  // of declaration
  std::vector<StateRecord> records_;   // scratch
};

}  // namespace hf
