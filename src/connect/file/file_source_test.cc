// SPDX-License-Identifier: Apache-2.0
#include "connect/file/file_source.h"

#include <gtest/gtest.h>

#include "connect/file/file_source_testing.h"
#include "files/simulated_disk.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

TEST_F(FileSourceTest, FilesComeByTimeThenByPathEachOnce) {
  Add("b.json", 1000, {3});
  Add("a.json", 1000, {1, 2});
  Add("z.json", 500, {0});
  Add("y.json", 2000, {4});
  const auto source = Open();
  EXPECT_EQ(source->Latest(std::nullopt).value(), At(0));
  EXPECT_EQ(Read(*source, std::nullopt, At(0)), (Numbers{0, 1, 2, 3, 4}));
  EXPECT_EQ(source->Latest(At(0)).value(), At(0));
  Add("late.json", 100, {5});
  EXPECT_EQ(source->Latest(At(0)).value(), At(1));
  EXPECT_EQ(Read(*source, At(0), At(1)), Numbers{5});
  EXPECT_EQ(source->description(), fmt::format("FileStreamSource[file:{}]", scratch_ / "in"));
}

TEST_F(FileSourceTest, TheLogHasSparksBytes) {
  Add("a b%.json", 1'767'225'600'123, {1});
  const auto source = Open();
  ASSERT_EQ(source->Latest(std::nullopt).value(), At(0));
  EXPECT_EQ(scratch_.Read("checkpoint/sources/0/0"),
            fmt::format("v1\n{{\"path\":\"file://{}/a%20b%25.json\",\"timestamp\":1767225600123,\"batchId\":0}}",
                        scratch_ / "in"));
}

TEST_F(FileSourceTest, NothingNewIsNoOffset) {
  const auto source = Open();
  EXPECT_EQ(source->Latest(std::nullopt).value(), std::nullopt);
  EXPECT_FALSE(scratch_.Exists("checkpoint/sources/0/0"));
}

TEST_F(FileSourceTest, TheLimitOfFilesMakesBatches) {
  for (int i = 0; i < 5; ++i) {
    Add(fmt::format("{}.json", i), 1000 + i, {i});
  }
  EXPECT_EQ(Run(*Open({{"maxFilesPerTrigger", "2"}})), (std::vector<Numbers>{{0, 1}, {2, 3}, {4}}));
}

TEST_F(FileSourceTest, TheLimitOfBytesTakesAtLeastOneFile) {
  Add("0.json", 1, {0, 0, 0, 0, 0});  // 40 bytes
  Add("1.json", 2, {1});
  Add("2.json", 3, {2});
  Add("3.json", 4, {3});
  EXPECT_EQ(Run(*Open({{"maxBytesPerTrigger", "16"}})), (std::vector<Numbers>{{0, 0, 0, 0, 0}, {1, 2}, {3}}));
}

TEST_F(FileSourceTest, LatestFirstTurnsTheOrderAround) {
  Add("a.json", 1000, {1});
  Add("b.json", 1000, {2});
  Add("c.json", 2000, {3});
  EXPECT_EQ(Run(*Open({{"latestFirst", "true"}, {"maxFilesPerTrigger", "2"}})), (std::vector<Numbers>{{3, 2}, {1}}));
}

