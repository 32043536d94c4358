// SPDX-License-Identifier: Apache-2.0
#include "state/map_variable.h"

#include <fmt/format.h>

#include "state/keyed_cells.h"
#include "state/nested_rows.h"

namespace hf {

Result<UserKeyCodec> UserKeyCodec::Make(const RowFrame& frame, const VariablePlan& plan, const TypeLayout& layout) {
  UserKeyCodec made;
  HF_ASSIGN_OR_RETURN(made.writer, StateRowWriter::Compile(frame.encoding, plan.user_key, layout));
  auto reader = StateRowReader::Compile(frame.encoding, plan.user_key, layout);
  if (!reader.ok()) {
    return reader.status().WithContext(fmt::format("state variable {}, the map's key", plan.name));
  }
  made.reader = std::move(reader).value();
  return made;
}

// Owns the entries it walks, so that the map may change meanwhile.
class MapVariable::Cursor final : public EntryCursor {
 public:
  Cursor(const MapVariable& variable, std::vector<Entry> entries)
      : variable_(variable),
        entries_(std::move(entries)),
        key_object_(variable.type().user_key->create()),
        value_object_(variable.type().value->create()) {
    key = key_object_;
    value = value_object_;
  }
  ~Cursor() override {
    variable_.type().user_key->destroy(key_object_);
    variable_.type().value->destroy(value_object_);
  }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  bool Next() override {
    if (at_ == entries_.size()) {
      return false;
    }
    const Entry& entry = entries_[at_++];
    if (const Status read = variable_.user_keys_.reader.Decode(entry.user_key, key_object_); !read.ok()) {
      variable_.Fail(read);
    }
    variable_.codec_.Decode(variable_.codec_.RowOf(entry.value), value_object_);
    return true;
  }

