// SPDX-License-Identifier: Apache-2.0
// The engine's scenario - V1 batches, evolution, snapshots, V2 batches - stopped at the n-th disk operation, for many
// n or every n, under every way of losing what was not synced. After each stop the query is started again, as often as
// it takes, and must end with the rows of the undisturbed run. The last file ends every session, so that the rows also
// show what was in state.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "files/disk_file_system.h"
#include "files/simulated_disk.h"
#include "query/environment.h"
#include "sessionization/streamshop.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

constexpr int kSessions = 24;
constexpr int kRowsPerFile = 40;
constexpr int kStartsMax = 12;

// A durable sink that knows its batches, as a Delta table does. Its commit can be made to fail before and after.
class DurableSink final : public Sink {
 public:
  struct Disk {  // what survives a crash
    std::map<std::int64_t, std::vector<std::string>> batches;
  };
  DurableSink(Disk& disk, int* commits_until_stop) : disk_(disk), commits_until_stop_(commits_until_stop) {}
  [[nodiscard]] std::string description() const override { return "DurableSink"; }
  Status Open(const Schema&, const std::string&) override { return Status(); }
  Result<bool> Holds(std::int64_t batch) override { return disk_.batches.count(batch) != 0; }
  Result<SinkCommit> Commit(std::int64_t batch, const std::vector<ColumnBatch>& rows) override {
    if (Stops()) {
      return Unavailable("stopped before the sink's commit");
    }
    const bool is_new = disk_.batches.count(batch) == 0;
    if (is_new) {
      std::vector<std::string>& held = disk_.batches[batch];
      for (const ColumnBatch& part : rows) {
        for (std::int64_t row = 0; row < part.rows(); ++row) {
          held.push_back(ToJson(part.RowAt(row), part.schema()));
        }
      }
    }
    if (Stops()) {
      return Unavailable("stopped after the sink's commit");
    }
    return is_new ? SinkCommit::kAdded : SinkCommit::kWasThere;
  }

 private:
  bool Stops() { return --*commits_until_stop_ == 0; }

  Disk& disk_;
  int* commits_until_stop_;
};

class Scenario {
 public:
  explicit Scenario(std::uint64_t seed) : clock_(1'767'225'600'000'000), random_(seed), disk_(clock_) {
    DiskFileSystem files(disk_);
    std::mt19937 dice(7);
    for (int file = 0; file < 7; ++file) {
      clock_.AdvanceMs(1000);
      const std::string path = fmt::format("/events/v{}-{}.json", file < 3 ? 1 : 2, file);
      EXPECT_TRUE(files.PutNew(path, Events(dice, file)).ok());
    }
    EXPECT_TRUE(files.Sync().ok());
  }

  // Starts and runs V1 or V2 to its end, as one process would.
  template <typename Processor, typename Click>
  Status RunOnce(const std::string& pattern) {
    const Environment environment = {
        .files = std::make_shared<DiskFileSystem>(disk_), .clock = &clock_, .random = &random_};
    auto writer = ReadStream("json")
                      .Schema<Click>()
                      .Option("maxFilesPerTrigger", "1")
                      .Option("pathGlobFilter", pattern)
                      .Load("/events")
                      .GroupBy("session_id")
                      .template TransformWithState<Processor>(OutputMode::kAppend, TimeMode::kNone)
                      .WriteStream(std::make_shared<DurableSink>(sink_, &sink_stop_))
                      .Option("checkpointLocation", "/checkpoint")
                      .Conf("spark.sql.shuffle.partitions", "2")
                      .Conf("spark.sql.streaming.stateStore.minDeltasForSnapshot", "2")
                      .Conf("spark.sql.streaming.minBatchesToRetain", "3")
                      .Conf("holdfast.threads", "1")
                      .Conf("holdfast.state.scratchDirectory", scratch_.path())
                      .Trigger(AvailableNow());
    HF_ASSIGN_OR_RETURN(const auto query, StartQuery(writer.description(), environment));
    return query->AwaitTermination();
  }

  // Runs both versions to the end, starting again after each failure. Returns what the last failure was when it does
  // not get there.
  Status RunToEnd() {
    Status last;
    bool v1_done = false;
    for (int start = 0; start < kStartsMax; ++start) {
      last = v1_done ? RunOnce<streamshop::SessionizerV2, streamshop::ClickV2>("v*")
                     : RunOnce<streamshop::SessionizerV1, streamshop::ClickV1>("v1-*");
      if (last.ok() && v1_done) {
        return last;
      }
      if (last.ok()) {
        v1_done = true;
        --start;
      } else {
        disk_.Restart();
        sink_stop_ = -1;
      }
    }
    return last;
  }

