// SPDX-License-Identifier: Apache-2.0
// Every sink that a description can name, through a running query: what is in it afterwards, and what it refuses.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "connect/memory/memory_sink.h"
#include "holdfast/sql.h"
#include "support/query_files.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;
using test::NumberedReading;
using test::Numbering;
using test::Reading;

struct Wanted {
  std::string format;
  std::string path = {};
  Options options = {};
  OutputMode mode = OutputMode::kAppend;
  std::string name = {};
};

class Sinks : public ::testing::Test {
 protected:
  Sinks() {
    AddFile("{\"id\":\"a\",\"n\":1,\"at\":\"2026-01-01T00:00:00Z\"}\n{\"id\":\"b\",\"n\":2}\n");
    AddFile("{\"id\":\"a\",\"n\":3}\n{\"id\":\"a\",\"n\":4}\n");
  }
  // Times in order, so that files come one a batch in the order they were added.
  void AddFile(const std::string& text) {
    const std::string path = fmt::format("{}/in/{}.json", dir_.path(), files_);
    test::WriteFile(path, text);
    fs::last_write_time(path, fs::last_write_time(path) - std::chrono::hours(1) + std::chrono::seconds(files_++));
  }
  DataStreamWriter Describe(const Wanted& wanted) {
    auto writer = ReadStream("json")
                      .Schema<Reading>()
                      .Option("maxFilesPerTrigger", "1")
                      .Load(dir_ / "in")
                      .GroupBy("id")
                      .TransformWithState<Numbering>(wanted.mode, TimeMode::kNone)
                      .WriteStream(wanted.format)
                      .Option("checkpointLocation", checkpoint_)
                      .Conf("spark.sql.shuffle.partitions", "1");
    for (const auto& [key, value] : wanted.options) {
      writer = std::move(writer).Option(key, value);
    }
    return std::move(writer).QueryName(wanted.name).Trigger(AvailableNow());
  }
  Status Run(const Wanted& wanted) {
    auto query = Describe(wanted).Start(wanted.path);
    return query.ok() ? (*query)->AwaitTermination() : query.status();
  }
  // "a 1 1, b 2 1, ...": id, n and number of each row.
  static std::string Text(const std::vector<ColumnBatch>& batches) {
    std::vector<std::string> rows;
    for (const ColumnBatch& batch : batches) {
      for (std::int64_t row = 0; row < batch.rows(); ++row) {
        rows.push_back(fmt::format("{} {} {}", std::get<std::string>(batch.At(0, row)),
                                   std::get<std::int32_t>(batch.At(1, row)), std::get<std::int64_t>(batch.At(4, row))));
      }
    }
    return fmt::format("{}", fmt::join(rows, ", "));
  }
  static std::string TextOf(const std::string& table) {
    const auto read = ReadMemoryTable(table);
    return read.ok() ? Text(read->rows) : read.status().ToString();
  }

  test::TempDir dir_;
  std::string checkpoint_ = dir_ / "checkpoint";
  int files_ = 0;
};

void ExpectOk(const Status& status) { EXPECT_TRUE(status.ok()) << status.ToString(); }
void ExpectRefused(const Status& status, std::string_view words) {
  ASSERT_FALSE(status.ok()) << "expected: " << words;
  EXPECT_EQ(status.kind(), ErrorKind::kInvalid) << status.ToString();
  EXPECT_NE(status.ToString().find(words), std::string::npos) << status.ToString() << "\nlacks: " << words;
}

constexpr std::string_view kRows = "a 1 1, b 2 1, a 3 2, a 4 3";

TEST_F(Sinks, FilesOfEachFormatHoldTheRowsOnceAlsoAfterARestart) {
  for (const std::string format : {"json", "csv", "parquet"}) {
    SCOPED_TRACE(format);
    checkpoint_ = dir_ / ("checkpoint-" + format);
    const std::string out = dir_ / ("out-" + format);
    ExpectOk(Run({.format = format, .path = out}));
    ExpectOk(Run({.format = format, .path = out}));  // nothing new: no further entry
    EXPECT_TRUE(fs::exists(out + "/_spark_metadata/1"));
    EXPECT_FALSE(fs::exists(out + "/_spark_metadata/2"));
    // What the log lists, read by another query.
    auto reader = ReadStream(format)
                      .Schema<NumberedReading>()
                      .Load("file:" + out)
                      .GroupBy("id")
                      .TransformWithState<Numbering>(OutputMode::kAppend, TimeMode::kNone)
                      .WriteStream("memory")
                      .Option("checkpointLocation", checkpoint_ + "-reader")
                      .Conf("spark.sql.shuffle.partitions", "1")
                      .QueryName("read_" + format)
                      .Trigger(Once())
                      .Start();
    ASSERT_TRUE(reader.ok()) << reader.status().ToString();
    ExpectOk((*reader)->AwaitTermination());
    EXPECT_EQ(TextOf("read_" + format), "a 1 1, a 3 2, a 4 3, b 2 1");
  }
}

