// SPDX-License-Identifier: Apache-2.0
#include "files/disk_file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <thread>

#include "base/clock.h"
#include "files/hadoop_checksum.h"
#include "files/posix_disk.h"
#include "files/simulated_disk.h"
#include "holdfast/log.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

using test::HasKind;
using test::IsOk;
using test::IsOkAnd;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DiskFileSystemTest : public testing::TestWithParam<const char*> {
 protected:
  DiskFileSystemTest() {
    const bool is_posix = GetParam() == std::string("posix");
    disk_ = is_posix ? static_cast<Disk*>(&posix_) : &simulated_;
    root_ = is_posix ? directory_ / "c" : "/c";
    files_ = std::make_unique<DiskFileSystem>(*disk_);
  }

  std::string Path(std::string_view name) { return root_ + "/" + std::string(name); }
  Status PutNew(std::string_view name, std::string_view bytes) { return files_->PutNew(Path(name), bytes); }
  Result<std::string> Read(std::string_view name) { return files_->Read(Path(name)); }
  // What lies in the directory, hidden names too.
  std::vector<std::string> Names(std::string_view name = "") {
    std::vector<std::string> names;
    const auto found = disk_->List(name.empty() ? root_ : Path(name));
    EXPECT_THAT(found, IsOk());
    for (const FileInfo& file : *found) {
      names.push_back(file.name);
    }
    return names;
  }
  // Puts bytes on the disk behind the file system's back.
  void Plant(std::string_view name, std::string_view bytes) {
    static_cast<void>(disk_->MakeDirectory(root_));
    static_cast<void>(disk_->Remove(Path(name)));
    auto file = disk_->Create(Path(name));
    ASSERT_THAT(file, IsOk());
    ASSERT_THAT((*file)->Append(bytes), IsOk());
    ASSERT_THAT((*file)->Close(), IsOk());
  }
  std::string Raw(std::string_view name) {
    Result<std::string> bytes = disk_->Read(Path(name), 0, 100'000'000);
    return bytes.ok() ? *bytes : bytes.status().ToString();
  }

  test::TempDir directory_;
  ManualClock clock_{1'000'000};
  PosixDisk posix_;
  SimulatedDisk simulated_{clock_};
  Disk* disk_ = nullptr;
  std::string root_;
  std::unique_ptr<DiskFileSystem> files_;
};
INSTANTIATE_TEST_SUITE_P(Both, DiskFileSystemTest, testing::Values("posix", "simulated"),
                         [](const auto& disk) { return disk.param; });

TEST_P(DiskFileSystemTest, NewFileComesBackAndGetsItsChecksumWithTheSync) {
  ASSERT_THAT(PutNew("offsets/0", "v1\n{}"), IsOk());
  EXPECT_THAT(Read("offsets/0"), IsOkAnd("v1\n{}"));
  EXPECT_THAT(Names("offsets"), ElementsAre("0"));
  ASSERT_THAT(files_->Sync(), IsOk());
  EXPECT_THAT(Names("offsets"), ElementsAre(".0.crc", "0"));
  EXPECT_EQ(Raw("offsets/.0.crc"), HadoopChecksumOf("v1\n{}"));
  EXPECT_THAT(Read("offsets/0"), IsOkAnd("v1\n{}"));
}

TEST_P(DiskFileSystemTest, SecondWriterConflictsAndHarmsNothing) {
  ASSERT_THAT(PutNew("f", "mine"), IsOk());
  ASSERT_THAT(files_->Sync(), IsOk());
  Plant("f.crc", "Spark's");
  const Status second = PutNew("f", "yours");
  EXPECT_THAT(second, HasKind(ErrorKind::kConflict));
  EXPECT_THAT(std::string(second.message()), HasSubstr(Path("f")));
  EXPECT_THAT(Read("f"), IsOkAnd("mine"));
  EXPECT_THAT(Names(), ElementsAre(".f.crc", "f", "f.crc"));
}

