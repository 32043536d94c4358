// SPDX-License-Identifier: Apache-2.0
#include "connect/file/file_sink.h"

#include <gtest/gtest.h>

#include <regex>

#include "codec/parquet/parquet_reader.h"
#include "connect/file/file_source.h"
#include "files/disk_file_system.h"
#include "files/posix_disk.h"
#include "files/simulated_disk.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

const Schema& Sessions() {
  static const Schema schema({{.name = "id", .type = DataType::String()}, {.name = "n", .type = DataType::Long()}});
  return schema;
}

ColumnBatch Batch(const std::vector<Row>& rows, const Schema& schema = Sessions()) {
  return ColumnBatch::FromRows(schema, rows).value();
}

Row Session(const std::string& id, std::int64_t n) { return {Value(id), Value(n)}; }

std::vector<std::string> Texts(const std::vector<Row>& rows) {
  std::vector<std::string> texts;
  for (const Row& row : rows) {
    texts.push_back(ToJson(row, Sessions()));
  }
  return texts;
}

class FileSinkTest : public testing::Test {
 protected:
  std::unique_ptr<FileSink> Open(const std::string& format = "json", OptionMap options = {},
                                 const std::string& query = "query-1") {
    options.emplace("path", out_);
    auto sink = FileSink::Create(*sink_files_, clock_, random_, {.format = format, .options = std::move(options)});
    EXPECT_TRUE(sink.ok()) << sink.status().ToString();
    const Status opened = (*sink)->Open(Sessions(), query);
    EXPECT_TRUE(opened.ok()) << opened.ToString();
    return std::move(sink).value();
  }
  // The rows that the log lists, read as a source of our own does; as JSON, which a failure can show.
  std::vector<std::string> Rows(const std::string& format = "json", OptionMap options = {}) {
    options.emplace("path", out_);
    auto source = FileSource::Open(*sink_files_, *sink_files_, clock_,
                                   {.format = format,
                                    .options = std::move(options),
                                    .schema = Sessions(),
                                    .log_directory = fmt::format("{}_reader{}", out_, readers_++)});
    EXPECT_TRUE(source.ok()) << source.status().ToString();
    const Result<SourceOffset> end = (*source)->Latest(std::nullopt);
    EXPECT_TRUE(end.ok()) << end.status().ToString();
    const auto splits = (*source)->Plan(std::nullopt, *end).value();
    std::vector<std::string> rows;
    for (const auto& split : splits) {
      while (true) {
        const Result<std::optional<ColumnBatch>> batch = split->Next();
        EXPECT_TRUE(batch.ok()) << batch.status().ToString();
        if (!batch.ok() || !batch->has_value()) {
          break;
        }
        for (std::int64_t row = 0; row < (*batch)->rows(); ++row) {
          rows.push_back(ToJson((*batch)->RowAt(row), Sessions()));
        }
      }
    }
    return rows;
  }
  std::vector<std::string> DataFiles() {
    std::vector<std::string> names;
    const auto listed = sink_files_->List(out_).value();
    for (const FileInfo& file : listed) {
      if (!file.is_directory) {
        names.push_back(file.name);
      }
    }
    return names;
  }

  test::TempDir scratch_;
  PosixDisk disk_;
  DiskFileSystem files_{disk_};
  FileSystem* sink_files_ = &files_;
  std::string out_ = scratch_ / "out";
  ManualClock clock_;
  SeededRandom random_{7};
  int readers_ = 0;
};

TEST_F(FileSinkTest, ABatchIsOneFileOfSparksNameAndOneEntry) {
  const auto sink = Open("parquet");
  EXPECT_EQ(sink->Commit(0, {Batch({Session("a", 1)}), Batch({Session("b", 2)})}).value(), SinkCommit::kAdded);
  EXPECT_EQ(sink->Commit(1, {}).value(), SinkCommit::kAdded);
  const auto names = DataFiles();
  ASSERT_EQ(names.size(), 1U);
  EXPECT_TRUE(std::regex_match(
      names[0],
      std::regex("part-00000-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}-c000\\.snappy\\.parquet")))
      << names[0];
  const std::uintmax_t size = std::filesystem::file_size(scratch_ / "out/" + names[0]);
  const std::string entry = scratch_.Read("out/_spark_metadata/0");
  EXPECT_TRUE(entry.starts_with(fmt::format(
      "v1\n{{\"path\":\"file://{}/{}\",\"size\":{},\"isDir\":false,\"modificationTime\":", out_, names[0], size)))
      << entry;
  EXPECT_EQ(scratch_.Read("out/_spark_metadata/1"), "v1");
  EXPECT_EQ(Rows("parquet"), Texts({Session("a", 1), Session("b", 2)}));
  EXPECT_EQ(sink->description(), fmt::format("FileSink[file:{}]", out_));
}

