// SPDX-License-Identifier: Apache-2.0
// What both disks promise, told once for both.
#include "files/disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "files/posix_disk.h"
#include "files/simulated_disk.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

using test::HasKind;
using test::IsOk;
using test::IsOkAnd;

TEST(Path, PartsAndNormalForm) {
  EXPECT_EQ(DirectoryOf("/a/b"), "/a");
  EXPECT_EQ(DirectoryOf("/a"), "/");
  EXPECT_EQ(NameOf("/a/b"), "b");
  EXPECT_EQ(JoinPath("/", "a"), "/a");
  EXPECT_EQ(JoinPath("/a", "b"), "/a/b");
  EXPECT_THAT(NormalizePath("/"), IsOkAnd("/"));
  EXPECT_THAT(NormalizePath("//a///b/"), IsOkAnd("/a/b"));
  EXPECT_THAT(NormalizePath("/a/..b/.c"), IsOkAnd("/a/..b/.c"));
  for (std::string_view bad : {"", "a/b", "/a/../b", "/./a", "/a/."}) {
    EXPECT_THAT(NormalizePath(bad), HasKind(ErrorKind::kInvalid)) << bad;
  }
  EXPECT_THAT(NormalizePath(std::string_view("/a\0b", 4)), HasKind(ErrorKind::kInvalid));
}

class DiskTest : public testing::TestWithParam<const char*> {
 protected:
  DiskTest() {
    if (GetParam() == std::string("posix")) {
      disk_ = &posix_;
      root_ = directory_.path();
    } else {
      disk_ = &simulated_;
      root_ = "/c";
      EXPECT_THAT(disk_->MakeDirectory(root_), IsOk());
    }
  }

  std::string Path(std::string_view name) { return root_ + "/" + std::string(name); }
  Status Write(std::string_view name, std::string_view bytes) {
    HF_ASSIGN_OR_RETURN(const std::unique_ptr<DiskFile> file, disk_->Create(Path(name)));
    HF_RETURN_IF_ERROR(file->Append(bytes));
    HF_RETURN_IF_ERROR(file->Sync());
    return file->Close();
  }
  Result<std::string> Read(std::string_view name) { return disk_->Read(Path(name), 0, 1'000'000); }

  test::TempDir directory_;
  ManualClock clock_{1'000'000};
  PosixDisk posix_;
  SimulatedDisk simulated_{clock_};
  Disk* disk_ = nullptr;
  std::string root_;
};
INSTANTIATE_TEST_SUITE_P(Both, DiskTest, testing::Values("posix", "simulated"),
                         [](const auto& disk) { return disk.param; });

TEST_P(DiskTest, FileComesBack) {
  ASSERT_THAT(Write("f", "abcdef"), IsOk());
  EXPECT_THAT(Read("f"), IsOkAnd("abcdef"));
  EXPECT_THAT(disk_->Read(Path("f"), 2, 3), IsOkAnd("cde"));
  EXPECT_THAT(disk_->Read(Path("f"), 4, 100), IsOkAnd("ef"));
  EXPECT_THAT(disk_->Read(Path("f"), 6, 1), IsOkAnd(""));
  EXPECT_THAT(disk_->Read(Path("f"), 100, 1), IsOkAnd(""));
  EXPECT_THAT(disk_->SyncFile(Path("f")), IsOk());
  EXPECT_THAT(disk_->SyncDirectory(root_), IsOk());
}

TEST_P(DiskTest, AbsentThingsAreNotFound) {
  for (const Status& status :
       {disk_->Read(Path("x"), 0, 1).status(), disk_->Remove(Path("x")), disk_->Link(Path("x"), Path("y")),
        disk_->Rename(Path("x"), Path("y")), disk_->Create(Path("x/f")).status(), disk_->List(Path("x")).status(),
        disk_->SyncFile(Path("x")), disk_->SyncDirectory(Path("x")), disk_->MakeDirectory(Path("x/y")),
        disk_->Lock(Path("x")).status()}) {
    EXPECT_TRUE(IsNotFound(status)) << status.ToString();
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr(root_));
  }
  const auto found = disk_->Stat(Path("x"));
  ASSERT_THAT(found, IsOk());
  EXPECT_FALSE(found->has_value());
}

