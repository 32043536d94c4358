// SPDX-License-Identifier: Apache-2.0
// The names and bytes of files are compared with real Spark in test/spark_compat/file_writes_test.cc.
#include "holdfast/write_rows.h"

#include <algorithm>
#include <fstream>

#include "connect/file/file_sink.h"
#include "holdfast/read_rows.h"
#include "query/environment.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Schema kNumbers = Schema::FromDdl("n int").value();
const Schema kPairs = Schema::FromDdl("n int, k string").value();

ColumnBatch Numbers(std::initializer_list<std::int32_t> numbers) {
  std::vector<Row> rows;
  for (const std::int32_t number : numbers) {
    rows.push_back({Value(number)});
  }
  return ColumnBatch::FromRows(kNumbers, rows).value();
}

ColumnBatch Pairs(const std::vector<Row>& rows) { return ColumnBatch::FromRows(kPairs, rows).value(); }

class WriteRowsTest : public testing::Test {
 protected:
  [[nodiscard]] OutputDescription Output(const std::string& format, SaveMode mode = SaveMode::kErrorIfExists) const {
    OutputDescription output;
    output.format = format;
    output.path = scratch_ / "out";
    output.mode = mode;
    return output;
  }
  [[nodiscard]] std::vector<std::string> Rows(const std::string& format, Options options = {}) const {
    InputDescription input;
    input.format = format;
    input.path = scratch_ / "out";
    input.options = std::move(options);
    std::vector<std::string> lines;
    const Status read = ReadRows(input, {}, [&](const ColumnBatch& rows) {
      for (std::int64_t row = 0; row < rows.rows(); ++row) {
        lines.push_back(ToJson(rows.RowAt(row), rows.schema()));
      }
      return Status();
    });
    EXPECT_THAT(read, test::IsOk());
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  [[nodiscard]] std::string Commit(const std::string& number) const {
    std::ifstream file(scratch_ / "out/_delta_log/0000000000000000000" + number + ".json");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  test::TempDir scratch_;
};

TEST_F(WriteRowsTest, OneFileHoldsAllBatches) {
  ASSERT_THAT(WriteRows(Output("json"), kNumbers, {Numbers({1}), Numbers({}), Numbers({2, 3})}), test::IsOk());
  EXPECT_THAT(Rows("json"), ElementsAre("{\"n\":1}", "{\"n\":2}", "{\"n\":3}"));
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "out/_SUCCESS"));
}

TEST_F(WriteRowsTest, OverwritingTakesAwayWhatWasThere) {
  scratch_.Write("out/a=1/old.json", "{\"n\":9}\n", 1000);
  scratch_.Write("out/.hidden", "", 1000);
  scratch_.Write("beside.json", "{\"n\":9}\n", 1000);
  std::filesystem::create_directory_symlink(scratch_ / ".", scratch_ / "out/link");
  ASSERT_THAT(WriteRows(Output("json", SaveMode::kOverwrite), kNumbers, {Numbers({1})}), test::IsOk());
  EXPECT_THAT(Rows("json"), ElementsAre("{\"n\":1}"));
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "out/a=1"));
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "out/.hidden"));
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(scratch_ / "out/link")));
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "beside.json"));
}

TEST_F(WriteRowsTest, RowsThatCannotBeWrittenLeaveWhatWasThere) {
  ASSERT_THAT(WriteRows(Output("csv"), kNumbers, {Numbers({1})}), test::IsOk());
  const Schema nested = Schema::FromDdl("r struct<a: int>").value();
  const OutputDescription output = Output("csv", SaveMode::kOverwrite);
  EXPECT_EQ(WriteRows(output, nested, {}).condition(), "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE");
  EXPECT_THAT(Rows("csv"), ElementsAre("{\"_c0\":\"1\"}"));
  scratch_.Write("out/k=x", "", 1000);  // no directory
  OutputDescription partitioned = output;
  partitioned.partition_by = {"k"};
  EXPECT_FALSE(WriteRows(partitioned, kPairs, {Pairs({{Value(1), Value("x")}})}).ok());
  EXPECT_THAT(Rows("csv"), ElementsAre("{\"_c0\":\"1\"}"));
}

TEST_F(WriteRowsTest, TheDirectoryOfASinkTakesNoFilesThatItsReadersWouldMiss) {
  const Environment environment = ProcessEnvironment();
  auto sink = FileSink::Create(*environment.files, *environment.clock, *environment.random,
                               {.format = "json", .options = {{"path", scratch_ / "out"}}});
  ASSERT_THAT((*sink)->Open(kNumbers, "query"), test::IsOk());
  ASSERT_THAT((*sink)->Commit(0, {Numbers({1, 2})}), test::IsOk());
  const Status refused = WriteRows(Output("json", SaveMode::kAppend), kNumbers, {Numbers({3})});
  EXPECT_THAT(refused.message(), HasSubstr("_spark_metadata"));
  ASSERT_THAT(WriteRows(Output("json", SaveMode::kOverwrite), kNumbers, {Numbers({3})}), test::IsOk());
  EXPECT_THAT(Rows("json"), ElementsAre("{\"n\":3}"));
}

