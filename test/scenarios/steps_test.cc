// SPDX-License-Identifier: Apache-2.0
// SQL expressions before, between and behind processors.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/json.h"
#include "connect/memory/memory_sink.h"
#include "holdfast/memory_stream.h"
#include "holdfast/query.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;

struct In {
  std::string key;
  std::optional<Timestamp> at;
  std::optional<double> amount;
};
HOLDFAST_STRUCT(In, key, at, amount);

struct Out {
  std::string key;
  double total = 0;
  Timestamp last;
};
HOLDFAST_STRUCT(Out, key, total, last);

class Summing final : public StatefulProcessor<std::string, In, Out> {
 public:
  void Init(StatefulProcessorHandle& handle) override { total_ = handle.GetValueState<double>("total"); }
  void HandleInputRows(const std::string& key, RowsOf<In> rows, const TimerValues&, Output<Out>& out) override {
    double total = total_.Get() != nullptr ? *total_.Get() : 0;
    Timestamp last{};
    for (const In& row : rows) {
      total += row.amount.value_or(0);
      last = std::max(last, row.at.value_or(Timestamp{}));
    }
    total_.Update(total);
    out.Emit({key, total, last});
  }

 private:
  ValueState<double> total_;
};

class Steps : public testing::Test {
 protected:
  // user, price, quantity and when, in seconds.
  void Push(const std::string& user, const std::string& price, std::int64_t quantity, std::int64_t at_s) {
    ASSERT_THAT(stream_->AddRows(std::vector<Row>{{user, price, quantity, Timestamp{.micros = at_s * 1'000'000}}}),
                IsOk());
  }
  DataStream Sales() { return ReadStream(std::shared_ptr<Source>(stream_)); }
  Status Run(ResultStream results) {
    HF_ASSIGN_OR_RETURN(const auto query, std::move(results)
                                              .WriteStream(sink_)
                                              .Option("checkpointLocation", checkpoint())
                                              .Conf("spark.sql.shuffle.partitions", "1")
                                              .OnProgress([this](const StreamingQueryProgress& progress) {
                                                progress_.push_back(ParseJson(progress.json).value());
                                              })
                                              .Trigger(AvailableNow())
                                              .Start());
    return query->AwaitTermination();
  }
  [[nodiscard]] std::vector<std::string> Rows() const {
    std::vector<std::string> rows;
    for (const Row& row : sink_->rows()) {
      rows.push_back(ToJson(row, sink_->schema()));
    }
    return rows;
  }
  [[nodiscard]] std::string checkpoint() const { return dir_.path() + "/checkpoint"; }

  const test::TempDir dir_;
  std::shared_ptr<MemoryStream> stream_ =
      MemoryStream::Make(Schema::Parse("user STRING, price STRING, quantity BIGINT, bought TIMESTAMP").value(), {});
  std::shared_ptr<MemorySink> sink_ = std::make_shared<MemorySink>();
  std::vector<Json> progress_;
};

TEST_F(Steps, ExpressionsShapeWhatAProcessorGetsAndWhatItsRowsBecome) {
  Push("Ann", "2.5", 2, 1);
  Push("bob", "1", 0, 2);
  Push("ann", "10", 1, 3);
  ASSERT_THAT(Run(Sales()
                      .Filter("quantity > 0")
                      .WithColumn("amount", "cast(price as double) * quantity")
                      .SelectExpr("lower(user) AS key", "bought AS at", "amount")
                      .GroupBy("key")
                      .TransformWithState(OutputMode::kAppend, TimeMode::kNone, Summing())
                      .SelectExpr("key AS who", "total > 10 AS much", "total")
                      .Filter("total > 0")),
              IsOk());
  EXPECT_THAT(Rows(), ElementsAre(R"({"who":"ann","much":true,"total":15.0})"));
  EXPECT_EQ(progress_.front()["numInputRows"], 3);
}

