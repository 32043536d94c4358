// SPDX-License-Identifier: Apache-2.0
// Sources that read no files, through a running query: what they give, what is in the checkpoint, what a restart does.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/clock.h"
#include "connect/delta/delta_sink.h"
#include "holdfast/memory_stream.h"
#include "query/environment.h"
#include "query/query_text.h"
#include "support/loopback_server.h"
#include "support/query_files.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

using test::HasKind;
using test::IsOk;
using testing::HasSubstr;

struct Tick {
  Timestamp timestamp;
  std::int64_t value = 0;
};
HOLDFAST_STRUCT(Tick, timestamp, value);

struct Sum {
  std::int64_t sum = 0;
};
HOLDFAST_STRUCT(Sum, sum);

struct SumOfValue {
  std::int64_t value = 0;
  std::int64_t sum = 0;
};
HOLDFAST_STRUCT(SumOfValue, value, sum);

// All values of one time together, over all batches.
class Summing final : public StatefulProcessor<Timestamp, Tick, SumOfValue> {
 public:
  void Init(StatefulProcessorHandle& handle) override { sum_ = handle.GetValueState<Sum>("sum"); }
  void HandleInputRows(const Timestamp&, RowsOf<Tick> rows, const TimerValues&, Output<SumOfValue>& out) override {
    Sum sum = sum_.Get() != nullptr ? *sum_.Get() : Sum();
    for (const Tick& row : rows) {
      sum.sum += row.value;
      out.Emit({row.value, sum.sum});
    }
    sum_.Update(sum);
  }

 private:
  ValueState<Sum> sum_;
};

class Sources : public ::testing::Test {
 protected:
  // Rows go to `taken_`, "value:sum" each.
  DataStreamWriter Describe(DataStream stream) {
    return std::move(stream)
        .GroupBy("timestamp")
        .TransformWithState<Summing>(OutputMode::kAppend, TimeMode::kNone)
        .WriteStream("console")
        .Option("checkpointLocation", checkpoint_)
        .Conf("spark.sql.shuffle.partitions", "1")
        .Trigger(AvailableNow())
        .ForeachBatch([this](const ColumnBatch& rows, std::int64_t batch) {
          std::vector<std::string> texts;
          for (std::int64_t row = 0; row < rows.rows(); ++row) {
            texts.push_back(
                fmt::format("{}:{}", std::get<std::int64_t>(rows.At(0, row)), std::get<std::int64_t>(rows.At(1, row))));
          }
          const std::lock_guard lock(mutex_);
          taken_.push_back(fmt::format("{}|{}", batch, fmt::join(texts, " ")));
          return Status();
        });
  }
  Status Run(DataStream stream) { return Run(Describe(std::move(stream)).description()); }
  Status Run(const QueryDescription& description) {
    Environment environment = ProcessEnvironment();
    environment.clock = &clock_;
    auto query = StartQuery(description, environment);
    return query.ok() ? (*query)->AwaitTermination() : query.status();
  }
  std::vector<std::string> Taken() {
    const std::lock_guard lock(mutex_);
    return std::exchange(taken_, {});
  }
  std::string LastLine(const std::string& file) const {
    const std::string text = dir_.Read("checkpoint/" + file);
    return text.substr(text.rfind('\n') + 1);
  }

