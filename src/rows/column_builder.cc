// SPDX-License-Identifier: Apache-2.0
#include "rows/column_builder.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <new>

#include "base/check.h"

namespace hf {
namespace {

// Stands for a buffer without bytes, because Arrow wants a pointer.
alignas(64) constexpr std::uint8_t kNoBytes[64] = {};

struct Buffers {
  GrowingBytes validity;
  GrowingBytes values;
  GrowingBytes offsets;
};

bool HasOffsets(TypeKind kind) {
  return kind == TypeKind::kString || kind == TypeKind::kBinary || kind == TypeKind::kArray || kind == TypeKind::kMap;
}

}  // namespace

std::size_t FixedWidth(TypeKind kind) {
  switch (kind) {
    case TypeKind::kByte: return 1;
    case TypeKind::kShort: return 2;
    case TypeKind::kInt:
    case TypeKind::kFloat:
    case TypeKind::kDate: return 4;
    case TypeKind::kLong:
    case TypeKind::kDouble:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz: return 8;
    case TypeKind::kDecimal: return 16;
    default: return 0;
  }
}

void GrowingBytes::Grow(std::size_t needed) {
  std::size_t capacity = std::max<std::size_t>(64, capacity_ * 2);
  while (capacity < needed) {
    capacity *= 2;
  }
  void* grown = std::realloc(data_.get(), capacity);
  if (grown == nullptr) {
    throw std::bad_alloc();
  }
  data_.release();
  data_.reset(static_cast<std::uint8_t*>(grown));
  capacity_ = capacity;
}

ColumnBuilder::ColumnBuilder(DataType type) : type_(std::move(type)), width_(FixedWidth(type_.kind())) {
  if (HasOffsets(type_.kind())) {
    offsets_.Append(std::int32_t{0});
  }
  for (const StructField& field : type_.children()) {
    children_.emplace_back(field.type);
  }
}

std::size_t ColumnBuilder::size_bytes() const {
  std::size_t sum = validity_.size() + values_.size() + offsets_.size();
  for (const ColumnBuilder& child : children_) {
    sum += child.size_bytes();
  }
  return sum;
}

void ColumnBuilder::Reserve(std::int64_t rows) {
  const auto count = static_cast<std::size_t>(rows);
  values_.Reserve(width_ * count);
  if (HasOffsets(type_.kind())) {
    offsets_.Reserve(sizeof(std::int32_t) * (count + 1));
  }
  if (type_.kind() == TypeKind::kStruct) {
    for (ColumnBuilder& child : children_) {
      child.Reserve(rows);
    }
  }
}

void ColumnBuilder::FailTooLong() const {
  throw StatusError(
      Invalid(fmt::format("a column of {} holds more than 2 GiB in one batch; use smaller batches", type_.ToSql())));
}

std::int32_t ColumnBuilder::OffsetAt(std::int64_t index) const {
  std::int32_t offset = 0;
  std::memcpy(&offset, offsets_.data() + index * 4, sizeof(offset));
  return offset;
}

void ColumnBuilder::BeginNulls() {
  has_nulls_ = true;
  const auto bytes = static_cast<std::size_t>((length_ + 7) / 8);
  validity_.Truncate(0);
  std::memset(validity_.Extend(bytes + 1), 0xFF, bytes);
  validity_.Truncate(bytes);
  if ((length_ & 7) != 0) {
    validity_.data()[bytes - 1] = static_cast<std::uint8_t>((1 << (length_ & 7)) - 1);
  }
}

void ColumnBuilder::PushValidity(bool valid) {
  if ((length_ & 7) == 0) {
    *validity_.Extend(1) = 0;
  }
  validity_.data()[length_ >> 3] |= static_cast<std::uint8_t>(static_cast<unsigned>(valid) << (length_ & 7));
}

void ColumnBuilder::AppendNull() {
  if (type_.kind() == TypeKind::kNull) {
    ++null_count_;
    ++length_;
    return;
  }
  if (!has_nulls_) {
    BeginNulls();
  }
  PushValidity(false);
  if (width_ > 0) {
    std::memset(values_.Extend(width_), 0, width_);
  } else if (type_.kind() == TypeKind::kBoolean) {
    if ((length_ & 7) == 0) {
      *values_.Extend(1) = 0;
    }
  } else if (type_.kind() == TypeKind::kStruct) {
    for (ColumnBuilder& child : children_) {
      child.AppendNull();
    }
  } else {
    offsets_.Append(OffsetAt(length_));
  }
  ++null_count_;
  ++length_;
}

void ColumnBuilder::AppendList() {
  const std::int64_t end = children_[0].length();
  if (end > static_cast<std::int64_t>(kBytesMax)) {
    FailTooLong();
  }
  offsets_.Append(static_cast<std::int32_t>(end));
  CountValid();
}

void ColumnBuilder::AppendNested(const Value& value) {
  if (const auto* array = std::get_if<ArrayValue>(&value)) {
    for (const Value& element : array->elements) {
      children_[0].AppendValue(element);
    }
    AppendList();
  } else if (const auto* map = std::get_if<MapValue>(&value)) {
    for (const auto& [key, mapped] : map->entries) {
      children_[0].AppendValue(key);
      children_[1].AppendValue(mapped);
    }
    AppendList();
  } else {
    const Row& fields = std::get<StructValue>(value).fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      children_[i].AppendValue(fields[i]);
    }
    AppendStruct();
  }
}