TEST_P(DiskTest, TakenNamesConflict) {
  ASSERT_THAT(Write("f", "1"), IsOk());
  ASSERT_THAT(Write("g", "2"), IsOk());
  EXPECT_THAT(disk_->Create(Path("f")), HasKind(ErrorKind::kConflict));
  EXPECT_THAT(disk_->Link(Path("g"), Path("f")), HasKind(ErrorKind::kConflict));
  EXPECT_THAT(disk_->MakeDirectory(Path("f")), HasKind(ErrorKind::kConflict));
  ASSERT_THAT(disk_->MakeDirectory(Path("d")), IsOk());
  EXPECT_THAT(disk_->MakeDirectory(Path("d")), HasKind(ErrorKind::kConflict));
  EXPECT_THAT(Read("f"), IsOkAnd("1"));
}

TEST_P(DiskTest, LinkedFileHasTwoNamesAndRenameReplaces) {
  ASSERT_THAT(Write("f", "1"), IsOk());
  ASSERT_THAT(disk_->Link(Path("f"), Path("g")), IsOk());
  ASSERT_THAT(disk_->Remove(Path("f")), IsOk());
  EXPECT_THAT(Read("g"), IsOkAnd("1"));
  ASSERT_THAT(Write("h", "2"), IsOk());
  ASSERT_THAT(disk_->Rename(Path("h"), Path("g")), IsOk());
  EXPECT_THAT(Read("g"), IsOkAnd("2"));
  EXPECT_TRUE(IsNotFound(Read("h").status()));
}

TEST_P(DiskTest, FilesAndDirectoriesAreNotMixedUp) {
  ASSERT_THAT(disk_->MakeDirectory(Path("d")), IsOk());
  ASSERT_THAT(Write("f", "1"), IsOk());
  EXPECT_THAT(disk_->Remove(Path("d")), HasKind(ErrorKind::kInvalid));
  EXPECT_THAT(Read("d"), HasKind(ErrorKind::kInvalid));
  EXPECT_THAT(disk_->Rename(Path("f"), Path("d")), HasKind(ErrorKind::kInvalid));
  EXPECT_THAT(disk_->List(Path("f")), HasKind(ErrorKind::kInvalid));
  EXPECT_THAT(disk_->SyncDirectory(Path("f")), HasKind(ErrorKind::kInvalid));
  EXPECT_THAT(disk_->Link(Path("d"), Path("e")), HasKind(ErrorKind::kInvalid));
}

TEST_P(DiskTest, ListsByNameHiddenOnesToo) {
  ASSERT_THAT(Write("b", "22"), IsOk());
  ASSERT_THAT(Write(".a", ""), IsOk());
  ASSERT_THAT(disk_->MakeDirectory(Path("c")), IsOk());
  ASSERT_THAT(Write("B", "1"), IsOk());
  const auto found = disk_->List(root_);
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->size(), 4u);
  EXPECT_EQ((*found)[0].name, ".a");
  EXPECT_EQ((*found)[1].name, "B");
  EXPECT_EQ((*found)[2].name, "b");
  EXPECT_EQ((*found)[2].size_bytes, 2u);
  EXPECT_FALSE((*found)[2].is_directory);
  EXPECT_EQ((*found)[3].name, "c");
  EXPECT_TRUE((*found)[3].is_directory);
}

TEST_P(DiskTest, StatKnowsNameSizeAndTime) {
  ASSERT_THAT(Write("f", "123"), IsOk());
  const auto found = disk_->Stat(Path("f"));
  ASSERT_THAT(found, IsOk());
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->name, "f");
  EXPECT_EQ((*found)->size_bytes, 3u);
  if (disk_ == &simulated_) {
    EXPECT_EQ((*found)->modified_us, 1'000'000);
  } else {
    EXPECT_GT((*found)->modified_us, 1'700'000'000'000'000);
  }
  const auto directory = disk_->Stat(root_);
  ASSERT_THAT(directory, IsOk());
  EXPECT_TRUE(directory->value().is_directory);
}

TEST_P(DiskTest, SecondLockConflictsUntilTheFirstIsGone) {
  auto first = disk_->Lock(root_);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(disk_->Lock(root_), HasKind(ErrorKind::kConflict));
  first = Internal("released");
  EXPECT_THAT(disk_->Lock(root_), IsOk());
}

}  // namespace
}  // namespace hf