TEST_F(Sinks, OptionsReachTheFilesThatAreWritten) {
  const Options options = {
      {"header", "true"}, {"sep", ";"}, {"nullValue", "-"}, {"timestampFormat", "yyyy/MM/dd HH:mm"}};
  ExpectOk(Run({.format = "csv", .path = dir_ / "out", .options = options}));
  std::string text;
  for (const auto& entry : fs::directory_iterator(dir_ / "out")) {
    if (entry.path().extension() == ".csv") {
      std::ifstream in(entry.path());
      text.append(std::istreambuf_iterator<char>(in), {});
    }
  }
  EXPECT_NE(text.find("id;n;at;broken;number\na;1;2026/01/01 00:00;-;1\nb;2;-;-;1\n"), std::string::npos) << text;
}

TEST_F(Sinks, ADirectoryOfAnotherQueryIsRefused) {
  ExpectOk(Run({.format = "json", .path = dir_ / "out"}));
  checkpoint_ = dir_ / "other";
  ExpectRefused(Run({.format = "json", .path = dir_ / "out"}), "belongs to the query");
}

TEST_F(Sinks, MemoryIsATableUnderTheNameOfTheQuery) {
  ExpectOk(Run({.format = "memory", .name = "numbers"}));
  EXPECT_EQ(TextOf("numbers"), kRows);
  const auto table = ReadMemoryTable("numbers");
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->schema.ToDdl(), "id STRING,n INT,at TIMESTAMP,broken STRING,number BIGINT");
  const auto sql = SqlSession::Open();
  ASSERT_TRUE(sql.ok()) << sql.status().ToString();
  ExpectOk((*sql)->CreateTable("numbers", table->schema, table->rows));
  const auto most = (*sql)->Query("SELECT id, max(number) AS most FROM numbers GROUP BY id ORDER BY id");
  ASSERT_TRUE(most.ok()) << most.status().ToString();
  ASSERT_EQ(most->rows(), 2);
  EXPECT_EQ(std::get<std::int64_t>(most->At(1, 0)), 3);
  ExpectRefused(ReadMemoryTable("numbrs").status(), "numbers");
}

TEST_F(Sinks, AMemoryQueryOfTheSameNameBeginsTheTableAgain) {
  ExpectOk(Run({.format = "memory", .name = "again"}));
  // Its earlier rows are gone with the process, as Spark holds it.
  ExpectRefused(Run({.format = "memory", .name = "again"}), "cannot go on");
  EXPECT_EQ(TextOf("again"), kRows) << "a refused start replaced the table";
  checkpoint_ = dir_ / "second";
  AddFile("{\"id\":\"c\",\"n\":9}\n");
  ExpectOk(Run({.format = "memory", .name = "again"}));
  EXPECT_EQ(TextOf("again"), std::string(kRows) + ", c 9 1");
}

TEST_F(Sinks, TwoActiveQueriesCannotHaveOneName) {
  auto first = Describe({.format = "memory", .name = "twin"}).Trigger(ProcessingTime(std::chrono::milliseconds(5)));
  const auto running = std::move(first).Start();
  ASSERT_TRUE(running.ok()) << running.status().ToString();
  checkpoint_ = dir_ / "second";
  const Status second = Run({.format = "memory", .name = "twin"});
  EXPECT_EQ(second.kind(), ErrorKind::kConflict) << second.ToString();
  ExpectOk((*running)->Stop());
  ExpectOk(Run({.format = "memory", .name = "twin"}));
}

TEST_F(Sinks, ConsoleShowsEachBatchAsATable) {
  QueryDescription description = Describe({.format = "console", .options = {{"numRows", "1"}}}).description();
  std::string shown;
  description.on_console = [&shown](std::string_view text) { shown += text; };
  auto query = StartQuery(description);
  ASSERT_TRUE(query.ok()) << query.status().ToString();
  ExpectOk((*query)->AwaitTermination());
  EXPECT_NE(shown.find("Batch: 1"), std::string::npos) << shown;
  EXPECT_NE(shown.find("only showing top 1 row"), std::string::npos) << shown;
}

