// SPDX-License-Identifier: Apache-2.0
#include "state/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "base/check.h"
#include "state/changelog.h"
#include "state/snapshot.h"
#include "state/store_testing.h"

namespace hf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class StoreTest : public ::testing::Test {
 protected:
  std::string Value(Store& store, std::string_view key) {
    std::string value;
    const Result<bool> found = store.Get(key, &value);
    EXPECT_TRUE(found.ok()) << found.status().ToString();
    return found.ok() && *found ? value : "(none)";
  }
  // A store at version 1 with the user family "v" and the internal family "$i".
  std::unique_ptr<Store> NewStore() {
    std::unique_ptr<Store> store = directory_.Open(0);
    v_ = *store->EnsureFamily("v");
    internal_ = *store->EnsureFamily("$i");
    Commit(directory_.files, *store);
    return store;
  }
  std::string V(std::string_view key) const { return KeyIn(v_, key); }
  std::string I(std::string_view key) const { return KeyIn(internal_, key); }
  SnapshotMetadata Metadata(StateVersion version) {
    return ReadSnapshot(directory_.files, directory_.options.directory, version)->metadata;
  }

  StoreDirectory directory_;
  FamilyId v_ = 0;
  FamilyId internal_ = 0;
};

TEST_F(StoreTest, BeginsWithTheDefaultFamilyAndPublishesVersionOne) {
  const auto store = directory_.Open(0);
  EXPECT_EQ(store->version(), 0);
  EXPECT_EQ(store->FindFamily("default"), 1);
  const PreparedVersion prepared = Commit(directory_.files, *store);
  EXPECT_TRUE(prepared.publish_now);
  EXPECT_THAT(directory_.Names(), ElementsAre("1.changelog", "1.zip"));
  EXPECT_EQ(Metadata(1).families.families.size(), 1u);
}

TEST_F(StoreTest, ReadsSeeTheCurrentBatch) {
  const auto store = NewStore();
  store->Put(V("a"), "1");
  store->Merge(V("b"), "2");
  store->Merge(V("b"), "3");
  EXPECT_EQ(Value(*store, V("a")), "1");
  EXPECT_EQ(Value(*store, V("b")), "23");
  store->Delete(V("a"));
  EXPECT_EQ(Value(*store, V("a")), "(none)");
  store->Merge(V("a"), "4");
  EXPECT_EQ(Value(*store, V("a")), "4");
  Commit(directory_.files, *store);
  EXPECT_EQ(ReadAll(*store), (StateMap{{V("a"), "4"}, {V("b"), "23"}}));
}

TEST_F(StoreTest, AbortForgetsOperationsAndFamilies) {
  const auto store = NewStore();
  store->Put(V("a"), "1");
  Commit(directory_.files, *store);
  store->Put(V("a"), "2");
  const FamilyId lost = *store->EnsureFamily("w");
  store->Put(KeyIn(lost, "x"), "3");
  store->Abort();
  EXPECT_EQ(ReadAll(*store), (StateMap{{V("a"), "1"}}));
  EXPECT_EQ(store->FindFamily("w"), std::nullopt);
  store->Put(V("a"), "5");
  ASSERT_TRUE(store->Prepare({}).ok());
  EXPECT_EQ(Value(*store, V("a")), "5");
  store->Abort();
  EXPECT_EQ(Value(*store, V("a")), "1");
  EXPECT_EQ(store->version(), 2);
  EXPECT_EQ(*store->EnsureFamily("w"), lost) << "an id that was never committed is free";
}

TEST_F(StoreTest, OperationsAfterPrepareAreRefused) {
  const auto store = NewStore();
  ASSERT_TRUE(store->Prepare({}).ok());
  EXPECT_THROW(store->Put(V("a"), "1"), InvariantError);
  EXPECT_THROW((void)store->Prepare({}), InvariantError);
}

TEST_F(StoreTest, ConfirmBeforePublishNowIsRefused) {
  const auto store = directory_.Open(0);
  ASSERT_TRUE(store->Prepare({})->publish_now);
  EXPECT_THROW(store->Confirm(), InvariantError);
}

