// SPDX-License-Identifier: Apache-2.0
// Several processors in one query, each on what the one before it puts out.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "scenarios/event_time_query.h"
#include "support/status_matchers.h"

namespace hf {
namespace {

using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;

struct In {
  std::string key;
  std::optional<Timestamp> at;
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(In, key, at, n);

struct Visit {
  std::string group;
  Timestamp at;
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(Visit, group, at, n);

struct Total {
  std::string group;
  std::string why;
  std::int64_t total = 0;
  std::int64_t watermark_ms = 0;
};
HOLDFAST_STRUCT(Total, group, why, total, watermark_ms);

Timestamp AtMs(std::int64_t ms) { return Timestamp{.micros = ms * 1000}; }
std::int64_t At(double seconds) { return EventTimeQuery::kBegin + static_cast<std::int64_t>(seconds * 1000); }

// Passes on the sum of a key's rows, at the time of the last; `shift_ms` makes it lie.
class Visits final : public StatefulProcessor<std::string, In, Visit> {
 public:
  explicit Visits(std::int64_t shift_ms = 0) : shift_ms_(shift_ms) {}
  void Init(StatefulProcessorHandle& handle) override { seen_ = handle.GetValueState<std::int64_t>("seen"); }
  void HandleInputRows(const std::string& key, RowsOf<In> rows, const TimerValues&, Output<Visit>& out) override {
    std::int64_t sum = seen_.Get() != nullptr ? *seen_.Get() : 0;
    Timestamp last{};
    for (const In& row : rows) {
      sum += row.n;
      last = std::max(last, row.at.value_or(Timestamp{}));
    }
    seen_.Update(sum);
    out.Emit({key.substr(0, 1), AtMs(last.micros / 1000 + shift_ms_), sum});
  }

 private:
  std::int64_t shift_ms_;
  ValueState<std::int64_t> seen_;
};

// Sums up what it gets, and says so again three seconds later.
class Totals final : public StatefulProcessor<std::string, Visit, Total> {
 public:
  explicit Totals(bool has_timers = true) : has_timers_(has_timers) {}
  void Init(StatefulProcessorHandle& handle) override { total_ = handle.GetValueState<std::int64_t>("total"); }
  void HandleInputRows(const std::string& group, RowsOf<Visit> rows, const TimerValues& clocks,
                       Output<Total>& out) override {
    std::int64_t total = total_.Get() != nullptr ? *total_.Get() : 0;
    for (const Visit& row : rows) {
      total += row.n;
      if (has_timers_) {
        GetHandle().RegisterTimer(row.at.micros / 1000 + 3000);
      }
    }
    total_.Update(total);
    out.Emit({group, "rows", total, clocks.current_watermark_ms});
  }
  void HandleExpiredTimer(const std::string& group, const TimerValues& clocks, const ExpiredTimerInfo&,
                          Output<Total>& out) override {
    out.Emit({group, "timer", *total_.Get(), clocks.current_watermark_ms});
  }

 private:
  bool has_timers_;
  ValueState<std::int64_t> total_;
};

class Chain : public testing::Test {
 protected:
  Chain() { conf_["holdfast.state.scratchDirectory"] = scratch_.path(); }

  void Add(const std::vector<Event>& events) {
    std::string text;
    for (const Event& event : events) {
      text += fmt::format("{{\"key\":\"{}\",\"at\":{},\"n\":{}}}\n", event.key, *event.at_ms, event.n);
    }
    clock_.AdvanceMs(1);
    ASSERT_THAT(files_.PutNew(fmt::format("/events/{:06}.json", added_++), text), IsOk());
  }

  static DataStream Events() {
    return ReadStream("json")
        .Schema(Schema::Parse("key STRING, at BIGINT, n BIGINT").value())
        .Option("maxFilesPerTrigger", "1")
        .Load("/events")
        .MapBatches(SchemaOf(detail::LayoutOf<In>::Get()), &Chain::Timed);
  }

  // `at` in milliseconds becomes a time.
  static Result<ColumnBatch> Timed(const ColumnBatch& rows) {
    std::vector<Row> timed;
    for (std::int64_t row = 0; row < rows.rows(); ++row) {
      timed.push_back({rows.At(0, row), AtMs(std::get<std::int64_t>(rows.At(1, row))), rows.At(2, row)});
    }
    return ColumnBatch::FromRows(SchemaOf(detail::LayoutOf<In>::Get()), timed);
  }

