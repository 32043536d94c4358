// SPDX-License-Identifier: Apache-2.0
// MapVariable: one map state variable in one partition. Each entry is a key of the store of its own, those of one
// grouping key side by side (Spark 4.3 MapStateImpl: a prefix key of the grouping key, behind it the user's key). With
// TTL each entry expires by itself.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codec/avro/avro_reader.h"
#include "holdfast/map_state.h"
#include "state/state_variable.h"

namespace hf {

// The user's keys to the rows that stand in the store's keys, and back.
class UserKeyCodec {
 public:
  // As VariableCodec::Make.
  static Result<UserKeyCodec> Make(const RowFrame& frame, const VariablePlan& plan, const TypeLayout& layout);

  StateRowWriter writer;
  StateRowReader reader;
};

class MapVariable final : public MapSlot, public StateVariable {
 public:
  static Result<std::unique_ptr<MapVariable>> Make(const VariableContext& context, const VariablePlan& plan,
                                                   const VariableType& type);
  ~MapVariable() override;
  MapVariable(const MapVariable&) = delete;
  MapVariable& operator=(const MapVariable&) = delete;

  bool Exists() override;
  const void* Get(const void* key) override;
  bool Contains(const void* key) override;
  void Update(const void* key, const void* value) override;
  void Remove(const void* key) override;
  std::unique_ptr<EntryCursor> Entries() override;
  void Clear() override;

  Status BindKeys(const GroupKeys& /*keys*/) override { return Status(); }
  void BindKey(std::size_t group, std::string_view key) override;
  void EndKey() override;
  Result<std::int64_t> RemoveExpired() override;
  Result<std::optional<std::int64_t>> EarliestExpiration() override;
  [[nodiscard]] SchemaUse TakeSchemaUse() override { return codec_.TakeUse(); }
  void Collect(std::vector<StateRecord>* /*records*/) const override {}
  void EndBatch(std::size_t /*budget_bytes*/) override {}
  [[nodiscard]] std::size_t memory_bytes() const override { return 0; }
  [[nodiscard]] bool keeps_cells() const override { return false; }

 private:
  struct Entry {
    std::string user_key;  // its row
    std::string value;     // as stored
  };
  class Cursor;

  MapVariable(const VariableContext& context, VariableCodec codec, UserKeyCodec user_keys, AvroSkipper key_end,
              const VariableType& type, FamilyId family);

  [[noreturn]] void Fail(const Status& status) const;
  // The row of the user's key, in `user_key_`.
  void Encode(const void* key);
  // The store's key of the entry, in `entry_key_`: the current grouping key's and `user_key`.
  void SetEntryKey(std::string_view key, std::string_view user_key);
  // What is stored under `entry_key_`, in `value_`; false when nothing is.
  bool Read();
  // The entry under `entry_key_` is about to be replaced.
  void CountRewritten();
  [[nodiscard]] bool IsExpiredValue(std::string_view value) const;
  // The row of the entry in the expiration index.
  std::string_view IndexRow(std::string_view user_key);
  void RemoveEntry(std::string_view user_key);
  Result<std::int64_t> RemoveExpired(const TimeEntries& due);
  // Visits the current key's entries, those that have expired too, until `visit` returns false.
  void Scan(const std::function<bool(std::string_view user_key, std::string_view value)>& visit) const;
  // Those that have not expired.
  [[nodiscard]] std::vector<Entry> ReadEntries() const;
  // What all keys of `key`'s entries begin with.
  void AppendPrefix(std::string_view key, std::string& out) const;

  const VariableContext context_;
  const VariableCodec codec_;
  const UserKeyCodec user_keys_;
  const AvroSkipper key_end_;  // of a grouping key's row
  const FamilyId family_;
  std::optional<TimeIndex> expirations_;  // with TTL
  std::optional<std::string_view> key_;   // the current key's row
  void* object_;                          // what Get returns
  std::string user_key_;                  // scratch, these four
  std::string entry_key_;
  std::string value_;
  std::string index_row_;
  std::string read_key_;  // whose value is in `value_`, where use is counted
};

}  // namespace hf
