// SPDX-License-Identifier: Apache-2.0
#include "connect/file/file_finder.h"

#include <gtest/gtest.h>

#include "connect/file/sink_log.h"
#include "files/disk_file_system.h"
#include "files/posix_disk.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

class FileFinderTest : public testing::Test {
 protected:
  // The names below the scratch directory that `path` stands for.
  std::vector<std::string> Find(const std::string& path, bool recursive = false, const std::string& names = {}) {
    Result<FileFinder> finder =
        FileFinder::Open(files_, {.path = scratch_ / path, .recursive = recursive, .name_pattern = names});
    EXPECT_TRUE(finder.ok()) << finder.status().ToString();
    const Result<std::vector<InputFile>> found = finder->Find();
    EXPECT_TRUE(found.ok()) << found.status().ToString();
    std::vector<std::string> relative;
    for (const InputFile& file : *found) {
      relative.push_back(file.path.substr((scratch_ / "").size()));
    }
    return relative;
  }
  void Write(std::string_view name) { scratch_.Write(name, "x", 1000); }

  test::TempDir scratch_;
  PosixDisk disk_;
  DiskFileSystem files_{disk_};
};

using Names = std::vector<std::string>;

TEST_F(FileFinderTest, ADirectoryStandsForItsFilesWithTheirSizesAndTimes) {
  scratch_.Write("in/b.json", "12345", 1'767'225'600'123);
  Write("in/a.json");
  EXPECT_EQ(Find("in"), (Names{"in/a.json", "in/b.json"}));
  Result<FileFinder> finder = FileFinder::Open(files_, {.path = scratch_ / "in/b.json"});
  const std::vector<InputFile> found = finder->Find().value();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0], (InputFile{.path = scratch_ / "in/b.json",
                                 .modified_ms = 1'767'225'600'123,
                                 .size_bytes = 5,
                                 .modified_us = 1'767'225'600'123'000}));
}

TEST_F(FileFinderTest, HiddenNamesArePassedOver) {
  for (const char* name :
       {"in/.hidden", "in/_started", "in/_metadata", "in/copy._COPYING_", "in/_dir/a", "in/.dir/a", "in/good"}) {
    Write(name);
  }
  EXPECT_EQ(Find("in"), Names{"in/good"});
  EXPECT_EQ(Find("in", true), Names{"in/good"});
  EXPECT_EQ(Find("in/*"), Names{"in/good"});
  EXPECT_EQ(Find("*/*"), Names{"in/good"});
}

TEST_F(FileFinderTest, HiddenNamesThatThePathSpellsOutAreTaken) {
  Write("_in/a");
  Write("_in/_b");
  EXPECT_EQ(Find("_in"), Names{"_in/a"});
  EXPECT_EQ(Find("_i*"), Names{"_in/a"});
  EXPECT_EQ(Find("_in/_*"), Names{"_in/_b"});
  EXPECT_EQ(Find("*/a"), Names{});
}

TEST_F(FileFinderTest, DirectoriesBelowAreDescendedOnlyWhenAskedFor) {
  Write("in/a");
  Write("in/sub/b");
  Write("in/sub/deep/c");
  EXPECT_EQ(Find("in"), Names{"in/a"});
  EXPECT_EQ(Find("in", true), (Names{"in/a", "in/sub/b", "in/sub/deep/c"}));
  EXPECT_EQ(Find("in/*"), (Names{"in/a", "in/sub/b"}));
}

TEST_F(FileFinderTest, APatternMayStandInEveryComponentAndNamesEachFileOnce) {
  for (const char* name : {"x1/v1-0.json", "x1/v2-0.json", "x2/v1-1.json", "y/v1-2.json", "x1/sub/v1-9.json"}) {
    Write(name);
  }
  EXPECT_EQ(Find("x*/v1-*.json"), (Names{"x1/v1-0.json", "x2/v1-1.json"}));
  EXPECT_EQ(Find("{x1,y}/v[1]-?.json"), (Names{"x1/v1-0.json", "y/v1-2.json"}));
  EXPECT_EQ(Find("{x1/v2,y/v1}-*"), (Names{"x1/v2-0.json", "y/v1-2.json"}));
  EXPECT_EQ(Find("{x1,x*}/v2*"), Names{"x1/v2-0.json"});
  EXPECT_EQ(Find("nothing*"), Names{});
}

TEST_F(FileFinderTest, PathGlobFilterLooksAtNamesOnly) {
  Write("in/a.json");
  Write("in/b.csv");
  Write("in/sub.json/c.csv");
  EXPECT_EQ(Find("in", true, "*.json"), Names{"in/a.json"});
  EXPECT_EQ(Find("in", true, "*.{json,csv}"), (Names{"in/a.json", "in/b.csv", "in/sub.json/c.csv"}));
}

TEST_F(FileFinderTest, APlainPathMustExistAndAPatternNeedNot) {
  const Status missing = FileFinder::Open(files_, {.path = scratch_ / "no such"}).status();
  EXPECT_EQ(missing.condition(), "PATH_NOT_FOUND");
  EXPECT_NE(missing.ToString().find("no such"), std::string::npos);
  EXPECT_TRUE(FileFinder::Open(files_, {.path = scratch_ / "no such*"}).ok());
}

TEST_F(FileFinderTest, PartitionDirectoriesAreRefusedByName) {
  Write("in/day=2026-01-01/a.json");
  Result<FileFinder> finder = FileFinder::Open(files_, {.path = scratch_ / "in"});
  const Status refused = finder->Find().status();
  EXPECT_EQ(refused.kind(), ErrorKind::kInvalid);
  EXPECT_NE(refused.ToString().find("day=2026-01-01"), std::string::npos);
}

TEST_F(FileFinderTest, ADirectoryOfAFileSinkStandsForWhatItsLogLists) {
  Write("out/part-0.json");
  Result<FileFinder> finder = FileFinder::Open(files_, {.path = scratch_ / "out"});
  SinkLog log = SinkLog::Open(files_, scratch_ / "out").value();
  ASSERT_TRUE(log.Add(0, {{.path = scratch_ / "out/part-1.json", .size_bytes = 7, .modified_ms = 9}}).ok());
  const std::vector<InputFile> found = finder->Find().value();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0], (InputFile{.path = scratch_ / "out/part-1.json", .modified_ms = 9, .size_bytes = 7}));
  EXPECT_EQ(Find("out/part*"), Names{"out/part-0.json"});
}

}  // namespace
}  // namespace hf
