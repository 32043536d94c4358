// SPDX-License-Identifier: Apache-2.0
// ignoreCorruptFiles and ignoreMissingFiles.
#include <gtest/gtest.h>

#include <filesystem>

#include "connect/file/file_source_testing.h"

namespace hf {
namespace {

TEST_F(FileSourceTest, TheRestOfACorruptFileIsGivenUpWhenAsked) {
  scratch_.Write("in/a.json", "{\"n\":1}\n{\"n\":2}\n{\"n\":", 1000);
  Add("b.json", 2000, {3});
  {
    const auto source = Open();
    ASSERT_TRUE(source->Latest(std::nullopt).ok());
    const Status refused = FailureOf(*source, At(0));
    ExpectNames(refused, "in/a.json");
    ExpectNames(refused, "ignoreCorruptFiles=true");
  }
  // The batch that stopped the query goes on, also a second time, with the rows in front of the damage.
  for (int run = 0; run < 2; ++run) {
    const auto source = Open({{"ignoreCorruptFiles", "true"}});
    EXPECT_EQ(Read(*source, std::nullopt, At(0)), (Numbers{1, 2, 3}));
  }
  const auto ahead = Open({{"ignorecorruptfiles", "TRUE"}});
  ahead->ReadAhead(std::nullopt);
  EXPECT_EQ(Read(*ahead, std::nullopt, At(0)), (Numbers{1, 2, 3}));
  EXPECT_FALSE(TryOpen({{"ignoreCorruptFiles", "yes"}}).ok());
}

TEST_F(FileSourceTest, AFileThatIsNoParquetIsGivenUpWhenAsked) {
  scratch_.Write("in/a.parquet", "no parquet", 1000);
  const auto refused = TryOpen({}, "parquet").value();
  ASSERT_TRUE(refused->Latest(std::nullopt).ok());
  ExpectNames(FailureOf(*refused, At(0)), "ignoreCorruptFiles=true");
  const auto source = TryOpen({{"ignoreCorruptFiles", "true"}}, "parquet").value();
  EXPECT_EQ(Read(*source, std::nullopt, At(0)), Numbers{});
}

TEST_F(FileSourceTest, GivingUpCorruptFilesIsNoLeaveForChangedOnesOrRecordsThatFailfastStopsAt) {
  Add("a.json", 1000, {1});
  const auto source = Open({{"ignoreCorruptFiles", "true"}, {"mode", "FAILFAST"}});
  ASSERT_TRUE(source->Latest(std::nullopt).ok());
  Add("a.json", 1000, {1, 2});
  ExpectNames(FailureOf(*source, At(0)), "was changed");
  scratch_.Write("in/b.json", "{\"n\":\"x\"}\n{\"n\":1}\n", 2000);
  Add("a.json", 1000, {1});
  ASSERT_TRUE(source->Latest(At(0)).ok());
  const Result<Numbers> failed = TryRead(*source, At(0), At(1));
  EXPECT_EQ(failed.status().condition(), "MALFORMED_RECORD_IN_PARSING");
}

TEST_F(FileSourceTest, MissingFilesAreSkippedWhenAsked) {
  Add("a.json", 1000, {1});
  Add("b.json", 2000, {2});
  {
    const auto source = Open();
    ASSERT_TRUE(source->Latest(std::nullopt).ok());
    std::filesystem::remove(scratch_ / "in/a.json");
    ExpectNames(FailureOf(*source, At(0)), "ignoreMissingFiles=true");
  }
  const auto source = Open({{"ignoreMissingFiles", "true"}});
  EXPECT_EQ(Read(*source, std::nullopt, At(0)), Numbers{2});
  // The sink has its rows already: then the state must get them too.
  source->NextPlanMustBeWhole();
  EXPECT_EQ(FailureOf(*source, At(0)).condition(), "FAILED_READ_FILE.FILE_NOT_EXIST");
  EXPECT_EQ(Read(*source, std::nullopt, At(0)), Numbers{2});
}

TEST_F(FileSourceTest, FilesLostBetweenListingAndRecordingAreNotRecordedAndEndNoQuery) {
  for (const char* name : {"a.json", "b.json", "c.json", "d.json"}) {
    Add(name, 1000, {name[0]});
  }
  const auto source = Open({{"ignoreMissingFiles", "true"}, {"maxFilesPerTrigger", "1"}});
  ASSERT_TRUE(source->FixAvailable(std::nullopt).ok());
  for (const char* name : {"a.json", "b.json", "d.json"}) {
    std::filesystem::remove(scratch_ / ("in/" + std::string(name)));
  }
  EXPECT_EQ(Run(*source), std::vector<Numbers>{{'c'}});
}

}  // namespace
}  // namespace hf
