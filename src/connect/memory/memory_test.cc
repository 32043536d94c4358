// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "connect/memory/callback_sink.h"
#include "connect/memory/console_sink.h"
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

TEST(MemorySource, RowsOfAnotherSchemaAndForeignOffsetsAreRefused) {
  MemorySource source(Numbers());
  EXPECT_FALSE(
      source.AddRows(ColumnBatch::FromRows(Schema({{.name = "s", .type = DataType::String()}}), {}).value()).ok());
  EXPECT_FALSE(source.AddRows({{Value("text")}}).ok());
  EXPECT_EQ(source.Latest("{\"logOffset\":0}").status().kind(), ErrorKind::kCorrupt);
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
