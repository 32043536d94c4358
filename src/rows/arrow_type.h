// SPDX-License-Identifier: Apache-2.0
// What an Arrow format string means: the type of Spark that stands for it, and how its buffers become ours.
#pragma once

#include <cstdint>
#include <string>

#include "holdfast/arrow_c.h"

namespace hf {

enum class ArrowLayout : std::uint8_t {
  kSame,          // buffers as in Column
  kLargeOffsets,  // 64-bit offsets
  kFixedBinary,   // no offsets, `count` bytes each
  kFixedList,     // no offsets, `count` elements each
  kUnsigned8,     // to short
  kUnsigned16,    // to int
  kUnsigned32,    // to long
  kUnsigned64,    // to decimal(20,0)
  kDecimal32,     // to 16 bytes
  kDecimal64,
  kDecimal256,
  kSeconds,  // to microseconds
  kMillis,
  kNanos,
  kDateMillis,  // to days
};

struct ArrowType {
  DataType type;
  ArrowLayout layout = ArrowLayout::kSame;
  std::int64_t count = 0;  // kFixedBinary, kFixedList
};

// kInvalid names the format when Spark has no such type. For a dictionary: the type of its values, kSame.
Result<ArrowType> ArrowTypeOf(const ArrowSchema& schema);

// Bytes of one index of a dictionary; 0 when the format is no integer.
struct IndexType {
  int width = 0;
  bool is_signed = false;
};
IndexType IndexTypeOf(const ArrowSchema& schema);

}  // namespace hf
