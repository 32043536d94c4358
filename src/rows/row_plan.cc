// SPDX-License-Identifier: Apache-2.0
#include "rows/row_plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "rows/column_builder.h"

namespace hf::detail {
namespace {

PlaceOp OpOf(MemoryKind kind) {
  switch (kind) {
    case MemoryKind::kBool: return PlaceOp::kBool;
    case MemoryKind::kInt8: return PlaceOp::kWidth1;
    case MemoryKind::kInt16: return PlaceOp::kWidth2;
    case MemoryKind::kInt32:
    case MemoryKind::kFloat: return PlaceOp::kWidth4;
    case MemoryKind::kInt64:
    case MemoryKind::kDouble: return PlaceOp::kWidth8;
    case MemoryKind::kInt128: return PlaceOp::kWidth16;
    case MemoryKind::kString: return PlaceOp::kString;
    case MemoryKind::kStringView: return PlaceOp::kStringView;
    case MemoryKind::kBinary: return PlaceOp::kBinary;
    case MemoryKind::kStruct: return PlaceOp::kStruct;
    case MemoryKind::kVector: return PlaceOp::kVector;
    case MemoryKind::kMap: return PlaceOp::kMap;
    case MemoryKind::kValue:
    case MemoryKind::kRow: return PlaceOp::kValue;
  }
  return PlaceOp::kValue;
}

Status TypesDiffer(const std::string& path, const DataType& column, const DataType& member) {
  return Invalid(
      fmt::format("member {}: the column has type {}, the member stands for {}", path, column.ToSql(), member.ToSql()));
}

Result<PlacePlan> CompilePlace(const StructField& column, const PlaceLayout& place, PlanUse use,
                               const std::string& path) {
  const TypeLayout& layout = *place.type;
  PlacePlan plan{.op = OpOf(layout.kind),
                 .optional = place.optional,
                 .layout = &layout,
                 .type = column.type,
                 .nullable = column.nullable,
                 .path = path};
  if (layout.kind == MemoryKind::kValue) {
    return plan;
  }
  const DataType& type = column.type;
  if (type.kind() != layout.type.kind() || type.precision() != layout.type.precision() ||
      type.scale() != layout.type.scale()) {
    return TypesDiffer(path, type, layout.type);
  }
  if (plan.op == PlaceOp::kStruct) {
    HF_ASSIGN_OR_RETURN(plan.fields, CompilePlan(type, layout, use, path + "."));
  } else if (plan.op == PlaceOp::kVector) {
    HF_ASSIGN_OR_RETURN(PlacePlan element, CompilePlace(type.children()[0], layout.element, use, path + "[]"));
    plan.element = std::make_shared<const PlacePlan>(std::move(element));
  } else if (plan.op == PlaceOp::kMap) {
    HF_ASSIGN_OR_RETURN(PlacePlan key, CompilePlace(type.children()[0], layout.key, use, path + ".key"));
    HF_ASSIGN_OR_RETURN(PlacePlan value, CompilePlace(type.children()[1], layout.value, use, path + ".value"));
    plan.element = std::make_shared<const PlacePlan>(std::move(key));
    plan.value = std::make_shared<const PlacePlan>(std::move(value));
  }
  return plan;
}

}  // namespace

Result<std::shared_ptr<const StructPlan>> CompilePlan(const DataType& columns, const TypeLayout& layout, PlanUse use,
                                                      const std::string& path) {
  auto plan = std::make_shared<StructPlan>();
  plan->is_row = layout.kind == MemoryKind::kRow;
  const Schema schema(columns);
  for (const FieldLayout& field : layout.fields) {
    auto found = schema.FindOne(field.name);
    if (!found.ok()) {
      return found.status().WithContext(fmt::format("member {}{}", path, field.name));
    }
    const std::optional<std::size_t> column = *found;
    if (!column.has_value()) {
      return Invalid(
          fmt::format("member {}{}: there is no such column; there are {}", path, field.name, columns.ToString()));
    }
    if (layout.kind == MemoryKind::kRow) {
      const DataType& expected = layout.type.children()[field.offset].type;
      if (expected.ToString() != schema.field(*column).type.ToString()) {
        return TypesDiffer(path + field.name, schema.field(*column).type, expected);
      }
    }
    HF_ASSIGN_OR_RETURN(PlacePlan place, CompilePlace(schema.field(*column), field.place, use, path + field.name));
    const PlacePlan& kept = *plan->places.emplace_back(std::make_unique<const PlacePlan>(std::move(place)));
    plan->fields.push_back({.op = kept.op,
                            .optional = kept.optional != nullptr,
                            .width = static_cast<std::uint8_t>(FixedWidth(schema.field(*column).type.kind())),
                            .column = static_cast<std::uint32_t>(*column),
                            .offset = field.offset,
                            .place = &kept});
  }
  if (use == PlanUse::kFillColumns) {
    std::stable_sort(plan->fields.begin(), plan->fields.end(),
                     [](const auto& a, const auto& b) { return a.column < b.column; });
    for (std::size_t i = 0; i < schema.size(); ++i) {
      if (i >= plan->fields.size() || plan->fields[i].column != i) {
        return Invalid(fmt::format("column {}{}: no member of the row has this name", path, schema.field(i).name));
      }
    }
    if (plan->fields.size() > schema.size()) {
      return Invalid(fmt::format("member {}{} is named twice", path, plan->fields.back().place->path));
    }
  }
  return std::shared_ptr<const StructPlan>(std::move(plan));
}

}  // namespace hf::detail
