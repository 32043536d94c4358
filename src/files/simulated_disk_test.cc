// SPDX-License-Identifier: Apache-2.0
#include "files/simulated_disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/clock.h"
#include "support/status_matchers.h"

namespace hf {
namespace {

using test::HasKind;
using test::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class SimulatedDiskTest : public testing::Test {
 protected:
  void Write(const std::string& path, std::string_view bytes, bool sync = false) {
    auto file = disk_.Create(path);
    ASSERT_THAT(file, IsOk());
    ASSERT_THAT((*file)->Append(bytes), IsOk());
    if (sync) {
      ASSERT_THAT((*file)->Sync(), IsOk());
    }
    ASSERT_THAT((*file)->Close(), IsOk());
  }
  void Crash(FaultMode mode, std::uint64_t seed = 0) {
    disk_.SetFault({.mode = mode, .seed = seed});
    disk_.Restart();
  }

  ManualClock clock_;
  SimulatedDisk disk_{clock_};
};

TEST_F(SimulatedDiskTest, UnsyncedContentIsLostAndItsNameStays) {
  Write("/f", "1");
  Write("/g", "2", true);
  Crash(FaultMode::kLoseUnsyncedContents);
  EXPECT_THAT(disk_.Files(), ElementsAre(Pair("/f", ""), Pair("/g", "2")));
}

TEST_F(SimulatedDiskTest, UnsyncedNameIsLost) {
  Write("/f", "1", true);
  ASSERT_THAT(disk_.SyncDirectory("/"), IsOk());
  Write("/g", "2", true);
  ASSERT_THAT(disk_.Remove("/f"), IsOk());
  Crash(FaultMode::kLoseUnsyncedNames);
  EXPECT_THAT(disk_.Files(), ElementsAre(Pair("/f", "1")));
}

TEST_F(SimulatedDiskTest, SyncMakesContentsAndNamesDurable) {
  ASSERT_THAT(disk_.MakeDirectory("/d"), IsOk());
  Write("/d/f", "1");
  ASSERT_THAT(disk_.SyncFile("/d/f"), IsOk());
  ASSERT_THAT(disk_.SyncDirectory("/d"), IsOk());
  ASSERT_THAT(disk_.SyncDirectory("/"), IsOk());
  Crash(FaultMode::kLoseBoth);
  EXPECT_THAT(disk_.Files(), ElementsAre(Pair("/d/f", "1")));
}

TEST_F(SimulatedDiskTest, DirectoryIsLostWithItsNameAbove) {
  ASSERT_THAT(disk_.MakeDirectory("/d"), IsOk());
  Write("/d/f", "1", true);
  ASSERT_THAT(disk_.SyncDirectory("/d"), IsOk());
  Crash(FaultMode::kLoseUnsyncedNames);
  EXPECT_THAT(disk_.Files(), IsEmpty());
}

TEST_F(SimulatedDiskTest, NameGoesBackToAnythingItStoodFor) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SimulatedDisk disk(clock_);
    for (const char* content : {"1", "2", "3"}) {
      auto file = disk.Create("/t");
      ASSERT_THAT(file, IsOk());
      ASSERT_THAT((*file)->Append(content), IsOk());
      ASSERT_THAT((*file)->Sync(), IsOk());
      ASSERT_THAT(disk.Rename("/t", "/f"), IsOk());
    }
    disk.SetFault({.mode = FaultMode::kLoseSome, .seed = seed});
    disk.Restart();
    const auto files = disk.Files();
    seen.insert(files.contains("/f") ? files.at("/f") : "absent");
  }
  EXPECT_THAT(seen, ElementsAre("1", "2", "3", "absent"));
}

TEST_F(SimulatedDiskTest, SectorIsNeverTorn) {
  bool was_torn_by_sectors = false;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SimulatedDisk disk(clock_);
    for (const auto& [path, size] : {std::pair<std::string, std::size_t>{"/small", 500}, {"/large", 2000}}) {
      auto file = disk.Create(path);
      ASSERT_THAT(file, IsOk());
      ASSERT_THAT((*file)->Append(std::string(size, 'x')), IsOk());
    }
    disk.SetFault({.mode = FaultMode::kLoseSome, .seed = seed});
    disk.Restart();
    for (const auto& [path, bytes] : disk.Files()) {
      for (std::size_t at = 0; at < bytes.size(); at += 512) {
        const std::string sector = bytes.substr(at, 512);
        ASSERT_TRUE(sector == std::string(sector.size(), 'x') || sector == std::string(sector.size(), '\0'));
      }
      if (path == "/small") {
        ASSERT_TRUE(bytes.empty() || bytes.size() == 500);
      } else {
        was_torn_by_sectors |=
            !bytes.empty() && bytes.find('x') != std::string::npos && bytes != std::string(2000, 'x');
      }
    }
  }
  EXPECT_TRUE(was_torn_by_sectors);
}

