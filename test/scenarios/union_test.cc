// SPDX-License-Identifier: Apache-2.0
// Several inputs in one query: offsets of each, watermarks of each, and what the checkpoint keeps of them.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "connect/memory/memory_sink.h"
#include "connect/memory/memory_source.h"
#include "scenarios/event_time_query.h"
#include "support/status_matchers.h"

namespace hf {
namespace {

using test::HasKind;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::int64_t At(double seconds) { return EventTimeQuery::kBegin + static_cast<std::int64_t>(seconds * 1000); }

DataStream Left() { return EventTimeQuery::Events("/left"); }
DataStream Right() { return EventTimeQuery::Events("/right"); }

DataStream BothWatermarked() {
  return Left().WithWatermark("at", "10 seconds").Union(Right().WithWatermark("at", "20 seconds"));
}

// Three batches: the right one lags, and sends nothing in the last.
void AddBoth(EventTimeQuery& query) {
  query.Add({{"a", At(100)}}, "/left");
  query.Add({{"b", At(50)}}, "/right");
  query.Add({{"a", At(200)}}, "/left");
  query.Add({{"b", At(60)}, {"a", At(31)}, {"a", At(29)}}, "/right");
  query.Add({{"a", At(300)}, {"a", At(33)}}, "/left");
}

TEST(Union, TheLeastWatermarkIsTheQuerysByDefault) {
  EventTimeQuery query;
  AddBoth(query);
  ASSERT_THAT(query.Run(BothWatermarked()), IsOk());
  // 100 - 10 and 50 - 20; 200 - 10 and 60 - 20; then only the left one goes on.
  EXPECT_THAT(query.LoggedWatermarks(), ElementsAre("0>30", "30>40", "40>40"));
  EXPECT_THAT(query.Dropped(), ElementsAre(0, 0, 0));
  EXPECT_THAT(query.LastTotals(), testing::UnorderedElementsAre(testing::Pair("a", 6), testing::Pair("b", 2)));
}

TEST(Union, TheGreatestIsByPolicyAndThePolicyIsTheCheckpoints) {
  EventTimeQuery query;
  query.SetConf("spark.sql.streaming.multipleWatermarkPolicy", "max");
  AddBoth(query);
  ASSERT_THAT(query.Run(BothWatermarked()), IsOk());
  EXPECT_THAT(query.LoggedWatermarks(), ElementsAre("0>90", "90>190", "190>290", "290>290"));
  EXPECT_THAT(query.Dropped(), ElementsAre(0, 0, 1, 0)) << "33 s, after batch 1 with a watermark of 90 s";
  EXPECT_THAT(query.ReadFile("/checkpoint/offsets/0"),
              HasSubstr(R"("spark.sql.streaming.multipleWatermarkPolicy":"max")"));
  query.SetConf("spark.sql.streaming.multipleWatermarkPolicy", "min");
  query.Add({{"a", At(400)}}, "/left");
  ASSERT_THAT(query.Run(BothWatermarked()), IsOk());
  EXPECT_EQ(query.LoggedWatermarks()[4], "290>390");
}

TEST(Union, AfterARestartTheWatermarkWaitsForBothAndNeverFalls) {
  EventTimeQuery query;
  AddBoth(query);
  ASSERT_THAT(query.Run(BothWatermarked()), IsOk());
  query.Add({{"a", At(400)}}, "/left");
  ASSERT_THAT(query.Run(BothWatermarked()), IsOk());
  query.Add({{"a", At(500)}}, "/left");
  query.Add({{"b", At(90)}}, "/right");
  ASSERT_THAT(query.Run(BothWatermarked()), IsOk());
  EXPECT_THAT(query.LoggedWatermarks(), ElementsAre("0>30", "30>40", "40>40", "40>40", "40>70", "70>70"));
}

TEST(Union, OneWatermarkOverBothSeesBoth) {
  EventTimeQuery query;
  AddBoth(query);
  ASSERT_THAT(query.Run(Left().Union(Right()).WithWatermark("at", "10 seconds")), IsOk());
  EXPECT_THAT(query.LoggedWatermarks(), ElementsAre("0>90", "90>190", "190>290", "290>290"));
}

TEST(Union, OffsetsHaveALineForEachSourceAndThatWithoutNewDataStays) {
  EventTimeQuery query;
  AddBoth(query);
  ASSERT_THAT(query.Run(BothWatermarked()), IsOk());
  EXPECT_TRUE(query.ReadFile("/checkpoint/offsets/0").ends_with("\n{\"logOffset\":0}\n{\"logOffset\":0}"));
  EXPECT_TRUE(query.ReadFile("/checkpoint/offsets/2").ends_with("\n{\"logOffset\":2}\n{\"logOffset\":1}"));
  EXPECT_THAT(query.ReadFile("/checkpoint/sources/0/2"), HasSubstr("/left/"));
  EXPECT_THAT(query.ReadFile("/checkpoint/sources/1/1"), HasSubstr("/right/"));
  EXPECT_FALSE(query.CheckpointFiles().contains("/checkpoint/sources/1/2"));
  const Json& sources = query.progress()[2]["sources"];
  ASSERT_EQ(sources.size(), 2U);
  EXPECT_EQ(sources[0]["numInputRows"], 2);
  EXPECT_EQ(sources[1]["numInputRows"], 0);
  EXPECT_EQ(sources[1]["startOffset"], sources[1]["endOffset"]);
  EXPECT_EQ(query.progress()[1]["numInputRows"], 4);
}

TEST(Union, ABatchOfBothIsRunAgainAsPromised) {
  EventTimeQuery query;
  AddBoth(query);
  query.SetFailing(true);
  EXPECT_FALSE(query.Run(BothWatermarked()).ok());
  const std::string promised = query.ReadFile("/checkpoint/offsets/0");
  query.SetFailing(false);
  ASSERT_THAT(query.Run(BothWatermarked()), IsOk());
  EXPECT_EQ(query.ReadFile("/checkpoint/offsets/0"), promised);
  EXPECT_THAT(query.LastTotals(), testing::UnorderedElementsAre(testing::Pair("a", 6), testing::Pair("b", 2)));
}

TEST(Union, ACheckpointGoesOnOnlyWithAsManySources) {
  EventTimeQuery query;
  AddBoth(query);
  ASSERT_THAT(query.Run(BothWatermarked()), IsOk());
  const auto before = query.CheckpointFiles();
  const Status one = query.Run(Left().WithWatermark("at", "10 seconds"));
  EXPECT_THAT(one, HasKind(ErrorKind::kIncompatible));
  EXPECT_THAT(std::string(one.message()), HasSubstr("has 2 sources, this query has 1"));
  const Status three = query.Run(BothWatermarked().Union(EventTimeQuery::Events("/left")));
  EXPECT_THAT(std::string(three.message()), HasSubstr("has 2 sources, this query has 3"));
  EXPECT_EQ(query.CheckpointFiles(), before);
}

TEST(Union, WhatDoesNotFitIsRefusedByName) {
  EventTimeQuery query;
  AddBoth(query);
  const auto refusal = [&query](DataStream stream, TimeMode time_mode = TimeMode::kEventTime) {
    const Status refused = query.Run(std::move(stream), time_mode);
    EXPECT_THAT(refused, HasKind(ErrorKind::kInvalid));
    EXPECT_THAT(query.CheckpointFiles(), IsEmpty());
    return refused;
  };
  const auto right_as = [](const std::string& ddl) {
    return ReadStream("json").Schema(Schema::FromDdl(ddl).value()).Load("/right");
  };
  const auto left = [] { return Left().WithWatermark("at", "10 seconds"); };
  EXPECT_EQ(refusal(left().Union(right_as("key STRING, at TIMESTAMP"))).condition(), "NUM_COLUMNS_MISMATCH");
  const Status narrow = refusal(left().Union(right_as("key STRING, at TIMESTAMP, n INT")));
  EXPECT_EQ(narrow.condition(), "INCOMPATIBLE_COLUMN_TYPE");
  EXPECT_THAT(std::string(narrow.message()), HasSubstr("column 2 of a union is n BIGINT in input 0, but n INT"));
  EXPECT_EQ(refusal(Left().Union(Right().WithWatermark("at", "1 second"))).condition(),
            "CANNOT_ASSIGN_EVENT_TIME_COLUMN_WITHOUT_WATERMARK");
  const Status twice = refusal(left().Union(Right()).WithWatermark("at", "1 second"));
  EXPECT_THAT(std::string(twice.message()), HasSubstr("Redefining watermark is disallowed"));
  auto source = std::make_shared<MemorySource>(Schema::FromDdl("key STRING, at TIMESTAMP, n BIGINT").value());
  const Status same = refusal(ReadStream(source).Union(ReadStream(source)), TimeMode::kNone);
  EXPECT_THAT(std::string(same.message()), HasSubstr("same source object"));
}

struct In {
  std::string key;
};
HOLDFAST_STRUCT(In, key);

class Counting final : public StatefulProcessor<std::string, In, In> {
 public:
  void Init(StatefulProcessorHandle& handle) override { count_ = handle.GetValueState<std::int64_t>("count"); }
  void HandleInputRows(const std::string& key, RowsOf<In> rows, const TimerValues&, Output<In>& out) override {
    count_.Update((count_.Get() != nullptr ? *count_.Get() : 0) + static_cast<std::int64_t>(rows.size()));
    out.Emit({fmt::format("{}={}", key, *count_.Get())});
  }

