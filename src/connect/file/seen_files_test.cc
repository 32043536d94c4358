// SPDX-License-Identifier: Apache-2.0
#include "connect/file/seen_files.h"

#include <gtest/gtest.h>

namespace hf {
namespace {

TEST(SeenFiles, WithoutAnAgeNothingIsForgottenAndNothingIsTooOld) {
  SeenFiles seen(std::nullopt, false);
  seen.Add("/d/new", 1'000'000'000'000);
  seen.Purge();
  EXPECT_TRUE(seen.IsNew("/d/old", -5));
  seen.Add("/d/old", -5);
  seen.Purge();
  EXPECT_FALSE(seen.IsNew("/d/old", -5));
  EXPECT_EQ(seen.size(), 2U);
}

TEST(SeenFiles, AFileThatChangedItsTimeIsStillSeen) {
  SeenFiles seen(std::nullopt, false);
  seen.Add("/d/a", 10);
  EXPECT_FALSE(seen.IsNew("/d/a", 20));
}

// Spark's FileStreamSourceSuite, "SeenFilesMap": the limit moves with the newest file, at Purge only.
TEST(SeenFiles, TheAgeIsMeasuredAgainstTheNewestFileAtThePurge) {
  SeenFiles seen(10, false);
  seen.Add("/a", 5);
  seen.Purge();
  EXPECT_EQ(seen.size(), 1U);
  seen.Add("/b", 15);
  seen.Purge();
  EXPECT_EQ(seen.size(), 2U);
  seen.Add("/c", 16);
  EXPECT_TRUE(seen.IsNew("/late", 5));
  seen.Purge();
  EXPECT_EQ(seen.size(), 2U);
  EXPECT_FALSE(seen.IsNew("/late", 5));
  EXPECT_FALSE(seen.IsNew("/a", 5));
  EXPECT_TRUE(seen.IsNew("/d", 6));
}

TEST(SeenFiles, FileNameOnlyComparesTheLastComponent) {
  SeenFiles seen(std::nullopt, true);
  seen.Add("/one/x.json", 1);
  EXPECT_FALSE(seen.IsNew("/two/x.json", 1));
  EXPECT_TRUE(seen.IsNew("/two/y.json", 1));
}

}  // namespace
}  // namespace hf
