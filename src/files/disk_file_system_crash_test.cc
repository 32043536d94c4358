// SPDX-License-Identifier: Apache-2.0
// Stops the simulated disk at every operation, in every mode, and looks at what is left as Hadoop would.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "base/clock.h"
#include "base/random.h"
#include "files/disk_file_system.h"
#include "files/hadoop_checksum.h"
#include "files/simulated_disk.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

using test::IsOk;

constexpr const char* kAbsent = "(absent)";
const std::string kOld(700, 'o');
const std::string kNew(900, 'n');
const std::string kOther(800, 'x');
// Its checksum file is longer than a sector.
const std::string kLong(70'000, 'l');

std::string ContentIn(const std::map<std::string, std::string>& files, const std::string& path) {
  const auto found = files.find(path);
  return found == files.end() ? kAbsent : found->second;
}

// Fails unless Hadoop's ChecksumFileSystem reads every file: it takes a checksum file that is missing or has no
// header for none, and compares everything else, missing sums too.
void ExpectHadoopReadsEverything(const std::map<std::string, std::string>& files, const std::string& where) {
  for (const auto& [path, bytes] : files) {
    if (NameOf(path).starts_with('.')) {
      continue;
    }
    const std::string checksum = ContentIn(files, JoinPath(DirectoryOf(path), "." + NameOf(path) + ".crc"));
    const bool has_header = checksum.size() >= kHadoopChecksumHeaderBytes && checksum.starts_with(kHadoopChecksumMagic);
    if (checksum != kAbsent && has_header) {
      ASSERT_TRUE(checksum == HadoopChecksumOf(bytes)) << path << " has the checksum of another content; " << where;
    }
  }
}

using Allowed = std::map<std::string, std::set<std::string>>;

struct Scenario {
  std::string name;
  std::function<void(DiskFileSystem&)> prepare;  // what it writes is durable before the action
  std::function<Status(DiskFileSystem&, SimulatedDisk&)> action;
  Allowed before;  // the contents before and
  Allowed after;   // after the action; a crash within it may leave either
  SimulatedDisk::Local local = SimulatedDisk::Local::kMachine;
};

struct Stop {
  std::uint64_t at = 0;
  FaultMode mode = FaultMode::kKeepEverything;
  std::uint64_t seed = 0;
};

// What the next process does: takes the files over with other contents, and crashes too.
void ExpectNextWriterIsSafe(SimulatedDisk& disk, const Scenario& scenario, std::uint64_t seed,
                            const std::string& where) {
  DiskFileSystem next(disk);
  ASSERT_THAT(next.Lock("/c"), IsOk()) << where;
  for (const auto& [path, contents] : scenario.after) {
    if (seed % 2 == 0) {
      ASSERT_THAT(next.Replace(path, kOther), IsOk()) << where;
    } else {
      ASSERT_THAT(next.Delete(path), IsOk()) << where;
      ASSERT_THAT(next.PutNew(path, kOther), IsOk()) << where;
    }
  }
  const bool is_synced = seed % 3 != 0;
  if (is_synced) {
    ASSERT_THAT(next.Sync(), IsOk()) << where;
  }
  disk.SetFault({.mode = FaultMode::kLoseSome, .seed = seed});
  disk.Restart();
  const auto files = disk.Files();
  ExpectHadoopReadsEverything(files, where + ", after the next process");
  if (is_synced) {
    for (const auto& [path, contents] : scenario.after) {
      ASSERT_TRUE(ContentIn(files, path) == kOther) << where << ": the next process lost " << path;
    }
  }
}

// Returns false when the action ended before the stop was reached.
bool RunUntil(const Scenario& scenario, const Stop& stop) {
  ManualClock clock;
  SimulatedDisk disk(clock, scenario.local);
  DiskFileSystem first(disk);
  scenario.prepare(first);
  EXPECT_THAT(first.Sync(), IsOk());
  disk.SetFault({.mode = FaultMode::kLoseBoth});
  disk.Restart();

  disk.SetFault({.stop_at_operation = stop.at, .mode = stop.mode, .seed = stop.seed});
  Status done;
  {
    DiskFileSystem files(disk);
    done = scenario.action(files, disk);
  }
  const bool was_reached = !disk.fault_operation().empty();
  const std::string where = fmt::format("{} at operation {} ({}), mode {}, seed {}", scenario.name, stop.at,
                                        disk.fault_operation(), FaultModeName(stop.mode), stop.seed);
  EXPECT_TRUE(was_reached || done.ok()) << where << done.ToString();
  disk.Restart();

  const auto files = disk.Files();
  ExpectHadoopReadsEverything(files, where);
  for (const auto& [path, contents] : scenario.after) {
    const std::string content = ContentIn(files, path);
    const bool is_after = contents.contains(content);
    const bool is_before = scenario.before.at(path).contains(content);
    EXPECT_TRUE(is_after || (!done.ok() && is_before)) << where << ": " << path << " holds " << content.substr(0, 20);
  }
  DiskFileSystem reader(disk);
  for (const auto& [path, contents] : scenario.after) {
    const auto bytes = reader.Read(path);
    EXPECT_TRUE(bytes.ok() || IsNotFound(bytes.status())) << where << bytes.status().ToString();
  }
  ExpectNextWriterIsSafe(disk, scenario, stop.seed + stop.at, where);
  return was_reached;
}

void SweepAll(const Scenario& scenario) {
  for (const FaultMode mode : {FaultMode::kKeepEverything, FaultMode::kLoseUnsyncedContents,
                               FaultMode::kLoseUnsyncedNames, FaultMode::kLoseBoth, FaultMode::kTornLastWrite,
                               FaultMode::kReturnIoError, FaultMode::kDiskFull, FaultMode::kLoseSome}) {
    const std::uint64_t seeds = mode == FaultMode::kLoseSome ? 60 : 6;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
      std::uint64_t at = 1;
      while (RunUntil(scenario, {.at = at, .mode = mode, .seed = seed})) {
        ++at;
        if (testing::Test::HasFailure()) {
          return;
        }
      }
      EXPECT_GT(at, 6u) << scenario.name;
      if (testing::Test::HasFailure()) {
        return;
      }
    }
  }
}

