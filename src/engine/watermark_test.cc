// SPDX-License-Identifier: Apache-2.0
#include "engine/watermark.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "engine/recovery.h"
#include "files/disk_file_system.h"
#include "files/posix_disk.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;

ColumnBatch Timestamps(const std::vector<std::optional<std::int64_t>>& micros) {
  std::vector<Row> rows;
  for (const auto& us : micros) {
    rows.push_back({us.has_value() ? Value(Timestamp{*us}) : Value()});
  }
  return ColumnBatch::FromRows(Schema({{.name = "at", .type = DataType::Timestamp()}}), rows).value();
}

EventTimes TimesMs(const std::vector<std::int64_t>& millis) {
  std::vector<std::optional<std::int64_t>> micros;
  for (const std::int64_t ms : millis) {
    micros.emplace_back(ms * 1000);
  }
  EventTimes times;
  times.Add(Timestamps(micros).column(0));
  return times;
}

TEST(EventTimes, AreMillisecondsRoundedDownAndNullsDoNotCount) {
  EventTimes times;
  EXPECT_TRUE(times.empty());
  times.Add(Timestamps({std::nullopt, std::nullopt}).column(0));
  EXPECT_TRUE(times.empty());
  times.Add(Timestamps({7'999, std::nullopt, -1}).column(0));
  times.Add(Timestamps({2'000}).Slice(0, 1).column(0));
  EXPECT_EQ(times.max_ms(), 7);
  EXPECT_EQ(times.min_ms(), -1);
  EXPECT_EQ(times.avg_ms(), 2);  // 8 / 3
}

TEST(EventTimes, TheMeanOfFarTimesIsExact) {
  // Spark: EventTimeStatsSuite "avg on large values".
  const std::int64_t far_ms = std::numeric_limits<std::int64_t>::max() / 1000;
  EXPECT_EQ(TimesMs({far_ms, far_ms, far_ms - 3}).avg_ms(), far_ms - 1);
}

TEST(Watermark, IsTheLargestTimeMinusTheDelayFromTheNextBatchOn) {
  Watermark watermark(WatermarkPolicy::kMin, {10}, 0, 0);
  EXPECT_EQ(watermark.eviction_ms(), 0);
  EXPECT_EQ(watermark.late_events_ms(), 0);
  watermark.Advance({TimesMs({3, 25})});
  EXPECT_EQ(watermark.eviction_ms(), 15);
  EXPECT_EQ(watermark.late_events_ms(), 0);
  EXPECT_TRUE(watermark.has_moved());
  watermark.Advance({EventTimes()});
  EXPECT_EQ(watermark.eviction_ms(), 15);
  EXPECT_EQ(watermark.late_events_ms(), 15);
  EXPECT_FALSE(watermark.has_moved());
}

TEST(Watermark, NeverFalls) {
  Watermark watermark(WatermarkPolicy::kMin, {10}, 0, 0);
  watermark.Advance({TimesMs({5})});  // 5 - 10
  EXPECT_EQ(watermark.eviction_ms(), 0);
  watermark.Advance({TimesMs({100})});
  watermark.Advance({TimesMs({50})});
  EXPECT_EQ(watermark.eviction_ms(), 90);
}

TEST(Watermark, WithoutOperatorsStaysAsRecovered) {
  Watermark watermark(WatermarkPolicy::kMin, {}, 70, 60);
  watermark.Advance({});
  EXPECT_EQ(watermark.eviction_ms(), 70);
  EXPECT_EQ(watermark.late_events_ms(), 70);
}

TEST(Watermark, OfSeveralOperatorsIsTheLeastOrTheGreatest) {
  Watermark least(WatermarkPolicy::kMin, {10, 20}, 0, 0);
  Watermark greatest(WatermarkPolicy::kMax, {10, 20}, 0, 0);
  const auto advance = [&](const EventTimes& first, const EventTimes& second) {
    least.Advance({first, second});
    greatest.Advance({first, second});
  };
  advance(TimesMs({100}), EventTimes());
  EXPECT_EQ(least.eviction_ms(), 0) << "an operator that has seen nothing counts as 0";
  EXPECT_EQ(greatest.eviction_ms(), 90);
  advance(EventTimes(), TimesMs({70}));
  EXPECT_EQ(least.eviction_ms(), 50);
  EXPECT_EQ(greatest.eviction_ms(), 90);
  advance(TimesMs({20}), TimesMs({200}));
  EXPECT_EQ(least.eviction_ms(), 90) << "the first operator's largest time stays";
  EXPECT_EQ(greatest.eviction_ms(), 180);
}

TEST(Watermark, AfterARestartWaitsForEveryOperatorToCatchUp) {
  Watermark watermark(WatermarkPolicy::kMin, {0, 0}, 500, 400);
  watermark.Advance({TimesMs({900}), EventTimes()});
  EXPECT_EQ(watermark.eviction_ms(), 500);
  watermark.Advance({EventTimes(), TimesMs({600})});
  EXPECT_EQ(watermark.eviction_ms(), 600);
}

TEST(IsLate, UpToTheWatermarkInMicroseconds) {
  const ColumnBatch times = Timestamps({999, 1'000, 1'001, std::nullopt});
  const auto is_late = [&times](std::int64_t row, std::int64_t watermark_ms) {
    return IsLate(times.column(0), row, watermark_ms);
  };
  EXPECT_TRUE(is_late(0, 1));
  EXPECT_TRUE(is_late(1, 1));
  EXPECT_FALSE(is_late(2, 1));
  EXPECT_FALSE(is_late(0, 0));
  constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max();
  EXPECT_TRUE(is_late(2, kFar));
  EXPECT_FALSE(is_late(3, kFar));
  EXPECT_FALSE(is_late(0, std::numeric_limits<std::int64_t>::min()));
}

// What a query that goes on after Spark makes of its logs; `remove` is deleted from a copy of them first.
Watermark RecoverGolden(const std::vector<std::string>& remove) {
  const test::TempDir dir;
  const fs::path golden = fs::path(HOLDFAST_SOURCE_DIR) / "test/spark_compat/golden/spark-4.3.0/event_time_avro/ckpt";
  for (const std::string log : {"offsets", "commits"}) {
    fs::copy(golden / log, fs::path(dir.path()) / log);
  }
  for (const std::string& file : remove) {
    fs::remove(fs::path(dir.path()) / file);
  }
  PosixDisk disk;
  DiskFileSystem files(disk);
  const auto point = FindRecoveryPoint(OffsetLog(files, dir.path()), CommitLog(files, dir.path()));
  EXPECT_TRUE(point.ok()) << point.status().ToString();
  return RecoverWatermark(*point, Conf(), {{.column = 0, .delay_ms = 10'000}});
}

TEST(Watermark, OfACheckpointOfSparkIsThatOfItsLogs) {
  const Watermark whole = RecoverGolden({});
  EXPECT_EQ(whole.eviction_ms(), 1'767'225'710'000);
  EXPECT_FALSE(whole.has_moved()) << "Spark's last batch was one without rows";

  const Watermark before_it = RecoverGolden({"offsets/4", "commits/4"});
  EXPECT_EQ(before_it.eviction_ms(), 1'767'225'710'000);
  EXPECT_EQ(before_it.late_events_ms(), 1'767'225'665'000);

  const Watermark in_batch_2 = RecoverGolden({"offsets/4", "commits/4", "offsets/3", "commits/3", "commits/2"});
  EXPECT_EQ(in_batch_2.eviction_ms(), 1'767'225'631'000) << "as offsets/2 promised";
  EXPECT_EQ(in_batch_2.late_events_ms(), 1'767'225'594'000) << "as offsets/1";

  const Watermark in_batch_0 = RecoverGolden({"offsets/4", "commits/4", "offsets/3", "commits/3", "offsets/2",
                                              "commits/2", "offsets/1", "commits/1", "commits/0"});
  EXPECT_EQ(in_batch_0.eviction_ms(), 0);
  EXPECT_EQ(in_batch_0.late_events_ms(), 0);
}

}  // namespace
}  // namespace hf
