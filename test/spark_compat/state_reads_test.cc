// SPDX-License-Identifier: Apache-2.0
// What real Spark's "statestore" and "state-metadata" readers said of its checkpoints, read by read (expected.json,
// see golden/README.md and recipes/), against what Holdfast reads there.
#include <gmock/gmock.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/json.h"
#include "holdfast/state_reader.h"
#include "support/status_matchers.h"

namespace hf {
namespace {

namespace fs = std::filesystem;

// One line of expected.json.
struct SparkRead {
  std::string format;
  std::map<std::string, std::string> options;
  std::string schema;
  std::vector<std::string> rows;  // as normalised JSON, sorted
  std::string error;
  // Spark 4.1 and 4.2 show only the first element of an append of several in a change feed.
  bool is_complete = true;
};

// A map is an array of entries in expected.json, sorted by their JSON; the order of the entries means nothing.
Json Normalised(Json row) {
  if (const auto map = row.find("map_value"); map != row.end() && map->is_array()) {
    std::sort(map->begin(), map->end(), [](const Json& a, const Json& b) { return a.dump() < b.dump(); });
  }
  return row;
}

std::string ReadWhole(const fs::path& path) {
  std::string text;
  gzFile file = gzopen(path.c_str(), "rb");  // reads plain files too
  char buffer[1 << 16];
  for (int got = 0; (got = gzread(file, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  gzclose(file);
  return text;
}

// Where a version of Spark cannot read what it wrote, a later one was asked.
fs::path ExpectedOf(const fs::path& directory) {
  const fs::path later = directory / "expected_by_4.3.0.json";
  return fs::exists(later) ? later : directory / "expected.json";
}

std::vector<SparkRead> ReadsOf(const fs::path& file) {
  const std::string text = ReadWhole(fs::exists(file) ? file : fs::path(file.string() + ".gz"));
  std::vector<SparkRead> reads;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const Json line = ParseJson(std::string_view(text).substr(begin, end - begin)).value();
    begin = end + 1;
    SparkRead read{.format = line.at("format"),
                   .options = line.at("options"),
                   .schema = {},
                   .rows = {},
                   .error = {},
                   .is_complete = true};
    if (line.contains("error")) {
      read.error = line.at("error");
    } else {
      read.schema = line.at("schema");
      for (const Json& row : line.at("rows")) {
        read.rows.push_back(Normalised(row).dump());
      }
      std::sort(read.rows.begin(), read.rows.end());
    }
    reads.push_back(std::move(read));
  }
  return reads;
}

StateReadOptions OptionsOf(const std::map<std::string, std::string>& spark) {
  StateReadOptions options;
  if (const auto start = spark.find("snapshotStartBatchId"); start != spark.end()) {
    options.snapshot_start = {.batch_id = std::stoll(start->second),
                              .partition_id = std::stoll(spark.at("snapshotPartitionId"))};
  }
  for (const auto& [name, value] : spark) {
    if (name == "stateVarName") {
      options.variable = value;
    } else if (name == "operatorId") {
      options.operator_id = std::stoll(value);
    } else if (name == "batchId") {
      options.batch_id = std::stoll(value);
    } else if (name == "flattenCollectionTypes") {
      options.flatten = value == "true";
    } else if (name == "readRegisteredTimers") {
      options.timers = value == "true";
    } else if (name == "changeStartBatchId") {
      options.changes = StateReadOptions::Changes{.first = std::stoll(value), .last = {}};
    } else if (!name.starts_with("snapshot")) {
      EXPECT_EQ(name, "readChangeFeed") << "an option that this test does not know";
    }
  }
  return options;
}

Json JsonOf(const Value& value, const DataType& type) {
  const auto* map = std::get_if<MapValue>(&value);
  if (map == nullptr) {
    return ParseJson(ToJson(value, type)).value();
  }
  Json entries = Json::array();
  for (const auto& [key, mapped] : map->entries) {
    entries.push_back(
        {{"key", JsonOf(key, type.children()[0].type)}, {"value", JsonOf(mapped, type.children()[1].type)}});
  }
  return entries;
}

struct Found {
  Status status;
  std::string schema = {};
  std::vector<std::string> rows = {};  // as those of SparkRead
};

// `partition`: its rows alone; nullopt: all.
Found Read(const fs::path& directory, const StateReadOptions& options,
           std::optional<std::int64_t> partition = std::nullopt) {
  Found found;
  found.status = ReadState((directory / "ckpt").string(), options, [&](const ColumnBatch& batch) {
    found.schema = batch.schema().type().ToString();
    for (std::int64_t i = 0; i < batch.rows(); ++i) {
      const Row row = batch.RowAt(i);
      Json json = Json::object();
      for (std::size_t column = 0; column < row.size(); ++column) {
        const StructField& field = batch.schema().field(column);
        json[field.name] = JsonOf(row[column], field.type);
      }
      if (!partition.has_value() || json.at("partition_id") == *partition) {
        found.rows.push_back(Normalised(std::move(json)).dump());
      }
    }
    return Status();
  });
  std::sort(found.rows.begin(), found.rows.end());
  return found;
}

void ExpectSame(const fs::path& directory, const SparkRead& spark) {
  const auto [status, schema, rows] = Read(directory, OptionsOf(spark.options));
  if (!spark.error.empty()) {
    EXPECT_FALSE(status.ok()) << "Spark says " << spark.error;
    if (spark.error.starts_with("[")) {
      EXPECT_EQ(status.condition(), spark.error.substr(1, spark.error.find(']') - 1)) << status.ToString();
    }
    return;
  }
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(schema, spark.schema);
  if (!spark.is_complete) {
    EXPECT_TRUE(std::includes(rows.begin(), rows.end(), spark.rows.begin(), spark.rows.end()));
    return;
  }
  EXPECT_EQ(rows, spark.rows);
}

void ExpectSameMetadata(const fs::path& directory, const SparkRead& spark) {
  const auto operators = ReadStateMetadata((directory / "ckpt").string());
  ASSERT_TRUE(operators.ok()) << operators.status().ToString();
  ASSERT_EQ(operators->size(), spark.rows.size());
  for (std::size_t i = 0; i < spark.rows.size(); ++i) {
    const OperatorStateSummary& ours = (*operators)[i];
    const Json row = {
        {"operatorId", ours.operator_id},
        {"operatorName", ours.operator_name},
        {"stateStoreName", ours.state_store_name},
        {"numPartitions", ours.num_partitions},
        {"minBatchId", ours.min_batch_id},
        {"maxBatchId", ours.max_batch_id},
        {"operatorProperties", ours.operator_properties.empty() ? Json() : Json(ours.operator_properties)}};
    EXPECT_EQ(row.dump(), spark.rows[i]);
  }
}

std::string Golden() { return HOLDFAST_SOURCE_DIR "/test/spark_compat/golden"; }

// "spark-4.3.0/base_avro" of every checkpoint with such a file.
std::vector<std::string> CasesWith(const std::string& expected) {
  std::vector<std::string> cases;
  for (const auto& entry : fs::recursive_directory_iterator(Golden())) {
    if (const std::string name = entry.path().filename(); name == expected || name == expected + ".gz") {
      cases.push_back(fs::relative(entry.path().parent_path(), Golden()).string());
    }
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

class SparkStateReads : public testing::TestWithParam<std::string> {};
class SparkStateReadsFromSnapshots : public testing::TestWithParam<std::string> {};

TEST_P(SparkStateReads, AreOurs) {
  const fs::path directory = fs::path(Golden()) / GetParam();
  std::vector<SparkRead> reads = ReadsOf(ExpectedOf(directory));
  ASSERT_FALSE(reads.empty());
  for (SparkRead& read : reads) {
    SCOPED_TRACE(read.format + " " + Json(read.options).dump());
    const bool is_change_feed = read.options.contains("readChangeFeed");
    read.is_complete =
        !is_change_feed || (!GetParam().starts_with("spark-4.1") && !GetParam().starts_with("spark-4.2"));
    read.format == "state-metadata" ? ExpectSameMetadata(directory, read) : ExpectSame(directory, read);
  }
}

// Spark 4.0 to 4.3 fail so at a changelog with a column family that is younger than the snapshot.
constexpr std::string_view kYoungerFamily = "java.lang.NullPointerException";

TEST_P(SparkStateReadsFromSnapshots, AreOurs) {
  const fs::path directory = fs::path(Golden()) / GetParam();
  const std::vector<SparkRead> reads = ReadsOf(directory / "expected_snapshots.json");
  ASSERT_FALSE(reads.empty());
  for (const SparkRead& read : reads) {
    SCOPED_TRACE(Json(read.options).dump());
    const auto start = read.options.find("snapshotStartBatchId");
    if (GetParam().starts_with("spark-4.0") && start != read.options.end() && start->second[0] != '-' &&
        !fs::exists(directory / "ckpt/commits" / start->second)) {
      // Spark 4.0 starts from a snapshot whose batch is purged; later ones do not, and neither does Holdfast.
      EXPECT_FALSE(Read(directory, OptionsOf(read.options)).status.ok());
    } else if (start == read.options.end()) {
      EXPECT_THAT(read.error, testing::HasSubstr("STDS_REQUIRED_OPTION_UNSPECIFIED"));  // nobody can ask it in C++
    } else if (read.error.starts_with(kYoungerFamily)) {
      StateReadOptions options = OptionsOf(read.options);
      const Found ours = Read(directory, options);
      const auto partition = std::exchange(options.snapshot_start, std::nullopt)->partition_id;
      EXPECT_THAT(ours.status, test::IsOk());
      EXPECT_EQ(ours.rows, Read(directory, options, partition).rows);
    } else {
      ExpectSame(directory, read);
    }
  }
}

std::string NameOf(const testing::TestParamInfo<std::string>& instance) {
  std::string name = instance.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Golden, SparkStateReads, testing::ValuesIn(CasesWith("expected.json")), NameOf);
INSTANTIATE_TEST_SUITE_P(Golden, SparkStateReadsFromSnapshots, testing::ValuesIn(CasesWith("expected_snapshots.json")),
                         NameOf);

}  // namespace
}  // namespace hf
