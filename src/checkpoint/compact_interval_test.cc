// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/numbered_log.h"

#include <gtest/gtest.h>

namespace hf {
namespace {

TEST(CompactInterval, OnlyPlainNumbersUpToALimitAreIds) {
  EXPECT_EQ(ParseBatchId("0"), 0);
  EXPECT_EQ(ParseBatchId("1099511627776"), kBatchIdMax);
  for (const char* name : {"", "-1", "+1", "01", "1 ", "1.compact", "1099511627777", "9223372036854775807", "1e3"}) {
    EXPECT_EQ(ParseBatchId(name), std::nullopt) << name;
  }
}

// As Spark says it: the first that divides.
std::int64_t FirstDivisor(std::int64_t wanted, std::int64_t latest) {
  const std::int64_t all = latest + 1;
  if (all > wanted && wanted < all / 2) {
    for (std::int64_t divisor = wanted; divisor <= all / 2; ++divisor) {
      if (all % divisor == 0) {
        return divisor;
      }
    }
  }
  return all;
}

TEST(CompactInterval, TheDerivedIntervalIsTheFirstThatDivides) {
  for (std::int64_t wanted = 1; wanted < 60; ++wanted) {
    for (std::int64_t latest = 0; latest < 700; ++latest) {
      ASSERT_EQ(DeriveCompactInterval(wanted, latest), FirstDivisor(wanted, latest)) << wanted << " of " << latest + 1;
    }
  }
}

TEST(CompactInterval, TheDerivedIntervalOfAnyIdIsFoundAtOnce) {
  // A prime: a search through all numbers below it would take an hour.
  EXPECT_EQ(DeriveCompactInterval(10, 1099511627689 - 1), 1099511627689);
}

}  // namespace
}  // namespace hf
