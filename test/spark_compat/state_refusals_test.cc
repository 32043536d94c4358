// SPDX-License-Identifier: Apache-2.0
// What of a checkpoint the state reader does not know - other operators, later versions, other stores and encodings -
// is refused by name, and not guessed at.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "holdfast/state_reader.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;
using test::IsOk;
using testing::HasSubstr;

const fs::path kGolden = fs::path(HOLDFAST_SOURCE_DIR) / "test/spark_compat/golden";

Status Read(const fs::path& checkpoint, const StateReadOptions& options) {
  return ReadState(checkpoint.string(), options, [](const ColumnBatch&) { return Status(); });
}

void ExpectRefused(const Status& status, std::string_view condition, const std::string& words) {
  ASSERT_FALSE(status.ok()) << "expected " << condition;
  EXPECT_EQ(status.condition(), condition) << status.ToString();
  EXPECT_THAT(status.ToString(), HasSubstr(words));
}

class StateRefusals : public testing::Test {
 protected:
  void Copy(const std::string& golden) {
    fs::remove_all(checkpoint());
    fs::copy(kGolden / golden / "ckpt", checkpoint(), fs::copy_options::recursive);
  }
  [[nodiscard]] fs::path checkpoint() const { return fs::path(dir_.path()) / "ckpt"; }

  // In every file of the directory; checksum files that no longer fit go.
  void Replace(const std::string& directory, const std::string& from, const std::string& to) {
    int replaced = 0;
    std::vector<fs::path> checksums;
    for (const auto& entry : fs::directory_iterator(checkpoint() / directory)) {
      if (entry.path().filename().string().starts_with('.')) {
        checksums.push_back(entry.path());
        continue;
      }
      std::ostringstream content;
      content << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      std::string text = content.str();
      if (const std::size_t at = text.find(from); at != std::string::npos) {
        text.replace(at, from.size(), to);
        ++replaced;
      }
      std::ofstream(entry.path(), std::ios::binary) << text;
    }
    for (const fs::path& checksum : checksums) {
      fs::remove(checksum);
    }
    ASSERT_GT(replaced, 0) << from;
  }

  test::TempDir dir_;
};

TEST_F(StateRefusals, OperatorsOfOtherKinds) {
  for (const auto& [golden, words] : std::initializer_list<std::pair<const char*, const char*>>{
           {"aggregation", "operator 0 is stateStoreSave, an aggregation; "},
           {"dedup", "operator 0 is dedupe, dropDuplicates; "},
           {"dedup_within_watermark", "dropDuplicatesWithinWatermark; "},
           {"join", "operator 0 is symmetricHashJoin, a join of two streams; "},
           {"join_v3", "operator 0 is symmetricHashJoin, a join of two streams; "},
           {"session_window", "an aggregation over session windows; "},
           {"limit", "operator 0 is globalLimit, a limit; "},
           {"pandas_with_state", "operator 0 is applyInPandasWithState"},
           {"flat_map_groups", "operator 0 is flatMapGroupsWithState"}}) {
    SCOPED_TRACE(golden);
    const fs::path checkpoint = kGolden / "operators/spark-4.3.0" / golden / "ckpt";
    ExpectRefused(Read(checkpoint, {.variable = "v"}), "HOLDFAST_UNSUPPORTED_OPERATOR", words);
    ExpectRefused(Read(checkpoint, {.timers = true}), "HOLDFAST_UNSUPPORTED_OPERATOR", "transformWithState alone");
  }
  const fs::path both = kGolden / "operators/spark-4.3.0/with_state/ckpt";
  ExpectRefused(Read(both, {.operator_id = 0}), "HOLDFAST_UNSUPPORTED_OPERATOR", "operator 0 is stateStoreSave");
  EXPECT_THAT(Read(both, {.operator_id = 1}), IsOk());
  ExpectRefused(Read(both, {.operator_id = 2}), "STDS_FAILED_TO_READ_OPERATOR_METADATA", "its operators are 0, 1");
}

TEST_F(StateRefusals, StoresAndEncodingsThatAreNotKnown) {
  ExpectRefused(Read(kGolden / "operators/spark-4.3.0/aggregation_hdfs/ckpt", {}),
                "UNSUPPORTED_FEATURE.STORE_BACKEND_NOT_SUPPORTED_FOR_TWS", "HDFSBackedStateStoreProvider");
  Copy("spark-4.3.0/base_avro");
  Replace("offsets", R"(encodingFormat":"avro")", R"(encodingFormat":"protobuf")");
  ExpectRefused(Read(checkpoint(), {.variable = "v"}), "HOLDFAST_UNSUPPORTED_ENCODING", "protobuf");
  EXPECT_THAT(ReadStateMetadataRows(checkpoint().string()), IsOk());
}

TEST_F(StateRefusals, LaterVersions) {
  Copy("spark-4.3.0/base_avro");
  Replace("state/0/_stateSchema/default", std::string("\0\2v3", 4), std::string("\0\2v4", 4));
  ExpectRefused(Read(checkpoint(), {.variable = "v"}), "INVALID_LOG_VERSION.MAX_SUPPORTED_VERSION",
                "state/0/_stateSchema/default/0_");
  for (const auto& [directory, from, to] : std::initializer_list<std::tuple<const char*, const char*, const char*>>{
           {"state/0/_metadata/v2", "v2\n", "v3\n"}, {"offsets", "v1\n", "v3\n"}, {"commits", "v1\n", "v4\n"}}) {
    SCOPED_TRACE(directory);
    Copy("spark-4.3.0/base_avro");
    Replace(directory, from, to);
    ExpectRefused(Read(checkpoint(), {.variable = "v"}), "INVALID_LOG_VERSION.MAX_SUPPORTED_VERSION", directory);
  }
  Copy("spark-4.3.0/base_avro");
  Replace("state/0/_metadata/v2", "v2\n", "v3\n");
  ExpectRefused(ReadStateMetadataRows(checkpoint().string()).status(), "INVALID_LOG_VERSION.MAX_SUPPORTED_VERSION",
                "state/0/_metadata/v2/");
}

// A snapshot's and a changelog's version lie within compressed files: state/snapshot_test.cc, changelog_test.cc.

}  // namespace
}  // namespace hf
