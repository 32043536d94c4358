// SPDX-License-Identifier: Apache-2.0
// Checkpoint format 2: files with ids, the lineage that ties them together, and their visible checksums.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "state/changelog.h"
#include "state/state_files.h"
#include "state/store_testing.h"

namespace hf {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class StoreFormat2 : public ::testing::Test {
 protected:
  StoreFormat2() {
    directory_.options.unique_ids = true;
    directory_.options.codec = CompressionCodec::kNone;
  }

  // Commits versions up to `last`, each with a key of its own, and a snapshot at each of `snapshots`.
  void CommitTo(StateVersion last, const std::set<StateVersion>& snapshots = {}) {
    if (store_ == nullptr) {
      store_ = directory_.Open(0);
    }
    while (store_->version() < last) {
      const StateVersion next = store_->version() + 1;
      store_->Put(KeyIn(1, fmt::format("k{}", next)), fmt::format("v{}", next));
      store_->Merge(KeyIn(1, "list"), fmt::format("e{}", next));
      ids_[next] = Commit(directory_.files, *store_).unique_id;
      states_[next] = ReadAll(*store_);
      if (snapshots.contains(next)) {
        TakeSnapshot(*store_);
      }
    }
  }
  void ExpectEveryVersion(StateVersion first, StateVersion last) {
    for (StateVersion version = first; version <= last; ++version) {
      const auto store = directory_.Open(version, ids_[version]);
      ASSERT_NE(store, nullptr);
      EXPECT_EQ(ReadAll(*store), states_[version]) << "version " << version;
    }
  }
  [[nodiscard]] std::string Name(StateVersion version, std::string_view suffix) const {
    return fmt::format("{}_{}{}", version, ids_.at(version), suffix);
  }
  [[nodiscard]] std::vector<StateVersion> LineageOf(StateVersion version) {
    const auto file = directory_.files.Read(directory_.Path(Name(version, ".changelog")));
    const Result<Changelog> changelog = ReadChangelog(*file, CompressionCodec::kNone);
    EXPECT_TRUE(changelog.ok() && changelog->format == 4);
    std::vector<StateVersion> versions;
    for (const VersionId& id : changelog->lineage) {
      EXPECT_EQ(id.unique_id, ids_[id.version]);
      versions.push_back(id.version);
    }
    return versions;
  }
  // Turns a byte in the middle round; `hidden`: the hidden checksum file goes, so that only the visible one is left.
  void Damage(const std::string& name, bool hidden = true) {
    std::fstream file(directory_.Path(name), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(0, std::ios::end);
    const auto middle = static_cast<std::streamoff>(file.tellg()) / 2;
    file.seekg(middle);
    const char byte = static_cast<char>(~file.get());
    file.seekp(middle);
    file.put(byte);
    if (hidden) {
      fs::remove(directory_.Path("." + name + ".crc"));
    }
  }
  void Remove(const std::string& name) { ASSERT_TRUE(directory_.files.Delete(directory_.Path(name)).ok()); }

  StoreDirectory directory_;
  std::unique_ptr<Store> store_;
  std::map<StateVersion, std::string> ids_;
  std::map<StateVersion, StateMap> states_;
};

TEST_F(StoreFormat2, EveryVersionReadsByItsId) {
  CommitTo(7, {3, 5});
  EXPECT_EQ(std::set<std::string>({ids_[1], ids_[2], ids_[3]}).size(), 3u);
  EXPECT_TRUE(directory_.Has(Name(1, ".zip")) && directory_.Has(Name(3, ".zip")) &&
              directory_.Has(Name(7, ".changelog")));
  EXPECT_EQ(states_[7][KeyIn(1, "list")], "e1e2e3e4e5e6e7");
  ExpectEveryVersion(1, 7);
}

TEST_F(StoreFormat2, TheLineageBeginsAtTheNewestSnapshot) {
  CommitTo(4, {3});
  store_ = directory_.Open(4, ids_[4]);
  CommitTo(6);
  EXPECT_EQ(LineageOf(1), std::vector<StateVersion>());
  EXPECT_EQ(LineageOf(2), std::vector<StateVersion>({1}));
  EXPECT_EQ(LineageOf(3), std::vector<StateVersion>({1, 2}));
  EXPECT_EQ(LineageOf(4), std::vector<StateVersion>({3}));
  EXPECT_EQ(LineageOf(6), std::vector<StateVersion>({3, 4, 5}));
}

TEST_F(StoreFormat2, AnAttemptThatFailedIsNobodysVersion) {
  CommitTo(2);
  {
    const auto failed = directory_.Open(2, ids_[2]);
    failed->Put(KeyIn(1, "k3"), "lost");
    ASSERT_TRUE(failed->EnsureFamily("lost").ok());
    const PreparedVersion lost = Commit(directory_.files, *failed);
    EXPECT_TRUE(directory_.Has(fmt::format("3_{}.zip", lost.unique_id)));
  }
  ASSERT_TRUE(RemoveVersionsAbove(directory_.files, directory_.options.directory, 2).ok());
  EXPECT_EQ(ListStateFiles(directory_.files, directory_.options.directory)->changelogs.size(), 3u);
  store_ = directory_.Open(2, ids_[2]);
  CommitTo(4);
  ExpectEveryVersion(1, 4);
  // The snapshot of the attempt is not taken for version 3's: what version 3 needs stays.
  ASSERT_TRUE(store_->Purge(1).ok());
  ExpectEveryVersion(1, 4);
  store_ = directory_.Open(4, ids_[4]);
  TakeSnapshot(*store_);
  ASSERT_TRUE(store_->Purge(1).ok());
  EXPECT_EQ(directory_.Names(), (std::vector<std::string>{Name(4, ".changelog"), Name(4, ".changelog.crc"),
                                                          Name(4, ".zip"), Name(4, ".zip.crc")}));
  ExpectEveryVersion(4, 4);
}

TEST_F(StoreFormat2, ADamagedSnapshotLeadsToTheOneBeforeIt) {
  CommitTo(6, {3, 5});
  Damage(Name(5, ".zip"));
  LoggedLines logged;
  ExpectEveryVersion(5, 6);
  EXPECT_THAT(logged.text(), HasSubstr(Name(5, ".zip")));
  Damage(Name(3, ".zip"));
  ExpectEveryVersion(3, 6);
  // From a store that fell back the lineage goes on from the older snapshot.
  store_ = directory_.Open(6, ids_[6]);
  CommitTo(7);
  EXPECT_EQ(LineageOf(7), std::vector<StateVersion>({1, 2, 3, 4, 5, 6}));
  Damage(Name(1, ".zip"));
  const Status status = directory_.OpenStatus(6, ids_[6]);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.kind(), ErrorKind::kCorrupt);
  EXPECT_THAT(status.ToString(), HasSubstr("version 6 of"));
  EXPECT_THAT(status.ToString(), HasSubstr(Name(5, ".zip")));
}

TEST_F(StoreFormat2, ALineageThatLeadsNowhereNamesFileAndVersion) {
  CommitTo(6, {3});
  Remove(Name(3, ".zip"));
  ExpectEveryVersion(4, 6);  // by version 1's
  Remove(Name(3, ".changelog"));
  const Status status = directory_.OpenStatus(6, ids_[6]);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.kind(), ErrorKind::kCorrupt);
  EXPECT_THAT(status.ToString(), HasSubstr("version 6 of"));
  EXPECT_THAT(status.ToString(), HasSubstr(Name(3, ".changelog")));
  const Status no_file = directory_.OpenStatus(6, ids_[5]);
  ASSERT_FALSE(no_file.ok());
  EXPECT_EQ(no_file.kind(), ErrorKind::kCorrupt);
  EXPECT_THAT(no_file.ToString(), HasSubstr(fmt::format("6_{}.changelog", ids_[5])));
}

