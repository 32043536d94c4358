// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/numbered_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/checkpoint_test_support.h"

namespace hf {
namespace {

using test::IsOk;

// A reader of the log takes a hole for a lost file, so no crash may leave one.
TEST(NumberedLog, PurgingLeavesNoHoleWhateverACrashTakesBack) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    test::MemoryCheckpoint checkpoint;
    NumberedLog log(checkpoint.files, checkpoint.root + "/commits");
    for (BatchId id = 0; id < 12; ++id) {
      ASSERT_THAT(log.PutNew(id, "v1"), IsOk());
    }
    ASSERT_THAT(checkpoint.files.Sync(), IsOk());
    checkpoint.disk.SetFault({.stop_at_operation = 1 + seed, .mode = FaultMode::kLoseSome, .seed = seed});
    static_cast<void>(log.Purge(10));
    checkpoint.disk.Restart();
    DiskFileSystem after(checkpoint.disk);
    const auto ids = NumberedLog(after, checkpoint.root + "/commits").Ids();
    ASSERT_THAT(ids, IsOk());
    ASSERT_FALSE(ids->empty());
    EXPECT_EQ(ids->back(), 11);
    EXPECT_EQ(ids->back() - ids->front() + 1, static_cast<BatchId>(ids->size()))
        << "seed " << seed << ": " << testing::PrintToString(*ids);
  }
}

}  // namespace
}  // namespace hf
