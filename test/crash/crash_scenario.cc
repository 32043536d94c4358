// SPDX-License-Identifier: Apache-2.0
#include "crash/crash_scenario.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "connect/delta/delta_sink.h"
#include "crash/remembering.h"
#include "files/disk_file_system.h"
#include "query/environment.h"
#include "sessionization/streamshop.h"
#include "support/delta_rows.h"
#include "support/streamshop_query.h"

namespace hf {
namespace {

constexpr int kRowsPerFile = 40;
constexpr int kV1Files = 3;
constexpr int kStartsMax = 12;
constexpr std::int64_t kBeginUs = 1'767'225'600'000'000;

std::string Events(std::mt19937& dice, int file) {
  const bool last = file == CrashScenario::kBatches - 1;
  std::string text;
  const int rows = last ? CrashScenario::kSessions : kRowsPerFile;
  for (int row = 0; row < rows; ++row) {
    const unsigned session = last ? static_cast<unsigned>(row) : dice() % CrashScenario::kSessions;
    const char* type = last || dice() % 8 == 0 ? "logout" : "page_view";
    text += fmt::format(
        R"({{"session_id":"s{}","user_id":"u{}","event_type":"{}","revenue":{},"event_timestamp":"2026-01-01T00:0{}:{:02}.5Z")",
        session, session / 3, type, dice() % 100, file, row % 60);
    if (file >= kV1Files && dice() % 4 != 0) {
      text += R"(,"device_type":"web","page_category":"home")";
    }
    text += "}\n";
  }
  return text;
}

std::string Tales(std::mt19937& dice, int file) {
  const bool last = file == CrashScenario::kBatches - 1;
  std::string text;
  const int rows = last ? CrashScenario::kSessions : kRowsPerFile;
  for (int row = 0; row < rows; ++row) {
    text += fmt::format("{{\"key\":\"k{}\",\"op\":\"{}\",\"n\":{}}}\n",
                        last ? static_cast<unsigned>(row) : dice() % CrashScenario::kSessions, last ? "end" : "tell",
                        dice() % 100);
  }
  return text;
}

template <typename Element>
ResultStream RememberingOf(const std::string& pattern) {
  return ReadStream("json")
      .Schema<remembering::Told>()
      .Option("maxFilesPerTrigger", "1")
      .Option("pathGlobFilter", pattern)
      .Load("/events")
      .GroupBy("key")
      .TransformWithState<remembering::Remembering<Element>>(OutputMode::kAppend, TimeMode::kProcessingTime)
      .GroupBy("key")
      .TransformWithState(OutputMode::kAppend, TimeMode::kProcessingTime, remembering::Numbering());
}

}  // namespace

// Time goes on with each batch that has come to its commit.
bool CrashScenario::StopsAtSink(std::int64_t batch) {
  if (--sink_stop_ == 0) {
    disk_.StopNow(FaultMode::kLoseBoth, 0);
  }
  if (disk_.has_stopped()) {
    return true;
  }
  if (workload_ == Workload::kRemembering) {
    clock_.SetUs(kBeginUs + (batch + 1) * remembering::kBatchMs * 1000);
  }
  return false;
}

CrashScenario::CrashScenario(std::uint64_t seed, ScenarioSink sink, Workload workload)
    : clock_(kBeginUs), random_(seed), disk_(clock_), sink_kind_(sink), workload_(workload) {
  if (sink == ScenarioSink::kDelta) {
    delta_.emplace(disk_, 0, FaultMode::kKeepEverything);
  }
  DiskFileSystem files(disk_);
  std::mt19937 dice(7);
  for (int file = 0; file < kBatches; ++file) {
    clock_.AdvanceMs(1000);
    const std::string path = fmt::format("/events/v{}-{}.json", file < kV1Files ? 1 : 2, file);
    EXPECT_TRUE(files.PutNew(path, workload == Workload::kSessions ? Events(dice, file) : Tales(dice, file)).ok());
  }
  if (workload == Workload::kRemembering) {
    clock_.SetUs(kBeginUs);
  }
  EXPECT_TRUE(files.Sync().ok());
}

void CrashScenario::StopDeltaAt(int point, FaultMode mode) {
  delta_.reset();
  delta_.emplace(disk_, point, mode);
}

Result<std::shared_ptr<Sink>> CrashScenario::MakeSink(bool v1) {
  if (sink_kind_ == ScenarioSink::kStandIn) {
    return std::shared_ptr<Sink>(
        std::make_shared<StandInSink>(stand_in_, [this](std::int64_t batch) { return StopsAtSink(batch); }));
  }
  HF_ASSIGN_OR_RETURN(const DeltaLibrary* library, StoppingDelta::Library());
  // So small an interval that the table's own checkpoints are among the points.
  HF_ASSIGN_OR_RETURN(auto sink,
                      DeltaSink::Create(TablePath(v1), {{"delta.checkpointInterval", "3"}}, "Append", library));
  return std::shared_ptr<Sink>(std::move(sink));
}

Status CrashScenario::RunOnce(ResultStream results, bool v1) {
  const Environment environment = {
      .files = std::make_shared<DiskFileSystem>(disk_), .clock = &clock_, .random = &random_};
  HF_ASSIGN_OR_RETURN(auto sink, MakeSink(v1));
  auto writer = test::OnCheckpoint(std::move(results).WriteStream(std::move(sink)), outside_.path(), "2", "3");
  if (format_2_) {
    writer = std::move(writer)
                 .Conf("spark.sql.streaming.stateStore.checkpointFormatVersion", "2")
                 .Conf("spark.sql.streaming.stateStore.rowChecksum.enabled", "true");
  }
  if (workload_ == Workload::kRemembering) {
    // A start after a crash would find timers due that came due after the undisturbed start, and run a batch for them.
    writer = std::move(writer).Conf("spark.sql.streaming.noDataMicroBatches.enabled", "false");
  }
  HF_ASSIGN_OR_RETURN(const auto query, StartQuery(writer.description(), environment));
  return query->AwaitTermination();
}

Status CrashScenario::RunV1() {
  return workload_ == Workload::kSessions
             ? RunOnce(test::SessionsOf<streamshop::SessionizerV1, streamshop::ClickV1>("v1-*"), true)
             : RunOnce(RememberingOf<remembering::ElementV1>("v1-*"), true);
}

Status CrashScenario::RunV2() {
  return workload_ == Workload::kSessions
             ? RunOnce(test::SessionsOf<streamshop::SessionizerV2, streamshop::ClickV2>("v*"), false)
             : RunOnce(RememberingOf<remembering::ElementV2>("v*"), false);
}

Status CrashScenario::RunToEnd() {
  Status last;
  bool v1_done = false;
  for (int start = 0; start < kStartsMax;) {
    last = v1_done ? RunV2() : RunV1();
    if (last.ok() && v1_done) {
      return last;
    }
    if (last.ok()) {
      v1_done = true;
      continue;
    }
    if (on_failure_) {
      on_failure_(last);
    } else {
      disk_.Restart();
    }
    sink_stop_ = -1;
    ++start;
  }
  return last;
}

Status CrashScenario::RunTakeover(const FaultPlan& fault) {
  for (const int stop_at : {5, 1}) {  // before the commit of batch 2, twice: the second start begins with that batch
    sink_stop_ = stop_at;
    if (RunV1().ok()) {
      return Internal("V1 was meant to stop before it has committed batch 2");
    }
    disk_.Restart();
  }
  disk_.SetFault(fault);
  Status last;
  for (int start = 0; start < kStartsMax; ++start) {
    last = RunV2();
    if (last.ok()) {
      return last;
    }
    disk_.Restart();
  }
  return last;
}

std::multiset<std::string> CrashScenario::Rows() const {
  std::multiset<std::string> rows;
  for (const auto& [batch, held] : stand_in_.committed) {
    rows.insert(held.begin(), held.end());
  }
  if (sink_kind_ == ScenarioSink::kDelta) {
    for (const bool v1 : {true, false}) {
      const auto table = test::ReadDeltaTable(TablePath(v1));
      EXPECT_TRUE(table.ok()) << table.status().ToString();
      for (const ColumnBatch& part : table.ok() ? *table : std::vector<ColumnBatch>()) {
        for (std::int64_t row = 0; row < part.rows(); ++row) {
          rows.insert(ToJson(part.RowAt(row), part.schema()));
        }
      }
    }
  }
  return rows;
}

}  // namespace hf