TEST_P(DiskFileSystemTest, ReplacePutsTheNewInThePlaceOfTheOld) {
  ASSERT_THAT(files_->Replace(Path("f"), "one"), IsOk());
  ASSERT_THAT(files_->Sync(), IsOk());
  ASSERT_THAT(files_->Replace(Path("f"), "two"), IsOk());
  EXPECT_THAT(Names(), ElementsAre("f"));
  ASSERT_THAT(files_->Replace(Path("f"), "three"), IsOk());
  ASSERT_THAT(files_->Sync(), IsOk());
  EXPECT_THAT(Read("f"), IsOkAnd("three"));
  EXPECT_EQ(Raw(".f.crc"), HadoopChecksumOf("three"));
}

TEST_P(DiskFileSystemTest, OldChecksumsGoBeforeTheFileComes) {
  for (const char* name : {".f.crc", "f.crc", ".f.crc.crc"}) {
    Plant(name, HadoopChecksumOf("other content"));
  }
  ASSERT_THAT(PutNew("f", "content"), IsOk());
  EXPECT_THAT(Names(), ElementsAre("f"));
  ASSERT_THAT(PutNew("f.crc", "{}"), IsOk());
  ASSERT_THAT(files_->Sync(), IsOk());
  EXPECT_THAT(Names(), ElementsAre(".f.crc", ".f.crc.crc", "f", "f.crc"));
  EXPECT_EQ(Raw(".f.crc.crc"), HadoopChecksumOf("{}"));
}

TEST_P(DiskFileSystemTest, DeleteTakesTheChecksumsAlong) {
  ASSERT_THAT(PutNew("f", "content"), IsOk());
  ASSERT_THAT(PutNew("f.crc", "{}"), IsOk());
  ASSERT_THAT(PutNew("g", "stays"), IsOk());
  ASSERT_THAT(files_->Sync(), IsOk());
  ASSERT_THAT(files_->Delete(Path("f")), IsOk());
  ASSERT_THAT(files_->Delete(Path("f")), IsOk());
  ASSERT_THAT(files_->Delete(Path("absent/f")), IsOk());
  EXPECT_THAT(Names(), ElementsAre(".g.crc", "g"));
}