TEST_F(FileSinkTest, EveryFormatReadsBackAsItWasWritten) {
  // No empty text: read from CSV it is null, also in Spark, whose nullValue is empty by default.
  const std::vector<Row> rows = {Session("a, \"b\"\n\xC3\xA9", 1), {Value(), Value()}};
  for (const auto& [format, written, read] : std::vector<std::tuple<std::string, OptionMap, OptionMap>>{
           {"parquet", {}, {}},
           {"parquet", {{"compression", "zstd"}}, {}},
           {"json", {}, {}},
           {"csv",
            {{"header", "true"}, {"escape", "\""}},
            {{"header", "true"}, {"multiLine", "true"}, {"escape", "\""}}}}) {
    scratch_.Remove("out");
    ASSERT_TRUE(Open(format, written)->Commit(0, {Batch(rows)}).ok()) << format;
    EXPECT_EQ(Rows(format, read), Texts(rows)) << format;
  }
}

TEST_F(FileSinkTest, ABatchThatIsThereIsNotAddedAgainAlsoByAnotherObject) {
  ASSERT_TRUE(Open()->Commit(0, {Batch({Session("a", 1)})}).ok());
  const auto sink = Open();
  EXPECT_TRUE(sink->Holds(0).value());
  EXPECT_FALSE(sink->Holds(1).value());
  EXPECT_EQ(sink->Commit(0, {Batch({Session("z", 9)})}).value(), SinkCommit::kWasThere);
  EXPECT_EQ(DataFiles().size(), 1U);
  EXPECT_EQ(sink->Commit(1, {Batch({Session("b", 2)})}).value(), SinkCommit::kAdded);
  EXPECT_EQ(Rows(), Texts({Session("a", 1), Session("b", 2)}));
}

TEST_F(FileSinkTest, ManyBatchesAreCompactedAndReadWhole) {
  const auto sink = Open();
  for (std::int64_t batch = 0; batch < 23; ++batch) {
    ASSERT_TRUE(sink->Commit(batch, {Batch({Session("s", batch)})}).ok());
  }
  EXPECT_TRUE(scratch_.Exists("out/_spark_metadata/9.compact"));
  EXPECT_TRUE(scratch_.Exists("out/_spark_metadata/19.compact"));
  EXPECT_EQ(Rows().size(), 23U);
}

TEST_F(FileSinkTest, FilesThatTheLogDoesNotListAreNotRead) {
  ASSERT_TRUE(Open()->Commit(0, {Batch({Session("a", 1)})}).ok());
  scratch_.Write("out/part-00000-dead-c000.json", "{\"id\":\"b\",\"n\":2}\n", 1000);
  EXPECT_EQ(Rows(), Texts({Session("a", 1)}));
}

TEST_F(FileSinkTest, AListedFileThatChangedOrVanishedIsAnError) {
  ASSERT_TRUE(Open()->Commit(0, {Batch({Session("a", 1)})}).ok());
  scratch_.Write("out/" + DataFiles()[0], "{\"id\":\"b\",\"n\":22222}\n", 1000);
  auto source = FileSource::Open(
      files_, files_, clock_,
      {.format = "json", .options = {{"path", out_}}, .schema = Sessions(), .log_directory = scratch_ / "r"});
  const Status changed = (*source)->Latest(std::nullopt).status();
  EXPECT_EQ(changed.kind(), ErrorKind::kCorrupt);
  EXPECT_NE(changed.ToString().find(DataFiles()[0]), std::string::npos);
}

TEST_F(FileSinkTest, TheDirectoryOfAnotherQueryIsRefusedAndThatOfSparkIsNot) {
  ASSERT_TRUE(Open()->Commit(0, {Batch({Session("a", 1)})}).ok());
  const auto other = FileSink::Create(files_, clock_, random_, {.format = "json", .options = {{"path", out_}}});
  const Status refused = (*other)->Open(Sessions(), "query-2");
  EXPECT_EQ(refused.kind(), ErrorKind::kInvalid);
  EXPECT_NE(refused.ToString().find("query-1"), std::string::npos) << refused.ToString();
  scratch_.Remove("out/_spark_metadata/_holdfast_query_id");
  EXPECT_TRUE((*other)->Open(Sessions(), "query-2").ok());
  EXPECT_EQ((*other)->Commit(0, {Batch({Session("b", 2)})}).value(), SinkCommit::kWasThere);
}

TEST_F(FileSinkTest, TextIsALineForEachRow) {
  const Schema schema({{.name = "line", .type = DataType::String()}});
  const auto sink =
      FileSink::Create(files_, clock_, random_, {.format = "text", .options = {{"path", out_}, {"lineSep", "|"}}});
  ASSERT_TRUE((*sink)->Open(schema, "query-1").ok());
  ASSERT_TRUE((*sink)
                  ->Commit(0, {*ColumnBatch::FromRows(schema, {{Value("a")}, {Value()}, {Value("")}, {Value("b c")}})})
                  .ok());
  SinkLog log = *SinkLog::Open(files_, out_);
  const std::vector<SinkFile> written = *log.AllFiles();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_TRUE(written[0].path.ends_with(".txt")) << written[0].path;
  EXPECT_EQ(*files_.Read(written[0].path), "a|||b c|");
  EXPECT_FALSE((*sink)->Open(Sessions(), "query-1").ok());
}

