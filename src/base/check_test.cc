// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hf {
namespace {

std::string MessageOf(void (*failing)()) {
  try {
    failing();
  } catch (const InvariantError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Check, HoldingCheckDoesNothing) {
  HF_CHECK(1 + 1 == 2);
  HF_CHECK(1 + 1 == 2, "never {}", "formatted");
}

TEST(Check, FailureNamesPlaceConditionAndMessage) {
  EXPECT_THAT(MessageOf([] { HF_CHECK(1 > 2); }),
              testing::MatchesRegex("src/base/check_test.cc:[0-9]+: check failed: 1 > 2"));
  EXPECT_THAT(MessageOf([] { HF_CHECK(1 > 2, "offset {}", 7); }), testing::HasSubstr("check failed: 1 > 2 (offset 7)"));
}

TEST(Check, WorksAsTheOnlyStatementOfAnIf) {
  const bool take = false;
  if (take)
    HF_CHECK(false);
  else
    HF_DCHECK(true);
}

#ifndef NDEBUG
TEST(Check, DebugCheckFailsInDebugBuilds) { EXPECT_THROW(HF_DCHECK(false, "debug"), InvariantError); }
#endif

}  // namespace
}  // namespace hf
