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
