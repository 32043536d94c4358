// SPDX-License-Identifier: Apache-2.0
// Event time: watermarks over batches and restarts, rows that come too late, batches without rows.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "scenarios/event_time_query.h"
#include "support/status_matchers.h"

namespace hf {
namespace {

using test::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kBegin = EventTimeQuery::kBegin;

std::int64_t At(double seconds) { return kBegin + static_cast<std::int64_t>(seconds * 1000); }

DataStream Watermarked(const std::string& delay = "10 seconds") {
  return EventTimeQuery::Events().WithWatermark("at", delay);
}

// The sums of a batch, as "key=total".
std::vector<std::string> SumsOf(const EventTimeQuery& query, std::int64_t batch) {
  std::vector<std::string> found;
  for (const Sum& sum : query.sums()) {
    if (sum.batch == batch) {
      found.push_back(fmt::format("{}={}", sum.key, sum.total));
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

// Runs the query with a batch a second until the clock shows `until_ms`.
void RunUntil(EventTimeQuery& query, std::int64_t until_ms, TimeMode time_mode) {
  auto running = query.Start(Watermarked(), time_mode, ProcessingTime(std::chrono::seconds(1)));
  ASSERT_THAT(running, IsOk());
  while (query.clock().NowMs() < until_ms && (*running)->is_active()) {
    std::this_thread::yield();
  }
  ASSERT_THAT((*running)->Stop(), IsOk());
}

TEST(EventTime, RowsUpToTheWatermarkOfTheBatchBeforeAreDroppedAndCounted) {
  EventTimeQuery query;
  query.Add({{"a", At(0)}, {"a", At(30)}});  // makes it 20 s
  query.Add({{"a", At(1)}, {"a", At(31)}});  // is not late yet: 0 counts
  query.Add({{"a", At(20)}, {"b", At(19)}, {"a", At(20.001)}, {"c", {}}, {"a", At(5), 100}});  // 20 s counts
  ASSERT_THAT(query.Run(Watermarked()), IsOk());
  EXPECT_THAT(SumsOf(query, 0), ElementsAre("a=2"));
  EXPECT_THAT(SumsOf(query, 1), ElementsAre("a=4"));
  EXPECT_THAT(SumsOf(query, 2), ElementsAre("a=5", "c=1")) << "no time is not late, b's only row is";
  EXPECT_THAT(query.Dropped(), ElementsAre(0, 0, 3));
  EXPECT_EQ(query.progress()[2]["numInputRows"], 5) << "late rows were read";
  EXPECT_THAT(query.LoggedWatermarks(), ElementsAre("0>20", "20>21", "21>21"));
}

TEST(EventTime, TimesOf1970AndBeforeAreLateFromTheFirstBatchOn) {  // as Spark's are
  EventTimeQuery query;
  query.Add({{"a", -5000}, {"a", 0}, {"a", 1}});
  ASSERT_THAT(query.Run(Watermarked()), IsOk());
  EXPECT_THAT(query.Dropped(), ElementsAre(2));
  EXPECT_THAT(query.LoggedWatermarks(), ElementsAre("0>0"));
}

TEST(EventTime, OtherTimeModesDropNothingAndHaveTheirClocks) {
  for (const TimeMode time_mode : {TimeMode::kNone, TimeMode::kProcessingTime}) {
    EventTimeQuery query;
    query.Add({{"a", At(100)}});
    query.Add({{"a", At(1)}});
    query.Add({{"a", At(1)}});
    ASSERT_THAT(query.Run(Watermarked(), time_mode), IsOk());
    EXPECT_THAT(query.Dropped(), ElementsAre(0, 0, 0));
    EXPECT_THAT(query.LoggedWatermarks(), ElementsAre("0>90", "90>90", "90>90"));
    ASSERT_EQ(query.sums().size(), 3U);
    const Sum& last = query.sums().back();
    const bool none = time_mode == TimeMode::kNone;
    EXPECT_EQ(last.watermark_ms, none ? -1 : At(90));
    const std::string entry = query.ReadFile("/checkpoint/offsets/2");
    EXPECT_EQ(none, last.processing_time_ms == -1);
    EXPECT_TRUE(none ||
                entry.find(fmt::format("\"batchTimestampMs\":{}", last.processing_time_ms)) != std::string::npos)
        << entry;
  }
}

TEST(EventTime, EveryArrivalOrderWithinTheDelayGivesTheSameTotals) {
  constexpr std::int64_t kDelayMs = 10'000;
  std::map<std::string, std::int64_t> expected;
  std::vector<Event> events;
  for (int i = 0; i < 400; ++i) {
    events.push_back({fmt::format("k{}", i % 7), At(1.0 + i * 0.5), i});
    expected[events.back().key] += i;
  }
  for (unsigned seed = 1; seed <= 12; ++seed) {
    std::mt19937 random(seed);
    // An event arrives up to the delay after its time; those of one moment in any order.
    std::vector<std::pair<std::int64_t, Event>> arrivals;
    for (const Event& event : events) {
      arrivals.emplace_back(*event.at_ms + static_cast<std::int64_t>(random() % kDelayMs), event);
    }
    std::sort(arrivals.begin(), arrivals.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    EventTimeQuery query;
    for (std::size_t next = 0; next < arrivals.size();) {
      std::vector<Event> file;
      for (const std::size_t end = std::min(arrivals.size(), next + 1 + random() % 60); next < end; ++next) {
        file.push_back(arrivals[next].second);
      }
      query.Add(file);
      if (random() % 4 == 0) {
        ASSERT_THAT(query.Run(Watermarked()), IsOk());
      }
    }
    ASSERT_THAT(query.Run(Watermarked()), IsOk());
    EXPECT_EQ(query.LastTotals(), expected) << "seed " << seed;
    EXPECT_EQ(query.DroppedInAll(), 0) << "seed " << seed;
  }
}

TEST(EventTime, TheWatermarkGoesOnAfterARestart) {
  EventTimeQuery query;
  query.Add({{"a", At(30)}});
  ASSERT_THAT(query.Run(Watermarked()), IsOk());
  EXPECT_THAT(query.LoggedWatermarks(), ElementsAre("0>20", "20>20"));
  query.Add({{"a", At(20)}, {"a", At(25)}});
  ASSERT_THAT(query.Run(Watermarked()), IsOk());
  EXPECT_THAT(query.Dropped(), ElementsAre(0, 0, 1));
  EXPECT_THAT(SumsOf(query, 2), ElementsAre("a=2"));
  // An earlier time does not take it back, and nothing moved: no batch without rows.
  EXPECT_THAT(query.LoggedWatermarks(), ElementsAre("0>20", "20>20", "20>20"));
}

TEST(EventTime, ABatchThatIsRunAgainHasTheClocksThatItWasPromised) {
  EventTimeQuery query;
  query.Add({{"a", At(30)}});
  query.Add({{"a", At(50)}});
  ASSERT_THAT(query.Run(Watermarked()), IsOk());
  query.Add({{"a", At(40)}, {"a", At(41)}, {"a", At(90)}});
  query.SetFailing(true);
  EXPECT_FALSE(query.Run(Watermarked()).ok());
  const auto promised = query.CheckpointFiles();
  ASSERT_THAT(query.LoggedWatermarks(), ElementsAre("0>20", "20>40", "40>40", "40>"));

  query.SetFailing(false);
  query.clock().AdvanceMs(3'600'000);
  query.Add({{"b", At(200)}});
  ASSERT_THAT(query.Run(Watermarked()), IsOk());
  EXPECT_EQ(query.ReadFile("/checkpoint/offsets/3"), promised.at("/checkpoint/offsets/3"));
  EXPECT_THAT(query.LoggedWatermarks(), ElementsAre("0>20", "20>40", "40>40", "40>80", "80>190", "190>190"));
  const auto again =
      std::find_if(query.sums().begin(), query.sums().end(), [](const Sum& sum) { return sum.batch == 3; });
  ASSERT_NE(again, query.sums().end());
  EXPECT_EQ(again->total, 4) << "the row at 40 s is late: the batch before had that watermark";
  EXPECT_EQ(again->watermark_ms, At(40));
  EXPECT_LT(again->processing_time_ms, query.clock().NowMs() - 3'600'000) << "the time of the first attempt";
}

TEST(EventTime, ABatchThatIsRunAgainIsLateByTheBatchBeforeAlsoWhereTheWatermarkMoved) {
  EventTimeQuery query;
  query.SetConf("spark.sql.streaming.noDataMicroBatches.enabled", "false");
  query.Add({{"a", At(30)}});
  ASSERT_THAT(query.Run(Watermarked()), IsOk());
  query.Add({{"a", At(15)}});  // the watermark is 20 s by now, but that of batch 0 was 0
  query.SetFailing(true);
  EXPECT_FALSE(query.Run(Watermarked()).ok());
  query.SetFailing(false);
  ASSERT_THAT(query.Run(Watermarked()), IsOk());
  EXPECT_THAT(SumsOf(query, 1), ElementsAre("a=2"));
  EXPECT_THAT(query.Dropped(), ElementsAre(0, 0));
}

TEST(EventTime, TheFirstBatchCanBeTheOneThatIsRunAgain) {
  EventTimeQuery query;
  query.Add({{"a", At(30)}});
  query.SetFailing(true);
  EXPECT_FALSE(query.Run(Watermarked()).ok());
  query.SetFailing(false);
  ASSERT_THAT(query.Run(Watermarked()), IsOk());
  EXPECT_THAT(query.LoggedWatermarks(), ElementsAre("0>20", "20>20"));
}

TEST(EventTime, ABatchWithoutRowsFollowsWhereTheWatermarkMoved) {
  EventTimeQuery query;
  query.Add({{"a", At(30)}});
  ASSERT_THAT(query.Run(Watermarked()), IsOk());
  ASSERT_EQ(query.progress().size(), 2U);
  const Json& idle = query.progress()[1];
  EXPECT_EQ(idle["numInputRows"], 0);
  EXPECT_EQ(idle["sources"][0]["startOffset"], idle["sources"][0]["endOffset"]);
  EXPECT_EQ(idle["sources"][0]["endOffset"], ParseJson(R"({"logOffset":0})").value());
  EXPECT_TRUE(query.ReadFile("/checkpoint/offsets/1").ends_with("\n{\"logOffset\":0}"));
  EXPECT_FALSE(query.CheckpointFiles().contains("/checkpoint/sources/0/1"));
  // The source's log goes on where it was.
  query.Add({{"a", At(31)}});
  ASSERT_THAT(query.Run(Watermarked()), IsOk());
  EXPECT_TRUE(query.ReadFile("/checkpoint/offsets/2").ends_with("\n{\"logOffset\":1}"));
}

TEST(EventTime, BatchesWithoutRowsCanBeSwitchedOffAndCatchUp) {
  EventTimeQuery query;
  query.SetConf("spark.sql.streaming.noDataMicroBatches.enabled", "false");
  query.Add({{"a", At(30)}});
  ASSERT_THAT(query.Run(Watermarked()), IsOk());
  EXPECT_THAT(query.LoggedWatermarks(), ElementsAre("0>20"));
  query.SetConf("spark.sql.streaming.noDataMicroBatches.enabled", "true");
  ASSERT_THAT(query.Run(Watermarked()), IsOk());
  EXPECT_THAT(query.LoggedWatermarks(), ElementsAre("0>20", "20>20"));
}

TEST(EventTime, OnceIsOneBatch) {
  EventTimeQuery query;
  query.Add({{"a", At(30)}});
  ASSERT_THAT(query.Run(Watermarked(), TimeMode::kEventTime, Once()), IsOk());
  EXPECT_THAT(query.LoggedWatermarks(), ElementsAre("0>20"));
  ASSERT_THAT(query.Run(Watermarked(), TimeMode::kEventTime, Once()), IsOk());
  EXPECT_THAT(query.LoggedWatermarks(), ElementsAre("0>20", "20>20")) << "which may have no rows";
  ASSERT_THAT(query.Run(Watermarked(), TimeMode::kEventTime, Once()), IsOk());
  EXPECT_EQ(query.LoggedWatermarks().size(), 2U);
}

TEST(EventTime, AnIdleQueryAddsNoFiles) {
  for (const TimeMode time_mode : {TimeMode::kEventTime, TimeMode::kProcessingTime, TimeMode::kNone}) {
    EventTimeQuery query;
    query.Add({{"a", At(30)}});
    ASSERT_THAT(query.Run(Watermarked(), time_mode), IsOk());
    const auto before = query.CheckpointFiles();
    const std::size_t reported = query.progress().size();
    const std::int64_t hour_over_ms = query.clock().NowMs() + 3'600'000;
    RunUntil(query, hour_over_ms, time_mode);
    EXPECT_GE(query.clock().NowMs(), hour_over_ms);
    EXPECT_EQ(query.CheckpointFiles(), before) << TimeModeName(time_mode);
    EXPECT_EQ(query.progress().size(), reported);
  }
}

TEST(EventTime, ATimerExpiresWithTheBatchWithoutRowsThatTheWatermarkAsksFor) {
  EventTimeQuery query;
  query.Add({{"a", At(30)}});
  ASSERT_THAT(query.Run(Watermarked()), IsOk());
  query.Add({{"a", At(35), -5000}, {"b", At(36), -6001}});  // the watermark is 20 s, and 26 s afterwards
  ASSERT_THAT(query.Run(Watermarked()), IsOk());
  EXPECT_THAT(SumsOf(query, 2), ElementsAre("a=1", "b=0"));
  EXPECT_THAT(SumsOf(query, 3), ElementsAre("a!=1"));
  EXPECT_EQ(query.LoggedWatermarks().size(), 4U) << "b's timer waits for more input";
}

TEST(EventTime, ATimerThatComesDueWhileNoInputArrivesWakesTheQueryOnce) {
  EventTimeQuery query;
  query.Add({{"a", At(30)}, {"a", At(31), -600'000}});
  ASSERT_THAT(query.Run(Watermarked(), TimeMode::kProcessingTime), IsOk());
  ASSERT_EQ(query.sums().size(), 1U);
  const std::int64_t due_ms = query.sums().front().processing_time_ms + 600'000;
  RunUntil(query, due_ms + 3'600'000, TimeMode::kProcessingTime);
  // Two batches in more than an hour, the second within a second after the timer was due.
  ASSERT_EQ(query.progress().size(), 2U);
  EXPECT_THAT(SumsOf(query, 1), ElementsAre("a!=1"));
  EXPECT_GE(query.sums().back().processing_time_ms, due_ms);
  EXPECT_LE(query.sums().back().processing_time_ms, due_ms + 1000);
}

TEST(EventTime, ATriggerThatEndsDoesWhatIsDueAndEnds) {
  EventTimeQuery query;
  query.Add({{"a", At(30)}, {"a", At(31), -600'000}});
  for (const Trigger& trigger : {AvailableNow(), Once(), AvailableNow()}) {
    ASSERT_THAT(query.Run(Watermarked(), TimeMode::kProcessingTime, trigger), IsOk());
    EXPECT_EQ(query.progress().size(), 1U);
  }
  query.clock().AdvanceMs(600'000);
  ASSERT_THAT(query.Run(Watermarked(), TimeMode::kProcessingTime), IsOk());
  EXPECT_THAT(SumsOf(query, 1), ElementsAre("a!=1"));
  EXPECT_EQ(query.progress().size(), 2U);
}

TEST(EventTime, ProgressTellsTheTimesOfTheBatch) {
  EventTimeQuery query;
  query.Add({{"a", At(1)}, {"b", {}}, {"a", At(4)}});
  ASSERT_THAT(query.Run(Watermarked("1 second")), IsOk());
  EXPECT_EQ(query.progress()[0]["eventTime"].dump(),
            R"({"avg":"2026-01-01T00:00:02.500Z","max":"2026-01-01T00:00:04.000Z","min":"2026-01-01T00:00:01.000Z",)"
            R"("watermark":"1970-01-01T00:00:00.000Z"})");
  EXPECT_EQ(query.progress()[1]["eventTime"].dump(), R"({"watermark":"2026-01-01T00:00:03.000Z"})");
  EventTimeQuery without;
  without.Add({{"a", At(1)}});
  ASSERT_THAT(without.Run(EventTimeQuery::Events(), TimeMode::kNone), IsOk());
  EXPECT_EQ(without.progress()[0]["eventTime"].dump(), "{}");
}

TEST(EventTime, WhatDoesNotFitIsRefusedByNameAndLeavesNothing) {
  EventTimeQuery query;
  query.Add({{"a", At(30)}});
  const auto refusal = [&query](DataStream stream) {
    const Status refused = query.Run(std::move(stream));
    EXPECT_THAT(refused, test::HasKind(ErrorKind::kInvalid));
    EXPECT_THAT(query.CheckpointFiles(), IsEmpty());
    return refused;
  };
  EXPECT_EQ(refusal(EventTimeQuery::Events()).condition(), "CANNOT_ASSIGN_EVENT_TIME_COLUMN_WITHOUT_WATERMARK");
  const Status unknown = refusal(EventTimeQuery::Events().WithWatermark("att", "1 minute"));
  EXPECT_EQ(unknown.condition(), "UNRESOLVED_COLUMN.WITH_SUGGESTION");
  EXPECT_NE(unknown.message().find("did you mean at?"), std::string::npos) << unknown.message();
  const Status not_a_time = refusal(EventTimeQuery::Events().WithWatermark("n", "1 minute"));
  EXPECT_EQ(not_a_time.condition(), "EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE");
  EXPECT_NE(not_a_time.message().find("The event time `n` has the invalid type \"BIGINT\", but expected \"TIMESTAMP\""),
            std::string::npos);
  for (const std::string delay : {"1 month", "2 years", "-10 seconds", "1 hour -61 minutes", "soon", ""}) {
    const Status refused = refusal(EventTimeQuery::Events().WithWatermark("at", delay));
    EXPECT_EQ(refused.condition(), "CANNOT_PARSE_INTERVAL") << delay;
    EXPECT_NE(refused.message().find(delay), std::string::npos) << refused.message();
  }
  const Status twice = refusal(Watermarked().WithWatermark("at", "1 minute"));
  EXPECT_NE(twice.message().find("Redefining watermark is disallowed"), std::string::npos) << twice.message();
}

}  // namespace
}  // namespace hf
