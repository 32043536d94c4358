// SPDX-License-Identifier: Apache-2.0
#include "state/partition_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/caught.h"

namespace hf {

namespace {

// Spark 4.3 RocksDB: the mapping always holds "default" with id 1, also for queries that never write to it.
constexpr std::string_view kDefaultFamily = "default";

}  // namespace

std::string TextOf(VariableKind kind, const VariableType& type) {
  std::string text = fmt::format("{} of ", VariableKindName(kind));
  if (type.user_key != nullptr) {
    text += fmt::format("{} to ", type.user_key->type.ToString());
  }
  text += type.value->type.ToString();
  return type.ttl_ms == 0 ? text : text + fmt::format(" with a TTL of {} ms", type.ttl_ms);
}

Result<std::unique_ptr<PartitionState>> PartitionState::Open(const PartitionStateOptions& options,
                                                             const StatePlan& plan, const VersionId& id) {
  std::unique_ptr<PartitionState> made(new PartitionState(options, plan));
  HF_ASSIGN_OR_RETURN(made->store_, Store::Open(options.store, id.version, id.unique_id));
  return made;
}

void PartitionState::BeginBatch(std::int64_t now_ms) { time_.now_ms = now_ms; }

Result<StateVariable*> PartitionState::Declare(std::string_view name, VariableKind kind, const VariableType& type) {
  const VariablePlan* plan = plan_->Find(name);
  if (const auto found = variables_.find(name); found != variables_.end()) {
    const VariableType& known = found->second->type();
    if (plan->kind == kind && known.value == type.value && known.user_key == type.user_key &&
        known.ttl_ms == type.ttl_ms) {
      return found->second.get();
    }
    const std::string before = TextOf(plan->kind, known);
    const std::string now = TextOf(kind, type);
    if (before != now || !AreExchangeable(known, type)) {
      return Invalid(
          fmt::format("state variable {} is declared as {} in this batch and was {} before; Init must declare the same "
                      "variables every time",
                      name, now, before));
    }
    return found->second.get();
  }
  if (plan == nullptr || plan->kind != kind || plan->has_ttl != (type.ttl_ms > 0)) {
    return Invalid(
        fmt::format("state variable {} is declared as {} in this batch but was not when the query started; Init must "
                    "declare the same variables every time",
                    name, TextOf(kind, type)));
  }
  HF_RETURN_IF_ERROR(store_->EnsureFamily(kDefaultFamily).status());
  const VariableContext context = {
      .store = store_.get(), .plan = plan_, .time = &time_, .log_every_operation = options_.store.log_every_operation};
  HF_ASSIGN_OR_RETURN(auto made, MakeVariable(context, *plan, type));
  StateVariable* variable = made.get();
  variables_.emplace(std::string(name), std::move(made));
  order_.push_back(variable);
  return variable;
}

Status PartitionState::OpenTimers(std::string_view time_mode) {
  if (!timers_.has_value()) {
    HF_RETURN_IF_ERROR(store_->EnsureFamily(kDefaultFamily).status());
    HF_ASSIGN_OR_RETURN(timers_, Timers::Open(*store_, *plan_, time_mode));
  }
  return Status();
}

Result<bool> PartitionState::DeleteIfExists(std::string_view name) {
  if (const auto found = variables_.find(name); found != variables_.end()) {
    return Invalid(
        fmt::format("state variable {} was declared in an earlier batch and is deleted in this one; Init must declare "
                    "and delete the same variables every time",
                    name));
  }
  const bool exists = store_->FindFamily(name).has_value();
  HF_RETURN_IF_ERROR(store_->RemoveFamily(name));
  return exists;
}

bool AreExchangeable(const VariableType& a, const VariableType& b) {
  // Rows known at run time are read by their schema, structs by where their members lie.
  const auto same = [](const TypeLayout* x, const TypeLayout* y) {
    return x == y || (x != nullptr && y != nullptr && x->kind == MemoryKind::kRow && y->kind == MemoryKind::kRow);
  };
  return same(a.value, b.value) && same(a.user_key, b.user_key);
}

StateVariable* PartitionState::Find(std::string_view name) const {
  const auto found = variables_.find(name);
  return found == variables_.end() ? nullptr : found->second.get();
}

Status PartitionState::BindKeys(const GroupKeys& keys) {
  keys_ = &keys;
  for (StateVariable* variable : order_) {
    HF_RETURN_IF_ERROR(variable->BindKeys(keys));
  }
  return Status();
}

void PartitionState::BindKey(std::size_t group) {
  current_key_ = keys_->key(group).substr(kFamilyBytes + plan_->frame.head_bytes());
  for (StateVariable* variable : order_) {
    variable->BindKey(group, *current_key_);
  }
}

void PartitionState::EndKey() {
  for (StateVariable* variable : order_) {
    variable->EndKey();
  }
  current_key_.reset();
}

Result<std::int64_t> PartitionState::RemoveExpired() {
  std::int64_t removed = 0;
  for (StateVariable* variable : order_) {
    Result<std::int64_t> of_variable = 0;
    HF_RETURN_IF_ERROR(Caught([&] {
      of_variable = variable->RemoveExpired();
      return of_variable.status();
    }));
    removed += *of_variable;
  }
  return removed;
}

Result<std::optional<std::int64_t>> PartitionState::EarliestExpiration() {
  std::optional<std::int64_t> earliest;
  for (const VariablePlan& plan : plan_->variables) {
    if (!plan.has_ttl) {
      continue;
    }
    const auto variable = variables_.find(plan.name);
    HF_ASSIGN_OR_RETURN(const std::optional<std::int64_t> of_variable, variable != variables_.end()
                                                                           ? variable->second->EarliestExpiration()
                                                                           : EarliestIn(ExpirationFamily(plan.name)));
    if (of_variable.has_value()) {
      earliest = std::min(earliest.value_or(*of_variable), *of_variable);
    }
  }
  return earliest;
}

Result<std::optional<std::int64_t>> PartitionState::EarliestTimer(std::string_view time_mode) {
  return timers_.has_value() ? timers_->Earliest() : EarliestIn(TimerFamiliesOf(time_mode).by_time);
}

Result<std::optional<std::int64_t>> PartitionState::EarliestIn(std::string_view family) {
  const std::optional<FamilyId> id = store_->FindFamily(family);
  return id.has_value() ? TimeIndex(plan_->frame, *store_, *id).Earliest() : std::optional<std::int64_t>();
}

std::map<std::string, SchemaUse> PartitionState::TakeSchemaUse() {
  std::map<std::string, SchemaUse> taken;
  for (const auto& [name, variable] : variables_) {
    if (plan_->Find(name)->written.size() > 1) {
      taken.emplace(name, variable->TakeSchemaUse());
    }
  }
  return taken;
}

Result<PreparedVersion> PartitionState::Prepare() {
  records_.clear();
  if (!options_.store.log_every_operation) {
    for (const StateVariable* variable : order_) {
      variable->Collect(&records_);
    }
  }
  return store_->Prepare(records_);
}

void PartitionState::Confirm() {
  store_->Confirm();
  const auto sharing = static_cast<std::size_t>(std::count_if(
      order_.begin(), order_.end(), [](const StateVariable* variable) { return variable->keeps_cells(); }));
  const std::size_t budget = sharing == 0 ? 0 : options_.cache_bytes / sharing;
  for (StateVariable* variable : order_) {
    variable->EndBatch(budget);
  }
}

void PartitionState::Abort() {
  store_->Abort();
  // A family that the batch created is gone with it, so every variable is declared anew.
  order_.clear();
  variables_.clear();
  timers_.reset();
  current_key_.reset();
}

std::size_t PartitionState::cell_bytes() const {
  std::size_t bytes = 0;
  for (const StateVariable* variable : order_) {
    bytes += variable->memory_bytes();
  }
  return bytes;
}

}  // namespace hf