TEST_F(StoreTest, AfterAbortOfAPublishedVersionTheStoreIsOver) {
  const auto store = directory_.Open(0);
  ASSERT_TRUE(store->Prepare({}).ok());
  ASSERT_TRUE(store->PublishNow().ok());
  store->Abort();
  EXPECT_THROW(store->Put("\1\1k", "v"), InvariantError);
  EXPECT_EQ(store->BeginSnapshot(true), nullptr);
}

TEST_F(StoreTest, CellsAndBatchTableBecomeOneSortedChangelog) {
  const auto store = NewStore();
  store->Merge(V("m"), "list");
  store->Put(V("d"), "gone");
  Commit(directory_.files, *store);
  store->Merge(V("b"), "2");
  std::string key_c = V("c");
  std::string key_a = V("a");
  std::string key_d = V("d");
  std::string key_absent = V("absent");
  std::vector<StateRecord> cells = {{StateOp::kPut, key_c, "3", std::nullopt},
                                    {StateOp::kDelete, key_d, {}, true},
                                    {StateOp::kDelete, key_absent, {}, false},
                                    {StateOp::kPut, key_a, "1", false}};
  const PreparedVersion prepared = Commit(directory_.files, *store, cells);
  EXPECT_EQ(prepared.rows_put, 3);
  EXPECT_EQ(prepared.rows_removed, 1);
  EXPECT_EQ(prepared.changelog_path, directory_.Path("3.changelog"));
  const Changelog changelog = *ReadChangelog(prepared.changelog_bytes, CompressionCodec::kLz4);
  ASSERT_EQ(changelog.offsets.size(), 4u) << "a delete of an absent key has no effect";
  EXPECT_EQ(changelog.record(0).key, key_a);
  EXPECT_EQ(changelog.record(1).op, StateOp::kMerge);
  EXPECT_EQ(changelog.record(3).op, StateOp::kDelete);
  EXPECT_EQ(store->counts().keys, 4);
}

TEST_F(StoreTest, AKeyChangedInTwoPlacesIsOurMistake) {
  const auto store = NewStore();
  std::string key = V("a");
  std::vector<StateRecord> cells = {{StateOp::kPut, key, "1", false}, {StateOp::kPut, key, "2", false}};
  EXPECT_EQ(store->Prepare(cells).status().kind(), ErrorKind::kInternal);
  store->Abort();
  store->Put(key, "1");
  EXPECT_EQ(store->Prepare(std::span(cells).first(1)).status().kind(), ErrorKind::kInternal);
}

TEST_F(StoreTest, EveryOperationModeKeepsCallOrder) {
  directory_.options.log_every_operation = true;
  const auto store = NewStore();
  store->Put(V("z"), "1");
  store->Delete(V("absent"));
  store->Merge(V("a"), "2");
  store->Put(V("z"), "3");
  const PreparedVersion prepared = Commit(directory_.files, *store);
  const Changelog changelog = *ReadChangelog(prepared.changelog_bytes, CompressionCodec::kLz4);
  ASSERT_EQ(changelog.offsets.size(), 4u);
  EXPECT_EQ(changelog.record(0).value, "1");
  EXPECT_EQ(changelog.record(1).op, StateOp::kDelete);
  EXPECT_EQ(changelog.record(2).op, StateOp::kMerge);
  EXPECT_EQ(changelog.record(3).value, "3");
  EXPECT_EQ(ReadAll(*store), ReadAll(*directory_.Open(2)));
}

