// SPDX-License-Identifier: Apache-2.0
// What happens when others come in between two operations of a DiskFileSystem, made certain by a disk that
// calls back before an operation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <future>

#include "base/clock.h"
#include "files/disk_file_system.h"
#include "files/hadoop_checksum.h"
#include "files/simulated_disk.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

using namespace std::chrono_literals;
using test::HasKind;
using test::IsOk;
using test::IsOkAnd;
using testing::Contains;
using testing::Key;
using testing::Not;

// Calls `before` with the operation's verb and path; what it returns, if not ok, is what the operation returns.
class HookedDisk final : public Disk {
 public:
  using Hook = std::function<Status(std::string_view verb, const std::string& path)>;

  explicit HookedDisk(Disk& disk) : disk_(disk) {}
  void SetHook(Hook before) { before_ = std::make_shared<const Hook>(std::move(before)); }
  // Calls `once` before the first operation of this kind.
  void OnFirst(std::string verb, std::string path_part, std::function<void()> once) {
    SetHook([=, is_done = false](std::string_view found, const std::string& path) mutable {
      if (!is_done && found == verb && path.find(path_part) != std::string::npos) {
        is_done = true;
        once();
      }
      return Status();
    });
  }

  Status MakeDirectory(const std::string& path) override { return disk_.MakeDirectory(path); }
  Result<std::unique_ptr<DiskFile>> Create(const std::string& path) override {
    HF_RETURN_IF_ERROR(Call("create", path));
    return disk_.Create(path);
  }
  Status SyncFile(const std::string& path) override { return disk_.SyncFile(path); }
  Status SyncDirectory(const std::string& path) override {
    HF_RETURN_IF_ERROR(Call("sync", path));
    return disk_.SyncDirectory(path);
  }
  Status Link(const std::string& existing, const std::string& name) override {
    HF_RETURN_IF_ERROR(Call("link", name));
    return disk_.Link(existing, name);
  }
  Status RemoveDirectory(const std::string& path) override { return disk_.RemoveDirectory(path); }
  Status Rename(const std::string& from, const std::string& to) override { return disk_.Rename(from, to); }
  Status Remove(const std::string& path) override { return disk_.Remove(path); }
  Result<std::string> Read(const std::string& path, std::uint64_t offset, std::uint64_t size_bytes) override {
    HF_RETURN_IF_ERROR(Call("read", path));
    return disk_.Read(path, offset, size_bytes);
  }
  Result<std::vector<FileInfo>> List(const std::string& directory) override { return disk_.List(directory); }
  Result<std::optional<FileInfo>> Stat(const std::string& path) override { return disk_.Stat(path); }
  Result<std::unique_ptr<DirectoryLock>> Lock(const std::string& directory) override {
    HF_RETURN_IF_ERROR(Call("lock", directory));
    return disk_.Lock(directory);
  }
  Disk& local() override { return disk_.local(); }

 private:
  Status Call(std::string_view verb, const std::string& path) {
    const std::shared_ptr<const Hook> before = before_;  // which may exchange itself
    return *before ? (*before)(verb, path) : Status();
  }

  Disk& disk_;
  std::shared_ptr<const Hook> before_ = std::make_shared<const Hook>();
};

class DiskFileSystemRace : public testing::Test {
 protected:
  ManualClock clock_;
  SimulatedDisk simulated_{clock_};
  HookedDisk disk_{simulated_};
  DiskFileSystem files_{disk_};
};

TEST_F(DiskFileSystemRace, ReplaceBetweenChecksumAndFileIsNoDamage) {
  ASSERT_THAT(files_.PutNew("/c/f", "old"), IsOk());
  ASSERT_THAT(files_.Sync(), IsOk());
  disk_.OnFirst("read", "/c/f", [&] {
    EXPECT_THAT(files_.Replace("/c/f", "new"), IsOk());
    EXPECT_THAT(files_.Sync(), IsOk());
  });
  EXPECT_THAT(files_.Read("/c/f"), IsOkAnd("new"));
}

TEST_F(DiskFileSystemRace, ReplaceDuringACopyOutIsNotMixedIn) {
  test::TempDir directory;
  PosixDisk machine;
  // Two pieces, and no checksum that would tell them apart.
  const std::string bytes_before(1'500'000, 'a');
  const std::string bytes_after(1'500'000, 'b');
  ASSERT_THAT(files_.PutNew("/c/f", bytes_before), IsOk());
  int reads = 0;
  disk_.SetHook([&](std::string_view verb, const std::string& path) {
    if (verb == "read" && path == "/c/f" && ++reads == 2) {
      clock_.AdvanceMs(1);
      EXPECT_THAT(files_.Replace("/c/f", bytes_after), IsOk());
    }
    return Status();
  });
  ASSERT_THAT(files_.CopyToLocal("/c/f", directory / "f"), IsOk());
  const auto copied = machine.Read(directory / "f", 0, 2'000'000);
  ASSERT_THAT(copied, IsOk());
  EXPECT_TRUE(*copied == bytes_after);
}

