// SPDX-License-Identifier: Apache-2.0
#include "query/trigger_text.h"

#include <gmock/gmock.h>

#include "support/status_matchers.h"

namespace hf {
namespace {

using test::HasKind;

TEST(TriggerText, IntervalsAddUp) {
  for (const auto& [text, ms] : std::vector<std::pair<std::string, std::int64_t>>{{"10 seconds", 10'000},
                                                                                  {"1 second", 1'000},
                                                                                  {"250 milliseconds", 250},
                                                                                  {"5 ms", 5},
                                                                                  {"1 HOUR 2 minutes", 3'720'000},
                                                                                  {"1 day", 86'400'000},
                                                                                  {"2 weeks", 1'209'600'000},
                                                                                  {"1 hour -10 minutes", 3'000'000},
                                                                                  {"2500 microseconds", 2},
                                                                                  {"0", 0},
                                                                                  {"0 seconds", 0}}) {
    const auto interval = ParseInterval(text);
    ASSERT_TRUE(interval.ok()) << interval.status().ToString();
    EXPECT_EQ(interval->count(), ms) << text;
  }
}

TEST(TriggerText, WhatIsNoIntervalIsNamed) {
  for (const std::string text :
       {"", "soon", "10", "10 parsecs", "-1 seconds", "1 second and more", "1.5 seconds", "9223372036854775807 days",
        "9223372036854775807 ms", "1 month", "2 years 1 day", "1 day -25 hours"}) {
    const auto interval = ParseInterval(text);
    EXPECT_THAT(interval, HasKind(ErrorKind::kInvalid)) << text;
    EXPECT_NE(interval.status().message().find(text), std::string::npos) << interval.status().ToString();
  }
}

TEST(TriggerText, ModesInAnyCase) {
  EXPECT_EQ(ParseOutputMode("Append").value(), OutputMode::kAppend);
  EXPECT_EQ(ParseOutputMode("UPDATE").value(), OutputMode::kUpdate);
  EXPECT_THAT(ParseOutputMode("upsert"), HasKind(ErrorKind::kInvalid));
  EXPECT_EQ(ParseTimeMode("None").value(), TimeMode::kNone);
  EXPECT_EQ(ParseTimeMode("processingTime").value(), TimeMode::kProcessingTime);
  EXPECT_EQ(ParseTimeMode("never").status().condition(), "STATEFUL_PROCESSOR_UNKNOWN_TIME_MODE");
}

}  // namespace
}  // namespace hf