TEST_F(StoreTest, CountsUserAndInternalKeys) {
  const auto store = NewStore();
  store->Put(V("a"), "1");
  store->Put(V("b"), "1");
  store->Put(I("a"), "1");
  store->Merge(V("l"), "1");
  Commit(directory_.files, *store);
  store->Delete(V("a"));
  store->Delete(V("never"));
  store->Put(V("b"), "2");
  store->Merge(V("l"), "2");
  store->Delete(I("a"));
  Commit(directory_.files, *store);
  EXPECT_EQ(store->counts().keys, 2);
  EXPECT_EQ(store->counts().internal_keys, 0);
  TakeSnapshot(*store);
  EXPECT_EQ(Metadata(3).keys, 2);
  EXPECT_EQ(Metadata(3).internal_keys, 0);
  EXPECT_EQ(directory_.Open(3)->counts().keys, 2);
}

TEST_F(StoreTest, RemovedFamiliesLoseTheirKeysAndNeverGetTheirIdBack) {
  auto store = NewStore();
  store->Put(V("a"), "1");
  Commit(directory_.files, *store);
  ASSERT_TRUE(store->RemoveFamily("v").ok());
  ASSERT_TRUE(store->RemoveFamily("never there").ok());
  EXPECT_TRUE(Commit(directory_.files, *store).publish_now);
  EXPECT_THAT(ReadAll(*store), IsEmpty());
  EXPECT_EQ(store->counts().keys, 0);
  store = directory_.Open(3);
  EXPECT_EQ(store->FindFamily("v"), std::nullopt);
  EXPECT_EQ(*store->EnsureFamily("v"), internal_ + 1);
}

TEST_F(StoreTest, SnapshotIsDueAfterTenVersionsOrWhenDeltasAreLarge) {
  const auto store = NewStore();
  for (int i = 0; i < 9; ++i) {
    store->Put(V("a"), "1");
    Commit(directory_.files, *store);
    EXPECT_EQ(store->BeginSnapshot(false), nullptr);
  }
  store->Put(V("a"), "1");
  Commit(directory_.files, *store);
  const auto job = store->BeginSnapshot(false);
  ASSERT_NE(job, nullptr);
  EXPECT_EQ(job->version(), 11);
  EXPECT_EQ(store->BeginSnapshot(true), nullptr) << "one at a time";
  ASSERT_TRUE(job->Run().ok());
  store->Adopt(*job);
  EXPECT_EQ(store->counts().delta_bytes, 0);
  EXPECT_EQ(store->BeginSnapshot(true), nullptr) << "the version has one";

  directory_.options.delta_bytes_max = 1000;
  const auto small = directory_.Open(11);
  small->Put(V("a"), std::string(2000, 'x'));
  Commit(directory_.files, *small);
  EXPECT_NE(small->BeginSnapshot(false), nullptr);
}

TEST_F(StoreTest, AFailedJobMayBeFollowedByAnother) {
  const auto store = NewStore();
  store->Put(V("a"), "1");
  Commit(directory_.files, *store);
  auto job = store->BeginSnapshot(true);
  ASSERT_NE(job, nullptr);
  job.reset();  // never ran
  TakeSnapshot(*store);
  EXPECT_TRUE(directory_.Has("2.zip"));
}

TEST_F(StoreTest, UnchangedSstsAreUploadedOnceAlsoAfterRecovery) {
  auto store = NewStore();
  store->Put(V("a"), "1");
  Commit(directory_.files, *store);
  TakeSnapshot(*store);
  const std::string first = Metadata(2).ssts.at(0).dfs_name;
  store->Put(V("b"), "2");
  Commit(directory_.files, *store);
  TakeSnapshot(*store);
  store = directory_.Open(3);
  store->Put(V("c"), "3");
  Commit(directory_.files, *store);
  TakeSnapshot(*store);
  const SnapshotMetadata metadata = Metadata(4);
  ASSERT_EQ(metadata.ssts.size(), 3u);
  EXPECT_EQ(metadata.ssts[0].dfs_name, first);
  EXPECT_EQ(directory_.Names("SSTs").size(), 3u);
}