Status InTurn(std::initializer_list<std::function<Status()>> steps) {
  for (const auto& step : steps) {
    HF_RETURN_IF_ERROR(step());
  }
  return {};
}

void PutDurably(DiskFileSystem& files, const std::string& path, const std::string& bytes) {
  ASSERT_THAT(files.PutNew(path, bytes), IsOk());
  ASSERT_THAT(files.Sync(), IsOk());
}

TEST(DiskFileSystemCrash, PutNew) {
  for (const std::string& content : {kNew, kLong, std::string()}) {
    SweepAll({.name = "PutNew",
              .prepare = [](DiskFileSystem&) {},
              .action =
                  [&](DiskFileSystem& f, SimulatedDisk&) {
                    return InTurn({[&] { return f.PutNew("/c/d/f", content); }, [&] { return f.Sync(); }});
                  },
              .before = {{"/c/d/f", {kAbsent}}},
              .after = {{"/c/d/f", {content}}}});
  }
}

TEST(DiskFileSystemCrash, PutNewOverOldChecksums) {
  SweepAll({.name = "PutNew over old checksums",
            .prepare =
                [](DiskFileSystem& f) {
                  // Left by somebody else: f's checksum of another content, and Spark's visible one.
                  PutDurably(f, "/c/.f.crc", HadoopChecksumOf(kOld));
                  PutDurably(f, "/c/f.crc", "{}");
                },
            .action =
                [](DiskFileSystem& f, SimulatedDisk&) {
                  return InTurn({[&] { return f.PutNew("/c/f", kNew); }, [&] { return f.Sync(); }});
                },
            .before = {{"/c/f", {kAbsent}}, {"/c/f.crc", {"{}", kAbsent}}},
            .after = {{"/c/f", {kNew}}, {"/c/f.crc", {kAbsent}}}});
}

TEST(DiskFileSystemCrash, Replace) {
  for (const std::string& content : {kNew, kLong}) {
    SweepAll({.name = "Replace",
              .prepare = [](DiskFileSystem& f) { PutDurably(f, "/c/f", kOld); },
              .action =
                  [&](DiskFileSystem& f, SimulatedDisk&) {
                    return InTurn({[&] { return f.Replace("/c/f", content); }, [&] { return f.Sync(); }});
                  },
              .before = {{"/c/f", {kOld}}},
              .after = {{"/c/f", {content}}}});
  }
}

