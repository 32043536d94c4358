// SPDX-License-Identifier: Apache-2.0
#include "files/overlay_file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/random.h"
#include "files/disk_file_system.h"
#include "files/simulated_disk.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

using test::HasKind;
using test::IsOk;
using test::IsOkAnd;
using testing::ElementsAre;

class OverlayFileSystemTest : public testing::Test {
 protected:
  OverlayFileSystemTest() {
    for (const char* name : {"/c/offsets/0", "/c/offsets/1", "/c/metadata"}) {
      EXPECT_THAT(base_->PutNew(name, std::string("base ") + name), IsOk());
    }
    EXPECT_THAT(base_->PutNew("/c/offsets/1.crc", "visible"), IsOk());
    EXPECT_THAT(base_->Sync(), IsOk());
  }

  std::vector<std::string> Names(FileSystem& files, const std::string& directory) {
    std::vector<std::string> names;
    const auto found = files.List(directory);
    EXPECT_THAT(found, IsOk());
    for (const FileInfo& file : *found) {
      names.push_back(file.name + (file.is_directory ? "/" : ""));
    }
    return names;
  }

  ManualClock clock_{1'000'000};
  SimulatedDisk disk_{clock_};
  SimulatedDisk upper_disk_{clock_};
  std::shared_ptr<FileSystem> base_ = std::make_shared<DiskFileSystem>(disk_);
  OverlayFileSystem overlay_{base_, std::make_shared<DiskFileSystem>(upper_disk_), "/upper/1"};
};

TEST_F(OverlayFileSystemTest, WhatIsWrittenIsReadHereAndNotBeneath) {
  const auto before = disk_.Files();
  ASSERT_THAT(overlay_.PutNew("/c/offsets/2", "two"), IsOk());
  ASSERT_THAT(overlay_.Replace("/c/metadata", "other"), IsOk());
  ASSERT_THAT(overlay_.PutMany(std::vector<NewFile>{{"/c/new/deep/a", "A"}, {"/c/new/b", "B"}}), IsOk());
  ASSERT_THAT(overlay_.Delete("/c/offsets/1"), IsOk());
  ASSERT_THAT(overlay_.Delete("/c/not there"), IsOk());
  ASSERT_THAT(overlay_.Lock("/c"), IsOk());
  ASSERT_THAT(overlay_.Sync(), IsOk());
  EXPECT_THAT(overlay_.Read("/c/offsets/0"), IsOkAnd("base /c/offsets/0"));
  EXPECT_THAT(overlay_.Read("/c/offsets/2"), IsOkAnd("two"));
  EXPECT_THAT(overlay_.ReadRange("/c/metadata", 1, 3), IsOkAnd("the"));
  EXPECT_TRUE(IsNotFound(overlay_.Read("/c/offsets/1").status()));
  EXPECT_TRUE(IsNotFound(overlay_.Read("/c/offsets/1.crc").status()));
  EXPECT_THAT(Names(overlay_, "/c"), ElementsAre("metadata", "new/", "offsets/"));
  EXPECT_THAT(Names(overlay_, "/c/offsets"), ElementsAre("0", "2"));
  EXPECT_THAT(Names(overlay_, "/c/new"), ElementsAre("b", "deep/"));
  EXPECT_EQ(disk_.Files(), before);
}

TEST_F(OverlayFileSystemTest, ANewFileHasToBeNew) {
  EXPECT_THAT(overlay_.PutNew("/c/offsets/1", "x"), HasKind(ErrorKind::kConflict));
  ASSERT_THAT(overlay_.Delete("/c/offsets/1"), IsOk());
  EXPECT_THAT(overlay_.PutNew("/c/offsets/1", "again"), IsOk());
  EXPECT_THAT(overlay_.PutNew("/c/offsets/1", "x"), HasKind(ErrorKind::kConflict));
  EXPECT_THAT(overlay_.Read("/c/offsets/1"), IsOkAnd("again"));
}

