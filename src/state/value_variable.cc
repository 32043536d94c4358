// SPDX-License-Identifier: Apache-2.0
#include "state/value_variable.h"

#include <fmt/format.h>

namespace hf {

Result<std::unique_ptr<ValueVariable>> ValueVariable::Make(const VariableContext& context, const VariablePlan& plan,
                                                           const VariableType& type) {
  HF_ASSIGN_OR_RETURN(VariableCodec codec, VariableCodec::Make(context.plan->frame, plan, *type.value));
  std::optional<TimeIndex> expirations;
  if (plan.has_ttl) {
    HF_ASSIGN_OR_RETURN(expirations, OpenExpirations(context, plan));
  }
  const bool is_new = !context.store->FindFamily(plan.name).has_value();
  HF_ASSIGN_OR_RETURN(const FamilyId family, context.store->EnsureFamily(plan.name));
  std::unique_ptr<ValueVariable> made(new ValueVariable(context, std::move(codec), type, family, is_new));
  made->expirations_ = std::move(expirations);
  return made;
}

ValueVariable::ValueVariable(const VariableContext& context, VariableCodec codec, const VariableType& type,
                             FamilyId family, bool is_new)
    : StateVariable(type),
      context_(context),
      codec_(std::move(codec)),
      cells_(*context.store, family, is_new, context.log_every_operation, codec_.plan().name) {
  object = type.value->create();
}

ValueVariable::~ValueVariable() { type().value->destroy(object); }

void ValueVariable::BindKey(std::size_t group, std::string_view key) {
  cells_.BindKey(group);
  key_ = key;
  held = Held::kUnread;
}

void ValueVariable::Load() {
  const Cell& cell = cells_.current();
  if (cell.held == Cell::Held::kAbsent) {
    held = Held::kAbsent;
    return;
  }
  const std::int64_t expiration_ms = codec_.Decode(codec_.RowOf(cell.value()), object);
  held = IsExpired(expiration_ms, context_.time->now_ms) ? Held::kAbsent : Held::kPresent;
}

std::optional<int> ValueVariable::WrittenSchemaId() {
  const Cell& cell = cells_.current();
  if (!written_id_known_) {
    written_id_known_ = true;
    written_id_ = std::nullopt;
    if (cell.held == Cell::Held::kPresent) {
      const FramedRow row = codec_.RowOf(cell.value());
      if (!IsExpired(codec_.Expiration(row), context_.time->now_ms)) {
        written_id_ = row.schema_id;
      }
    }
  }
  return written_id_;
}

const Schema& ValueVariable::SchemaById(int id) {
  const auto found = codec_.plan().written.find(id);
  if (found == codec_.plan().written.end()) {
    throw StatusError(Invalid(fmt::format("state variable {} has no schema id {}", codec_.plan().name, id)));
  }
  return found->second;
}

void ValueVariable::Changed() {
  if (!cells_.has_key()) {
    held = Held::kUnread;
    cells_.current();
  }
  changed_ = true;
  if (cells_.log_every_operation()) {
    WrittenSchemaId();
    try {
      WriteBack();
    } catch (const StatusError&) {
      held = Held::kUnread;  // what is stored is what it was
      throw;
    }
  }
}

// As Spark 4.3 OneToOneTTLState has it with TTL: the same bytes again, and the clearing of what is not there, are no
// operation.
void ValueVariable::WriteBack() {
  changed_ = false;
  const Cell& cell = cells_.current();
  const bool replaces = expirations_.has_value() && cell.held == Cell::Held::kPresent;
  const std::int64_t old_expiration_ms = replaces ? ExpirationOf(cell) : kNeverExpires;
  if (held == Held::kAbsent) {
    if (replaces) {
      expirations_->Remove(old_expiration_ms, key_);
    }
    if (replaces || !expirations_.has_value()) {
      cells_.Remove();
    }
    return;
  }
  const std::int64_t expiration_ms =
      expirations_.has_value() ? ExpirationAfter(context_.time->now_ms, type().ttl_ms) : kNeverExpires;
  codec_.frame().BeginRow(codec_.plan().stored_id, encoded_);
  codec_.Encode(object, expiration_ms, encoded_);
  if (replaces && cell.value() == encoded_) {
    return;
  }
  if (codec_.counts_use() && cell.held == Cell::Held::kPresent) {
    if (const auto old = codec_.frame().ReadRow(cell.value()); old.has_value()) {
      codec_.CountRewritten(*old);
    }
  }
  cells_.Put(encoded_);
  if (expirations_.has_value() && !(replaces && old_expiration_ms == expiration_ms)) {
    if (replaces) {
      expirations_->Remove(old_expiration_ms, key_);
    }
    expirations_->Put(expiration_ms, key_);
  }
}

void ValueVariable::EndKey() {
  if (changed_) {
    WriteBack();
  }
  cells_.EndKey();
  held = Held::kUnread;
  written_id_known_ = false;
}

Result<std::int64_t> ValueVariable::RemoveExpired() {
  if (!expirations_.has_value()) {
    return 0;
  }
  return RemoveDue(*expirations_, context_.time->now_ms, [this](const TimeEntries& due) { return RemoveExpired(due); });
}

Result<std::int64_t> ValueVariable::RemoveExpired(const TimeEntries& due) {
  std::int64_t removed = 0;
  GroupKeys keys;
  AppendKeys(*context_.plan, due, &keys);
  // An index entry may be older than the value: Spark leaves such behind.
  const auto is_expired = [this](std::string_view value) {
    return IsExpired(codec_.Expiration(codec_.RowOf(value)), context_.time->now_ms);
  };
  HF_RETURN_IF_ERROR(cells_.RemoveWhere(&keys, is_expired, [&](std::size_t i, bool was_removed) {
    removed += was_removed ? 1 : 0;
    expirations_->RemoveGiven(due.time_ms(i), due.row(i));
  }));
  return removed;
}

Result<std::optional<std::int64_t>> ValueVariable::EarliestExpiration() {
  return expirations_.has_value() ? expirations_->Earliest() : std::optional<std::int64_t>();
}

}  // namespace hf
