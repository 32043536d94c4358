// SPDX-License-Identifier: Apache-2.0
// Every checkpoint that Spark wrote (test/spark_compat/golden), every retained batch, every partition: the store opens,
// each key and value is framed as its family says, and there are as many rows as Spark's own reader finds.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "checkpoint/operator_metadata.h"
#include "engine/recovery.h"
#include "files/disk_file_system.h"
#include "files/posix_disk.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = fs::path(HOLDFAST_SOURCE_DIR) / "test/spark_compat/golden";
constexpr std::int64_t kOperator = 0;

std::vector<std::string> Cases() {
  std::vector<std::string> cases;
  for (const fs::path& folder : {kGolden, kGolden / "spark-4.3.0"}) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (fs::exists(entry.path() / "ckpt")) {
        cases.push_back(fs::relative(entry.path(), kGolden).string());
      }
    }
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

std::string Recorded(const OffsetSeq& offsets, std::string_view key, const std::string& absent) {
  for (const auto& [name, value] : offsets.metadata->conf) {
    if (name == key) {
      return value;
    }
  }
  return absent;
}

// How many rows Spark's reader shows of each family: values, elements of lists, entries of maps, timers.
using RowCounts = std::map<std::string, std::int64_t>;

class GoldenCheckpoints : public ::testing::TestWithParam<std::string> {
 protected:
  GoldenCheckpoints() : checkpoint_((kGolden / GetParam() / "ckpt").string()) {}

  // As StoreFormatOf, without asking whether a query could go on: that is decided elsewhere.
  StoreOptions OptionsOf(const OffsetSeq& offsets) {
    StoreOptions options;
    options.files = &files_;
    options.codec = FindCompressionCodec(Recorded(offsets, conf_key::kCompressionCodec, "lz4")).value();
    options.list_delimiter = Recorded(offsets, conf_key::kMergeOperatorVersion, "1") == "1" ? "," : "";
    options.row_checksums = Recorded(offsets, conf_key::kRowChecksum, "false") == "true";
    options.scratch_directory = scratch_.path();
    return options;
  }

  void ReadBatch(BatchId batch, RowCounts* counts) {
    const Result<OffsetSeq> offsets = OffsetLog(files_, checkpoint_).Get(batch);
    ASSERT_TRUE(offsets.ok()) << offsets.status().ToString();
    const Result<CommitMetadata> commit = CommitLog(files_, checkpoint_).Get(batch);
    ASSERT_TRUE(commit.ok()) << commit.status().ToString();
    const auto metadata = OperatorMetadataLog(files_, checkpoint_, kOperator).LatestAt(batch);
    ASSERT_TRUE(metadata.ok() && metadata->has_value()) << metadata.status().ToString();
    const auto partitions = static_cast<std::size_t>((*metadata)->metadata.stores.front().num_partitions);
    StoreOptions options = OptionsOf(*offsets);
    options.unique_ids = commit->state_unique_ids.has_value();
    std::vector<std::string> ids(partitions);
    if (options.unique_ids) {
      ids = StateIdsOf(*commit, kOperator, partitions).value();
    }
    const StateEncoding encoding = Recorded(*offsets, conf_key::kEncodingFormat, "unsaferow") == "avro"
                                       ? StateEncoding::kAvro
                                       : StateEncoding::kUnsafeRow;
    for (std::size_t partition = 0; partition < partitions; ++partition) {
      options.directory = StateDirectory(checkpoint_, kOperator, partition);
      const auto store = Store::Open(options, batch + 1, ids[partition]);
      ASSERT_TRUE(store.ok()) << store.status().ToString();
      ReadPartition(**store, {.encoding = encoding}, options.list_delimiter, (*metadata)->metadata, counts);
    }
  }

  static void ReadPartition(Store& store, const RowFrame& frame, const std::string& delimiter,
                            const OperatorMetadata& metadata, RowCounts* counts) {
    std::map<FamilyId, std::string> names;
    for (const FamilyInfo& family : store.families()) {
      names[family.id] = family.name;
    }
    std::map<std::string, std::string> types;
    for (const StateVariableInfo& variable : metadata.variables) {
      types[variable.name] = variable.type;
    }
    std::int64_t keys = 0;
    const Status scanned = store.ScanRange({}, {}, [&](std::string_view key, std::string_view value) {
      ++keys;
      const auto family = names.find(FamilyOf(key));
      EXPECT_NE(family, names.end()) << "family " << FamilyOf(key);
      if (family == names.end()) {
        return false;
      }
      const std::string& name = family->second;
      const std::string& type = types[name];
      const bool prefixed =
          type == "MapState" || name.starts_with("$ttl_") || name.find("Timers_") != std::string::npos;
      EXPECT_TRUE((prefixed ? frame.ReadPrefixedKey(key) : frame.ReadKey(key)).has_value()) << name;
      if (type != "ListState") {
        EXPECT_TRUE(frame.ReadRow(value).has_value()) << name;
        ++(*counts)[name];
        return true;
      }
      while (!value.empty()) {
        const bool taken = frame.TakeElement(delimiter, &value).has_value();
        EXPECT_TRUE(taken) << name;
        if (!taken) {
          return false;
        }
        ++(*counts)[name];
      }
      return true;
    });
    EXPECT_TRUE(scanned.ok()) << scanned.ToString();
    EXPECT_EQ(store.counts().keys + store.counts().internal_keys, keys);
  }

  // What Spark's reader found, by batch; only where expected.json is not packed.
  std::map<BatchId, RowCounts> Expected() {
    std::map<BatchId, RowCounts> expected;
    std::ifstream lines(kGolden / GetParam() / "expected.json");
    for (std::string line; std::getline(lines, line);) {
      const Result<Json> told = ParseJson(line);
      EXPECT_TRUE(told.ok()) << told.status().ToString();
      const Json* options = FindKey(*told, "options");
      const Json* rows = FindKey(*told, "rows");
      const auto batch = FindString(*options, "batchId");
      if (!batch.ok() || !batch->has_value() || rows == nullptr) {
        continue;
      }
      const std::string variable = FindString(*options, "stateVarName")->value_or("timers");
      expected[std::stoll(**batch)][variable] = static_cast<std::int64_t>(rows->size());
    }
    return expected;
  }

  PosixDisk disk_;
  DiskFileSystem files_{disk_};
  test::TempDir scratch_{test::TempDir::Place::kMemory};
  const std::string checkpoint_;
};

TEST_P(GoldenCheckpoints, EveryRetainedBatchOpensAndHasSparksRows) {
  const auto committed = CommitLog(files_, checkpoint_).log().Ids();
  ASSERT_TRUE(committed.ok() && !committed->empty());
  const std::map<BatchId, RowCounts> expected = Expected();
  for (const BatchId batch : *committed) {
    if (GetParam() == "spark-4.3.0/purged_off" && batch == committed->front()) {
      continue;  // Spark has purged its snapshot and cannot read it either
    }
    SCOPED_TRACE(fmt::format("{}, batch {}", GetParam(), batch));
    RowCounts counts;
    ReadBatch(batch, &counts);
    for (const char* timers : {"$procTimers_keyToTimestamp", "$eventTimers_keyToTimestamp"}) {
      counts["timers"] += counts[timers];
    }
    if (const auto of_batch = expected.find(batch); of_batch != expected.end()) {
      for (const auto& [variable, rows] : of_batch->second) {
        EXPECT_EQ(counts[variable], rows) << variable;
      }
    }
  }
}

std::string NameOf(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, GoldenCheckpoints, ::testing::ValuesIn(Cases()), NameOf);

}  // namespace
}  // namespace hf
