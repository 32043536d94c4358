// SPDX-License-Identifier: Apache-2.0
// RowReader runs once for every event: a flat loop over the members, one switch each, strings assigned in place.
#include <fmt/core.h>

#include <cstring>
#include <optional>

#include "holdfast/row_access.h"
#include "rows/row_plan.h"

namespace hf {
namespace {

using detail::PlaceOp;
using detail::PlacePlan;
using detail::StructPlan;

[[noreturn, gnu::noinline]] void ThrowNull(const PlacePlan& plan) {
  throw StatusError(
      Invalid(fmt::format("member {}: the column holds a null, but the member is not optional. Declare it "
                          "std::optional, or keep such rows out: a record "
                          "that cannot be read has nulls too (mode DROPMALFORMED or FAILFAST)",
                          plan.path)));
}

template <typename T>
void CopyFixed(const Column& column, std::int64_t row, void* place) {
  std::memcpy(place, column.values + (column.offset + row) * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
}

// Identifiers tend to be equally long from row to row: then the old length stands and a few words are copied in line.
inline void AssignText(std::string& text, std::string_view bytes) {
  const std::size_t size = bytes.size();
  if (text.size() != size || size > 16) {
    text.assign(bytes);
    return;
  }
  char* to = text.data();
  const char* from = bytes.data();
  if (size >= 8) {
    std::memcpy(to, from, 8);
    std::memcpy(to + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(to, from, 4);
    std::memcpy(to + size - 4, from + size - 4, 4);
  } else {
    for (std::size_t i = 0; i < size; ++i) {
      to[i] = from[i];
    }
  }
}

void ReadStruct(const StructPlan& plan, const Column* columns, std::int64_t row, void* object);
void ReadPlace(const PlacePlan& plan, const Column& column, std::int64_t row, void* place);

void ReadValue(const Column& column, std::int64_t row, void* place) {
  auto& value = *static_cast<Value*>(place);
  if (column.type.kind() == TypeKind::kString && !column.IsNull(row)) {
    if (auto* text = std::get_if<std::string>(&value)) {
      AssignText(*text, column.Bytes(row));
      return;
    }
  }
  value = ValueAt(column, row);
}

void ReadVector(const PlacePlan& plan, const Column& column, std::int64_t row, void* place) {
  const SequenceAccess& access = *plan.layout->sequence;
  access.clear(place);
  const std::int64_t end = column.offsets[column.offset + row + 1];
  for (std::int64_t i = column.offsets[column.offset + row]; i < end; ++i) {
    ReadPlace(*plan.element, column.children[0], i, access.append(place));
  }
}

void ReadMap(const PlacePlan& plan, const Column& column, std::int64_t row, void* place) {
  const MapAccess& access = *plan.layout->map;
  access.clear(place);
  const std::int64_t end = column.offsets[column.offset + row + 1];
  for (std::int64_t i = column.offsets[column.offset + row]; i < end; ++i) {
    const std::unique_ptr<void, void (*)(void*)> key(access.new_key(), access.delete_key);
    ReadPlace(*plan.element, column.children[0], i, key.get());
    ReadPlace(*plan.value, column.children[1], i, access.insert(place, key.get()));
  }
}

// Writes a datum that is not null.
[[gnu::always_inline]] inline void ReadDatum(PlaceOp op, const PlacePlan& plan, const Column& column, std::int64_t row,
                                             void* place) {
  switch (op) {
    case PlaceOp::kString: AssignText(*static_cast<std::string*>(place), column.Bytes(row)); return;
    case PlaceOp::kWidth8: CopyFixed<std::int64_t>(column, row, place); return;
    case PlaceOp::kStringView: *static_cast<std::string_view*>(place) = column.Bytes(row); return;
    case PlaceOp::kWidth4: CopyFixed<std::int32_t>(column, row, place); return;
    case PlaceOp::kBool: *static_cast<bool*>(place) = column.Bool(row); return;
    case PlaceOp::kWidth1: CopyFixed<std::int8_t>(column, row, place); return;
    case PlaceOp::kWidth2: CopyFixed<std::int16_t>(column, row, place); return;
    case PlaceOp::kWidth16: CopyFixed<__int128>(column, row, place); return;
    case PlaceOp::kBinary: static_cast<Binary*>(place)->bytes.assign(column.Bytes(row)); return;
    case PlaceOp::kStruct: ReadStruct(*plan.fields, column.children.data(), column.offset + row, place); return;
    case PlaceOp::kVector: ReadVector(plan, column, row, place); return;
    case PlaceOp::kMap: ReadMap(plan, column, row, place); return;
    case PlaceOp::kValue: ReadValue(column, row, place); return;
  }
}

void ReadPlace(const PlacePlan& plan, const Column& column, std::int64_t row, void* place) {
  if (plan.op != PlaceOp::kValue) {
    if (column.IsNull(row)) {
      if (plan.optional == nullptr) {
        ThrowNull(plan);
      }
      plan.optional->reset(place);
      return;
    }
    if (plan.optional != nullptr) {
      place = plan.optional->emplace(place);
    }
  }
  ReadDatum(plan.op, plan, column, row, place);
}

void ReadStruct(const StructPlan& plan, const Column* columns, std::int64_t row, void* object) {
  for (const StructPlan::Field& field : plan.fields) {
    const Column& column = columns[field.column];
    void* place = static_cast<char*>(object) + field.offset;
    if (field.optional || column.validity != nullptr || column.type.kind() == TypeKind::kNull) {
      ReadPlace(*field.place, column, row, place);
    } else {
      ReadDatum(field.op, *field.place, column, row, place);
    }
  }
}

// For messages.
std::string ShortText(const ColumnBatch& batch, std::int64_t row) {
  constexpr std::size_t kShown = 200;
  std::string text = ToJson(batch.RowAt(row), batch.schema());
  return text.size() <= kShown ? text : text.substr(0, kShown) + "...";
}

}  // namespace

Result<RowReader> RowReader::Compile(const Schema& schema, const TypeLayout& layout) {
  HF_ASSIGN_OR_RETURN(auto plan, detail::CompilePlan(schema.type(), layout, detail::PlanUse::kFillObject, ""));
  return RowReader(std::move(plan));
}

void RowReader::Read(const ColumnBatch& batch, std::int64_t row, void* object) const {
  const Column* columns = batch.columns().data();
  if (!plan_->is_row) {
    try {
      ReadStruct(*plan_, columns, row, object);
    } catch (const StatusError& error) {
      throw StatusError(error.status().WithContext("the row " + ShortText(batch, row)));
    }
    return;
  }
  auto& values = *static_cast<Row*>(object);
  values.resize(plan_->fields.size());
  for (const StructPlan::Field& field : plan_->fields) {
    ReadValue(columns[field.column], row, &values[field.offset]);
  }
}

void RowReader::Prefetch(const ColumnBatch& batch, std::int64_t row) const {
  for (const StructPlan::Field& field : plan_->fields) {
    const Column& column = batch.columns()[field.column];
    if (column.offsets != nullptr) {
      __builtin_prefetch(column.offsets + column.offset + row);
    } else if (field.width != 0) {
      __builtin_prefetch(column.values + (column.offset + row) * field.width);
    }
  }
}

void RowReader::PrefetchText(const ColumnBatch& batch, std::int64_t row) const {
  for (const StructPlan::Field& field : plan_->fields) {
    const Column& column = batch.columns()[field.column];
    if (column.offsets != nullptr && column.values != nullptr) {
      __builtin_prefetch(column.values + column.offsets[column.offset + row]);
    }
  }
}

}  // namespace hf
