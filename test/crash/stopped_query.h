// SPDX-License-Identifier: Apache-2.0
// StoppedQuery: a query over a simulated disk, in rounds: each has one more file of input and ends when there is
// nothing left to do. It is started again after each stop, as often as it takes.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "crash/points.h"
#include "crash/stand_in_sink.h"
#include "holdfast/query.h"
#include "query/environment.h"
#include "support/temp_dir.h"

namespace hf {

class StoppedQuery : public Stoppable {
 public:
  // `format`: of the checkpoint.
  StoppedQuery(std::uint64_t seed, int format);
  SimulatedDisk& disk() final { return disk_; }
  Status RunToEnd() override;
  // The rows of every batch with its number, also that there was none, and what is in the state.
  [[nodiscard]] std::multiset<std::string> Rows() const override;
  [[nodiscard]] const StandInTable& table() const { return table_; }
  // Counted from 1: before rows come to the sink, after it has taken them, before it gets the next ...
  void StopSinkAt(int call) { sink_stop_ = call; }
  // How many of those there were so far.
  [[nodiscard]] int sink_calls() const { return sink_calls_; }

 protected:
  static constexpr std::int64_t kBeginMs = 1'767'225'600'000;  // 2026-01-01, where the clock stands first

  // The lines of each round's file.
  void SetInput(const std::vector<std::string>& files);
  // One start's query over `/events`, where the files that are there match `pattern`, in `environment`.
  virtual Result<ResultStream> Query(const std::string& pattern, const Environment& environment) = 0;
  // What Rows shows of the state.
  [[nodiscard]] virtual std::vector<StateReadOptions> Looks() const = 0;

  // One start, to its end.
  virtual Status Run(DataStreamWriter writer, const Environment& environment);
  Status RunRound(int round);
  [[nodiscard]] int rounds() const { return rounds_; }
  ManualClock& clock() { return clock_; }
  // As in Looks, of the checkpoint as it is.
  void AddState(std::multiset<std::string>* rows) const;

 private:
  Status StartRound(int round);
  bool StopsAtSink();

  ManualClock clock_{kBeginMs * 1000};
  SeededRandom random_;
  SimulatedDisk disk_{clock_};
  const int format_;
  int rounds_ = 0;
  int sink_stop_ = 0;
  int sink_calls_ = 0;
  StandInTable table_;
  // RocksDB's, for nothing that outlives a stop.
  test::TempDir scratch_{test::TempDir::Place::kMemory};
};

}  // namespace hf