  test::TempDir dir_;
  std::string checkpoint_ = dir_ / "checkpoint";
  ManualClock clock_{1'700'000'000'000'000, ManualClock::Sleep::kJumps};
  std::mutex mutex_;
  std::vector<std::string> taken_;
};

DataStream Rate(const Options& options = {}) {
  auto reader = ReadStream("rate");
  for (const auto& [key, value] : options) {
    reader = std::move(reader).Option(key, value);
  }
  return std::move(reader).Load();
}

TEST_F(Sources, RateGoesOnWhereTheCheckpointEndsByTheClockThatItIsGiven) {
  ASSERT_THAT(Run(Rate({{"rowsPerSecond", "2"}})), IsOk());
  EXPECT_EQ(Taken(), (std::vector<std::string>{"0|"}));  // Spark's first batch is as empty
  EXPECT_EQ(LastLine("offsets/0"), "0");
  EXPECT_EQ(dir_.Read("checkpoint/sources/0/0"), "v1\n1700000000000");
  clock_.AdvanceMs(2'000);
  ASSERT_THAT(Run(Rate({{"rowsPerSecond", "2"}})), IsOk());
  EXPECT_EQ(Taken(), (std::vector<std::string>{"1|0:0 1:1 2:2 3:3"}));
  EXPECT_EQ(LastLine("offsets/1"), "2");
}

TEST_F(Sources, RateMicroBatchAddsTheSameRowsInEveryRun) {
  const auto stream = [] {
    return ReadStream("rate-micro-batch").Option("rowsPerBatch", "2").Option("advanceMillisPerBatch", "0").Load();
  };
  ASSERT_THAT(Run(stream()), IsOk());
  ASSERT_THAT(Run(stream()), IsOk());
  EXPECT_EQ(Taken(), (std::vector<std::string>{"0|0:0 1:1", "1|2:3 3:6"}));
  EXPECT_EQ(LastLine("offsets/1"), R"({"offset":4,"timestamp":0})");
}

TEST_F(Sources, WhatASourceWithItsOwnSchemaDoesNotTakeIsRefusedBeforeAnythingIsWritten) {
  const auto refused = [this](DataStream stream, std::string_view words) {
    const Status status = Run(std::move(stream));
    ASSERT_THAT(status, HasKind(ErrorKind::kInvalid)) << words;
    EXPECT_NE(status.ToString().find(words), std::string::npos) << status.ToString();
    EXPECT_FALSE(dir_.Exists("checkpoint/metadata"));
  };
  refused(ReadStream("rate").Schema<Tick>().Load(), "does not support user-specified schema");
  refused(ReadStream("rate").Load("/in"), "takes no path");
  refused(Rate({{"rowPerSecond", "1"}}), "did you mean rowsPerSecond");
  refused(ReadStream("rate-micro-batch").Load(), "rowsPerBatch");
  refused(ReadStream("rat").Schema<Tick>().Load("/in"), "rat");
}

Timestamp At(std::int64_t us) { return Timestamp{us}; }

TEST_F(Sources, RowsThatThisProcessPushesGoOnWithTheSameStreamAndAreAskedForByNumberElse) {
  const auto stream = MemoryStream::Make<Tick>();
  ASSERT_THAT(stream->AddData(std::vector<Tick>{{At(1), 4}, {At(2), 5}}), IsOk());
  ASSERT_THAT(Run(ReadStream(stream)), IsOk());
  ASSERT_THAT(stream->AddData(std::vector<Tick>{{At(1), 6}}), IsOk());
  ASSERT_THAT(Run(ReadStream(stream)), IsOk());
  EXPECT_EQ(Taken(), (std::vector<std::string>{"0|4:4 5:5", "1|6:10"}));
  EXPECT_EQ(LastLine("offsets/1"), "1");
  // Another process has another stream.
  const Status refused = Run(ReadStream(MemoryStream::Make<Tick>()));
  ASSERT_THAT(refused, HasKind(ErrorKind::kInvalid));
  EXPECT_NE(refused.ToString().find("first_offset 2"), std::string::npos) << refused.ToString();
  const auto later = MemoryStream::Make<Tick>({.first_offset = 2});
  ASSERT_THAT(later->AddData(std::vector<Tick>{{At(2), 1}}), IsOk());
  ASSERT_THAT(Run(ReadStream(later)), IsOk());
  EXPECT_EQ(Taken(), (std::vector<std::string>{"2|1:6"}));
}

TEST_F(Sources, ABatchThatWasBegunAsksForItsRowsAgain) {
  const auto stream = MemoryStream::Make<Tick>();
  ASSERT_THAT(stream->AddData(std::vector<Tick>{{At(1), 4}}), IsOk());
  auto failing = Describe(ReadStream(stream)).ForeachBatch([](const ColumnBatch&, std::int64_t) {
    return Unavailable("not now");
  });
  ASSERT_THAT(Run(failing.description()), HasKind(ErrorKind::kUnavailable));
  const Status refused = Run(ReadStream(MemoryStream::Make<Tick>({.first_offset = 1})));
  ASSERT_THAT(refused, HasKind(ErrorKind::kInvalid));
  EXPECT_NE(refused.ToString().find("from offset 0 on"), std::string::npos) << refused.ToString();
  EXPECT_FALSE(dir_.Exists("checkpoint/commits/0"));
  const auto again = MemoryStream::Make<Tick>();
  ASSERT_THAT(again->AddData(std::vector<Tick>{{At(1), 4}}), IsOk());
  ASSERT_THAT(Run(ReadStream(again)), IsOk());
  EXPECT_EQ(Taken(), (std::vector<std::string>{"0|4:4"}));
}

TEST_F(Sources, AHostThatPushesMoreThanThereIsRoomForIsSlowedDownAndNotStopped) {
  const auto stream = MemoryStream::Make<Tick>({.bytes_max = 1});
  auto description = Describe(ReadStream(stream)).description();
  description.trigger = ProcessingTime(std::chrono::milliseconds(0));
  auto query = StartQuery(description);
  ASSERT_THAT(query, IsOk());
  for (std::int64_t i = 0; i < 20; ++i) {
    ASSERT_THAT(stream->AddData(std::vector<Tick>{{At(1), 1}}), IsOk());
  }
  // Room for the next push is there when all before it are in committed batches.
  EXPECT_GE((*query)->RecentProgress().size(), 19U);
  ASSERT_THAT((*query)->Stop(), IsOk());
}

TEST_F(Sources, ACheckpointOfAnotherSourceIsRefusedAndStaysAsItWas) {
  ASSERT_THAT(Run(ReadStream("rate-micro-batch").Option("rowsPerBatch", "2").Load()), IsOk());
  EXPECT_THAT(Run(Rate()), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(Run(ReadStream(MemoryStream::Make<Tick>())), HasKind(ErrorKind::kCorrupt));
  EXPECT_FALSE(dir_.Exists("checkpoint/offsets/1"));
  EXPECT_FALSE(dir_.Exists("checkpoint/sources/0/0"));
}

struct Word {
  std::optional<std::string> value;
};
HOLDFAST_STRUCT(Word, value);

class CountingWords final : public StatefulProcessor<Word, Word, SumOfValue> {
 public:
  void Init(StatefulProcessorHandle& handle) override { sum_ = handle.GetValueState<Sum>("sum"); }
  void HandleInputRows(const Word&, RowsOf<Word> rows, const TimerValues&, Output<SumOfValue>& out) override {
    Sum sum = sum_.Get() != nullptr ? *sum_.Get() : Sum();
    for (const Word& word : rows) {
      out.Emit({static_cast<std::int64_t>(word.value->size()), ++sum.sum});
    }
    sum_.Update(sum);
  }

 private:
  ValueState<Sum> sum_;
};

TEST_F(Sources, LinesOfASocketAreSaidNotToOutliveTheQueryAndEndItWithTheConnection) {
  test::LoopbackServer server;
  std::vector<std::string> said;
  auto description = Describe(ReadStream("rate").Load()).description();
  OperatorDescription& counting = description.operators.front();
  counting.processor = std::make_shared<const TypedProcessorFactory<CountingWords>>(CountingWords());
  counting.grouping_columns = {"value"};
  description.inputs.front().format = "socket";
  description.inputs.front().options = {{"host", "127.0.0.1"}, {"port", server.port()}};
  description.on_message = [&said](std::string_view line) { said.emplace_back(line); };
  description.trigger = ProcessingTime(std::chrono::milliseconds(0));
  auto query = StartQuery(description);
  ASSERT_THAT(query, IsOk());
  ASSERT_FALSE(said.empty());
  EXPECT_NE(said.front().find("not fault-tolerant"), std::string::npos) << said.front();
  server.Send("one\none\nseven");
  server.Close();
  const Status ended = (*query)->AwaitTermination();
  ASSERT_THAT(ended, HasKind(ErrorKind::kUnavailable));
  EXPECT_NE(ended.ToString().find("closed the connection after line 2"), std::string::npos) << ended.ToString();
  std::string rows;
  for (const std::string& batch : Taken()) {
    rows += batch.substr(batch.find('|') + 1) + " ";
  }
  EXPECT_NE(rows.find("3:1 3:2"), std::string::npos) << rows;
  EXPECT_NE(rows.find("5:1"), std::string::npos) << rows;
}

TEST_F(Sources, ADeltaTableIsReadOnceAlsoWhenTheBatchIsRunAgain) {
  if (const auto library = DeltaLibrary::Get(); !library.ok()) {
    GTEST_SKIP() << library.status().ToString();
  }
  const std::string table = dir_ / "ticks";
  const auto add = [&table](std::int64_t batch, const std::vector<Row>& rows) {
    const Schema schema = SchemaOf(detail::LayoutOf<Tick>::Get());
    auto sink = DeltaSink::Create(table, {}, "Append").value();
    ASSERT_THAT(sink->Open(schema, "writer"), IsOk());
    ASSERT_THAT(sink->Commit(batch, {ColumnBatch::FromRows(schema, rows).value()}), IsOk());
  };
  const auto stream = [&table] { return ReadStream("delta").Load(table); };
  add(0, {{Value(At(1)), Value(std::int64_t{4})}});
  ASSERT_THAT(Run(stream()), IsOk());
  add(1, {{Value(At(1)), Value(std::int64_t{5})}});
  auto failing = Describe(stream()).ForeachBatch([](const ColumnBatch&, std::int64_t) { return Unavailable("later"); });
  ASSERT_THAT(Run(failing.description()), HasKind(ErrorKind::kUnavailable));
  add(2, {{Value(At(1)), Value(std::int64_t{6})}});
  ASSERT_THAT(Run(stream()), IsOk());
  EXPECT_EQ(Taken(), (std::vector<std::string>{"0|4:4", "1|5:9", "2|6:15"}));
  // The table must not be the query's own checkpoint or sink, and a schema is not asked for.
  EXPECT_THAT(Run(ReadStream("delta").Load(checkpoint_)), HasKind(ErrorKind::kInvalid));
  EXPECT_THAT(Run(ReadStream("delta").Schema<Tick>().Load(table)), HasKind(ErrorKind::kInvalid));
}

TEST_F(Sources, AQueryFileNamesThemWithoutPathAndSchema) {
  const auto load = [](const std::string&, const std::string&) {
    return Result<std::shared_ptr<const ProcessorFactory>>(
        std::make_shared<const TypedProcessorFactory<Summing>>(Summing()));
  };
  auto described =
      ParseQueryText(fmt::format(R"({{"source": {{"format": "rate-micro-batch", "options": {{"rowsPerBatch": 3}}}},
                       "groupBy": ["timestamp"], "processor": {{"library": "l", "class": "c"}},
                       "sink": {{"format": "console"}}, "checkpointLocation": "{}",
                       "trigger": {{"availableNow": true}}}})",
                                 checkpoint_),
                     dir_.path(), load);
  ASSERT_THAT(described, IsOk());
  std::string shown;
  described->on_console = [&shown](std::string_view text) { shown += text; };
  ASSERT_THAT(Run(*described), IsOk());
  EXPECT_NE(shown.find("|    2|  3|"), std::string::npos) << shown;
}

