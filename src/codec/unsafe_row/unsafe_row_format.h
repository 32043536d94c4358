// SPDX-License-Identifier: Apache-2.0
// The shape of Spark's UnsafeRow, which writer and reader share (Spark 4.3 UnsafeRow, UnsafeArrayData, UnsafeMapData
// and their writers). All numbers are little-endian; all parts begin and end at multiples of 8 bytes.
//
//   row    null bits (64 a word), a word for each field, then what does not fit into a word, in the order of the fields
//   array  count (a word), null bits, elements at their own width (the whole filled up), then what does not fit
//   map    size of the keys (a word), array of keys, array of values
//   word   the datum in its lowest bytes; or, for text, binary, decimals of more than 18 digits, arrays, maps and
//          structs, size (low half) and offset from the start of the row or array (high half)
//
// A null has a zero word. A decimal of more than 18 digits keeps 16 bytes in a row, even when it is null (then the word
// has the offset of them and size 0), and only what it needs in an array.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "holdfast/status.h"
#include "holdfast/types.h"

namespace hf::unsafe_row {

inline constexpr std::size_t kWordBytes = 8;
inline constexpr int kWordDecimalPrecisionMax = 18;
inline constexpr std::size_t kWideDecimalBytes = 16;
// Structs, arrays and maps may nest this deep; the codec recurses by schema, never by data.
inline constexpr int kDepthMax = 64;

constexpr std::size_t WholeWords(std::size_t bytes) { return (bytes + 7) & ~std::size_t{7}; }
constexpr std::size_t NullBitBytes(std::size_t count) { return (count + 63) / 64 * 8; }
constexpr std::size_t RowFixedBytes(std::size_t fields) { return NullBitBytes(fields) + fields * kWordBytes; }

inline bool IsWideDecimal(const DataType& type) {
  return type.kind() == TypeKind::kDecimal && type.precision() > kWordDecimalPrecisionMax;
}
// Bytes of an element in the fixed part of an array.
std::size_t ElementBytes(const DataType& type);

// Ok when rows of `schema` can be written and read. Otherwise kInvalid that begins with `subject`: two fields of one
// struct have the same name, which could not be told apart, or it nests too deep.
Status CheckUnsafeRowState(const Schema& schema, const std::string& subject);

}  // namespace hf::unsafe_row
