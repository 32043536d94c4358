// SPDX-License-Identifier: Apache-2.0
#include "spark_compat/program_values.h"

#include <algorithm>
#include <stdexcept>

namespace hf::test {

namespace {

Value StructOf(const Json& json, const DataType& type) {
  StructValue made;
  for (std::size_t i = 0; i < type.children().size(); ++i) {
    made.fields.push_back(ValueOf(IsScalar(type) ? json : json.at(i), type.children()[i].type));
  }
  return made;
}

Json JsonOfFields(const Row& fields, const DataType& type) {
  if (IsScalar(type)) {
    return JsonOf(fields.front(), type.children().front().type);
  }
  Json made = Json::array();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    made.push_back(JsonOf(fields[i], type.children()[i].type));
  }
  return made;
}

Json JsonOfMap(const MapValue& map, const DataType& type) {
  std::vector<Json> entries;
  for (const auto& [key, value] : map.entries) {
    entries.push_back(Json::array({JsonOf(key, type.children()[0].type), JsonOf(value, type.children()[1].type)}));
  }
  std::sort(entries.begin(), entries.end(), [](const Json& a, const Json& b) { return a.dump() < b.dump(); });
  return entries;
}

}  // namespace

Schema SchemaOfType(const std::string& type) {
  return Schema::FromDdl(type.find(' ') == std::string::npos ? "value " + type : type).value();
}

bool IsScalar(const DataType& type) { return type.children().size() == 1 && type.children().front().name == "value"; }

Value ValueOf(const Json& json, const DataType& type) {
  if (json.is_null()) {
    return {};
  }
  switch (type.kind()) {
    case TypeKind::kBoolean: return json.get<bool>();
    case TypeKind::kInt: return json.get<std::int32_t>();
    case TypeKind::kLong: return json.get<std::int64_t>();
    case TypeKind::kDouble: return json.get<double>();
    case TypeKind::kString: return json.get<std::string>();
    case TypeKind::kStruct: return StructOf(json, type);
    case TypeKind::kArray: {
      ArrayValue array;
      for (const Json& element : json) {
        array.elements.push_back(ValueOf(element, type.children()[0].type));
      }
      return array;
    }
    case TypeKind::kMap: {
      MapValue map;
      for (const Json& entry : json) {
        map.entries.emplace_back(ValueOf(entry.at(0), type.children()[0].type),
                                 ValueOf(entry.at(1), type.children()[1].type));
      }
      return map;
    }
    default: throw std::invalid_argument("no values of " + type.ToString() + " in programs");
  }
}

Row RowOf(const Json& json, const Schema& schema) {
  return std::get<StructValue>(StructOf(json, schema.type())).fields;
}

Json JsonOf(const Value& value, const DataType& type) {
  if (const auto* fields = std::get_if<StructValue>(&value)) {
    return JsonOfFields(fields->fields, type);
  }
  if (const auto* map = std::get_if<MapValue>(&value)) {
    return JsonOfMap(*map, type);
  }
  if (const auto* array = std::get_if<ArrayValue>(&value)) {
    Json made = Json::array();
    for (const Value& element : array->elements) {
      made.push_back(JsonOf(element, type.children()[0].type));
    }
    return made;
  }
  return ParseJson(ToJson(value, type)).value();
}

Json JsonOf(const Row& row, const Schema& schema) { return JsonOfFields(row, schema.type()); }

void AddRows(const ColumnBatch& batch, Json* rows) {
  for (std::int64_t i = 0; i < batch.rows(); ++i) {
    rows->push_back(JsonOf(batch.RowAt(i), batch.schema()));
  }
}

}  // namespace hf::test
