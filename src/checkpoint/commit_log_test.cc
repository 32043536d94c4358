// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/commit_log.h"

#include "checkpoint/checkpoint_test_support.h"
#include "checkpoint/recovery_point.h"

namespace hf {
namespace {

using test::HasKind;
using test::IsOk;

TEST(CommitLog, PrintsSparksText) {
  EXPECT_EQ(PrintCommit({.next_batch_watermark_ms = 42, .state_unique_ids = {}}), "v1\n{\"nextBatchWatermarkMs\":42}");
  CommitMetadata commit;
  commit.state_unique_ids = {{0, {{"a"}, {"b"}}}, {11, {{"c", "d"}}}};
  EXPECT_EQ(PrintCommit(commit),
            "v2\n{\"nextBatchWatermarkMs\":0,\"stateUniqueIds\":{\"0\":[[\"a\"],[\"b\"]],\"11\":[[\"c\",\"d\"]]}}");
  EXPECT_EQ(ParseCommit(PrintCommit(commit), "f").value(), commit);
}

TEST(CommitLog, SparksFilesComeBackByteForByte) {
  test::GoldenCheckpoints golden;
  for (const std::string& name : golden.Names()) {
    const CommitLog log(golden.files, golden.Root(name));
    ASSERT_FALSE(log.log().Ids().value().empty()) << name;
    const auto batches = log.log().Ids().value();
    for (const BatchId batch : batches) {
      const auto commit = log.Get(batch);
      ASSERT_THAT(commit, IsOk());
      EXPECT_EQ(PrintCommit(*commit), log.log().Read(batch).value());
      EXPECT_EQ(commit->state_unique_ids.has_value(), name == "e_ckptv2");
    }
  }
}

TEST(CommitLog, DamageNamesTheFile) {
  const std::pair<const char*, ErrorKind> cases[] = {
      {"", ErrorKind::kCorrupt},
      {"v1", ErrorKind::kCorrupt},
      {"v1\n{\"nextBatchWatermarkMs\":1", ErrorKind::kCorrupt},
      {"v1\n{\"nextBatchWatermarkMs\":1.5}", ErrorKind::kCorrupt},
      {"v1\n{}\n{}", ErrorKind::kCorrupt},
      {"v1\n7", ErrorKind::kCorrupt},
      {"v2\n{\"stateUniqueIds\":[]}", ErrorKind::kCorrupt},
      {"v2\n{\"stateUniqueIds\":{\"x\":[]}}", ErrorKind::kCorrupt},
      {"v2\n{\"stateUniqueIds\":{\"0\":[\"a\"]}}", ErrorKind::kCorrupt},
      {"v2\n{\"stateUniqueIds\":{\"0\":[[1]]}}", ErrorKind::kCorrupt},
      {"v3\n{}", ErrorKind::kIncompatible},
  };
  for (const auto& [text, kind] : cases) {
    const auto commit = ParseCommit(text, "/c/commits/7");
    EXPECT_THAT(commit, HasKind(kind)) << text;
    EXPECT_THAT(commit.status().ToString(), testing::HasSubstr("/c/commits/7"));
  }
  EXPECT_EQ(ParseCommit("v1\n{}", "f").value(), CommitMetadata());
}

TEST(CommitLog, AFlippedByteIsFoundByTheChecksum) {
  test::MemoryCheckpoint checkpoint;
  CommitLog log(checkpoint.files, checkpoint.root);
  ASSERT_THAT(log.Write(0, {.next_batch_watermark_ms = 5, .state_unique_ids = {}}), IsOk());
  checkpoint.Flip("commits/0", 4);
  EXPECT_THAT(log.Get(0), HasKind(ErrorKind::kCorrupt));
}

// ---- Recovery -----------------------------------------------------------------------------------------------------

struct Logs {
  test::MemoryCheckpoint checkpoint;
  OffsetLog offsets{checkpoint.files, checkpoint.root};
  CommitLog commits{checkpoint.files, checkpoint.root};

