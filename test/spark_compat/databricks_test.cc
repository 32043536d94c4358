// SPDX-License-Identifier: Apache-2.0
// Checkpoints that are made to look like Databricks' (recipes/databricks.py): their state reads as that of the
// checkpoint they were made of, and going on names everything that stands in the way and touches nothing.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "connect/memory/memory_sink.h"
#include "holdfast/evolution_check.h"
#include "holdfast/query.h"
#include "holdfast/rehearsal.h"
#include "holdfast/state_reader.h"
#include "sessionization/streamshop.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;
using test::IsOk;
using testing::HasSubstr;

const fs::path kGolden = fs::path(HOLDFAST_SOURCE_DIR) / "test/spark_compat/golden";

struct Disguised {
  const char* name;
  const char* made_of;
  std::vector<const char*> variables;
};

const Disguised kCases[] = {{"dbfs_files", "b_v1v2", {"session_state"}},
                            {"s3_delta", "b_v1v2", {"session_state"}},
                            {"dbfs_kafka", "spark-4.3.0/snapshots_format2", {"v", "l", "m"}},
                            {"abfss_auto_loader", "spark-4.3.0/evolution", {"v", "l", "m", "new"}}};

using Files = std::map<std::string, std::string>;

class Databricks : public testing::Test {
 protected:
  void Begin(const std::string& name) {
    fs::remove_all(checkpoint());
    fs::copy(kGolden / "databricks" / name / "ckpt", checkpoint(), fs::copy_options::recursive);
    fs::create_directories(fs::path(dir_.path()) / "input");
    std::ofstream(fs::path(dir_.path()) / "input/0.json")
        << R"({"session_id":"new","user_id":"u","event_type":"page_view","revenue":1,"event_timestamp":"2026-01-01T00:00:00Z"})"
        << "\n";
  }
  [[nodiscard]] std::string checkpoint() const { return fs::path(dir_.path()) / "ckpt"; }

  [[nodiscard]] Files Contents() const {
    Files files;
    for (const auto& entry : fs::recursive_directory_iterator(checkpoint())) {
      std::ostringstream bytes;
      bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      files[entry.path()] = bytes.str();
    }
    return files;
  }

  static std::vector<std::string> Rows(const std::string& of, const char* variable) {
    std::vector<std::string> rows;
    EXPECT_THAT(ReadState(of, {.variable = variable},
                          [&rows](const ColumnBatch& batch) {
                            for (std::int64_t i = 0; i < batch.rows(); ++i) {
                              rows.push_back(ToJson(batch.RowAt(i), batch.schema()));
                            }
                            return Status();
                          }),
                IsOk());
    return rows;
  }

  Status GoOn(const Options& source_options = {}) {
    auto query = writer(source_options).Start();
    return query.ok() ? (*query)->AwaitTermination() : query.status();
  }

  DataStreamWriter writer(const Options& source_options) {
    auto reader = ReadStream("json").Schema<streamshop::ClickV2>();
    for (const auto& [name, value] : source_options) {
      reader = std::move(reader).Option(name, value);
    }
    return std::move(reader)
        .Load(dir_.path() + "/input")
        .GroupBy("session_id")
        .TransformWithState<streamshop::SessionizerV2>(OutputMode::kAppend, TimeMode::kNone)
        .WriteStream(std::make_shared<MemorySink>())
        .Option("checkpointLocation", checkpoint())
        .Conf("holdfast.continueForeign", "true")
        .Trigger(AvailableNow());
  }

  void ExpectRefused(const std::string& condition, const std::vector<std::string>& words) {
    const Files before = Contents();
    const Status refused = GoOn();
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.condition(), condition) << refused.ToString();
    for (const std::string& word : words) {
      EXPECT_THAT(refused.ToString(), HasSubstr(word));
    }
    EXPECT_EQ(Contents(), before);
    // A rehearsal refuses the same in the same words.
    const auto rehearsed = RehearseQuery(writer({}).description());
    EXPECT_EQ(rehearsed.status().ToString(), refused.ToString());
    EXPECT_EQ(Contents(), before);
  }

  // In every entry of the offset log.
  void ReplaceInOffsets(const std::string& from, const std::string& to) {
    for (const auto& entry : fs::directory_iterator(checkpoint() + "/offsets")) {
      std::ostringstream bytes;
      bytes << std::ifstream(entry.path()).rdbuf();
      std::string text = bytes.str();
      ASSERT_NE(text.find(from), std::string::npos);
      std::ofstream(entry.path()) << text.replace(text.find(from), from.size(), to);
    }
  }

  test::TempDir dir_;
};