 private:
  const MapVariable& variable_;
  const std::vector<Entry> entries_;
  std::size_t at_ = 0;
  void* const key_object_;
  void* const value_object_;
};

Result<std::unique_ptr<MapVariable>> MapVariable::Make(const VariableContext& context, const VariablePlan& plan,
                                                       const VariableType& type) {
  const RowFrame& frame = context.plan->frame;
  HF_ASSIGN_OR_RETURN(VariableCodec codec, VariableCodec::Make(frame, plan, *type.value));
  HF_ASSIGN_OR_RETURN(UserKeyCodec user_keys, UserKeyCodec::Make(frame, plan, *type.user_key));
  HF_ASSIGN_OR_RETURN(
      AvroSkipper key_end,
      AvroSkipper::Compile(frame.encoding == StateEncoding::kAvro ? context.plan->key_schema : Schema()));
  std::optional<TimeIndex> expirations;
  if (plan.has_ttl) {
    HF_ASSIGN_OR_RETURN(expirations, OpenExpirations(context, plan));
  }
  HF_ASSIGN_OR_RETURN(const FamilyId family, context.store->EnsureFamily(plan.name));
  std::unique_ptr<MapVariable> made(
      new MapVariable(context, std::move(codec), std::move(user_keys), std::move(key_end), type, family));
  made->expirations_ = std::move(expirations);
  return made;
}

MapVariable::MapVariable(const VariableContext& context, VariableCodec codec, UserKeyCodec user_keys,
                         AvroSkipper key_end, const VariableType& type, FamilyId family)
    : StateVariable(type),
      context_(context),
      codec_(std::move(codec)),
      user_keys_(std::move(user_keys)),
      key_end_(std::move(key_end)),
      family_(family),
      object_(type.value->create()) {}

MapVariable::~MapVariable() { type().value->destroy(object_); }

// ---- What the processor calls ------------------------------------------------------------------------------------

bool MapVariable::Exists() {
  bool exists = false;
  Scan([&](std::string_view /*user_key*/, std::string_view value) {
    exists = !IsExpiredValue(value);
    return !exists;
  });
  return exists;
}

const void* MapVariable::Get(const void* key) {
  if (!Contains(key)) {
    return nullptr;
  }
  codec_.Decode(codec_.RowOf(value_), object_);
  return object_;
}

bool MapVariable::Contains(const void* key) {
  Encode(key);
  SetEntryKey(*key_, user_key_);
  return Read() && !IsExpiredValue(value_);
}

// As Spark 4.3 OneToOneTTLState has it with TTL: the same bytes again are no operation.
void MapVariable::Update(const void* key, const void* value) {
  Encode(key);
  SetEntryKey(*key_, user_key_);
  std::string encoded;
  const std::int64_t expiration_ms =
      expirations_.has_value() ? ExpirationAfter(context_.time->now_ms, type().ttl_ms) : kNeverExpires;
  codec_.frame().BeginRow(codec_.plan().stored_id, encoded);
  codec_.Encode(value, expiration_ms, encoded);
  const bool replaces = expirations_.has_value() && Read();
  if (replaces && value_ == encoded) {
    return;
  }
  CountRewritten();
  context_.store->Put(entry_key_, encoded);
  if (!expirations_.has_value()) {
    return;
  }
  const std::int64_t old_ms = replaces ? codec_.Expiration(codec_.RowOf(value_)) : kNeverExpires;
  if (!replaces || old_ms != expiration_ms) {
    if (replaces) {
      expirations_->Remove(old_ms, IndexRow(user_key_));
    }
    expirations_->Put(expiration_ms, IndexRow(user_key_));
  }
}

void MapVariable::Remove(const void* key) {
  Encode(key);
  RemoveEntry(user_key_);
}

std::unique_ptr<EntryCursor> MapVariable::Entries() { return std::make_unique<Cursor>(*this, ReadEntries()); }

// Those that have expired, too.
void MapVariable::Clear() {
  std::vector<std::string> user_keys;
  Scan([&](std::string_view user_key, std::string_view /*value*/) {
    user_keys.emplace_back(user_key);
    return true;
  });
  for (const std::string& user_key : user_keys) {
    RemoveEntry(user_key);
  }
}

// ---- Reading and writing -----------------------------------------------------------------------------------------

void MapVariable::Fail(const Status& status) const {
  throw StatusError(status.WithContext(fmt::format("state variable {}", codec_.plan().name)));
}

void MapVariable::Encode(const void* key) {
  if (!key_.has_value()) {
    ThrowNoKey(codec_.plan().name);
  }
  user_key_.clear();
  if (const Status encoded = user_keys_.writer.Encode(key, user_key_); !encoded.ok()) {
    Fail(encoded);
  }
}

void MapVariable::AppendPrefix(std::string_view key, std::string& out) const {
  out.append(FamilyPrefix(family_));
  const std::size_t part = RowFrame::BeginPrefix(out);
  AppendStructsRow(codec_.frame().encoding, {key}, out);
  RowFrame::EndPart(part, out);
}

void MapVariable::SetEntryKey(std::string_view key, std::string_view user_key) {
  entry_key_.clear();
  AppendPrefix(key, entry_key_);
  codec_.frame().AppendHead(context_.plan->key_schema_id, entry_key_);
  AppendStructsRow(codec_.frame().encoding, {user_key}, entry_key_);
}

bool MapVariable::Read() {
  const Result<bool> found = context_.store->Get(entry_key_, &value_);
  if (!found.ok()) {
    Fail(found.status());
  }
  if (codec_.counts_use()) {
    read_key_ = *found ? entry_key_ : std::string();
  }
  return *found;
}

void MapVariable::CountRewritten() {
  if (codec_.counts_use() && read_key_ == entry_key_) {
    if (const auto old = codec_.frame().ReadRow(value_); old.has_value()) {
      codec_.CountRewritten(*old);
    }
    read_key_.clear();
  }
}

bool MapVariable::IsExpiredValue(std::string_view value) const {
  return codec_.has_ttl() && IsExpired(codec_.Expiration(codec_.RowOf(value)), context_.time->now_ms);
}

std::string_view MapVariable::IndexRow(std::string_view user_key) {
  index_row_.clear();
  AppendStructsRow(codec_.frame().encoding, {*key_, user_key}, index_row_);
  return index_row_;
}

// Spark 4.3 leaves the index entry of a removed key behind, which then takes a later value of it too early; here it
// goes.
void MapVariable::RemoveEntry(std::string_view user_key) {
  SetEntryKey(*key_, user_key);
  if (expirations_.has_value() && Read()) {
    expirations_->Remove(codec_.Expiration(codec_.RowOf(value_)), IndexRow(user_key));
  }
  context_.store->Delete(entry_key_);
  read_key_.clear();
}

void MapVariable::Scan(const std::function<bool(std::string_view user_key, std::string_view value)>& visit) const {
  if (!key_.has_value()) {
    ThrowNoKey(codec_.plan().name);
  }
  std::string prefix;
  AppendPrefix(*key_, prefix);
  Status damage;
  const Status scanned = context_.store->ScanPrefix(prefix, [&](std::string_view key, std::string_view value) {
    const std::optional<FramedKey> framed = codec_.frame().ReadPrefixedKey(key);
    const auto user_key = framed.has_value() ? ReadStructRow(codec_.frame().encoding, framed->row.bytes) : std::nullopt;
    if (!user_key.has_value()) {
      damage = Corrupt(fmt::format("a stored key of {} bytes is not that of a map's entry", key.size()));
      return false;
    }
    return visit(*user_key, value);
  });
  if (!scanned.ok() || !damage.ok()) {
    Fail(scanned.ok() ? damage : scanned);
  }
}

std::vector<MapVariable::Entry> MapVariable::ReadEntries() const {
  std::vector<Entry> entries;
  Scan([&](std::string_view user_key, std::string_view value) {
    if (!IsExpiredValue(value)) {
      entries.push_back({std::string(user_key), std::string(value)});
    }
    return true;
  });
  return entries;
}

// ---- The keys of a batch -----------------------------------------------------------------------------------------

void MapVariable::BindKey(std::size_t /*group*/, std::string_view key) {
  key_ = key;
  read_key_.clear();
}

void MapVariable::EndKey() { key_.reset(); }

Result<std::int64_t> MapVariable::RemoveExpired() {
  if (!expirations_.has_value()) {
    return 0;
  }
  return RemoveDue(*expirations_, context_.time->now_ms, [this](const TimeEntries& due) { return RemoveExpired(due); });
}

Result<std::int64_t> MapVariable::RemoveExpired(const TimeEntries& due) {
  std::int64_t removed = 0;
  for (std::size_t i = 0; i < due.size(); ++i) {
    const auto pair = ReadStructPairRow(codec_.frame().encoding, due.row(i), key_end_);
    if (!pair.has_value()) {
      return Corrupt(
          fmt::format("state variable {}: an entry of {} bytes in the index of its expirations is not a key "
                      "and a map's key",
                      codec_.plan().name, due.row(i).size()));
    }
    SetEntryKey(pair->first, pair->second);
    // An index entry may be older than the value: Spark leaves such behind.
    if (Read() && IsExpiredValue(value_)) {
      context_.store->Delete(entry_key_);
      ++removed;
    }
    expirations_->RemoveGiven(due.time_ms(i), due.row(i));
  }
  return removed;
}

Result<std::optional<std::int64_t>> MapVariable::EarliestExpiration() {
  return expirations_.has_value() ? expirations_->Earliest() : std::optional<std::int64_t>();
}

}  // namespace hf