TEST_F(Steps, TheEventTimeIsFollowedThroughThem) {
  const auto query = [&](const std::string& at) {
    return Sales()
        .WithWatermark("bought", "10 seconds")
        .SelectExpr("user AS key", at + " AS at", "cast(quantity AS double) AS amount")
        .GroupBy("key")
        .TransformWithState(OutputMode::kAppend, TimeMode::kEventTime, Summing());
  };
  EXPECT_THAT(Run(query("timestamp_micros(unix_micros(bought))")), test::HasKind(ErrorKind::kInvalid))
      << "that is another time";
  Push("ann", "1", 1, 100);
  ASSERT_THAT(Run(query("bought")), IsOk());
  stream_ = MemoryStream::Make(stream_->schema(), {.first_offset = 1});
  Push("ann", "1", 1, 89);
  Push("ann", "1", 1, 99);
  ASSERT_THAT(Run(query("bought")), IsOk());
  EXPECT_EQ(progress_.back()["stateOperators"][0]["numRowsDroppedByWatermark"], 1);
}

// Spark's is the batch's time too, but for now().
TEST_F(Steps, ThePresentIsTheTimeOfTheBatchAlsoWhenItIsRunAgain) {
  std::vector<std::string> rows;
  bool fails = true;
  const auto run = [&] {
    auto results = Sales()
                       .SelectExpr("user AS key", "current_timestamp() AS at", "cast(quantity AS double) AS amount")
                       .GroupBy("key")
                       .TransformWithState(OutputMode::kAppend, TimeMode::kNone, Summing())
                       .SelectExpr("last = current_timestamp AS same", "unix_millis(last) AS at");
    const auto query = std::move(results)
                           .WriteStream("")
                           .ForeachBatch([&](const ColumnBatch& batch, std::int64_t) {
                             rows.push_back(ToJson(batch.RowAt(0), batch.schema()));
                             return fails ? Unavailable("had enough") : Status();
                           })
                           .Option("checkpointLocation", checkpoint())
                           .Conf("spark.sql.shuffle.partitions", "1")
                           .Trigger(AvailableNow())
                           .Start();
    return query.ok() ? (*query)->AwaitTermination() : query.status();
  };
  Push("ann", "1", 1, 1);
  ASSERT_THAT(run(), test::HasKind(ErrorKind::kUnavailable));
  std::this_thread::sleep_for(std::chrono::milliseconds(3));
  fails = false;
  ASSERT_THAT(run(), IsOk());
  Push("ann", "1", 1, 1);
  std::this_thread::sleep_for(std::chrono::milliseconds(3));
  ASSERT_THAT(run(), IsOk());
  ASSERT_EQ(rows.size(), 3);
  EXPECT_THAT(rows[0], HasSubstr(R"("same":true)"));
  EXPECT_EQ(rows[1], rows[0]);
  EXPECT_NE(rows[2], rows[0]);
  std::ifstream promise(checkpoint() + "/offsets/0");
  const std::string text{std::istreambuf_iterator<char>(promise), {}};
  const std::string at = std::to_string(ParseJson(rows[0]).value()["at"].get<std::int64_t>());
  EXPECT_THAT(text, HasSubstr("\"batchTimestampMs\":" + at));
}

TEST_F(Steps, ChanceIsTheSameWhenABatchIsRunAgainAndAnotherInTheNextBatch) {
  std::vector<std::string> batches;
  bool fails = true;
  const auto run = [&] {
    const auto query = Sales()
                           .Filter("rand() < 2")
                           .SelectExpr("user AS key", "bought AS at", "rand() AS amount")
                           .GroupBy("key")
                           .TransformWithState(OutputMode::kAppend, TimeMode::kNone, Summing())
                           .SelectExpr("key", "total", "rand(1) AS one", "uuid() AS id")
                           .WriteStream("")
                           .ForeachBatch([&](const ColumnBatch& batch, std::int64_t) {
                             std::string& text = batches.emplace_back();
                             for (std::int64_t row = 0; row < batch.rows(); ++row) {
                               text += ToJson(batch.RowAt(row), batch.schema()) + "\n";
                             }
                             return fails ? Unavailable("had enough") : Status();
                           })
                           .Option("checkpointLocation", checkpoint())
                           .Conf("spark.sql.shuffle.partitions", "2")
                           .Trigger(AvailableNow())
                           .Start();
    return query.ok() ? (*query)->AwaitTermination() : query.status();
  };
  const auto push = [&] {
    for (const std::string user : {"ann", "bob", "cy", "ann", "dan"}) {
      Push(user, "1", 1, 1);
    }
  };
  push();
  ASSERT_THAT(run(), test::HasKind(ErrorKind::kUnavailable));
  fails = false;
  ASSERT_THAT(run(), IsOk());
  push();
  ASSERT_THAT(run(), IsOk());
  ASSERT_EQ(batches.size(), 3);
  EXPECT_EQ(batches[1], batches[0]);
  EXPECT_NE(batches[2], batches[0]);
}