TEST_F(StoreTest, PublishNowReplacesWhatAFailedAttemptLeft) {
  auto store = NewStore();
  store->Put(V("a"), "1");
  Commit(directory_.files, *store);
  *store->EnsureFamily("wrong");
  ASSERT_TRUE(store->Prepare({}).ok());
  ASSERT_TRUE(store->PublishNow().ok());  // and then the process dies
  store = directory_.Open(2);
  *store->EnsureFamily("right");
  ASSERT_TRUE(store->Prepare({}).ok());
  ASSERT_TRUE(store->PublishNow().ok());
  store->Confirm();
  const auto again = directory_.Open(3);
  EXPECT_TRUE(again->FindFamily("right").has_value());
  EXPECT_FALSE(again->FindFamily("wrong").has_value());
}

TEST_F(StoreTest, WithoutChangelogsEveryVersionIsASnapshot) {
  directory_.options.changelog = false;
  const auto store = NewStore();
  for (int i = 0; i < 20; ++i) {
    store->Put(V(std::to_string(i)), "1");
    store->Merge(V("list"), "e");
    EXPECT_EQ(Commit(directory_.files, *store).changelog_path, "");
  }
  EXPECT_EQ(directory_.Names().size(), 21u);
  for (const StateVersion version : {1, 2, 9, 10, 20, 21}) {
    const auto old = directory_.Open(version);
    EXPECT_EQ(old->counts().keys, version == 1 ? 0 : version);
    EXPECT_EQ(ReadAll(*old).size(), static_cast<std::size_t>(version == 1 ? 0 : version));
  }
}

TEST_F(StoreTest, ReopensEveryVersionFromSnapshotsAndChangelogs) {
  directory_.options.min_deltas_for_snapshot = 4;
  auto store = NewStore();
  std::map<StateVersion, StateMap> expected;
  expected[1] = {};
  for (int i = 2; i <= 12; ++i) {
    store->Put(V("k" + std::to_string(i % 7)), std::to_string(i));
    store->Merge(V("list"), std::to_string(i));
    store->Delete(V("k" + std::to_string((i + 3) % 7)));
    Commit(directory_.files, *store);
    expected[i] = ReadAll(*store);
    if (const auto job = store->BeginSnapshot(false); job != nullptr) {
      ASSERT_TRUE(job->Run().ok());
      store->Adopt(*job);
      EXPECT_EQ(ReadAll(*store), expected[i]);
    }
  }
  for (const auto& [version, content] : expected) {
    const auto reopened = directory_.Open(version);
    EXPECT_EQ(ReadAll(*reopened), content) << version;
    EXPECT_EQ(reopened->counts().keys, static_cast<std::int64_t>(content.size())) << version;
  }
}

TEST_F(StoreTest, DelimiterJoinsElementsEverywhere) {
  directory_.options.list_delimiter = ",";
  auto store = NewStore();
  store->Put(V("l"), "1");
  Commit(directory_.files, *store);
  TakeSnapshot(*store);
  store->Merge(V("l"), "2");
  store->Merge(V("l"), "3");
  EXPECT_EQ(Value(*store, V("l")), "1,2,3");
  Commit(directory_.files, *store);
  store->Merge(V("l"), "4");
  EXPECT_EQ(Value(*store, V("l")), "1,2,3,4");
  Commit(directory_.files, *store);
  TakeSnapshot(*store);
  EXPECT_EQ(Value(*store, V("l")), "1,2,3,4");
  EXPECT_EQ(Value(*directory_.Open(3), V("l")), "1,2,3");
}

TEST_F(StoreTest, UnsupportedOptionsAreRefusedByName) {
  directory_.options.list_delimiter = ";";
  EXPECT_EQ(directory_.OpenStatus(0).kind(), ErrorKind::kInvalid);
}

TEST_F(StoreTest, ScratchIsGoneWithTheStore) {
  {
    const auto store = NewStore();
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory_.options.scratch_directory));
}

