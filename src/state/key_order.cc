// SPDX-License-Identifier: Apache-2.0
// The simple truth is std::stable_sort by key. Faster: skip what all keys share, take the next eight bytes as a
// number, sort (number, position) pairs, and look at whole keys only where numbers are equal.
#include "state/key_order.h"

#include <array>
#include <numeric>

namespace hf {
namespace {

constexpr std::size_t kCompareBelow = 32;  // fewer keys: comparing is cheaper than preparing
constexpr std::size_t kRadixFrom = 512;
constexpr std::size_t kPrefetchAhead = 16;
constexpr int kLevelsMax = 16;  // keys made to agree for long must not take the stack

struct Digest {
  std::uint64_t number;
  std::uint32_t position;
};

// Sorts by number, one byte at a time from the lowest; a byte that all numbers share costs nothing. Stable.
void RadixSort(std::vector<Digest>& items) {
  std::array<std::array<std::uint32_t, 256>, 8> counts{};
  for (const Digest& item : items) {
    for (std::size_t byte = 0; byte < 8; ++byte) {
      ++counts[byte][(item.number >> (8 * byte)) & 0xFF];
    }
  }
  std::vector<Digest> other(items.size());
  for (std::size_t byte = 0; byte < 8; ++byte) {
    std::array<std::uint32_t, 256>& starts = counts[byte];
    if (starts[(items[0].number >> (8 * byte)) & 0xFF] == items.size()) {
      continue;
    }
    std::uint32_t sum = 0;
    for (std::uint32_t& count : starts) {
      sum += std::exchange(count, sum);
    }
    for (const Digest& item : items) {
      other[starts[(item.number >> (8 * byte)) & 0xFF]++] = item;
    }
    items.swap(other);
  }
}

class Sorter {
 public:
  explicit Sorter(std::span<const std::string_view> keys) : keys_(keys) {}

  // Sorts `order`, whose keys agree in their first `depth` bytes and are in ascending order of position.
  void Sort(std::span<std::uint32_t> order, std::size_t depth, int level) {
    if (order.size() < kCompareBelow || level == kLevelsMax) {
      Compare(order, depth);
      return;
    }
    depth = SharedPrefix(order, depth);
    std::vector<Digest> digests(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      digests[i] = {KeyDigest(keys_[order[i]], depth), order[i]};
    }
    if (order.size() >= kRadixFrom) {
      RadixSort(digests);
    } else {
      std::sort(digests.begin(), digests.end(), [](const Digest& a, const Digest& b) {
        return a.number != b.number ? a.number < b.number : a.position < b.position;
      });
    }
    for (std::size_t i = 0; i < order.size(); ++i) {
      order[i] = digests[i].position;
    }
    SortTies(order, digests, depth, level);
  }

 private:
  void Compare(std::span<std::uint32_t> order, std::size_t depth) const {
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      const int compared = keys_[a].substr(depth).compare(keys_[b].substr(depth));
      return compared != 0 ? compared < 0 : a < b;
    });
  }

  std::size_t SharedPrefix(std::span<const std::uint32_t> order, std::size_t depth) const {
    const std::string_view first = keys_[order[0]];
    std::size_t shared = first.size();
    for (std::size_t i = 1; i < order.size() && shared > depth; ++i) {
      if (i + kPrefetchAhead < order.size()) {
        __builtin_prefetch(keys_[order[i + kPrefetchAhead]].data());
      }
      const std::string_view key = keys_[order[i]];
      if (key.size() < shared || std::memcmp(key.data() + depth, first.data() + depth, shared - depth) != 0) {
        shared = depth + CommonPrefix(first.substr(depth, shared - depth), key.substr(depth));
      }
    }
    return shared;
  }

  void SortTies(std::span<std::uint32_t> order, const std::vector<Digest>& digests, std::size_t depth, int level) {
    for (std::size_t begin = 0; begin < order.size();) {
      std::size_t end = begin + 1;
      bool is_short = keys_[order[begin]].size() < depth + 8;
      while (end < order.size() && digests[end].number == digests[begin].number) {
        is_short |= keys_[order[end]].size() < depth + 8;
        ++end;
      }
      if (end - begin > 1) {
        // Padding makes "a" and "a\0" look alike, so a tie with a short key agrees only in `depth` bytes.
        const std::span<std::uint32_t> tie = order.subspan(begin, end - begin);
        is_short ? Compare(tie, depth) : Sort(tie, depth + 8, level + 1);
      }
      begin = end;
    }
  }

  std::span<const std::string_view> keys_;
};

bool IsAscending(std::span<const std::string_view> keys) {
  for (std::size_t i = 1; i < keys.size(); ++i) {
    if (i + kPrefetchAhead < keys.size()) {
      __builtin_prefetch(keys[i + kPrefetchAhead].data());
    }
    if (keys[i] < keys[i - 1]) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::vector<std::uint32_t> SortedOrder(std::span<const std::string_view> keys) {
  std::vector<std::uint32_t> order(keys.size());
  std::iota(order.begin(), order.end(), 0);
  if (!IsAscending(keys)) {
    Sorter(keys).Sort(order, 0, 0);
  }
  return order;
}

}  // namespace hf