void ColumnBuilder::AppendValue(const Value& value) {
  if (value.is_null()) {
    AppendNull();
    return;
  }
  switch (type_.kind()) {
    case TypeKind::kNull: AppendNull(); return;
    case TypeKind::kBoolean: AppendBool(std::get<bool>(value)); return;
    case TypeKind::kByte: AppendFixed(std::get<std::int8_t>(value)); return;
    case TypeKind::kShort: AppendFixed(std::get<std::int16_t>(value)); return;
    case TypeKind::kInt: AppendFixed(std::get<std::int32_t>(value)); return;
    case TypeKind::kLong: AppendFixed(std::get<std::int64_t>(value)); return;
    case TypeKind::kFloat: AppendFixed(std::get<float>(value)); return;
    case TypeKind::kDouble: AppendFixed(std::get<double>(value)); return;
    case TypeKind::kDecimal: AppendFixed(std::get<Decimal>(value).unscaled); return;
    case TypeKind::kString: AppendBytes(std::get<std::string>(value)); return;
    case TypeKind::kBinary: AppendBytes(std::get<Binary>(value).bytes); return;
    case TypeKind::kDate: AppendFixed(std::get<Date>(value).days); return;
    case TypeKind::kTimestamp: AppendFixed(std::get<Timestamp>(value).micros); return;
    case TypeKind::kTimestampNtz: AppendFixed(std::get<TimestampNtz>(value).micros); return;
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kStruct: AppendNested(value); return;
  }
}

void ColumnBuilder::AppendNestedFrom(const Column& column, std::int64_t row) {
  if (type_.kind() == TypeKind::kStruct) {
    for (std::size_t i = 0; i < children_.size(); ++i) {
      children_[i].AppendFrom(column.children[i], column.offset + row);
    }
    AppendStruct();
    return;
  }
  const std::int64_t end = column.offsets[column.offset + row + 1];
  for (std::int64_t i = column.offsets[column.offset + row]; i < end; ++i) {
    for (std::size_t child = 0; child < children_.size(); ++child) {
      children_[child].AppendFrom(column.children[child], i);
    }
  }
  AppendList();
}

