// SPDX-License-Identifier: Apache-2.0
#include "files/file_random_access.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "files/disk_file_system.h"
#include "files/simulated_disk.h"
#include "support/status_matchers.h"

namespace hf {
namespace {

TEST(FileRandomAccess, ReadsWithinAndRefusesBeyond) {
  ManualClock clock;
  SimulatedDisk disk(clock);
  DiskFileSystem files(disk);
  ASSERT_THAT(files.PutNew("/c/f", "abcdef"), test::IsOk());
  auto opened = FileRandomAccess::Open(files, "/c/f");
  ASSERT_THAT(opened, test::IsOk());
  EXPECT_EQ((*opened)->size_bytes(), 6u);
  std::string out(3, '?');
  ASSERT_THAT((*opened)->ReadAt(3, out), test::IsOk());
  EXPECT_EQ(out, "def");
  EXPECT_THAT((*opened)->ReadAt(4, out), test::HasKind(ErrorKind::kCorrupt));
  EXPECT_TRUE(IsNotFound(FileRandomAccess::Open(files, "/c/absent").status()));
  EXPECT_TRUE(IsNotFound(FileRandomAccess::Open(files, "/c").status()));
}

}  // namespace
}  // namespace hf
