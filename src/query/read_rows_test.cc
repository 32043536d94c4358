// SPDX-License-Identifier: Apache-2.0
// What is read from files is compared with real Spark in test/spark_compat/files_test.cc.
#include "holdfast/read_rows.h"

#include "connect/delta/delta_table.h"
#include "connect/file/file_sink.h"
#include "query/environment.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

using testing::HasSubstr;

class ReadRowsTest : public testing::Test {
 protected:
  static Result<std::string> Read(const InputDescription& input, const Options& conf = {}) {
    std::string lines;
    HF_RETURN_IF_ERROR(ReadRows(input, conf, [&](const ColumnBatch& rows) {
      for (std::int64_t row = 0; row < rows.rows(); ++row) {
        lines += ToJson(rows.RowAt(row), rows.schema()) + "\n";
      }
      return Status();
    }));
    return lines;
  }
  [[nodiscard]] InputDescription Input(const std::string& format, const std::string& name, Options options = {}) const {
    InputDescription input;
    input.format = format;
    input.path = scratch_ / name;
    input.options = std::move(options);
    return input;
  }

  test::TempDir scratch_;
};

const Schema kNumbers = Schema::FromDdl("n int").value();

ColumnBatch Numbers(std::initializer_list<std::int32_t> numbers) {
  std::vector<Row> rows;
  for (const std::int32_t number : numbers) {
    rows.push_back({Value(number)});
  }
  return ColumnBatch::FromRows(kNumbers, rows).value();
}

TEST_F(ReadRowsTest, TheSessionTimeZoneCounts) {
  scratch_.Write("a.csv", "t\n2024-07-01 00:00:00\n", 1000);
  const InputDescription input = Input("csv", "a.csv", {{"header", "true"}, {"inferSchema", "true"}});
  EXPECT_EQ(*Read(input), "{\"t\":\"2024-07-01T00:00:00.000000Z\"}\n");
  EXPECT_EQ(*Read(input, {{"spark.sql.session.timeZone", "America/New_York"}}),
            "{\"t\":\"2024-07-01T04:00:00.000000Z\"}\n");
}

TEST_F(ReadRowsTest, OfASinksDirectoryOnlyWhatItsLogListsIsRead) {
  const Environment environment = ProcessEnvironment();
  auto sink = FileSink::Create(*environment.files, *environment.clock, *environment.random,
                               {.format = "json", .options = {{"path", scratch_ / "out"}}});
  ASSERT_THAT((*sink)->Open(kNumbers, "query"), test::IsOk());
  ASSERT_THAT((*sink)->Commit(0, {Numbers({1, 2})}), test::IsOk());
  scratch_.Write("out/part-00000-left-over.json", "{\"n\":9}\n", 1000);
  EXPECT_EQ(*Read(Input("json", "out")), "{\"n\":1}\n{\"n\":2}\n");
}

TEST_F(ReadRowsTest, DeltaIsReadAtItsNewestOrANamedVersion) {
  DeltaTable table = DeltaTable::Open(scratch_ / "table").value();
  ASSERT_THAT(table.Create(kNumbers, {}), test::IsOk());
  ASSERT_THAT(table.Append(table.Stage({}, kNumbers, {Numbers({1})}).value()), test::IsOk());
  ASSERT_THAT(table.Append(table.Stage({}, kNumbers, {Numbers({2})}).value()), test::IsOk());
  EXPECT_EQ(SchemaOfRows(Input("delta", "table"), {})->ToDdl(), "n INT");
  EXPECT_EQ(Read(Input("delta", "table"))->size(), std::string("{\"n\":1}\n{\"n\":2}\n").size());
  EXPECT_EQ(*Read(Input("delta", "table", {{"versionAsOf", "1"}})), "{\"n\":1}\n");
  EXPECT_EQ(*Read(Input("delta", "table", {{"versionAsOf", "0"}})), "");
  EXPECT_EQ(Read(Input("delta", "table", {{"versionAsOf", "3"}})).status().condition(), "DELTA_VERSION_NOT_FOUND");
  EXPECT_THAT(Read(Input("delta", "table", {{"versionAsOf", "x"}})).status().message(), HasSubstr("versionAsOf"));
  EXPECT_THAT(Read(Input("delta", "table", {{"timestampAsOf", "2024-01-01"}})).status().message(),
              HasSubstr("timestampAsOf"));
  EXPECT_EQ(Read(Input("delta", "nowhere")).status().condition(), "DELTA_TABLE_NOT_FOUND");
}

TEST_F(ReadRowsTest, WhatMeansNothingIsRefusedByName) {
  scratch_.Write("a.json", "{\"n\":1}\n", 1000);
  const auto refused = [&](const std::string& format, const std::string& option) {
    return std::string(Read(Input(format, "a.json", {{option, "1"}})).status().message());
  };
  for (const std::string option : {"maxFilesPerTrigger", "latestFirst", "nonsense", "inferSchema"}) {
    EXPECT_THAT(refused("json", option), HasSubstr(option));
  }
  EXPECT_THAT(refused("csv", "samplingRatio"), testing::IsEmpty());
  EXPECT_THAT(Read(Input("csv", "a.json", {{"samplingRatio", "0.5"}})).status().message(), HasSubstr("samplingRatio"));
  EXPECT_THAT(refused("rate", "x"), HasSubstr("rate"));
  EXPECT_THAT(refused("jsn", "x"), HasSubstr("json"));
}

TEST_F(ReadRowsTest, TheVisitorMayEndIt) {
  scratch_.Write("a.json", "{\"n\":1}\n", 1000);
  const Status ended =
      ReadRows(Input("json", "a.json"), {}, [](const ColumnBatch&) { return Unavailable("had enough"); });
  EXPECT_EQ(ended.message(), "had enough");
}

}  // namespace
}  // namespace hf