TEST_F(WriteRowsTest, WhatMeansNothingIsRefusedByName) {
  const auto refused = [&](OutputDescription output, Options options) {
    output.options = std::move(options);
    return std::string(WriteRows(output, kNumbers, {Numbers({1})}).message());
  };
  for (const std::string format : {"json", "csv", "parquet", "delta"}) {
    EXPECT_THAT(refused(Output(format), {{"nonsense", "1"}}), HasSubstr("nonsense"));
  }
  EXPECT_THAT(refused(Output("console"), {}), HasSubstr("console"));
  EXPECT_THAT(refused(Output("jsn"), {}), HasSubstr("json"));
  OutputDescription output = Output("json");
  output.conf = {{"spark.sql.session.timeZone", "Nowhere"}};
  EXPECT_THAT(refused(output, {}), HasSubstr("Nowhere"));
  output.path.clear();
  EXPECT_THAT(refused(output, {}), HasSubstr("path"));
  scratch_.Write("out", "a file", 1000);
  EXPECT_THAT(refused(Output("json", SaveMode::kOverwrite), {}), HasSubstr("is a file"));
}

TEST_F(WriteRowsTest, AFailureLeavesTheDirectoryAsItWas) {
  ASSERT_THAT(WriteRows(Output("json"), kNumbers, {Numbers({1})}), test::IsOk());
  scratch_.Write("out/k=b", "", 1000);  // no directory, so that the second of two files cannot be written
  for (const SaveMode mode : {SaveMode::kAppend, SaveMode::kOverwrite}) {
    OutputDescription output = Output("json", mode);
    output.partition_by = {"k"};
    EXPECT_FALSE(WriteRows(output, kPairs, {Pairs({{Value(1), Value("a")}, {Value(2), Value("b")}})}).ok());
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch_ / "out")) {
      files += entry.is_regular_file() && entry.path().extension() == ".json" ? 1 : 0;
    }
    EXPECT_EQ(files, 1U);
    EXPECT_TRUE(std::filesystem::exists(scratch_ / "out/_SUCCESS"));
  }
}

TEST_F(WriteRowsTest, ADeltaTableWhoseFirstRowsCannotBeWrittenIsNotThere) {
  OutputDescription output = Output("delta");
  output.partition_by = {"k"};
  const std::vector<ColumnBatch> rows = {Pairs({{Value(1), Value("x")}})};
  scratch_.Write("out/k=x", "", 1000);  // no directory
  EXPECT_FALSE(WriteRows(output, kPairs, rows).ok());
  std::filesystem::remove(scratch_ / "out/k=x");
  output.mode = SaveMode::kIgnore;
  ASSERT_THAT(WriteRows(output, kPairs, rows), test::IsOk());
  EXPECT_EQ(Rows("delta").size(), 1U);
}

TEST_F(WriteRowsTest, ADeltaTableIsMadeAndAppendedTo) {
  ASSERT_THAT(WriteRows(Output("delta"), kNumbers, {Numbers({1}), Numbers({2})}), test::IsOk());
  EXPECT_EQ(WriteRows(Output("delta"), kNumbers, {Numbers({9})}).condition(), "DELTA_PATH_EXISTS");
  ASSERT_THAT(WriteRows(Output("delta", SaveMode::kIgnore), kNumbers, {Numbers({9})}), test::IsOk());
  ASSERT_THAT(WriteRows(Output("delta", SaveMode::kAppend), kNumbers, {Numbers({3})}), test::IsOk());
  EXPECT_THAT(Rows("delta"), ElementsAre("{\"n\":1}", "{\"n\":2}", "{\"n\":3}"));
  EXPECT_THAT(Commit("2"), HasSubstr(R"("operation":"WRITE")"));
  EXPECT_THAT(Commit("2"), HasSubstr("Append"));
}

TEST_F(WriteRowsTest, OverwritingADeltaTableIsOneVersion) {
  ASSERT_THAT(WriteRows(Output("delta"), kNumbers, {Numbers({1})}), test::IsOk());
  ASSERT_THAT(WriteRows(Output("delta", SaveMode::kAppend), kNumbers, {Numbers({2})}), test::IsOk());
  ASSERT_THAT(WriteRows(Output("delta", SaveMode::kOverwrite), kNumbers, {Numbers({7})}), test::IsOk());
  EXPECT_THAT(Rows("delta"), ElementsAre("{\"n\":7}"));
  EXPECT_THAT(Rows("delta", {{"versionAsOf", "2"}}), ElementsAre("{\"n\":1}", "{\"n\":2}"));
  EXPECT_THAT(Commit("3"), HasSubstr("Overwrite"));
  ASSERT_THAT(WriteRows(Output("delta", SaveMode::kOverwrite), kNumbers, {}), test::IsOk());
  EXPECT_THAT(Rows("delta"), IsEmpty());
  // Others would not find the columns that they read.
  EXPECT_FALSE(WriteRows(Output("delta", SaveMode::kOverwrite), kPairs, {}).ok());
}

TEST_F(WriteRowsTest, APartitionedDeltaTableKeepsItsPartitions) {
  OutputDescription output = Output("delta");
  output.partition_by = {"k"};
  const ColumnBatch rows = Pairs({{Value(1), Value("x")}, {Value(2), Value()}, {Value(3), Value("x")}});
  ASSERT_THAT(WriteRows(output, kPairs, {rows}), test::IsOk());
  EXPECT_TRUE(std::filesystem::is_directory(scratch_ / "out/k=x"));
  output.mode = SaveMode::kOverwrite;
  ASSERT_THAT(WriteRows(output, kPairs, {Pairs({{Value(4), Value("y")}})}), test::IsOk());
  EXPECT_THAT(Rows("delta"), ElementsAre("{\"n\":4,\"k\":\"y\"}"));
}

}  // namespace
}  // namespace hf
