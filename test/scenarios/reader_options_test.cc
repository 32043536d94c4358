// SPDX-License-Identifier: Apache-2.0
// The options of the file source and of its readers, through a running query: what each mode makes of bad records, how
// times are read, and what is refused by name before anything is written.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/query_files.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;

class ReaderOptions : public ::testing::Test {
 protected:
  struct Read {
    Status status;
    std::vector<std::string> rows;  // as JSON, without the number
  };
  Read Run(const std::string& format, const Options& options, const Options& conf = {},
           const std::string& schema = "id STRING, n INT, at TIMESTAMP, broken STRING") {
    const std::string name = fmt::format("read_{}", fs::path(dir_.path()).filename().string());
    fs::remove_all(dir_ / "checkpoint");
    auto reader = ReadStream(format).Schema(*Schema::FromDdl(schema));
    for (const auto& [key, value] : options) {
      reader = std::move(reader).Option(key, value);
    }
    auto writer = std::move(reader)
                      .Load(dir_ / "in")
                      .GroupBy("id")
                      .TransformWithState<test::Numbering>(OutputMode::kAppend, TimeMode::kNone)
                      .WriteStream("memory")
                      .Option("checkpointLocation", dir_ / "checkpoint")
                      .Conf("spark.sql.shuffle.partitions", "1");
    for (const auto& [key, value] : conf) {
      writer = std::move(writer).Conf(key, value);
    }
    auto query = std::move(writer).QueryName(name).Trigger(AvailableNow()).Start();
    Read read = {.status = query.ok() ? (*query)->AwaitTermination() : query.status(), .rows = {}};
    const auto table = ReadMemoryTable(name);
    if (!read.status.ok() || !table.ok()) {
      return read;
    }
    for (const ColumnBatch& batch : table->rows) {
      for (std::int64_t row = 0; row < batch.rows(); ++row) {
        Row values = batch.RowAt(row);
        values.pop_back();
        read.rows.push_back(ToJson(values, *Schema::FromDdl("id STRING, n INT, at TIMESTAMP, broken STRING")));
      }
    }
    return read;
  }
  void ExpectRefused(const std::string& format, const Options& options, std::string_view words) {
    const Read read = Run(format, options);
    ASSERT_FALSE(read.status.ok()) << words;
    EXPECT_EQ(read.status.kind(), ErrorKind::kInvalid) << read.status.ToString();
    EXPECT_NE(read.status.ToString().find(words), std::string::npos) << read.status.ToString() << "\nlacks: " << words;
    EXPECT_FALSE(fs::exists(dir_ / "checkpoint")) << words;
  }

  test::TempDir dir_;
};

using Rows = std::vector<std::string>;

class BadJson : public ReaderOptions {
 protected:
  // A good line, one with a value of a wrong type, one that is no JSON.
  BadJson() { test::WriteFile(dir_ / "in/0.json", "{\"id\":\"a\",\"n\":1}\n{\"id\":\"b\",\"n\":\"x\"}\n{\"id\":\n"); }
};

