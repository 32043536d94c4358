// SPDX-License-Identifier: Apache-2.0
// The engine's scenario stopped at the n-th disk operation, for many n or every n, under every way of losing what was
// not synced, and before and after every call of the sink. After each stop it must end with the rows of the undisturbed
// run. How many points there are stands in docs/testing.md.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>

#include "crash/crash_scenario.h"
#include "files/disk_file_system.h"

namespace hf {
namespace {

constexpr FaultMode kModes[] = {
    FaultMode::kKeepEverything, FaultMode::kLoseUnsyncedContents, FaultMode::kLoseUnsyncedNames, FaultMode::kLoseBoth,
    FaultMode::kLoseSome,       FaultMode::kTornLastWrite,        FaultMode::kReturnIoError,     FaultMode::kDiskFull};

bool HasDelta() { return DeltaLibrary::Get().ok(); }

const std::multiset<std::string>& UndisturbedRows() {
  static const std::multiset<std::string> rows = [] {
    CrashScenario scenario(1);
    const Status ended = scenario.RunToEnd();
    EXPECT_TRUE(ended.ok()) << ended.ToString();
    return scenario.Rows();
  }();
  return rows;
}

// Input files are read by a thread of their own, in parallel to the rest.
constexpr std::string_view kCheckpoint = "/checkpoint";

std::uint64_t OperationCount(std::string_view only, bool format_2 = false) {
  CrashScenario scenario(1);
  if (format_2) {
    scenario.UseFormat2();
  }
  scenario.disk().SetFault({.only = std::string(only)});
  EXPECT_TRUE(scenario.RunToEnd().ok());
  return scenario.disk().operations();
}

// An operation without the parts of its paths that differ from run to run: where the fault struck.
std::string WithoutUniqueNames(std::string_view operation) {
  std::string plain;
  for (std::size_t i = 0; i < operation.size(); ++i) {
    const bool in_hex = std::isxdigit(static_cast<unsigned char>(operation[i])) != 0;
    std::size_t end = i;
    while (end < operation.size() &&
           (std::isxdigit(static_cast<unsigned char>(operation[end])) != 0 || operation[end] == '-')) {
      ++end;
    }
    if (in_hex && end - i >= 16) {
      plain += '*';
      i = end - 1;
    } else {
      plain += operation[i];
    }
  }
  return plain;
}

// Counts the points of one test and gives up after some failures.
class Points {
 public:
  static constexpr int kFailuresMax = 3;

  void Check(CrashScenario& scenario, const Status& ended, FaultMode mode, const std::multiset<std::string>& expected,
             const std::string& where) {
    const bool same = ended.ok() && scenario.Rows() == expected;
    EXPECT_TRUE(same) << "stopped at " << where << " (" << scenario.disk().fault_operation() << "), "
                      << FaultModeName(mode) << ": " << (ended.ok() ? "other rows" : ended.ToString());
    failures_ += same ? 0 : 1;
    ++points_;
    struck_.insert(WithoutUniqueNames(scenario.disk().fault_operation()));
  }
  [[nodiscard]] bool gave_up() const { return failures_ >= kFailuresMax; }
  [[nodiscard]] int points() const { return points_; }
  [[nodiscard]] const std::set<std::string>& struck() const { return struck_; }
  [[nodiscard]] bool Struck(std::string_view text) const {
    return std::any_of(struck_.begin(), struck_.end(),
                       [text](const std::string& operation) { return operation.find(text) != std::string::npos; });
  }
  void Print(std::string_view what) const {
    fmt::print("{}: {} crash points, {} different operations\n", what, points_, struck_.size());
  }