TEST_F(Sources, AQueryFileHasStepsBeforeAndBehindTheProcessor) {
  const auto load = [](const std::string&, const std::string&) {
    return Result<std::shared_ptr<const ProcessorFactory>>(
        std::make_shared<const TypedProcessorFactory<Summing>>(Summing()));
  };
  const auto parse = [&](const std::string& steps) {
    return ParseQueryText(fmt::format(R"({{"source": {{"format": "rate-micro-batch", "options": {{"rowsPerBatch": 3}},
                                          "steps": [{{"filter": "value <> 1"}}, {}]}},
                         "groupBy": ["timestamp"], "processor": {{"library": "l", "class": "c"}},
                         "resultSteps": [{{"selectExpr": ["sum * 100 AS hundreds"]}}],
                         "sink": {{"format": "console"}}, "checkpointLocation": "{}",
                         "trigger": {{"availableNow": true}}}})",
                                      steps, checkpoint_),
                          dir_.path(), load);
  };
  auto described = parse(R"({"withColumn": {"name": "value", "expression": "value + 5"}})");
  ASSERT_THAT(described, IsOk());
  std::string shown;
  described->on_console = [&shown](std::string_view text) { shown += text; };
  ASSERT_THAT(Run(*described), IsOk());
  EXPECT_NE(shown.find("|hundreds|"), std::string::npos) << shown;
  EXPECT_NE(shown.find("|    1200|"), std::string::npos) << "of 5 and 7: " << shown;
  EXPECT_NE(std::string(parse(R"({"filtre": "true"})").status().message()).find("source.steps[1]"), std::string::npos);
}