TEST_F(SimulatedDiskTest, DeadProcessLeavesEverythingAndSyncsNothing) {
  Write("/f", "1");
  Crash(FaultMode::kKeepEverything);
  EXPECT_THAT(disk_.Files(), ElementsAre(Pair("/f", "1")));
  Crash(FaultMode::kLoseBoth);
  EXPECT_THAT(disk_.Files(), IsEmpty());
}

TEST_F(SimulatedDiskTest, StopsBeforeTheNthOperationAndNamesIt) {
  disk_.SetFault({.stop_at_operation = 3});
  auto file = disk_.Create("/f");
  ASSERT_THAT(file, IsOk());
  EXPECT_THAT((*file)->Append("1"), IsOk());
  EXPECT_EQ(disk_.fault_operation(), "");
  EXPECT_THAT((*file)->Sync(), HasKind(ErrorKind::kUnavailable));
  EXPECT_EQ(disk_.fault_operation(), "sync /f");
  EXPECT_THAT(disk_.Stat("/f"), HasKind(ErrorKind::kUnavailable));
  EXPECT_EQ(disk_.operations(), 3u);
  disk_.Restart();
  EXPECT_THAT(disk_.Stat("/f"), IsOk());
  EXPECT_EQ(disk_.operations(), 1u);
  // The process that wrote it is gone.
  EXPECT_THAT((*file)->Append("2"), HasKind(ErrorKind::kUnavailable));
}

TEST_F(SimulatedDiskTest, PointsCanBeCountedFromANamedOperationAndAmongSomeOnly) {
  disk_.SetFault({.stop_at_operation = 2, .count_from = "/d/f", .only = "/d"});
  EXPECT_THAT(disk_.MakeDirectory("/d"), IsOk());  // before the named one
  Write("/other", "1");
  EXPECT_THAT(disk_.Stat("/d/f"), IsOk());  // 1
  EXPECT_THAT(disk_.Stat("/other"), IsOk());
  EXPECT_EQ(disk_.operations(), 1u);
  EXPECT_THAT(disk_.List("/d"), HasKind(ErrorKind::kUnavailable));  // 2
  EXPECT_EQ(disk_.fault_operation(), "list /d");
}

TEST_F(SimulatedDiskTest, StopsAtOnceWhenToldTo) {
  Write("/f", "1");
  EXPECT_FALSE(disk_.has_stopped());
  disk_.StopNow(FaultMode::kLoseUnsyncedNames, 0);
  EXPECT_TRUE(disk_.has_stopped());
  EXPECT_THAT(disk_.Stat("/f"), HasKind(ErrorKind::kUnavailable));
  disk_.Restart();
  EXPECT_FALSE(disk_.has_stopped());
  EXPECT_THAT(disk_.Files(), IsEmpty());
}

TEST_F(SimulatedDiskTest, TornWriteIsHalfDone) {
  disk_.SetFault({.stop_at_operation = 2, .mode = FaultMode::kTornLastWrite});
  auto file = disk_.Create("/f");
  ASSERT_THAT(file, IsOk());
  EXPECT_FALSE((*file)->Append("1234").ok());
  disk_.Restart();
  EXPECT_THAT(disk_.Files(), ElementsAre(Pair("/f", "12")));
}

TEST_F(SimulatedDiskTest, IoErrorStrikesOnce) {
  disk_.SetFault({.stop_at_operation = 1, .mode = FaultMode::kReturnIoError});
  EXPECT_THAT(disk_.MakeDirectory("/d"), HasKind(ErrorKind::kUnavailable));
  EXPECT_THAT(disk_.MakeDirectory("/d"), IsOk());
}

TEST_F(SimulatedDiskTest, FullDiskTakesNothingUntilFreedButGives) {
  Write("/f", "1");
  disk_.SetFault({.stop_at_operation = 1, .mode = FaultMode::kDiskFull});
  const auto refused = disk_.Create("/g");
  EXPECT_THAT(refused, HasKind(ErrorKind::kUnavailable));
  EXPECT_EQ(refused.status().condition(), "DISK_FULL");
  EXPECT_THAT(disk_.Read("/f", 0, 1), IsOk());
  EXPECT_THAT(disk_.Remove("/f"), IsOk());
  disk_.FreeSpace();
  Write("/g", "2");
}

TEST_F(SimulatedDiskTest, RestartFreesLocks) {
  auto lock = disk_.Lock("/");
  ASSERT_THAT(lock, IsOk());
  disk_.Restart();
  auto next = disk_.Lock("/");
  ASSERT_THAT(next, IsOk());
  // The dead process's lock must not free the living one's.
  lock = Internal("released");
  EXPECT_THAT(disk_.Lock("/"), HasKind(ErrorKind::kConflict));
}

TEST_F(SimulatedDiskTest, EveryModeHasAName) {
  EXPECT_EQ(FaultModeName(FaultMode::kKeepEverything), "keep_everything");
  EXPECT_EQ(FaultModeName(FaultMode::kDiskFull), "disk_full");
}

}  // namespace
}  // namespace hf
