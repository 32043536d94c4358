// SPDX-License-Identifier: Apache-2.0
// StateRows: the stored entries of one variable (or of the timers) as rows of Spark's "statestore" source.
//
//   value    key, value                                   map    key, user_map_key, user_map_value
//   list     key, list_element                            map    key, map_value             flatten = false
//   list     key, list_value          flatten = false     timers key, expiration_timestamp_ms
//
// A change feed has batch_id and change_type in front; every row ends with partition_id. With TTL a value, element or
// map's value is {value, ttlExpirationMs}, expired or not, as Spark's reader shows it.
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "holdfast/batch.h"
#include "inspect/checkpoint_view.h"
#include "rows/column_builder.h"
#include "state/changelog.h"
#include "state/row_frame.h"
#include "state/versioned_row_reader.h"

namespace hf {

class StateRows {
 public:
  enum class Kind : std::uint8_t { kValue, kList, kMap, kTimers };
  struct Shape {
    Kind kind = Kind::kValue;
    bool flatten = true;
    bool changes = false;
  };

  // How a variable of this type ("ValueState") is kept; kIncompatible for one that is not known.
  static Result<Kind> KindOf(const StateVariableInfo& variable);
  // `family`: that of the variable. kCorrupt when no schema file describes it.
  static Result<std::unique_ptr<StateRows>> Make(const CheckpointView& view, const std::string& family, Shape shape);

  // The entries of a partition come in the order of their keys, and EndPartition after them. kCorrupt: the bytes are
  // not what the schema files and confs say.
  Status AddEntry(std::string_view key, std::string_view value, std::int32_t partition);
  void EndPartition() { FlushMap(); }
  // One operation of a changelog. REQUIRES: Shape::changes.
  Status AddChange(BatchId batch, const ChangelogRecord& record, std::int32_t partition);

  [[nodiscard]] std::size_t size() const { return rows_; }
  [[nodiscard]] std::size_t size_bytes() const;
  [[nodiscard]] const Schema& schema() const { return schema_; }
  // The rows gathered so far; gathers anew.
  ColumnBatch Take();
  // How many values, elements or map entries each schema version wrote, by schema id.
  [[nodiscard]] const std::map<int, std::int64_t>& counts() const { return counts_; }

 private:
  struct Change {
    BatchId batch;
    StateOp op;
  };

  StateRows(const CheckpointView& view, const StateFamilySchema& family, Shape shape);

  Status CompileReaders(const CheckpointView& view, const StateFamilySchema& family);
  // What key() and user_key() return afterwards.
  Status DecodeKey(std::string_view key);
  [[nodiscard]] const Value& key() const { return prefix_columns_ == 0 ? key_struct_ : prefix_row_[0]; }
  [[nodiscard]] const Value& user_key() const { return std::get<StructValue>(key_struct_).fields[0]; }
  Status DecodeValue(const std::optional<FramedRow>& framed, Value* value);
  // A row of these columns, of `change` in front of them, and of partition_id.
  void Emit(std::initializer_list<const Value*> columns, std::int32_t partition, const Change* change = nullptr);
  Status AddList(std::string_view list, std::int32_t partition, Change* change);
  Status AddMapEntry(std::string_view key, std::string_view value, std::int32_t partition);
  void FlushMap();

  const Shape shape_;
  const RowFrame frame_;
  const std::string list_delimiter_;
  const std::size_t prefix_columns_;  // of the key that stand in front of it; 0: the key is in one piece
  std::shared_ptr<const TypeLayout> prefix_layout_;
  std::shared_ptr<const TypeLayout> key_layout_;  // of what follows the prefix
  std::shared_ptr<const TypeLayout> value_layout_;
  std::optional<VersionedRowReader> prefix_reader_;
  std::optional<VersionedRowReader> key_reader_;
  std::optional<VersionedRowReader> value_reader_;  // timers have none
  Schema schema_;
  std::vector<ColumnBuilder> builders_;  // of schema_
  std::size_t rows_ = 0;
  std::map<int, std::int64_t> counts_;
  // What was decoded last; the next one uses their memory again.
  Row prefix_row_;
  Value key_struct_ = StructValue{};
  Value value_ = StructValue{};
  // Without flattening: the map whose entries are being gathered.
  std::string map_prefix_;
  std::int32_t map_partition_ = 0;
  Value map_key_;
  std::optional<Value> map_;
};

}  // namespace hf