TEST_F(StoreFormat2, AMissingChangelogIsNamed) {
  CommitTo(5);
  Remove(Name(3, ".changelog"));
  const Status status = directory_.OpenStatus(5, ids_[5]);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.kind(), ErrorKind::kCorrupt);
  EXPECT_THAT(status.ToString(), HasSubstr(Name(3, ".changelog") + " is missing"));
}

TEST_F(StoreFormat2, ALineageWithAHoleIsCorrupt) {
  CommitTo(3);
  std::string content = HeaderWithLineage(std::vector<VersionId>{{1, ids_[1]}});
  content.push_back(kChangelogEnd);
  const std::string path = directory_.Path(Name(3, ".changelog"));
  Remove(Name(3, ".changelog"));
  ASSERT_TRUE(directory_.files.PutNew(path, content).ok());
  const Status status = directory_.OpenStatus(3, ids_[3]);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.kind(), ErrorKind::kCorrupt);
  EXPECT_THAT(status.ToString(), HasSubstr(Name(3, ".changelog") + " names version 1 where version 2 belongs"));
}

TEST_F(StoreFormat2, VisibleChecksumsFindWhatTheHiddenOnesCannot) {
  CommitTo(3);
  Damage(Name(2, ".changelog"));
  const Status status = directory_.OpenStatus(3, ids_[3]);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(status.condition(), "CHECKPOINT_FILE_CHECKSUM_VERIFICATION_FAILED");
  EXPECT_THAT(status.ToString(), HasSubstr(Name(2, ".changelog")));
}