void ColumnBuilder::AppendFrom(const Column& column, std::int64_t row) {
  if (column.IsNull(row)) {
    AppendNull();
    return;
  }
  switch (width_) {
    case 1: AppendFixed(column.Fixed<std::int8_t>(row)); return;
    case 2: AppendFixed(column.Fixed<std::int16_t>(row)); return;
    case 4: AppendFixed(column.Fixed<std::int32_t>(row)); return;
    case 8: AppendFixed(column.Fixed<std::int64_t>(row)); return;
    case 16: AppendFixed(column.Fixed<__int128>(row)); return;
    default: break;
  }
  if (type_.kind() == TypeKind::kBoolean) {
    AppendBool(column.Bool(row));
  } else if (type_.is_nested()) {
    AppendNestedFrom(column, row);
  } else {
    AppendBytes(column.Bytes(row));
  }
}

void ColumnBuilder::Truncate(std::int64_t length) {
  HF_DCHECK(length <= length_);
  if (has_nulls_) {
    for (std::int64_t i = length; i < length_; ++i) {
      null_count_ -= ((validity_.data()[i >> 3] >> (i & 7)) & 1) == 0 ? 1 : 0;
    }
    validity_.Truncate(static_cast<std::size_t>((length + 7) / 8));
    if ((length & 7) != 0) {
      validity_.data()[length >> 3] &= static_cast<std::uint8_t>((1 << (length & 7)) - 1);
    }
  } else if (type_.kind() == TypeKind::kNull) {
    null_count_ = length;
  }
  if (width_ > 0) {
    values_.Truncate(width_ * static_cast<std::size_t>(length));
  } else if (type_.kind() == TypeKind::kBoolean) {
    values_.Truncate(static_cast<std::size_t>((length + 7) / 8));
    if ((length & 7) != 0) {
      values_.data()[length >> 3] &= static_cast<std::uint8_t>((1 << (length & 7)) - 1);
    }
  } else if (HasOffsets(type_.kind())) {
    offsets_.Truncate(4 * (static_cast<std::size_t>(length) + 1));
    if (!type_.is_nested()) {
      values_.Truncate(static_cast<std::size_t>(OffsetAt(length)));
    }
  }
  length_ = length;
  DropOpen();
}

void ColumnBuilder::DropOpen() {
  for (ColumnBuilder& child : children_) {
    const std::int64_t kept = type_.kind() == TypeKind::kStruct ? length_ : OffsetAt(length_);
    if (child.length() > kept) {
      child.Truncate(kept);
    } else {
      child.DropOpen();
    }
  }
}

Column ColumnBuilder::Finish() {
  Column column;
  column.type = type_;
  column.length = length_;
  column.null_count = null_count_;
  auto buffers = std::make_shared<Buffers>();
  buffers->validity = std::exchange(validity_, {});
  buffers->values = std::exchange(values_, {});
  buffers->offsets = std::exchange(offsets_, {});
  if (null_count_ > 0 && type_.kind() != TypeKind::kNull) {
    column.validity = buffers->validity.data();
  }
  column.values = buffers->values.data() != nullptr ? buffers->values.data() : kNoBytes;
  if (HasOffsets(type_.kind())) {
    column.offsets = reinterpret_cast<const std::int32_t*>(buffers->offsets.data());
    offsets_.Append(std::int32_t{0});
  }
  column.owner = std::move(buffers);
  for (ColumnBuilder& child : children_) {
    column.children.push_back(child.Finish());
  }
  length_ = 0;
  null_count_ = 0;
  has_nulls_ = false;
  return column;
}

std::vector<ColumnBuilder> MakeBuilders(const Schema& schema) {
  std::vector<ColumnBuilder> builders;
  for (const StructField& field : schema.fields()) {
    builders.emplace_back(field.type);
  }
  return builders;
}

ColumnBatch FinishBatch(const Schema& schema, std::vector<ColumnBuilder>& builders) {
  std::vector<Column> columns;
  std::int64_t rows = builders.empty() ? 0 : builders[0].length();
  for (ColumnBuilder& builder : builders) {
    HF_CHECK(builder.length() == rows, "a column has {} rows, the first has {}", builder.length(), rows);
    columns.push_back(builder.Finish());
  }
  return {schema, std::move(columns), rows};
}

}  // namespace hf
