// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/offset_log.h"

#include "checkpoint/checkpoint_test_support.h"
#include "checkpoint/query_metadata.h"

namespace hf {
namespace {

using test::HasKind;
using test::IsOk;

OffsetSeq Sample() {
  return {
      OffsetSeqMetadata{17, 1795361269445, {{"spark.sql.shuffle.partitions", "4"}, {"a.later.spark.knows", "x \"y\""}}},
      {R"({"logOffset":3})", std::nullopt, "5"}};
}

TEST(OffsetLog, PrintsSparksText) {
  EXPECT_EQ(
      PrintOffsetSeq(Sample()),
      "v1\n"
      R"({"batchWatermarkMs":17,"batchTimestampMs":1795361269445,"conf":{"spark.sql.shuffle.partitions":"4","a.later.spark.knows":"x \"y\""}})"
      "\n{\"logOffset\":3}\n-\n5");
}

TEST(OffsetLog, WhatIsWrittenIsRead) {
  test::MemoryCheckpoint checkpoint;
  OffsetLog log(checkpoint.files, checkpoint.root);
  ASSERT_THAT(log.Write(0, Sample()), IsOk());
  EXPECT_EQ(log.Get(0).value(), Sample());
  EXPECT_TRUE(IsNotFound(log.Get(1).status()));
}

TEST(OffsetLog, SparksFilesComeBackByteForByte) {
  test::GoldenCheckpoints golden;
  int files = 0;
  for (const std::string& name : golden.Names()) {
    const OffsetLog log(golden.files, golden.Root(name));
    const auto batches = log.log().Ids().value();
    for (const BatchId batch : batches) {
      const std::string text = log.log().Read(batch).value();
      const auto seq = ParseOffsetSeq(text, log.log().PathOf(batch));
      ASSERT_THAT(seq, IsOk());
      EXPECT_EQ(PrintOffsetSeq(*seq), text);
      EXPECT_EQ(seq->metadata->conf.size(), 17U);
      ++files;
    }
  }
  EXPECT_GE(files, 35);
}

TEST(OffsetLog, ASecondWriterIsFencedOff) {
  test::MemoryCheckpoint checkpoint;
  OffsetLog log(checkpoint.files, checkpoint.root);
  ASSERT_THAT(log.Write(0, Sample()), IsOk());
  const Status second = log.Write(0, Sample());
  EXPECT_THAT(second, HasKind(ErrorKind::kConflict));
  EXPECT_EQ(second.condition(), "CONCURRENT_STREAM_LOG_UPDATE");
}

TEST(OffsetLog, OldTextsAreRead) {
  EXPECT_EQ(ParseOffsetSeq("v1\n\n{\"logOffset\":0}", "f").value(), (OffsetSeq{std::nullopt, {R"({"logOffset":0})"}}));
  EXPECT_EQ(ParseOffsetSeq("v1\n{}\n-\n", "f").value(), (OffsetSeq{OffsetSeqMetadata{}, {std::nullopt}}));
}

TEST(OffsetLog, DamageNamesTheFile) {
  const std::tuple<const char*, ErrorKind, const char*> cases[] = {
      {"", ErrorKind::kCorrupt, "is empty"},
      {"v1", ErrorKind::kCorrupt, "are missing"},
      {"v1\n{\"batchWatermarkMs\":0}", ErrorKind::kCorrupt, "has no offsets"},
      {"v1\n{\"batchWatermarkMs\":0\n{}", ErrorKind::kCorrupt, "line 2"},
      {"v1\n{\"batchWatermarkMs\":\"0\"}\n{}", ErrorKind::kCorrupt, "batchWatermarkMs"},
      {"v1\n{\"conf\":{\"a\":1}}\n{}", ErrorKind::kCorrupt, "conf a"},
      {"v1\n[]\n{}", ErrorKind::kCorrupt, "line 2"},
      {"v1\n{}\n{\"logOff", ErrorKind::kCorrupt, "source 0"},
      {"v1\n{}\n-\n\n", ErrorKind::kCorrupt, "source 1"},
      {"v2\n{}\n0:{}", ErrorKind::kIncompatible, "v2"},
      {"v0\n{}\n{}", ErrorKind::kCorrupt, "v0"},
      {"vx\n{}\n{}", ErrorKind::kCorrupt, "vx"},
      {"{}\n{}", ErrorKind::kCorrupt, "first line"},
  };
  for (const auto& [text, kind, says] : cases) {
    const auto seq = ParseOffsetSeq(text, "/c/offsets/7");
    EXPECT_THAT(seq, HasKind(kind)) << text;
    EXPECT_THAT(seq.status().ToString(), testing::AllOf(testing::HasSubstr("/c/offsets/7"), testing::HasSubstr(says)));
  }
}