TEST_F(Steps, ARowThatCannotBeComputedEndsTheQueryWithSparksConditionAndNothingIsKept) {
  const auto query = [&] {
    return Sales()
        .SelectExpr("user AS key", "bought AS at", "cast(price AS double) / quantity AS amount")
        .GroupBy("key")
        .TransformWithState(OutputMode::kAppend, TimeMode::kNone, Summing());
  };
  Push("ann", "1", 1, 1);
  Push("ann", "1", 0, 1);
  const Status failed = Run(query());
  EXPECT_EQ(failed.condition(), "DIVIDE_BY_ZERO");
  EXPECT_THAT(Rows(), testing::IsEmpty());
}

TEST_F(Steps, WhatIsNotOfferedIsRefusedBeforeAnythingIsWritten) {
  const auto refusal = [&](const std::string& amount) {
    return std::string(Run(Sales()
                               .SelectExpr("user AS key", "bought AS at", amount + " AS amount")
                               .GroupBy("key")
                               .TransformWithState(OutputMode::kAppend, TimeMode::kNone, Summing()))
                           .condition());
  };
  EXPECT_EQ(refusal("sin(quantity)"), "HOLDFAST_UNPROVEN_EXPRESSION");
  EXPECT_EQ(refusal("cast(cost AS double)"), "UNRESOLVED_COLUMN.WITH_SUGGESTION");
  EXPECT_EQ(refusal("1 +"), "PARSE_SYNTAX_ERROR");
  auto query = Sales()
                   .SelectExpr("user AS key", "bought AS at", "cast(quantity AS double) AS amount")
                   .GroupBy("key")
                   .TransformWithState(OutputMode::kAppend, TimeMode::kNone, Summing())
                   .WriteStream(sink_)
                   .Option("checkpointLocation", checkpoint())
                   .Conf("spark.sql.ansi.enabled", "False")
                   .Start();
  EXPECT_THAT(query.status().message(), HasSubstr("spark.sql.ansi.enabled=true"));
  EXPECT_FALSE(fs::exists(checkpoint()));
}

TEST_F(Steps, ColumnsOfOneNameAreRefusedWhereOneOfThemIsMeant) {
  const auto select = [&](const std::string& a, const std::string& b, const std::string& c, const std::string& d) {
    return Sales().WithWatermark("bought", "1 second").SelectExpr(a, b, c, d);
  };
  const auto run = [&](DataStream stream) {
    return Run(std::move(stream).GroupBy("key").TransformWithState(OutputMode::kAppend, TimeMode::kNone, Summing()));
  };
  Push("ann", "1", 1, 1);
  const Status key = run(select("user AS key", "price AS key", "bought AS at", "0D AS amount"));
  EXPECT_EQ(key.condition(), "AMBIGUOUS_REFERENCE") << key.ToString();
  const Status member = run(select("user AS key", "bought AS at", "1D AS amount", "2D AS amount"));
  EXPECT_EQ(member.condition(), "AMBIGUOUS_REFERENCE") << member.ToString();
  EXPECT_THAT(std::string(member.message()), testing::HasSubstr("member amount"));
  const Status time = run(Sales().SelectExpr("user AS key", "bought", "bought").WithWatermark("bought", "1 second"));
  EXPECT_EQ(time.condition(), "AMBIGUOUS_REFERENCE") << time.ToString();

  const auto result = [&] {
    return select("user AS key", "bought AS at", "1D AS amount", "user")
        .GroupBy("key")
        .TransformWithState(OutputMode::kAppend, TimeMode::kNone, Summing())
        .SelectExpr("key", "total", "last AS KEY");
  };
  for (const std::string format : {"json", "csv", "parquet", "delta"}) {
    const auto refused =
        result().WriteStream(format).Option("checkpointLocation", checkpoint()).Start(dir_.path() + "/" + format);
    EXPECT_EQ(refused.status().condition(), "COLUMN_ALREADY_EXISTS") << format << refused.status().ToString();
  }
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path())) << "something was written";
  EXPECT_THAT(Run(result()), IsOk()) << "rows in memory need no names";
}

