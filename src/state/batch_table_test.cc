// SPDX-License-Identifier: Apache-2.0
#include "state/batch_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "state/row_frame.h"

namespace hf {
namespace {

std::string KeyIn(FamilyId family, const std::string& text) { return FamilyPrefix(family) + text; }

struct Expected {
  StateOp op;
  std::string value;
};
using Model = std::map<std::string, Expected>;

void ExpectRange(BatchTable& table, const Model& model, const std::string& begin, const std::string& end) {
  auto expected = model.lower_bound(begin);
  for (BatchTable::Cursor at = table.Range(begin, end); at.valid(); at.Next(), ++expected) {
    ASSERT_TRUE(expected != model.end());
    ASSERT_TRUE(end.empty() || expected->first < end);
    ASSERT_EQ(at.entry().key, expected->first);
    ASSERT_EQ(at.entry().value, expected->second.value);
    ASSERT_EQ(at.entry().op, expected->second.op);
  }
  ASSERT_TRUE(expected == model.end() || (!end.empty() && expected->first >= end));
}

TEST(BatchTable, WalksInKeyOrderOverFamiliesWhileChangesGoOn) {
  std::mt19937_64 random(7);
  const auto draw = [&](std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random); };
  const auto draw_key = [&] {
    return KeyIn(static_cast<FamilyId>(1 + draw(4)), std::string(draw(3), 'a') + static_cast<char>('a' + draw(20)));
  };
  BatchTable table(",", false);
  for (int batch = 0; batch < 20; ++batch) {
    Model model;
    ExpectRange(table, model, "", "");
    for (int step = 0; step < 400; ++step) {
      const std::string key = draw_key();
      const std::string value(draw(30), static_cast<char>('0' + draw(10)));
      const auto known = model.find(key);
      switch (draw(3)) {
        case 0:
          table.Put(key, value, std::nullopt);
          model.insert_or_assign(key, Expected{StateOp::kPut, value});
          break;
        case 1:
          table.Merge(key, value, std::nullopt);
          if (known == model.end()) {
            model.emplace(key, Expected{StateOp::kMerge, value});
          } else if (known->second.op == StateOp::kDelete) {
            known->second = {StateOp::kPut, value};
          } else {
            known->second.value += "," + value;
          }
          break;
        default: table.Delete(key, std::nullopt); model.insert_or_assign(key, Expected{StateOp::kDelete, ""});
      }
      if (draw(batch + 1) == 0) {  // rarely in later batches, so that much has come since the last
        const std::string begin = draw(4) == 0 ? FamilyPrefix(static_cast<FamilyId>(draw(6))) : draw_key();
        const std::string end = draw(4) == 0 ? "" : draw(2) == 0 ? PrefixEnd(begin.substr(0, 2)) : draw_key();
        if (end.empty() || begin < end) {
          ExpectRange(table, model, begin, end);
          ASSERT_FALSE(::testing::Test::HasFatalFailure());
        }
      }
    }
    for (const auto& [key, expected] : model) {
      ASSERT_NE(table.Find(key), nullptr);
      ASSERT_EQ(table.Find(key)->value, expected.value);
    }
    ASSERT_EQ(table.Find(KeyIn(9, "a")), nullptr);
    auto next = model.begin();
    for (const BatchTable::Entry* entry : table.Sorted()) {
      ASSERT_EQ(entry->key, (next++)->first);
    }
    ASSERT_TRUE(next == model.end());
    table.Clear();
    ASSERT_TRUE(table.empty());
  }
}

TEST(BatchTable, WhatIsKnownOfAKeyBeforeTheBatchStays) {
  BatchTable table("", false);
  const std::string key = KeyIn(1, "a");
  table.Put(key, "1", false);
  table.Delete(key, true);
  EXPECT_EQ(table.Find(key)->existed, false);
}

// A batch may put an entry ten thousand times, and what it has left stays in memory until it ends.
TEST(BatchTable, AValueThatGrowsMovesAFewTimesAlone) {
  BatchTable table(",", false);
  const std::string key = KeyIn(1, "key");
  std::string value;
  const char* place = nullptr;
  int moves = 0;
  for (int put = 0; put < 10'000; ++put) {
    value += "more";
    table.Put(key, value, std::nullopt);
    const BatchTable::Entry* entry = table.Find(key);
    ASSERT_EQ(entry->value, value);
    moves += entry->value.data() != place ? 1 : 0;
    place = entry->value.data();
  }
  EXPECT_LE(moves, 20);
}

}  // namespace
}  // namespace hf
