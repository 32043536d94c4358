// SPDX-License-Identifier: Apache-2.0
#include "base/java_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace hf {
namespace {

TEST(JavaText, DoublesPrintAsInJava) {
  const std::pair<double, const char*> cases[] = {
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {1, "1.0"},
      {-1.5, "-1.5"},
      {100, "100.0"},
      {9999999, "9999999.0"},
      {10000000, "1.0E7"},
      {12345678, "1.2345678E7"},
      {0.001, "0.001"},
      {0.00099, "9.9E-4"},
      {0.1 + 0.2, "0.30000000000000004"},
      {1234567.125, "1234567.125"},
      {1e100, "1.0E100"},
      {2e23, "2.0E23"},
      {4.9e-324, "4.9E-324"},
      {std::numeric_limits<double>::max(), "1.7976931348623157E308"},
      {std::numeric_limits<double>::infinity(), "Infinity"},
      {-std::numeric_limits<double>::infinity(), "-Infinity"},
      {std::numeric_limits<double>::quiet_NaN(), "NaN"},
  };
  for (const auto& [value, text] : cases) {
    EXPECT_EQ(JavaDoubleText(value), text);
  }
}

TEST(JavaText, FloatsHaveTheirOwnShortestDigits) {
  EXPECT_EQ(JavaFloatText(0.1f), "0.1");
  EXPECT_EQ(JavaFloatText(16777216.0f), "1.6777216E7");
  EXPECT_EQ(JavaFloatText(3.4028235e38f), "3.4028235E38");
  EXPECT_EQ(JavaFloatText(-2.0f), "-2.0");
  EXPECT_EQ(JavaFloatText(1.4e-45f), "1.4E-45");
}

}  // namespace
}  // namespace hf