  static ResultStream Query(TimeMode first = TimeMode::kEventTime, TimeMode second = TimeMode::kEventTime,
                            std::int64_t shift_ms = 0) {
    return Events()
        .WithWatermark("at", "10 seconds")
        .GroupBy("key")
        .OutputEventTime("at")
        .TransformWithState(OutputMode::kAppend, first, Visits(shift_ms))
        .GroupBy("group")
        .TransformWithState(OutputMode::kAppend, second, Totals(second == TimeMode::kEventTime));
  }

  Status Run(ResultStream results, Trigger trigger = AvailableNow()) {
    auto writer = std::move(results)
                      .WriteStream("")
                      .ForeachBatch([this](const ColumnBatch& rows, std::int64_t batch) {
                        for (std::int64_t i = 0; i < rows.rows(); ++i) {
                          std::string text = fmt::format("{}:", batch);
                          for (std::size_t column = 0; column + 1 < rows.schema().size(); ++column) {
                            text += " " + ToJson({rows.At(column, i)}, Schema({rows.schema().field(column)}));
                          }
                          out_.push_back(text);
                        }
                        return Status();
                      })
                      .Option("checkpointLocation", "/checkpoint")
                      .Conf("spark.sql.shuffle.partitions", "2")
                      .OnProgress([this](const StreamingQueryProgress& progress) {
                        progress_.push_back(ParseJson(progress.json).value());
                        clock_.AdvanceMs(100);
                      })
                      .Trigger(trigger);
    for (const auto& [key, value] : conf_) {
      writer = std::move(writer).Conf(key, value);
    }
    HF_ASSIGN_OR_RETURN(
        const auto query,
        StartQuery(writer.description(), {.files = environment_files_, .clock = &clock_, .random = &random_}));
    return query->AwaitTermination();
  }

