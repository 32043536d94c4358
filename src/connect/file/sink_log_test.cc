// SPDX-License-Identifier: Apache-2.0
#include "connect/file/sink_log.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "files/disk_file_system.h"
#include "files/posix_disk.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

class SinkLogTest : public testing::Test {
 protected:
  SinkLog Open(const CompactibleLogOptions& options = {}) {
    return SinkLog::Open(files_, scratch_ / "out", options).value();
  }
  SinkFile File(std::int64_t number) {
    return {.path = fmt::format("/out/part {}.json", number), .size_bytes = 10, .modified_ms = number};
  }
  std::string Entry(const std::string& name) { return scratch_.Read("out/_spark_metadata/" + name); }
  bool HasEntry(const std::string& name) { return scratch_.Exists("out/_spark_metadata/" + name); }
  std::vector<std::int64_t> Numbers(SinkLog& log) {
    std::vector<std::int64_t> numbers;
    const Result<std::vector<SinkFile>> files = log.AllFiles();
    EXPECT_TRUE(files.ok()) << files.status().ToString();
    for (const SinkFile& file : *files) {
      numbers.push_back(file.modified_ms);
    }
    return numbers;
  }

  test::TempDir scratch_;
  PosixDisk disk_;
  DiskFileSystem files_{disk_};
};

TEST_F(SinkLogTest, AnEntryHasSparksBytes) {
  SinkLog log = Open();
  EXPECT_FALSE(HasSinkLog(files_, scratch_ / "out").value());
  ASSERT_TRUE(log.Add(0, {File(1), File(2)}).ok());
  ASSERT_TRUE(log.Add(1, {}).ok());
  EXPECT_EQ(
      Entry("0"),
      "v1\n"
      R"({"path":"file:///out/part%201.json","size":10,"isDir":false,"modificationTime":1,"blockReplication":1,"blockSize":33554432,"action":"add"})"
      "\n"
      R"({"path":"file:///out/part%202.json","size":10,"isDir":false,"modificationTime":2,"blockReplication":1,"blockSize":33554432,"action":"add"})");
  EXPECT_EQ(Entry("1"), "v1");
  EXPECT_TRUE(HasSinkLog(files_, scratch_ / "out").value());
  EXPECT_EQ(log.LatestBatch().value(), 1);
  EXPECT_EQ(log.AllFiles().value(), (std::vector<SinkFile>{File(1), File(2)}));
}

TEST_F(SinkLogTest, EveryTenthEntryHoldsAllBefore) {
  SinkLog log = Open();
  std::vector<std::int64_t> all;
  for (std::int64_t batch = 0; batch < 25; ++batch) {
    ASSERT_TRUE(log.Add(batch, {File(batch)}).ok());
    all.push_back(batch);
  }
  EXPECT_TRUE(HasEntry("9.compact"));
  EXPECT_TRUE(HasEntry("19.compact"));
  EXPECT_FALSE(HasEntry("19"));
  const std::string compact = Entry("19.compact");
  EXPECT_EQ(std::count(compact.begin(), compact.end(), '\n'), 20);
  EXPECT_EQ(Numbers(log), all);
  for (int batch = 0; batch < 19; ++batch) {
    scratch_.Remove(fmt::format("out/_spark_metadata/{}", batch == 9 ? "9.compact" : std::to_string(batch)));
  }
  SinkLog reopened = Open();
  EXPECT_EQ(Numbers(reopened), all);
}

TEST_F(SinkLogTest, TheIntervalOfTheLogWinsOverTheOption) {
  SinkLog log = Open({.compact_interval = 4});
  for (std::int64_t batch = 0; batch < 9; ++batch) {
    ASSERT_TRUE(log.Add(batch, {File(batch)}).ok());
  }
  SinkLog reopened = Open();
  for (std::int64_t batch = 9; batch < 12; ++batch) {
    ASSERT_TRUE(reopened.Add(batch, {File(batch)}).ok());
  }
  EXPECT_TRUE(HasEntry("11.compact"));
  EXPECT_EQ(Numbers(reopened).size(), 12U);
}

TEST_F(SinkLogTest, AnEntryIsNeverOverwritten) {
  SinkLog log = Open();
  ASSERT_TRUE(log.Add(0, {File(1)}).ok());
  const Status again = log.Add(0, {File(2)});
  EXPECT_EQ(again.kind(), ErrorKind::kConflict);
  EXPECT_EQ(Numbers(log), std::vector<std::int64_t>{1});
}

TEST_F(SinkLogTest, BatchesThatTheLogNeverSawGetEmptyEntries) {
  for (const std::int64_t first : {0, 3, 9, 10, 19, 20, 34}) {
    scratch_.Remove("out");
    SinkLog log = Open();
    ASSERT_TRUE(log.Add(first, {File(first)}).ok()) << first;
    ASSERT_TRUE(log.Add(first + 12, {File(first + 12)}).ok()) << first;
    EXPECT_EQ(Numbers(log), (std::vector<std::int64_t>{first, first + 12}));
  }
}

TEST_F(SinkLogTest, AMissingEntryIsNamed) {
  SinkLog log = Open();
  for (std::int64_t batch = 0; batch < 12; ++batch) {
    ASSERT_TRUE(log.Add(batch, {File(batch)}).ok());
  }
  scratch_.Remove("out/_spark_metadata/10");
  const Status missing = log.AllFiles().status();
  EXPECT_EQ(missing.kind(), ErrorKind::kCorrupt);
  EXPECT_NE(missing.ToString().find("_spark_metadata/10 is missing"), std::string::npos) << missing.ToString();
}

TEST_F(SinkLogTest, DamagedEntriesAreRefused) {
  const std::vector<std::string> damaged = {"",    "v2\n", "v1\nnot json", "v1\n{}", R"(v1
{"path":"file:///a","size":-1,"isDir":false,"modificationTime":1,"blockReplication":1,"blockSize":1,"action":"add"})",
                                            R"(v1
{"path":"file:///a","size":1,"isDir":false,"modificationTime":1,"blockReplication":1,"blockSize":1,"action":"delete"})",
                                            R"(v1
{"path":"s3://a","size":1,"isDir":false,"modificationTime":1,"blockReplication":1,"blockSize":1,"action":"add"})"};
  for (const std::string& text : damaged) {
    scratch_.Write("out/_spark_metadata/0", text, 1);
    EXPECT_FALSE(Open().AllFiles().ok()) << text;
  }
}

TEST_F(SinkLogTest, OldEntriesGoOnceNobodyNeedsThem) {
  SinkLog log = Open({.min_batches_to_retain = 5});
  for (std::int64_t batch = 0; batch < 32; ++batch) {
    ASSERT_TRUE(log.Add(batch, {File(batch)}).ok());
  }
  const std::int64_t now_ms = SystemClock().NowMs();
  ASSERT_TRUE(log.DeleteExpired(31, now_ms).ok());
  EXPECT_TRUE(HasEntry("0"));
  ASSERT_TRUE(log.DeleteExpired(31, now_ms + 3'600'000).ok());
  EXPECT_FALSE(HasEntry("18"));
  EXPECT_FALSE(HasEntry("9.compact"));
  EXPECT_TRUE(HasEntry("19.compact"));
  EXPECT_EQ(Numbers(log).size(), 32U);
}

}  // namespace
}  // namespace hf
