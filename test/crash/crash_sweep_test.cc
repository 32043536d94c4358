// SPDX-License-Identifier: Apache-2.0
// The engine's scenario stopped at the n-th disk operation, for many n or every n, under every way of losing what was
// not synced, and before and after every call of the sink. After each stop it must end with the rows of the undisturbed
// run. How many points there are stands in docs/testing.md.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>

#include "crash/crash_scenario.h"
#include "crash/points.h"
#include "files/disk_file_system.h"

namespace hf {
namespace {

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

std::uint64_t OperationCount(std::string_view only) {
  CrashScenario scenario(1);
  scenario.disk().SetFault({.only = std::string(only)});
  EXPECT_TRUE(scenario.RunToEnd().ok());
  return scenario.disk().operations();
}

// ---- Any operation ----------------------------------------------------------------------------------------------

TEST(CrashSweep, UndisturbedRunEndsEverySession) {
  EXPECT_GT(UndisturbedRows().size(), static_cast<std::size_t>(CrashScenario::kSessions));
}

TEST(CrashSweep, SomePointsInTurnUnderEveryMode) {
  const std::uint64_t operations = OperationCount("");
  ASSERT_GT(operations, 100U);
  Points points;
  for (std::uint64_t at = 3; at <= operations && !points.gave_up(); at += 41) {
    const FaultMode mode = kFaultModes[static_cast<std::size_t>(points.points()) % std::size(kFaultModes)];
    const bool delta = HasDelta() && points.points() % 4 == 0;
    CrashScenario scenario(at, delta ? ScenarioSink::kDelta : ScenarioSink::kStandIn);
    scenario.disk().SetFault({.stop_at_operation = at, .mode = mode, .seed = at});
    points.Check(scenario, scenario.RunToEnd(), mode, UndisturbedRows(), fmt::format("operation {}", at));
  }
  points.Print("some");
}

// Every `step`th point in checkpoint format 2, under one mode after the other.
void SweepFormat2(std::uint64_t step) {
  const auto make = [](std::uint64_t seed) {
    auto scenario = std::make_unique<CrashScenario>(seed);
    scenario->UseFormat2();
    return scenario;
  };
  const Points points = SweepCheckpoint(make, step, UndisturbedRows());
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
  ASSERT_TRUE(undisturbed->RunToEnd().ok());
  const std::multiset<std::string> expected = undisturbed->Rows();
  const auto said = [&expected](std::string_view text) {
    return std::count_if(expected.begin(), expected.end(),
                         [text](const std::string& row) { return row.find(text) != std::string::npos; });
  };
  ASSERT_EQ(said("end"), CrashScenario::kSessions);
  ASSERT_GT(said("timer"), 2 * CrashScenario::kSessions);
  SweepCheckpoint(make, step, expected).Print("with lists, maps, TTL and timers");
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

INSTANTIATE_TEST_SUITE_P(Modes, CrashSweepOf, ::testing::ValuesIn(kFaultModes),
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
    for (std::size_t mode = 0; mode < std::size(kFaultModes); ++mode) {
      if (!every_mode && mode != at % std::size(kFaultModes)) {
        continue;
      }
      CrashScenario scenario(at);
      const FaultPlan plan = {.stop_at_operation = at,
                              .mode = kFaultModes[mode],
                              .seed = at,
                              .count_from = from,
                              .only = std::string(kCheckpoint)};
      points.Check(scenario, run(scenario, plan), kFaultModes[mode], expected,
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
      const FaultMode mode = kFaultModes[(point + i) % kPowerModes];
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
