// SPDX-License-Identifier: Apache-2.0
// Rows that hold encoded rows. Spark keeps the grouping key inside the keys of maps, timers and expiry indexes as a
// struct column, and a value that expires as a struct column beside its time. The bytes of such a column are those of
// the row by itself, so nothing is encoded twice, and what is inside is read without decoding it.
//
//              Avro                                        UnsafeRow
//   a struct   branch 0x02, the record                     a word (offset, size), the row behind all words
//   a long     branch 0x02, zigzag varint                  a word
//
// No column is ever null.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "codec/avro/avro_reader.h"
#include "state/row_frame.h"

namespace hf {

// Appends the row with these struct columns, each an encoded row.
void AppendStructsRow(StateEncoding encoding, std::initializer_list<std::string_view> columns, std::string& out);
// Appends the row of one bigint column.
void AppendLongRow(StateEncoding encoding, std::int64_t value, std::string& out);
// Appends the row {struct, bigint}: how a value that expires is kept.
void AppendExpiringRow(StateEncoding encoding, std::string_view value, std::int64_t expiration_ms, std::string& out);
// Appends the row of one column of no type, which is null: {__empty__: void}, {__dummy__: void}.
void AppendVoidRow(StateEncoding encoding, std::string& out);

// Reading: hostile bytes; nullopt when they are no such row.
std::optional<std::string_view> ReadStructRow(StateEncoding encoding, std::string_view row);  // of one struct column
// Of two struct columns. `first`: where a record of the first one ends, with Avro.
struct StructPair {
  std::string_view first;
  std::string_view second;
};
std::optional<StructPair> ReadStructPairRow(StateEncoding encoding, std::string_view row, const AvroSkipper& first);
std::optional<std::int64_t> ReadLongRow(StateEncoding encoding, std::string_view row);
struct ExpiringRow {
  std::string_view value;
  std::int64_t expiration_ms;
};
std::optional<ExpiringRow> ReadExpiringRow(StateEncoding encoding, std::string_view row);

}  // namespace hf
