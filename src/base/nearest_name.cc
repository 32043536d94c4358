// SPDX-License-Identifier: Apache-2.0
#include "base/nearest_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace hf {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (Lower(a[i - 1]) == Lower(b[j - 1]) ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, changed}));
    }
  }
  return row[b.size()];
}

}  // namespace

std::string DidYouMean(std::string_view wanted, std::span<const std::string_view> names) {
  constexpr std::size_t kLongestName = 200;  // a longer one is no slip of a finger, and would take long
  std::string_view nearest;
  std::size_t least = std::min(wanted.size(), kLongestName) / 2 + 1;
  for (const std::string_view name : names) {
    if (const std::size_t changes = wanted.size() > kLongestName ? least : EditDistance(wanted, name);
        changes < least) {
      least = changes;
      nearest = name;
    }
  }
  return nearest.empty() ? std::string() : fmt::format("; did you mean {}?", nearest);
}

}  // namespace hf