 private:
  int points_ = 0;
  int failures_ = 0;
  std::set<std::string> struck_;
};

// ---- Any operation ----------------------------------------------------------------------------------------------

TEST(CrashSweep, UndisturbedRunEndsEverySession) {
  EXPECT_GT(UndisturbedRows().size(), static_cast<std::size_t>(CrashScenario::kSessions));
}

TEST(CrashSweep, SomePointsInTurnUnderEveryMode) {
  const std::uint64_t operations = OperationCount("");
  ASSERT_GT(operations, 100U);
  Points points;
  for (std::uint64_t at = 3; at <= operations && !points.gave_up(); at += 41) {
    const FaultMode mode = kModes[static_cast<std::size_t>(points.points()) % std::size(kModes)];
    const bool delta = HasDelta() && points.points() % 4 == 0;
    CrashScenario scenario(at, delta ? ScenarioSink::kDelta : ScenarioSink::kStandIn);
    scenario.disk().SetFault({.stop_at_operation = at, .mode = mode, .seed = at});
    points.Check(scenario, scenario.RunToEnd(), mode, UndisturbedRows(), fmt::format("operation {}", at));
  }
  points.Print("some");
}

// Every `step`th point in checkpoint format 2, under one mode after the other.
void SweepFormat2(std::uint64_t step) {
  const std::uint64_t operations = OperationCount(kCheckpoint, true);
  Points points;
  for (std::uint64_t at = 1; at <= operations && !points.gave_up(); at += step) {
    const FaultMode mode = kModes[static_cast<std::size_t>(points.points()) % std::size(kModes)];
    CrashScenario scenario(at);
    scenario.UseFormat2();
    scenario.disk().SetFault({.stop_at_operation = at, .mode = mode, .seed = at, .only = std::string(kCheckpoint)});
    points.Check(scenario, scenario.RunToEnd(), mode, UndisturbedRows(), fmt::format("operation {}", at));
  }
  points.Print("in checkpoint format 2");
  EXPECT_TRUE(points.Struck(".changelog.crc"));
  EXPECT_TRUE(points.Struck(".zip"));
}

TEST(CrashSweep, SomePointsInCheckpointFormat2) { SweepFormat2(29); }
TEST(CrashSweep, SlowEveryPointInCheckpointFormat2) { SweepFormat2(1); }

// Every `step`th point of processors with lists, maps, TTL and timers, under one mode after the other.
void SweepRemembering(std::uint64_t step) {
  const auto make = [](std::uint64_t seed) {
    return std::make_unique<CrashScenario>(seed, ScenarioSink::kStandIn, Workload::kRemembering);
  };
  const auto undisturbed = make(1);
  undisturbed->disk().SetFault({.only = std::string(kCheckpoint)});
  ASSERT_TRUE(undisturbed->RunToEnd().ok());
  const std::uint64_t operations = undisturbed->disk().operations();
  const std::multiset<std::string> expected = undisturbed->Rows();
  const auto said = [&expected](std::string_view text) {
    return std::count_if(expected.begin(), expected.end(),
                         [text](const std::string& row) { return row.find(text) != std::string::npos; });
  };
  ASSERT_EQ(said("end"), CrashScenario::kSessions);
  ASSERT_GT(said("timer"), 2 * CrashScenario::kSessions);
  Points points;
  for (std::uint64_t at = 1; at <= operations && !points.gave_up(); at += step) {
    const FaultMode mode = kModes[static_cast<std::size_t>(points.points()) % std::size(kModes)];
    const auto scenario = make(at);
    scenario->disk().SetFault({.stop_at_operation = at, .mode = mode, .seed = at, .only = std::string(kCheckpoint)});
    points.Check(*scenario, scenario->RunToEnd(), mode, expected, fmt::format("operation {}", at));
  }
  points.Print("with lists, maps, TTL and timers");
}

TEST(CrashSweep, SomePointsWithListsMapsTtlAndTimers) { SweepRemembering(23); }
TEST(CrashSweep, SlowEveryPointWithListsMapsTtlAndTimers) { SweepRemembering(1); }

// One test a mode, so that they can run side by side.
class CrashSweepOf : public ::testing::TestWithParam<FaultMode> {};

TEST_P(CrashSweepOf, SlowEveryPoint) {
  const std::uint64_t operations = OperationCount(kCheckpoint);
  Points points;
  for (std::uint64_t at = 1; at <= operations && !points.gave_up(); ++at) {
    CrashScenario scenario(at, HasDelta() ? ScenarioSink::kDelta : ScenarioSink::kStandIn);
    scenario.disk().SetFault(
        {.stop_at_operation = at, .mode = GetParam(), .seed = at, .only = std::string(kCheckpoint)});
    points.Check(scenario, scenario.RunToEnd(), GetParam(), UndisturbedRows(), fmt::format("operation {}", at));
  }
  points.Print(fmt::format("every, {}", FaultModeName(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Modes, CrashSweepOf, ::testing::ValuesIn(kModes),
                         [](const auto& instance) { return std::string(FaultModeName(instance.param)); });

// ---- Chosen stretches -------------------------------------------------------------------------------------------

using RunTo = std::function<Status(CrashScenario&, const FaultPlan&)>;

// Stops at every operation from the first that holds `from` to the first that holds `to`, under one mode after the
// other, or under all when `every_mode`.
Points SweepStretch(const RunTo& run, const std::multiset<std::string>& expected, const std::string& from,
                    std::string_view to, bool every_mode) {
  constexpr std::uint64_t kOperationsMax = 400;
  Points points;
  bool arrived = false;
  for (std::uint64_t at = 1; at <= kOperationsMax && !arrived && !points.gave_up(); ++at) {
    for (std::size_t mode = 0; mode < std::size(kModes); ++mode) {
      if (!every_mode && mode != at % std::size(kModes)) {
        continue;
      }
      CrashScenario scenario(at);
      const FaultPlan plan = {.stop_at_operation = at,
                              .mode = kModes[mode],
                              .seed = at,
                              .count_from = from,
                              .only = std::string(kCheckpoint)};
      points.Check(scenario, run(scenario, plan), kModes[mode], expected,
                   fmt::format("operation {} from {}", at, from));
      arrived = arrived || scenario.disk().fault_operation().find(to) != std::string::npos;
    }
  }
  EXPECT_TRUE(arrived) << "no operation with " << to << " came after the one with " << from;
  return points;
}

// V2's first batch, 3, adds a variable: its version, 4, gets its snapshot before commits/3.
void SweepTheBatchThatAddsAVariable(bool every_mode) {
  const Points points = SweepStretch(
      [](CrashScenario& scenario, const FaultPlan& plan) {
        scenario.disk().SetFault(plan);
        return scenario.RunToEnd();
      },
      UndisturbedRows(), "/0/0/4.changelog", "/commits/3", every_mode);
  points.Print("from changelog to commit in the batch that adds a variable");
  for (const char* step : {"/0/0/4.changelog", "/0/1/4.changelog", "sync the directory /checkpoint/state/0/0", "/SSTs/",
                           "/0/0/4.zip", "/0/1/4.zip", "/0/0/.4.changelog.crc"}) {
    EXPECT_TRUE(points.Struck(step)) << "no point at " << step << " among:\n"
                                     << fmt::format("{}", fmt::join(points.struck(), "\n"));
  }
}

TEST(CrashSweep, BetweenChangelogAndZipInTheBatchThatAddsAVariable) { SweepTheBatchThatAddsAVariable(false); }
TEST(CrashSweep, SlowBetweenChangelogAndZipUnderEveryMode) { SweepTheBatchThatAddsAVariable(true); }

// V2 takes over a batch for which V1 has written operator metadata: the one file that is replaced with its checksum.
void SweepTheReplacedFile(bool every_mode) {
  CrashScenario undisturbed(1);
  ASSERT_TRUE(undisturbed.RunTakeover({}).ok());
  const Points points =
      SweepStretch([](CrashScenario& scenario, const FaultPlan& plan) { return scenario.RunTakeover(plan); },
                   undisturbed.Rows(), "/_metadata/v2/2", "/commits/2", every_mode);
  points.Print("replacing a file with its checksum");
  for (const char* step :
       {"remove /checkpoint/state/0/_metadata/v2/.2.crc", "remove /checkpoint/state/0/_metadata/v2/2.crc",
        "sync the directory /checkpoint/state/0/_metadata/v2", ".tmp /checkpoint/state/0/_metadata/v2/2",
        ".tmp /checkpoint/state/0/_metadata/v2/.2.crc"}) {
    EXPECT_TRUE(points.Struck(step)) << "no point at " << step << " among:\n"
                                     << fmt::format("{}", fmt::join(points.struck(), "\n"));
  }
}

TEST(CrashSweep, BetweenTheStepsOfReplacingAFileWithItsChecksum) { SweepTheReplacedFile(false); }
TEST(CrashSweep, SlowReplacingAFileUnderEveryMode) { SweepTheReplacedFile(true); }

// ---- The sink ---------------------------------------------------------------------------------------------------

TEST(CrashSweep, StopsBeforeAndAfterEverySinkCommit) {
  for (int call = 1; call <= 2 * CrashScenario::kBatches; ++call) {
    CrashScenario scenario(static_cast<std::uint64_t>(call));
    scenario.StopSinkAt(call);
    const Status ended = scenario.RunToEnd();
    ASSERT_TRUE(ended.ok()) << "sink call " << call << ": " << ended.ToString();
    EXPECT_EQ(scenario.Rows(), UndisturbedRows()) << "sink call " << call;
  }
}

std::vector<std::string> DeltaPointsUndisturbed() {
  CrashScenario scenario(1, ScenarioSink::kDelta);
  const Status ended = scenario.RunToEnd();
  EXPECT_TRUE(ended.ok()) << ended.ToString();
  EXPECT_EQ(scenario.Rows(), UndisturbedRows());  // the tables hold what the stand-in does
  return scenario.delta_points();
}

// The modes that end with the loss of power; the other two are no matter of the sink's calls.
void SweepDeltaCalls(std::size_t modes_a_point) {
  if (!HasDelta()) {
    GTEST_SKIP() << "built without Delta";
  }
  const std::vector<std::string> calls = DeltaPointsUndisturbed();
  for (const char* call : {"before create", "after stage", "after append", "before checkpoint"}) {
    EXPECT_NE(std::find(calls.begin(), calls.end(), call), calls.end()) << call;
  }
  constexpr std::size_t kPowerModes = 5;
  Points points;
  for (std::size_t point = 1; point <= calls.size() && !points.gave_up(); ++point) {
    for (std::size_t i = 0; i < modes_a_point; ++i) {
      const FaultMode mode = kModes[(point + i) % kPowerModes];
      CrashScenario scenario(point, ScenarioSink::kDelta);
      scenario.StopDeltaAt(static_cast<int>(point), mode);
      points.Check(scenario, scenario.RunToEnd(), mode, UndisturbedRows(),
                   fmt::format("Delta call {} ({})", point, calls[point - 1]));
    }
  }
  points.Print("before and after every Delta call");
}

TEST(CrashSweep, StopsBeforeAndAfterEveryDeltaCall) { SweepDeltaCalls(1); }
TEST(CrashSweep, SlowStopsAroundEveryDeltaCallUnderEveryMode) { SweepDeltaCalls(5); }

}  // namespace
}  // namespace hf