TEST_F(Sinks, UpdatePassesRowsOnAsTheyAreEmitted) {
  ExpectOk(Run({.format = "memory", .mode = OutputMode::kUpdate, .name = "updates"}));
  EXPECT_EQ(TextOf("updates"), kRows);  // three rows of the key a: the sink does not know which replaces which
  std::vector<ColumnBatch> seen;
  checkpoint_ = dir_ / "foreach";
  auto writer = Describe({.format = "", .mode = OutputMode::kUpdate}).ForeachBatch([&seen](const auto& rows, auto) {
    seen.push_back(rows);
    return Status();
  });
  const auto query = std::move(writer).Start();
  ASSERT_TRUE(query.ok()) << query.status().ToString();
  ExpectOk((*query)->AwaitTermination());
  EXPECT_EQ(Text(seen), kRows);
}

// Takes rows until it has had enough; passes over what it has had already.
class Stopping final : public ForeachWriter<NumberedReading> {
 public:
  bool Open(std::int64_t partition_id, std::int64_t epoch_id) override {
    at_ = fmt::format("{}/{}", epoch_id, partition_id);
    return done.find(at_) == done.end();
  }
  void Process(const NumberedReading& row) override {
    if (rows.size() == fails_at) {
      throw std::runtime_error("enough");
    }
    rows.push_back(fmt::format("{} {}", *row.id, row.number));
  }
  void Close(const Status& error) override {
    if (error.ok()) {
      done.insert(at_);
    }
  }

  std::size_t fails_at = 3;
  std::vector<std::string> rows;
  std::set<std::string> done;

 private:
  std::string at_;
};

TEST_F(Sinks, AForeachWriterGetsEachRowAndTheBatchThatItFailedInOnceMore) {
  const auto writer = std::make_shared<Stopping>();
  const auto run = [&] {
    auto query = Describe({.format = "", .mode = OutputMode::kUpdate}).Foreach<NumberedReading>(writer).Start();
    return query.ok() ? (*query)->AwaitTermination() : query.status();
  };
  const Status failed = run();
  EXPECT_EQ(failed.kind(), ErrorKind::kUser);
  EXPECT_EQ(failed.condition(), "FOREACH_USER_FUNCTION_ERROR");
  EXPECT_EQ(writer->rows, (std::vector<std::string>{"a 1", "b 1", "a 2"}));
  EXPECT_EQ(writer->done, (std::set<std::string>{"0/0"}));
  writer->fails_at = 100;
  ExpectOk(run());
  EXPECT_EQ(writer->rows, (std::vector<std::string>{"a 1", "b 1", "a 2", "a 2", "a 3"}));
}

TEST_F(Sinks, SinksThatOnlyAppendRefuseUpdateAndNameForeachBatch) {
  for (const std::string format : {"delta", "parquet", "json", "csv"}) {
    const Status refused = Run({.format = format, .path = dir_ / "out", .mode = OutputMode::kUpdate});
    ExpectRefused(refused, "ForeachBatch");
    EXPECT_EQ(refused.condition(),
              format == "delta" ? "DELTA_UNSUPPORTED_OUTPUT_MODE" : "STREAMING_OUTPUT_MODE.UNSUPPORTED_DATASOURCE");
  }
}

TEST_F(Sinks, TheOutputModeOfACheckpointIsFixed) {
  ExpectOk(Run({.format = "console"}));
  const Status changed = Run({.format = "console", .mode = OutputMode::kUpdate});
  EXPECT_EQ(changed.condition(), "STATE_STORE_INVALID_CONFIG_AFTER_RESTART") << changed.ToString();
}

TEST_F(Sinks, WhatCannotBeHadIsNamedAndNothingIsWritten) {
  const std::string out = dir_ / "out";
  ExpectRefused(Run({.format = "parquet", .path = out, .options = {{"compresion", "zstd"}}}), "compresion");
  ExpectRefused(Run({.format = "json", .path = out, .options = {{"header", "true"}}}), "header");
  ExpectRefused(Run({.format = "csv", .path = out, .options = {{"compression", "gzip"}}}), "compression");
  ExpectRefused(Run({.format = "delta", .path = out, .options = {{"overwriteSchema", "true"}}}), "overwriteSchema");
  ExpectRefused(Run({.format = "console", .options = {{"rows", "3"}}}), "rows");
  ExpectRefused(Run({.format = "memory", .options = {{"rows", "3"}}, .name = "m"}), "rows");
  ExpectRefused(Run({.format = "memory", .path = out, .name = "m"}), "takes no path");
  ExpectRefused(Run({.format = "memory"}), "queryName");
  ExpectRefused(Run({.format = "parquet"}), "needs a path");
  ExpectRefused(Run({.format = "json", .path = out, .options = {{"path", out}}}), "two paths");
  ExpectRefused(Run({.format = "delta", .path = "s3://bucket/table"}), "s3://bucket/table");
  ExpectRefused(Run({.format = "orc", .path = out}), "orc");
  EXPECT_FALSE(fs::exists(out));
  EXPECT_FALSE(fs::exists(checkpoint_));
}

}  // namespace
}  // namespace hf
