// SPDX-License-Identifier: Apache-2.0
#include "engine/grouping.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace hf {
namespace {

// Groups by an ordered map: the simple truth.
void ExpectAsMap(const std::vector<std::string>& keys, std::uint32_t batches) {
  Grouping grouping;
  std::map<std::string, std::vector<std::pair<std::uint32_t, std::uint32_t>>> expected;
  std::vector<std::vector<std::string_view>> views(batches);
  for (std::uint32_t batch = 0; batch < batches; ++batch) {
    std::vector<std::uint32_t> rows;
    for (std::uint32_t i = batch; i < keys.size(); i += batches) {
      rows.push_back(i);
      views[batch].push_back(keys[i]);
      expected[keys[i]].emplace_back(batch, i);
    }
    grouping.Add(batch, rows, views[batch]);
  }
  grouping.Finish();
  ASSERT_EQ(grouping.groups(), expected.size());
  std::size_t group = 0;
  for (const auto& [key, rows] : expected) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> found;
    for (const RowRef& ref : grouping.Group(group)) {
      found.emplace_back(ref.batch, ref.row);
    }
    EXPECT_EQ(found, rows) << "key " << key;
    ++group;
  }
}

TEST(Grouping, NoRowsMakeNoGroups) {
  Grouping grouping;
  grouping.Finish();
  EXPECT_EQ(grouping.groups(), 0U);
}

TEST(Grouping, KeysAscendAndRowsKeepTheirOrder) { ExpectAsMap({"b", "a", "b", "c", "a", "b"}, 1); }

TEST(Grouping, RowsOfSeveralBatchesFollowBatchOrder) { ExpectAsMap({"b", "a", "b", "c", "a", "b", "a"}, 3); }

TEST(Grouping, ZeroBytesAtTheEndMakeAnotherKey) {
  ExpectAsMap({std::string("a\0", 2), "a", std::string("a\0\0", 3), "a", "", std::string("\0", 1)}, 1);
}

TEST(Grouping, KeysThatDifferOnlyBehindTheSortedPrefix) {
  ExpectAsMap({"0123456789abcdef-2", "0123456789abcdef-1", "0123456789abcdef-11", "0123456789abcdef-2", "0123456789",
               "01234567890"},
              2);
}

TEST(Grouping, RandomKeysOfManyShapes) {
  std::mt19937 random(42);
  for (int round = 0; round < 60; ++round) {
    std::vector<std::string> keys;
    const std::string head(random() % 12, 'k');
    const std::size_t alphabet = 1 + random() % 4;
    for (std::size_t i = 0; i < 700; ++i) {
      std::string key = head;
      for (std::size_t n = random() % 14; n > 0; --n) {
        key.push_back(static_cast<char>(random() % alphabet));
      }
      keys.push_back(key);
    }
    ExpectAsMap(keys, 1 + random() % 3);
  }
}

}  // namespace
}  // namespace hf
