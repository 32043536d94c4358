// SPDX-License-Identifier: Apache-2.0
#include "state/nested_rows.h"

#include "base/bytes.h"
#include "codec/avro/avro_varint.h"

namespace hf {
namespace {

constexpr char kNotNull = 2;  // Avro: branch 1 of ["null", T], zigzag
constexpr std::size_t kWord = 8;

// Where an UnsafeRow of so few columns has its words, behind the null bits.
constexpr std::size_t WordAt(std::size_t column) { return kWord + column * kWord; }

// An UnsafeRow's word for a part of the row.
std::uint64_t PartWord(std::size_t offset, std::size_t size) { return (std::uint64_t{offset} << 32) | size; }

void AppendAvroLong(std::int64_t value, std::string& out) {
  char bytes[avro::kVarintBytesMax];
  out.append(bytes, static_cast<std::size_t>(avro::WriteLong(bytes, value) - bytes));
}

void AppendWord(std::uint64_t word, std::string& out) {
  char bytes[kWord];
  StoreLittle64(bytes, word);
  out.append(bytes, kWord);
}

std::uint64_t WordOf(std::string_view row, std::size_t column) { return LoadLittle64(row.data() + WordAt(column)); }

// The struct in column 0 of an UnsafeRow with `columns` columns, none of them null.
std::optional<std::string_view> FirstStruct(std::string_view row, std::size_t columns) {
  if (row.size() < WordAt(columns) || LoadLittle64(row.data()) != 0) {
    return std::nullopt;
  }
  const std::uint64_t word = WordOf(row, 0);
  if (word >> 32 != WordAt(columns) || (word & 0xFFFFFFFF) != row.size() - WordAt(columns)) {
    return std::nullopt;
  }
  return row.substr(WordAt(columns));
}

// Avro: a long at the end of a record, and where it begins. Only the last byte of a varint is below 0x80, so that it
// can be found from behind.
struct LastLong {
  std::int64_t value;
  std::size_t begin;  // of the branch in front
};
std::optional<LastLong> ReadLastLong(std::string_view record) {
  std::size_t begin = record.size();
  if (begin < 2) {
    return std::nullopt;
  }
  --begin;
  while (begin > 0 && static_cast<std::uint8_t>(record[begin - 1]) >= 0x80) {
    --begin;
  }
  if (begin == 0 || record[begin - 1] != kNotNull) {
    return std::nullopt;
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(record.data());
  std::int64_t value = 0;
  if (avro::ReadLong(bytes + begin, bytes + record.size(), &value) != bytes + record.size()) {
    return std::nullopt;
  }
  return LastLong{.value = value, .begin = begin - 1};
}

}  // namespace

void AppendStructsRow(StateEncoding encoding, std::initializer_list<std::string_view> columns, std::string& out) {
  if (encoding == StateEncoding::kAvro) {
    for (const std::string_view column : columns) {
      out.push_back(kNotNull);
      out.append(column);
    }
    return;
  }
  AppendWord(0, out);
  std::size_t offset = WordAt(columns.size());
  for (const std::string_view column : columns) {
    AppendWord(PartWord(offset, column.size()), out);
    offset += column.size();
  }
  for (const std::string_view column : columns) {
    out.append(column);
  }
}

void AppendLongRow(StateEncoding encoding, std::int64_t value, std::string& out) {
  if (encoding == StateEncoding::kAvro) {
    out.push_back(kNotNull);
    AppendAvroLong(value, out);
    return;
  }
  AppendWord(0, out);
  AppendWord(static_cast<std::uint64_t>(value), out);
}

void AppendExpiringRow(StateEncoding encoding, std::string_view value, std::int64_t expiration_ms, std::string& out) {
  if (encoding == StateEncoding::kAvro) {
    out.push_back(kNotNull);
    out.append(value);
    out.push_back(kNotNull);
    AppendAvroLong(expiration_ms, out);
    return;
  }
  AppendWord(0, out);
  AppendWord(PartWord(WordAt(2), value.size()), out);
  AppendWord(static_cast<std::uint64_t>(expiration_ms), out);
  out.append(value);
}

void AppendVoidRow(StateEncoding encoding, std::string& out) {
  if (encoding == StateEncoding::kUnsafeRow) {
    AppendWord(1, out);
    AppendWord(0, out);
  }
}

std::optional<std::string_view> ReadStructRow(StateEncoding encoding, std::string_view row) {
  if (encoding == StateEncoding::kUnsafeRow) {
    return FirstStruct(row, 1);
  }
  return row.empty() || row.front() != kNotNull ? std::nullopt : std::optional(row.substr(1));
}

std::optional<StructPair> ReadStructPairRow(StateEncoding encoding, std::string_view row, const AvroSkipper& first) {
  if (encoding == StateEncoding::kUnsafeRow) {
    if (row.size() < WordAt(2) || LoadLittle64(row.data()) != 0) {
      return std::nullopt;
    }
    const std::size_t size = WordOf(row, 0) & 0xFFFFFFFF;
    const std::size_t left = row.size() - WordAt(2);
    if (size > left || WordOf(row, 0) != PartWord(WordAt(2), size) ||
        WordOf(row, 1) != PartWord(WordAt(2) + size, left - size)) {
      return std::nullopt;
    }
    return StructPair{row.substr(WordAt(2), size), row.substr(WordAt(2) + size)};
  }
  if (row.empty() || row.front() != kNotNull) {
    return std::nullopt;
  }
  const Result<std::size_t> size = first.RecordSize(row.substr(1));
  if (!size.ok() || 1 + *size >= row.size() || row[1 + *size] != kNotNull) {
    return std::nullopt;
  }
  return StructPair{row.substr(1, *size), row.substr(2 + *size)};
}

std::optional<std::int64_t> ReadLongRow(StateEncoding encoding, std::string_view row) {
  if (encoding == StateEncoding::kUnsafeRow) {
    return row.size() == WordAt(1) && LoadLittle64(row.data()) == 0
               ? std::optional(static_cast<std::int64_t>(WordOf(row, 0)))
               : std::nullopt;
  }
  const std::optional<LastLong> last = ReadLastLong(row);
  return last.has_value() && last->begin == 0 ? std::optional(last->value) : std::nullopt;
}

std::optional<ExpiringRow> ReadExpiringRow(StateEncoding encoding, std::string_view row) {
  if (encoding == StateEncoding::kUnsafeRow) {
    const auto value = FirstStruct(row, 2);
    return value.has_value() ? std::optional(ExpiringRow{*value, static_cast<std::int64_t>(WordOf(row, 1))})
                             : std::nullopt;
  }
  const std::optional<LastLong> last = ReadLastLong(row);
  if (!last.has_value() || last->begin == 0 || row.front() != kNotNull) {
    return std::nullopt;
  }
  return ExpiringRow{row.substr(1, last->begin - 1), last->value};
}

}  // namespace hf
