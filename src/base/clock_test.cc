// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

namespace hf {
namespace {

TEST(ManualClock, StandsStillUntilMoved) {
  ManualClock clock(1'500);
  EXPECT_EQ(clock.NowUs(), 1'500);
  EXPECT_EQ(clock.NowMs(), 1);
  clock.AdvanceMs(2);
  EXPECT_EQ(clock.NowUs(), 3'500);
  clock.SetUs(-1);
  EXPECT_EQ(clock.NowMs(), -1);
}

TEST(ManualClock, SleeperWakesWhenTheTimeHasCome) {
  ManualClock clock;
  std::jthread sleeper([&] { EXPECT_TRUE(clock.SleepUntilMs(10, {})); });
  clock.AdvanceMs(4);
  clock.AdvanceMs(6);
}

TEST(ManualClock, StopEndsTheSleep) {
  ManualClock clock;
  std::stop_source stop;
  std::jthread sleeper([&] { EXPECT_FALSE(clock.SleepUntilMs(10, stop.get_token())); });
  stop.request_stop();
}

TEST(ManualClock, JumpingSleepMovesTheTime) {
  ManualClock clock(0, ManualClock::Sleep::kJumps);
  EXPECT_TRUE(clock.SleepForMs(250, {}));
  EXPECT_EQ(clock.NowMs(), 250);
  EXPECT_TRUE(clock.SleepUntilMs(100, {}));
  EXPECT_EQ(clock.NowMs(), 250);
}

TEST(SystemClock, SleepsNoShorterThanAsked) {
  SystemClock clock;
  const std::int64_t wake_ms = clock.NowMs() + 5;
  EXPECT_TRUE(clock.SleepUntilMs(wake_ms, {}));
  EXPECT_GE(clock.NowMs(), wake_ms);
  EXPECT_LE(clock.SteadyUs(), clock.SteadyUs());
}

TEST(SystemClock, StopEndsAnEndlessSleep) {
  SystemClock clock;
  std::stop_source stop;
  std::jthread sleeper(
      [&] { EXPECT_FALSE(clock.SleepUntilMs(std::numeric_limits<std::int64_t>::max(), stop.get_token())); });
  stop.request_stop();
}

}  // namespace
}  // namespace hf
