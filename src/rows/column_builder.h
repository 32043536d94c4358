// SPDX-License-Identifier: Apache-2.0
// ColumnBuilder: a column that grows datum by datum, for every type.
//
//  1. Appending never looks at the type: the caller knows it and calls what belongs to it.
//  2. A struct's children have its length. An array's and a map's children may run ahead of it: what they gained
//     since the last entry becomes the next one in AppendList.
//  3. The bitmap of nulls exists from the first null on.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "holdfast/batch.h"

namespace hf {

// Raw memory that grows by doubling.
class GrowingBytes {
 public:
  [[nodiscard]] const std::uint8_t* data() const { return data_.get(); }
  [[nodiscard]] std::uint8_t* data() { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  // Adds `count` bytes of unknown content and returns where they begin.
  std::uint8_t* Extend(std::size_t count) {
    if (size_ + count > capacity_) [[unlikely]] {
      Grow(size_ + count);
    }
    std::uint8_t* at = data_.get() + size_;
    size_ += count;
    return at;
  }
  template <typename T>
  void Append(T value) {
    std::memcpy(Extend(sizeof(T)), &value, sizeof(T));
  }
  void Reserve(std::size_t total) {
    if (total > capacity_) {
      Grow(total);
    }
  }
  void Truncate(std::size_t size) { size_ = size; }

 private:
  struct Free {
    void operator()(std::uint8_t* memory) const { std::free(memory); }
  };
  void Grow(std::size_t needed);

  std::unique_ptr<std::uint8_t, Free> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

class ColumnBuilder {
 public:
  explicit ColumnBuilder(DataType type);

  [[nodiscard]] const DataType& type() const { return type_; }
  [[nodiscard]] std::int64_t length() const { return length_; }
  [[nodiscard]] ColumnBuilder& child(std::size_t index) { return children_[index]; }
  [[nodiscard]] ColumnBuilder* children() { return children_.data(); }
  // Bytes of memory that hold the data so far.
  [[nodiscard]] std::size_t size_bytes() const;
  void Reserve(std::int64_t rows);

  // Any type; a struct's fields become null with it.
  void AppendNull();
  // byte, short, int, long, float, double, date, timestamps, decimal (as __int128). REQUIRES: T has the column's width.
  template <typename T>
  void AppendFixed(T value) {
    values_.Append(value);
    CountValid();
  }
  void AppendBool(bool value) {
    if ((length_ & 7) == 0) {
      *values_.Extend(1) = 0;
    }
    values_.data()[length_ >> 3] |= static_cast<std::uint8_t>(static_cast<unsigned>(value) << (length_ & 7));
    CountValid();
  }
  // string, binary. Throws StatusError when the column would pass 2 GiB, the limit of its offsets.
  void AppendBytes(std::string_view bytes) {
    if (values_.size() + bytes.size() > kBytesMax) [[unlikely]] {
      FailTooLong();
    }
    if (!bytes.empty()) {
      std::memcpy(values_.Extend(bytes.size()), bytes.data(), bytes.size());
    }
    offsets_.Append(static_cast<std::int32_t>(values_.size()));
    CountValid();
  }
  // array, map: takes what the children gained since the last entry. REQUIRES: a map's children are equally long.
  void AppendList();
  // struct. REQUIRES: each child has just received one datum.
  void AppendStruct() { CountValid(); }
  // REQUIRES: CheckValue(value, type()).ok().
  void AppendValue(const Value& value);
  // Adds row `row` of a column of the same type.
  void AppendFrom(const Column& column, std::int64_t row);

  // Forgets every datum from `length` on, and what children hold beyond it.
  void Truncate(std::int64_t length);
  // Forgets what the children gained since the last datum.
  void DropOpen();
  // Takes the column; the builder is empty afterwards.
  Column Finish();

 private:
  static constexpr std::size_t kBytesMax = 0x7FFFFFFF;
  [[noreturn]] void FailTooLong() const;
  void CountValid() {
    if (has_nulls_) [[unlikely]] {
      PushValidity(true);
    }
    ++length_;
  }
  void PushValidity(bool valid);
  void BeginNulls();
  void AppendNested(const Value& value);
  void AppendNestedFrom(const Column& column, std::int64_t row);
  [[nodiscard]] std::int32_t OffsetAt(std::int64_t index) const;

  DataType type_;
  std::size_t width_ = 0;  // bytes of a fixed-width datum, else 0
  std::int64_t length_ = 0;
  std::int64_t null_count_ = 0;
  bool has_nulls_ = false;
  GrowingBytes validity_;
  GrowingBytes values_;
  GrowingBytes offsets_;
  std::vector<ColumnBuilder> children_;
};

// Bytes of a datum of a fixed-width type; 0 for boolean and for types without a width.
std::size_t FixedWidth(TypeKind kind);

// The columns of a schema, growing together.
std::vector<ColumnBuilder> MakeBuilders(const Schema& schema);
ColumnBatch FinishBatch(const Schema& schema, std::vector<ColumnBuilder>& builders);

}  // namespace hf
