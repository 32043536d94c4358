// SPDX-License-Identifier: Apache-2.0
#include "holdfast/row_steps.h"

#include <chrono>
#include <thread>

#include "support/status_matchers.h"

namespace hf {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const Schema kInput = Schema::FromDdl("name string, price double, ts timestamp").value();

ColumnBatch Rows() {
  return ColumnBatch::FromRows(kInput, {{Value("a"), Value(1.5), Value(Timestamp{0})},
                                        {Value("b"), Value(-1.0), Value(Timestamp{3'600'000'000})},
                                        {Value("c"), Value(), Value()}})
      .value();
}

template <typename What>
StepDescription Step(What what) {
  return {.what = std::move(what)};
}

TEST(RowSteps, StepsFollowEachOther) {
  const auto steps = RowSteps::Compile(
      kInput,
      {Step(FilterDescription{"price > 0 OR price IS NULL"}), Step(WatermarkDescription{"ts", "10 minutes"}),
       Step(WithColumnDescription{"hour", "hour(ts)"}), Step(SelectDescription{{"upper(name) AS n", "hour"}})},
      "America/New_York");
  ASSERT_THAT(steps, test::IsOk());
  EXPECT_EQ((*steps)->output().ToDdl(), "n STRING,hour INT");
  const auto rows = (*steps)->Apply(Rows());
  ASSERT_THAT(rows, test::IsOk());
  EXPECT_EQ(rows->schema(), (*steps)->output());
  ASSERT_EQ(rows->rows(), 2);
  EXPECT_THAT(rows->RowAt(0), ElementsAre(Value("A"), Value(19)));
  EXPECT_THAT(rows->RowAt(1), ElementsAre(Value("C"), Value()));
}

TEST(RowSteps, ThePresentIsTheTimeOfTheCall) {
  const auto before = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto steps = RowSteps::Compile(kInput, {Step(SelectDescription{{"unix_millis(current_timestamp()) AS t"}})});
  const auto after = std::chrono::system_clock::now();
  ASSERT_THAT(steps, test::IsOk());
  const auto told = std::get<std::int64_t>((*steps)->Apply(Rows())->RowAt(0)[0]);
  EXPECT_GE(told, before.time_since_epoch() / std::chrono::milliseconds(1));
  EXPECT_LE(told, after.time_since_epoch() / std::chrono::milliseconds(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(3));
  EXPECT_EQ((*steps)->Apply(Rows())->RowAt(2)[0], Value(told));
}

TEST(RowSteps, ChanceIsAnotherForEveryCallUnlessItHasASeed) {
  const auto drawn = [](const std::string& expression) {
    const auto steps = RowSteps::Compile(kInput, {Step(SelectDescription{{expression + " AS r"}})});
    return std::vector<Row>{(*steps)->Apply(Rows())->RowAt(0), (*steps)->Apply(Rows())->RowAt(0)};
  };
  EXPECT_NE(drawn("rand()"), drawn("rand()"));
  EXPECT_EQ(drawn("rand(3)"), drawn("rand(3)"));
  EXPECT_NE(drawn("rand(3)")[0], drawn("rand(3)")[1]) << "rows may be given in any pieces";
}

TEST(RowSteps, NoStepsChangeNothing) {
  const auto steps = RowSteps::Compile(kInput, {});
  ASSERT_THAT(steps, test::IsOk());
  EXPECT_EQ((*steps)->output(), kInput);
  EXPECT_EQ((*steps)->Apply(Rows())->rows(), 3);
}

TEST(RowSteps, RowsThatAllGoKeepTheColumnsOfTheResult) {
  const auto steps = RowSteps::Compile(
      kInput, {Step(FilterDescription{"name = 'z'"}), Step(SelectDescription{{"length(name) AS letters"}})});
  ASSERT_THAT(steps, test::IsOk());
  const auto rows = (*steps)->Apply(Rows());
  ASSERT_THAT(rows, test::IsOk());
  EXPECT_EQ(rows->rows(), 0);
  EXPECT_EQ(rows->schema().ToDdl(), "letters INT");
  EXPECT_EQ(rows->columns().size(), 1u);
}

TEST(RowSteps, FunctionsOfTheProgramAreCalled) {
  const Schema output = Schema::FromDdl("n int").value();
  const auto steps = RowSteps::Compile(
      kInput, {Step(MapBatchesDescription{output, [&](const ColumnBatch& rows) {
                                            return ColumnBatch::FromRows(
                                                output, {{Value(static_cast<std::int32_t>(rows.rows()))}});
                                          }})});
  ASSERT_THAT(steps, test::IsOk());
  EXPECT_THAT((*steps)->Apply(Rows())->RowAt(0), ElementsAre(Value(3)));
}

TEST(RowSteps, RefusesWhatAQueryRefuses) {
  const auto refused = [](StepDescription step) { return RowSteps::Compile(kInput, {std::move(step)}).status(); };
  EXPECT_EQ(refused(Step(FilterDescription{"nme = 'a'"})).condition(), "UNRESOLVED_COLUMN.WITH_SUGGESTION");
  EXPECT_EQ(refused(Step(FilterDescription{"randn() > 0"})).condition(), "HOLDFAST_UNPROVEN_EXPRESSION");
  EXPECT_EQ(refused(Step(WatermarkDescription{"name", "1 hour"})).condition(), "EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE");
  EXPECT_EQ(refused(Step(WatermarkDescription{"ts", "soon"})).condition(), "CANNOT_PARSE_INTERVAL");
  EXPECT_FALSE(RowSteps::Compile(kInput, {}, "Mars/Base").ok());
  StepDescription of_two = Step(FilterDescription{"true"});
  of_two.inputs = 2;
  EXPECT_THAT(refused(of_two).message(), HasSubstr("2 inputs"));
}

TEST(RowSteps, RowsWithOtherColumnsAreRefused) {
  const auto steps = RowSteps::Compile(kInput, {});
  ASSERT_THAT(steps, test::IsOk());
  const Schema other = Schema::FromDdl("name string, price int, ts timestamp").value();
  EXPECT_THAT((*steps)->Apply(*ColumnBatch::FromRows(other, {})).status().message(),
              AllOf(HasSubstr("price INT"), HasSubstr("price DOUBLE")));
}

TEST(RowSteps, AnExpressionThatFailsHasSparksCondition) {
  const auto steps = RowSteps::Compile(kInput, {Step(SelectDescription{{"CAST(name AS INT) AS n"}})});
  ASSERT_THAT(steps, test::IsOk());
  EXPECT_EQ((*steps)->Apply(Rows()).status().condition(), "CAST_INVALID_INPUT");
}

}  // namespace
}  // namespace hf
