// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/json.h"
#include "checkpoint/offset_log.h"
#include "connect/rate/rate_micro_batch_source.h"
#include "connect/rate/rate_source.h"
#include "files/disk_file_system.h"
#include "files/posix_disk.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

using test::HasKind;
using test::IsOk;
using test::IsOkAnd;

constexpr std::int64_t kCreatedMs = 1'700'000'000'123;

struct Produced {
  std::int64_t time_us = 0;
  std::int64_t value = 0;
  bool operator==(const Produced&) const = default;
};

void PrintTo(const Produced& row, std::ostream* out) { *out << row.value << " at " << row.time_us; }

std::vector<Produced> Read(Source& source, const SourceOffset& start, const SourceOffset& end) {
  std::vector<Produced> rows;
  auto splits = source.Plan(start, end);
  EXPECT_THAT(splits, IsOk());
  if (!splits.ok()) {
    return rows;
  }
  for (const auto& split : *splits) {
    while (const std::optional<ColumnBatch> batch = split->Next().value()) {
      for (std::int64_t row = 0; row < batch->rows(); ++row) {
        rows.push_back({batch->column(0).Fixed<std::int64_t>(row), batch->column(1).Fixed<std::int64_t>(row)});
      }
    }
  }
  return rows;
}

class RateTest : public ::testing::Test {
 protected:
  std::unique_ptr<RateSource> Open(const OptionMap& options = {}) {
    auto source = RateSource::Open(files_, clock_, options, log_);
    EXPECT_THAT(source, IsOk());
    return source.ok() ? std::move(source).value() : nullptr;
  }

  test::TempDir dir_;
  PosixDisk disk_;
  DiskFileSystem files_{disk_};
  ManualClock clock_{kCreatedMs * 1000};
  std::string log_ = dir_ / "checkpoint/sources/0";
};