TEST_F(BadJson, PermissiveKeepsTheTextInTheCorruptRecordColumn) {
  const Read read = Run("json", {{"mode", "PERMISSIVE"}, {"columnNameOfCorruptRecord", "broken"}});
  ASSERT_TRUE(read.status.ok()) << read.status.ToString();
  EXPECT_EQ(read.rows, (Rows{R"({"id":null,"n":null,"at":null,"broken":"{\"id\":"})",
                             R"({"id":"a","n":1,"at":null,"broken":null})",
                             R"({"id":"b","n":null,"at":null,"broken":"{\"id\":\"b\",\"n\":\"x\"}"})"}));
}

TEST_F(BadJson, PermissiveIsTheDefaultAndTheColumnIsNotFilledUnlessItIsNamed) {
  const Read read = Run("json", {});
  ASSERT_TRUE(read.status.ok()) << read.status.ToString();
  EXPECT_EQ(read.rows,
            (Rows{R"({"id":null,"n":null,"at":null,"broken":null})", R"({"id":"a","n":1,"at":null,"broken":null})",
                  R"({"id":"b","n":null,"at":null,"broken":null})"}));
}

TEST_F(BadJson, DropMalformedLeavesThemOut) {
  const Read read = Run("json", {{"mode", "dropmalformed"}});
  ASSERT_TRUE(read.status.ok()) << read.status.ToString();
  EXPECT_EQ(read.rows, Rows{R"({"id":"a","n":1,"at":null,"broken":null})"});
}

TEST_F(BadJson, FailFastEndsTheQueryAndNamesFileLineAndField) {
  const Read read = Run("json", {{"mode", "FAILFAST"}});
  ASSERT_FALSE(read.status.ok());
  EXPECT_EQ(read.status.kind(), ErrorKind::kCorrupt) << read.status.ToString();
  for (const std::string_view named : {"batch 0", "in/0.json", "line 2", "n"}) {
    EXPECT_NE(read.status.message().find(named), std::string::npos) << read.status.ToString();
  }
  EXPECT_FALSE(fs::exists(dir_ / "checkpoint/commits/0"));
}

class BadCsv : public ReaderOptions {
 protected:
  BadCsv() { test::WriteFile(dir_ / "in/0.csv", "id,n,at\na,1,\nb,x,\nc,3\n"); }
  static constexpr const char* kSchema = "id STRING, n INT, at TIMESTAMP, broken STRING";
};

TEST_F(BadCsv, PermissiveKeepsTheTextInTheCorruptRecordColumn) {
  const Read read = Run("csv", {{"header", "true"}, {"columnNameOfCorruptRecord", "broken"}});
  ASSERT_TRUE(read.status.ok()) << read.status.ToString();
  EXPECT_EQ(read.rows,
            (Rows{R"({"id":"a","n":1,"at":null,"broken":null})", R"({"id":"b","n":null,"at":null,"broken":"b,x,"})",
                  R"({"id":"c","n":3,"at":null,"broken":"c,3"})"}));
}

TEST_F(BadCsv, DropMalformedAndFailFast) {
  const Options drop = {{"header", "true"}, {"mode", "DROPMALFORMED"}, {"columnNameOfCorruptRecord", "broken"}};
  const Read dropped = Run("csv", drop);
  ASSERT_TRUE(dropped.status.ok()) << dropped.status.ToString();
  EXPECT_EQ(dropped.rows, Rows{R"({"id":"a","n":1,"at":null,"broken":null})"});
  const Read failed = Run("csv", {{"header", "true"}, {"mode", "FAILFAST"}, {"columnNameOfCorruptRecord", "broken"}});
  EXPECT_EQ(failed.status.kind(), ErrorKind::kCorrupt) << failed.status.ToString();
  EXPECT_NE(failed.status.message().find("in/0.csv"), std::string::npos) << failed.status.ToString();
}

TEST_F(ReaderOptions, TimestampFormatAndTimeZonesReachTheReaders) {
  const std::string expected = R"({"id":"a","n":null,"at":"2026-03-01T11:30:00.000000Z","broken":null})";
  test::WriteFile(dir_ / "in/0.json", "{\"id\":\"a\",\"at\":\"01.03.2026 12:30\"}\n");
  const Options pattern = {{"timestampFormat", "dd.MM.yyyy HH:mm"}};
  const Options berlin = {{"timeZone", "Europe/Berlin"}};
  Options both = pattern;
  both.insert(berlin.begin(), berlin.end());
  EXPECT_EQ(Run("json", both).rows, Rows{expected});
  EXPECT_EQ(Run("json", pattern, {{"spark.sql.session.timeZone", "Europe/Berlin"}}).rows, Rows{expected});
  fs::remove_all(dir_ / "in");
  test::WriteFile(dir_ / "in/0.csv", "a;;01.03.2026 12:30;\n");
  both["sep"] = ";";
  EXPECT_EQ(Run("csv", both).rows, Rows{expected});
}

TEST_F(ReaderOptions, WhatCannotBeHadIsNamedBeforeAnythingIsWritten) {
  test::WriteFile(dir_ / "in/0.json", "{\"id\":\"a\"}\n");
  ExpectRefused("json", {{"multiLine", "true"}}, "multiLine");
  ExpectRefused("json", {{"mode", "STRICT"}}, "STRICT");
  ExpectRefused("json", {{"timestampFormat", "yyyy-MM-dd bogus"}}, "timestampFormat");
  ExpectRefused("json", {{"timeZone", "Mars/Olympus"}}, "Mars/Olympus");
  ExpectRefused("json", {{"maxFilesPerTriger", "1"}}, "maxFilesPerTriger");
  ExpectRefused("json", {{"maxFilesPerTrigger", "0"}}, "maxFilesPerTrigger");
  ExpectRefused("json", {{"columnNameOfCorruptRecord", "n"}}, "n");
  ExpectRefused("csv", {{"quote", "''"}}, "quote");
  ExpectRefused("parquet", {{"mergeSchema", "true"}}, "mergeSchema");
  ExpectRefused("avro", {}, "avro");
  ExpectRefused("json", {{"path", "/elsewhere"}}, "two paths");
}

}  // namespace
}  // namespace hf
