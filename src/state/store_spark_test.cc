// SPDX-License-Identifier: Apache-2.0
// Checkpoints that Spark 4.3.0 wrote (test/spark_compat/golden), read byte for byte: what Store recovers is compared
// with a decoding of the changelogs that shares nothing with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lz4.h>

#include <fstream>
#include <sstream>

#include "state/changelog.h"
#include "state/row_checksum.h"
#include "state/snapshot.h"
#include "state/state_files.h"
#include "state/store_testing.h"

namespace hf {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = fs::path(HOLDFAST_SOURCE_DIR) / "test/spark_compat/golden";

std::string Slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::uint32_t Little32(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) {
    value = value << 8 | static_cast<std::uint8_t>(bytes.at(at + i));
  }
  return value;
}
std::uint32_t Big32(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value = value << 8 | static_cast<std::uint8_t>(bytes.at(at + i));
  }
  return value;
}

// Formats 2 and 4, LZ4, without delimiter, straight from the description of Spark's formats.
void ReplayByHand(const std::string& file, StateMap* map) {
  std::string content;
  for (std::size_t at = 0; at + 21 <= file.size();) {
    const std::uint32_t stored = Little32(file, at + 9);
    const std::uint32_t original = Little32(file, at + 13);
    std::string block(original, '\0');
    if ((file[at + 8] & 0xF0) == 0x10) {
      block = file.substr(at + 21, stored);
    } else {
      ASSERT_EQ(LZ4_decompress_safe(file.data() + at + 21, block.data(), static_cast<int>(stored),
                                    static_cast<int>(original)),
                static_cast<int>(original));
    }
    content += block;
    at += 21 + stored;
  }
  std::size_t at = 4;
  if (content.substr(2, 2) == "v4") {  // the lineage
    at += 2 + static_cast<std::uint8_t>(content.at(4)) * 256u + static_cast<std::uint8_t>(content.at(5));
  }
  while (content.at(at) != 0) {
    const char op = content.at(at);
    const std::uint32_t key_size = Big32(content, at + 1);
    const std::string key = content.substr(at + 5, key_size);
    at += 5 + key_size;
    const std::uint32_t value_size = Big32(content, at);
    at += 4;
    if (op == 0x10) {
      map->erase(key);
      continue;
    }
    if (op == 0x01) {
      (*map)[key].clear();
    }
    (*map)[key] += content.substr(at, value_size);
    at += value_size;
  }
}

std::vector<fs::path> Partitions(const std::string& fixture) {
  std::vector<fs::path> partitions;
  for (const auto& entry : fs::directory_iterator(kGolden / fixture / "ckpt/state/0")) {
    if (entry.is_directory() && !entry.path().filename().string().starts_with('_')) {
      partitions.push_back(entry.path());
    }
  }
  EXPECT_EQ(partitions.size(), 4u) << fixture;
  return partitions;
}

class StoreSpark : public ::testing::TestWithParam<std::string> {
 protected:
  StoreDirectory scratch_;
};

TEST_P(StoreSpark, EveryVersionIsWhatItsChangelogsSay) {
  for (const fs::path& partition : Partitions(GetParam())) {
    scratch_.options.directory = partition.string();
    StateMap expected;
    for (StateVersion version = 1; fs::exists(partition / (std::to_string(version) + ".changelog")); ++version) {
      ReplayByHand(Slurp(partition / (std::to_string(version) + ".changelog")), &expected);
      const auto store = scratch_.Open(version);
      ASSERT_NE(store, nullptr);
      EXPECT_EQ(ReadAll(*store), expected) << partition << " version " << version;
      const StoreCounts counts = store->counts();
      EXPECT_EQ(counts.keys + counts.internal_keys, static_cast<std::int64_t>(expected.size()));
      if (!fs::exists(partition / (std::to_string(version) + ".zip"))) {
        continue;
      }
      const Result<Snapshot> snapshot = ReadSnapshot(scratch_.files, scratch_.options.directory, version);
      ASSERT_TRUE(snapshot.ok()) << snapshot.status().ToString();
      EXPECT_EQ(counts.keys, snapshot->metadata.keys);
      EXPECT_EQ(counts.internal_keys, snapshot->metadata.internal_keys);
    }
  }
}

// Counting over changelogs gives what Spark counted for its snapshots.
TEST_P(StoreSpark, CountsFromTheFirstSnapshotAndChangelogsAreSparks) {
  for (const fs::path& partition : Partitions(GetParam())) {
    fs::remove_all(scratch_.Path(""));
    fs::copy(partition, scratch_.Path(""), fs::copy_options::recursive);
    StateVersion newest = 1;
    std::vector<std::pair<StateVersion, SnapshotMetadata>> snapshots;
    for (; fs::exists(partition / (std::to_string(newest + 1) + ".changelog")); ++newest) {
    }
    for (StateVersion version = 2; version <= newest; ++version) {
      if (scratch_.Has(std::to_string(version) + ".zip")) {
        snapshots.emplace_back(version, ReadSnapshot(scratch_.files, scratch_.options.directory, version)->metadata);
        fs::remove(scratch_.Path(std::to_string(version) + ".zip"));
      }
    }
    for (const auto& [version, metadata] : snapshots) {
      const auto store = scratch_.Open(version);
      ASSERT_NE(store, nullptr);
      EXPECT_EQ(store->counts().keys, metadata.keys) << partition << " version " << version;
      EXPECT_EQ(store->counts().internal_keys, metadata.internal_keys) << partition << " version " << version;
      EXPECT_EQ(metadata.families.families.size(), store->families().size());
    }
  }
}