TEST_F(Databricks, StateReadsAsWhatItWasMadeOf) {
  for (const Disguised& disguised : kCases) {
    SCOPED_TRACE(disguised.name);
    Begin(disguised.name);
    const Files before = Contents();
    const std::string original = kGolden / disguised.made_of / "ckpt";
    for (const char* variable : disguised.variables) {
      const auto rows = Rows(checkpoint(), variable);
      EXPECT_FALSE(rows.empty());
      EXPECT_EQ(rows, Rows(original, variable)) << variable;
    }
    const auto listed = ReadStateMetadata(checkpoint());
    ASSERT_THAT(listed, IsOk());
    const auto expected = ReadStateMetadata(original);
    ASSERT_EQ(listed->size(), 1U);
    EXPECT_EQ(listed->front().operator_properties, expected->front().operator_properties);
    EXPECT_EQ(listed->front().variables.size(), expected->front().variables.size());

    EvolutionCheckOptions proposed;
    proposed.variables = {{.name = "added_by_the_test", .schema = Schema({{.name = "n", .type = DataType::Int()}})}};
    const auto check = CheckEvolution(checkpoint(), proposed);
    ASSERT_THAT(check, IsOk());
    EXPECT_EQ(Contents(), before);
  }
}

TEST_F(Databricks, SourcesThatCannotBeContinuedAreNamed) {
  Begin("s3_delta");
  ExpectRefused("HOLDFAST_CANNOT_CONTINUE", {"offsets/5", "source 0", "a Delta table", "reservoirVersion"});
  Begin("dbfs_kafka");
  ExpectRefused("HOLDFAST_CANNOT_CONTINUE", {"offsets/9", "Kafka", R"({"clicks":{"0":23,"1":45}})"});
  Begin("abfss_auto_loader");
  ExpectRefused("HOLDFAST_CANNOT_CONTINUE", {"offsets/2", "Auto Loader"});
}

TEST_F(Databricks, EveryObstacleIsNamedAtOnce) {
  Begin("s3_delta");
  ReplaceInOffsets("com.databricks.sql.streaming.state.RocksDBStateStoreProvider", "com.databricks.photon.Provider");
  ReplaceInOffsets(R"(encodingFormat":"avro")", R"(encodingFormat":"protobuf")");
  ReplaceInOffsets(R"(compression.codec":"lz4")", R"(compression.codec":"brotli")");
  ExpectRefused("HOLDFAST_CANNOT_CONTINUE", {"4 obstacles", "a Delta table", "com.databricks.photon.Provider",
                                             "encodingFormat=protobuf", "codec=brotli"});
  fs::remove_all(checkpoint());
  fs::copy(kGolden / "operators/spark-4.3.0/chained/ckpt", checkpoint(), fs::copy_options::recursive);
  ExpectRefused("HOLDFAST_CANNOT_CONTINUE", {"2 obstacles", "operator 0 is stateStoreSave", "operator 1 is dedupe"});
}

TEST_F(Databricks, FilesGoOnOnceTheirPlaceIsSaid) {
  Begin("dbfs_files");
  ExpectRefused("", {"dbfs:/mnt/checkpoints/clicks/input", "sourceUri"});
  const auto before = Rows(checkpoint(), "session_state");
  ASSERT_THAT(GoOn({{"sourceUri", "dbfs:/mnt/checkpoints/clicks/input"}}), IsOk());
  const auto after = Rows(checkpoint(), "session_state");
  EXPECT_EQ(after.size(), before.size() + 1);
  EXPECT_TRUE(std::all_of(before.begin(), before.end(), [&after](const std::string& row) {
    return std::find(after.begin(), after.end(), row) != after.end();
  }));
}

}  // namespace
}  // namespace hf
