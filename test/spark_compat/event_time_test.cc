// SPDX-License-Identifier: Apache-2.0
// The input of golden event-time queries once more, through Holdfast: batch for batch the watermarks, the event times
// of the progress and the rows dropped are those of Spark.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "checkpoint/commit_log.h"
#include "checkpoint/offset_log.h"
#include "files/disk_file_system.h"
#include "files/posix_disk.h"
#include "holdfast/query.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;
using test::IsOk;

struct In {
  std::string k;
  std::optional<Timestamp> at;
};
HOLDFAST_STRUCT(In, k, at);

struct Out {
  std::string k;
};
HOLDFAST_STRUCT(Out, k);

class Passing final : public StatefulProcessor<std::string, In, Out> {
 public:
  void Init(StatefulProcessorHandle& handle) override { seen_ = handle.GetValueState<std::int64_t>("seen"); }
  void HandleInputRows(const std::string&, RowsOf<In> rows, const TimerValues&, Output<Out>&) override {
    seen_.Update(static_cast<std::int64_t>(rows.size()));
  }

 private:
  ValueState<std::int64_t> seen_;
};

// What a batch's entries in both logs say: "0>1767225594000 {"logOffset":0}".
std::vector<std::string> Logged(const std::string& checkpoint) {
  PosixDisk disk;
  DiskFileSystem files(disk);
  const OffsetLog offsets(files, checkpoint);
  const CommitLog commits(files, checkpoint);
  std::vector<std::string> logged;
  const std::vector<BatchId> batches = commits.log().Ids().value();
  for (const BatchId batch : batches) {
    const OffsetSeq entry = offsets.Get(batch).value();
    logged.push_back(fmt::format("{}>{} {}", entry.metadata->batch_watermark_ms,
                                 commits.Get(batch)->next_batch_watermark_ms, entry.offsets.front().value_or("-")));
  }
  return logged;
}

// What of a progress is the same in both engines.
std::string Summary(const Json& progress) {
  return fmt::format("{} {} {} {}", progress["batchId"].dump(), progress["numInputRows"].dump(),
                     progress["eventTime"].dump(), progress["stateOperators"][0]["numRowsDroppedByWatermark"].dump());
}

class EventTimeOfSpark : public testing::TestWithParam<std::string> {};

TEST_P(EventTimeOfSpark, WatermarksAndLateRowsAreTheSame) {
  const fs::path golden = fs::path(HOLDFAST_SOURCE_DIR) / "test/spark_compat/golden" / GetParam();
  const test::TempDir dir;
  const fs::path input = fs::path(dir.path()) / "input";
  fs::create_directory(input);
  const auto begin = fs::file_time_type::clock::now() - std::chrono::hours(1);
  for (int number = 0; fs::exists(golden / fmt::format("input/{:03}.json", number)); ++number) {
    const std::string name = fmt::format("{:03}.json", number);
    fs::copy(golden / "input" / name, input / name);
    fs::last_write_time(input / name, begin + std::chrono::minutes(number));
  }
  std::vector<std::string> found;
  auto query = ReadStream("json")
                   .Schema<In>()
                   .Option("maxFilesPerTrigger", "1")
                   .Load(input)
                   .WithWatermark("at", "10 seconds")
                   .GroupBy("k")
                   .TransformWithState<Passing>(OutputMode::kAppend, TimeMode::kEventTime)
                   .WriteStream("")
                   .ForeachBatch([](const ColumnBatch&, std::int64_t) { return Status(); })
                   .Option("checkpointLocation", dir.path() + "/checkpoint")
                   .OnProgress([&found](const StreamingQueryProgress& progress) {
                     found.push_back(Summary(ParseJson(progress.json).value()));
                   })
                   .Trigger(AvailableNow())
                   .Start();
  ASSERT_THAT(query, IsOk());
  ASSERT_THAT((*query)->AwaitTermination(), IsOk());

  std::vector<std::string> expected;
  std::ifstream progress(golden / "progress.json");
  for (std::string line; std::getline(progress, line);) {
    expected.push_back(Summary(ParseJson(line).value()));
  }
  ASSERT_GT(expected.size(), 3U);
  EXPECT_EQ(found, expected);
  EXPECT_EQ(Logged(dir.path() + "/checkpoint"), Logged(golden / "ckpt"));
}

INSTANTIATE_TEST_SUITE_P(Cases, EventTimeOfSpark,
                         testing::Values("spark-4.3.0/event_time_avro", "spark-4.0.5/event_time_avro"),
                         [](const auto& tested) {
                           std::string name = tested.param.substr(0, tested.param.find('/'));
                           std::erase_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
                           return name;
                         });

}  // namespace
}  // namespace hf
