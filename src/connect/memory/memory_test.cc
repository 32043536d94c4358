// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "connect/memory/callback_sink.h"
#include "connect/memory/console_sink.h"
#include "connect/memory/foreach_sink.h"
#include "connect/memory/memory_sink.h"
#include "connect/memory/memory_source.h"

namespace hf {
namespace {

Schema Numbers() { return Schema({{.name = "n", .type = DataType::Long()}}); }

Row Number(std::int64_t n) { return {Value(n)}; }

ColumnBatch Batch(std::vector<std::int64_t> numbers) {
  std::vector<Row> rows;
  for (const std::int64_t n : numbers) {
    rows.push_back(Number(n));
  }
  return ColumnBatch::FromRows(Numbers(), rows).value();
}

std::vector<std::int64_t> Read(Source& source, const SourceOffset& start, const SourceOffset& end) {
  std::vector<std::int64_t> numbers;
  const auto splits = source.Plan(start, end).value();
  for (const auto& split : splits) {
    while (const std::optional<ColumnBatch> batch = split->Next().value()) {
      for (std::int64_t row = 0; row < batch->rows(); ++row) {
        numbers.push_back(batch->column(0).Fixed<std::int64_t>(row));
      }
    }
  }
  return numbers;
}

TEST(MemorySource, OffsetsAreBareNumbersOfWhatWasPushed) {
  MemorySource source(Numbers());
  EXPECT_EQ(source.Latest(std::nullopt).value(), std::nullopt);
  EXPECT_EQ(source.AddRows({Number(1), Number(2)}).value(), 0);
  EXPECT_EQ(source.AddRows({Number(3)}).value(), 1);
  EXPECT_EQ(source.Latest(std::nullopt).value(), "1");
  EXPECT_EQ(Read(source, std::nullopt, "1"), (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(Read(source, "0", "1"), (std::vector<std::int64_t>{3}));
  EXPECT_EQ(source.Latest("1").value(), "1");
  EXPECT_EQ(source.description(), "MemoryStream[n]");
}

TEST(MemorySource, CommittedRowsAreGoneAndAskingForThemIsRefused) {
  MemorySource source(Numbers());
  ASSERT_TRUE(source.AddRows({Number(1)}).ok());
  ASSERT_TRUE(source.AddRows({Number(2)}).ok());
  ASSERT_TRUE(source.Commit("0").ok());
  EXPECT_EQ(Read(source, "0", "1"), (std::vector<std::int64_t>{2}));
  EXPECT_EQ(source.Plan(std::nullopt, "1").status().kind(), ErrorKind::kInvalid);
  EXPECT_EQ(source.Latest(std::nullopt).status().kind(), ErrorKind::kInvalid);
}

TEST(MemorySource, ANewObjectRefusesTheCheckpointOfAnOldOneUnlessItBeginsThere) {
  MemorySource fresh(Numbers());
  EXPECT_EQ(fresh.Latest("4").status().kind(), ErrorKind::kInvalid);
  MemorySource resumed(Numbers(), 5);
  EXPECT_EQ(resumed.Latest("4").value(), "4");
  EXPECT_EQ(resumed.AddRows({Number(7)}).value(), 5);
  EXPECT_EQ(resumed.Latest("4").value(), "5");
  EXPECT_EQ(Read(resumed, "4", "5"), (std::vector<std::int64_t>{7}));
}

TEST(MemorySource, WhatIsPushedAfterFixAvailableWaitsForTheNextQuery) {
  MemorySource source(Numbers());
  ASSERT_TRUE(source.AddRows({Number(1)}).ok());
  ASSERT_TRUE(source.FixAvailable(std::nullopt).ok());
  ASSERT_TRUE(source.AddRows({Number(2)}).ok());
  EXPECT_EQ(source.Latest(std::nullopt).value(), "0");
  EXPECT_EQ(source.Latest("0").value(), "0");
}

TEST(MemorySource, WhatIsRefusedAfterARestartSaysWhereToGoOn) {
  MemorySource fresh(Numbers());
  const Status refused = fresh.Latest("4").status();
  EXPECT_NE(refused.ToString().find("first_offset 5"), std::string::npos) << refused.ToString();
  // A batch that was begun and not finished asks for rows in front of that.
  MemorySource resumed(Numbers(), 5);
  EXPECT_NE(resumed.Plan("2", "4").status().ToString().find("from offset 3 on"), std::string::npos);
}

struct Number64 {
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(Number64, n);

TEST(MemorySource, ObjectsOfTheHostAreRows) {
  const auto stream = MemoryStream::Make<Number64>();
  EXPECT_EQ(stream->AddData(std::vector<Number64>{{4}, {5}}).value(), 0);
  EXPECT_EQ(stream->AddData(std::vector<Number64>{}).value(), 1);
  EXPECT_EQ(stream->AddData(std::vector<Number64>{{6}}).value(), 2);
  EXPECT_EQ(Read(*stream, std::nullopt, "2"), (std::vector<std::int64_t>{4, 5, 6}));
}

struct Nameless {
  std::string s;
};
HOLDFAST_STRUCT(Nameless, s);

TEST(MemorySource, ObjectsOfAnotherTypeAreRefusedAndTheNextPushIsWhole) {
  const auto stream = MemoryStream::Make(Numbers());
  EXPECT_FALSE(stream->AddData(std::vector<Nameless>{{"x"}}).ok());
  EXPECT_EQ(stream->AddData(std::vector<Number64>{{6}}).value(), 0);
  EXPECT_EQ(Read(*stream, std::nullopt, "0"), (std::vector<std::int64_t>{6}));
}

// Room for one group of a thousand numbers, not for two.
constexpr std::int64_t kGroupRows = 1000;
MemoryStreamOptions RoomForOneGroup() { return {.bytes_max = kGroupRows * 8 * 3 / 2}; }
ColumnBatch Group() { return Batch(std::vector<std::int64_t>(kGroupRows, 1)); }

TEST(MemorySource, AFullStreamTakesNoMoreUntilABatchHasWhatIsThere) {
  MemorySource source(Numbers(), RoomForOneGroup());
  EXPECT_EQ(source.TryAddRows(Group()).value(), 0);
  EXPECT_EQ(source.TryAddRows(Group()).value(), std::nullopt);
  EXPECT_EQ(source.Latest(std::nullopt).value(), "0");
  EXPECT_EQ(source.TryAddRows(Group()).value(), std::nullopt);  // the batch is at work
  EXPECT_EQ(source.Latest("0").value(), "0");                   // the batch is committed
  EXPECT_EQ(source.TryAddRows(Group()).value(), 1);
  EXPECT_EQ(Read(source, std::nullopt, "0").size(), kGroupRows);  // and still there until Commit
  ASSERT_TRUE(source.Commit("1").ok());
  EXPECT_EQ(source.TryAddRows(Group()).value(), 2);
}

TEST(MemorySource, AGroupLargerThanAllRoomIsLetInAlone) {
  MemorySource source(Numbers(), MemoryStreamOptions{.bytes_max = 1});
  EXPECT_EQ(source.TryAddRows(Group()).value(), 0);
  EXPECT_EQ(source.TryAddRows(Batch({1})).value(), std::nullopt);
}

TEST(MemorySource, PushesFromSeveralThreadsWaitForRoomAndNoRowIsLostOrTwice) {
  MemorySource source(Numbers(), RoomForOneGroup());
  constexpr std::int64_t kThreads = 4;
  constexpr std::int64_t kPushes = 50;
  std::vector<std::jthread> pushing;
  for (std::int64_t thread = 0; thread < kThreads; ++thread) {
    pushing.emplace_back([&source, thread] {
      for (std::int64_t push = 0; push < kPushes; ++push) {
        std::vector<std::int64_t> numbers(kGroupRows, 0);
        numbers.front() = thread * kPushes + push + 1;
        EXPECT_TRUE(source.AddRows(Batch(numbers)).ok());
      }
    });
  }
  std::set<std::int64_t> seen;
  SourceOffset start;
  while (seen.size() < kThreads * kPushes) {
    const SourceOffset end = source.Latest(start).value();
    for (const std::int64_t n : Read(source, start, end)) {
      EXPECT_TRUE(n == 0 || seen.insert(n).second) << n;
    }
    ASSERT_TRUE(source.Commit(start).ok());
    start = end;
  }
  EXPECT_EQ(start, std::to_string(kThreads * kPushes - 1));
}

TEST(MemorySource, CloseWakesWhoWaitsAndEndsPushing) {
  MemorySource source(Numbers(), RoomForOneGroup());
  ASSERT_TRUE(source.AddRows(Group()).ok());
  Result<std::int64_t> waited(Status{});
  {
    const std::jthread pushing([&] { waited = source.AddRows(Group()); });
    source.Close();
  }
  EXPECT_EQ(waited.status().kind(), ErrorKind::kUnavailable);
  EXPECT_EQ(source.TryAddRows(Batch({1})).status().kind(), ErrorKind::kUnavailable);
  EXPECT_EQ(source.Latest(std::nullopt).value(), "0");
}

TEST(MemorySource, RowsOfAnotherSchemaAndForeignOffsetsAreRefused) {
  MemorySource source(Numbers());
  EXPECT_FALSE(
      source.AddRows(ColumnBatch::FromRows(Schema({{.name = "s", .type = DataType::String()}}), {}).value()).ok());
  EXPECT_FALSE(source.AddRows({{Value("text")}}).ok());
  for (const std::string offset :
       {"{\"logOffset\":0}", "", "-2", "1 ", "9223372036854775807", "99999999999999999999"}) {
    EXPECT_EQ(source.Latest(offset).status().kind(), ErrorKind::kCorrupt) << offset;
  }
}

TEST(MemorySink, ABatchIsTakenOnce) {
  MemorySink sink;
  ASSERT_TRUE(sink.Open(Numbers(), "q").ok());
  EXPECT_EQ(sink.Commit(1, {Batch({3})}).value(), SinkCommit::kAdded);
  EXPECT_EQ(sink.Commit(0, {Batch({1}), Batch({2})}).value(), SinkCommit::kAdded);
  EXPECT_EQ(sink.Commit(1, {Batch({9})}).value(), SinkCommit::kWasThere);
  EXPECT_EQ(sink.rows(), (std::vector<Row>{Number(1), Number(2), Number(3)}));
  EXPECT_EQ(sink.RowsOf(1), (std::vector<Row>{Number(3)}));
  EXPECT_TRUE(sink.RowsOf(5).empty());
  EXPECT_EQ(sink.batch_ids(), (std::vector<std::int64_t>{0, 1}));
  EXPECT_FALSE(sink.Holds(1).value());
  sink.Clear();
  EXPECT_TRUE(sink.batches().empty());
}

TEST(CallbackSink, TheFunctionGetsAllRowsOfABatchAsOne) {
  std::vector<std::pair<std::int64_t, std::int64_t>> calls;
  CallbackSink sink([&calls](const ColumnBatch& rows, std::int64_t batch) {
    std::int64_t sum = 0;
    for (std::int64_t row = 0; row < rows.rows(); ++row) {
      sum += rows.column(0).Fixed<std::int64_t>(row);
    }
    calls.emplace_back(batch, sum);
    return Status();
  });
  ASSERT_TRUE(sink.Open(Numbers(), "q").ok());
  EXPECT_EQ(sink.Commit(4, {Batch({1, 2}), Batch({}), Batch({3})}).value(), SinkCommit::kAdded);
  EXPECT_EQ(sink.Commit(5, {}).value(), SinkCommit::kAdded);
  EXPECT_EQ(sink.Commit(6, {Batch({}), Batch({7})}).value(), SinkCommit::kAdded);
  EXPECT_EQ(calls, (std::vector<std::pair<std::int64_t, std::int64_t>>{{4, 6}, {5, 0}, {6, 7}}));
}

TEST(CallbackSink, AFailureOfTheFunctionIsAFailureOfTheBatch) {
  CallbackSink throws([](const ColumnBatch&, std::int64_t) -> Status { throw std::runtime_error("no room"); });
  ASSERT_TRUE(throws.Open(Numbers(), "q").ok());
  const Status thrown = throws.Commit(3, {Batch({1})}).status();
  EXPECT_EQ(thrown.kind(), ErrorKind::kUser);
  EXPECT_EQ(thrown.ToString(),
            "[FOREACH_BATCH_USER_FUNCTION_ERROR] the foreachBatch function failed in batch 3: no room");

  CallbackSink refuses([](const ColumnBatch&, std::int64_t) { return Unavailable("later"); });
  ASSERT_TRUE(refuses.Open(Numbers(), "q").ok());
  EXPECT_EQ(refuses.Commit(3, {Batch({1})}).status().kind(), ErrorKind::kUnavailable);
}

// Notes every call; says no to partition 1, and throws at the number 13.
template <typename T>
class NotingWriter final : public ForeachWriter<T> {
 public:
  bool Open(std::int64_t partition_id, std::int64_t epoch_id) override {
    if (epoch_id == 666) {
      throw std::runtime_error("cannot open");
    }
    calls += "open " + std::to_string(partition_id) + " " + std::to_string(epoch_id) + "; ";
    return partition_id != 1;
  }
  void Process(const T& row) override {
    const std::int64_t n = NumberOf(row);
    if (n == 13) {
      throw std::runtime_error("unlucky");
    }
    calls += std::to_string(n) + "; ";
  }
  void Close(const Status& error) override { calls += error.ok() ? "close; " : "close after an error; "; }

  std::string calls;

 private:
  static std::int64_t NumberOf(const Row& row) { return std::get<std::int64_t>(row[0]); }
  static std::int64_t NumberOf(const Number64& row) { return row.n; }
};

template <typename T>
ForeachSink SinkOf(const std::shared_ptr<NotingWriter<T>>& writer) {
  return ForeachSink(std::make_shared<detail::TypedForeachWriter<T>>(writer));
}

TEST(ForeachSink, EachPartOfABatchIsOpenedProcessedAndClosed) {
  const auto writer = std::make_shared<NotingWriter<Number64>>();
  ForeachSink sink = SinkOf(writer);
  ASSERT_TRUE(sink.Open(Numbers(), "q").ok());
  EXPECT_EQ(sink.Commit(7, {Batch({1, 2}), Batch({3}), Batch({4})}).value(), SinkCommit::kAdded);
  EXPECT_EQ(sink.Commit(8, {}).value(), SinkCommit::kAdded);
  EXPECT_EQ(writer->calls, "open 0 7; 1; 2; close; open 1 7; close; open 2 7; 4; close; open 0 8; close; ");
  EXPECT_FALSE(sink.Holds(7).value());
}

TEST(ForeachSink, RowsOfATypeKnownAtRunTimeOnly) {
  const auto writer = std::make_shared<NotingWriter<Row>>();
  ForeachSink sink = SinkOf(writer);
  ASSERT_TRUE(sink.Open(Numbers(), "q").ok());
  ASSERT_TRUE(sink.Commit(0, {Batch({5})}).ok());
  EXPECT_EQ(writer->calls, "open 0 0; 5; close; ");
}

TEST(ForeachSink, AFailureIsTheBatchsAndTheWriterIsClosedWithIt) {
  const auto writer = std::make_shared<NotingWriter<Number64>>();
  ForeachSink sink = SinkOf(writer);
  ASSERT_TRUE(sink.Open(Numbers(), "q").ok());
  EXPECT_EQ(sink.Commit(3, {Batch({1}), Batch({2}), Batch({12, 13, 14}), Batch({5})}).status().ToString(),
            "[FOREACH_USER_FUNCTION_ERROR] Process of the foreach writer failed in partition 2 of batch 3: unlucky");
  EXPECT_EQ(writer->calls, "open 0 3; 1; close; open 1 3; close; open 2 3; 12; close after an error; ");
  writer->calls.clear();
  EXPECT_EQ(sink.Commit(666, {Batch({1})}).status().kind(), ErrorKind::kUser);
  EXPECT_EQ(writer->calls, "");
}

TEST(ForeachSink, AResultThatTheWritersTypeDoesNotFitIsRefusedAtTheStart) {
  ForeachSink sink = SinkOf(std::make_shared<NotingWriter<Number64>>());
  const Status refused = sink.Open(Schema({{.name = "m", .type = DataType::Long()}}), "q");
  ASSERT_EQ(refused.kind(), ErrorKind::kInvalid);
  EXPECT_NE(refused.ToString().find("member n"), std::string::npos) << refused.ToString();
}

TEST(ConsoleSink, ABatchLooksAsInSpark) {
  std::string shown;
  const auto sink =
      ConsoleSink::Create([&shown](std::string_view text) { shown += text; }, {{"numRows", "2"}}, "UTC").value();
  ASSERT_TRUE(sink->Open(Numbers(), "q").ok());
  ASSERT_TRUE(sink->Commit(7, {Batch({1}), Batch({1000, 3})}).ok());
  EXPECT_EQ(shown,
            "-------------------------------------------\n"
            "Batch: 7\n"
            "-------------------------------------------\n"
            "+----+\n"
            "|   n|\n"
            "+----+\n"
            "|   1|\n"
            "|1000|\n"
            "+----+\n"
            "only showing top 2 rows\n\n");
}

TEST(ConsoleSink, UnknownOptionsAndZonesAreRefusedByName) {
  const auto write = [](std::string_view) {};
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"numRows", "many"}, {"truncate", "25"}, {"path", "/x"}}) {
    const auto sink = ConsoleSink::Create(write, {{name, value}}, "UTC");
    ASSERT_FALSE(sink.ok()) << name;
    EXPECT_NE(sink.status().ToString().find(name), std::string::npos);
  }
  EXPECT_FALSE(ConsoleSink::Create(write, {}, "Mars/Base").ok());
}

}  // namespace
}  // namespace hf