TEST_P(DiskFileSystemTest, DeletedFileGetsNoChecksumAtTheNextSync) {
  ASSERT_THAT(PutNew("f", "content"), IsOk());
  ASSERT_THAT(PutNew("f.crc", "{}"), IsOk());
  ASSERT_THAT(files_->Delete(Path("f")), IsOk());
  ASSERT_THAT(files_->Sync(), IsOk());
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_P(DiskFileSystemTest, VisibleChecksumThatAReplaceRemovedGetsNoneOfItsOwn) {
  ASSERT_THAT(PutNew("f", "content"), IsOk());
  ASSERT_THAT(PutNew("f.crc", "{}"), IsOk());
  ASSERT_THAT(files_->Replace(Path("f"), "other"), IsOk());
  ASSERT_THAT(files_->Sync(), IsOk());
  EXPECT_THAT(Names(), ElementsAre(".f.crc", "f"));
}

TEST_P(DiskFileSystemTest, PutManyIsPutNewOfAllAndOneSync) {
  std::vector<NewFile> many;
  std::vector<std::string> paths;
  for (int i = 0; i < 70; ++i) {  // more than are held open at a time
    paths.push_back(Path(fmt::format("state/0/{}/{}.changelog", i % 2, i)));
  }
  for (const std::string& path : paths) {
    many.push_back({.path = path, .bytes = path});
  }
  ASSERT_THAT(files_->PutMany(many), IsOk());
  for (const std::string& path : paths) {
    ASSERT_THAT(files_->Read(path), IsOkAnd(path));
  }
  EXPECT_THAT(Names("state/0/1"), testing::IsSupersetOf({".69.changelog.crc", "69.changelog"}));
  EXPECT_THAT(files_->PutMany(many), HasKind(ErrorKind::kConflict));
  EXPECT_EQ(Names("state/0/0").size() + Names("state/0/1").size(), 140u);
  EXPECT_THAT(files_->PutMany({}), IsOk());
}

TEST_P(DiskFileSystemTest, DamageIsFoundAndNamed) {
  std::string bytes(5000, 'x');
  ASSERT_THAT(PutNew("f", bytes), IsOk());
  ASSERT_THAT(files_->Sync(), IsOk());
  bytes[700] = 'y';
  Plant("f", bytes);
  const auto damaged = Read("f");
  EXPECT_THAT(damaged, HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(std::string(damaged.status().message()), HasSubstr(Path("f") + ": bytes 512 to 1024"));
  EXPECT_THAT(files_->ReadRange(Path("f"), 690, 20), IsOk());
  const std::string local = directory_ / "local";
  EXPECT_THAT(files_->CopyToLocal(Path("f"), local), HasKind(ErrorKind::kCorrupt));
  EXPECT_FALSE(std::filesystem::exists(local));
}

TEST_P(DiskFileSystemTest, UnreadableChecksumFileReadsAsMissing) {
  ASSERT_THAT(PutNew("f", "content"), IsOk());
  for (const std::string& checksum :
       {std::string(), std::string(12, '\0'), std::string("garbage!1234"), HadoopChecksumOf("").substr(0, 5)}) {
    Plant(".f.crc", checksum);
    EXPECT_THAT(Read("f"), IsOkAnd("content"));
  }
  Plant(".f.crc", HadoopChecksumOf("Content"));
  EXPECT_THAT(Read("f"), HasKind(ErrorKind::kCorrupt));
}

TEST_P(DiskFileSystemTest, AbsentFilesAreNotFound) {
  EXPECT_TRUE(IsNotFound(Read("absent").status()));
  EXPECT_TRUE(IsNotFound(files_->ReadRange(Path("absent"), 0, 1).status()));
  EXPECT_TRUE(IsNotFound(files_->CopyToLocal(Path("absent"), directory_ / "local")));
  EXPECT_TRUE(IsNotFound(files_->LinkFrom(directory_ / "absent", Path("f"))));
  EXPECT_THAT(files_->List(Path("absent")), IsOkAnd(IsEmpty()));
  const auto found = files_->Stat(Path("absent/f"));
  ASSERT_THAT(found, IsOk());
  EXPECT_FALSE(found->has_value());
  // Looking has made nothing, and a sync does not mind that there is nothing.
  EXPECT_THAT(files_->Sync(), IsOk());
}

TEST_P(DiskFileSystemTest, ListHidesHiddenNames) {
  ASSERT_THAT(PutNew("b", "22"), IsOk());
  ASSERT_THAT(PutNew("a/x", "1"), IsOk());
  ASSERT_THAT(files_->Sync(), IsOk());
  const auto found = files_->List(root_ + "//");
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].name, "a");
  EXPECT_TRUE((*found)[0].is_directory);
  EXPECT_EQ((*found)[1].name, "b");
  EXPECT_EQ((*found)[1].size_bytes, 2u);
}

TEST_P(DiskFileSystemTest, PathsThatAreNoFilesAreRefused) {
  for (const char* path : {"relative", "", "/", "/a/../b"}) {
    EXPECT_THAT(files_->PutNew(path, ""), HasKind(ErrorKind::kInvalid)) << path;
    EXPECT_THAT(files_->Read(path), HasKind(ErrorKind::kInvalid)) << path;
    EXPECT_THAT(files_->Delete(path), HasKind(ErrorKind::kInvalid)) << path;
  }
  ASSERT_THAT(PutNew("f", ""), IsOk());
  EXPECT_THAT(PutNew("f/below", ""), HasKind(ErrorKind::kInvalid));
  ASSERT_THAT(PutNew("d/f", ""), IsOk());
  EXPECT_THAT(PutNew("d", ""), HasKind(ErrorKind::kConflict));
  EXPECT_THAT(files_->Replace(Path("d"), ""), HasKind(ErrorKind::kInvalid));
}

