// SPDX-License-Identifier: Apache-2.0
#include "state/list_variable.h"

#include <fmt/format.h>

#include <algorithm>

#include "state/nested_rows.h"

namespace hf {

namespace {

Result<std::unique_ptr<KeyedCells>> OpenCells(const VariableContext& context, const VariablePlan& plan,
                                              const std::string& family) {
  const bool is_new = !context.store->FindFamily(family).has_value();
  HF_ASSIGN_OR_RETURN(const FamilyId id, context.store->EnsureFamily(family));
  return std::make_unique<KeyedCells>(*context.store, id, is_new, context.log_every_operation, plan.name);
}

void CheckElements(std::span<const void* const> elements, const std::string& variable) {
  if (elements.empty()) {
    throw StatusError(Invalid(
        fmt::format("an empty list cannot be written to list state variable {}; Clear removes a list", variable),
        "ILLEGAL_STATE_STORE_VALUE.EMPTY_LIST_VALUE"));
  }
  if (std::find(elements.begin(), elements.end(), nullptr) != elements.end()) {
    throw StatusError(Invalid(fmt::format("null cannot be written to list state variable {}", variable),
                              "ILLEGAL_STATE_STORE_VALUE.NULL_VALUE"));
  }
}

}  // namespace

// Owns the bytes it walks, so that the list may change meanwhile.
class ListVariable::Cursor final : public ElementCursor {
 public:
  Cursor(ListVariable& variable, std::string list)
      : variable_(variable), list_(std::move(list)), left_(list_), object_(variable.type().value->create()) {}
  ~Cursor() override { variable_.type().value->destroy(object_); }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  const void* Next() override {
    while (!left_.empty()) {
      const auto row = variable_.codec_.frame().TakeElement(variable_.context_.store->list_delimiter(), &left_);
      if (!row.has_value()) {
        variable_.FailFrame();
      }
      const std::int64_t expiration_ms = variable_.codec_.Decode(*row, object_);
      if (variable_.codec_.counts_use()) {
        variable_.read_ids_.push_back(row->schema_id);
      }
      if (!IsExpired(expiration_ms, variable_.context_.time->now_ms)) {
        return object_;
      }
    }
    return nullptr;
  }