TEST(OffsetLog, EveryTruncationFailsOrLosesNothingSilently) {
  const std::string text = PrintOffsetSeq({OffsetSeqMetadata{1, 2, {{"k", "v"}}}, {R"({"logOffset":3})"}});
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_THAT(ParseOffsetSeq(text.substr(0, size), "f"), HasKind(ErrorKind::kCorrupt)) << size;
  }
}

TEST(OffsetLog, AFlippedByteIsFoundByTheChecksum) {
  test::MemoryCheckpoint checkpoint;
  OffsetLog log(checkpoint.files, checkpoint.root);
  ASSERT_THAT(log.Write(0, Sample()), IsOk());
  checkpoint.Flip("offsets/0", 24);
  EXPECT_THAT(log.Get(0), HasKind(ErrorKind::kCorrupt));
}

TEST(NumberedLog, ForeignNamesArePassedOver) {
  test::MemoryCheckpoint checkpoint;
  for (const char* name :
       {"0", "1", "10", "2", "03", "-1", "4.tmp", "x", "5.compact", "99999999999999999999", "6/inside"}) {
    checkpoint.Put(std::string("offsets/") + name, "v1");
  }
  const NumberedLog log(checkpoint.files, checkpoint.root + "/offsets");
  EXPECT_THAT(log.Ids().value(), testing::ElementsAre(0, 1, 2, 10));
  EXPECT_EQ(log.LatestId().value(), 10);
  EXPECT_EQ(NumberedLog(checkpoint.files, "/nowhere").LatestId().value(), std::nullopt);
}

TEST(NumberedLog, PurgeKeepsFromTheThresholdOn) {
  test::MemoryCheckpoint checkpoint;
  NumberedLog log(checkpoint.files, checkpoint.root + "/commits");
  for (BatchId id = 0; id < 5; ++id) {
    ASSERT_THAT(log.PutNew(id, "v1\n{}"), IsOk());
  }
  ASSERT_THAT(log.Purge(3), IsOk());
  EXPECT_THAT(log.Ids().value(), testing::ElementsAre(3, 4));
}

TEST(QueryMetadata, IsSparksText) {
  test::GoldenCheckpoints golden;
  for (const std::string& name : golden.Names()) {
    const auto found = ReadQueryMetadata(golden.files, golden.Root(name));
    ASSERT_THAT(found, IsOk());
    EXPECT_EQ(PrintQueryMetadata(**found), golden.files.Read(QueryMetadataPath(golden.Root(name))).value());
  }
}

TEST(QueryMetadata, IsWrittenOnceAndAbsentAtFirst) {
  test::MemoryCheckpoint checkpoint;
  EXPECT_EQ(ReadQueryMetadata(checkpoint.files, checkpoint.root).value(), std::nullopt);
  ASSERT_THAT(WriteQueryMetadata(checkpoint.files, checkpoint.root, {"7386b85a"}), IsOk());
  EXPECT_EQ(checkpoint.Get("metadata"), R"({"id":"7386b85a"})");
  EXPECT_THAT(WriteQueryMetadata(checkpoint.files, checkpoint.root, {"other"}), HasKind(ErrorKind::kConflict));
  checkpoint.Flip("metadata", 8);
  EXPECT_THAT(ReadQueryMetadata(checkpoint.files, checkpoint.root), HasKind(ErrorKind::kCorrupt));
  for (const char* text : {"", "{", "{}", "[]", R"({"id":7})", R"({"id":""})"}) {
    EXPECT_THAT(ParseQueryMetadata(text, "f"), HasKind(ErrorKind::kCorrupt)) << text;
  }
}

}  // namespace
}  // namespace hf
