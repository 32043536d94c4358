// SPDX-License-Identifier: Apache-2.0
#include "connect/file/nullable_schema.h"

#include <utility>
#include <vector>

namespace hf {
namespace {

DataType AsNullableType(const DataType& type) {
  const std::vector<StructField>& children = type.children();
  if (type.kind() == TypeKind::kArray) {
    return DataType::Array(AsNullableType(children[0].type));
  }
  if (type.kind() == TypeKind::kMap) {
    return DataType::Map(AsNullableType(children[0].type), AsNullableType(children[1].type));
  }
  if (type.kind() == TypeKind::kStruct) {
    std::vector<StructField> fields;
    for (const StructField& field : children) {
      fields.push_back({.name = field.name, .type = AsNullableType(field.type), .metadata_json = field.metadata_json});
    }
    return DataType::Struct(std::move(fields));
  }
  return type;
}

}  // namespace

Schema AsNullable(const Schema& schema) { return Schema(AsNullableType(schema.type())); }

}  // namespace hf