TEST_F(RateTest, TheMomentOfCreationIsWrittenOnceWithTheFirstOffset) {
  auto source = Open();
  EXPECT_FALSE(dir_.Exists("checkpoint"));  // to open is not to begin
  EXPECT_THAT(source->Latest(std::nullopt), IsOkAnd(SourceOffset("0")));
  EXPECT_EQ(dir_.Read("checkpoint/sources/0/0"), "v1\n1700000000123");
  clock_.AdvanceMs(7'999);
  auto again = Open();
  EXPECT_THAT(again->Latest("0"), IsOkAnd(SourceOffset("7")));
  EXPECT_EQ(dir_.Read("checkpoint/sources/0/0"), "v1\n1700000000123");
}

TEST_F(RateTest, RowsAreSpreadOverTheTimeOfTheBatchAndDealtOutToPartitions) {
  auto source = Open({{"ROWSPERSECOND", "2"}, {"numPartitions", "3"}});
  ASSERT_THAT(source->Latest(std::nullopt), IsOk());
  const auto at = [](std::int64_t ms) { return (kCreatedMs + ms) * 1000; };
  EXPECT_EQ(Read(*source, "1", "3"),
            (std::vector<Produced>{{at(1000), 2}, {at(2500), 5}, {at(1500), 3}, {at(2000), 4}}));
  EXPECT_TRUE(Read(*source, std::nullopt, "0").empty());
  EXPECT_EQ(source->description(), "RateStreamV2[rowsPerSecond=2, rampUpTimeSeconds=0, numPartitions=3");
}

TEST_F(RateTest, ALongBatchComesInSeveralPieces) {
  auto source = Open({{"rowsPerSecond", "100000"}});
  ASSERT_THAT(source->Latest(std::nullopt), IsOk());
  const auto rows = Read(*source, std::nullopt, "2");
  ASSERT_EQ(rows.size(), 200'000U);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(rows[i].value, static_cast<std::int64_t>(i));
  }
}

TEST(RateValues, WhileTheSpeedRampsUpASecondHasMoreRowsThanTheOneBefore) {
  const RateOptions ramp = {.rows_per_second = 10, .ramp_up_seconds = 4};
  std::vector<std::int64_t> ends;
  for (std::int64_t second = 0; second <= 6; ++second) {
    ends.push_back(RateValueAt(second, ramp));
  }
  EXPECT_EQ(ends, (std::vector<std::int64_t>{0, 2, 6, 12, 20, 30, 40}));
}

TEST_F(RateTest, OffsetsNeverGoBackWithTheClock) {
  auto source = Open();
  ASSERT_THAT(source->Latest(std::nullopt), IsOk());
  clock_.AdvanceMs(5'000);
  EXPECT_THAT(source->Latest("0"), IsOkAnd(SourceOffset("5")));
  clock_.SetUs(kCreatedMs * 1000 - 60'000'000);
  EXPECT_THAT(source->Latest("5"), IsOkAnd(SourceOffset("5")));
}

TEST_F(RateTest, AvailableNowEndsWhereTheClockWas) {
  auto source = Open();
  ASSERT_THAT(source->Latest(std::nullopt), IsOk());
  clock_.AdvanceMs(3'000);
  ASSERT_THAT(source->FixAvailable("0"), IsOk());
  clock_.AdvanceMs(3'000);
  EXPECT_THAT(source->Latest("0"), IsOkAnd(SourceOffset("3")));
  EXPECT_THAT(source->Latest("3"), IsOkAnd(SourceOffset("3")));
}

TEST_F(RateTest, BadOptionsAreRefusedByName) {
  const OptionMap bad = {{"rowsPerSecond", "0"},  {"rampUpTime", "soon"},           {"numPartitions", "-2"},
                         {"rowsPerSeconds", "1"}, {"numPartitions", "99999999999"}, {"useManualClock", "true"}};
  for (const auto& [name, value] : bad) {
    const auto parsed = ParseRateOptions({{name, value}});
    ASSERT_THAT(parsed, HasKind(ErrorKind::kInvalid)) << name;
    EXPECT_NE(parsed.status().ToString().find(name), std::string::npos) << parsed.status().ToString();
  }
  EXPECT_THAT(ParseRateOptions({{"rowsPerSecond", "9223372036854775807"}, {"rampUpTime", "2s"}}),
              HasKind(ErrorKind::kInvalid));
  EXPECT_EQ(ParseRateOptions({{"rampUpTime", "90"}})->ramp_up_seconds, 90);
  EXPECT_EQ(ParseRateOptions({{"rampUpTime", "2500ms"}})->ramp_up_seconds, 2);
}

TEST_F(RateTest, AnOffsetWithoutTheMomentOfCreationIsRefused) {
  EXPECT_THAT(Open()->Latest("5"), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(Open()->Plan("4", "5"), HasKind(ErrorKind::kCorrupt));
  EXPECT_FALSE(dir_.Exists("checkpoint"));
}

TEST_F(RateTest, HostileOffsetsAndLogsAreRefusedAndNamed) {
  auto source = Open({{"rowsPerSecond", "1000"}});
  ASSERT_THAT(source->Latest(std::nullopt), IsOk());
  for (const std::string offset : {"", "-1", "1.5", "{}", "{\"logOffset\":1}", "7 ", "99999999999999999999"}) {
    EXPECT_THAT(source->Latest(offset), HasKind(ErrorKind::kCorrupt)) << offset;
  }
  EXPECT_THAT(source->Plan("0", "9223372036854775807"), HasKind(ErrorKind::kInvalid));
  EXPECT_THAT(source->Plan("5", "4"), HasKind(ErrorKind::kCorrupt));
  for (const std::string text : {"", "v1", "v1\n", "v1\nx", "v1\n-5", "v1\n9223372036854775807", "5", "v1\n5\n"}) {
    dir_.Remove("checkpoint");
    dir_.Write("checkpoint/sources/0/0", text, 0);
    const auto opened = RateSource::Open(files_, clock_, {}, log_);
    ASSERT_THAT(opened, HasKind(ErrorKind::kCorrupt)) << text;
    EXPECT_NE(opened.status().ToString().find(log_ + "/0"), std::string::npos);
  }
  dir_.Remove("checkpoint");
  dir_.Write("checkpoint/sources/0/0", "v2\n5", 0);
  EXPECT_THAT(RateSource::Open(files_, clock_, {}, log_), HasKind(ErrorKind::kIncompatible));
}

RateMicroBatchSource MicroBatches(const OptionMap& options) {
  const auto parsed = ParseRateMicroBatchOptions(options);
  EXPECT_THAT(parsed, IsOk());
  return RateMicroBatchSource(parsed.ok() ? *parsed : RateMicroBatchOptions());
}

TEST(RateMicroBatch, EveryBatchHasItsNumbersAndItsTime) {
  auto source = MicroBatches({{"rowsPerBatch", "3"}, {"startTimestamp", "50"}, {"advanceMillisPerBatch", "10"}});
  EXPECT_THAT(source.Latest(std::nullopt), IsOkAnd(SourceOffset(R"({"offset":3,"timestamp":60})")));
  EXPECT_THAT(source.Latest(R"({"offset":3,"timestamp":60})"), IsOkAnd(SourceOffset(R"({"offset":6,"timestamp":70})")));
  EXPECT_EQ(Read(source, R"({"offset":3,"timestamp":60})", R"({"offset":6,"timestamp":70})"),
            (std::vector<Produced>{{60'000, 3}, {60'000, 4}, {60'000, 5}}));
}

TEST(RateMicroBatch, AvailableNowIsOneBatch) {
  auto source = MicroBatches({{"rowsPerBatch", "3"}});
  ASSERT_THAT(source.FixAvailable(std::nullopt), IsOk());
  const SourceOffset end = R"({"offset":3,"timestamp":1000})";
  EXPECT_THAT(source.Latest(std::nullopt), IsOkAnd(end));
  EXPECT_THAT(source.Latest(end), IsOkAnd(end));
}

TEST(RateMicroBatch, BadOptionsAreRefusedByName) {
  EXPECT_THAT(ParseRateMicroBatchOptions({}), HasKind(ErrorKind::kInvalid));
  const OptionMap bad = {{"startTimestamp", "-1"},
                         {"advanceMillisPerBatch", "-1"},
                         {"numPartitions", "0"},
                         {"startTimestamp", "2026-01-01"},
                         {"rowsPerSecond", "1"}};
  for (const auto& [name, value] : bad) {
    const auto parsed = ParseRateMicroBatchOptions({{"rowsPerBatch", "1"}, {name, value}});
    ASSERT_THAT(parsed, HasKind(ErrorKind::kInvalid)) << name;
    EXPECT_NE(parsed.status().ToString().find(name), std::string::npos) << parsed.status().ToString();
  }
}

TEST(RateMicroBatch, HostileOffsetsAreRefusedAndTheEndOfNumbersIsNamed) {
  auto source = MicroBatches({{"rowsPerBatch", "9223372036854775807"}});
  for (const std::string offset :
       {"", "5", "[]", "{}", R"({"offset":1})", R"({"offset":-1,"timestamp":0})", R"({"offset":1,"timestamp":"0"})",
        R"({"offset":1,"timestamp":9223372036854775807})", R"({"offset":1.5,"timestamp":0})"}) {
    EXPECT_THAT(source.Latest(offset), HasKind(ErrorKind::kCorrupt)) << offset;
  }
  EXPECT_THAT(source.Latest(R"({"offset":1,"timestamp":0})"), HasKind(ErrorKind::kInvalid));
  EXPECT_THAT(source.Plan(R"({"offset":2,"timestamp":0})", R"({"offset":1,"timestamp":0})"),
              HasKind(ErrorKind::kCorrupt));
}

// What Spark 4.3.0 gave and wrote down (test/spark_compat/recipes/sources.py).
class SparkRate : public ::testing::TestWithParam<std::string> {
 protected:
  SparkRate()
      : home_(std::string(HOLDFAST_SOURCE_DIR) + "/test/spark_compat/golden/sources/spark-4.3.0/" + GetParam()) {}
  [[nodiscard]] std::string Text(const std::string& name) const {
    std::ifstream in(home_ + "/" + name);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  const std::string home_;
  PosixDisk disk_;
  DiskFileSystem files_{disk_};
  ManualClock clock_{kCreatedMs * 1000};
};

TEST_P(SparkRate, TheSameOffsetsHaveTheSameRows) {
  const Json spark_case = ParseJson(Text("case.json")).value();
  OptionMap options;
  for (const auto& [key, value] : spark_case["options"].items()) {
    options[key] = value.get<std::string>();
  }
  // Without the option Spark takes the cores of its machine, which were two.
  options.emplace("numPartitions", "2");
  std::unique_ptr<Source> source;
  if (spark_case["format"] == "rate") {
    source = RateSource::Open(files_, clock_, options, home_ + "/ckpt/sources/0").value();
  } else {
    source = std::make_unique<RateMicroBatchSource>(ParseRateMicroBatchOptions(options).value());
  }
  EXPECT_EQ(source->schema(), Schema::Parse(DumpJson(spark_case["schema"])).value());
  if (spark_case["options"].contains("numPartitions")) {
    EXPECT_EQ(source->description(), spark_case["source"]["description"].get<std::string>());
  }
  const OffsetLog offsets(files_, home_ + "/ckpt");
  SourceOffset start;
  std::string output = Text("output.json");
  std::string_view lines = output;
  while (const auto line = TakeLine(lines)) {
    const Json batch = ParseJson(*line).value();
    const auto entry = offsets.Get(batch["batch"].get<std::int64_t>());
    ASSERT_THAT(entry, IsOk());
    std::vector<Produced> expected;
    for (const Json& row : batch["rows"]) {
      expected.push_back({row[0].get<std::int64_t>(), row[1].get<std::int64_t>()});
    }
    EXPECT_EQ(Read(*source, start, entry->offsets.front()), expected) << "batch " << batch["batch"];
    if (spark_case["format"] == "rate-micro-batch") {
      EXPECT_THAT(source->Latest(start), IsOkAnd(entry->offsets.front()));
    }
    start = entry->offsets.front();
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, SparkRate,
                         ::testing::Values("rate", "rate_ramp_up", "rate_available_now", "rate_micro_batch",
                                           "rate_micro_batch_available_now"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace hf
