// SPDX-License-Identifier: Apache-2.0
#include "state/rocksdb_base.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "state/store_testing.h"

namespace hf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

std::shared_ptr<const Delta> MakeDelta(const std::vector<ChangelogRecord>& records) {
  std::size_t bytes = 0;
  for (const ChangelogRecord& record : records) {
    bytes += RecordBytes(record.key, record.value);
  }
  DeltaBuilder builder(records.size(), bytes);
  for (const ChangelogRecord& record : records) {
    builder.Add(record.op, record.key, record.value);
  }
  return builder.Finish();
}

class RocksdbBaseTest : public ::testing::Test {
 protected:
  std::shared_ptr<RocksdbBase> Open(const std::string& name = "base") {
    options_.directory = temporary_.path() + "/" + name;
    EXPECT_TRUE(RocksdbBase::MakeDirectories(options_).ok());
    Result<std::shared_ptr<RocksdbBase>> base = RocksdbBase::Open(options_);
    EXPECT_TRUE(base.ok()) << base.status().ToString();
    return base.ok() ? *base : nullptr;
  }
  static void TakeOver(RocksdbBase& base, const std::vector<ChangelogRecord>& records) {
    const auto delta = MakeDelta(records);
    const Delta* pointer = delta.get();
    const Status status = base.TakeOver({&pointer, 1});
    EXPECT_TRUE(status.ok()) << status.ToString();
  }
  static StateMap Content(const BaseView& view, std::string_view begin = {}, std::string_view end = {}) {
    StateMap content;
    const auto cursor = view.Scan(begin, end);
    for (; cursor->valid(); cursor->Next()) {
      content.emplace(cursor->key(), cursor->value());
    }
    EXPECT_TRUE(cursor->status().ok());
    return content;
  }

  test::TempDir temporary_{test::TempDir::Place::kMemory};
  BaseOptions options_;
};

TEST_F(RocksdbBaseTest, MergesWithTheGivenDelimiterAndNoOther) {
  for (const std::string delimiter : {"", ","}) {
    options_.list_delimiter = delimiter;
    const auto base = Open("delimiter" + delimiter);
    TakeOver(*base, {{StateOp::kPut, "kk", "1"}, {StateOp::kMerge, "ll", "1"}});
    TakeOver(*base, {{StateOp::kMerge, "kk", "2"}, {StateOp::kMerge, "ll", ""}});
    TakeOver(*base, {{StateOp::kMerge, "kk", "3"}});
    EXPECT_EQ(Content(*base->View()),
              (StateMap{{"kk", "1" + delimiter + "2" + delimiter + "3"}, {"ll", "1" + delimiter}}));
  }
}

TEST_F(RocksdbBaseTest, AViewDoesNotSeeLaterVersions) {
  const auto base = Open();
  const auto empty = base->View();
  TakeOver(*base, {{StateOp::kPut, "aa", "1"}, {StateOp::kMerge, "bb", "1"}});
  const auto first = base->View();
  for (int i = 0; i < 20; ++i) {  // past a compaction
    TakeOver(*base, {{StateOp::kDelete, "aa", ""}, {StateOp::kMerge, "bb", "2"}, {StateOp::kPut, "cc", "3"}});
  }
  EXPECT_TRUE(empty->empty());
  std::string value;
  EXPECT_FALSE(*empty->Get("aa", &value));
  EXPECT_EQ(Content(*first), (StateMap{{"aa", "1"}, {"bb", "1"}}));
  ASSERT_TRUE(*first->Get("bb", &value));
  EXPECT_EQ(value, "1");
  EXPECT_EQ(Content(*base->View()), (StateMap{{"bb", "1" + std::string(20, '2')}, {"cc", "3"}}));
}

TEST_F(RocksdbBaseTest, MultiGetAnswersSortedKeys) {
  const auto base = Open();
  std::vector<std::string> keys;
  for (int i = 1000; i < 1700; ++i) {
    keys.push_back(std::to_string(i));
  }
  std::vector<ChangelogRecord> records;
  for (std::size_t i = 0; i < keys.size(); i += 3) {
    records.push_back({StateOp::kPut, keys[i], keys[i]});
  }
  TakeOver(*base, records);
  const std::vector<std::string_view> views(keys.begin(), keys.end());
  std::size_t found = 0;
  ASSERT_TRUE(base->View()
                  ->MultiGet(views,
                             [&](std::size_t i, std::string_view value) {
                               EXPECT_EQ(i % 3, 0u);
                               EXPECT_EQ(value, keys[i]);
                               ++found;
                             })
                  .ok());
  EXPECT_EQ(found, records.size());
}

