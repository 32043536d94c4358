// SPDX-License-Identifier: Apache-2.0
// The queries of two operators of recipes/chains.py through Holdfast: rows, watermarks, late rows, state and timers of
// both operators are those of Spark after every batch; and it goes on in the middle of Spark's checkpoints.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "checkpoint/commit_log.h"
#include "files/disk_file_system.h"
#include "files/posix_disk.h"
#include "holdfast/query.h"
#include "holdfast/state_reader.h"
#include "spark_compat/recorded_queries.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;
using test::IsOk;

struct Case {
  const char* name;
  TimeMode first;
  TimeMode second;
  Options conf;
};
void PrintTo(const Case& tested, std::ostream* out) { *out << tested.name; }

std::vector<Json> Lines(const fs::path& path) {
  std::vector<Json> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    lines.push_back(ParseJson(line).value());
  }
  return lines;
}

// What of a progress is the same in both engines.
std::string Summary(const Json& progress) {
  std::string summary = fmt::format("{} {} {}", progress["batchId"].dump(), progress["numInputRows"].dump(),
                                    progress["eventTime"].dump());
  for (const Json& state : progress["stateOperators"]) {
    summary += fmt::format(" | {}", state["numRowsDroppedByWatermark"].dump());
    for (const char* metric : {"numRegisteredTimers", "numDeletedTimers"}) {
      summary += fmt::format(" {}", state["customMetrics"].value(metric, Json(0)).dump());
    }
  }
  return summary;
}

class Chains : public testing::TestWithParam<Case> {
 protected:
  Chains() : golden_(fs::path(HOLDFAST_SOURCE_DIR) / "test/spark_compat/golden/chains/spark-4.3.0" / GetParam().name) {
    fs::create_directory(input());
    for (int number = 0; fs::exists(golden_ / "input" / Name(number)); ++number) {
      fs::copy(golden_ / "input" / Name(number), input() / Name(number));
      fs::last_write_time(input() / Name(number), begin_ + std::chrono::seconds(10 * number));
    }
    for (const Json& batch : Lines(golden_ / "output.json")) {
      std::vector<std::string>& rows = expected_rows_[batch["batch"].get<std::int64_t>()];
      for (const Json& row : batch["rows"]) {
        rows.push_back(row.dump());
      }
      std::sort(rows.begin(), rows.end());
    }
    for (const Json& progress : Lines(golden_ / "progress.json")) {
      expected_progress_.push_back(Summary(progress));
    }
  }

  static std::string Name(int number) { return fmt::format("{:03}.json", number); }
  [[nodiscard]] fs::path input() const { return fs::path(dir_.path()) / "input"; }
  [[nodiscard]] std::string checkpoint() const { return dir_.path() + "/checkpoint"; }

  Status Run(const Options& conf) {
    const Case& tested = GetParam();
    DataStream source =
        ReadStream("json")
            .Schema(Schema::Parse("k STRING, n BIGINT, at TIMESTAMP").value())
            .Option("maxFilesPerTrigger", "1")
            .Option("sourceUri", "file:///tmp/holdfast-golden/chains/4.3.0/" + std::string(tested.name) + "/input")
            .Load(input());
    auto writer = test::Chain(std::move(source), tested.first, tested.second)
                      .WriteStream("")
                      .ForeachBatch([this](const ColumnBatch& rows, std::int64_t batch) {
                        for (std::int64_t row = 0; row < rows.rows(); ++row) {
                          rows_[batch].push_back(ToJson(rows.RowAt(row), rows.schema()));
                        }
                        std::sort(rows_[batch].begin(), rows_[batch].end());
                        return Status();
                      })
                      .Option("checkpointLocation", checkpoint())
                      .OnProgress([this](const StreamingQueryProgress& progress) {
                        progress_.push_back(Summary(ParseJson(progress.json).value()));
                      })
                      .Trigger(AvailableNow());
    for (const auto& [key, value] : conf) {
      writer = std::move(writer).Conf(key, value);
    }
    HF_ASSIGN_OR_RETURN(const auto query, std::move(writer).Start());
    return query->AwaitTermination();
  }