  [[nodiscard]] std::vector<std::string> OutOf(std::int64_t batch) const {
    std::vector<std::string> found;
    const std::string prefix = fmt::format("{}: ", batch);
    for (const std::string& line : out_) {
      if (line.starts_with(prefix)) {
        found.push_back(line.substr(prefix.size()));
      }
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  static std::string Line(const std::string& group, const std::string& why, std::int64_t total) {
    return fmt::format(R"({{"group":"{}"}} {{"why":"{}"}} {{"total":{}}})", group, why, total);
  }

  Options conf_;
  ManualClock clock_{EventTimeQuery::kBegin * 1000, ManualClock::Sleep::kJumps};
  SeededRandom random_{1};
  SimulatedDisk disk_{clock_};
  DiskFileSystem files_{disk_};
  std::shared_ptr<FileSystem> environment_files_ = std::make_shared<DiskFileSystem>(disk_);
  test::TempDir scratch_;
  std::vector<std::string> out_;
  std::vector<Json> progress_;
  int added_ = 0;
};

TEST_F(Chain, ASecondProcessorGetsWhatTheFirstPutsOutInTheSameBatchAndItsTimersFireByTheSameWatermark) {
  Add({{"a1", At(0), 1}, {"a2", At(3), 2}, {"b1", At(5), 3}});
  Add({{"a1", At(12), 4}, {"c1", At(15), 6}});  // the watermark is 5 s then
  Add({{"a1", At(30), 7}});
  ASSERT_THAT(Run(Query()), IsOk());
  EXPECT_THAT(OutOf(0), ElementsAre(Line("a", "rows", 3), Line("b", "rows", 3)));
  EXPECT_THAT(OutOf(1), ElementsAre(Line("a", "rows", 8), Line("c", "rows", 6)));
  // 5 s when batch 2 runs: the timer of a1 at 3 s, in the batch without rows 15 + 3 and the others but that of 33 s.
  EXPECT_THAT(OutOf(2), ElementsAre(Line("a", "rows", 20), Line("a", "timer", 20)));
  EXPECT_THAT(OutOf(3), ElementsAre(Line("a", "timer", 20), Line("a", "timer", 20), Line("b", "timer", 3),
                                    Line("c", "timer", 6)));
  ASSERT_EQ(progress_.size(), 4U);
  EXPECT_EQ(progress_[3]["numInputRows"], 0);
}

TEST_F(Chain, EachOperatorHasItsStateMetadataAndProgress) {
  Add({{"a1", At(1), 1}, {"a2", At(3), 2}});
  ASSERT_THAT(Run(Query()), IsOk());
  const auto files = disk_.Files();
  for (const char* path : {"/checkpoint/state/0/_metadata/v2/0", "/checkpoint/state/1/_metadata/v2/0"}) {
    ASSERT_TRUE(files.contains(path)) << path;
  }
  EXPECT_THAT(files.at("/checkpoint/state/1/_metadata/v2/0"), HasSubstr("\"operatorId\":1"));
  const Json& states = progress_.front()["stateOperators"];
  ASSERT_EQ(states.size(), 2U);
  EXPECT_EQ(states[0]["numRowsUpdated"], 1) << "the one nearer to the sink comes first";
  EXPECT_EQ(states[0]["customMetrics"]["numRegisteredTimers"], 2);
  EXPECT_EQ(states[1]["numRowsUpdated"], 2);
  EXPECT_TRUE(states[1]["customMetrics"].contains("timerProcessingTimeMs"));
  EXPECT_GT(states[0]["customMetrics"]["rocksdbNumInternalColFamiliesKeys"], 0) << "timers";
  EXPECT_EQ(progress_.front()["sink"]["numOutputRows"], 1);
}

TEST_F(Chain, StateOfBothGoesOnAfterARestart) {
  for (const char* format : {"1", "2"}) {
    conf_["spark.sql.streaming.stateStore.checkpointFormatVersion"] = format;
    Add({{"a1", At(1), 1}});
    ASSERT_THAT(Run(Query()), IsOk());
  }
  Add({{"a1", At(2), 10}, {"a2", At(2), 20}});
  ASSERT_THAT(Run(Query()), IsOk());
  EXPECT_THAT(out_.back(), HasSubstr(Line("a", "rows", 1 + 2 + 12 + 20)));
}

TEST_F(Chain, WithUniqueIdsEveryOperatorsAreCommitted) {
  conf_["spark.sql.streaming.stateStore.checkpointFormatVersion"] = "2";
  Add({{"a1", At(1), 1}});
  ASSERT_THAT(Run(Query()), IsOk());
  const std::string commit = disk_.Files().at("/checkpoint/commits/0");
  EXPECT_THAT(commit, HasSubstr("\"0\":[["));
  EXPECT_THAT(commit, HasSubstr("\"1\":[["));
  Add({{"a1", At(1), 1}});
  ASSERT_THAT(Run(Query()), IsOk());
  EXPECT_THAT(out_.back(), HasSubstr(Line("a", "rows", 3)));
}

TEST_F(Chain, NoWatermarkComesOutOfAProcessorInProcessingTime) {  // as Spark 4.3 has it
  Add({{"a1", At(0), 1}});
  Add({{"a1", At(100), 1}});
  Add({{"a1", At(1), 1}});  // 90 s, but nothing is late
  ASSERT_THAT(Run(Query(TimeMode::kProcessingTime, TimeMode::kEventTime)), IsOk());
  EXPECT_EQ(progress_.size(), 3U) << "no batch without rows: nobody would have anything to do";
  for (const Json& progress : progress_) {
    EXPECT_EQ(progress["stateOperators"][0]["numRowsDroppedByWatermark"], 0);
    EXPECT_EQ(progress["stateOperators"][0]["customMetrics"]["numExpiredTimers"], 0);
  }
}

TEST_F(Chain, RowsThatAreLateAlreadyEndTheQuery) {
  Add({{"a1", At(50), 1}});
  Add({{"a1", At(51), 1}});
  ASSERT_THAT(Run(Query()), IsOk());
  Add({{"a1", At(52), 1}});
  const Status failed = Run(Query(TimeMode::kEventTime, TimeMode::kEventTime, -20'000));
  EXPECT_EQ(failed.condition(), "EMITTING_ROWS_OLDER_THAN_WATERMARK_NOT_ALLOWED");
  EXPECT_THAT(failed.message(), HasSubstr(fmt::format("eventTime={}", At(32) * 1000)));
  ASSERT_THAT(Run(Query()), IsOk()) << "nothing of the batch is left";
  EXPECT_THAT(out_.back(), HasSubstr("\"total\""));
}

TEST_F(Chain, AnEventTimeColumnNeedsAWatermarkAndMustBeThereAndATimestamp) {
  const auto with = [](const std::string& column, bool watermark) {
    DataStream events = Events();
    if (watermark) {
      events = std::move(events).WithWatermark("at", "10 seconds");
    }
    return std::move(events)
        .GroupBy("key")
        .OutputEventTime(column)
        .TransformWithState(OutputMode::kAppend, TimeMode::kNone, Visits())
        .GroupBy("group")
        .TransformWithState(OutputMode::kAppend, TimeMode::kEventTime, Totals());
  };
  Add({{"a1", At(1), 1}});
  EXPECT_EQ(Run(with("at", false)).condition(), "CANNOT_ASSIGN_EVENT_TIME_COLUMN_WITHOUT_WATERMARK");
  EXPECT_EQ(Run(with("att", true)).condition(), "UNRESOLVED_COLUMN.WITH_SUGGESTION");
  EXPECT_EQ(Run(with("n", true)).condition(), "EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE");
  EXPECT_EQ(Run(with("", true)).condition(), "CANNOT_ASSIGN_EVENT_TIME_COLUMN_WITHOUT_WATERMARK");
  for (const auto& [path, content] : disk_.Files()) {
    EXPECT_FALSE(path.starts_with("/checkpoint/")) << path;
  }
}

TEST_F(Chain, ACheckpointGoesOnOnlyWithItsOperators) {
  Add({{"a1", At(1), 1}});
  ASSERT_THAT(Run(Query()), IsOk());
  const auto before = disk_.Files();
  const Status fewer = Run(Events()
                               .WithWatermark("at", "10 seconds")
                               .GroupBy("key")
                               .TransformWithState(OutputMode::kAppend, TimeMode::kEventTime, Visits()));
  EXPECT_EQ(fewer.condition(), "STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA");
  EXPECT_THAT(fewer.message(), HasSubstr("2 stateful operators, this query has 1"));
  const Status evolved = Run(Query(TimeMode::kEventTime, TimeMode::kNone));
  EXPECT_THAT(evolved.message(), HasSubstr("operator 0")) << "which of them does not fit";
  EXPECT_EQ(disk_.Files(), before);
}

TEST_F(Chain, AQueryThatFailedInItsFirstBatchMayNotComeAgainWithFewerProcessors) {
  Add({{"a1", At(1), 1}});
  const auto failing = [](const ColumnBatch&) { return Result<ColumnBatch>(Unavailable("not now")); };
  const Schema visit = SchemaOf(detail::LayoutOf<Visit>::Get());
  EXPECT_FALSE(Run(Events()
                       .WithWatermark("at", "10 seconds")
                       .GroupBy("key")
                       .OutputEventTime("at")
                       .TransformWithState(OutputMode::kAppend, TimeMode::kEventTime, Visits())
                       .MapBatches(visit, failing)
                       .GroupBy("group")
                       .TransformWithState(OutputMode::kAppend, TimeMode::kEventTime, Totals()))
                   .ok());
  const auto before = disk_.Files();
  const Status fewer = Run(Events()
                               .WithWatermark("at", "10 seconds")
                               .GroupBy("key")
                               .TransformWithState(OutputMode::kAppend, TimeMode::kEventTime, Visits()));
  EXPECT_EQ(fewer.condition(), "STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA");
  EXPECT_EQ(disk_.Files(), before);
  ASSERT_THAT(Run(Query()), IsOk());
}

TEST_F(Chain, AFunctionStandsBetweenTwoProcessorsAndBeforeTheSink) {
  const Schema visit = SchemaOf(detail::LayoutOf<Visit>::Get());
  const auto doubled = [visit](const ColumnBatch& rows) {
    std::vector<Row> made;
    for (std::int64_t row = 0; row < rows.rows(); ++row) {
      made.push_back({rows.At(0, row), rows.At(1, row), 2 * std::get<std::int64_t>(rows.At(2, row))});
    }
    return ColumnBatch::FromRows(visit, made);
  };
  const auto only_totals = [](const ColumnBatch& rows) {
    return Result<ColumnBatch>(ColumnBatch(Schema({rows.schema().field(2), rows.schema().field(1)}),
                                           {rows.column(2), rows.column(1)}, rows.rows()));
  };
  const auto query = [&](const Schema& last) {
    return Events()
        .WithWatermark("at", "10 seconds")
        .GroupBy("key")
        .OutputEventTime("at")
        .TransformWithState(OutputMode::kAppend, TimeMode::kEventTime, Visits())
        .MapBatches(visit, doubled)
        .GroupBy("group")
        .TransformWithState(OutputMode::kAppend, TimeMode::kEventTime, Totals())
        .MapBatches(last, only_totals);
  };
  Add({{"a1", At(1), 1}, {"a2", At(3), 2}});
  ASSERT_THAT(Run(query(Schema::Parse("total BIGINT NOT NULL, why STRING NOT NULL").value())), IsOk());
  EXPECT_THAT(out_, ElementsAre(R"(0: {"total":6})"));
  Add({{"a1", At(1), 1}});
  EXPECT_THAT(Run(query(Schema::Parse("total INT, why STRING").value())).message(), HasSubstr("were announced"));
}

}  // namespace
}  // namespace hf