  SimulatedDisk& disk() { return disk_; }
  void StopSinkAt(int call) { sink_stop_ = call; }
  [[nodiscard]] std::multiset<std::string> Rows() const {
    std::multiset<std::string> rows;
    for (const auto& [batch, held] : sink_.batches) {
      rows.insert(held.begin(), held.end());
    }
    return rows;
  }

 private:
  static std::string Events(std::mt19937& dice, int file) {
    std::string text;
    const int rows = file == 6 ? kSessions : kRowsPerFile;
    for (int row = 0; row < rows; ++row) {
      const unsigned session = file == 6 ? static_cast<unsigned>(row) : dice() % kSessions;
      const char* type = file == 6 || dice() % 8 == 0 ? "logout" : "page_view";
      text += fmt::format(
          R"({{"session_id":"s{}","user_id":"u{}","event_type":"{}","revenue":{},"event_timestamp":"2026-01-01T00:0{}:{:02}.5Z")",
          session, session / 3, type, dice() % 100, file, row % 60);
      if (file >= 3 && dice() % 4 != 0) {
        text += R"(,"device_type":"web","page_category":"home")";
      }
      text += "}\n";
    }
    return text;
  }

  ManualClock clock_;
  SeededRandom random_;
  SimulatedDisk disk_;
  DurableSink::Disk sink_;
  int sink_stop_ = -1;
  test::TempDir scratch_;
};

const std::multiset<std::string>& UndisturbedRows() {
  static const std::multiset<std::string> rows = [] {
    Scenario scenario(1);
    const Status ended = scenario.RunToEnd();
    EXPECT_TRUE(ended.ok()) << ended.ToString();
    return scenario.Rows();
  }();
  return rows;
}

std::uint64_t OperationCount() {
  Scenario scenario(1);
  scenario.disk().SetFault({});
  EXPECT_TRUE(scenario.RunToEnd().ok());
  return scenario.disk().operations();
}

void Sweep(std::uint64_t step, std::uint64_t first) {
  const FaultMode modes[] = {FaultMode::kKeepEverything,    FaultMode::kLoseUnsyncedContents,
                             FaultMode::kLoseUnsyncedNames, FaultMode::kLoseBoth,
                             FaultMode::kLoseSome,          FaultMode::kTornLastWrite,
                             FaultMode::kReturnIoError,     FaultMode::kDiskFull};
  const std::uint64_t operations = OperationCount();
  ASSERT_GT(operations, 100U);
  std::uint64_t points = 0;
  int failures = 0;
  for (std::uint64_t at = first; at <= operations && failures < 3; at += step) {
    const FaultMode mode = modes[points % std::size(modes)];
    Scenario scenario(at);
    scenario.disk().SetFault({.stop_at_operation = at, .mode = mode, .seed = at});
    const Status ended = scenario.RunToEnd();
    const bool same = ended.ok() && scenario.Rows() == UndisturbedRows();
    EXPECT_TRUE(same) << "stopped at operation " << at << " of " << operations << " ("
                      << scenario.disk().fault_operation() << "), " << FaultModeName(mode) << ": "
                      << (ended.ok() ? "other rows" : ended.ToString());
    failures += same ? 0 : 1;
    ++points;
  }
  fmt::print("{} crash points of {} operations\n", points, operations);
}

TEST(CrashSweep, UndisturbedRunEndsEverySession) {
  EXPECT_GT(UndisturbedRows().size(), static_cast<std::size_t>(kSessions));
}

TEST(CrashSweep, SomePointsInTurnUnderEveryMode) { Sweep(41, 3); }

TEST(CrashSweep, SlowEveryPoint) {
  for (std::uint64_t first = 1; first <= 8; ++first) {
    Sweep(1, first);
  }
}

TEST(CrashSweep, StopsBeforeAndAfterEverySinkCommit) {
  for (int call = 1; call <= 14; ++call) {
    Scenario scenario(static_cast<std::uint64_t>(call));
    scenario.StopSinkAt(call);
    const Status ended = scenario.RunToEnd();
    ASSERT_TRUE(ended.ok()) << "sink call " << call << ": " << ended.ToString();
    EXPECT_EQ(scenario.Rows(), UndisturbedRows()) << "sink call " << call;
  }
}

}  // namespace
}  // namespace hf
