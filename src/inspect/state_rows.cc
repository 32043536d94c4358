// SPDX-License-Identifier: Apache-2.0
#include "inspect/state_rows.h"

#include <fmt/core.h>

#include <utility>

#include "base/json.h"
#include "engine/recovery.h"

namespace hf {

namespace {

// Spark 4.3 KeyStateEncoderSpec: how many columns of the key a PrefixKeyScanStateEncoderSpec puts in front.
std::size_t PrefixColumns(const StateFamilySchema& family) {
  const Result<Json> spec = ParseJson(family.key_encoder_json);
  const Result<std::int64_t> columns =
      spec.ok() ? GetInt64(*spec, "numColsPrefixKey") : Result<std::int64_t>(spec.status());
  return columns.ok() && *columns > 0 && static_cast<std::size_t>(*columns) < family.key_schema.size()
             ? static_cast<std::size_t>(*columns)
             : 0;
}

Schema FieldsOf(const Schema& schema, std::size_t begin, std::size_t end) {
  return Schema(std::vector<StructField>(schema.fields().begin() + static_cast<std::ptrdiff_t>(begin),
                                         schema.fields().begin() + static_cast<std::ptrdiff_t>(end)));
}

Schema ColumnsOf(const StateFamilySchema& family, std::size_t prefix_columns, StateRows::Shape shape) {
  std::vector<StructField> columns;
  if (shape.changes) {
    columns.push_back({.name = "batch_id", .type = DataType::Long()});
    columns.push_back({.name = "change_type", .type = DataType::String()});
  }
  const DataType& value = family.value_schema.type();
  columns.push_back(
      {.name = "key", .type = prefix_columns == 0 ? family.key_schema.type() : family.key_schema.field(0).type});
  switch (shape.kind) {
    case StateRows::Kind::kValue: columns.push_back({.name = "value", .type = value}); break;
    case StateRows::Kind::kList:
      columns.push_back(shape.flatten ? StructField{.name = "list_element", .type = value}
                                      : StructField{.name = "list_value", .type = DataType::Array(value)});
      break;
    case StateRows::Kind::kMap: {
      const DataType& user_key = family.key_schema.field(1).type;
      if (shape.flatten) {
        columns.push_back({.name = "user_map_key", .type = user_key});
        columns.push_back({.name = "user_map_value", .type = value});
      } else {
        columns.push_back({.name = "map_value", .type = DataType::Map(user_key, value)});
      }
      break;
    }
    case StateRows::Kind::kTimers:
      columns.push_back({.name = "expiration_timestamp_ms", .type = DataType::Long()});
      break;
  }
  columns.push_back({.name = "partition_id", .type = DataType::Int()});
  return Schema(std::move(columns));
}

// Spark 4.3 StateStoreChangeDataReader.
const char* ChangeType(StateOp op) {
  switch (op) {
    case StateOp::kPut: return "update";
    case StateOp::kMerge: return "append";
    case StateOp::kDelete: break;
  }
  return "delete";
}

Status BadFrame(const char* what, std::string_view bytes) {
  return Corrupt(fmt::format("a stored {} of {} bytes is not framed as one", what, bytes.size()));
}

}  // namespace

Result<StateRows::Kind> StateRows::KindOf(const StateVariableInfo& variable) {
  for (const auto& [type, kind] :
       {std::pair("ValueState", Kind::kValue), {"ListState", Kind::kList}, {"MapState", Kind::kMap}}) {
    if (variable.type == type) {
      return kind;
    }
  }
  return Incompatible(
      fmt::format("state variable {} is a {}, which Holdfast does not know", variable.name, variable.type));
}

Result<std::unique_ptr<StateRows>> StateRows::Make(const CheckpointView& view, const std::string& family, Shape shape) {
  const StateFamilySchema* latest = view.Latest(family);
  if (latest == nullptr) {
    return Corrupt(fmt::format("no state schema file of {} describes {}", view.checkpoint, family),
                   "STDS_FAILED_TO_READ_STATE_SCHEMA");
  }
  const bool has_two_keys = shape.kind == Kind::kMap || shape.kind == Kind::kTimers;
  if (has_two_keys != (PrefixColumns(*latest) == 1 && latest->key_schema.size() == 2)) {
    return Corrupt(fmt::format("the state schema files of {} describe {} with key {} and encoder {}, which is not how "
                               "such a variable is kept",
                               view.checkpoint, family, latest->key_schema.ToDdl(), latest->key_encoder_json),
                   "STDS_FAILED_TO_READ_STATE_SCHEMA");
  }
  std::unique_ptr<StateRows> rows(new StateRows(view, *latest, shape));
  HF_RETURN_IF_ERROR(rows->CompileReaders(view, *latest));
  return rows;
}

StateRows::StateRows(const CheckpointView& view, const StateFamilySchema& family, Shape shape)
    : shape_(shape),
      frame_{.encoding = view.conf.encoding()},
      list_delimiter_(StoreFormatOf(view.conf).list_delimiter),
      prefix_columns_(PrefixColumns(family)),
      prefix_layout_(RowLayout(FieldsOf(family.key_schema, 0, prefix_columns_))),
      key_layout_(RowLayout(FieldsOf(family.key_schema, prefix_columns_, family.key_schema.size()))),
      value_layout_(RowLayout(family.value_schema)),
      schema_(ColumnsOf(family, prefix_columns_, shape)) {}

Status StateRows::CompileReaders(const CheckpointView& view, const StateFamilySchema& family) {
  const Schema& key = family.key_schema;
  if (prefix_columns_ > 0) {
    HF_ASSIGN_OR_RETURN(
        prefix_reader_,
        VersionedRowReader::Compile(frame_.encoding, {{0, FieldsOf(key, 0, prefix_columns_)}}, *prefix_layout_));
  }
  HF_ASSIGN_OR_RETURN(
      key_reader_,
      VersionedRowReader::Compile(frame_.encoding, {{family.key_schema_id, FieldsOf(key, prefix_columns_, key.size())}},
                                  *key_layout_));
  if (shape_.kind != Kind::kTimers) {
    HF_ASSIGN_OR_RETURN(value_reader_,
                        VersionedRowReader::Compile(frame_.encoding, view.Written(family.family), *value_layout_));
  }
  return Status();
}

Status StateRows::DecodeKey(std::string_view key, Row* columns) {
  const std::optional<FramedKey> framed = prefix_columns_ > 0 ? frame_.ReadPrefixedKey(key) : frame_.ReadKey(key);
  if (!framed.has_value()) {
    return BadFrame("key", key);
  }
  Row row;
  HF_RETURN_IF_ERROR(key_reader_->Decode(framed->row, &row));
  if (prefix_columns_ == 0) {
    columns->push_back(StructValue{std::move(row)});
    return Status();
  }
  Row prefix;
  HF_RETURN_IF_ERROR(prefix_reader_->Decode({.schema_id = 0, .bytes = framed->prefix}, &prefix));
  columns->push_back(std::move(prefix[0]));
  columns->push_back(std::move(row[0]));
  return Status();
}

Result<Value> StateRows::DecodeValue(const std::optional<FramedRow>& framed) {
  if (!framed.has_value()) {
    return Corrupt("a stored value is not framed as one");
  }
  Row row;
  HF_RETURN_IF_ERROR(value_reader_->Decode(*framed, &row));
  ++counts_[framed->schema_id];
  return Value(StructValue{std::move(row)});
}

Status StateRows::DecodeList(std::string_view value, std::vector<Value>* elements) {
  while (!value.empty()) {
    HF_ASSIGN_OR_RETURN(Value element, DecodeValue(frame_.TakeElement(list_delimiter_, &value)));
    elements->push_back(std::move(element));
  }
  return Status();
}

void StateRows::Emit(Row columns, std::int32_t partition) {
  columns.push_back(partition);
  rows_.push_back(std::move(columns));
}

Status StateRows::AddEntry(std::string_view key, std::string_view value, std::int32_t partition) {
  Row columns;
  HF_RETURN_IF_ERROR(DecodeKey(key, &columns));
  if (shape_.kind == Kind::kTimers) {
    Emit(std::move(columns), partition);
    return Status();
  }
  if (shape_.kind == Kind::kList) {
    ArrayValue list;
    HF_RETURN_IF_ERROR(DecodeList(value, &list.elements));
    if (!shape_.flatten) {
      columns.push_back(std::move(list));
      Emit(std::move(columns), partition);
      return Status();
    }
    for (Value& element : list.elements) {
      Emit({columns[0], std::move(element)}, partition);
    }
    return Status();
  }
  HF_ASSIGN_OR_RETURN(Value decoded, DecodeValue(frame_.ReadRow(value)));
  if (shape_.kind == Kind::kMap && !shape_.flatten) {
    const std::string_view prefix = frame_.ReadPrefixedKey(key)->prefix;
    if (!map_columns_.has_value() || map_prefix_ != prefix) {
      FlushMap();
      map_prefix_ = prefix;
      map_partition_ = partition;
      map_columns_ = Row{std::move(columns[0]), MapValue{}};
    }
    std::get<MapValue>((*map_columns_)[1]).entries.emplace_back(std::move(columns[1]), std::move(decoded));
    return Status();
  }
  columns.push_back(std::move(decoded));
  Emit(std::move(columns), partition);
  return Status();
}

void StateRows::FlushMap() {
  if (map_columns_.has_value()) {
    Emit(*std::exchange(map_columns_, std::nullopt), map_partition_);
  }
}

Status StateRows::AddChange(BatchId batch, const ChangelogRecord& change, std::int32_t partition) {
  Row columns = {std::int64_t{batch}, ChangeType(change.op)};
  HF_RETURN_IF_ERROR(DecodeKey(change.key, &columns));
  if (change.op == StateOp::kDelete) {
    columns.emplace_back();
    Emit(std::move(columns), partition);
    return Status();
  }
  if (shape_.kind != Kind::kList) {
    HF_ASSIGN_OR_RETURN(Value value, DecodeValue(frame_.ReadRow(change.value)));
    columns.push_back(std::move(value));
    Emit(std::move(columns), partition);
    return Status();
  }
  // A changelog of net effects puts a whole list at once: as if it were put and appended to.
  std::vector<Value> elements;
  HF_RETURN_IF_ERROR(DecodeList(change.value, &elements));
  for (Value& element : elements) {
    Row row = columns;
    row.push_back(std::move(element));
    Emit(std::move(row), partition);
    columns[1] = ChangeType(StateOp::kMerge);
  }
  return Status();
}

Result<ColumnBatch> StateRows::Take() {
  Result<ColumnBatch> batch = ColumnBatch::FromRows(schema_, rows_);
  rows_.clear();
  return batch;
}

}  // namespace hf
