// SPDX-License-Identifier: Apache-2.0
// Batches from the Arrow C data interface. Every column shares the imported array through one owner, which calls its
// release function once nobody needs it; only layouts that differ from ours are rebuilt.
#include "holdfast/arrow_c.h"

#include <fmt/core.h>

#include <cstring>
#include <optional>

#include "rows/arrow_type.h"
#include "rows/bitmap.h"
#include "rows/column_builder.h"

namespace hf {
namespace {

using Owner = std::shared_ptr<const void>;

Result<Column> ImportColumn(const ArrowSchema& schema, const ArrowArray& array, const Owner& owner);

Status Malformed(std::string_view what) { return Invalid(fmt::format("malformed Arrow array: {}", what)); }

// Takes `count` 64-bit offsets as 32-bit ones relative to the first, and returns them with their owner.
struct NewOffsets {
  std::shared_ptr<std::vector<std::int32_t>> offsets;
  std::int64_t first = 0;
};

Result<NewOffsets> NarrowOffsets(const std::int64_t* offsets, std::int64_t count) {
  NewOffsets made{std::make_shared<std::vector<std::int32_t>>(), offsets[0]};
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t offset = offsets[i] - made.first;
    if (offset < 0 || offset > INT32_MAX) {
      return Invalid("an Arrow column holds more than 2 GiB in one batch; use smaller batches");
    }
    made.offsets->push_back(static_cast<std::int32_t>(offset));
  }
  return made;
}

// The offsets of `count` data of `each` elements, the first at `begin`.
Result<NewOffsets> EvenOffsets(std::int64_t count, std::int64_t each, std::int64_t begin) {
  if (each > 0 && count > INT32_MAX / each) {
    return Invalid("an Arrow column holds more than 2 GiB in one batch; use smaller batches");
  }
  NewOffsets made{std::make_shared<std::vector<std::int32_t>>(), begin * each};
  for (std::int64_t i = 0; i <= count; ++i) {
    made.offsets->push_back(static_cast<std::int32_t>(i * each));
  }
  return made;
}

// Puts new offsets, which begin at 0 for row 0 of the slice, in the place of the column's. The nulls keep their place.
struct Reindexed {
  Owner source;
  std::shared_ptr<std::vector<std::int32_t>> offsets;
};

void UseOffsets(Column& column, NewOffsets made) {
  // Offsets are read at column.offset, so that the bitmap can stay where it is.
  made.offsets->insert(made.offsets->begin(), static_cast<std::size_t>(column.offset), 0);
  column.offsets = made.offsets->data();
  if (column.values != nullptr) {
    column.values += made.first;
  }
  for (Column& child : column.children) {
    child.offset += made.first;
    child.length -= made.first;
  }
  column.owner = std::make_shared<Reindexed>(Reindexed{column.owner, std::move(made.offsets)});
}

// Rebuilds a column of fixed-width data of type From by `convert`, which gives what the builder takes.
template <typename From, typename Convert>
Result<Column> Rebuild(const Column& source, Convert convert) {
  ColumnBuilder builder(source.type);
  builder.Reserve(source.length);
  for (std::int64_t i = 0; i < source.length; ++i) {
    if (source.IsNull(i)) {
      builder.AppendNull();
      continue;
    }
    const auto value = convert(source.Fixed<From>(i));
    if (!value.has_value()) {
      return Invalid(fmt::format("row {} does not fit {}", i, source.type.ToSql()));
    }
    builder.AppendFixed(*value);
  }
  return builder.Finish();
}

template <typename To>
auto Widen() {
  return [](auto value) { return std::optional<To>(static_cast<To>(value)); };
}

// Multiplies a time by `factor`; nullopt on overflow.
auto Times(std::int64_t factor) {
  return [factor](std::int64_t value) {
    std::int64_t product = 0;
    return __builtin_mul_overflow(value, factor, &product) ? std::nullopt : std::optional<std::int64_t>(product);
  };
}

std::int64_t FloorQuotient(std::int64_t value, std::int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

struct Wide256 {
  std::uint64_t words[4];
};

std::optional<__int128> Narrow256(Wide256 value) {
  const auto low = static_cast<__int128>(static_cast<unsigned __int128>(value.words[1]) << 64 | value.words[0]);
  const std::uint64_t sign = low < 0 ? ~0ull : 0;
  return value.words[2] == sign && value.words[3] == sign ? std::optional<__int128>(low) : std::nullopt;
}

Result<Column> Convert(Column column, const ArrowType& type, const ArrowArray& array) {
  switch (type.layout) {
    case ArrowLayout::kSame: return column;
    case ArrowLayout::kLargeOffsets: {
      const auto* offsets = static_cast<const std::int64_t*>(array.buffers[1]);
      HF_ASSIGN_OR_RETURN(NewOffsets made, NarrowOffsets(offsets + column.offset, column.length + 1));
      UseOffsets(column, std::move(made));
      return column;
    }
    case ArrowLayout::kFixedBinary:
    case ArrowLayout::kFixedList: {
      HF_ASSIGN_OR_RETURN(NewOffsets made, EvenOffsets(column.length, type.count, column.offset));
      UseOffsets(column, std::move(made));
      return column;
    }
    case ArrowLayout::kUnsigned8: return Rebuild<std::uint8_t>(column, Widen<std::int16_t>());
    case ArrowLayout::kUnsigned16: return Rebuild<std::uint16_t>(column, Widen<std::int32_t>());
    case ArrowLayout::kUnsigned32: return Rebuild<std::uint32_t>(column, Widen<std::int64_t>());
    case ArrowLayout::kUnsigned64: return Rebuild<std::uint64_t>(column, Widen<__int128>());
    case ArrowLayout::kDecimal32: return Rebuild<std::int32_t>(column, Widen<__int128>());
    case ArrowLayout::kDecimal64: return Rebuild<std::int64_t>(column, Widen<__int128>());
    case ArrowLayout::kDecimal256: return Rebuild<Wide256>(column, Narrow256);
    case ArrowLayout::kSeconds: return Rebuild<std::int64_t>(column, Times(1'000'000));
    case ArrowLayout::kMillis: return Rebuild<std::int64_t>(column, Times(1'000));
    case ArrowLayout::kNanos:
      return Rebuild<std::int64_t>(column,
                                   [](std::int64_t v) { return std::optional<std::int64_t>(FloorQuotient(v, 1'000)); });
    case ArrowLayout::kDateMillis:
      return Rebuild<std::int64_t>(column, [](std::int64_t v) {
        const std::int64_t days = FloorQuotient(v, 86'400'000);
        return days >= INT32_MIN && days <= INT32_MAX ? std::optional(static_cast<std::int32_t>(days)) : std::nullopt;
      });
  }
  return column;
}

std::int64_t LoadIndex(const std::uint8_t* indices, IndexType type, std::int64_t at) {
  std::uint64_t value = 0;
  std::memcpy(&value, indices + at * type.width, static_cast<std::size_t>(type.width));
  const int unused = 64 - 8 * type.width;
  return type.is_signed ? static_cast<std::int64_t>(value << unused) >> unused : static_cast<std::int64_t>(value);
}

Result<Column> DecodeDictionary(const ArrowSchema& schema, const ArrowArray& array, const Owner& owner) {
  const IndexType index_type = IndexTypeOf(schema);
  if (array.dictionary == nullptr || index_type.width == 0 || array.n_buffers != 2) {
    return Malformed("a dictionary is missing");
  }
  HF_ASSIGN_OR_RETURN(const Column values, ImportColumn(*schema.dictionary, *array.dictionary, owner));
  const auto* validity = static_cast<const std::uint8_t*>(array.buffers[0]);
  const auto* indices = static_cast<const std::uint8_t*>(array.buffers[1]);
  ColumnBuilder builder(values.type);
  for (std::int64_t at = array.offset; at < array.offset + array.length; ++at) {
    if (validity != nullptr && ((validity[at >> 3] >> (at & 7)) & 1) == 0) {
      builder.AppendNull();
      continue;
    }
    const std::int64_t index = LoadIndex(indices, index_type, at);
    if (index < 0 || index >= values.length) {
      return Malformed(fmt::format("index {} into a dictionary of {}", index, values.length));
    }
    builder.AppendFrom(values, index);
  }
  return builder.Finish();
}

Status ImportChildren(const ArrowSchema& schema, const ArrowArray& array, const Owner& owner, Column& column) {
  if (array.n_children != schema.n_children) {
    return Malformed(fmt::format("{} children instead of {}", array.n_children, schema.n_children));
  }
  for (std::int64_t i = 0; i < array.n_children; ++i) {
    auto child = ImportColumn(*schema.children[i], *array.children[i], owner);
    if (!child.ok()) {
      return std::move(child).status().WithContext(fmt::format("column {}", schema.children[i]->name));
    }
    if (column.type.kind() == TypeKind::kStruct && child->length < array.offset + array.length) {
      return Malformed("a struct's field is shorter than the struct");
    }
    column.children.push_back(std::move(child).value());
  }
  if (column.type.kind() == TypeKind::kMap) {
    // Arrow puts a struct between a map and its keys and values; its offset goes down into them.
    Column entries = std::move(column.children[0]);
    column.children = std::move(entries.children);
    for (Column& child : column.children) {
      child.offset += entries.offset;
      child.length -= entries.offset;
    }
  }
  return {};
}

std::int64_t BuffersOf(const ArrowType& type) {
  switch (type.type.kind()) {
    case TypeKind::kNull: return 0;
    case TypeKind::kStruct: return 1;
    case TypeKind::kArray: return type.layout == ArrowLayout::kFixedList ? 1 : 2;
    case TypeKind::kString: return 3;
    case TypeKind::kBinary: return type.layout == ArrowLayout::kFixedBinary ? 2 : 3;
    default: return 2;
  }
}

Result<Column> ImportColumn(const ArrowSchema& schema, const ArrowArray& array, const Owner& owner) {
  if (schema.dictionary != nullptr) {
    return DecodeDictionary(schema, array, owner);
  }
  HF_ASSIGN_OR_RETURN(const ArrowType type, ArrowTypeOf(schema));
  const std::int64_t buffers = BuffersOf(type);
  if (array.n_buffers != buffers || array.length < 0 || array.offset < 0) {
    return Malformed(fmt::format("{} buffers instead of {}", array.n_buffers, buffers));
  }
  for (std::int64_t i = 1; i < buffers; ++i) {
    if (array.buffers[i] == nullptr && array.length > 0 && !(buffers == 3 && i == 2)) {
      return Malformed("a buffer is missing");
    }
  }
  static constexpr std::int64_t kNoOffsets[1] = {0};
  const bool has_offsets = buffers == 3 || type.type.kind() == TypeKind::kArray || type.type.kind() == TypeKind::kMap;
  Column column;
  column.type = type.type;
  column.length = array.length;
  column.offset = array.offset;
  column.owner = owner;
  if (buffers > 0 && array.null_count != 0) {
    column.validity = static_cast<const std::uint8_t*>(array.buffers[0]);
  }
  if (has_offsets && type.layout == ArrowLayout::kSame) {
    column.offsets = static_cast<const std::int32_t*>(array.buffers[1]);
    if (column.offsets == nullptr) {
      // An empty array may come without the single offset that it should have.
      column.offsets = reinterpret_cast<const std::int32_t*>(kNoOffsets);
      column.offset = 0;
    }
  }
  if (buffers >= 2 && !type.type.is_nested()) {
    column.values = static_cast<const std::uint8_t*>(array.buffers[buffers - 1]);
  }
  column.null_count = type.type.kind() == TypeKind::kNull ? array.length : 0;
  if (column.validity != nullptr) {
    column.null_count = CountZeros(column.validity, column.offset, column.length);
    column.validity = column.null_count > 0 ? column.validity : nullptr;
  }
  if (type.type.is_nested()) {
    HF_RETURN_IF_ERROR(ImportChildren(schema, array, owner, column));
  }
  if (array.length == 0) {
    return ColumnBuilder(type.type).Finish();
  }
  return Convert(std::move(column), type, array);
}

Result<ColumnBatch> ImportShared(const ArrowSchema& source, ArrowArray* in) {
  auto moved = std::make_unique<ArrowArray>(*in);
  in->release = nullptr;
  const std::shared_ptr<ArrowArray> array(moved.release(), [](ArrowArray* taken) {
    if (taken->release != nullptr) {
      taken->release(taken);
    }
    delete taken;
  });
  HF_ASSIGN_OR_RETURN(ArrowType type, ArrowTypeOf(source));
  if (type.type.kind() != TypeKind::kStruct || source.dictionary != nullptr) {
    return Invalid(fmt::format("a batch must be an Arrow struct, found {}", type.type.ToString()));
  }
  HF_ASSIGN_OR_RETURN(Column all, ImportColumn(source, *array, array));
  if (all.null_count > 0) {
    return Invalid("a batch must not have rows that are null as a whole");
  }
  // Fields of a struct begin at the struct's offset; columns of a batch at their own.
  std::vector<Column> columns = std::move(all.children);
  const ColumnBatch whole(Schema(type.type), std::move(columns), all.offset + all.length);
  return whole.Slice(all.offset, all.length);
}

}  // namespace

Result<Schema> ImportSchema(ArrowSchema* in) {
  auto type = ArrowTypeOf(*in);
  if (in->release != nullptr) {
    in->release(in);
  }
  if (!type.ok()) {
    return std::move(type).status();
  }
  if (type->type.kind() != TypeKind::kStruct) {
    return Invalid(fmt::format("a schema must be an Arrow struct, found {}", type->type.ToString()));
  }
  return Schema(std::move(type->type));
}

Result<ColumnBatch> ImportBatch(const ArrowSchema& source, ArrowArray* in) {
  try {
    return ImportShared(source, in);
  } catch (const StatusError& error) {
    return error.status();
  }
}

Result<std::vector<ColumnBatch>> ImportStream(ArrowArrayStream* in) {
  const std::unique_ptr<ArrowArrayStream, void (*)(ArrowArrayStream*)> stream(in, [](ArrowArrayStream* taken) {
    if (taken->release != nullptr) {
      taken->release(taken);
    }
  });
  const auto failure = [in](std::string_view what) {
    const char* message = in->get_last_error(in);
    return Invalid(
        fmt::format("the Arrow stream failed to give {}: {}", what, message != nullptr ? message : "no message"));
  };
  ArrowSchema source{};
  if (in->get_schema(in, &source) != 0) {
    return failure("its schema");
  }
  const std::unique_ptr<ArrowSchema, void (*)(ArrowSchema*)> schema(&source, [](ArrowSchema* taken) {
    if (taken->release != nullptr) {
      taken->release(taken);
    }
  });
  std::vector<ColumnBatch> batches;
  while (true) {
    ArrowArray array{};
    if (in->get_next(in, &array) != 0) {
      return failure("a batch");
    }
    if (array.release == nullptr) {
      return batches;
    }
    HF_ASSIGN_OR_RETURN(batches.emplace_back(), ImportBatch(source, &array));
  }
}

}  // namespace hf