TEST_P(DiskFileSystemTest, LocalFileIsTakenInAndCopiedOut) {
  const std::string bytes = std::string(3 << 20, 'x') + "end";
  const std::string local = directory_ / "000123.sst";
  PosixDisk machine;
  auto file = machine.Create(local);
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT((*file)->Append(bytes), IsOk());
  ASSERT_THAT((*file)->Close(), IsOk());

  // A look at the directory before it is there must not keep the link from being made.
  ASSERT_THAT(files_->Stat(Path("SSTs/a.sst")), IsOk());
  ASSERT_THAT(files_->LinkFrom(local, Path("SSTs/a.sst")), IsOk());
  ASSERT_THAT(files_->Sync(), IsOk());
  EXPECT_THAT(Names("SSTs"), ElementsAre(".a.sst.crc", "a.sst"));
  EXPECT_TRUE(Raw("SSTs/.a.sst.crc") == HadoopChecksumOf(bytes));
  EXPECT_EQ(std::filesystem::hard_link_count(local), disk_ == &posix_ ? 2u : 1u);
  EXPECT_THAT(files_->LinkFrom(local, Path("SSTs/a.sst")), HasKind(ErrorKind::kConflict));

  // Out again over a file that is there, which may itself be a link to a published one.
  ASSERT_THAT(files_->CopyToLocal(Path("SSTs/a.sst"), local), IsOk());
  EXPECT_EQ(std::filesystem::hard_link_count(local), 1u);
  const auto copied = machine.Read(local, 0, bytes.size() + 1);
  ASSERT_THAT(copied, IsOk());
  EXPECT_TRUE(*copied == bytes);
}

TEST_P(DiskFileSystemTest, OneHolderPerDirectory) {
  auto lock = files_->Lock(root_);
  ASSERT_THAT(lock, IsOk());
  EXPECT_THAT(files_->Lock(root_), HasKind(ErrorKind::kConflict));
  DiskFileSystem other(*disk_);
  EXPECT_THAT(other.Lock(root_), HasKind(ErrorKind::kConflict));
  lock = Internal("released");
  EXPECT_THAT(other.Lock(root_), IsOk());
}

TEST_P(DiskFileSystemTest, TemporaryFilesOfTheDeadAreRemovedOnlyUnderALock) {
  Plant(".hf-0123456789abcdef-1.tmp", "left over");
  Plant(".other.tmp", "not ours");
  ASSERT_THAT(PutNew("f", ""), IsOk());
  EXPECT_THAT(Names(), ElementsAre(".hf-0123456789abcdef-1.tmp", ".other.tmp", "f"));
  const auto lock = files_->Lock(root_);
  ASSERT_THAT(lock, IsOk());
  ASSERT_THAT(PutNew("g", ""), IsOk());
  EXPECT_THAT(Names(), ElementsAre(".other.tmp", "f", "g"));
}

TEST_P(DiskFileSystemTest, ReleasedDirectoryIsNotCleanedAnyMore) {
  ASSERT_THAT(files_->Lock(root_), IsOk());
  Plant(".hf-0123456789abcdef-1.tmp", "somebody else's by now");
  ASSERT_THAT(PutNew("f", ""), IsOk());
  EXPECT_THAT(Names(), ElementsAre(".hf-0123456789abcdef-1.tmp", "f"));
}

TEST_P(DiskFileSystemTest, DirectoriesMadeForALockGoWithItUnlessTheyWereUsed) {
  static_cast<void>(disk_->MakeDirectory(root_));
  ASSERT_THAT(files_->Lock(Path("a/b")), IsOk());
  EXPECT_THAT(Names(), IsEmpty());
  {
    const auto lock = files_->Lock(Path("a/b"));
    ASSERT_THAT(lock, IsOk());
    ASSERT_THAT(PutNew("a/g", "1"), IsOk());
  }
  EXPECT_THAT(Names("a"), ElementsAre("g"));
  ASSERT_THAT(disk_->MakeDirectory(Path("own")), IsOk());
  ASSERT_THAT(files_->Lock(Path("own")), IsOk());
  EXPECT_THAT(Names(), ElementsAre("a", "own")) << "it was there before";
}