TEST_F(Sources, AQueryFileHasSeveralProcessors) {
  const auto load = [](const std::string&, const std::string&) {
    return Result<std::shared_ptr<const ProcessorFactory>>(
        std::make_shared<const TypedProcessorFactory<Summing>>(Summing()));
  };
  const auto parse = [&](const std::string& second, const std::string& beside = "") {
    return ParseQueryText(
        fmt::format(R"({{"source": {{"format": "rate-micro-batch", "options": {{"rowsPerBatch": 3}}}}, {}
                         "operators": [
                           {{"groupBy": ["timestamp"], "processor": {{"library": "l", "class": "c"}},
                             "resultSteps": [{{"selectExpr": ["timestamp_seconds(0) AS timestamp", "sum AS value"]}}]}},
                           {}],
                         "sink": {{"format": "console"}}, "checkpointLocation": "{}",
                         "trigger": {{"availableNow": true}}}})",
                    beside, second, checkpoint_),
        dir_.path(), load);
  };
  const std::string second = R"({"groupBy": ["timestamp"], "processor": {"library": "l", "class": "c"}})";
  auto described = parse(second);
  ASSERT_THAT(described, IsOk());
  std::string shown;
  described->on_console = [&shown](std::string_view text) { shown += text; };
  ASSERT_THAT(Run(*described), IsOk());
  EXPECT_NE(shown.find("|    3|  4|"), std::string::npos) << "sums of 0, 1, 3: " << shown;

  EXPECT_THAT(parse(R"({"groupBy": ["timestamp"]})").status().message(), HasSubstr("operators[1]: "));
  EXPECT_THAT(parse(R"({"groupby": ["timestamp"]})").status().message(), HasSubstr("operators[1] has the unknown key"));
  EXPECT_THAT(parse(second, R"("timeMode": "none",)").status().message(),
              HasSubstr(R"(both "operators" and "timeMode")"));
}

}  // namespace
}  // namespace hf
