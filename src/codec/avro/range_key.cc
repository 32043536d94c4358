// SPDX-License-Identifier: Apache-2.0
#include "codec/avro/range_key.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "rows/ordered_number.h"

namespace hf {
namespace {

constexpr std::uint8_t kPresentBranch = 0x02;  // union branch 1 as Avro writes it

void AppendColumn(const OrderedNumber& ordered, int size, std::string& out) {
  AppendByte(out, kPresentBranch);
  AppendZigzag(out, 1);
  AppendByte(out, ordered.marker);
  AppendByte(out, kPresentBranch);
  AppendZigzag(out, size);
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    AppendByte(out, static_cast<std::uint8_t>(ordered.bits >> shift));
  }
}

OrderedNumber ReadColumn(ByteReader& reader, int size) {
  OrderedNumber ordered;
  if (reader.ReadByte() != kPresentBranch || reader.ReadZigzag() != 1) {
    reader.Fail("a range key column has no marker");
  }
  ordered.marker = reader.ReadByte();
  if (ordered.marker > OrderedNumber::kNull) {
    reader.Fail("a range key column has an unknown marker");
  }
  if (reader.ReadByte() != kPresentBranch || reader.ReadZigzag() != size) {
    reader.Fail("a range key column has a value of another size");
  }
  for (const char byte : reader.ReadBytes(static_cast<std::size_t>(size))) {
    ordered.bits = (ordered.bits << 8) | static_cast<std::uint8_t>(byte);
  }
  return ordered;
}

// A marker that contradicts its value, a long varint: such a key would stand in another place than its value.
Status NotTheOnlyForm() { return Corrupt("range key: the bytes are not the ones that its values have"); }

}  // namespace

Status CheckRangeKey(const Schema& ordering) {
  for (std::size_t i = 0; i < ordering.size(); ++i) {
    const StructField& field = ordering.field(i);
    if (OrderedBytes(field.type.kind()) == 0) {
      const bool is_void = field.type.kind() == TypeKind::kNull;
      return Invalid(fmt::format("{} ordering column with name={} at index={} is not supported for range scan encoder.",
                                 is_void ? "Null type" : "Variable size", field.name, i),
                     is_void ? "STATE_STORE_NULL_TYPE_ORDERING_COLS_NOT_SUPPORTED"
                             : "STATE_STORE_VARIABLE_SIZE_ORDERING_COLS_NOT_SUPPORTED");
    }
  }
  return {};
}

Status AppendRangeKey(const Schema& ordering, const Row& columns, std::string& out) {
  if (columns.size() != ordering.size()) {
    return Invalid(fmt::format("a range key of {} columns got {} values", ordering.size(), columns.size()));
  }
  const std::size_t before = out.size();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const TypeKind kind = ordering.field(i).type.kind();
    OrderedNumber ordered;
    if (!ToOrdered(columns[i], kind, &ordered)) {
      out.resize(before);
      return Invalid(fmt::format("range key column '{}' got a value that is not {}", ordering.field(i).name,
                                 ordering.field(i).type.ToSql()));
    }
    AppendColumn(ordered, OrderedBytes(kind), out);
  }
  return {};
}

Result<Row> ReadRangeKey(const Schema& ordering, std::string_view bytes) {
  ByteReader reader(bytes);
  Row row;
  for (const StructField& field : ordering.fields()) {
    row.push_back(FromOrdered(ReadColumn(reader, OrderedBytes(field.type.kind())), field.type.kind()));
  }
  HF_RETURN_IF_ERROR(reader.StatusAtEnd("range key"));
  std::string only_form;
  HF_RETURN_IF_ERROR(AppendRangeKey(ordering, row, only_form));
  if (only_form != bytes) {
    return NotTheOnlyForm();
  }
  return row;
}

void AppendRangeLong(std::int64_t value, std::string& out) {
  char bytes[kRangeLongSize] = {
      2, 2, static_cast<char>(value < 0 ? OrderedNumber::kNegative : OrderedNumber::kPositive), 2, 16};
  StoreBig64(bytes + 5, static_cast<std::uint64_t>(value));
  out.append(bytes, sizeof(bytes));
}

Result<std::int64_t> ReadRangeLong(std::string_view bytes) {
  ByteReader reader(bytes);
  const OrderedNumber ordered = ReadColumn(reader, 8);
  if (ordered.is_null()) {
    reader.Fail("the ordering column of a range key is null");
  }
  HF_RETURN_IF_ERROR(reader.StatusAtEnd("range key"));
  const auto value = static_cast<std::int64_t>(ordered.bits);
  std::string only_form;
  AppendRangeLong(value, only_form);
  if (only_form != bytes) {
    return NotTheOnlyForm();
  }
  return value;
}

}  // namespace hf