// A job runs while batches go on; every read must see each element exactly once.
TEST_F(StoreTest, BatchesGoOnWhileASnapshotIsMade) {
  const auto store = NewStore();
  std::map<std::string, std::string> expected;
  SeededRandom random(3);
  for (int round = 0; round < 30; ++round) {
    const auto job = store->BeginSnapshot(true);
    Status ran;
    std::thread maintenance([&] {
      if (job != nullptr) {
        ran = job->Run();
      }
    });
    for (int batch = 0; batch < 3; ++batch) {
      for (int i = 0; i < 50; ++i) {
        const std::string key = V(std::to_string(random.Below(200)));
        store->Merge(key, "x");
        expected[key] += "x";
        EXPECT_EQ(Value(*store, key), expected[key]);
      }
      Commit(directory_.files, *store);
    }
    EXPECT_EQ(ReadAll(*store), expected);
    maintenance.join();
    ASSERT_TRUE(ran.ok()) << ran.ToString();
    if (job != nullptr) {
      store->Adopt(*job);
    }
    EXPECT_EQ(ReadAll(*store), expected);
  }
  EXPECT_EQ(store->counts().keys, static_cast<std::int64_t>(expected.size()));
  EXPECT_EQ(ReadAll(*directory_.Open(store->version())), expected);
}

TEST_F(StoreTest, AJobThatOutlivesItsStoreDoesNoHarm) {
  auto store = NewStore();
  store->Put(V("a"), "1");
  Commit(directory_.files, *store);
  const auto job = store->BeginSnapshot(true);
  store.reset();
  store = directory_.Open(2);
  static_cast<void>(job->Run());
  store->Put(V("b"), "1");
  Commit(directory_.files, *store);
  TakeSnapshot(*store);
  EXPECT_EQ(ReadAll(*directory_.Open(3)).size(), 2u);
}

TEST_F(StoreTest, PurgeKeepsWhatTheLastVersionsNeed) {
  const auto store = NewStore();
  std::map<StateVersion, StateMap> expected;
  for (int i = 2; i <= 250; ++i) {
    store->Put(V("k" + std::to_string(i % 20)), std::to_string(i));
    Commit(directory_.files, *store);
    expected[i] = ReadAll(*store);
    if (const auto job = store->BeginSnapshot(false); job != nullptr) {
      ASSERT_TRUE(job->Run().ok());
      store->Adopt(*job);
      ASSERT_TRUE(store->Purge(100).ok());
    }
  }
  // Snapshots are at 1, 11, ..., 241; the newest less 99 is 142, so 141 is the oldest one needed.
  EXPECT_FALSE(directory_.Has("131.zip"));
  EXPECT_FALSE(directory_.Has("140.changelog"));
  EXPECT_TRUE(directory_.Has("141.zip"));
  EXPECT_TRUE(directory_.Has("142.changelog"));
  for (StateVersion version = 142; version <= 250; version += 12) {
    ASSERT_EQ(ReadAll(*directory_.Open(version)), expected[version]) << version;
  }
  std::set<std::string> named;
  for (StateVersion version = 141; version <= 241; version += 10) {
    for (const SnapshotSst& sst : Metadata(version).ssts) {
      named.insert(sst.dfs_name);
    }
  }
  EXPECT_THAT(directory_.Names("SSTs"), ::testing::ElementsAreArray(named));
}

