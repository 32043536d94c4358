// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace hf {
namespace {

TEST(Random, UuidHasVersionFourAndLowerCase) {
  SystemRandom system;
  SeededRandom seeded(3);
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) {
    for (Random* random : {static_cast<Random*>(&system), static_cast<Random*>(&seeded)}) {
      const std::string uuid = random->NewUuid();
      ASSERT_THAT(uuid, testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
      ASSERT_TRUE(seen.insert(uuid).second);
    }
  }
}

TEST(SeededRandom, SameSeedSameNumbers) {
  SeededRandom first(42);
  SeededRandom second(42);
  SeededRandom other(43);
  const std::string uuid = first.NewUuid();
  EXPECT_EQ(uuid, second.NewUuid());
  EXPECT_NE(uuid, other.NewUuid());
  // The first number of SplitMix64 with seed 1234567 is a published vector.
  EXPECT_EQ(SeededRandom(1234567).Next64(), 6457827717110365317u);
}

TEST(Random, AMixIsTheSameAgainAndAnotherForEveryPart) {
  std::set<std::uint64_t> seen;
  std::set<std::uint64_t> texts;
  for (std::uint64_t hash = 0; hash < 100; ++hash) {
    for (std::uint64_t more = 0; more < 100; ++more) {
      ASSERT_TRUE(seen.insert(Mixed(hash, more)).second);
      ASSERT_EQ(Mixed(hash, more), Mixed(hash, more));
    }
    for (const std::string_view text : {"", "a", "b", "12345678", "123456789", "abcdefghijklmnopq"}) {
      ASSERT_TRUE(texts.insert(Mixed(hash, text)).second) << text;
    }
  }
  // Neighbours differ in half of their bits.
  int bits = 0;
  for (std::uint64_t row = 0; row < 1'000; ++row) {
    bits += __builtin_popcountll(Mixed(7, row) ^ Mixed(7, row + 1));
  }
  EXPECT_NEAR(bits, 32'000, 500);
}

TEST(Random, BelowStaysBelowAndReachesEverything) {
  SeededRandom random(5);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1'000; ++i) {
    seen.insert(random.Below(7));
  }
  EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(random.Below(1), 0u);
}

}  // namespace
}  // namespace hf