 private:
  ListVariable& variable_;
  const std::string list_;
  std::string_view left_;
  void* const object_;
};

Result<std::unique_ptr<ListVariable>> ListVariable::Make(const VariableContext& context, const VariablePlan& plan,
                                                         const VariableType& type) {
  HF_ASSIGN_OR_RETURN(VariableCodec codec, VariableCodec::Make(context.plan->frame, plan, *type.value));
  std::optional<Expiring> expiring;
  if (plan.has_ttl) {
    HF_ASSIGN_OR_RETURN(TimeIndex index, OpenExpirations(context, plan));
    HF_ASSIGN_OR_RETURN(auto least, OpenCells(context, plan, LeastExpirationFamily(plan.name)));
    expiring.emplace(Expiring{.index = std::move(index), .least = std::move(least)});
  }
  HF_ASSIGN_OR_RETURN(
      auto count, OpenCells(context, plan, plan.has_ttl ? ElementCountFamily(plan.name) : RowCounterFamily(plan.name)));
  HF_ASSIGN_OR_RETURN(const FamilyId family, context.store->EnsureFamily(plan.name));
  std::unique_ptr<ListVariable> made(new ListVariable(context, std::move(codec), type, family));
  made->count_ = std::move(count);
  made->expiring_ = std::move(expiring);
  return made;
}

// ---- What the processor calls ------------------------------------------------------------------------------------

bool ListVariable::Exists() {
  if (!expiring_.has_value()) {
    return Read();
  }
  return Elements()->Next() != nullptr;
}

std::unique_ptr<ElementCursor> ListVariable::Elements() {
  read_ids_.clear();
  if (!Read()) {
    list_.clear();
  }
  return std::make_unique<Cursor>(*this, std::move(list_));
}

void ListVariable::Put(std::span<const void* const> elements) { Write(elements, true); }

void ListVariable::Append(std::span<const void* const> elements) { Write(elements, false); }

void ListVariable::Clear() {
  SetKey(row_);
  // Spark 4.3 logs the deletion of a list that is not there, but for lists with TTL.
  if (expiring_.has_value() && !ReadLong(*count_).has_value()) {
    return;
  }
  context_.store->Delete(key_);
  count_->Remove();
  if (expiring_.has_value()) {
    SetLeast(std::nullopt);
  }
}

// ---- Reading and writing -----------------------------------------------------------------------------------------

void ListVariable::FailFrame() const {
  throw StatusError(
      Corrupt(fmt::format("state variable {}: a stored list is not one element behind the other", codec_.plan().name)));
}

void ListVariable::SetKey(std::string_view row) {
  if (!key_made_) {
    count_->current();  // throws when there is no key
    key_.clear();
    codec_.frame().AppendKeyHead(family_, context_.plan->key_schema_id, key_);
    key_.append(row);
    key_made_ = true;
  }
}

bool ListVariable::Read() {
  SetKey(row_);
  const Result<bool> found = context_.store->Get(key_, &list_);
  if (!found.ok()) {
    throw StatusError(found.status().WithContext(fmt::format("state variable {}", codec_.plan().name)));
  }
  return *found;
}

// All before anything is written: an element that cannot be encoded leaves the list as it is.
void ListVariable::Encode(std::span<const void* const> elements, std::int64_t expiration_ms) {
  encoded_.clear();
  ends_.clear();
  for (const void* element : elements) {
    const std::size_t begin = codec_.frame().BeginElement(codec_.plan().stored_id, encoded_);
    codec_.Encode(element, expiration_ms, encoded_);
    RowFrame::EndPart(begin, encoded_);
    ends_.push_back(encoded_.size());
  }
}

std::optional<std::int64_t> ListVariable::ReadLong(KeyedCells& cells) const {
  const Cell& cell = cells.current();
  if (cell.held == Cell::Held::kAbsent) {
    return std::nullopt;
  }
  const auto value = ReadLongRow(codec_.frame().encoding, codec_.RowOf(cell.value()).bytes);
  if (!value.has_value()) {
    throw StatusError(Corrupt(
        fmt::format("list state variable {}: what is stored beside a list is not a number", codec_.plan().name)));
  }
  return value;
}

std::int64_t ListVariable::ReadCount() const {
  constexpr std::int64_t kCountMax = std::int64_t{1} << 48;  // more elements than any store holds
  const std::int64_t count = ReadLong(*count_).value_or(0);
  if (count < 0 || count > kCountMax) {
    throw StatusError(
        Corrupt(fmt::format("list state variable {}: a list is said to have {} elements", codec_.plan().name, count)));
  }
  return count;
}

void ListVariable::WriteLong(KeyedCells& cells, std::int64_t value) {
  constexpr int kSchemaId = 0;  // Spark 4.3: these families never evolve
  codec_.frame().BeginRow(kSchemaId, number_);
  AppendLongRow(codec_.frame().encoding, value, number_);
  cells.Put(number_);
}

void ListVariable::SetLeast(std::optional<std::int64_t> expiration_ms) {
  const std::optional<std::int64_t> old = ReadLong(*expiring_->least);
  if (old == expiration_ms) {
    return;
  }
  if (old.has_value()) {
    expiring_->index.Remove(*old, row_);
  }
  if (expiration_ms.has_value()) {
    WriteLong(*expiring_->least, *expiration_ms);
    expiring_->index.Put(*expiration_ms, row_);
  } else {
    expiring_->least->Remove();
  }
}

void ListVariable::CountRewritten() {
  for (const int schema_id : read_ids_) {
    codec_.CountRewritten({.schema_id = schema_id, .bytes = {}});
  }
  read_ids_.clear();
}

void ListVariable::Write(std::span<const void* const> elements, bool instead) {
  CheckElements(elements, codec_.plan().name);
  SetKey(row_);
  const std::int64_t expiration_ms =
      expiring_.has_value() ? ExpirationAfter(context_.time->now_ms, type().ttl_ms) : kNeverExpires;
  Encode(elements, expiration_ms);
  const std::int64_t before = instead ? 0 : ReadCount();
  if (instead) {
    CountRewritten();
  }
  std::size_t begin = 0;
  for (const std::size_t end : ends_) {
    const std::string_view element = std::string_view(encoded_).substr(begin, end - begin);
    instead&& begin == 0 ? context_.store->Put(key_, element) : context_.store->Merge(key_, element);
    begin = end;
  }
  WriteLong(*count_, before + static_cast<std::int64_t>(elements.size()));
  if (expiring_.has_value()) {
    const std::int64_t least = instead ? expiration_ms : ReadLong(*expiring_->least).value_or(expiration_ms);
    SetLeast(std::min(least, expiration_ms));
  }
}

// ---- The keys of a batch -----------------------------------------------------------------------------------------

Status ListVariable::BindKeys(const GroupKeys& keys) {
  HF_RETURN_IF_ERROR(count_->BindKeys(keys));
  return expiring_.has_value() ? expiring_->least->BindKeys(keys) : Status();
}

void ListVariable::BindKey(std::size_t group, std::string_view key) {
  count_->BindKey(group);
  if (expiring_.has_value()) {
    expiring_->least->BindKey(group);
  }
  row_ = key;
  key_made_ = false;
  read_ids_.clear();
}

void ListVariable::EndKey() {
  count_->EndKey();
  if (expiring_.has_value()) {
    expiring_->least->EndKey();
  }
  key_made_ = false;
}

std::int64_t ListVariable::RemoveExpiredElements() {
  if (!Read()) {
    SetLeast(std::nullopt);
    count_->Remove();
    return 0;
  }
  // As Spark 4.3 OneToManyTTLState: the list goes, and what is left of it comes again.
  context_.store->Delete(key_);
  std::string_view left = list_;
  std::int64_t kept = 0;
  std::int64_t expired = 0;
  std::optional<std::int64_t> least;
  while (!left.empty()) {
    const std::string_view from = left;
    const auto row = codec_.frame().TakeElement(context_.store->list_delimiter(), &left);
    if (!row.has_value()) {
      FailFrame();
    }
    const std::int64_t expiration_ms = codec_.Expiration(*row);
    if (IsExpired(expiration_ms, context_.time->now_ms)) {
      ++expired;
      continue;
    }
    if (expiration_ms != kNeverExpires) {
      least = std::min(least.value_or(expiration_ms), expiration_ms);
    }
    // The element with its size, without the delimiter behind it.
    const std::string_view element =
        from.substr(0, static_cast<std::size_t>(row->bytes.data() + row->bytes.size() - from.data()));
    kept == 0 ? context_.store->Put(key_, element) : context_.store->Merge(key_, element);
    ++kept;
  }
  if (kept == 0) {
    count_->Remove();
  } else {
    WriteLong(*count_, kept);
  }
  SetLeast(least);
  return expired;
}

Result<std::int64_t> ListVariable::RemoveExpired() {
  if (!expiring_.has_value()) {
    return 0;
  }
  return RemoveDue(expiring_->index, context_.time->now_ms,
                   [this](const TimeEntries& due) { return RemoveExpired(due); });
}

Result<std::int64_t> ListVariable::RemoveExpired(const TimeEntries& due) {
  std::int64_t removed = 0;
  GroupKeys keys;
  AppendKeys(*context_.plan, due, &keys);
  HF_RETURN_IF_ERROR(BindKeys(keys));
  for (std::size_t i = 0; i < due.size(); ++i) {
    BindKey(i, due.row(i));
    // An index entry that is not the list's least expiration has been left behind.
    if (ReadLong(*expiring_->least) == due.time_ms(i)) {
      removed += RemoveExpiredElements();
    } else {
      expiring_->index.RemoveGiven(due.time_ms(i), due.row(i));
    }
    EndKey();
  }
  return removed;
}

Result<std::optional<std::int64_t>> ListVariable::EarliestExpiration() {
  return expiring_.has_value() ? expiring_->index.Earliest() : std::optional<std::int64_t>();
}

void ListVariable::Collect(std::vector<StateRecord>* records) const {
  count_->Collect(records);
  if (expiring_.has_value()) {
    expiring_->least->Collect(records);
  }
}

void ListVariable::EndBatch(std::size_t budget_bytes) {
  const std::size_t share = expiring_.has_value() ? budget_bytes / 2 : budget_bytes;
  count_->EndBatch(share);
  if (expiring_.has_value()) {
    expiring_->least->EndBatch(share);
  }
}

std::size_t ListVariable::memory_bytes() const {
  return count_->memory_bytes() + (expiring_.has_value() ? expiring_->least->memory_bytes() : 0);
}

}  // namespace hf