TEST_F(FileSourceTest, OldFilesAgeOutOnlyWhenAnAgeIsSet) {
  Add("new.json", 1'000'000'000, {1});
  auto source = Open({{"maxFileAge", "10s"}});
  ASSERT_EQ(source->Latest(std::nullopt).value(), At(0));
  Add("old.json", 1000, {2});
  EXPECT_EQ(source->Latest(At(0)).value(), At(0));
  source = Open();
  EXPECT_EQ(source->Latest(At(0)).value(), At(1));
}

TEST_F(FileSourceTest, AnEntryThatNoOffsetNamesIsTheNextBatchAsItStands) {
  Add("0.json", 1, {0});
  ASSERT_EQ(Open()->Latest(std::nullopt).value(), At(0));
  const std::string entry = scratch_.Read("checkpoint/sources/0/0");
  Add("1.json", 2, {1});
  const auto source = Open();
  EXPECT_EQ(source->Latest(std::nullopt).value(), At(0));
  EXPECT_EQ(Read(*source, std::nullopt, At(0)), Numbers{0});
  EXPECT_EQ(source->Latest(At(0)).value(), At(1));
  EXPECT_EQ(Read(*source, At(0), At(1)), Numbers{1});
  EXPECT_EQ(scratch_.Read("checkpoint/sources/0/0"), entry);
}

TEST_F(FileSourceTest, AChainOfSuchEntriesIsTakenOneByOneAlsoByAvailableNow) {
  for (int i = 0; i < 4; ++i) {
    Add(fmt::format("{}.json", i), i, {i});
    ASSERT_EQ(Open()->Latest(i == 0 ? std::nullopt : At(i - 1)).value(), At(i));
  }
  Add("4.json", 4, {4});
  const auto source = Open();
  ASSERT_TRUE(source->FixAvailable(At(0)).ok());
  EXPECT_EQ(Run(*source, At(0)), (std::vector<Numbers>{{1}, {2}, {3}, {4}}));
}

TEST_F(FileSourceTest, OnceTakesEverythingInOneBatch) {
  Add("0.json", 0, {0});
  ASSERT_TRUE(Open()->Latest(std::nullopt).ok());
  for (int i = 1; i < 5; ++i) {
    Add(fmt::format("{}.json", i), i, {i});
  }
  const auto source = Open({{"maxFilesPerTrigger", "1"}});
  source->IgnoreLimits();
  ASSERT_TRUE(source->FixAvailable(std::nullopt).ok());
  EXPECT_EQ(Run(*source), (std::vector<Numbers>{{0, 1, 2, 3, 4}}));
}

TEST_F(FileSourceTest, WhatArrivesAfterFixAvailableIsLeftForLater) {
  Add("0.json", 0, {0});
  Add("1.json", 1, {1});
  const auto source = Open({{"maxFilesPerTrigger", "1"}});
  ASSERT_TRUE(source->FixAvailable(std::nullopt).ok());
  Add("late.json", 0, {9});
  EXPECT_EQ(Run(*source), (std::vector<Numbers>{{0}, {1}}));
  EXPECT_EQ(Run(*Open(), At(1)), (std::vector<Numbers>{{9}}));
}

TEST_F(FileSourceTest, NewFilesBetweenBatchesAreFoundAndAListingIsUsedUpAsInSpark) {
  for (int i = 0; i < 4; ++i) {
    Add(fmt::format("{}.json", i), 100 + i, {i});
  }
  const auto kept = Open({{"maxFilesPerTrigger", "2"}});
  ASSERT_EQ(kept->Latest(std::nullopt).value(), At(0));
  Add("old.json", 1, {9});
  ASSERT_EQ(kept->Latest(At(0)).value(), At(1));
  EXPECT_EQ(Read(*kept, At(0), At(1)), (Numbers{2, 3}));
  ASSERT_EQ(kept->Latest(At(1)).value(), At(2));
  EXPECT_EQ(Read(*kept, At(1), At(2)), Numbers{9});
}

TEST_F(FileSourceTest, WithoutACacheEveryBatchListsAnew) {
  Add("0.json", 100, {0});
  Add("1.json", 101, {1});
  const auto source = Open({{"maxFilesPerTrigger", "1"}, {"maxCachedFiles", "0"}});
  ASSERT_EQ(source->Latest(std::nullopt).value(), At(0));
  Add("old.json", 1, {9});
  ASSERT_EQ(source->Latest(At(0)).value(), At(1));
  EXPECT_EQ(Read(*source, At(0), At(1)), Numbers{9});
}

TEST_F(FileSourceTest, TheSeenFilesAreThoseOfTheWholeLogAlsoBehindCompaction) {
  for (int i = 0; i < 25; ++i) {
    Add(fmt::format("{:02}.json", i), 1000 + i, {i});
  }
  EXPECT_EQ(Run(*Open({{"maxFilesPerTrigger", "1"}})).size(), 25U);
  EXPECT_TRUE(scratch_.Exists("checkpoint/sources/0/19.compact"));
  Add("new.json", 5000, {99});
  const auto source = Open();
  EXPECT_EQ(Run(*source, At(24)), (std::vector<Numbers>{{99}}));
  EXPECT_EQ(Read(*source, At(7), At(20)).size(), 13U);
  EXPECT_EQ(Read(*source, At(18), At(19)), Numbers{19});
}

TEST_F(FileSourceTest, AFileThatVanishedIsNamed) {
  Add("a.json", 1000, {1});
  const auto source = Open();
  ASSERT_EQ(source->Latest(std::nullopt).value(), At(0));
  scratch_.Remove("in/a.json");
  const Status vanished = FailureOf(*source, At(0));
  EXPECT_EQ(vanished.kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(vanished.condition(), "FAILED_READ_FILE.FILE_NOT_EXIST");
  ExpectNames(vanished, "in/a.json");
  const auto restarted = Open();
  ExpectNames(FailureOf(*restarted, At(0)), "in/a.json");
}

TEST_F(FileSourceTest, AFileThatChangedItsSizeOrTimeIsNamed) {
  const auto source = Open();
  Add("a.json", 1000, {1});
  ASSERT_EQ(source->Latest(std::nullopt).value(), At(0));
  Add("a.json", 1000, {1, 2});
  ExpectNames(FailureOf(*source, At(0)), "in/a.json was changed");
  Add("a.json", 1001, {1});
  ExpectNames(FailureOf(*source, At(0)), "in/a.json was changed");
  const auto restarted = Open();  // knows only the time
  ExpectNames(FailureOf(*restarted, At(0)), "in/a.json was changed");
  Add("a.json", 1000, {1});
  EXPECT_EQ(Read(*source, std::nullopt, At(0)), Numbers{1});
  EXPECT_EQ(Read(*restarted, std::nullopt, At(0)), Numbers{1});
}

TEST_F(FileSourceTest, AFileThatChangesWhileItIsReadIsNamed) {
  Add("a.json", 1000, {1});
  const auto source = Open();
  ASSERT_EQ(source->Latest(std::nullopt).value(), At(0));
  auto splits = source->Plan(std::nullopt, At(0)).value();
  ASSERT_TRUE(splits[0]->Next().ok());
  scratch_.SetTime("in/a.json", 2000);
  ExpectNames(splits[0]->Next().status(), "in/a.json was changed");
}

TEST_F(FileSourceTest, AFileThatWasLostBeforeItWasRecordedLeavesNoTrace) {
  Add("a.json", 1000, {1});
  Add("b.json", 2000, {2});
  const auto source = Open();
  ASSERT_TRUE(source->FixAvailable(std::nullopt).ok());
  scratch_.Remove("in/a.json");
  ExpectNames(source->Latest(std::nullopt).status(), "in/a.json");
  EXPECT_FALSE(scratch_.Exists("checkpoint/sources/0/0"));
  EXPECT_EQ(Run(*Open()), (std::vector<Numbers>{{2}}));
}

TEST_F(FileSourceTest, ALastLineThatIsCutOffIsAnErrorInEveryMode) {
  for (const char* mode : {"PERMISSIVE", "DROPMALFORMED", "FAILFAST"}) {
    scratch_.Remove("checkpoint");
    scratch_.Write("in/a.json", "{\"n\":1}\n{\"n\":", 1000);
    const auto source = Open({{"mode", mode}});
    ASSERT_EQ(source->Latest(std::nullopt).value(), At(0));
    const Status cut = FailureOf(*source, At(0));
    EXPECT_EQ(cut.kind(), ErrorKind::kCorrupt) << mode;
    ExpectNames(cut, "in/a.json");
  }
}

TEST_F(FileSourceTest, ALastLineWithoutLineEndThatCanBeReadIsARow) {
  scratch_.Write("in/a.json", "{\"n\":1}\n{\"n\":2}", 1000);
  scratch_.Write("in/b.json", "{\"n\":3}\n  ", 1001);
  scratch_.Write("in/c.json", "", 1002);
  scratch_.Write("in/d.json", "\n\n", 1003);
  EXPECT_EQ(Run(*Open()), (std::vector<Numbers>{{1, 2, 3}}));
}

TEST_F(FileSourceTest, MalformedLinesFollowTheMode) {
  scratch_.Write("in/a.json", "{\"n\":1}\nbroken\n{\"n\":3}\n", 1000);
  EXPECT_EQ(Run(*Open()), (std::vector<Numbers>{{1, -1, 3}}));
  EXPECT_EQ(Read(*Open({{"mode", "dropMalformed"}}), std::nullopt, At(0)), (Numbers{1, 3}));
  const auto fail_fast = Open({{"mode", "FAILFAST"}});
  ExpectNames(FailureOf(*fail_fast, At(0)), "in/a.json");
}

TEST_F(FileSourceTest, AFileOfManyPiecesAndALineLongerThanAPieceAreReadWhole) {
  std::string lines;
  const std::string filler(1 << 20, 'x');
  for (int i = 0; i < 20; ++i) {
    lines += fmt::format("{{\"n\":{},\"text\":\"{}\"}}\n", i, filler);
  }
  lines += fmt::format("{{\"n\":20,\"text\":\"{}\"}}\n{{\"n\":21}}", std::string(18 << 20, 'y'));
  scratch_.Write("in/a.json", lines, 1000);
  Numbers expected;
  for (int i = 0; i < 22; ++i) {
    expected.push_back(i);
  }
  EXPECT_EQ(Run(*Open()), (std::vector<Numbers>{expected}));
}

TEST_F(FileSourceTest, BatchesOfRowsHaveALimit) {
  std::string lines;
  for (std::int64_t i = 0; i < kInputRowsMax + 5; ++i) {
    lines += "{\"n\":1}\n";
  }
  scratch_.Write("in/a.json", lines, 1000);
  const auto source = Open();
  ASSERT_EQ(source->Latest(std::nullopt).value(), At(0));
  auto splits = source->Plan(std::nullopt, At(0)).value();
  ASSERT_EQ(splits.size(), 1U);
  EXPECT_EQ(splits[0]->Next().value()->rows(), kInputRowsMax);
  EXPECT_EQ(splits[0]->Next().value()->rows(), 5);
  EXPECT_EQ(splits[0]->Next().value(), std::nullopt);
  EXPECT_EQ(splits[0]->Next().value(), std::nullopt);
}

TEST_F(FileSourceTest, ReadingAheadChangesNothing) {
  std::vector<Numbers> expected;
  for (int i = 0; i < 30; ++i) {
    Add(fmt::format("{:02}.json", i), 1000 + i, {i, i + 100, i + 200});
    if (i % 3 == 2) {
      expected.push_back({i - 2, i + 98, i + 198, i - 1, i + 99, i + 199, i, i + 100, i + 200});
    }
  }
  const auto source = Open({{"maxFilesPerTrigger", "3"}});
  ASSERT_TRUE(source->FixAvailable(std::nullopt).ok());
  EXPECT_EQ(Run(*source), expected);
}

TEST_F(FileSourceTest, AFileThatChangedAfterItWasReadAheadIsReadAsItIs) {
  Add("0.json", 1000, {0});
  Add("1.json", 2000, {1});
  const auto source = Open({{"maxFilesPerTrigger", "1"}, {"maxCachedFiles", "0"}});
  ASSERT_EQ(source->Latest(std::nullopt).value(), At(0));
  source->ReadAhead(At(0));
  Add("1.json", 3000, {1, 11});
  ASSERT_EQ(source->Latest(At(0)).value(), At(1));
  EXPECT_EQ(Read(*source, At(0), At(1)), (Numbers{1, 11}));
}

TEST_F(FileSourceTest, ABadFileReadAheadIsAnErrorOnlyWhenItIsPlanned) {
  Add("0.json", 1000, {0});
  scratch_.Write("in/1.json", "broken\n", 2000);
  const auto source = Open({{"maxFilesPerTrigger", "1"}, {"mode", "FAILFAST"}});
  ASSERT_TRUE(source->FixAvailable(std::nullopt).ok());
  ASSERT_EQ(source->Latest(std::nullopt).value(), At(0));
  source->ReadAhead(At(0));
  EXPECT_EQ(Read(*source, std::nullopt, At(0)), Numbers{0});
  ASSERT_EQ(source->Latest(At(0)).value(), At(1));
  ExpectNames(TryRead(*source, At(0), At(1)).status(), "in/1.json");
}

TEST_F(FileSourceTest, ASchemaIsNullableThroughout) {
  const Schema schema(
      {{.name = "a",
        .type = DataType::Array(DataType::Struct({{.name = "x", .type = DataType::Long(), .nullable = false}}), false),
        .nullable = false}});
  const auto source = FileSource::Open(
      files_, files_, clock_,
      {.format = "json", .options = {{"path", scratch_ / "in"}}, .schema = schema, .log_directory = log_directory_});
  EXPECT_EQ(
      (*source)->schema(),
      Schema({{.name = "a", .type = DataType::Array(DataType::Struct({{.name = "x", .type = DataType::Long()}}))}}));
}

TEST_F(FileSourceTest, FilesAreRecordedUnderTheUriThatTheUserGives) {
  Add("a b.json", 1000, {1});
  const OptionMap options = {{"sourceUri", "file:///data/events/"}};
  ASSERT_EQ(Open(options)->Latest(std::nullopt).value(), At(0));
  EXPECT_NE(scratch_.Read("checkpoint/sources/0/0").find("\"file:///data/events/a%20b.json\""), std::string::npos);
  const auto restarted = Open(options);
  EXPECT_EQ(Read(*restarted, std::nullopt, At(0)), Numbers{1});
  EXPECT_EQ(restarted->Latest(At(0)).value(), At(0));
}

// As another engine on another machine recorded them.
TEST_F(FileSourceTest, EntriesOfAnotherFileSystemNeedTheirUri) {
  Add("a.json", 1000, {1});
  const OptionMap options = {{"sourceUri", "hdfs://nn/events"}};
  ASSERT_EQ(Open(options)->Latest(std::nullopt).value(), At(0));
  const auto without = TryOpen();
  ASSERT_FALSE(without.ok());
  ExpectNames(without.status(), "sourceUri");
  ExpectNames(without.status(), "hdfs://nn/events/a.json");
  Add("b.json", 2000, {2});
  const auto restarted = Open(options);
  ASSERT_EQ(restarted->Latest(At(0)).value(), At(1));
  EXPECT_EQ(Read(*restarted, At(0), At(1)), Numbers{2});
  EXPECT_NE(scratch_.Read("checkpoint/sources/0/1").find("\"hdfs://nn/events/b.json\""), std::string::npos);
}

TEST_F(FileSourceTest, AUriThatTheLogDoesNotHaveWouldReadEveryFileAgainAndIsRefused) {
  Add("a.json", 1000, {1});
  ASSERT_EQ(Open({{"sourceUri", "file:///data/me@home"}})->Latest(std::nullopt).value(), At(0));
  for (const std::string uri : {"file:///data/me%40home", "file:///data/me@hom", "file:///elsewhere"}) {
    const auto source = TryOpen({{"sourceUri", uri}});
    ASSERT_FALSE(source.ok()) << uri;
    EXPECT_EQ(source.status().kind(), ErrorKind::kIncompatible);
    ExpectNames(source.status(), uri);
    ExpectNames(source.status(), "file:///data/me@home/a.json");
  }
  EXPECT_EQ(Open({{"sourceUri", "file:///data/me@home/"}})->Latest(At(0)).value(), At(0));
}

TEST_F(FileSourceTest, WhatIsNotKnownIsRefusedByName) {
  const OptionMap bad = {
      {"multiLine", "true"},          {"lineSep", ";"},   {"mode", "LENIENT"},      {"encoding", "latin1"},
      {"timestampFormat", "yyyy-QQ"}, {"header", "true"}, {"timeZone", "Mars/Base"}};
  for (const auto& [name, value] : bad) {
    const auto source = TryOpen({{name, value}});
    ASSERT_FALSE(source.ok()) << name;
    EXPECT_EQ(source.status().kind(), ErrorKind::kInvalid);
    ExpectNames(source.status(), name == "timeZone" ? value : name);
  }
  EXPECT_TRUE(TryOpen({{"multiLine", "false"}, {"ENCODING", "utf-8"}, {"mode", "permissive"}}).ok());
  ExpectNames(TryOpen({}, "orc").status(), "orc");
  ExpectNames(TryOpen({{"mode", "FAILFAST"}}, "parquet").status(), "mode");
  ExpectNames(TryOpen({{"inferSchema", "true"}}, "csv").status(), "inferSchema");
}

TEST_F(FileSourceTest, ACompressedFileIsRefusedBeforeABatchIsPromised) {
  Add("a.json.zst", 1000, {1});
  Add("b.json", 1000, {2});
  const Status refused = Open()->Latest(std::nullopt).status();
  EXPECT_EQ(refused.kind(), ErrorKind::kInvalid);
  ExpectNames(refused, "a.json.zst");
  ExpectNames(refused, "pathGlobFilter");
  const auto source = TryOpen({{"pathGlobFilter", "*.json"}});
  ASSERT_TRUE(source.ok());
  EXPECT_EQ((*source)->Latest(std::nullopt).value(), At(0));
}

TEST_F(FileSourceTest, OffsetsThatCannotBeOnesAreRefused) {
  Add("a.json", 1000, {1});
  const auto source = Open();
  ASSERT_EQ(source->Latest(std::nullopt).value(), At(0));
  EXPECT_EQ(source->Latest("0").value(), "0");  // Spark reads bare numbers of old checkpoints
  for (const char* bad : {"", "{}", "{\"logOffset\":1}", "{\"logOffset\":-2}", "{\"logOffset\":\"0\"}", "[0]"}) {
    EXPECT_EQ(source->Latest(std::string(bad)).status().kind(), ErrorKind::kCorrupt) << bad;
  }
  EXPECT_FALSE(source->Plan(At(0), std::nullopt).ok());
}

TEST_F(FileSourceTest, CsvAndTheOutputOfAFileSinkAreReadToo) {
  scratch_.Write("in/a.csv", "n;text\n1;one\n2;two\n", 1000);
  const auto source = TryOpen({{"header", "true"}, {"sep", ";"}}, "csv").value();
  ASSERT_EQ(source->Latest(std::nullopt).value(), At(0));
  EXPECT_EQ(Read(*source, std::nullopt, At(0)), (Numbers{1, 2}));
}

// Power is lost at every operation in turn while an entry is recorded: it is there whole or not at all, and no file
// is lost or read twice.
TEST_F(FileSourceTest, AnEntryIsDurableBeforeItsOffsetIsKnown) {
  Add("0.json", 1000, {0});
  Add("1.json", 2000, {1});
  bool finished = false;
  for (std::uint64_t stop_at = 1; !finished; ++stop_at) {
    ASSERT_LT(stop_at, 1000U);
    SimulatedDisk disk(clock_);
    log_directory_ = "/checkpoint/sources/0";
    SourceOffset end;
    {
      DiskFileSystem checkpoint(disk);
      checkpoint_ = &checkpoint;
      const auto source = Open({{"maxFilesPerTrigger", "1"}});
      disk.SetFault({.stop_at_operation = stop_at, .mode = FaultMode::kLoseBoth});
      const Result<SourceOffset> latest = source->Latest(std::nullopt);
      finished = latest.ok() && disk.fault_operation().empty();
      end = latest.ok() ? *latest : SourceOffset();
    }
    disk.Restart();
    DiskFileSystem checkpoint(disk);
    checkpoint_ = &checkpoint;
    const auto source = Open({{"maxFilesPerTrigger", "1"}});
    if (end.has_value()) {
      EXPECT_EQ(Read(*source, std::nullopt, end), Numbers{0}) << stop_at;
    }
    EXPECT_EQ(Run(*source), (std::vector<Numbers>{{0}, {1}})) << stop_at;
  }
}

}  // namespace
}  // namespace hf