TEST(DiskFileSystemCrash, ReplaceTwiceAndSyncBetween) {
  SweepAll({.name = "Replace twice",
            .prepare = [](DiskFileSystem& f) { PutDurably(f, "/c/f", kOld); },
            .action =
                [](DiskFileSystem& f, SimulatedDisk&) {
                  return InTurn({[&] { return f.Replace("/c/f", kNew); }, [&] { return f.Sync(); },
                                 [&] { return f.Replace("/c/f", kLong); }, [&] { return f.Replace("/c/f", kOther); },
                                 [&] { return f.Sync(); }});
                },
            .before = {{"/c/f", {kOld, kNew, kLong, kOther}}},
            .after = {{"/c/f", {kOther}}}});
}

TEST(DiskFileSystemCrash, DeleteAndPutNewWithOtherContent) {
  SweepAll({.name = "Delete, PutNew",
            .prepare = [](DiskFileSystem& f) { PutDurably(f, "/c/f", kOld); },
            .action =
                [](DiskFileSystem& f, SimulatedDisk&) {
                  return InTurn({[&] { return f.Delete("/c/f"); }, [&] { return f.PutNew("/c/f", kNew); },
                                 [&] { return f.Sync(); }});
                },
            .before = {{"/c/f", {kOld, kAbsent, kNew}}},
            .after = {{"/c/f", {kNew}}}});
}

TEST(DiskFileSystemCrash, Delete) {
  SweepAll({.name = "Delete",
            .prepare = [](DiskFileSystem& f) { PutDurably(f, "/c/f", kOld); },
            .action =
                [](DiskFileSystem& f, SimulatedDisk&) {
                  return InTurn({[&] { return f.Sync(); }, [&] { return f.Delete("/c/f"); }, [&] { return f.Sync(); }});
                },
            .before = {{"/c/f", {kOld}}},
            .after = {{"/c/f", {kAbsent}}}});
}

TEST(DiskFileSystemCrash, PutManyWithVisibleChecksum) {
  const std::vector<NewFile> many = {
      {"/c/state/0/1.changelog", kNew}, {"/c/state/0/1.changelog.crc", "{}"}, {"/c/state/1/1.changelog", kLong}};
  SweepAll({.name = "PutMany",
            .prepare = [](DiskFileSystem& f) { PutDurably(f, "/c/state/0/0.changelog", kOld); },
            .action = [&](DiskFileSystem& f, SimulatedDisk&) { return f.PutMany(many); },
            .before = {{many[0].path, {kAbsent}}, {many[1].path, {kAbsent}}, {many[2].path, {kAbsent}}},
            .after = {{many[0].path, {kNew}}, {many[1].path, {"{}"}}, {many[2].path, {kLong}}}});
}

TEST(DiskFileSystemCrash, LinkFromLocal) {
  test::TempDir directory;
  PosixDisk machine;
  const std::string local = directory / "a.sst";
  auto file = machine.Create(local);
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT((*file)->Append(kLong), IsOk());
  SweepAll({.name = "LinkFrom",
            .prepare = [](DiskFileSystem&) {},
            .action =
                [&](DiskFileSystem& f, SimulatedDisk&) {
                  return InTurn({[&] { return f.LinkFrom(local, "/c/a.sst"); }, [&] { return f.Sync(); }});
                },
            .before = {{"/c/a.sst", {kAbsent}}},
            .after = {{"/c/a.sst", {kLong}}}});
}

TEST(DiskFileSystemCrash, LinkFromTheSameDisk) {
  // RocksDB syncs nothing: its directory is scratch.
  SweepAll({.name = "LinkFrom the same disk",
            .prepare = [](DiskFileSystem& f) { PutDurably(f, "/scratch/other", ""); },
            .action =
                [](DiskFileSystem& f, SimulatedDisk& disk) {
                  return InTurn({[&] {
                                   HF_ASSIGN_OR_RETURN(const std::unique_ptr<DiskFile> file,
                                                       disk.Create("/scratch/a.sst"));
                                   return file->Append(kLong);
                                 },
                                 [&] { return f.LinkFrom("/scratch/a.sst", "/c/a.sst"); }, [&] { return f.Sync(); }});
                },
            .before = {{"/c/a.sst", {kAbsent}}},
            .after = {{"/c/a.sst", {kLong}}},
            .local = SimulatedDisk::Local::kItself});
}