TEST_F(Steps, AFunctionOfTheUsersThatThrowsIsNamedAsTheirs) {
  const Schema schema = stream_->schema();
  const auto summed = [](DataStream stream) {
    return std::move(stream)
        .SelectExpr("user AS key", "bought AS at", "1D AS amount")
        .GroupBy("key")
        .TransformWithState(OutputMode::kAppend, TimeMode::kNone, Summing());
  };
  Push("ann", "1", 1, 1);
  const Status thrown = Run(summed(Sales().MapBatches(
      schema, [](const ColumnBatch&) -> Result<ColumnBatch> { throw std::runtime_error("out of ideas"); })));
  EXPECT_EQ(thrown.kind(), ErrorKind::kUser) << thrown.ToString();
  EXPECT_THAT(thrown.ToString(), testing::HasSubstr("batch 0: "));
  EXPECT_THAT(thrown.ToString(), testing::HasSubstr("the function of MapBatches failed: out of ideas"));
  const auto query = summed(Sales())
                         .WriteStream(sink_)
                         .Option("checkpointLocation", checkpoint())
                         .OnProgress([](const StreamingQueryProgress&) { throw std::runtime_error("no paper"); })
                         .Trigger(AvailableNow())
                         .Start();
  ASSERT_THAT(query.status(), IsOk());
  const Status progress = (*query)->AwaitTermination();
  EXPECT_EQ(progress.kind(), ErrorKind::kUser) << progress.ToString();
  EXPECT_THAT(progress.ToString(), testing::HasSubstr("OnProgress failed after batch 0: no paper"));
}

TEST_F(Steps, OneOfTwoInputsIsConvertedBeforeTheirUnion) {
  const auto numbered = MemoryStream::Make(Schema::Parse("number BIGINT, amount DOUBLE").value(), {});
  const auto both = [&](DataStream second) {
    return Sales()
        .SelectExpr("user AS key", "bought AS at", "cast(price AS double) AS amount")
        .Union(std::move(second))
        .GroupBy("key")
        .TransformWithState(OutputMode::kAppend, TimeMode::kNone, Summing());
  };
  const auto of_numbers = [&] { return ReadStream(std::shared_ptr<Source>(numbered)); };
  EXPECT_THAT(Run(both(of_numbers().SelectExpr("number AS key", "cast(null AS timestamp) AS at", "amount"))).ToString(),
              HasSubstr("BIGINT"))
      << "keys of two types";
  Push("7", "2.5", 1, 1);
  Push("eight", "1", 1, 1);
  const std::vector<Row> rows = {{std::int64_t{7}, 0.5}, {std::int64_t{9}, 4.0}};
  ASSERT_THAT(numbered->AddRows(rows), IsOk());
  ASSERT_THAT(
      Run(both(of_numbers().SelectExpr("cast(number AS string) AS key", "cast(null AS timestamp) AS at", "amount"))),
      IsOk());
  std::vector<std::string> sums;
  for (const Row& row : sink_->rows()) {
    sums.push_back(fmt::format("{}: {}", std::get<std::string>(row[0]), std::get<double>(row[1])));
  }
  EXPECT_THAT(sums, testing::UnorderedElementsAre("7: 3", "eight: 1", "9: 4"));
}

}  // namespace
}  // namespace hf