TEST_F(FileSinkTest, WhatIsNotKnownIsRefusedByNameBeforeAnythingIsWritten) {
  const std::vector<std::tuple<std::string, std::string, std::string>> bad = {{"json", "retention", "1d"},
                                                                              {"json", "compression", "gzip"},
                                                                              {"json", "lineSep", ";"},
                                                                              {"parquet", "compression", "lzo"},
                                                                              {"parquet", "mode", "append"},
                                                                              {"csv", "quote", "''"},
                                                                              {"csv", "sep", ""},
                                                                              {"csv", "timestampFormat", "QQ"},
                                                                              {"csv", "header", "maybe"}};
  for (const auto& [format, name, value] : bad) {
    const auto sink =
        FileSink::Create(files_, clock_, random_, {.format = format, .options = {{"path", out_}, {name, value}}});
    ASSERT_FALSE(sink.ok()) << name;
    EXPECT_NE(sink.status().ToString().find(name), std::string::npos) << sink.status().ToString();
  }
  EXPECT_FALSE(FileSink::Create(files_, clock_, random_, {.format = "orc", .options = {{"path", out_}}}).ok());
  EXPECT_FALSE(FileSink::Create(files_, clock_, random_, {.format = "json", .options = {{"path", "out"}}}).ok());
  EXPECT_FALSE(FileSink::Create(files_, clock_, random_, {.format = "json", .options = {}}).ok());
  const auto csv = FileSink::Create(files_, clock_, random_, {.format = "csv", .options = {{"path", out_}}});
  const Status nested = (*csv)->Open(Schema({{.name = "list", .type = DataType::Array(DataType::Long())}}), "q");
  EXPECT_NE(nested.ToString().find("list"), std::string::npos) << nested.ToString();
  EXPECT_FALSE(scratch_.Exists("out"));
}

TEST_F(FileSinkTest, ADamagedLogIsFoundWhenTheSinkIsOpened) {
  ASSERT_TRUE(Open()->Commit(0, {Batch({Session("a", 1)})}).ok());
  scratch_.Remove("out/_spark_metadata/.0.crc");
  scratch_.Write("out/_spark_metadata/0", "v1\nnot json", 1000);
  const auto sink = FileSink::Create(files_, clock_, random_, {.format = "json", .options = {{"path", out_}}});
  EXPECT_FALSE((*sink)->Open(Sessions(), "query-1").ok());
}

// Power is lost at every operation in turn of three commits, the last one a compaction: what a commit said is kept,
// and after the batches are committed again every row is there once.
TEST_F(FileSinkTest, ACommitSurvivesPowerLossAtEveryOperation) {
  out_ = "/out";
  for (const FaultMode mode : {FaultMode::kLoseBoth, FaultMode::kLoseUnsyncedNames, FaultMode::kTornLastWrite}) {
    bool finished = false;
    for (std::uint64_t stop_at = 1; !finished; ++stop_at) {
      ASSERT_LT(stop_at, 2000U);
      SimulatedDisk disk(clock_);
      std::int64_t added = 0;
      const auto commit_all = [this](FileSystem& files, std::int64_t& count) {
        sink_files_ = &files;
        auto sink = FileSink::Create(files, clock_, random_,
                                     {.format = "json", .options = {{"path", out_}}, .log = {.compact_interval = 3}});
        Status status = (*sink)->Open(Sessions(), "query-1");
        for (std::int64_t batch = 0; status.ok() && batch < 3; ++batch) {
          clock_.AdvanceMs(1);  // files are read in the order of their times
          status = (*sink)->Commit(batch, {Batch({Session("s", batch)})}).status();
          count += status.ok() ? 1 : 0;
        }
        return status;
      };
      {
        DiskFileSystem files(disk);
        disk.SetFault({.stop_at_operation = stop_at, .mode = mode});
        finished = commit_all(files, added).ok() && disk.fault_operation().empty();
      }
      disk.Restart();
      DiskFileSystem files(disk);
      sink_files_ = &files;
      if (added > 0) {
        EXPECT_GE(Rows().size(), static_cast<std::size_t>(added)) << stop_at;
      }
      std::int64_t again = 0;
      ASSERT_TRUE(commit_all(files, again).ok()) << stop_at;
      EXPECT_EQ(Rows(), Texts({Session("s", 0), Session("s", 1), Session("s", 2)})) << stop_at;
    }
  }
}

}  // namespace
}  // namespace hf