TEST_F(DiskFileSystemRace, ReplaceDuringEveryCopyOutIsUnavailable) {
  test::TempDir directory;
  ASSERT_THAT(files_.PutNew("/c/f", "old"), IsOk());
  disk_.SetHook([&](std::string_view verb, const std::string& path) {
    if (verb == "read" && path == "/c/f") {
      clock_.AdvanceMs(1);
      EXPECT_THAT(files_.Replace("/c/f", "new"), IsOk());
    }
    return Status();
  });
  EXPECT_THAT(files_.CopyToLocal("/c/f", directory / "f"), HasKind(ErrorKind::kUnavailable));
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST_F(DiskFileSystemRace, FileReplacedBehindTheBarrierWaitsForTheNext) {
  ASSERT_THAT(files_.PutNew("/c/a", "1"), IsOk());
  ASSERT_THAT(files_.PutNew("/c/b", "1"), IsOk());
  // The checksum of a is written first; b's must then not be that of a name that is not durable.
  disk_.OnFirst("create", "/c/.hf-", [&] {
    disk_.SetHook({});
    EXPECT_THAT(files_.Replace("/c/b", "2"), IsOk());
  });
  ASSERT_THAT(files_.Sync(), IsOk());
  EXPECT_THAT(simulated_.Files(), Contains(Key("/c/.a.crc")));
  EXPECT_THAT(simulated_.Files(), Not(Contains(Key("/c/.b.crc"))));
  ASSERT_THAT(files_.Sync(), IsOk());
  EXPECT_EQ(simulated_.Files().at("/c/.b.crc"), HadoopChecksumOf("2"));
}

TEST_F(DiskFileSystemRace, ReplaceWaitsForTheChecksumOfTheOldFile) {
  ASSERT_THAT(files_.PutNew("/c/f", "old"), IsOk());
  std::future<Status> replaced;
  disk_.OnFirst("create", "/c/.hf-", [&] {
    replaced = std::async(std::launch::async, [&] { return files_.Replace("/c/f", "new"); });
    replaced.wait_for(50ms);
  });
  ASSERT_THAT(files_.Sync(), IsOk());
  ASSERT_THAT(replaced.get(), IsOk());
  ASSERT_THAT(files_.Sync(), IsOk());
  EXPECT_EQ(simulated_.Files().at("/c/f"), "new");
  EXPECT_EQ(simulated_.Files().at("/c/.f.crc"), HadoopChecksumOf("new"));
}

TEST_F(DiskFileSystemRace, DeleteWaitsForTheChecksumOfTheVisibleChecksum) {
  ASSERT_THAT(files_.PutNew("/c/f.crc", "{}"), IsOk());
  std::future<Status> deleted;
  disk_.OnFirst("create", "/c/.hf-", [&] {
    deleted = std::async(std::launch::async, [&] { return files_.Delete("/c/f"); });
    deleted.wait_for(50ms);
  });
  ASSERT_THAT(files_.Sync(), IsOk());
  ASSERT_THAT(deleted.get(), IsOk());
  EXPECT_THAT(simulated_.Files(), testing::IsEmpty());
}

TEST_F(DiskFileSystemRace, ChangeDuringASyncGetsItsChecksumWithTheNext) {
  ASSERT_THAT(files_.PutNew("/c/f", "1"), IsOk());
  disk_.OnFirst("sync", "/c", [&] { EXPECT_THAT(files_.PutNew("/c/g", "2"), IsOk()); });
  ASSERT_THAT(files_.Sync(), IsOk());
  EXPECT_THAT(simulated_.Files(), Contains(Key("/c/.f.crc")));
  EXPECT_THAT(simulated_.Files(), Not(Contains(Key("/c/.g.crc"))));
  ASSERT_THAT(files_.Sync(), IsOk());
  EXPECT_THAT(simulated_.Files(), Contains(Key("/c/.g.crc")));
}

TEST_F(DiskFileSystemRace, CleaningSparesOurOwnTemporaryFiles) {
  std::unique_ptr<DirectoryLock> lock;
  disk_.OnFirst("link", "/c/f", [&] {
    auto locked = files_.Lock("/c");
    ASSERT_THAT(locked, IsOk());
    lock = std::move(locked).value();
    EXPECT_THAT(files_.PutNew("/c/g", "2"), IsOk());
  });
  EXPECT_THAT(files_.PutNew("/c/f", "1"), IsOk());
}

TEST_F(DiskFileSystemRace, WriterWhoWinsBetweenLookAndLinkConflicts) {
  disk_.OnFirst("link", "/c/f", [&] { EXPECT_THAT(DiskFileSystem(simulated_).PutNew("/c/f", "theirs"), IsOk()); });
  EXPECT_THAT(files_.PutNew("/c/f", "ours"), HasKind(ErrorKind::kConflict));
  EXPECT_THAT(files_.Read("/c/f"), IsOkAnd("theirs"));
  EXPECT_EQ(simulated_.Files().size(), 1u);
}

TEST_F(DiskFileSystemRace, RefusedSyncIsForgivenOnlyWhereNothingWasChanged) {
  ASSERT_THAT(files_.PutNew("/c/f", "1"), IsOk());
  ASSERT_THAT(files_.Sync(), IsOk());
  ASSERT_THAT(DiskFileSystem(simulated_).PutNew("/input/f", "1"), IsOk());
  disk_.SetHook([](std::string_view verb, const std::string& path) {
    return verb == "sync" && path == "/input" ? Invalid("permission denied") : Status();
  });
  ASSERT_THAT(files_.List("/input"), IsOk());
  EXPECT_THAT(files_.Sync(), IsOk());
  // The first change in a directory that was never synced needs a sync at once.
  EXPECT_THAT(files_.Delete("/input/f"), IsOk());
  EXPECT_THAT(files_.Sync(), HasKind(ErrorKind::kInvalid));
  EXPECT_THAT(files_.Sync(), HasKind(ErrorKind::kInvalid));
}

TEST_F(DiskFileSystemRace, ADirectoryThatAnotherOneGaveUpBeforeTheLockIsMadeAgain) {
  auto others = DiskFileSystem(simulated_).Lock("/c/d");
  ASSERT_THAT(others, IsOk());
  // He found it, and it goes before he has it.
  disk_.OnFirst("lock", "/c/d", [&] { others->reset(); });
  const auto lock = files_.Lock("/c/d");
  ASSERT_THAT(lock, IsOk());
  EXPECT_THAT(files_.PutNew("/c/d/f", "1"), IsOk());
  EXPECT_THAT(simulated_.Lock("/c/d"), HasKind(ErrorKind::kConflict));
}

TEST_F(DiskFileSystemRace, AFailedSyncThatAnotherThreadMetFailsEveryLaterOne) {
  ASSERT_THAT(files_.PutNew("/c/a/f", "1"), IsOk());
  bool has_failed = false;
  disk_.SetHook([&](std::string_view verb, const std::string& path) {
    const bool fails = verb == "sync" && path == "/c/a" && !std::exchange(has_failed, has_failed || path == "/c/a");
    return fails ? Unavailable("input/output error") : Status();
  });
  // A snapshot in the background, which can go on without.
  EXPECT_THAT(std::async(std::launch::async, [&] { return files_.Sync(); }).get(), HasKind(ErrorKind::kUnavailable));
  ASSERT_TRUE(has_failed);
  EXPECT_THAT(files_.Sync(), HasKind(ErrorKind::kUnavailable));
}

TEST_F(DiskFileSystemRace, ASyncBesideOneThatFailsIsNotToldThatAllIsWell) {
  ASSERT_THAT(files_.PutNew("/c/f", "1"), IsOk());
  std::future<Status> beside;
  bool is_first = true;
  disk_.SetHook([&](std::string_view verb, const std::string& path) {
    if (verb != "sync" || path != "/c" || !std::exchange(is_first, false)) {
      return Status();
    }
    beside = std::async(std::launch::async, [&] { return files_.Sync(); });
    beside.wait_for(50ms);
    return Unavailable("input/output error");
  });
  EXPECT_THAT(files_.Sync(), HasKind(ErrorKind::kUnavailable));
  EXPECT_THAT(beside.get(), HasKind(ErrorKind::kUnavailable));
}

TEST_F(DiskFileSystemRace, AContentWhoseSyncFailedIsNotLinkedAtASecondAttempt) {
  SimulatedDisk itself{clock_, SimulatedDisk::Local::kItself};
  DiskFileSystem files(itself);
  ASSERT_THAT(files.PutNew("/scratch/a.sst", "1"), IsOk());
  itself.SetFault({.stop_at_operation = 1, .mode = FaultMode::kReturnIoError, .count_from = "sync /c/.hf-"});
  EXPECT_THAT(files.LinkFrom("/scratch/a.sst", "/c/a.sst"), HasKind(ErrorKind::kUnavailable));
  static_cast<void>(files.LinkFrom("/scratch/a.sst", "/c/a.sst"));
  EXPECT_THAT(files.Sync(), HasKind(ErrorKind::kUnavailable));
}

}  // namespace
}  // namespace hf
