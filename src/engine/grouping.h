// SPDX-License-Identifier: Apache-2.0
// Grouping: the rows of one partition, ordered by key and cut into one group a key.
//
// Keys come ascending in the order of the grouping columns (nulls first, strings by UTF-8 bytes), the rows of a key in
// the order they were added: the source's order. Nothing is copied; the result is positions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/row_access.h"

namespace hf {

class Grouping {
 public:
  void Clear();
  // Adds rows `rows` of batch number `batch`. `keys[i]` is the order-preserving key of rows[i] (rows/normalized_key.h);
  // the views must stay alive until Clear.
  void Add(std::uint32_t batch, std::span<const std::uint32_t> rows, std::span<const std::string_view> keys);
  // Orders and cuts; afterwards the groups can be read.
  void Finish();

  [[nodiscard]] std::size_t groups() const { return ends_.size(); }
  [[nodiscard]] std::size_t rows() const { return rows_.size(); }
  // All rows, group after group.
  [[nodiscard]] std::span<const RowRef> ordered() const { return ordered_; }
  // The rows of one group, in source order; never empty: those of ordered() from FirstRow on.
  [[nodiscard]] std::size_t FirstRow(std::size_t group) const { return group == 0 ? 0 : ends_[group - 1]; }
  [[nodiscard]] std::span<const RowRef> Group(std::size_t group) const {
    const std::size_t begin = FirstRow(group);
    return std::span(ordered_).subspan(begin, ends_[group] - begin);
  }

 private:
  // What is sorted: the eight key bytes behind the prefix common to all keys, big-endian and padded with zeros, and
  // the row's number. Only rows that tie there are compared as a whole.
  struct Entry {
    std::uint64_t prefix;
    std::uint32_t row;
  };
  [[nodiscard]] std::size_t CommonPrefix() const;
  void SortEntries();
  void OrderTies(std::size_t common);

  std::vector<RowRef> rows_;
  std::vector<std::string_view> keys_;
  std::vector<Entry> entries_;
  std::vector<Entry> scratch_;
  std::vector<RowRef> ordered_;
  std::vector<std::size_t> ends_;
};

}  // namespace hf
