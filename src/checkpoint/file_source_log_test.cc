// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/file_source_log.h"

#include "checkpoint/checkpoint_test_support.h"

namespace hf {
namespace {

using test::HasKind;
using test::IsOk;

constexpr const char* kDirectory = "/checkpoint/sources/0";

FileEntry Entry(SourceLogId id, int file = 0) {
  return {fmt::format("file:///in/{}-{}.json", id, file), 1000 + id, id};
}

FileSourceLog OpenLog(test::MemoryCheckpoint& checkpoint, const CompactibleLogOptions& options = {}) {
  return FileSourceLog::Open(checkpoint.files, kDirectory, options).value();
}
void AddUpTo(FileSourceLog& log, SourceLogId first, SourceLogId last) {
  for (SourceLogId id = first; id <= last; ++id) {
    ASSERT_THAT(log.Add(id, {Entry(id), Entry(id, 1)}), IsOk());
  }
}

TEST(FileSourceLog, PrintsSparksText) {
  EXPECT_EQ(PrintFileEntries({{"file:///data/a%20b.json", 1767225610000, 1}, {"file:///data/c.json", 5, 1}}),
            "v1\n{\"path\":\"file:///data/a%20b.json\",\"timestamp\":1767225610000,\"batchId\":1}\n"
            "{\"path\":\"file:///data/c.json\",\"timestamp\":5,\"batchId\":1}");
}

TEST(FileSourceLog, AnyPathComesBackAndAnyJsonIsUnderstood) {
  for (const std::string path :
       {"file:///a", "", "file:///\"b\\", "file:///\xC3\xA9", "file:///tab\t", "file:///{}%41"}) {
    const std::vector<FileEntry> entries = {{path, -5, 7}};
    const std::string text = PrintFileEntries(entries);
    EXPECT_THAT(ParseFileEntries(text, "f"), test::IsOkAnd(entries)) << text;
  }
  const std::vector<FileEntry> entries = {{"file:///a", 1, 2}};
  for (const char* line :
       {R"({"batchId":2,"timestamp":1,"path":"file:///a"})", R"({ "path" : "file:///a", "timestamp":1, "batchId":2 })",
        R"({"path":"file:\/\/\/a","timestamp":1,"batchId":2})"}) {
    EXPECT_THAT(ParseFileEntries(std::string("v1\n") + line, "f"), test::IsOkAnd(entries)) << line;
  }
  for (const char* line : {R"({"path":"file:///a","timestamp":1,"batchId":2)", R"({"path":"file:///a","timestamp":1})",
                           R"({"path":"file:///a","timestamp":99999999999999999999,"batchId":2})",
                           "{\"path\":\"file:///\xFF\",\"timestamp\":1,\"batchId\":2}"}) {
    EXPECT_THAT(ParseFileEntries(std::string("v1\n") + line, "f"), test::HasKind(ErrorKind::kCorrupt)) << line;
  }
}

TEST(FileSourceLog, SparksFilesComeBackByteForByte) {
  test::GoldenCheckpoints golden;
  int files = 0;
  for (const std::string& name : golden.Names()) {
    const std::string directory = golden.Root(name) + "/sources/0";
    const auto log = FileSourceLog::Open(golden.files, directory, {});
    ASSERT_THAT(log, IsOk());
    EXPECT_EQ(log->All()->size(), static_cast<std::size_t>(**log->LatestId() + 1));
    const auto files_there = golden.files.List(directory).value();
    for (const FileInfo& file : files_there) {
      const std::string text = golden.files.Read(directory + "/" + file.name).value();
      EXPECT_EQ(PrintFileEntries(ParseFileEntries(text, file.name).value()), text);
      ++files;
    }
  }
  EXPECT_GE(files, 30);
}

TEST(FileSourceLog, EveryTenthEntryHoldsAllBeforeIt) {
  test::MemoryCheckpoint checkpoint;
  FileSourceLog log = OpenLog(checkpoint);
  EXPECT_EQ(log.LatestId().value(), std::nullopt);
  EXPECT_TRUE(log.All()->empty());
  AddUpTo(log, 0, 21);
  EXPECT_EQ(log.LatestId().value(), 21);
  EXPECT_EQ(ParseFileEntries(checkpoint.Get("sources/0/9.compact"), "f")->size(), 20U);
  EXPECT_EQ(ParseFileEntries(checkpoint.Get("sources/0/19.compact"), "f")->size(), 40U);
  EXPECT_EQ(ParseFileEntries(checkpoint.Get("sources/0/20"), "f")->size(), 2U);
  const auto all = log.All();
  ASSERT_THAT(all, IsOk());
  ASSERT_EQ(all->size(), 44U);
  for (std::size_t i = 0; i < all->size(); ++i) {
    EXPECT_EQ((*all)[i], Entry(static_cast<SourceLogId>(i / 2), static_cast<int>(i % 2)));
  }
  EXPECT_EQ(log.Get(19).value(), (std::vector<FileEntry>{Entry(19), Entry(19, 1)}));
  EXPECT_TRUE(IsNotFound(log.Get(22).status()));
}

TEST(FileSourceLog, AnEntryBeyondTheLastOffsetIsFoundAndNeverOverwritten) {
  test::MemoryCheckpoint checkpoint;
  FileSourceLog log = OpenLog(checkpoint);
  AddUpTo(log, 0, 1);
  FileSourceLog restarted = OpenLog(checkpoint);
  EXPECT_EQ(restarted.LatestId().value(), 1);
  const Status again = restarted.Add(1, {Entry(7)});
  EXPECT_THAT(again, HasKind(ErrorKind::kConflict));
  EXPECT_EQ(again.condition(), "CONCURRENT_STREAM_LOG_UPDATE");
  EXPECT_EQ(restarted.Get(1).value(), (std::vector<FileEntry>{Entry(1), Entry(1, 1)}));
}

TEST(FileSourceLog, TheIntervalIsThatOfTheFiles) {
  struct Case {
    std::vector<SourceLogId> compact;
    std::int64_t wanted;
    std::int64_t interval;
  };
  const Case cases[] = {
      {{}, 10, 10},  {{9}, 10, 10}, {{4}, 10, 5},     {{11}, 5, 6},  {{11}, 2, 2},
      {{11}, 6, 12}, {{6}, 3, 7},   {{5, 11}, 10, 6}, {{99}, 7, 10},
  };
  for (const Case& c : cases) {
    test::MemoryCheckpoint checkpoint;
    for (const SourceLogId id : c.compact) {
      checkpoint.Put(fmt::format("sources/0/{}.compact", id), "v1");
    }
    EXPECT_EQ(OpenLog(checkpoint, {.compact_interval = c.wanted}).compact_interval(), c.interval) << c.wanted;
  }
}

TEST(FileSourceLog, ExpiredFilesGoAfterTheirDelay) {
  test::MemoryCheckpoint checkpoint;
  checkpoint.clock.SetUs(0);
  const CompactibleLogOptions options = {.compact_interval = 3, .cleanup_delay_ms = 1000, .min_batches_to_retain = 4};
  FileSourceLog log = OpenLog(checkpoint, options);
  AddUpTo(log, 0, 9);
  ASSERT_THAT(log.DeleteExpired(9, 999), IsOk());
  EXPECT_EQ(checkpoint.files.List(kDirectory)->size(), 10U);
  // 9 + 1 - 4 = 6: the ids from 6 on need 5.compact, and nothing before it.
  ASSERT_THAT(log.DeleteExpired(9, 1000), IsOk());
  std::vector<std::string> names;
  const auto files_there = checkpoint.files.List(kDirectory).value();
  for (const FileInfo& file : files_there) {
    names.push_back(file.name);
  }
  EXPECT_THAT(names, testing::ElementsAre("5.compact", "6", "7", "8.compact", "9"));
  EXPECT_EQ(log.All()->size(), 20U);
  EXPECT_EQ(log.Get(1).value(), (std::vector<FileEntry>{Entry(1), Entry(1, 1)}));  // out of 8.compact
  AddUpTo(log, 10, 12);
  EXPECT_EQ(log.All()->size(), 26U);
}

TEST(FileSourceLog, NothingExpiresBeforeEnoughIsRetained) {
  test::MemoryCheckpoint checkpoint;
  FileSourceLog log = OpenLog(checkpoint);
  AddUpTo(log, 0, 30);
  ASSERT_THAT(log.DeleteExpired(30, std::int64_t{1} << 50), IsOk());
  EXPECT_EQ(checkpoint.files.List(kDirectory)->size(), 31U);
}

TEST(FileSourceLog, DamageIsNamed) {
  for (const char* text : {"", "v1\n{", "v1\n{\"path\":\"a\",\"timestamp\":1}",
                           "v1\n{\"path\":1,\"timestamp\":1,\"batchId\":0}", "v1\n\n{}", "w1"}) {
    const auto entries = ParseFileEntries(text, "/c/sources/0/4");
    EXPECT_THAT(entries, HasKind(ErrorKind::kCorrupt)) << text;
    EXPECT_THAT(entries.status().ToString(), testing::HasSubstr("/c/sources/0/4"));
  }
  EXPECT_THAT(ParseFileEntries("v2\n", "f"), HasKind(ErrorKind::kIncompatible));
  test::MemoryCheckpoint checkpoint;
  FileSourceLog log = OpenLog(checkpoint, {.compact_interval = 3});
  AddUpTo(log, 0, 4);
  ASSERT_THAT(checkpoint.files.Delete(std::string(kDirectory) + "/3"), IsOk());
  EXPECT_THAT(log.All(), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(log.All().status().ToString(), testing::HasSubstr("sources/0/3 is missing"));
  EXPECT_THAT(log.Add(5, {Entry(5)}), HasKind(ErrorKind::kCorrupt));
  checkpoint.Flip("sources/0/4", 12);
  EXPECT_THAT(log.Get(4), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(FileSourceLog::Open(checkpoint.files, kDirectory, {.compact_interval = 0}), HasKind(ErrorKind::kInvalid));
}

}  // namespace
}  // namespace hf