TEST_F(RocksdbBaseTest, CursorsStopAtTheEndAndSkipForward) {
  const auto base = Open();
  std::vector<std::string> keys;
  for (int i = 100; i < 200; ++i) {
    keys.push_back(std::to_string(i));
  }
  std::vector<ChangelogRecord> records;
  for (const std::string& key : keys) {
    records.push_back({StateOp::kPut, key, "v"});
  }
  TakeOver(*base, records);
  const auto view = base->View();
  EXPECT_THAT(Content(*view, "1015", "103"), ElementsAre(Pair("102", "v")));
  const auto cursor = view->Scan("100", "190");
  for (const char* key : {"100", "103", "150", "150"}) {
    cursor->SkipTo(key);
    ASSERT_TRUE(cursor->valid());
    EXPECT_EQ(cursor->key(), key);
  }
  cursor->SkipTo("190");
  EXPECT_FALSE(cursor->valid());
  EXPECT_TRUE(cursor->status().ok());
}

TEST_F(RocksdbBaseTest, ACheckpointOpensElsewhereAndGoesWithItsObject) {
  const auto base = Open();
  TakeOver(*base, {{StateOp::kPut, "aa", "1"}});
  std::string directory;
  {
    auto checkpoint = base->Checkpoint();
    ASSERT_TRUE(checkpoint.ok()) << checkpoint.status().ToString();
    TakeOver(*base, {{StateOp::kPut, "aa", "2"}});
    directory = (*checkpoint)->directory;
    ASSERT_EQ((*checkpoint)->ssts.size(), 1u);
    BaseOptions other = options_;
    other.directory = temporary_.path() + "/other";
    ASSERT_TRUE(RocksdbBase::MakeDirectories(other).ok());
    for (const BaseFile& sst : (*checkpoint)->ssts) {
      std::filesystem::copy(directory + "/" + sst.name, RocksdbBase::DatabaseDirectory(other) + "/" + sst.name);
    }
    for (const auto& [name, content] : (*checkpoint)->small_files) {
      ASSERT_TRUE(RocksdbBase::PutFile(other, name, content).ok());
    }
    const auto opened = RocksdbBase::Open(other);
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    EXPECT_EQ(Content(*(*opened)->View()), (StateMap{{"aa", "1"}}));
    EXPECT_TRUE((*opened)->VerifyChecksums().ok());
  }
  EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST_F(RocksdbBaseTest, OptionsAreThoseOfSpark) {
  const auto base = Open();
  TakeOver(*base, {{StateOp::kPut, "aa", "1"}});
  const auto checkpoint = base->Checkpoint();
  ASSERT_TRUE(checkpoint.ok());
  for (const auto& [name, content] : (*checkpoint)->small_files) {
    if (name.starts_with("OPTIONS-")) {
      for (const char* line :
           {"format_version=5", "checksum=kXXH3", "block_size=4096", "filter_policy=bloomfilter:10:false",
            "compression=kLZ4Compression", "comparator=leveldb.BytewiseComparator", "StringAppendOperator",
            "index_type=kBinarySearch", "prefix_extractor=nullptr"}) {
        EXPECT_THAT(content, HasSubstr(line));
      }
      return;
    }
  }
  FAIL() << "no OPTIONS file";
}

TEST_F(RocksdbBaseTest, NothingIsTakenOverFromEmptyDeltas) {
  const auto base = Open();
  TakeOver(*base, {});
  EXPECT_TRUE(base->View()->empty());
  EXPECT_TRUE((*base->Checkpoint())->ssts.empty());
}

TEST_F(RocksdbBaseTest, ADamagedDatabaseDoesNotOpen) {
  options_.directory = temporary_.path() + "/damaged";
  ASSERT_TRUE(RocksdbBase::MakeDirectories(options_).ok());
  ASSERT_TRUE(RocksdbBase::PutFile(options_, "CURRENT", "MANIFEST-000005\n").ok());
  ASSERT_TRUE(RocksdbBase::PutFile(options_, "MANIFEST-000005", "damaged").ok());
  EXPECT_FALSE(RocksdbBase::Open(options_).ok());
}

TEST_F(RocksdbBaseTest, AViewOutlivesItsBase) {
  auto base = Open();
  TakeOver(*base, {{StateOp::kPut, "aa", "1"}});
  auto view = base->View();
  base.reset();
  EXPECT_EQ(Content(*view).size(), 1u);
  view.reset();
  EXPECT_FALSE(std::filesystem::exists(options_.directory));
}

}  // namespace
}  // namespace hf