TEST_F(StoreTest, PurgeSparesForeignAndNewerFiles) {
  directory_.options.min_deltas_for_snapshot = 1;
  const auto store = NewStore();
  const auto advance = [&](int versions) {
    for (int i = 0; i < versions; ++i) {
      store->Put(V("k"), "v");
      Commit(directory_.files, *store);
      TakeSnapshot(*store);
    }
  };
  advance(5);
  // Somebody has published a snapshot of the future, and uploads SSTs for another one.
  ASSERT_TRUE(directory_.files.PutNew(directory_.Path("SSTs/000097-orphan.sst"), "of an attempt long ago").ok());
  std::filesystem::last_write_time(directory_.Path("SSTs/000097-orphan.sst"),
                                   std::filesystem::file_time_type::clock::now() - std::chrono::hours(24));
  ASSERT_TRUE(directory_.files.PutNew(directory_.Path("SSTs/000098-future.sst"), "named by 90.zip").ok());
  ASSERT_TRUE(directory_.files.PutNew(directory_.Path("SSTs/notes.txt"), "not ours").ok());
  const Snapshot future{
      .metadata = {.ssts = {{"000098.sst", "000098-future.sst", 15}}, .keys = 1, .internal_keys = 0, .families = {}},
      .small_files = {{"CURRENT", "MANIFEST-000001\n"}}};
  ASSERT_TRUE(directory_.files.PutNew(directory_.Path("90.zip"), *EncodeSnapshotZip(future)).ok());
  advance(20);
  ASSERT_TRUE(directory_.files.PutNew(directory_.Path("SSTs/000099-x.sst"), "being uploaded").ok());
  ASSERT_TRUE(store->Purge(3).ok());
  EXPECT_FALSE(directory_.Has("5.zip"));
  EXPECT_FALSE(directory_.Has("SSTs/000097-orphan.sst"));
  EXPECT_TRUE(directory_.Has("SSTs/000099-x.sst"));
  EXPECT_TRUE(directory_.Has("90.zip"));
  EXPECT_TRUE(directory_.Has("SSTs/000098-future.sst"));
  EXPECT_TRUE(directory_.Has("SSTs/notes.txt"));
}

TEST_F(StoreTest, PurgeDeletesNothingWhileANeededSnapshotIsUnreadable) {
  directory_.options.min_deltas_for_snapshot = 1;
  auto store = NewStore();
  for (int i = 0; i < 20; ++i) {
    store->Put(V("k"), "v");
    Commit(directory_.files, *store);
    TakeSnapshot(*store);
  }
  ASSERT_TRUE(directory_.files.Replace(directory_.Path("20.zip"), "no zip").ok());
  store = directory_.Open(21);
  LoggedLines lines;
  ASSERT_TRUE(store->Purge(5).ok());
  EXPECT_TRUE(directory_.Has("2.zip"));
  EXPECT_THAT(lines.text(), HasSubstr("20.zip"));
}

// Another engine may have tried the other checkpoint format and died: what it left leads nowhere.
TEST_F(StoreTest, AnIdentifiedSnapshotIsNoneOfACheckpointWithoutIds) {
  auto store = NewStore();
  for (int i = 0; i < 6; ++i) {
    store->Put(V("k"), "v");
    Commit(directory_.files, *store);
  }
  ASSERT_TRUE(directory_.files.PutNew(directory_.Path("4_1b9d6bcd-0000-4000-8000-000000000000.zip"), "failed").ok());
  ASSERT_TRUE(store->Purge(2).ok());
  EXPECT_TRUE(directory_.Has("1.zip") && directory_.Has("2.changelog"));
}

TEST_F(StoreTest, RemoveVersionsAboveTakesChecksumsAlong) {
  const auto store = NewStore();
  store->Put(V("k"), "v");
  Commit(directory_.files, *store);
  for (const char* name : {"3.changelog", "3.zip", "4.changelog", "3_1b9d6bcd.zip", "notes"}) {
    ASSERT_TRUE(directory_.files.PutNew(directory_.Path(name), "left by an attempt").ok());
  }
  ASSERT_TRUE(directory_.files.PutNew(directory_.Path("3.changelog.crc"), "{}").ok());
  ASSERT_TRUE(directory_.files.PutNew(directory_.Path("7.zip.crc"), "{}").ok());
  ASSERT_TRUE(directory_.files.Sync().ok());
  ASSERT_TRUE(RemoveVersionsAbove(directory_.files, directory_.options.directory, 2).ok());
  EXPECT_THAT(directory_.Names(), ElementsAre("1.changelog", "1.zip", "2.changelog", "3_1b9d6bcd.zip", "notes"));
  EXPECT_FALSE(std::filesystem::exists(directory_.Path(".3.changelog.crc")));
  EXPECT_TRUE(RemoveVersionsAbove(directory_.files, directory_.Path("absent"), 0).ok());
}

}  // namespace
}  // namespace hf
