// SPDX-License-Identifier: Apache-2.0
#include "state/key_order.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>

#include "base/random.h"

namespace hf {
namespace {

void ExpectSortsLikeStableSort(const std::vector<std::string>& keys) {
  const std::vector<std::string_view> views(keys.begin(), keys.end());
  std::vector<std::uint32_t> expected(keys.size());
  std::iota(expected.begin(), expected.end(), 0);
  std::stable_sort(expected.begin(), expected.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return keys[a] < keys[b]; });
  EXPECT_EQ(SortedOrder(views), expected);
}

TEST(KeyOrder, SortsLikeStableSort) {
  SeededRandom random(11);
  for (int round = 0; round < 300; ++round) {
    const std::size_t count = random.Below(round % 10 == 0 ? 5000 : 200);
    const std::size_t families = 1 + random.Below(3);
    const std::size_t length_max = 1 + random.Below(40);
    const std::uint64_t letters = 1 + random.Below(256);  // one letter: keys differ in length only
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < count; ++i) {
      std::string key(1, static_cast<char>(random.Below(families)));
      key.append(random.Below(20), 'p');
      for (std::size_t length = random.Below(length_max); length > 0; --length) {
        key.push_back(static_cast<char>(random.Below(letters)));
      }
      keys.push_back(std::move(key));
    }
    ExpectSortsLikeStableSort(keys);
  }
}

TEST(KeyOrder, KeysThatAgreeForLongDoNotExhaustTheStack) {
  std::vector<std::string> keys;
  for (std::size_t i = 3000; i > 0; --i) {
    keys.emplace_back(i * 8, 'a');
  }
  ExpectSortsLikeStableSort(keys);
}

TEST(KeyOrder, DigestOrdersAsTheBytesDo) {
  EXPECT_LT(KeyDigest("ab", 0), KeyDigest("b", 0));
  EXPECT_LT(KeyDigest("a\x7f", 0), KeyDigest("a\x80", 0));
  EXPECT_EQ(KeyDigest("a", 0), KeyDigest(std::string("a\0", 2), 0));
  EXPECT_EQ(KeyDigest("xxab", 2), KeyDigest("ab", 0));
  EXPECT_EQ(KeyDigest("x", 5), 0u);
}

}  // namespace
}  // namespace hf