  // Rows and timers of both operators after a batch, by operator.
  static std::vector<std::vector<std::string>> StateAfter(const std::string& checkpoint, std::int64_t batch) {
    std::vector<std::vector<std::string>> found;
    const auto read = [&](StateReadOptions options) {
      options.batch_id = batch;
      std::vector<std::string>& rows = found.emplace_back();
      EXPECT_THAT(ReadState(checkpoint, options,
                            [&rows](const ColumnBatch& batch_rows) {
                              for (std::int64_t row = 0; row < batch_rows.rows(); ++row) {
                                rows.push_back(ToJson(batch_rows.RowAt(row), batch_rows.schema()));
                              }
                              return Status();
                            }),
                  IsOk());
      std::sort(rows.begin(), rows.end());
    };
    read({.operator_id = 1, .variable = "seen"});  // ids are counted from the sink
    read({.operator_id = 0, .variable = "numbers"});
    if (GetParam().first != TimeMode::kNone) {
      read({.operator_id = 1, .timers = true});
    }
    if (GetParam().second != TimeMode::kNone) {
      read({.operator_id = 0, .timers = true});
    }
    return found;
  }

  void ExpectStateOfSpark() const {
    PosixDisk disk;
    DiskFileSystem files(disk);
    const std::vector<BatchId> batches = CommitLog(files, golden_ / "ckpt").log().Ids().value();
    for (const BatchId batch : batches) {
      EXPECT_EQ(StateAfter(checkpoint(), batch), StateAfter(golden_ / "ckpt", batch)) << "after batch " << batch;
    }
  }

  // The checkpoint as it was after batch `last`.
  void BeginAfter(std::int64_t last) const {
    fs::copy(golden_ / "ckpt", checkpoint(), fs::copy_options::recursive);
    for (const char* log : {"offsets", "commits", "sources/0"}) {
      for (const auto& entry : fs::directory_iterator(fs::path(checkpoint()) / log)) {
        const std::string name = entry.path().filename();
        if (!name.starts_with('.') && std::stoll(name) > last) {
          fs::remove(entry.path());
        }
      }
    }
  }

  const fs::path golden_;
  const test::TempDir dir_;
  // Modification times are those of the recipe: the checkpoint remembers them.
  const fs::file_time_type begin_ =
      std::chrono::file_clock::from_sys(std::chrono::sys_seconds(std::chrono::seconds(1'767'225'600)));
  std::map<std::int64_t, std::vector<std::string>> expected_rows_;
  std::vector<std::string> expected_progress_;
  std::map<std::int64_t, std::vector<std::string>> rows_;
  std::vector<std::string> progress_;
};

TEST_P(Chains, EveryBatchIsThatOfSpark) {
  Options conf = GetParam().conf;
  conf["spark.sql.shuffle.partitions"] = "2";
  ASSERT_THAT(Run(conf), IsOk());
  ASSERT_GT(expected_rows_.size(), 5U);
  EXPECT_EQ(rows_, expected_rows_);
  EXPECT_EQ(progress_, expected_progress_);
  ExpectStateOfSpark();
}

TEST_P(Chains, ItGoesOnInTheMiddleOfSparksCheckpoint) {
  constexpr std::int64_t kLast = 2;
  BeginAfter(kLast);
  Options conf = GetParam().conf;
  conf["holdfast.continueForeign"] = "true";
  ASSERT_THAT(Run(conf), IsOk());
  expected_rows_.erase(expected_rows_.begin(), expected_rows_.upper_bound(kLast));
  EXPECT_EQ(rows_, expected_rows_);
  ExpectStateOfSpark();
}

const Options kUnsafeRow = {{"spark.sql.streaming.stateStore.encodingFormat", "unsaferow"},
                            {"spark.sql.streaming.stateStore.checkpointFormatVersion", "2"}};
const Options kNoDataBatches = {{"spark.sql.streaming.noDataMicroBatches.enabled", "false"}};

INSTANTIATE_TEST_SUITE_P(
    Cases, Chains,
    testing::Values(Case{"event_event", TimeMode::kEventTime, TimeMode::kEventTime, {}},
                    Case{"event_event_unsaferow_2", TimeMode::kEventTime, TimeMode::kEventTime, kUnsafeRow},
                    Case{"none_event", TimeMode::kNone, TimeMode::kEventTime, {}},
                    Case{"processing_event", TimeMode::kProcessingTime, TimeMode::kEventTime, kNoDataBatches},
                    Case{"event_none", TimeMode::kEventTime, TimeMode::kNone, {}}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace hf
