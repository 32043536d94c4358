// SPDX-License-Identifier: Apache-2.0
#include "files/posix_disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>

#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

using test::HasKind;
using test::IsOk;
using test::IsOkAnd;

TEST(PosixDisk, ErrorsAreSortedByWhatToDoNext) {
  for (const int error : {ENOSPC, EDQUOT}) {
    const Status status = ErrnoStatus("write", "/c/f", error);
    EXPECT_THAT(status, HasKind(ErrorKind::kUnavailable));
    EXPECT_EQ(status.condition(), "DISK_FULL");
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr("free space"));
  }
  EXPECT_EQ(ErrnoStatus("write", "/c/f", ENOSPC).message(),
            "cannot write /c/f: No space left on device; free space on the disk and try again");
  EXPECT_THAT(ErrnoStatus("open", "/c/f", EMFILE), HasKind(ErrorKind::kUnavailable));
  EXPECT_THAT(ErrnoStatus("read", "/c/f", EIO), HasKind(ErrorKind::kUnavailable));
  EXPECT_THAT(ErrnoStatus("open", "/c/f", EACCES), HasKind(ErrorKind::kInvalid));
  EXPECT_THAT(ErrnoStatus("create", "/c/f", EEXIST), HasKind(ErrorKind::kConflict));
  EXPECT_THAT(ErrnoStatus("close", "/c/f", EBADF), HasKind(ErrorKind::kInternal));
  EXPECT_TRUE(IsNotFound(ErrnoStatus("open", "/c/f", ENOENT)));
}

TEST(PosixDisk, FailedWriteNamesTheFile) {
  test::TempDir directory;
  PosixDisk disk;
  auto file = disk.Create(directory / "f");
  ASSERT_THAT(file, IsOk());
  struct rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  const struct rlimit small{.rlim_cur = 1000, .rlim_max = limit.rlim_max};
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  const Status written = (*file)->Append(std::string(2000, 'x'));
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_THAT(written, HasKind(ErrorKind::kInvalid));
  EXPECT_THAT(std::string(written.message()), testing::HasSubstr(directory / "f"));
}

TEST(PosixDisk, LinkFollowsSymbolicLinks) {
  test::TempDir directory;
  PosixDisk disk;
  auto file = disk.Create(directory / "f");
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT((*file)->Append("1"), IsOk());
  ASSERT_THAT((*file)->Close(), IsOk());
  std::filesystem::create_symlink(directory / "f", directory / "s");
  ASSERT_THAT(disk.Link(directory / "s", directory / "g"), IsOk());
  EXPECT_FALSE(std::filesystem::is_symlink(directory / "g"));
  EXPECT_THAT(disk.Read(directory / "g", 0, 10), IsOkAnd("1"));
}

TEST(PosixDisk, LinkThatLeadsNowhereIsNotListed) {
  test::TempDir directory;
  PosixDisk disk;
  std::filesystem::create_symlink(directory / "nothing", directory / "s");
  EXPECT_THAT(disk.List(directory.path()), IsOkAnd(testing::IsEmpty()));
}

TEST(PosixDisk, PermissionIsForTheCallerToMend) {
  if (geteuid() == 0) {
    GTEST_SKIP() << "root may write everywhere";
  }
  test::TempDir directory;
  PosixDisk disk;
  chmod(directory.path().c_str(), 0500);
  EXPECT_THAT(disk.Create(directory / "f"), HasKind(ErrorKind::kInvalid));
  chmod(directory.path().c_str(), 0700);
}

TEST(PosixDisk, LockIsHeldAgainstOtherProcessesAndDiesWithTheHolder) {
  test::TempDir directory;
  PosixDisk disk;
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto lock = disk.Lock(directory.path());
    const char said = lock.ok() ? 'y' : 'n';
    [[maybe_unused]] const auto written = write(ready[1], &said, 1);
    pause();
    _exit(0);
  }
  char said = 0;
  ASSERT_EQ(read(ready[0], &said, 1), 1);
  EXPECT_EQ(said, 'y');
  const auto refused = disk.Lock(directory.path());
  EXPECT_THAT(refused, HasKind(ErrorKind::kConflict));
  EXPECT_THAT(std::string(refused.status().message()), testing::HasSubstr("in use by another query or process"));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_THAT(disk.Lock(directory.path()), IsOk());
  close(ready[0]);
  close(ready[1]);
}

}  // namespace
}  // namespace hf
