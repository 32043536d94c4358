// SPDX-License-Identifier: Apache-2.0
#include "codec/unsafe_row/unsafe_range_key.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "codec/avro/range_key.h"
#include "codec/unsafe_row/unsafe_row_format.h"
#include "rows/ordered_number.h"

namespace hf {
namespace {

// Marker and number, filled up.
std::size_t PartBytes(int number_bytes) { return unsafe_row::WholeWords(static_cast<std::size_t>(number_bytes) + 1); }

void AppendWord(std::size_t offset, int number_bytes, std::string& out) {
  AppendLittle64(out, static_cast<std::uint64_t>(offset) << 32 | (static_cast<std::uint64_t>(number_bytes) + 1));
}

void AppendPart(const OrderedNumber& ordered, int number_bytes, std::string& out) {
  AppendByte(out, ordered.marker);
  for (int shift = 8 * (number_bytes - 1); shift >= 0; shift -= 8) {
    AppendByte(out, static_cast<std::uint8_t>(ordered.bits >> shift));
  }
  out.append(PartBytes(number_bytes) - static_cast<std::size_t>(number_bytes) - 1, '\0');
}

// Where the parts begin behind null bits and words, which are the same in every key.
std::size_t FixedBytes(const Schema& ordering) { return unsafe_row::RowFixedBytes(ordering.size()); }

Status NotARangeKey(std::string_view bytes) {
  return Corrupt(fmt::format("range key: the {} bytes are not the ones that its values have", bytes.size()));
}

}  // namespace

Status CheckUnsafeRangeKey(const Schema& ordering) {
  HF_RETURN_IF_ERROR(CheckRangeKey(ordering));
  for (const StructField& field : ordering.fields()) {
    if (field.type.kind() == TypeKind::kBoolean) {
      return Invalid(
          fmt::format("ordering column {} is a boolean, which Spark does not write into the keys of UnsafeRow "
                      "state: use a tinyint",
                      field.name));
    }
  }
  return {};
}

Status AppendUnsafeRangeKey(const Schema& ordering, const Row& columns, std::string& out) {
  if (columns.size() != ordering.size()) {
    return Invalid(fmt::format("a range key of {} columns got {} values", ordering.size(), columns.size()));
  }
  const std::size_t before = out.size();
  out.append(unsafe_row::NullBitBytes(ordering.size()), '\0');
  std::size_t offset = FixedBytes(ordering);
  for (const StructField& field : ordering.fields()) {
    const int size = OrderedBytes(field.type.kind());
    AppendWord(offset, size, out);
    offset += PartBytes(size);
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const StructField& field = ordering.field(i);
    OrderedNumber ordered;
    if (!ToOrdered(columns[i], field.type.kind(), &ordered)) {
      out.resize(before);
      return Invalid(fmt::format("range key column '{}' got a value that is not {}", field.name, field.type.ToSql()));
    }
    AppendPart(ordered, OrderedBytes(field.type.kind()), out);
  }
  return {};
}

Result<Row> ReadUnsafeRangeKey(const Schema& ordering, std::string_view bytes) {
  ByteReader reader(bytes);
  reader.Skip(FixedBytes(ordering));
  Row row;
  for (const StructField& field : ordering.fields()) {
    const int size = OrderedBytes(field.type.kind());
    OrderedNumber ordered;
    ordered.marker = reader.ReadByte();
    for (const char byte : reader.ReadBytes(static_cast<std::size_t>(size))) {
      ordered.bits = (ordered.bits << 8) | static_cast<std::uint8_t>(byte);
    }
    reader.Skip(PartBytes(size) - static_cast<std::size_t>(size) - 1);
    row.push_back(FromOrdered(ordered, field.type.kind()));
  }
  HF_RETURN_IF_ERROR(reader.StatusAtEnd("range key"));
  // A marker that contradicts its number, other words: such a key would stand in another place than its values.
  std::string only_form;
  HF_RETURN_IF_ERROR(AppendUnsafeRangeKey(ordering, row, only_form));
  if (only_form != bytes) {
    return NotARangeKey(bytes);
  }
  return row;
}

void AppendUnsafeRangeLong(std::int64_t value, std::string& out) {
  out.append(unsafe_row::NullBitBytes(1), '\0');
  AppendWord(unsafe_row::RowFixedBytes(1), 8, out);
  AppendPart({value < 0 ? OrderedNumber::kNegative : OrderedNumber::kPositive, static_cast<std::uint64_t>(value)}, 8,
             out);
}

Result<std::int64_t> ReadUnsafeRangeLong(std::string_view bytes) {
  if (bytes.size() != kUnsafeRangeLongSize) {
    return NotARangeKey(bytes);
  }
  const auto value = static_cast<std::int64_t>(LoadBig64(bytes.data() + unsafe_row::RowFixedBytes(1) + 1));
  std::string only_form;
  AppendUnsafeRangeLong(value, only_form);
  if (only_form != bytes) {
    return NotARangeKey(bytes);
  }
  return value;
}

}  // namespace hf
