// SPDX-License-Identifier: Apache-2.0
#include "codec/avro/range_key.h"

#include <fmt/format.h>

#include <bit>

#include "base/bytes.h"

namespace hf {
namespace {

constexpr std::uint8_t kNegative = 0x00;
constexpr std::uint8_t kPositive = 0x01;
constexpr std::uint8_t kNull = 0x02;
constexpr std::uint8_t kPresentBranch = 0x02;  // union branch 1 as Avro writes it

// Bytes of the column's value; 0: cannot order keys.
int SizeOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
    case TypeKind::kByte: return 1;
    case TypeKind::kShort: return 2;
    case TypeKind::kInt:
    case TypeKind::kFloat: return 4;
    case TypeKind::kLong:
    case TypeKind::kDouble: return 8;
    case TypeKind::kNull:
    case TypeKind::kDecimal:
    case TypeKind::kString:
    case TypeKind::kBinary:
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kStruct: break;
  }
  return 0;
}

struct Ordered {
  std::uint8_t marker = kNull;
  std::uint64_t bits = 0;
};

template <typename T>
Ordered OrderedInteger(T value) {
  return {value < 0 ? kNegative : kPositive, static_cast<std::uint64_t>(static_cast<std::int64_t>(value))};
}
template <typename Bits, typename T>
Ordered OrderedFloat(T value) {
  const auto bits = std::bit_cast<Bits>(value);
  const bool negative = (bits >> (8 * sizeof(Bits) - 1)) != 0;
  return {negative ? kNegative : kPositive, negative ? static_cast<Bits>(~bits) : bits};
}

// False: the value is not of the column's type.
bool ToOrdered(const Value& value, TypeKind kind, Ordered* ordered) {
  if (value.is_null()) {
    *ordered = {};
    return true;
  }
  if (const auto* flag = std::get_if<bool>(&value); flag != nullptr && kind == TypeKind::kBoolean) {
    *ordered = {kPositive, *flag ? 1U : 0U};
  } else if (const auto* i8 = std::get_if<std::int8_t>(&value); i8 != nullptr && kind == TypeKind::kByte) {
    *ordered = OrderedInteger(*i8);
  } else if (const auto* i16 = std::get_if<std::int16_t>(&value); i16 != nullptr && kind == TypeKind::kShort) {
    *ordered = OrderedInteger(*i16);
  } else if (const auto* i32 = std::get_if<std::int32_t>(&value); i32 != nullptr && kind == TypeKind::kInt) {
    *ordered = OrderedInteger(*i32);
  } else if (const auto* i64 = std::get_if<std::int64_t>(&value); i64 != nullptr && kind == TypeKind::kLong) {
    *ordered = OrderedInteger(*i64);
  } else if (const auto* f32 = std::get_if<float>(&value); f32 != nullptr && kind == TypeKind::kFloat) {
    *ordered = OrderedFloat<std::uint32_t>(*f32);
  } else if (const auto* f64 = std::get_if<double>(&value); f64 != nullptr && kind == TypeKind::kDouble) {
    *ordered = OrderedFloat<std::uint64_t>(*f64);
  } else {
    return false;
  }
  return true;
}

Value FromOrdered(const Ordered& ordered, TypeKind kind) {
  if (ordered.marker == kNull) {
    return {};
  }
  const bool flipped = ordered.marker == kNegative;
  if (kind == TypeKind::kBoolean) {
    return ordered.bits != 0;
  }
  if (kind == TypeKind::kByte) {
    return static_cast<std::int8_t>(ordered.bits);
  }
  if (kind == TypeKind::kShort) {
    return static_cast<std::int16_t>(ordered.bits);
  }
  if (kind == TypeKind::kInt) {
    return static_cast<std::int32_t>(ordered.bits);
  }
  if (kind == TypeKind::kFloat) {
    const auto bits = static_cast<std::uint32_t>(ordered.bits);
    return std::bit_cast<float>(flipped ? ~bits : bits);
  }
  if (kind == TypeKind::kDouble) {
    return std::bit_cast<double>(flipped ? ~ordered.bits : ordered.bits);
  }
  return static_cast<std::int64_t>(ordered.bits);
}

void AppendColumn(const Ordered& ordered, int size, std::string& out) {
  AppendByte(out, kPresentBranch);
  AppendZigzag(out, 1);
  AppendByte(out, ordered.marker);
  AppendByte(out, kPresentBranch);
  AppendZigzag(out, size);
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    AppendByte(out, static_cast<std::uint8_t>(ordered.bits >> shift));
  }
}

Ordered ReadColumn(ByteReader& reader, int size) {
  Ordered ordered;
  if (reader.ReadByte() != kPresentBranch || reader.ReadZigzag() != 1) {
    reader.Fail("a range key column has no marker");
  }
  ordered.marker = reader.ReadByte();
  if (ordered.marker > kNull) {
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
    if (SizeOf(field.type.kind()) == 0) {
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
    Ordered ordered;
    if (!ToOrdered(columns[i], kind, &ordered)) {
      out.resize(before);
      return Invalid(fmt::format("range key column '{}' got a value that is not {}", ordering.field(i).name,
                                 ordering.field(i).type.ToSql()));
    }
    AppendColumn(ordered, SizeOf(kind), out);
  }
  return {};
}

Result<Row> ReadRangeKey(const Schema& ordering, std::string_view bytes) {
  ByteReader reader(bytes);
  Row row;
  for (const StructField& field : ordering.fields()) {
    row.push_back(FromOrdered(ReadColumn(reader, SizeOf(field.type.kind())), field.type.kind()));
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
  char bytes[kRangeLongSize] = {2, 2, static_cast<char>(value < 0 ? kNegative : kPositive), 2, 16};
  StoreBig64(bytes + 5, static_cast<std::uint64_t>(value));
  out.append(bytes, sizeof(bytes));
}

Result<std::int64_t> ReadRangeLong(std::string_view bytes) {
  ByteReader reader(bytes);
  const Ordered ordered = ReadColumn(reader, 8);
  if (ordered.marker == kNull) {
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
