// SPDX-License-Identifier: Apache-2.0
// StructType.json, in the order of keys and with the escapes that Spark 4.3 writes (StructField.jsonValue:
// name, type, nullable, metadata).
#include "base/json.h"

#include <fmt/core.h>

#include "holdfast/types.h"
#include "rows/type_names.h"

namespace hf {
namespace {

void AppendType(std::string& out, const DataType& type);

std::string Quoted(std::string_view text) { return DumpJson(Json(std::string(text))); }

std::string_view BoolText(bool value) { return value ? "true" : "false"; }

void AppendStruct(std::string& out, const DataType& type) {
  out += R"({"type":"struct","fields":[)";
  bool first = true;
  for (const StructField& field : type.children()) {
    out += first ? R"({"name":)" : R"(,{"name":)";
    first = false;
    out += Quoted(field.name);
    out += R"(,"type":)";
    AppendType(out, field.type);
    out += R"(,"nullable":)";
    out += BoolText(field.nullable);
    out += R"(,"metadata":)";
    out += field.metadata_json;
    out += '}';
  }
  out += "]}";
}

void AppendType(std::string& out, const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kArray:
      out += R"({"type":"array","elementType":)";
      AppendType(out, type.children()[0].type);
      out += R"(,"containsNull":)";
      out += BoolText(type.children()[0].nullable);
      out += '}';
      return;
    case TypeKind::kMap:
      out += R"({"type":"map","keyType":)";
      AppendType(out, type.children()[0].type);
      out += R"(,"valueType":)";
      AppendType(out, type.children()[1].type);
      out += R"(,"valueContainsNull":)";
      out += BoolText(type.children()[1].nullable);
      out += '}';
      return;
    case TypeKind::kStruct: AppendStruct(out, type); return;
    case TypeKind::kDecimal: out += fmt::format("\"decimal({},{})\"", type.precision(), type.scale()); return;
    default: out += fmt::format("\"{}\"", NamesOf(type.kind()).json); return;
  }
}

Status BadType(const Json& found) {
  std::string text = DumpJson(found);
  if (text.size() > 200) {
    text.resize(200);
    text += "...";
  }
  return Invalid(fmt::format("{} is not the JSON of a type", text), "INVALID_JSON_DATA_TYPE");
}

Result<DataType> ParseType(const Json& json, int depth);

Result<StructField> ParseField(const Json& json, int depth) {
  const Json* name = FindKey(json, "name");
  const Json* type = FindKey(json, "type");
  const Json* nullable = FindKey(json, "nullable");
  const Json* metadata = FindKey(json, "metadata");
  // Spark's DataType.parseStructField: metadata, and nullable with it, may be missing; nothing else may be there.
  const std::size_t known = 2u + (nullable != nullptr ? 1u : 0u) + (metadata != nullptr ? 1u : 0u);
  if (name == nullptr || !name->is_string() || type == nullptr || (nullable != nullptr && !nullable->is_boolean()) ||
      (metadata != nullptr && !metadata->is_object()) || (metadata != nullptr && nullable == nullptr) ||
      json.size() != known) {
    return BadType(json);
  }
  StructField field{.name = name->get_ref<const std::string&>()};
  if (metadata != nullptr) {
    if (FindKey(*metadata, "__COLLATIONS") != nullptr) {
      return UnsupportedType("string with a collation").WithContext("field " + field.name);
    }
    field.metadata_json = DumpJson(*metadata);
  }
  auto parsed = ParseType(*type, depth + 1);
  if (!parsed.ok()) {
    return std::move(parsed).status().WithContext("field " + field.name);
  }
  field.type = std::move(parsed).value();
  field.nullable = nullable == nullptr || nullable->get<bool>();
  return field;
}

Result<DataType> ParseStruct(const Json& json, int depth) {
  const Json* fields = FindKey(json, "fields");
  if (fields == nullptr || !fields->is_array() || json.size() != 2) {
    return BadType(json);
  }
  std::vector<StructField> parsed;
  for (const Json& field : *fields) {
    HF_ASSIGN_OR_RETURN(parsed.emplace_back(), ParseField(field, depth));
  }
  return DataType::Struct(std::move(parsed));
}

Result<DataType> ParseArray(const Json& json, int depth) {
  const Json* element = FindKey(json, "elementType");
  const Json* contains_null = FindKey(json, "containsNull");
  if (element == nullptr || contains_null == nullptr || !contains_null->is_boolean() || json.size() != 3) {
    return BadType(json);
  }
  HF_ASSIGN_OR_RETURN(DataType type, ParseType(*element, depth + 1));
  return DataType::Array(std::move(type), contains_null->get<bool>());
}

Result<DataType> ParseMap(const Json& json, int depth) {
  const Json* key = FindKey(json, "keyType");
  const Json* value = FindKey(json, "valueType");
  const Json* contains_null = FindKey(json, "valueContainsNull");
  if (key == nullptr || value == nullptr || contains_null == nullptr || !contains_null->is_boolean() ||
      json.size() != 4) {
    return BadType(json);
  }
  HF_ASSIGN_OR_RETURN(DataType key_type, ParseType(*key, depth + 1));
  HF_ASSIGN_OR_RETURN(DataType value_type, ParseType(*value, depth + 1));
  return DataType::Map(std::move(key_type), std::move(value_type), contains_null->get<bool>());
}

Result<DataType> ParseType(const Json& json, int depth) {
  if (depth > kTypeDepthMax) {
    return Invalid(fmt::format("a type nests deeper than {} levels", kTypeDepthMax));
  }
  if (json.is_string()) {
    return ScalarTypeOfJsonName(json.get_ref<const std::string&>());
  }
  const Json* type = FindKey(json, "type");
  if (type == nullptr || !type->is_string()) {
    return BadType(json);
  }
  const auto& word = type->get_ref<const std::string&>();
  if (word == "struct") {
    return ParseStruct(json, depth);
  }
  if (word == "array") {
    return ParseArray(json, depth);
  }
  if (word == "map") {
    return ParseMap(json, depth);
  }
  if (word == "udt") {
    return UnsupportedType("udt");
  }
  return BadType(json);
}

}  // namespace

std::string Schema::ToJson() const {
  std::string out;
  AppendStruct(out, type_);
  return out;
}

Result<Schema> Schema::FromJson(std::string_view json) {
  auto parsed = ParseJson(json);
  if (!parsed.ok()) {
    return Invalid(std::string(parsed.status().message())).WithContext("schema");
  }
  auto type = ParseType(*parsed, 0);
  if (!type.ok()) {
    return std::move(type).status().WithContext("schema");
  }
  if (type->kind() != TypeKind::kStruct) {
    return Invalid(fmt::format("schema: expected a struct, found {}", type->ToString()), "INVALID_JSON_DATA_TYPE");
  }
  return Schema(std::move(type).value());
}

}  // namespace hf