// A name that another process has published is as good as ours once we have met it.
TEST(DiskFileSystemCrash, FileThatWeConflictedWithIsDurableAfterOurSync) {
  ManualClock clock;
  SimulatedDisk disk(clock);
  DiskFileSystem ours(disk);
  DiskFileSystem theirs(disk);
  PutDurably(ours, "/c/0", kOld);
  ASSERT_THAT(ours.Sync(), IsOk());
  ASSERT_THAT(theirs.PutNew("/c/1", kNew), IsOk());
  ASSERT_THAT(theirs.Sync(), IsOk());
  ASSERT_THAT(theirs.PutNew("/c/2", kNew), IsOk());
  ASSERT_EQ(ours.PutNew("/c/2", kOld).kind(), ErrorKind::kConflict);
  ASSERT_THAT(ours.Sync(), IsOk());
  disk.SetFault({.mode = FaultMode::kLoseBoth});
  disk.Restart();
  EXPECT_EQ(ContentIn(disk.Files(), "/c/2"), kNew);
}

// The promise that offsets/N outlives commits/N also when another process wrote it and died.
TEST(DiskFileSystemCrash, WhatIsBuiltUponAFoundFileDoesNotOutliveIt) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    ManualClock clock;
    SimulatedDisk disk(clock);
    ASSERT_THAT(DiskFileSystem(disk).PutNew("/c/offsets/0", "promise"), IsOk());
    disk.Restart();  // the process died before its Sync

    DiskFileSystem files(disk);
    const auto found = files.Read("/c/offsets/0");
    ASSERT_THAT(found, IsOk());
    ASSERT_THAT(files.PutNew("/c/commits/0", "proof"), IsOk());
    ASSERT_THAT(files.Sync(), IsOk());
    disk.SetFault({.mode = FaultMode::kLoseSome, .seed = seed});
    disk.Restart();
    const auto left = disk.Files();
    ASSERT_EQ(ContentIn(left, "/c/commits/0"), "proof");
    ASSERT_EQ(ContentIn(left, "/c/offsets/0"), "promise");
  }
}

// The dead process may have deleted a file, checksum and all, without a Sync. Its old checksum must not come
// back beside what we write.
TEST(DiskFileSystemCrash, ChecksumThatADeadProcessRemovedDoesNotReturn) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    ManualClock clock;
    SimulatedDisk disk(clock);
    {
      DiskFileSystem dead(disk);
      PutDurably(dead, "/c/f", kOld);
      ASSERT_THAT(disk.SyncDirectory("/c"), IsOk());
      ASSERT_THAT(dead.Delete("/c/f"), IsOk());
    }
    disk.Restart();
    DiskFileSystem files(disk);
    ASSERT_THAT(files.PutNew("/c/f", kNew), IsOk());
    disk.SetFault({.mode = FaultMode::kLoseSome, .seed = seed});
    disk.Restart();
    ExpectHadoopReadsEverything(disk.Files(), fmt::format("seed {}", seed));
  }
}

// Random operations of processes that die and machines that crash, against a model that knows for each file
// what it holds and what it may go back to.
class RandomRun {
 public:
  explicit RandomRun(std::uint64_t seed) : random_(seed), seed_(seed) {}

  void Run() {
    for (int step_ = 0; step_ < 60 && !testing::Test::HasFailure(); ++step_) {
      if (files_ == nullptr) {
        files_ = std::make_unique<DiskFileSystem>(disk_);
        // Recovery looks at all there is.
        for (const char* directory : {"/c/a", "/c/b"}) {
          ASSERT_THAT(files_->List(directory), IsOk());
        }
      }
      ArmFault();
      Step();
      if (!disk_.fault_operation().empty() || random_.Below(8) == 0) {
        EndProcess();
      }
      Check();
    }
  }

 private:
  struct File {
    std::string now = kAbsent;
    std::set<std::string> may_return;
  };

