// SPDX-License-Identifier: Apache-2.0
// CrashScenario: the engine's scenario on a simulated disk - V1 batches, evolution, snapshots, V2 batches - started
// again after each stop, as often as it takes. The last file ends every session, so that the rows in the sink also show
// what was in state.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "crash/points.h"
#include "crash/stand_in_sink.h"
#include "crash/stopping_delta.h"
#include "files/simulated_disk.h"
#include "holdfast/query.h"
#include "holdfast/sink.h"
#include "support/temp_dir.h"

namespace hf {

enum class ScenarioSink {
  kStandIn,  // in memory, durable, knows its batches
  kDelta,    // Delta tables on the machine's own disk: what V1 writes and what V2 writes, as in the demo
};

// What is run: the StreamShop sessionizer, or processors with every other kind of state by a clock that each commit of
// the sink moves on, so that a batch has the same time in every run.
enum class Workload { kSessions, kRemembering };

class CrashScenario final : public Stoppable {
 public:
  static constexpr int kSessions = 24;
  static constexpr int kBatches = 7;

  // REQUIRES: the stand-in sink for kRemembering.
  explicit CrashScenario(std::uint64_t seed, ScenarioSink sink = ScenarioSink::kStandIn,
                         Workload workload = Workload::kSessions);

  // Runs both versions to the end, starting again after each failure. Returns the last failure when it does not get
  // there.
  Status RunToEnd() override;
  // V1 commits batches 0 and 1, and stops twice before it has committed batch 2; then V2 takes that batch over and goes
  // on to the end. `fault` strikes V2.
  Status RunTakeover(const FaultPlan& fault);

  // Checkpoint format 2, with row checksums: for the starts that follow.
  void UseFormat2() { format_2_ = true; }
  SimulatedDisk& disk() override { return disk_; }
  // Counted from 1: before the first commit, after it, before the second ...
  void StopSinkAt(int call) { sink_stop_ = call; }
  // What happens between a failure and the next start, instead of a restart of the machine.
  void OnFailure(std::function<void(const Status&)> call) { on_failure_ = std::move(call); }
  // See StoppingDelta.
  void StopDeltaAt(int point, FaultMode mode);
  [[nodiscard]] const std::vector<std::string>& delta_points() const { return delta_->points(); }
  // What the sink holds.
  [[nodiscard]] std::multiset<std::string> Rows() const override;

 private:
  // Runs one version to its end, as one process would.
  Status RunOnce(ResultStream results, bool v1);
  Status RunV1();
  Status RunV2();
  Result<std::shared_ptr<Sink>> MakeSink(bool v1);
  // Whether the machine has stopped before or after a commit of the stand-in sink.
  bool StopsAtSink(std::int64_t batch);
  std::string TablePath(bool v1) const { return outside_.path() + (v1 ? "/v1" : "/v2"); }

  ManualClock clock_;
  SeededRandom random_;
  SimulatedDisk disk_;
  const ScenarioSink sink_kind_;
  const Workload workload_;
  StandInTable stand_in_;
  int sink_stop_ = -1;
  bool format_2_ = false;
  std::function<void(const Status&)> on_failure_;
  std::optional<StoppingDelta> delta_;
  test::TempDir outside_;  // RocksDB's scratch and the Delta tables
};

}  // namespace hf
