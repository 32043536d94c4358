// SPDX-License-Identifier: Apache-2.0
#include "state/partition_state.h"

#include <fmt/format.h>

namespace hf {

namespace {

// Spark 4.3 RocksDB: the mapping always holds "default" with id 1, also for queries that never write to it.
constexpr std::string_view kDefaultFamily = "default";

}  // namespace

Result<std::unique_ptr<PartitionState>> PartitionState::Open(const PartitionStateOptions& options,
                                                             const StatePlan& plan, const VersionId& id) {
  std::unique_ptr<PartitionState> made(new PartitionState(options, plan));
  HF_ASSIGN_OR_RETURN(made->store_, Store::Open(options.store, id.version, id.unique_id));
  return made;
}

Result<ValueVariable*> PartitionState::DeclareValue(std::string_view name, const TypeLayout& layout,
                                                    std::shared_ptr<const TypeLayout> owner) {
  if (const auto found = variables_.find(name); found != variables_.end()) {
    const TypeLayout& known = found->second->layout();
    if (&known != &layout && (known.kind != layout.kind || known.type.ToString() != layout.type.ToString())) {
      return Invalid(
          fmt::format("state variable {} is declared as {} in this batch and was {} before; Init must "
                      "declare the same variables every time",
                      name, layout.type.ToString(), known.type.ToString()));
    }
    return found->second.get();
  }
  const VariablePlan* plan = plan_->Find(name);
  if (plan == nullptr) {
    return Invalid(
        fmt::format("state variable {} is declared in this batch but was not when the query started; Init must "
                    "declare the same variables every time",
                    name));
  }
  HF_RETURN_IF_ERROR(store_->EnsureFamily(kDefaultFamily).status());
  const bool is_new = !store_->FindFamily(name).has_value();
  HF_ASSIGN_OR_RETURN(const FamilyId family, store_->EnsureFamily(name));
  HF_ASSIGN_OR_RETURN(auto made, ValueVariable::Make(plan_->frame, *plan, layout, std::move(owner), *store_, family,
                                                     is_new, options_.store.log_every_operation));
  ValueVariable* variable = made.get();
  variables_.emplace(std::string(name), std::move(made));
  order_.push_back(variable);
  return variable;
}

Status PartitionState::DeleteIfExists(std::string_view name) {
  if (const auto found = variables_.find(name); found != variables_.end()) {
    return Invalid(
        fmt::format("state variable {} was declared in an earlier batch and is deleted in this one; Init must declare "
                    "and delete the same variables every time",
                    name));
  }
  return store_->RemoveFamily(name);
}

Status PartitionState::BindKeys(const GroupKeys& keys) {
  for (ValueVariable* variable : order_) {
    HF_RETURN_IF_ERROR(variable->BindKeys(keys));
  }
  return Status();
}

void PartitionState::BindKey(std::size_t group) {
  for (ValueVariable* variable : order_) {
    variable->BindKey(group);
  }
}

void PartitionState::EndKey() {
  for (ValueVariable* variable : order_) {
    variable->EndKey();
  }
}

Result<PreparedVersion> PartitionState::Prepare() {
  records_.clear();
  if (!options_.store.log_every_operation) {
    for (const ValueVariable* variable : order_) {
      variable->Collect(&records_);
    }
  }
  return store_->Prepare(records_);
}

void PartitionState::Confirm() {
  store_->Confirm();
  const std::size_t budget = order_.empty() ? 0 : options_.cache_bytes / order_.size();
  for (ValueVariable* variable : order_) {
    variable->EndBatch(budget);
  }
}

void PartitionState::Abort() {
  store_->Abort();
  // A family that the batch created is gone with it, so every variable is declared anew.
  order_.clear();
  variables_.clear();
}

std::size_t PartitionState::cell_bytes() const {
  std::size_t bytes = 0;
  for (const ValueVariable* variable : order_) {
    bytes += variable->memory_bytes();
  }
  return bytes;
}

}  // namespace hf
