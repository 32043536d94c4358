// SPDX-License-Identifier: Apache-2.0
#include "engine/dialect.h"

#include <fmt/format.h>

#include <algorithm>

#include "state/evolution_rules.h"

namespace hf {

namespace {

// Spark 4.3: the encoder of what is no class has one column of this name.
constexpr const char* kOnlyColumn = "value";

// The JVM's types that are no objects.
bool IsPrimitive(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInt:
    case TypeKind::kLong:
    case TypeKind::kFloat:
    case TypeKind::kDouble: return true;
    default: return false;
  }
}

std::vector<StructField> WithoutEmptyPlaces(const Schema& key, const TypeLayout& key_layout) {
  std::vector<StructField> columns = key.fields();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const bool may_be_empty = key_layout.kind == MemoryKind::kRow || key_layout.fields[i].place.optional != nullptr;
    columns[i].nullable = columns[i].nullable && may_be_empty;
  }
  return columns;
}

}  // namespace

Status CheckOperatorName(std::string_view operator_name) {
  if (std::find(std::begin(kOperatorNames), std::end(kOperatorNames), operator_name) != std::end(kOperatorNames)) {
    return Status();
  }
  return Incompatible(fmt::format("the checkpoint's stateful operator is {}; Holdfast goes on with {}", operator_name,
                                  fmt::join(kOperatorNames, ", ")),
                      "HOLDFAST_UNSUPPORTED_OPERATOR");
}

Schema KeyStructOf(std::string_view operator_name, const Schema& key, const TypeLayout& key_layout,
                   const std::vector<StateFamilySchema>* latest_file) {
  if (operator_name != kJvmOperator) {
    return key;
  }
  std::vector<StructField> columns = WithoutEmptyPlaces(key, key_layout);
  if (latest_file == nullptr) {
    for (StructField& column : columns) {
      column.nullable = column.nullable || !IsPrimitive(column.type.kind());
    }
    if (columns.size() == 1) {
      columns.front().name = kOnlyColumn;
    }
    return Schema(std::move(columns));
  }
  const auto found = std::find_if(latest_file->begin(), latest_file->end(),
                                  [](const StateFamilySchema& family) { return family.family == "default"; });
  const DataType wanted = DataType::Struct(std::move(columns));
  return found != latest_file->end() && FitsByPosition(wanted, found->key_schema.type()) &&
                 !FindMovedName(wanted, found->key_schema.type()).has_value()
             ? found->key_schema
             : key;
}

}  // namespace hf