TEST_P(StoreSpark, GoesOnFromSparksVersionAndKeepsItsSsts) {
  const fs::path partition = Partitions(GetParam()).front();
  fs::remove_all(scratch_.Path(""));
  fs::copy(partition, scratch_.Path(""), fs::copy_options::recursive);
  const Result<StateFiles> files = ListStateFiles(scratch_.files, scratch_.options.directory);
  const StateVersion newest = files->changelogs.back().version;
  const auto store = scratch_.Open(newest);
  ASSERT_NE(store, nullptr);
  const std::string key = KeyIn(1, "of ours");
  store->Put(key, "value");
  Commit(scratch_.files, *store);
  TakeSnapshot(*store);
  const StateMap expected = ReadAll(*store);
  EXPECT_TRUE(expected.contains(key));
  EXPECT_EQ(ReadAll(*scratch_.Open(newest + 1)), expected);
  std::set<std::string> before;
  const Snapshot sparks = *ReadSnapshot(scratch_.files, scratch_.options.directory, files->snapshots.back().version);
  for (const SnapshotSst& sst : sparks.metadata.ssts) {
    before.insert(sst.dfs_name);
  }
  std::size_t kept = 0;
  const Snapshot ours = *ReadSnapshot(scratch_.files, scratch_.options.directory, newest + 1);
  for (const SnapshotSst& sst : ours.metadata.ssts) {
    kept += before.contains(sst.dfs_name) ? 1 : 0;
  }
  EXPECT_EQ(kept, before.size());
}

INSTANTIATE_TEST_SUITE_P(Golden, StoreSpark,
                         ::testing::Values("a_v1", "b_v1v2", "b_snap", "c1_eventtime", "c2_proctime_ttl",
                                           "d_unsaferow"),
                         [](const auto& fixture) { return fixture.param; });

TEST(StoreSparkFormat2, EveryVersionIsWhatItsChangelogsSayAndTheLineageGoesOnAsSparks) {
  StoreDirectory scratch;
  scratch.options.unique_ids = true;
  for (const fs::path& partition : Partitions("e_ckptv2")) {
    fs::remove_all(scratch.Path(""));
    fs::copy(partition, scratch.Path(""), fs::copy_options::recursive);
    const StateFiles files = *ListStateFiles(scratch.files, scratch.options.directory);
    ASSERT_EQ(files.changelogs.size(), 6u);
    StateMap expected;
    std::unique_ptr<Store> store;
    for (const VersionId& id : files.changelogs) {
      ReplayByHand(Slurp(ChangelogPath(partition.string(), id.version, id.unique_id)), &expected);
      store = scratch.Open(id.version, id.unique_id);
      ASSERT_NE(store, nullptr);
      EXPECT_EQ(ReadAll(*store), expected) << partition << " version " << id.version;
    }
    store->Put(KeyIn(1, "of ours"), "value");
    const PreparedVersion ours = Commit(scratch.files, *store);
    const Changelog written = *ReadChangelog(ours.changelog_bytes, CompressionCodec::kLz4);
    EXPECT_EQ(written.format, 4);
    // From the snapshot of version 5 on.
    EXPECT_EQ(written.lineage, std::vector<VersionId>(files.changelogs.begin() + 4, files.changelogs.end()));
    EXPECT_EQ(ReadAll(*scratch.Open(7, ours.unique_id)), ReadAll(*store));
  }
}

// The bytes before the records, as Spark writes them.
TEST(StoreSparkFormat2, HeadersAreSparksByteForByte) {
  for (const fs::path& partition : Partitions("e_ckptv2")) {
    StoreDirectory scratch;
    const StateFiles files = *ListStateFiles(scratch.files, partition.string());
    for (const VersionId& id : files.changelogs) {
      const Result<Changelog> changelog =
          ReadChangelog(Slurp(ChangelogPath(partition.string(), id.version, id.unique_id)), CompressionCodec::kLz4);
      ASSERT_TRUE(changelog.ok()) << changelog.status().ToString();
      EXPECT_EQ(changelog->lineage.empty(), id.version == 1);
      const std::string header = HeaderWithLineage(changelog->lineage);
      EXPECT_EQ(changelog->content.substr(0, header.size()), header);
      EXPECT_EQ(changelog->offsets.empty() ? header.size() : changelog->offsets.front(), header.size());
    }
  }
}

class StoreSparkRowChecksums : public ::testing::TestWithParam<std::string> {};

// Every checksum matches; taken off the deletes and put back, the bytes are Spark's.
TEST_P(StoreSparkRowChecksums, ChangelogsComeBackByteForByte) {
  StoreDirectory scratch;
  int deletes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kGolden / "spark-4.3.0" / GetParam() / "ckpt/state/0")) {
    if (entry.path().extension() != ".changelog") {
      continue;
    }
    Result<Changelog> changelog = ReadChangelog(Slurp(entry.path()), CompressionCodec::kLz4);
    ASSERT_TRUE(changelog.ok()) << changelog.status().ToString();
    const std::string sparks = changelog->content;
    const Status verified = VerifyChangelog(&*changelog, "");
    ASSERT_TRUE(verified.ok()) << entry.path() << ": " << verified.ToString();
    deletes += changelog->content != sparks ? 1 : 0;
    EXPECT_EQ(ChecksumDeletes(changelog->content, kChangelogHeader.size()), sparks);
  }
  EXPECT_GT(deletes, 1);
}

INSTANTIATE_TEST_SUITE_P(Golden, StoreSparkRowChecksums,
                         ::testing::Values("row_checksum_avro", "row_checksum_unsaferow"),
                         [](const auto& fixture) { return fixture.param; });

}  // namespace
}  // namespace hf
