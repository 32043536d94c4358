// SPDX-License-Identifier: Apache-2.0
#include "base/nearest_name.h"

#include <gtest/gtest.h>

#include <vector>

namespace hf {
namespace {

TEST(NearestName, IsSuggestedWhenItIsNear) {
  const std::vector<std::string_view> names = {"maxFilesPerTrigger", "maxFileAge", "mode"};
  EXPECT_EQ(DidYouMean("maxFilePerTriger", names), "; did you mean maxFilesPerTrigger?");
  EXPECT_EQ(DidYouMean("MODE", names), "; did you mean mode?");
  EXPECT_EQ(DidYouMean("mdoe", names), "; did you mean mode?");
  EXPECT_EQ(DidYouMean("nonsense", names), "");
  EXPECT_EQ(DidYouMean("", names), "");
  EXPECT_EQ(DidYouMean("x", {}), "");
  EXPECT_EQ(DidYouMean(std::string(100'000, 'm'), names), "");
}

}  // namespace
}  // namespace hf