 private:
  ValueState<std::int64_t> count_;
};

TEST(Union, ASourceWithoutAnOffsetYetHasADash) {
  const test::TempDir dir;
  const Schema left_schema = Schema::FromDdl("key STRING").value();
  // Columns go together by place, whatever the second source calls them.
  const Schema right_schema = Schema::FromDdl("name STRING NOT NULL").value();
  auto left = std::make_shared<MemorySource>(left_schema);
  auto right = std::make_shared<MemorySource>(right_schema);
  const auto sink = std::make_shared<MemorySink>();
  const auto run = [&] {
    auto query = ReadStream(left)
                     .Union(ReadStream(right))
                     .GroupBy("key")
                     .TransformWithState<Counting>(OutputMode::kAppend, TimeMode::kNone)
                     .WriteStream(sink)
                     .Option("checkpointLocation", dir.path() + "/checkpoint")
                     .Conf("spark.sql.shuffle.partitions", "1")
                     .Trigger(AvailableNow())
                     .Start();
    return query.ok() ? (*query)->AwaitTermination() : query.status();
  };
  const auto offsets_of = [&dir](int batch) {
    std::ostringstream text;
    text << std::ifstream(fmt::format("{}/checkpoint/offsets/{}", dir.path(), batch)).rdbuf();
    return text.str().substr(text.str().rfind('}') + 1);
  };
  ASSERT_THAT(left->AddRows(std::vector<Row>{{"a"}}), IsOk());
  ASSERT_THAT(run(), IsOk());
  EXPECT_EQ(offsets_of(0), "\n0\n-");
  ASSERT_THAT(right->AddRows(std::vector<Row>{{"a"}, {"b"}}), IsOk());
  ASSERT_THAT(run(), IsOk());
  EXPECT_EQ(offsets_of(1), "\n0\n0");
  const std::vector<Row> expected = {{"a=1"}, {"a=2"}, {"b=1"}};
  EXPECT_EQ(sink->rows(), expected);
}

}  // namespace
}  // namespace hf