TEST_P(DiskFileSystemTest, DirectoryThatSomebodyRemovedIsMadeAgain) {
  if (disk_ != &posix_) {
    GTEST_SKIP() << "the simulated disk removes no directories";
  }
  ASSERT_THAT(PutNew("a/b/f", "1"), IsOk());
  ASSERT_THAT(files_->Sync(), IsOk());
  std::filesystem::remove_all(root_);
  ASSERT_THAT(PutNew("a/b/f", "2"), IsOk());
  EXPECT_THAT(Read("a/b/f"), IsOkAnd("2"));
  EXPECT_THAT(files_->Sync(), IsOk());
  // A change whose directory is gone is an error for good.
  ASSERT_THAT(PutNew("a/b/g", "2"), IsOk());
  std::filesystem::remove_all(root_);
  EXPECT_THAT(files_->Sync(), HasKind(ErrorKind::kInvalid));
  EXPECT_THAT(files_->Sync(), HasKind(ErrorKind::kInvalid));
}

TEST_P(DiskFileSystemTest, WritersOfTheSameFileLeaveARightChecksum) {
  constexpr int kRounds = 24;
  std::vector<std::jthread> threads;
  for (int writer = 0; writer < 4; ++writer) {
    threads.emplace_back([this, writer] {
      for (int round = 0; round < kRounds; ++round) {
        const std::string bytes = std::to_string(writer) + ":" + std::to_string(round);
        switch ((writer + round) % 4) {
          case 0: EXPECT_THAT(files_->Replace(Path("f"), bytes), IsOk()); break;
          case 1: static_cast<void>(PutNew("f", bytes)); break;
          case 2: EXPECT_THAT(files_->Delete(Path("f")), IsOk()); break;
          default: EXPECT_THAT(PutNew("own/" + bytes, bytes), IsOk());
        }
        EXPECT_THAT(files_->Sync(), IsOk());
      }
    });
  }
  threads.emplace_back([this] {
    for (int round = 0; round < 4 * kRounds; ++round) {
      const Result<std::string> bytes = Read("f");
      EXPECT_TRUE(bytes.ok() || IsNotFound(bytes.status())) << bytes.status().ToString();
    }
  });
  threads.clear();
  ASSERT_THAT(files_->Sync(), IsOk());
  std::vector<std::string> names = Names();
  if (std::erase(names, ".f.crc") > 0) {
    EXPECT_EQ(Raw(".f.crc"), HadoopChecksumOf(Raw("f")));
  }
  for (const std::string& name : names) {
    EXPECT_TRUE(name == "f" || name == "own") << name;
  }
}

// A thread for each piece of work.
void RunAtOnce(std::span<const std::function<void()>> work) {
  std::vector<std::jthread> threads;
  for (const auto& piece : work) {
    threads.emplace_back(piece);
  }
}

TEST_P(DiskFileSystemTest, SyncsMayRunAtOnce) {
  DiskFileSystem files(*disk_, RunAtOnce);
  const std::string bytes(3000, 'x');
  std::vector<NewFile> many;
  for (int i = 0; i < 20; ++i) {
    many.push_back({.path = Path(fmt::format("{}/{}", i % 5, i)), .bytes = bytes});
  }
  ASSERT_THAT(files.PutMany(many), IsOk());
  for (const NewFile& file : many) {
    EXPECT_THAT(files.Read(file.path), IsOkAnd(bytes));
  }
  simulated_.SetFault({.mode = FaultMode::kLoseBoth});
  simulated_.Restart();
  EXPECT_THAT(files.Read(many[7].path), IsOkAnd(bytes));
}

