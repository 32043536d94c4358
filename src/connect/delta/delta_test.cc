// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "connect/delta/delta_sink.h"
#include "connect/delta/delta_table.h"
#include "support/delta_rows.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;

Schema Sessions() {
  return Schema({{.name = "session_id", .type = DataType::String()},
                 {.name = "event_count", .type = DataType::Int()},
                 {.name = "session_start", .type = DataType::Timestamp()}});
}

Row Session(const char* id, std::int32_t count) {
  return {Value(id), Value(count), Value(Timestamp{count * 1'000'000LL})};
}

ColumnBatch Batch(const std::vector<Row>& rows, const Schema& schema = Sessions()) {
  return ColumnBatch::FromRows(schema, rows).value();
}

class Delta : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto library = DeltaLibrary::Get(); !library.ok()) {
      GTEST_SKIP() << library.status().ToString();
    }
  }

  std::unique_ptr<DeltaSink> NewSink(const std::map<std::string, std::string>& options = {}) {
    return DeltaSink::Create(table_.string(), options, "Append").value();
  }
  std::unique_ptr<DeltaSink> OpenSink(const Schema& schema = Sessions(), const std::string& query = "query-1") {
    auto sink = NewSink();
    const Status opened = sink->Open(schema, query);
    EXPECT_TRUE(opened.ok()) << opened.ToString();
    return sink;
  }
  std::vector<Row> Rows() {
    const Result<std::vector<ColumnBatch>> batches = test::ReadDeltaTable(table_.string());
    EXPECT_TRUE(batches.ok()) << batches.status().ToString();
    std::vector<Row> rows;
    for (const ColumnBatch& batch : *batches) {
      for (std::int64_t row = 0; row < batch.rows(); ++row) {
        rows.push_back(batch.RowAt(row));
      }
    }
    std::sort(rows.begin(), rows.end(),
              [](const Row& a, const Row& b) { return std::get<std::string>(a[0]) < std::get<std::string>(b[0]); });
    return rows;
  }
  // The actions of one log entry by their names.
  std::map<std::string, Json> Entry(std::int64_t version) {
    std::ifstream in(table_ / "_delta_log" / fmt::format("{:020}.json", version));
    EXPECT_TRUE(in.good()) << version;
    std::map<std::string, Json> actions;
    for (std::string line; std::getline(in, line);) {
      const Json action = ParseJson(line).value();
      actions.emplace(action.begin().key(), action.begin().value());
    }
    return actions;
  }
  std::vector<fs::path> DataFiles() {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(table_)) {
      if (entry.path().extension() == ".parquet") {
        files.push_back(entry.path());
      }
    }
    return files;
  }
  std::int64_t Version() { return DeltaTable::Open(table_.string())->State()->version; }

  test::TempDir root_;
  const fs::path table_ = root_ / "tables/v1";
};

TEST_F(Delta, ABatchIsOneFileAndOneCommitWithTheTransactionOfSparksSink) {
  const auto sink = OpenSink();
  EXPECT_EQ(sink->Commit(0, {Batch({Session("a", 1)}), Batch({}), Batch({Session("b", 2), Session("c", 3)})}).value(),
            SinkCommit::kAdded);
  EXPECT_EQ(Rows(), (std::vector<Row>{Session("a", 1), Session("b", 2), Session("c", 3)}));
  ASSERT_EQ(DataFiles().size(), 1U);
  const auto entry = Entry(Version());
  const Json stats = ParseJson(GetString(entry.at("add"), "stats").value()).value();
  EXPECT_EQ(GetInt64(stats, "numRecords").value(), 3);
  EXPECT_EQ(GetInt64(entry.at("add"), "size").value(), static_cast<std::int64_t>(fs::file_size(DataFiles()[0])));
  EXPECT_EQ(GetString(entry.at("txn"), "appId").value(), "query-1");
  EXPECT_EQ(GetInt64(entry.at("txn"), "version").value(), 0);
}

TEST_F(Delta, ABatchThatIsThereIsNotAddedAgainAlsoByAnotherObject) {
  ASSERT_EQ(OpenSink()->Commit(0, {Batch({Session("a", 1)})}).value(), SinkCommit::kAdded);
  ASSERT_EQ(OpenSink()->Commit(1, {Batch({Session("b", 2)})}).value(), SinkCommit::kAdded);
  const auto sink = OpenSink();
  EXPECT_TRUE(sink->Holds(0).value());
  EXPECT_TRUE(sink->Holds(1).value());
  EXPECT_FALSE(sink->Holds(2).value());
  EXPECT_EQ(sink->Commit(1, {Batch({Session("b", 9)})}).value(), SinkCommit::kWasThere);
  EXPECT_EQ(Rows(), (std::vector<Row>{Session("a", 1), Session("b", 2)}));
  const auto other = OpenSink(Sessions(), "query-2");
  EXPECT_FALSE(other->Holds(0).value());
  EXPECT_EQ(other->Commit(0, {Batch({Session("z", 26)})}).value(), SinkCommit::kAdded);
  EXPECT_EQ(Rows().size(), 3U);
}

