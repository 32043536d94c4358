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
      schema_(ColumnsOf(family, prefix_columns_, shape)),
      builders_(MakeBuilders(schema_)) {}

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

Status StateRows::DecodeKey(std::string_view key) {
  const std::optional<FramedKey> framed = prefix_columns_ > 0 ? frame_.ReadPrefixedKey(key) : frame_.ReadKey(key);
  if (!framed.has_value()) {
    return BadFrame("key", key);
  }
  if (prefix_columns_ > 0) {
    HF_RETURN_IF_ERROR(prefix_reader_->Decode({.schema_id = 0, .bytes = framed->prefix}, &prefix_row_));
  }
  return key_reader_->Decode(framed->row, &std::get<StructValue>(key_struct_).fields);
}

Status StateRows::DecodeValue(const std::optional<FramedRow>& framed, Value* value) {
  if (!framed.has_value()) {
    return Corrupt("a stored value is not framed as one");
  }
  HF_RETURN_IF_ERROR(value_reader_->Decode(*framed, &std::get<StructValue>(*value).fields));
  ++counts_[framed->schema_id];
  return Status();
}

void StateRows::Emit(std::initializer_list<const Value*> columns, std::int32_t partition, const Change* change) {
  ColumnBuilder* builder = builders_.data();
  if (change != nullptr) {
    (builder++)->AppendFixed(std::int64_t{change->batch});
    (builder++)->AppendBytes(ChangeType(change->op));
  }
  for (const Value* column : columns) {
    (builder++)->AppendValue(*column);
  }
  builder->AppendFixed(partition);
  ++rows_;
}

// `change`: nullptr when it is no change feed. A changelog of net effects puts a whole list at once: as if its first
// element were put and the others appended.
Status StateRows::AddList(std::string_view list, std::int32_t partition, Change* change) {
  ArrayValue whole;
  while (!list.empty()) {
    HF_RETURN_IF_ERROR(DecodeValue(frame_.TakeElement(list_delimiter_, &list), &value_));
    if (!shape_.flatten) {
      whole.elements.push_back(value_);
      continue;
    }
    Emit({&key(), &value_}, partition, change);
    if (change != nullptr) {
      change->op = StateOp::kMerge;
    }
  }
  if (!shape_.flatten) {
    const Value array = std::move(whole);
    Emit({&key(), &array}, partition);
  }
  return Status();
}

Status StateRows::AddMapEntry(std::string_view key, std::string_view value, std::int32_t partition) {
  HF_RETURN_IF_ERROR(DecodeValue(frame_.ReadRow(value), &value_));
  if (shape_.flatten) {
    Emit({&this->key(), &user_key(), &value_}, partition);
    return Status();
  }
  const std::string_view prefix = frame_.ReadPrefixedKey(key)->prefix;
  if (!map_.has_value() || map_prefix_ != prefix) {
    FlushMap();
    map_prefix_ = prefix;
    map_partition_ = partition;
    map_key_ = this->key();
    map_ = MapValue{};
  }
  std::get<MapValue>(*map_).entries.emplace_back(user_key(), value_);
  return Status();
}

Status StateRows::AddEntry(std::string_view key, std::string_view value, std::int32_t partition) {
  HF_RETURN_IF_ERROR(DecodeKey(key));
  switch (shape_.kind) {
    case Kind::kTimers: Emit({&this->key(), &user_key()}, partition); return Status();
    case Kind::kList: return AddList(value, partition, nullptr);
    case Kind::kMap: return AddMapEntry(key, value, partition);
    case Kind::kValue: break;
  }
  HF_RETURN_IF_ERROR(DecodeValue(frame_.ReadRow(value), &value_));
  Emit({&this->key(), &value_}, partition);
  return Status();
}

void StateRows::FlushMap() {
  if (map_.has_value()) {
    Emit({&map_key_, &*map_}, map_partition_);
    map_.reset();
  }
}

Status StateRows::AddChange(BatchId batch, const ChangelogRecord& record, std::int32_t partition) {
  HF_RETURN_IF_ERROR(DecodeKey(record.key));
  static const Value kNull;
  Change change{batch, record.op};
  const Value* value = &kNull;
  if (record.op != StateOp::kDelete) {
    if (shape_.kind == Kind::kList) {
      return AddList(record.value, partition, &change);
    }
    HF_RETURN_IF_ERROR(DecodeValue(frame_.ReadRow(record.value), &value_));
    value = &value_;
  }
  if (shape_.kind == Kind::kMap) {
    Emit({&key(), &user_key(), value}, partition, &change);
  } else {
    Emit({&key(), value}, partition, &change);
  }
  return Status();
}

std::size_t StateRows::size_bytes() const {
  std::size_t bytes = 0;
  for (const ColumnBuilder& builder : builders_) {
    bytes += builder.size_bytes();
  }
  return bytes;
}

ColumnBatch StateRows::Take() {
  rows_ = 0;
  return FinishBatch(schema_, builders_);
}

}  // namespace hf
