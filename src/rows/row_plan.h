// SPDX-License-Identifier: Apache-2.0
// How the columns of a schema and the members of a layout belong together; compiled once, walked for every row.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/status.h"
#include "holdfast/struct_layout.h"
#include "holdfast/types.h"

namespace hf::detail {

// What is done with one datum.
enum class PlaceOp : std::uint8_t {
  kBool,
  kWidth1,
  kWidth2,
  kWidth4,
  kWidth8,
  kWidth16,
  kString,
  kStringView,
  kBinary,
  kStruct,
  kVector,
  kMap,
  kValue
};

struct StructPlan;

struct PlacePlan {
  PlaceOp op = PlaceOp::kValue;
  const OptionalAccess* optional = nullptr;
  const TypeLayout* layout = nullptr;
  DataType type;                                       // the column's
  bool nullable = true;                                // the column's
  std::string path;                                    // for messages: "items[].price"
  std::shared_ptr<const StructPlan> fields = nullptr;  // kStruct
  std::shared_ptr<const PlacePlan> element = nullptr;  // kVector: the element; kMap: the key
  std::shared_ptr<const PlacePlan> value = nullptr;    // kMap
};

struct StructPlan {
  // Small, because the loop over the fields of a row walks it for every event.
  struct Field {
    PlaceOp op;
    bool optional;
    std::uint8_t width;  // bytes of a datum in the column; 0: a bit, or of no fixed width
    std::uint32_t column;
    std::size_t offset;  // in bytes; for a row the index
    const PlacePlan* place;
  };
  bool is_row = false;
  std::vector<Field> fields;
  std::vector<std::unique_ptr<const PlacePlan>> places;
};

// kFillObject: every member needs a column. kFillColumns: every member needs a column and every column a member;
// the fields come in the order of the columns.
enum class PlanUse { kFillObject, kFillColumns };

// kInvalid names the member or column without a partner, or the one whose type differs, with both types.
Result<std::shared_ptr<const StructPlan>> CompilePlan(const DataType& columns, const TypeLayout& layout, PlanUse use,
                                                      const std::string& path);

}  // namespace hf::detail