TEST_F(Delta, ABatchWithoutRowsStillRecordsItsTransaction) {
  const auto sink = OpenSink();
  EXPECT_EQ(sink->Commit(0, {}).value(), SinkCommit::kAdded);
  EXPECT_TRUE(sink->Holds(0).value());
  EXPECT_EQ(sink->Commit(0, {Batch({Session("a", 1)})}).value(), SinkCommit::kWasThere);
  EXPECT_TRUE(Rows().empty());
}

TEST_F(Delta, NothingIsThereBeforeTheFirstBatch) {
  const auto sink = OpenSink();
  EXPECT_FALSE(sink->Holds(0).value());
  EXPECT_FALSE(fs::exists(table_));
  EXPECT_EQ(sink->description(), fmt::format("DeltaSink[file:{}]", table_.string()));
}

TEST_F(Delta, AnotherSchemaIsRefusedByNameBeforeARowIsWritten) {
  ASSERT_TRUE(OpenSink()->Commit(0, {Batch({Session("a", 1)})}).ok());
  const std::int64_t version = Version();
  const Schema missing({{.name = "session_id", .type = DataType::String()},
                        {.name = "event_count", .type = DataType::Int()},
                        {.name = "session_start", .type = DataType::Timestamp()},
                        {.name = "page", .type = DataType::String()}});
  const Schema other({{.name = "session_id", .type = DataType::String()},
                      {.name = "event_count", .type = DataType::String()},
                      {.name = "session_start", .type = DataType::Timestamp()}});
  const std::vector<std::pair<Schema, std::string>> cases = {{missing, "page"}, {other, "event_count"}};
  for (const auto& [schema, column] : cases) {
    const Status refused = NewSink()->Open(schema, "query-1");
    ASSERT_FALSE(refused.ok()) << column;
    EXPECT_EQ(refused.kind(), ErrorKind::kInvalid);
    EXPECT_NE(refused.ToString().find(column), std::string::npos) << refused.ToString();
    EXPECT_NE(refused.ToString().find(table_.string()), std::string::npos) << refused.ToString();
  }
  EXPECT_EQ(Version(), version);
}

TEST_F(Delta, ColumnsAreMatchedByName) {
  ASSERT_TRUE(OpenSink()->Commit(0, {Batch({Session("a", 1)})}).ok());
  const Schema turned({{.name = "event_count", .type = DataType::Int()},
                       {.name = "session_start", .type = DataType::Timestamp()},
                       {.name = "session_id", .type = DataType::String()}});
  const ColumnBatch batch = Batch({{Value(std::int32_t{2}), Value(Timestamp{2'000'000}), Value("b")}}, turned);
  ASSERT_TRUE(OpenSink(turned)->Commit(1, {batch}).ok());
  EXPECT_EQ(Rows(), (std::vector<Row>{Session("a", 1), Session("b", 2)}));
}

TEST_F(Delta, UnknownOptionsAndColumnsThatDeltaLacksAreRefusedByName) {
  for (const char* name : {"overwriteSchema", "partitionBy", "txnAppId", "maxRecordsPerFile"}) {
    const auto sink = DeltaSink::Create(table_.string(), {{name, "true"}}, "Append");
    ASSERT_FALSE(sink.ok()) << name;
    EXPECT_NE(sink.status().ToString().find(name), std::string::npos);
  }
  EXPECT_FALSE(DeltaSink::Create(table_.string(), {{"mergeSchema", "maybe"}}, "Append").ok());
  EXPECT_TRUE(DeltaSink::Create(table_.string(), {{"mergeSchema", "false"}, {"path", "x"}}, "Append").ok());
  EXPECT_FALSE(DeltaSink::Create("relative/table", {}, "Append").ok());
  const Status refused = NewSink()->Open(
      Schema({{.name = "a", .type = DataType::Struct({{.name = "nothing", .type = DataType::Null()}})}}), "q");
  EXPECT_NE(refused.ToString().find("a.nothing"), std::string::npos) << refused.ToString();
  EXPECT_FALSE(NewSink()->Open(Schema(), "q").ok());
  EXPECT_FALSE(fs::exists(table_));
}

