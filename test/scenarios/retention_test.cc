// SPDX-License-Identifier: Apache-2.0
// 250 batches with purging, changelogs and snapshots: every batch that is retained reads as the model says, a purged
// one is refused by name, and nothing lies about that no batch needs.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <set>

#include "files/posix_disk.h"
#include "scenarios/growing_query.h"
#include "state/snapshot.h"
#include "state/state_files.h"

namespace hf {
namespace {

constexpr int kBatches = 250;
constexpr int kRetained = 12;
constexpr int kBatchesPerStart = 25;
constexpr int kPartitions = 2;
constexpr int kVersion = 3;

struct Settings {
  std::string codec;
  int snapshot_every;
  bool every_operation;
  bool format_2;
  bool row_checksums;
};

void PrintTo(const Settings& settings, std::ostream* out) {
  *out << settings.codec << settings.snapshot_every << (settings.format_2 ? "format2" : "");
}

class Retention : public ::testing::TestWithParam<Settings> {
 protected:
  // The state after each of the last batches, by batch.
  using History = std::map<std::int64_t, std::map<std::string, std::string>>;

  GrowingQuery query_{
      {{"spark.sql.shuffle.partitions", std::to_string(kPartitions)},
       {"spark.sql.streaming.minBatchesToRetain", std::to_string(kRetained)},
       {"spark.sql.streaming.stateStore.minDeltasForSnapshot", std::to_string(GetParam().snapshot_every)},
       {"spark.sql.streaming.stateStore.compression.codec", GetParam().codec},
       {"spark.sql.streaming.stateStore.checkpointFormatVersion", GetParam().format_2 ? "2" : "1"},
       {"spark.sql.streaming.stateStore.rowChecksum.enabled", GetParam().row_checksums ? "true" : "false"},
       {"holdfast.changelog.everyOperation", GetParam().every_operation ? "true" : "false"},
       {"holdfast.threads", "1"}}};

  void RunTo(std::int64_t batches, std::mt19937& dice) {
    while (query_.batches_run() < batches) {
      std::vector<GrowingQuery::Batch> next;
      for (int batch = 0; batch < kBatchesPerStart; ++batch) {
        GrowingQuery::Batch keys;
        for (unsigned row = 0; row < 1 + dice() % 12; ++row) {
          keys.push_back(fmt::format("k{}", dice() % 300));
        }
        next.push_back(keys);
        for (const std::string& key : keys) {
          model_.Count(key);
        }
        history_[query_.batches_run() + batch] = model_.State();
      }
      const Status ran = query_.Run(kVersion, next);
      ASSERT_TRUE(ran.ok()) << ran.ToString();
    }
  }

  // The state in the schema of kVersion, grown one row at a time.
  class Model {
   public:
    void Count(const std::string& key) { ++counts_[key]; }
    [[nodiscard]] std::map<std::string, std::string> State() const {
      std::map<std::string, std::string> state;
      for (const auto& [key, count] : counts_) {
        state[key] = fmt::format(R"({{"count":{0},"twin":{0},"f1":null,"f2":null,"f3":"written by 3"}})", count);
      }
      return state;
    }

   private:
    std::map<std::string, std::int64_t> counts_;
  };

  void ExpectRetainedReadableAndPurgedRefused() {
    const std::string copy = query_.CopyCheckpoint();
    const std::int64_t last = query_.batches_run() - 1;
    for (std::int64_t batch = last - kRetained + 1; batch <= last; ++batch) {
      const auto found = ReadGrowingState(copy, batch);
      ASSERT_TRUE(found.ok()) << "batch " << batch << ": " << found.status().ToString();
      EXPECT_EQ(*found, history_.at(batch)) << "batch " << batch;
    }
    for (const std::int64_t purged : {std::int64_t{0}, last - 3 * kRetained, last - kRetained}) {
      const auto found = ReadGrowingState(copy, purged);
      EXPECT_EQ(found.status().condition(), "STDS_OFFSET_LOG_UNAVAILABLE")
          << purged << ": " << found.status().ToString();
      EXPECT_NE(found.status().ToString().find(fmt::format("batch {}", purged)), std::string::npos)
          << found.status().ToString();
    }
  }

  // Every file of a partition is one that some batch from the oldest snapshot on needs, or the checksum of one.
  void ExpectNoOrphans(int partition) {
    const std::string copy = query_.CopyCheckpoint();
    PosixDisk disk;
    DiskFileSystem files(disk);
    const std::string directory = fmt::format("{}/state/0/{}", copy, partition);
    const auto present = ListStateFiles(files, directory);
    ASSERT_TRUE(present.ok() && !present->snapshots.empty());
    std::set<std::string> needed;
    const auto need = [&](const std::string& path) {
      needed.insert(path);
      if (GetParam().format_2) {
        needed.insert(path + ".crc");
      }
    };
    for (const VersionId& snapshot : present->snapshots) {
      need(SnapshotPath(directory, snapshot.version, snapshot.unique_id));
      const auto read = ReadSnapshot(files, directory, snapshot.version, snapshot.unique_id);
      ASSERT_TRUE(read.ok()) << read.status().ToString();
      for (const SnapshotSst& sst : read->metadata.ssts) {
        needed.insert(SstDirectory(directory) + "/" + sst.dfs_name);
      }
    }
    StateVersion next = present->snapshots.front().version;
    for (const VersionId& changelog : present->changelogs) {
      EXPECT_EQ(changelog.version, next++);
      EXPECT_EQ(changelog.unique_id.empty(), !GetParam().format_2);
      need(ChangelogPath(directory, changelog.version, changelog.unique_id));
    }
    EXPECT_EQ(next, query_.batches_run() + 1);
    std::set<std::string> there;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
      const std::string name = entry.path().filename().string();
      if (entry.is_regular_file() && name.starts_with('.') && name.ends_with(".crc")) {
        there.insert(entry.path().parent_path().string() + "/" + name.substr(1, name.size() - 5));
      } else if (entry.is_regular_file()) {
        there.insert(entry.path().string());
      }
    }
    EXPECT_EQ(there, needed);
    // The oldest snapshot is the only one that is not among the last versions: they begin from it.
    const StateVersion oldest_retained = present->snapshots.back().version - kRetained + 1;
    EXPECT_TRUE(present->snapshots.size() == 1 || present->snapshots[1].version > oldest_retained)
        << present->snapshots[1].version;
  }

  Model model_;
  History history_;
};

TEST_P(Retention, RetainedBatchesReadPurgedOnesAreRefusedNothingElseIsLeft) {
  std::mt19937 dice(11);
  for (const int batches : {50, 125, kBatches}) {
    RunTo(batches, dice);
    if (HasFatalFailure()) {
      return;
    }
    ExpectRetainedReadableAndPurgedRefused();
    for (int partition = 0; partition < kPartitions; ++partition) {
      ExpectNoOrphans(partition);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Settings, Retention,
                         ::testing::Values(Settings{"lz4", 5, false, false, false},
                                           Settings{"zstd", 10, true, false, false},
                                           Settings{"snappy", 1, false, false, true},
                                           Settings{"lz4", 5, false, true, false},
                                           Settings{"lzf", 7, true, true, true}));

}  // namespace
}  // namespace hf
