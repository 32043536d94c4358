// SPDX-License-Identifier: Apache-2.0
// Elements of lists and keys of maps in Spark's order, and where the parts of a list lie.
#pragma once

#include <cstdint>

#include "holdfast/batch.h"

namespace hf {

// The part of a list's or map's children that belongs to one row.
struct Elements {
  std::int32_t begin = 0;
  std::int32_t end = 0;

  [[nodiscard]] std::int32_t size() const { return end - begin; }
};

inline Elements ElementsAt(const Column& list, std::int64_t row) {
  return {list.offsets[list.offset + row], list.offsets[list.offset + row + 1]};
}

// Below 0, 0 or above 0: as Spark's `<` and `=` have it, so NaN is greatest and equals itself, and -0.0 equals 0.0.
// REQUIRES: a scalar type, and neither is null.
int CompareElements(const Column& column, std::int64_t left, std::int64_t right);

}  // namespace hf
