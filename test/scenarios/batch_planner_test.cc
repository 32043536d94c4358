// SPDX-License-Identifier: Apache-2.0
// Which batch is run next, over a real source: with state whose next expiry the test decides.
#include "engine/batch_planner.h"

#include <gmock/gmock.h>

#include "connect/memory/memory_source.h"
#include "support/status_matchers.h"

namespace hf {
namespace {

using test::IsOk;

class BatchPlannerTest : public testing::Test {
 protected:
  static constexpr std::int64_t kNow = 1'000'000;

  void Begin(TimeMode time_mode) {
    plan_.clock = &clock_;
    plan_.operators = {{.input = source_->schema(), .time_mode = time_mode}};
    plan_.inputs = {{.source = source_, .schema = source_->schema(), .steps = {}, .watermark = {}}};
    recovered_.end_offsets.resize(1);
  }
  void Push() { ASSERT_THAT(source_->AddRows(std::vector<Row>{{std::int32_t{1}}}), IsOk()); }
  // The next batch as "id", or "id+rows"; it counts as run.
  std::string Next() {
    const Result<std::optional<Batch>> batch = planner_.Next();
    EXPECT_THAT(batch, IsOk());
    if (!batch->has_value()) {
      return "none";
    }
    recovered_.next_batch = (*batch)->id + 1;
    recovered_.end_offsets = (*batch)->entry.offsets;
    recovered_.watermark.Advance({});
    return std::to_string((*batch)->id) + ((*batch)->HasInput(0) ? "+rows" : "");
  }

  ManualClock clock_{kNow * 1000};
  std::shared_ptr<MemorySource> source_ =
      std::make_shared<MemorySource>(Schema({{.name = "n", .type = DataType::Int()}}));
  StreamPlan plan_;
  Recovered recovered_;
  std::optional<std::int64_t> expiry_;
  int asked_ = 0;
  BatchPlanner planner_{plan_, recovered_, [this]() -> Result<std::vector<std::optional<std::int64_t>>> {
                          ++asked_;
                          return std::vector{expiry_};
                        }};
};

TEST_F(BatchPlannerTest, ATimerThatComesDueWhileNoInputArrivesWakesTheQuery) {
  Begin(TimeMode::kProcessingTime);
  EXPECT_EQ(Next(), "none") << "nothing is remembered before the first batch";
  EXPECT_EQ(asked_, 0);
  Push();
  EXPECT_EQ(Next(), "0+rows");
  expiry_ = kNow + 60'000;
  for (int second = 0; second < 60; ++second) {
    EXPECT_EQ(Next(), "none");
    clock_.AdvanceMs(1000);
  }
  EXPECT_EQ(Next(), "1");
  expiry_.reset();
  EXPECT_EQ(Next(), "none");
}

TEST_F(BatchPlannerTest, InputComesBeforeWhatIsDue) {
  Begin(TimeMode::kProcessingTime);
  Push();
  EXPECT_EQ(Next(), "0+rows");
  expiry_ = kNow;
  Push();
  EXPECT_EQ(Next(), "1+rows");
}

TEST_F(BatchPlannerTest, WithoutATimeModeOrSwitchedOffTimeAsksForNothing) {
  Begin(TimeMode::kNone);
  Push();
  EXPECT_EQ(Next(), "0+rows");
  expiry_ = 0;
  recovered_.watermark = Watermark(WatermarkPolicy::kMin, {}, 20, 10);
  EXPECT_EQ(Next(), "none");
  plan_.operators.front().time_mode = TimeMode::kProcessingTime;
  recovered_.conf = Conf::Make({{std::string(conf_key::kNoDataBatches), "false"}}).value();
  EXPECT_EQ(Next(), "none");
  EXPECT_EQ(asked_, 0);
}

TEST_F(BatchPlannerTest, UnderEventTimeItIsTheWatermarkThatMakesDue) {
  Begin(TimeMode::kEventTime);
  Push();
  EXPECT_EQ(Next(), "0+rows");
  expiry_ = 500;
  clock_.AdvanceMs(3'600'000);
  EXPECT_EQ(Next(), "none") << "however late it is";
  recovered_.watermark = Watermark(WatermarkPolicy::kMin, {}, 20, 10);
  EXPECT_EQ(Next(), "1") << "it moved";
  EXPECT_EQ(Next(), "none");
  recovered_.watermark = Watermark(WatermarkPolicy::kMin, {}, 500, 500);
  EXPECT_EQ(Next(), "2") << "a timer of before it";
}

TEST_F(BatchPlannerTest, ATriggerThatEndsDoesWhatWasDueWhenItBegan) {
  Begin(TimeMode::kProcessingTime);
  Push();
  EXPECT_EQ(Next(), "0+rows");
  expiry_ = kNow + 10;
  clock_.AdvanceMs(10);
  ASSERT_THAT(planner_.FixAvailable(false), IsOk());
  EXPECT_EQ(Next(), "1");
  // A processor that makes the past due again, or a timer that comes due meanwhile, would never let it end.
  EXPECT_EQ(Next(), "none");
  clock_.AdvanceMs(1000);
  expiry_ = kNow + 500;
  EXPECT_EQ(Next(), "none");
  // The next start.
  ASSERT_THAT(planner_.FixAvailable(false), IsOk());
  EXPECT_EQ(Next(), "2");
}

TEST_F(BatchPlannerTest, ATriggerThatEndsLeavesToItsLastBatchWhatWasDueThen) {
  Begin(TimeMode::kProcessingTime);
  Push();
  EXPECT_EQ(Next(), "0+rows");
  clock_.AdvanceMs(10);
  Push();
  ASSERT_THAT(planner_.FixAvailable(false), IsOk());
  EXPECT_EQ(Next(), "1+rows");
  expiry_ = kNow;  // done in batch 1, which is later
  EXPECT_EQ(Next(), "none");
}

TEST_F(BatchPlannerTest, OnceIsOneBatch) {
  Begin(TimeMode::kEventTime);
  Push();
  ASSERT_THAT(planner_.FixAvailable(true), IsOk());
  EXPECT_EQ(Next(), "0+rows");
  recovered_.watermark = Watermark(WatermarkPolicy::kMin, {}, 20, 10);
  EXPECT_EQ(Next(), "none");
  ASSERT_THAT(planner_.FixAvailable(true), IsOk());
  EXPECT_EQ(Next(), "1");
}

TEST_F(BatchPlannerTest, WhatTheStateCannotTellEndsTheQuery) {
  Begin(TimeMode::kProcessingTime);
  Push();
  EXPECT_EQ(Next(), "0+rows");
  BatchPlanner planner(plan_, recovered_, []() -> Result<std::vector<std::optional<std::int64_t>>> {
    return Corrupt("a snapshot is damaged");
  });
  EXPECT_THAT(planner.Next(), test::HasKind(ErrorKind::kCorrupt));
}

}  // namespace
}  // namespace hf
