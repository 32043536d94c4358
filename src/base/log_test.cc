// SPDX-License-Identifier: Apache-2.0
#include "holdfast/log.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>

namespace hf {
namespace {

TEST(Log, WarningsGoToStandardErrorUntilThereIsASink) {
  testing::internal::CaptureStderr();
  Log(LogLevel::kWarning, "careful");
  Log(LogLevel::kInfo, "by the way");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "holdfast: warning: careful\n");
}

TEST(Log, ASinkHearsEverythingWhileItIsSet) {
  testing::internal::CaptureStderr();
  std::string heard;
  SetLogSink([&](LogLevel level, std::string_view message) {
    heard += std::string(LogLevelName(level)) + ":" + std::string(message);
  });
  Log(LogLevel::kDebug, "x");
  SetLogSink(nullptr);
  Log(LogLevel::kWarning, "y");
  EXPECT_EQ(heard, "debug:x");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "holdfast: warning: y\n");
}

TEST(Log, FailingSinkHurtsNobody) {
  SetLogSink([](LogLevel, std::string_view) { throw std::runtime_error("full"); });
  Log(LogLevel::kInfo, "x");
  SetLogSink(nullptr);
}

TEST(Log, SinkMayBeExchangedWhileOthersLog) {
  std::atomic<int> heard = 0;
  {
    std::jthread writer([](std::stop_token stop) {
      while (!stop.stop_requested()) {
        Log(LogLevel::kDebug, "x");
      }
    });
    for (int i = 0; i < 100; ++i) {
      SetLogSink([&heard](LogLevel, std::string_view) { ++heard; });
      Log(LogLevel::kInfo, "mine");
      SetLogSink(nullptr);
    }
  }
  EXPECT_GE(heard.load(), 100);
}

}  // namespace
}  // namespace hf
