// SPDX-License-Identifier: Apache-2.0
#include "state/state_variable.h"

#include "state/list_variable.h"
#include "state/map_variable.h"
#include "state/value_variable.h"

namespace hf {

namespace {

template <typename Variable>
Result<std::unique_ptr<StateVariable>> Made(Result<std::unique_ptr<Variable>> made) {
  if (!made.ok()) {
    return made.status();
  }
  return std::unique_ptr<StateVariable>(std::move(made).value());
}

}  // namespace

Result<std::unique_ptr<StateVariable>> MakeVariable(const VariableContext& context, const VariablePlan& plan,
                                                    const VariableType& type) {
  switch (plan.kind) {
    case VariableKind::kValue: return Made(ValueVariable::Make(context, plan, type));
    case VariableKind::kList: return Made(ListVariable::Make(context, plan, type));
    case VariableKind::kMap: return Made(MapVariable::Make(context, plan, type));
  }
  return Internal("a variable of no kind");
}

Status CheckVariable(const RowFrame& frame, const VariablePlan& plan, const VariableType& type) {
  HF_RETURN_IF_ERROR(VariableCodec::Make(frame, plan, *type.value).status());
  return plan.kind == VariableKind::kMap ? UserKeyCodec::Make(frame, plan, *type.user_key).status() : Status();
}

Result<TimeIndex> OpenExpirations(const VariableContext& context, const VariablePlan& plan) {
  HF_ASSIGN_OR_RETURN(const FamilyId family, context.store->EnsureFamily(ExpirationFamily(plan.name)));
  return TimeIndex(context.plan->frame, *context.store, family);
}

Result<std::int64_t> RemoveDue(TimeIndex& index, std::int64_t now_ms,
                               const std::function<Result<std::int64_t>(const TimeEntries& due)>& remove) {
  std::int64_t removed = 0;
  index.BeginDue(now_ms);
  HF_ASSIGN_OR_RETURN(TimeEntries due, index.NextDue(kKeysAtATime));
  while (due.size() > 0) {
    HF_ASSIGN_OR_RETURN(const std::int64_t of_these, remove(due));
    removed += of_these;
    HF_ASSIGN_OR_RETURN(due, index.NextDue(kKeysAtATime));
  }
  return removed;
}

void AppendKeys(const StatePlan& plan, const TimeEntries& entries, GroupKeys* keys) {
  constexpr FamilyId kOfTheVariable = 0;  // cells fill it in
  for (std::size_t i = 0; i < entries.size(); ++i) {
    plan.frame.AppendKeyHead(kOfTheVariable, plan.key_schema_id, keys->arena());
    keys->arena().append(entries.row(i));
    keys->EndKey();
  }
}

}  // namespace hf