TEST_F(StoreFormat2, AVisibleChecksumThatIsNoneIsPassedOver) {
  CommitTo(2);
  std::ofstream(directory_.Path(Name(2, ".changelog.crc"))) << "{\"algorithm\":\"CRC32C\"";
  fs::remove(directory_.Path("." + Name(2, ".changelog.crc") + ".crc"));
  LoggedLines logged;
  ExpectEveryVersion(2, 2);
  EXPECT_THAT(logged.text(), HasSubstr("is not verified"));
}

TEST_F(StoreFormat2, WithoutChangelogsEachVersionIsASnapshot) {
  directory_.options.changelog = false;
  CommitTo(4);
  EXPECT_EQ(ListStateFiles(directory_.files, directory_.options.directory)->changelogs.size(), 0u);
  ExpectEveryVersion(1, 4);
  directory_.options.changelog = true;
  store_ = directory_.Open(4, ids_[4]);
  CommitTo(6);
  EXPECT_EQ(LineageOf(6), std::vector<StateVersion>({4, 5}));
  ExpectEveryVersion(1, 6);
}

TEST_F(StoreFormat2, ASnapshotIsForcedBeforeTheLineageGrowsTooLong) {
  directory_.options.min_deltas_for_snapshot = 1'000'000;
  store_ = directory_.Open(0);
  std::size_t longest = 0;
  std::vector<StateVersion> forced;
  while (store_->version() < 450) {
    const PreparedVersion written = Commit(directory_.files, *store_);
    ids_[written.version] = written.unique_id;
    longest = std::max(longest, written.changelog_bytes.size());
    if (written.publish_now) {
      forced.push_back(written.version);
    }
  }
  ASSERT_EQ(forced.size(), 2u);  // version 1 has a snapshot anyway
  EXPECT_GT(forced[1], 350);
  EXPECT_LT(longest, std::size_t{32} << 10);
  EXPECT_NE(directory_.Open(450, ids_[450]), nullptr);
}

TEST_F(StoreFormat2, AnIdIsAskedForWhereThereIsOne) {
  EXPECT_EQ(directory_.OpenStatus(1).kind(), ErrorKind::kInternal);
  EXPECT_EQ(directory_.OpenStatus(0, "id").kind(), ErrorKind::kInternal);
}

// ---- Row checksums -----------------------------------------------------------------------------------------------

class StoreRowChecksums : public ::testing::TestWithParam<std::tuple<const char*, bool>> {
 protected:
  StoreRowChecksums() {
    directory_.options.row_checksums = true;
    directory_.options.codec = CompressionCodec::kNone;
    directory_.options.list_delimiter = std::get<0>(GetParam());
    directory_.options.log_every_operation = std::get<1>(GetParam());
  }
  StoreDirectory directory_;
};

TEST_P(StoreRowChecksums, NobodyAboveTheStoreSeesThem) {
  const std::string delimiter = std::get<0>(GetParam());
  auto store = directory_.Open(0);
  const std::string value = KeyIn(1, "value");
  const std::string list = KeyIn(1, "list");
  const std::string gone = KeyIn(1, "gone");
  store->Put(value, "one");
  store->Put(gone, "soon");
  store->Put(list, "a");
  store->Merge(list, "bb");
  Commit(directory_.files, *store);
  store->Merge(list, "ccc");
  store->Delete(gone);
  std::string read;
  EXPECT_TRUE(*store->Get(list, &read));
  EXPECT_EQ(read, "a" + delimiter + "bb" + delimiter + "ccc");
  std::string cell_key = KeyIn(1, "cell");
  std::vector<StateRecord> cells;
  if (!directory_.options.log_every_operation) {
    cells.push_back({.op = StateOp::kPut, .key = cell_key, .value = "of a cell"});
  } else {
    store->Put(cell_key, "of a cell");
  }
  Commit(directory_.files, *store, cells);
  const StateMap expected = {
      {value, "one"}, {list, "a" + delimiter + "bb" + delimiter + "ccc"}, {cell_key, "of a cell"}};
  EXPECT_EQ(ReadAll(*store), expected);
  store = directory_.Open(2);  // from changelogs
  EXPECT_EQ(ReadAll(*store), expected);
  TakeSnapshot(*store);
  EXPECT_EQ(ReadAll(*store), expected);
  store = directory_.Open(2);  // from the snapshot
  EXPECT_EQ(ReadAll(*store), expected);
  std::vector<std::string_view> keys = {cell_key, gone, list, value};
  std::map<std::size_t, std::string> found;
  ASSERT_TRUE(store->MultiGet(keys, [&](std::size_t i, std::string_view rows) { found[i] = rows; }).ok());
  EXPECT_EQ(found, (std::map<std::size_t, std::string>{{0, "of a cell"}, {2, expected.at(list)}, {3, "one"}}));
}

