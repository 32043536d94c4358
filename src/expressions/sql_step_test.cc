// SPDX-License-Identifier: Apache-2.0
#include "expressions/sql_step.h"

#include <gmock/gmock.h>

#include <set>

#include "support/status_matchers.h"

namespace hf {
namespace {

using test::IsOk;

Schema Events() {
  return Schema::FromDdl(
             "session_id STRING,price DOUBLE,qty INT,ts TIMESTAMP,tags ARRAY<STRING>,"
             "place STRUCT<city: STRING, Zip: INT>")
      .value();
}

ColumnBatch Rows() {
  const auto row = [](Value id, Value price, Value qty) {
    return Row{std::move(id),
               std::move(price),
               std::move(qty),
               Timestamp{1'709'210'096'000'000},
               ArrayValue{{Value("x")}},
               StructValue{{Value("Ulm"), Value(std::int32_t{89073})}}};
  };
  return ColumnBatch::FromRows(Events(), {row("a", 1.5, std::int32_t{2}), row("b", Value(), std::int32_t{0}),
                                          row(Value(), -2.0, std::int32_t{0})})
      .value();
}

std::vector<std::string> Lines(const Result<ColumnBatch>& rows) {
  std::vector<std::string> lines;
  if (!rows.ok()) {
    return {rows.status().ToString()};
  }
  for (std::int64_t row = 0; row < rows->rows(); ++row) {
    lines.push_back(ToJson(rows->RowAt(row), rows->schema()));
  }
  return lines;
}

std::vector<std::string> Selected(const std::vector<std::string>& expressions) {
  auto step = SqlStep::Select(Events(), expressions);
  return step.ok() ? Lines((*step)->Apply(Rows())) : std::vector<std::string>{step.status().ToString()};
}

std::string RefusalOf(const std::string& expression) {
  const auto step = SqlStep::Select(Events(), {expression});
  return step.ok() ? "taken" : step.status().ToString();
}

TEST(SqlStep, SelectsExpressionsInTheirOrder) {
  EXPECT_THAT(Selected({"session_id", "price * qty AS revenue"}),
              testing::ElementsAre(R"({"session_id":"a","revenue":3.0})", R"({"session_id":"b","revenue":null})",
                                   R"({"session_id":null,"revenue":-0.0})"));
}

TEST(SqlStep, AStarIsEveryColumnAndBareColumnsShareMemory) {
  auto step = SqlStep::Select(Events(), {"*", "TAGS AS labels", "place.zip + 1 AS next"});
  ASSERT_THAT(step, IsOk());
  EXPECT_EQ((*step)->output().size(), 8U);
  EXPECT_EQ((*step)->SourceOf(3), 3U);
  EXPECT_EQ((*step)->SourceOf(6), 4U);
  EXPECT_EQ((*step)->SourceOf(7), std::nullopt);
  const ColumnBatch rows = Rows();
  const auto made = (*step)->Apply(rows);
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->column(1).values, rows.column(1).values);
  EXPECT_EQ(made->column(6).children[0].values, rows.column(4).children[0].values);
  EXPECT_EQ(std::get<std::int32_t>(made->At(7, 0)), 89074);
}

TEST(SqlStep, AColumnWithoutAliasHasSparksName) {
  auto step = SqlStep::Select(Events(), {"PRICE", "qty+1", "length('x') = 1 OR qty IS NULL", "place.Zip"});
  ASSERT_THAT(step, IsOk());
  EXPECT_EQ((*step)->output().field(0).name, "PRICE");
  EXPECT_EQ((*step)->output().field(1).name, "(qty + 1)");
  EXPECT_EQ((*step)->output().field(2).name, "((length(x) = 1) OR (qty IS NULL))");
  EXPECT_EQ((*step)->output().field(3).name, "Zip");
  step = SqlStep::Select(Events(), {"CAST(CAST(qty AS INT) AS STRING)"});
  ASSERT_THAT(step, IsOk());
  EXPECT_EQ((*step)->output().field(0).name, "qty");
  EXPECT_THAT(RefusalOf("qty > 0.5"), testing::HasSubstr("needs a name"));
}

TEST(SqlStep, AFilterKeepsRowsInOrderAndDropsNull) {
  auto step = SqlStep::Filter(Events(), "price > 0 OR qty = 0 AND session_id IS NULL");
  ASSERT_THAT(step, IsOk());
  const auto kept = (*step)->Apply(Rows());
  ASSERT_THAT(kept, IsOk());
  EXPECT_EQ(kept->rows(), 2);
  EXPECT_EQ(std::get<std::string>(kept->At(0, 0)), "a");
  EXPECT_TRUE(kept->At(0, 1).is_null());
  EXPECT_EQ(SqlStep::Filter(Events(), "qty").status().condition(), "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN");
}

TEST(SqlStep, WithColumnReplacesInPlaceOrAppends) {
  auto replaced = SqlStep::WithColumn(Events(), "QTY", "qty * 10");
  ASSERT_THAT(replaced, IsOk());
  EXPECT_EQ((*replaced)->output().field(2).name, "QTY");
  EXPECT_EQ((*replaced)->output().size(), 6U);
  auto appended = SqlStep::WithColumn(Events(), "day", "date_trunc('DAY', ts)");
  ASSERT_THAT(appended, IsOk());
  EXPECT_EQ((*appended)->output().field(6).name, "day");
  EXPECT_EQ(std::get<Timestamp>((*appended)->Apply(Rows())->At(6, 1)).micros, 1'709'164'800'000'000);
}

TEST(SqlStep, FailsForTheRowsForWhichSparkEvaluates) {
  EXPECT_THAT(Selected({"10 DIV qty AS x"}), testing::ElementsAre(testing::StartsWith("[DIVIDE_BY_ZERO]")));
  EXPECT_THAT(Selected({"if(qty = 0, -1, 10 DIV qty) AS x"}),
              testing::ElementsAre(R"({"x":5})", R"({"x":-1})", R"({"x":-1})"));
  EXPECT_THAT(Selected({"qty <> 0 AND 10 DIV qty > 1 AS x"}),
              testing::ElementsAre(R"({"x":true})", R"({"x":false})", R"({"x":false})"));
}

TEST(SqlStep, ABatchWithoutRowsFailsForNothing) {
  auto step = SqlStep::Select(Events(), {"1 DIV 0 AS x"});
  ASSERT_THAT(step, IsOk());
  const auto none = (*step)->Apply(Rows().Slice(0, 0));
  ASSERT_THAT(none, IsOk());
  EXPECT_EQ(none->rows(), 0);
}

TEST(SqlStep, ASliceOfABatchIsEvaluatedAlone) {
  auto step = SqlStep::Select(Events(), {"place.city || '!' AS c", "qty + 1 AS q"});
  ASSERT_THAT(step, IsOk());
  EXPECT_THAT(Lines((*step)->Apply(Rows().Slice(1, 1))), testing::ElementsAre(R"({"c":"Ulm!","q":1})"));
}

TEST(SqlStep, ThePresentIsTheTimeThatTheStepWasTold) {
  const auto zone = TimeZone::Find("America/New_York").value();
  auto step = SqlStep::Select(Events(),
                              {"current_timestamp", "now() = current_timestamp() AS same", "curdate()",
                               "localtimestamp()", "unix_timestamp() AS s", "if(qty > 1, year(Current_Date), -1) AS y"},
                              zone);
  ASSERT_THAT(step, IsOk());
  EXPECT_EQ((*step)->output().ToDdl(),
            "`current_timestamp()` TIMESTAMP NOT NULL,same BOOLEAN NOT NULL,`current_date()` DATE NOT NULL,"
            "`localtimestamp()` TIMESTAMP_NTZ NOT NULL,s BIGINT NOT NULL,y INT NOT NULL");
  EXPECT_THAT((*step)->Apply(Rows()), test::HasKind(ErrorKind::kInternal));
  (*step)->SetTime(1'704'067'200'500'000);
  EXPECT_EQ(Lines((*step)->Apply(Rows())).at(0),
            R"x({"current_timestamp()":"2024-01-01T00:00:00.500000Z","same":true,"current_date()":"2023-12-31",)x"
            R"x("localtimestamp()":"2023-12-31T19:00:00.500000","s":1704067200,"y":2023})x");
  auto filter = SqlStep::Filter(Events(), "current_date() < DATE'2024-01-01'", zone);
  (*filter)->SetTime(1'704'067'200'000'000);
  EXPECT_EQ((*filter)->Apply(Rows())->rows(), 3);
  (*filter)->SetTime(1'704'153'600'000'000);
  EXPECT_EQ((*filter)->Apply(Rows())->rows(), 0);
}

TEST(SqlStep, AColumnMayHaveTheNameOfThePresent) {
  const Schema schema = Schema::FromDdl("current_date STRING").value();
  auto step = SqlStep::Select(schema, {"CURRENT_DATE AS d"});
  ASSERT_THAT(step, IsOk());
  EXPECT_THAT(Lines((*step)->Apply(ColumnBatch::FromRows(schema, {{Value("x")}}).value())),
              testing::ElementsAre(R"({"d":"x"})"));
}

// The texts that `expressions` have over rows of the batch `batch`, given in pieces of `size` rows.
std::vector<std::string> Drawn(const std::vector<std::string>& expressions, std::uint64_t seed, std::uint64_t batch,
                               std::int64_t size = 3) {
  auto step = SqlStep::Select(Events(), expressions);
  if (!step.ok()) {
    return {step.status().ToString()};
  }
  (*step)->SetChance(seed, batch);
  std::vector<std::string> lines;
  for (std::int64_t row = 0; row < 3; row += size) {
    for (std::string& line : Lines((*step)->Apply(Rows().Slice(row, size)))) {
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

TEST(SqlStep, ChanceIsAnotherForEveryRowCallAndBatchAndTheSameWhenABatchIsRunAgain) {
  const std::vector<std::string> both = {"rand() AS r", "rand() AS s", "rand() + rand() AS t", "uuid() AS u"};
  const auto drawn = Drawn(both, 7, 1);
  EXPECT_EQ(Drawn(both, 7, 1), drawn);
  EXPECT_EQ(Drawn(both, 7, 1, 1), drawn) << "however the rows come";
  EXPECT_NE(Drawn(both, 8, 1), drawn);
  EXPECT_THAT(Drawn({"rand() = rand() OR uuid() = uuid() AS same"}, 7, 1), testing::Each(R"({"same":false})"));
  EXPECT_THAT(Drawn({"rand() >= 0 AND rand() < 1 AS inside"}, 7, 1), testing::Each(R"({"inside":true})"));
  EXPECT_EQ(std::set<std::string>(drawn.begin(), drawn.end()).size(), 3);
  EXPECT_THAT(drawn, testing::Each(testing::ContainsRegex(
                         R"("u":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")")));
  auto step = SqlStep::Select(Events(), {"rand() AS r"});
  EXPECT_THAT((*step)->Apply(Rows()), test::HasKind(ErrorKind::kInternal)) << "nobody told it what to draw from";
}

TEST(SqlStep, ASeedOfTheUsersGivesTheSameInEveryQueryAndPlace) {
  const std::vector<std::string> seeded = {"rand(5) AS r", "uuid(5L) AS u"};
  EXPECT_EQ(Drawn(seeded, 7, 1), Drawn(seeded, 8, 1));
  EXPECT_NE(Drawn(seeded, 7, 1), Drawn(seeded, 7, 2)) << "another batch";
  EXPECT_NE(Drawn(seeded, 7, 1), Drawn({"rand(6) AS r", "uuid(6L) AS u"}, 7, 1));
  EXPECT_THAT(Drawn({"rand(5) = rand(5) AS same"}, 7, 1), testing::Each(R"({"same":true})"));
}

TEST(SqlStep, ChanceHasTheValueOfItsRowWhereverItIsEvaluated) {
  auto step = SqlStep::Select(Events(), {"rand(5) AS r",
                                         "CASE WHEN qty = 2 THEN 9D WHEN session_id IS NULL THEN "
                                         "rand(5) ELSE rand(5) END AS c",
                                         "nullif(rand(), 2D) BETWEEN 0 AND 1 AS b"});
  ASSERT_THAT(step, IsOk());
  (*step)->SetChance(7, 1);
  const auto rows = (*step)->Apply(Rows());
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ(rows->RowAt(0)[1], Value(9.0));
  EXPECT_EQ(rows->RowAt(1)[1], rows->RowAt(1)[0]);
  EXPECT_EQ(rows->RowAt(2)[1], rows->RowAt(2)[0]);
  EXPECT_EQ(rows->RowAt(0)[2], Value(true));
}

TEST(SqlStep, AFilterTakesRowsByChance) {
  std::vector<Row> many(10'000, Row{std::int32_t{1}});
  const Schema schema = Schema::FromDdl("i INT").value();
  auto filter = SqlStep::Filter(schema, "rand() < 0.25");
  ASSERT_THAT(filter, IsOk());
  (*filter)->SetChance(7, 1);
  const auto rows = ColumnBatch::FromRows(schema, many).value();
  const std::int64_t first = (*filter)->Apply(rows)->rows();
  const std::int64_t second = (*filter)->Apply(rows)->rows();
  EXPECT_NEAR(static_cast<double>(first), 2'500, 150);
  EXPECT_NE(first, second) << "further rows of the batch";
  (*filter)->SetChance(7, 1);
  EXPECT_EQ((*filter)->Apply(rows)->rows(), first);
}

TEST(SqlStep, NamesWhatItRefuses) {
  EXPECT_THAT(RefusalOf("prise + 1"), testing::AllOf(testing::StartsWith("[UNRESOLVED_COLUMN.WITH_SUGGESTION]"),
                                                     testing::HasSubstr("did you mean price?")));
  EXPECT_THAT(RefusalOf("randn() AS r"), testing::AllOf(testing::StartsWith("[HOLDFAST_UNPROVEN_EXPRESSION]"),
                                                        testing::HasSubstr("another value when a batch is run again")));
  EXPECT_THAT(RefusalOf("DATE'today' AS d"), testing::StartsWith("[HOLDFAST_UNPROVEN_EXPRESSION]"));
  EXPECT_THAT(RefusalOf("sin(price) AS e"), testing::HasSubstr("the function sin is not offered"));
  EXPECT_THAT(RefusalOf("qty + tags AS e"), testing::StartsWith("[DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES]"));
  EXPECT_THAT(RefusalOf("tags = tags AS e"), testing::StartsWith("[HOLDFAST_UNPROVEN_EXPRESSION]"));
  EXPECT_THAT(RefusalOf("place.street"), testing::StartsWith("[FIELD_NOT_FOUND]"));
  EXPECT_THAT(RefusalOf("qty.x"), testing::StartsWith("[INVALID_EXTRACT_BASE_FIELD_TYPE]"));
  EXPECT_THAT(RefusalOf("length(qty, 1) AS l"), testing::StartsWith("[WRONG_NUM_ARGS.WITHOUT_SUGGESTION]"));
}

TEST(SqlStep, AnExpressionThatWouldTakeTooLongIsRefused) {
  std::string nested = "qty";
  std::string sum = "qty";
  for (int i = 0; i < 40; ++i) {
    nested = "nullif(" + nested + ", 0)";  // looked at twice at every level
  }
  for (int i = 0; i < 2000; ++i) {
    sum += " + 1";
  }
  EXPECT_THAT(RefusalOf(nested + " AS x"), testing::StartsWith("[FAILED_TO_PARSE_TOO_COMPLEX]"));
  EXPECT_THAT(RefusalOf(sum + " AS x"), testing::StartsWith("[FAILED_TO_PARSE_TOO_COMPLEX]"));
}

TEST(SqlStep, UsesTheSessionsTimeZone) {
  auto step =
      SqlStep::Select(Events(), {"hour(ts) AS h", "cast(ts AS string) AS t"}, TimeZone::Find("Europe/Paris").value());
  ASSERT_THAT(step, IsOk());
  EXPECT_THAT(Lines((*step)->Apply(Rows().Slice(0, 1))), testing::ElementsAre(R"({"h":13,"t":"2024-02-29 13:34:56"})"));
}

}  // namespace
}  // namespace hf
