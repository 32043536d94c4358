// SPDX-License-Identifier: Apache-2.0
// NormalizedKeys: grouping columns as byte strings whose memcmp order is Spark's order of the columns, ascending,
// nulls first: texts by their UTF-8 bytes, numbers by value, -0.0 equal to 0.0, NaN behind everything.
//
//  1. Two rows have equal keys exactly when Spark groups them together.
//  2. Keys from AppendKey compare with each other, also those of other batches; keys from BareKey likewise; the two
//     do not mix.
// In general each datum is 00 for null, or 01 and its bytes: numbers big-endian with the sign turned over, texts
// with 00 written as 00 FF and ended by 00 00. A single text column without nulls needs none of that: there BareKey
// gives the text itself.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "holdfast/batch.h"

namespace hf {

class NormalizedKeys {
 public:
  // The columns must stay alive. REQUIRES: none is or holds a map.
  explicit NormalizedKeys(std::span<const Column* const> columns);

  // The text in the only column can be the key of a row.
  [[nodiscard]] bool is_bare() const { return is_bare_; }
  // REQUIRES: is_bare(). The view lives as long as the column.
  [[nodiscard]] std::string_view BareKey(std::int64_t row) const { return columns_[0]->Bytes(row); }
  // Appends the key of a row.
  void AppendKey(std::int64_t row, std::string& out) const;

 private:
  std::span<const Column* const> columns_;
  bool is_bare_ = false;
};

}  // namespace hf