  void ArmFault() {
    static constexpr FaultMode kModes[] = {FaultMode::kKeepEverything,    FaultMode::kLoseUnsyncedContents,
                                           FaultMode::kLoseUnsyncedNames, FaultMode::kLoseBoth,
                                           FaultMode::kLoseSome,          FaultMode::kLoseSome,
                                           FaultMode::kTornLastWrite,     FaultMode::kReturnIoError,
                                           FaultMode::kDiskFull};
    mode_ = kModes[random_.Below(std::size(kModes))];
    const std::uint64_t at = random_.Below(3) == 0 ? 1 + random_.Below(25) : 0;
    disk_.SetFault({.stop_at_operation = at, .mode = mode_, .seed = random_.Next64()});
  }

  std::string NewContent() {
    std::string content = fmt::format("content {}", ++contents_);
    const std::uint64_t kind = random_.Below(8);
    content.resize(kind == 0 ? 70'000 : kind < 4 ? 1'200 : content.size(), 'p');
    return content;
  }

  void MayHold(const std::string& path, const std::string& content, bool is_sure) {
    File& file = model_[path];
    file.may_return.insert(file.now);
    file.may_return.insert(content);
    if (is_sure) {
      file.now = content;
      return;
    }
    // The operation failed: it has happened or not.
    const std::string seen = disk_.Files().contains(path) ? disk_.Files().at(path) : kAbsent;
    ASSERT_TRUE(seen == file.now || seen == content) << path << ", seed " << seed_;
    file.now = seen;
  }

  void MaySync(const Status& status) {
    if (status.ok()) {
      for (auto& [path, file] : model_) {
        file.may_return.clear();
      }
    }
  }

  void Step() {
    static const std::string kPaths[] = {"/c/a/1", "/c/a/1.crc", "/c/b/2", "/c/b/3"};
    const std::string path = kPaths[random_.Below(std::size(kPaths))];
    const std::string content = NewContent();
    switch (random_.Below(5)) {
      case 0: {
        const Status status = files_->PutNew(path, content);
        const bool is_conflict = !status.ok() && status.kind() == ErrorKind::kConflict;
        ASSERT_TRUE(!is_conflict || model_[path].now != kAbsent) << "seed " << seed_;
        if (!is_conflict) {
          MayHold(path + ".crc", kAbsent, status.ok());
          MayHold(path, content, status.ok());
        }
        break;
      }
      case 1: {
        const Status status = files_->Replace(path, content);
        MayHold(path + ".crc", kAbsent, status.ok());
        MayHold(path, content, status.ok());
        break;
      }
      case 2: {
        const Status status = files_->Delete(path);
        MayHold(path + ".crc", kAbsent, status.ok());
        MayHold(path, kAbsent, status.ok());
        break;
      }
      default: MaySync(files_->Sync());
    }
  }

  void EndProcess() {
    const bool loses = mode_ == FaultMode::kLoseUnsyncedContents || mode_ == FaultMode::kLoseUnsyncedNames ||
                       mode_ == FaultMode::kLoseBoth || mode_ == FaultMode::kLoseSome;
    files_.reset();
    disk_.Restart();
    const auto left = disk_.Files();
    for (auto& [path, file] : model_) {
      const std::string content = ContentIn(left, path);
      const bool may_be = content == file.now || (loses && file.may_return.contains(content));
      ASSERT_TRUE(may_be) << path << " holds " << content.substr(0, 20) << " after " << FaultModeName(mode_)
                          << ", seed " << seed_;
      file.now = content;
      if (loses) {
        file.may_return.clear();
      }
    }
  }

  void Check() {
    const auto left = disk_.Files();
    ExpectHadoopReadsEverything(left, fmt::format("seed {}", seed_));
    for (const auto& [path, file] : model_) {
      ASSERT_TRUE(ContentIn(left, path) == file.now) << path << ", seed " << seed_;
    }
  }

  SeededRandom random_;
  const std::uint64_t seed_;
  ManualClock clock_;
  SimulatedDisk disk_{clock_};
  std::unique_ptr<DiskFileSystem> files_;
  FaultMode mode_ = FaultMode::kKeepEverything;
  std::map<std::string, File> model_;
  int contents_ = 0;
};

TEST(DiskFileSystemCrash, RandomRunsKeepEveryPromise) {
  for (std::uint64_t seed = 1; seed <= 1'000 && !HasFailure(); ++seed) {
    RandomRun(seed).Run();
  }
}

}  // namespace
}  // namespace hf
