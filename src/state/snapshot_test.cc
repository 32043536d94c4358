// SPDX-License-Identifier: Apache-2.0
#include "state/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "state/store_testing.h"

namespace hf {
namespace {

using ::testing::HasSubstr;

Snapshot Example() {
  return {.metadata = {.ssts = {{"000008.sst", "000008-80e7d502-8f2c-4b52-9c3f-0d1f5f8f6c01.sst", 1726}},
                       .keys = 12,
                       .internal_keys = 16,
                       .families = {.families = {{"default", 1, false}, {"vs", 2, false}, {"$rowCounter_ls", 3, true}},
                                    .id_max = 15}},
          .small_files = {
              {"CURRENT", "MANIFEST-000005\n"}, {"000004.log", ""}, {"MANIFEST-000005", std::string(5000, 'm')}}};
}

TEST(Snapshot, MetadataIsSparksText) {
  EXPECT_EQ(
      EncodeSnapshotMetadata(Example().metadata),
      "v1\n"
      R"({"sstFiles":[{"localFileName":"000008.sst","dfsSstFileName":"000008-80e7d502-8f2c-4b52-9c3f-0d1f5f8f6c01.sst","sizeBytes":1726}],)"
      R"("numKeys":12,"numInternalKeys":16,"columnFamilyMapping":{"default":1,"vs":2,"$rowCounter_ls":3},)"
      R"("columnFamilyTypeMap":{"default":false,"vs":false,"$rowCounter_ls":true},"maxColumnFamilyId":15})");
}

TEST(Snapshot, ZipGivesBackWhatWasPutIn) {
  const Result<std::string> zip = EncodeSnapshotZip(Example());
  ASSERT_TRUE(zip.ok()) << zip.status().ToString();
  EXPECT_LT(zip->size(), 2000u) << "deflated";
  const Result<Snapshot> back = DecodeSnapshotZip(*zip);
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(back->small_files, Example().small_files);
  EXPECT_EQ(EncodeSnapshotMetadata(back->metadata), EncodeSnapshotMetadata(Example().metadata));
  EXPECT_EQ(*EncodeSnapshotZip(Example()), *zip) << "the same content gives the same bytes";
}

TEST(Snapshot, DamagedZipsNeverGiveOtherContent) {
  const std::string zip = *EncodeSnapshotZip(Example());
  for (std::size_t size = 0; size < zip.size(); ++size) {
    EXPECT_EQ(DecodeSnapshotZip(zip.substr(0, size)).status().kind(), ErrorKind::kCorrupt) << size;
  }
  for (std::size_t at = 0; at < zip.size(); ++at) {
    std::string damaged = zip;
    damaged[at] = static_cast<char>(~damaged[at]);
    const Result<Snapshot> back = DecodeSnapshotZip(damaged);
    if (back.ok()) {
      EXPECT_TRUE(back->small_files == Example().small_files) << at;
      EXPECT_EQ(EncodeSnapshotMetadata(back->metadata), EncodeSnapshotMetadata(Example().metadata)) << at;
    }
  }
}

TEST(Snapshot, ImpossibleMetadataIsRefused) {
  const std::string good = EncodeSnapshotMetadata(Example().metadata);
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return ParseSnapshotMetadata(text.replace(at, from.size(), to)).status();
  };
  EXPECT_TRUE(with("\"numKeys\":12", "\"numKeys\":-1").ok());
  EXPECT_EQ(with("v1\n", "v2\n").kind(), ErrorKind::kIncompatible);
  EXPECT_EQ(with("v1\n", "").kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(with("columnFamilyMapping", "mapping").kind(), ErrorKind::kIncompatible);
  EXPECT_EQ(with("\"numKeys\"", "\"logFiles\":[{}],\"numKeys\"").kind(), ErrorKind::kIncompatible);
  for (const auto& [from, to] : {std::pair("\"000008.sst\"", "\"../8.sst\""), std::pair("\"000008-8", "\"../8"),
                                 std::pair("\"vs\":2", "\"vs\":1"), std::pair("\"vs\":2", "\"vs\":16"),
                                 std::pair("\"maxColumnFamilyId\":15", "\"maxColumnFamilyId\":40000"),
                                 std::pair("1726", "-1"), std::pair("\"numKeys\":12", "\"numKeys\":\"12\"")}) {
    EXPECT_EQ(with(from, to).kind(), ErrorKind::kCorrupt) << to;
  }
}

TEST(Snapshot, UnexpectedEntriesAreRefused) {
  for (const char* name : {"../../etc/passwd", "000001.sst", "MANIFEST-", "LOG", "sub/CURRENT"}) {
    Snapshot snapshot = Example();
    snapshot.small_files.emplace_back(name, "x");
    EXPECT_THAT(DecodeSnapshotZip(*EncodeSnapshotZip(snapshot)).status().ToString(), HasSubstr("unexpected entry"))
        << name;
  }
  Snapshot without = Example();
  without.small_files.erase(without.small_files.begin());
  EXPECT_THAT(DecodeSnapshotZip(*EncodeSnapshotZip(without)).status().ToString(), HasSubstr("CURRENT is missing"));
}

// Spark opens such a checkpoint with an empty database; so do we.
TEST(Snapshot, MetadataAloneIsAnEmptyVersion) {
  StoreDirectory directory;
  Snapshot snapshot = Example();
  snapshot.metadata.ssts.clear();
  snapshot.metadata.keys = 0;
  snapshot.metadata.internal_keys = 0;
  snapshot.small_files.clear();
  ASSERT_TRUE(directory.files.PutNew(directory.Path("1.zip"), *EncodeSnapshotZip(snapshot)).ok());
  const auto store = directory.Open(1);
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(store->FindFamily("vs"), 2);
  EXPECT_EQ(ReadAll(*store), StateMap{});
  store->Put(KeyIn(2, "k"), "v");
  Commit(directory.files, *store);
  TakeSnapshot(*store);
  EXPECT_EQ(ReadAll(*directory.Open(2)).size(), 1u);
}

TEST(Snapshot, UncountedKeysAreCountedWhenAskedFor) {
  StoreDirectory directory;
  {
    const auto store = directory.Open(0);
    const FamilyId internal = *store->EnsureFamily("$i");
    store->Put(KeyIn(1, "a"), "v");
    store->Put(KeyIn(internal, "a"), "v");
    store->Put(KeyIn(internal, "b"), "v");
    Commit(directory.files, *store);
    store->Put(KeyIn(1, "b"), "v");
    store->Put(KeyIn(1, "a"), "v2");
    Commit(directory.files, *store);
  }
  Snapshot snapshot = *ReadSnapshot(directory.files, directory.options.directory, 1);
  snapshot.metadata.keys = -1;
  snapshot.metadata.internal_keys = -1;
  ASSERT_TRUE(directory.files.Replace(directory.Path("1.zip"), *EncodeSnapshotZip(snapshot)).ok());
  for (const StateVersion version : {1, 2}) {
    const auto store = directory.Open(version);
    ASSERT_NE(store, nullptr);
    EXPECT_EQ(store->counts().keys, version);
    EXPECT_EQ(store->counts().internal_keys, 2);
  }
}

}  // namespace
}  // namespace hf
