// SPDX-License-Identifier: Apache-2.0
// A full disk: the query stops with an error that names the file, and goes on when there is room again.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

#include "crash/crash_scenario.h"

namespace hf {
namespace {

// A file or directory of the checkpoint, not only a temporary one.
bool NamesAFile(const std::string& message) {
  std::istringstream words(message);
  for (std::string word; words >> word;) {
    if (word.starts_with("/checkpoint/") && word.find(".tmp") == std::string::npos) {
      return true;
    }
  }
  return false;
}

TEST(DiskFull, TheQueryStopsByNameAndGoesOnWhenThereIsRoom) {
  CrashScenario undisturbed(1);
  ASSERT_TRUE(undisturbed.RunToEnd().ok());
  int stopped = 0;
  for (std::uint64_t at = 20; at < 1000; at += 83) {
    CrashScenario scenario(at);
    scenario.disk().SetFault(
        {.stop_at_operation = at, .mode = FaultMode::kDiskFull, .seed = at, .count_from = "/offsets/"});
    // Nobody restarts the machine: the query ends, somebody frees space, the query is started again.
    scenario.OnFailure([&](const Status& failure) {
      ++stopped;
      EXPECT_EQ(failure.condition(), "DISK_FULL") << failure.ToString();
      EXPECT_TRUE(NamesAFile(failure.ToString())) << failure.ToString();
      scenario.disk().FreeSpace();
    });
    const Status ended = scenario.RunToEnd();
    ASSERT_TRUE(ended.ok()) << "full at operation " << at << ": " << ended.ToString();
    EXPECT_EQ(scenario.Rows(), undisturbed.Rows()) << "full at operation " << at;
  }
  EXPECT_GT(stopped, 8);
}

}  // namespace
}  // namespace hf