TEST_F(OverlayFileSystemTest, LocalFilesCrossBothWays) {
  const test::TempDir local;
  const std::string path = local / "file";
  ASSERT_THAT(overlay_.CopyToLocal("/c/metadata", path), IsOk());
  EXPECT_THAT(overlay_.LinkFrom(path, "/c/metadata"), HasKind(ErrorKind::kConflict));
  ASSERT_THAT(overlay_.LinkFrom(path, "/c/copy"), IsOk());
  ASSERT_THAT(overlay_.CopyToLocal("/c/copy", local / "back"), IsOk());
  EXPECT_THAT(overlay_.Read("/c/copy"), IsOkAnd("base /c/metadata"));
  EXPECT_TRUE(IsNotFound(base_->Read("/c/copy").status()));
  ASSERT_THAT(overlay_.Delete("/c/copy"), IsOk());
  EXPECT_TRUE(IsNotFound(overlay_.CopyToLocal("/c/copy", path)));
}

// A query that runs on the base must not make one that runs here fail, nor see what has happened half.
TEST_F(OverlayFileSystemTest, ADirectoryStaysAsItWasWhenItWasFirstListed) {
  EXPECT_THAT(Names(overlay_, "/c/offsets"), ElementsAre("0", "1", "1.crc"));
  ASSERT_THAT(base_->PutNew("/c/offsets/2", "the other's"), IsOk());
  EXPECT_THAT(Names(overlay_, "/c/offsets"), ElementsAre("0", "1", "1.crc"));
  EXPECT_TRUE(IsNotFound(overlay_.Read("/c/offsets/2").status()));
  EXPECT_FALSE(overlay_.Stat("/c/offsets/2")->has_value());
  ASSERT_THAT(overlay_.PutNew("/c/offsets/2", "ours"), IsOk());
  EXPECT_THAT(overlay_.Read("/c/offsets/2"), IsOkAnd("ours"));
  EXPECT_THAT(base_->Read("/c/offsets/2"), IsOkAnd("the other's"));
}

// Whoever works on the overlay must not be able to tell it from the file system itself.
TEST_F(OverlayFileSystemTest, BehavesAsTheFileSystemItself) {
  const auto before = disk_.Files();
  SimulatedDisk plain_disk(clock_);
  DiskFileSystem plain(plain_disk);
  for (const auto& [path, bytes] : before) {
    if (!std::string_view(path).substr(path.rfind('/') + 1).starts_with('.')) {
      ASSERT_THAT(plain.PutNew(path, bytes), IsOk());
    }
  }
  SeededRandom random(7);
  const std::vector<std::string> paths = {"/c/offsets/0", "/c/offsets/1",    "/c/offsets/1.crc", "/c/offsets/2",
                                          "/c/metadata",  "/c/metadata.crc", "/c/new/1",         "/c/new/1.crc"};
  for (int step = 0; step < 3000; ++step) {
    const std::string& path = paths[random.Below(paths.size())];
    const std::string bytes(random.Below(40), static_cast<char>('a' + step % 26));
    const auto same = [&](const char* what, const auto& ours, const auto& theirs) {
      ASSERT_EQ(ours.ok(), theirs.ok()) << step << " " << what << " " << path;
    };
    switch (random.Below(4)) {
      case 0: same("PutNew", overlay_.PutNew(path, bytes), plain.PutNew(path, bytes)); break;
      case 1: same("Replace", overlay_.Replace(path, bytes), plain.Replace(path, bytes)); break;
      default: same("Delete", overlay_.Delete(path), plain.Delete(path)); break;
    }
    for (const std::string& other : paths) {
      const auto ours = overlay_.Read(other);
      const auto theirs = plain.Read(other);
      ASSERT_EQ(ours.ok() ? *ours : "", theirs.ok() ? *theirs : "") << step << " " << other;
      const auto stat = overlay_.Stat(other);
      ASSERT_THAT(stat, IsOk());
      ASSERT_EQ(stat->has_value(), theirs.ok()) << step << " " << other;
      ASSERT_EQ(IsNotFound(ours.status()), IsNotFound(theirs.status())) << step << " " << other;
    }
    for (const char* directory : {"/c/offsets", "/c/new"}) {
      ASSERT_EQ(Names(overlay_, directory), Names(plain, directory)) << step;
    }
  }
  EXPECT_EQ(disk_.Files(), before);
}

}  // namespace
}  // namespace hf