TEST_P(StoreRowChecksums, AFlippedBitIsFoundInAChangelogAndNamedWithItsKey) {
  auto store = directory_.Open(0);
  Commit(directory_.files, *store);
  const std::string key = KeyIn(1, "k");
  store->Put(key, "payload");
  Commit(directory_.files, *store);
  const std::string path = directory_.Path("2.changelog");
  std::string bytes = *directory_.files.Read(path);
  bytes[bytes.find("payload")] ^= 1;
  ASSERT_TRUE(directory_.files.Replace(path, bytes).ok());
  const Status status = directory_.OpenStatus(2);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(status.condition(), "STATE_STORE_ROW_CHECKSUM_VERIFICATION_FAILED");
  EXPECT_THAT(status.ToString(), HasSubstr("2.changelog"));
  EXPECT_THAT(status.ToString(), HasSubstr("01006b"));
}

// Version 2 has a snapshot in which a row is not what its checksum says: it was made by one that writes none.
class StoreWithACorruptRow : public StoreRowChecksums {
 protected:
  StoreWithACorruptRow() {
    auto store = directory_.Open(0);
    store->Put(key_, "payload");
    Commit(directory_.files, *store);
    store = nullptr;
    StoreOptions plain = directory_.options;
    plain.row_checksums = false;
    auto other = *Store::Open(plain, 1);
    other->Put(key_, std::string("\1\0\0\0\7\0\0\0payload", 15));
    Commit(directory_.files, *other);
    TakeSnapshot(*other);
  }
  const std::string key_ = KeyIn(1, "k");
};

TEST_P(StoreWithACorruptRow, ItIsFoundInASnapshotWhenItIsRead) {
  const auto store = directory_.Open(2);
  std::string read;
  const Result<bool> got = store->Get(key_, &read);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.status().kind(), ErrorKind::kCorrupt);
  EXPECT_THAT(got.status().ToString(), HasSubstr(directory_.options.directory));
  EXPECT_THAT(got.status().ToString(), HasSubstr("01006b"));
  const std::vector<std::string_view> keys = {key_};
  EXPECT_EQ(store->MultiGet(keys, [](std::size_t, std::string_view) {}).kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(store->ScanRange({}, {}, [](std::string_view, std::string_view) { return true; }).kind(),
            ErrorKind::kCorrupt);
}

TEST_P(StoreWithACorruptRow, NoFurtherSnapshotIsMadeOfIt) {
  auto store = directory_.Open(2);
  store->Put(KeyIn(1, "other"), "fine");
  Commit(directory_.files, *store);
  const std::vector<std::string> before = directory_.Names();
  std::unique_ptr<SnapshotJob> job = store->BeginSnapshot(true);
  ASSERT_NE(job, nullptr);
  const Status published = job->Run();
  job = nullptr;
  ASSERT_FALSE(published.ok());
  EXPECT_EQ(published.kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(published.condition(), "STATE_STORE_ROW_CHECKSUM_VERIFICATION_FAILED");
  EXPECT_THAT(published.ToString(), HasSubstr("01006b"));
  EXPECT_EQ(directory_.Names(), before);
  // Once the row is replaced there is nothing against one.
  store->Put(key_, "payload");
  Commit(directory_.files, *store);
  TakeSnapshot(*store);
  store = directory_.Open(4);
  EXPECT_EQ(ReadAll(*store), (StateMap{{key_, "payload"}, {KeyIn(1, "other"), "fine"}}));
}

INSTANTIATE_TEST_SUITE_P(Kinds, StoreRowChecksums, ::testing::Combine(::testing::Values("", ","), ::testing::Bool()));
INSTANTIATE_TEST_SUITE_P(Kinds, StoreWithACorruptRow,
                         ::testing::Combine(::testing::Values("", ","), ::testing::Bool()));

}  // namespace
}  // namespace hf