TEST_F(Delta, TablePropertiesAreSetWhenTheTableIsCreated) {
  auto sink = NewSink({{"delta.checkpointInterval", "3"}});
  ASSERT_TRUE(sink->Open(Sessions(), "q").ok());
  for (std::int64_t batch = 0; batch < 7; ++batch) {
    ASSERT_TRUE(sink->Commit(batch, {Batch({Session(("s" + std::to_string(batch)).c_str(), 1)})}).ok());
    const auto upkeep = sink->TakeUpkeep();
    EXPECT_EQ(upkeep != nullptr, batch % 3 == 2) << batch;  // version batch + 1 of the table
    EXPECT_TRUE(upkeep == nullptr || upkeep().ok());
  }
  EXPECT_EQ(GetString(Entry(0).at("metaData").at("configuration"), "delta.checkpointInterval").value(), "3");
  EXPECT_TRUE(fs::exists(table_ / "_delta_log" / "_last_checkpoint"));
  EXPECT_EQ(Rows().size(), 7U);
  EXPECT_TRUE(OpenSink(Sessions(), "q")->Holds(6).value());
}

TEST_F(Delta, TablePropertiesThatCannotBeHadAreRefusedByNameBeforeTheFirstBatchAndForATableThatIsThere) {
  const auto refuses = [this](const std::string& name, const std::string& value) {
    auto sink = NewSink({{"delta.appendOnly", "true"}, {name, value}});
    const Status refused = sink->Open(Sessions(), "query-1");
    EXPECT_EQ(refused.kind(), ErrorKind::kInvalid) << refused.ToString();
    EXPECT_NE(refused.message().find(name), std::string::npos) << refused.ToString();
    EXPECT_EQ(refused.message().find("holdfast-delta-trial"), std::string::npos) << refused.ToString();
  };
  refuses("delta.apendOnly", "true");
  refuses("delta.feature.nonsense", "supported");
  EXPECT_FALSE(fs::exists(table_));
  ASSERT_TRUE(OpenSink()->Commit(0, {Batch({Session("a", 1)})}).ok());
  const std::int64_t version = Version();
  refuses("delta.apendOnly", "true");
  EXPECT_EQ(Version(), version);
  EXPECT_TRUE(NewSink({{"delta.appendOnly", "true"}})->Open(Sessions(), "query-1").ok());
}

TEST_F(Delta, AnOlderVersionCanBeRead) {
  ASSERT_TRUE(OpenSink()->Commit(0, {Batch({Session("a", 1)})}).ok());
  const std::int64_t version = Version();
  ASSERT_TRUE(OpenSink()->Commit(1, {Batch({Session("b", 2)})}).ok());
  std::int64_t rows = 0;
  const auto batches = test::ReadDeltaTable(table_.string(), version).value();
  for (const ColumnBatch& batch : batches) {
    rows += batch.rows();
  }
  EXPECT_EQ(rows, 1);
}

TEST_F(Delta, ReadingWhatIsNoTableFailsWithItsPath) {
  const auto read = test::ReadDeltaTable(table_.string());
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.status().ToString().find(table_.string()), std::string::npos) << read.status().ToString();
}

TEST_F(Delta, AMissingDataFileIsAnErrorOfTheScan) {
  ASSERT_TRUE(OpenSink()->Commit(0, {Batch({Session("a", 1)})}).ok());
  ASSERT_EQ(DataFiles().size(), 1U);
  fs::remove(DataFiles()[0]);
  EXPECT_FALSE(test::ReadDeltaTable(table_.string()).ok());
}

TEST_F(Delta, ALogEntryThatIsNoJsonIsRefused) {
  ASSERT_TRUE(OpenSink()->Commit(0, {Batch({Session("a", 1)})}).ok());
  std::ofstream(table_ / "_delta_log" / fmt::format("{:020}.json", Version() + 1)) << "not json\n";
  const Status refused = NewSink()->Open(Sessions(), "query-1");
  EXPECT_FALSE(refused.ok());
}

TEST(DeltaLibrary, AFileThatIsNoLibraryIsRefusedWithItsName) {
  const auto missing = DeltaLibrary::Load("/nowhere/libholdfast_delta.so");
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.status().ToString().find("/nowhere/libholdfast_delta.so"), std::string::npos);
  const auto foreign = DeltaLibrary::Load("libm.so.6");
  ASSERT_FALSE(foreign.ok());
  EXPECT_NE(foreign.status().ToString().find("hf_delta_abi_version"), std::string::npos) << foreign.status().ToString();
}

}  // namespace
}  // namespace hf
