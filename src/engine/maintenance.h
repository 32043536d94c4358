// SPDX-License-Identifier: Apache-2.0
// Maintenance: the thread that publishes snapshots, and looks after the sink, while batches go on.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "state/store.h"

namespace hf {

class Maintenance {
 public:
  struct Finished {
    std::size_t task = 0;              // as it was submitted; meaningless without a snapshot job
    std::unique_ptr<SnapshotJob> job;  // null: it was the sink's upkeep
    Status status;
  };

  Maintenance();
  // Finishes the job it is in and drops the others.
  ~Maintenance();
  Maintenance(const Maintenance&) = delete;
  Maintenance& operator=(const Maintenance&) = delete;

  // At most one job a task may be waiting or running.
  void Submit(std::size_t task, std::unique_ptr<SnapshotJob> job);
  // Work of the sink's, after what waits already.
  void Submit(std::function<Status()> upkeep);
  // The jobs that have ended since the last call, in order of their end.
  std::vector<Finished> TakeFinished();
  // Waits until no job is waiting or running.
  void WaitIdle();

 private:
  struct Waiting {
    Finished about;
    std::function<Status()> run;
  };

  void Add(Waiting work);
  void Serve(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Waiting> waiting_;     // guarded by mutex_
  std::vector<Finished> finished_;  // guarded by mutex_
  bool running_ = false;            // guarded by mutex_
  std::jthread thread_;             // last: it uses all of the above
};

}  // namespace hf