TEST(DiskFileSystem, FailureOfOneOfManySyncsIsTheBarriers) {
  ManualClock clock;
  int failures = 0;
  // Only syncs are counted: in which order the threads do everything else is theirs.
  for (std::uint64_t n = 1; n < 100; ++n) {
    SimulatedDisk disk(clock);
    DiskFileSystem files(disk, RunAtOnce);
    disk.SetFault({.stop_at_operation = n, .mode = FaultMode::kReturnIoError, .only = "sync"});
    const std::vector<NewFile> many = {{"/c/a/1", "1"}, {"/c/b/1", "2"}, {"/c/c/1", "3"}};
    const Status status = files.PutMany(many);
    if (disk.fault_operation().empty()) {
      EXPECT_THAT(status, IsOk());
      break;
    }
    ++failures;
    EXPECT_THAT(status, HasKind(ErrorKind::kUnavailable)) << disk.fault_operation();
  }
  EXPECT_EQ(failures, 3 + 5);  // three contents; their directories, /c and /
}

TEST(DiskFileSystem, SecondBarrierOfADirectoryCostsTwoSyncs) {
  ManualClock clock;
  SimulatedDisk disk(clock);
  DiskFileSystem files(disk);
  ASSERT_THAT(files.PutNew("/c/offsets/0", "0"), IsOk());
  ASSERT_THAT(files.Sync(), IsOk());
  disk.SetFault({});
  ASSERT_THAT(files.PutNew("/c/offsets/1", "1"), IsOk());
  // create, write, sync, close; stat; three removals that find nothing; link; unlink
  EXPECT_EQ(disk.operations(), 10u);
  disk.SetFault({});
  ASSERT_THAT(files.Sync(), IsOk());
  // the directory; create, write, close and rename of the checksum file
  EXPECT_EQ(disk.operations(), 5u);
  disk.SetFault({});
  ASSERT_THAT(files.Sync(), IsOk());
  EXPECT_EQ(disk.operations(), 0u);
  // A new directory needs no sync before its first file: a look for it, its making, and the ten as before.
  disk.SetFault({});
  ASSERT_THAT(files.PutNew("/c/commits/0", "0"), IsOk());
  EXPECT_EQ(disk.operations(), 12u);
}

TEST(DiskFileSystem, FullDiskIsUnavailableLeavesNothingAndEnds) {
  ManualClock clock;
  SimulatedDisk disk(clock);
  DiskFileSystem files(disk);
  ASSERT_THAT(files.PutNew("/c/f", "1"), IsOk());
  ASSERT_THAT(files.Sync(), IsOk());
  for (std::uint64_t n = 1; n < 20; ++n) {
    disk.SetFault({.stop_at_operation = n, .mode = FaultMode::kDiskFull});
    const std::string path = "/c/" + std::to_string(n);
    const std::vector<NewFile> many = {{path + "a", "x"}, {path + "b", "y"}};
    const Status status = files.PutMany(many);
    EXPECT_TRUE(status.ok() || status.condition() == "DISK_FULL") << status.ToString();
    disk.FreeSpace();
    for (const auto& [name, bytes] : disk.Files()) {
      EXPECT_THAT(name, testing::Not(HasSubstr(".tmp"))) << n;
    }
    EXPECT_THAT(files.Delete(path + "a"), IsOk());
    EXPECT_THAT(files.Delete(path + "b"), IsOk());
    EXPECT_THAT(files.PutMany(many), IsOk());
  }
}

TEST(DiskFileSystem, MissingChecksumDoesNotFailTheBarrier) {
  ManualClock clock;
  SimulatedDisk disk(clock);
  DiskFileSystem files(disk);
  ASSERT_THAT(files.PutNew("/f", "1"), IsOk());
  std::string warning;
  SetLogSink([&](LogLevel, std::string_view message) { warning = message; });
  disk.SetFault({.stop_at_operation = 2, .mode = FaultMode::kReturnIoError});
  EXPECT_THAT(files.Sync(), IsOk());
  SetLogSink(nullptr);
  EXPECT_EQ(disk.fault_operation().substr(0, 6), "create");
  EXPECT_THAT(warning, HasSubstr("/f stays without a checksum file"));
  EXPECT_THAT(files.Read("/f"), IsOkAnd("1"));
}

}  // namespace
}  // namespace hf
