// SPDX-License-Identifier: Apache-2.0
#include "engine/grouping.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace hf {

namespace {

constexpr std::size_t kPrefixBytes = sizeof(std::uint64_t);
constexpr std::size_t kRadixRowsMin = 256;  // below this std::stable_sort is quicker than counting

std::uint64_t PrefixOf(std::string_view rest) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, rest.data(), std::min(rest.size(), kPrefixBytes));
  return __builtin_bswap64(bytes);
}

}  // namespace

void Grouping::Clear() {
  rows_.clear();
  keys_.clear();
  entries_.clear();
  ordered_.clear();
  ends_.clear();
}

void Grouping::Add(std::uint32_t batch, std::span<const std::uint32_t> rows, std::span<const std::string_view> keys) {
  for (const std::uint32_t row : rows) {
    rows_.push_back({batch, row});
  }
  keys_.insert(keys_.end(), keys.begin(), keys.end());
}

std::size_t Grouping::CommonPrefix() const {
  const std::string_view first = keys_.front();
  std::size_t common = first.size();
  for (const std::string_view key : keys_) {
    common = std::min(common, key.size());
    if (std::memcmp(first.data(), key.data(), common) != 0) {
      common = static_cast<std::size_t>(
          std::mismatch(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(common), key.begin()).first -
          first.begin());
    }
  }
  return common;
}

// Least significant byte first: stable, and bytes that all keys share cost one pass of counting only.
void Grouping::SortEntries() {
  if (entries_.size() < kRadixRowsMin) {
    std::stable_sort(entries_.begin(), entries_.end(),
                     [](const Entry& a, const Entry& b) { return a.prefix < b.prefix; });
    return;
  }
  std::array<std::array<std::uint32_t, 256>, kPrefixBytes> counts{};
  for (const Entry& entry : entries_) {
    for (std::size_t byte = 0; byte < kPrefixBytes; ++byte) {
      ++counts[byte][(entry.prefix >> (8 * byte)) & 0xff];
    }
  }
  scratch_.resize(entries_.size());
  for (std::size_t byte = 0; byte < kPrefixBytes; ++byte) {
    auto& count = counts[byte];
    if (count[(entries_.front().prefix >> (8 * byte)) & 0xff] == entries_.size()) {
      continue;
    }
    std::uint32_t at = 0;
    for (std::uint32_t& value : count) {
      at += std::exchange(value, at);
    }
    for (const Entry& entry : entries_) {
      scratch_[count[(entry.prefix >> (8 * byte)) & 0xff]++] = entry;
    }
    entries_.swap(scratch_);
  }
}

void Grouping::OrderTies(std::size_t common) {
  for (std::size_t begin = 0; begin < entries_.size();) {
    std::size_t end = begin + 1;
    bool decided = keys_[entries_[begin].row].size() <= common + kPrefixBytes;
    while (end < entries_.size() && entries_[end].prefix == entries_[begin].prefix) {
      decided = decided && keys_[entries_[end].row].size() == keys_[entries_[begin].row].size();
      ++end;
    }
    if (!decided && end - begin > 1) {
      std::stable_sort(entries_.begin() + static_cast<std::ptrdiff_t>(begin),
                       entries_.begin() + static_cast<std::ptrdiff_t>(end),
                       [this](const Entry& a, const Entry& b) { return keys_[a.row] < keys_[b.row]; });
    }
    for (std::size_t i = begin; i < end; ++i) {
      if (i > begin && !decided && keys_[entries_[i].row] != keys_[entries_[i - 1].row]) {
        ends_.push_back(i);
      }
    }
    ends_.push_back(end);
    begin = end;
  }
}

void Grouping::Finish() {
  entries_.clear();
  ends_.clear();
  ordered_.clear();
  if (rows_.empty()) {
    return;
  }
  const std::size_t common = CommonPrefix();
  entries_.reserve(rows_.size());
  for (std::uint32_t row = 0; row < rows_.size(); ++row) {
    entries_.push_back({PrefixOf(keys_[row].substr(common)), row});
  }
  SortEntries();
  OrderTies(common);
  ordered_.reserve(rows_.size());
  for (const Entry& entry : entries_) {
    ordered_.push_back(rows_[entry.row]);
  }
}

}  // namespace hf