  Logs(std::vector<BatchId> promised, std::vector<BatchId> proven) {
    for (const BatchId batch : promised) {
      EXPECT_THAT(offsets.Write(
                      batch, {OffsetSeqMetadata{batch * 10, batch, {}}, {fmt::format("{{\"logOffset\":{}}}", batch)}}),
                  IsOk());
    }
    for (const BatchId batch : proven) {
      EXPECT_THAT(commits.Write(batch, {.next_batch_watermark_ms = batch, .state_unique_ids = {}}), IsOk());
    }
  }
  Result<RecoveryPoint> Find() { return FindRecoveryPoint(offsets, commits); }
};

TEST(RecoveryPoint, ANewCheckpointBeginsAtBatchZero) {
  const auto point = Logs({}, {}).Find();
  ASSERT_THAT(point, IsOk());
  EXPECT_EQ(point->next_batch, 0);
  EXPECT_FALSE(point->is_rerun);
  EXPECT_FALSE(point->last_offset_batch.has_value());
}

TEST(RecoveryPoint, ACommittedBatchIsNeverRunAgain) {
  const auto point = Logs({0, 1, 2}, {0, 1, 2}).Find();
  ASSERT_THAT(point, IsOk());
  EXPECT_EQ(point->next_batch, 3);
  EXPECT_FALSE(point->is_rerun);
  EXPECT_EQ(point->last_committed_batch, 2);
  EXPECT_EQ(point->offsets->offsets[0], R"({"logOffset":2})");
  EXPECT_EQ(point->previous_offsets->metadata->batch_watermark_ms, 10);
  EXPECT_EQ(point->commit->next_batch_watermark_ms, 2);
}

TEST(RecoveryPoint, AnUncommittedBatchIsRunAgainWithItsOffsets) {
  const auto first = Logs({0}, {}).Find();
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->next_batch, 0);
  EXPECT_TRUE(first->is_rerun);
  EXPECT_FALSE(first->previous_offsets.has_value());
  const auto later = Logs({3, 4}, {2, 3}).Find();
  ASSERT_THAT(later, IsOk());
  EXPECT_EQ(later->next_batch, 4);
  EXPECT_TRUE(later->is_rerun);
}

TEST(RecoveryPoint, NamesWhatIsMissing) {
  const std::tuple<std::vector<BatchId>, std::vector<BatchId>, const char*> cases[] = {
      {{0, 2}, {0, 1}, "offsets/1 is missing"},
      {{5}, {5}, "offsets/4 is missing"},
      {{0, 1, 2, 3}, {0, 2, 3}, "commits/1 is missing"},
      {{0, 1, 2, 3}, {0, 1}, "commits/2 is missing"},
      {{0, 1}, {}, "commits/0 is missing"},
      {{0, 1}, {0, 1, 2}, "commits/2 is there without"},
      {{}, {0}, "commits/0 is there without any"},
  };
  for (const auto& [promised, proven, says] : cases) {
    const auto point = Logs(promised, proven).Find();
    EXPECT_THAT(point, HasKind(ErrorKind::kCorrupt)) << says;
    EXPECT_THAT(point.status().ToString(), testing::HasSubstr(says));
  }
}

TEST(RecoveryPoint, ADamagedLastEntryIsNotTakenForAbsent) {
  Logs logs({0, 1}, {0});
  logs.checkpoint.Put("offsets/1", "v1\n{\"batchWaterm");
  EXPECT_THAT(logs.Find(), HasKind(ErrorKind::kCorrupt));
}

TEST(RecoveryPoint, SparksCheckpointsAreAtTheirEnd) {
  test::GoldenCheckpoints golden;
  for (const std::string& name : golden.Names()) {
    const auto point =
        FindRecoveryPoint(OffsetLog(golden.files, golden.Root(name)), CommitLog(golden.files, golden.Root(name)));
    ASSERT_THAT(point, IsOk());
    EXPECT_FALSE(point->is_rerun) << name;
    EXPECT_EQ(point->next_batch, *point->last_committed_batch + 1);
  }
}

}  // namespace
}  // namespace hf
