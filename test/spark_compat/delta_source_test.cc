// SPDX-License-Identifier: Apache-2.0
// Streaming reads of Delta tables beside those of real Spark (golden/sources/delta-*, recipes/delta_source.py): the
// same table, the same options, and so the same offsets, rows of each batch and failures.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "connect/delta/delta_source.h"
#include "files/disk_file_system.h"
#include "files/posix_disk.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;
using test::IsOk;

const fs::path kGolden = fs::path(HOLDFAST_SOURCE_DIR) / "test/spark_compat/golden/sources/delta-4.4.0";

std::vector<std::string> CaseNames() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kGolden)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class SparkDeltaSource : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (const auto library = DeltaLibrary::Get(); !library.ok()) {
      GTEST_SKIP() << library.status().ToString();
    }
    std::ifstream in(home_ / "case.json");
    case_ = ParseJson(std::string(std::istreambuf_iterator<char>(in), {})).value();
    starts_at_time_ = case_["options"].contains("startingTimestamp");
    fs::copy(home_ / "table", table_, fs::copy_options::recursive);
    fs::rename(table_ / "_delta_log", root_ / "log");
  }

  // The log up to this version, with the times that its entries had.
  void ShowUpTo(std::int64_t version) {
    fs::remove_all(table_ / "_delta_log");
    fs::create_directory(table_ / "_delta_log");
    for (const auto& entry : fs::directory_iterator(root_ / "log")) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("_") || std::stoll(name.substr(0, 20)) > version) {
        continue;  // _last_checkpoint is a hint that may be missing
      }
      const fs::path copied = table_ / "_delta_log" / name;
      fs::copy(entry.path(), copied);
      if (const auto commit = ParseDeltaCommitName(name); commit.has_value()) {
        const std::chrono::milliseconds since(case_["commit_times_ms"][std::to_string(*commit)].get<std::int64_t>());
        fs::last_write_time(copied, std::chrono::file_clock::from_sys(std::chrono::sys_time(since)));
      }
    }
  }
  Result<std::unique_ptr<DeltaSource>> Open() {
    OptionMap options;
    for (const auto& [key, value] : case_["options"].items()) {
      options[key] = value.get<std::string>();
    }
    HF_ASSIGN_OR_RETURN(const DeltaSourceOptions parsed, ParseDeltaSourceOptions(options, "UTC"));
    return DeltaSource::Open(files_, table_.string(), parsed);
  }
  // The batch's rows as JSON arrays, sorted: Spark says nothing of their order.
  static Result<std::vector<std::string>> Rows(Source& source, const SourceOffset& start, const SourceOffset& end) {
    std::vector<std::string> rows;
    HF_ASSIGN_OR_RETURN(const auto splits, source.Plan(start, end));
    for (const auto& split : splits) {
      while (true) {
        HF_ASSIGN_OR_RETURN(const std::optional<ColumnBatch> batch, split->Next());
        if (!batch.has_value()) {
          break;
        }
        for (std::int64_t row = 0; row < batch->rows(); ++row) {
          Json array = Json::array();
          const Row values = batch->RowAt(row);
          for (std::size_t column = 0; column < values.size(); ++column) {
            array.push_back(ParseJson(ToJson(values[column], batch->schema().field(column).type)).value());
          }
          rows.push_back(DumpJson(array));
        }
      }
    }
    std::sort(rows.begin(), rows.end());
    return rows;
  }
  static std::vector<std::string> Expected(const Json& batch) {
    std::vector<std::string> rows;
    for (const Json& row : batch["rows"]) {
      rows.push_back(DumpJson(row));
    }
    std::sort(rows.begin(), rows.end());
    return rows;
  }
  // One run of the query with the trigger AvailableNow: the batches that Spark recorded, and why it ended.
  Status Run(const Json& run, SourceOffset* at) {
    HF_ASSIGN_OR_RETURN(const auto source, Open());
    HF_RETURN_IF_ERROR(source->FixAvailable(*at));
    if (!at->has_value() && starts_at_time_) {  // an empty batch of ours says where
      HF_ASSIGN_OR_RETURN(*at, source->Latest(*at));
    }
    for (const Json& batch : run["batches"]) {
      SCOPED_TRACE(fmt::format("batch {}", batch["batch"].get<std::int64_t>()));
      HF_ASSIGN_OR_RETURN(const SourceOffset end, source->Latest(*at));
      EXPECT_EQ(end, batch["offset"].get<std::string>());
      HF_ASSIGN_OR_RETURN(const std::vector<std::string> rows, Rows(*source, *at, end));
      EXPECT_EQ(rows, Expected(batch));
      HF_RETURN_IF_ERROR(source->Commit(end));
      *at = end;
    }
    HF_ASSIGN_OR_RETURN(const SourceOffset end, source->Latest(*at));
    EXPECT_EQ(end, *at) << "Spark had nothing more";
    return Status();
  }

  const fs::path home_ = kGolden / GetParam();
  test::TempDir root_;
  const fs::path table_ = fs::path(root_.path()) / "table";
  Json case_;
  bool starts_at_time_ = false;
  PosixDisk disk_;
  DiskFileSystem files_{disk_};
};

TEST_P(SparkDeltaSource, EveryRunHasSparksOffsetsRowsAndFailures) {
  SourceOffset at;
  for (std::size_t i = 0; i < case_["runs"].size(); ++i) {
    SCOPED_TRACE(fmt::format("run {}", i));
    const Json& run = case_["runs"][i];
    ShowUpTo(run["version"].get<std::int64_t>());
    const Status ended = Run(run, &at);
    if (run.contains("failure")) {
      EXPECT_EQ(ended.condition(), run["failure"].get<std::string>()) << ended.ToString();
    } else {
      ASSERT_THAT(ended, IsOk());
    }
  }
}

// What a restart does that runs a batch again, and a checkpoint that Spark began.
TEST_P(SparkDeltaSource, ABatchOfSparksHasItsRowsAgain) {
  SourceOffset start;
  for (const Json& run : case_["runs"]) {
    ShowUpTo(run["version"].get<std::int64_t>());
    for (const Json& batch : run["batches"]) {
      SCOPED_TRACE(fmt::format("batch {}", batch["batch"].get<std::int64_t>()));
      const SourceOffset end = batch["offset"].get<std::string>();
      if (!start.has_value() && starts_at_time_) {
        start = end;  // nothing in the checkpoint says where Spark began
        continue;
      }
      const auto source = Open();
      ASSERT_THAT(source, IsOk());
      const auto rows = Rows(**source, start, end);
      ASSERT_THAT(rows, IsOk());
      EXPECT_EQ(*rows, Expected(batch));
      start = end;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, SparkDeltaSource, testing::ValuesIn(CaseNames()),
                         [](const auto& of) { return of.param; });

}  // namespace
}  // namespace hf
