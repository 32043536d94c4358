// SPDX-License-Identifier: Apache-2.0
// Sorting keys in byte order when comparing them is what costs: keys of one variable share a long prefix (family id,
// version, schema id), and lie scattered in memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace hf {

// Returns the length of the longest common prefix.
inline std::size_t CommonPrefix(std::string_view a, std::string_view b) {
  const auto [at, _] =
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())), b.begin());
  return static_cast<std::size_t>(at - a.begin());
}

// Eight bytes of `key` from `from` on, as a number that orders as they do; missing bytes are zero, so that equal
// numbers do not yet mean equal bytes.
inline std::uint64_t KeyDigest(std::string_view key, std::size_t from) {
  if (key.size() >= from + 8) {
    return LoadBig64(key.data() + from);
  }
  char padded[8] = {};
  if (key.size() > from) {
    std::memcpy(padded, key.data() + from, key.size() - from);
  }
  return LoadBig64(padded);
}

// Returns the positions of `keys` in ascending order of the keys; equal keys keep their order.
std::vector<std::uint32_t> SortedOrder(std::span<const std::string_view> keys);

}  // namespace hf
