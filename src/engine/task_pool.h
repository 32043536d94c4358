// SPDX-License-Identifier: Apache-2.0
// TaskPool: runs the partitions of a batch in parallel.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace hf {

class TaskPool {
 public:
  // `threads` >= 1; the caller's thread works too, so `threads - 1` are started.
  explicit TaskPool(std::size_t threads);
  ~TaskPool();
  TaskPool(const TaskPool&) = delete;
  TaskPool& operator=(const TaskPool&) = delete;

  // Calls work(i) for every i in [0, count), each once, and returns when all are done. `work` must not throw.
  // One call at a time.
  void ForEach(std::size_t count, const std::function<void(std::size_t)>& work);

 private:
  void Serve(const std::stop_token& stop);
  // Takes one index of the current round and runs it; false when none is left.
  bool RunOne(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable_any begun_;                       // a round, for the threads
  std::condition_variable done_;                            // the round, for the caller
  const std::function<void(std::size_t)>* work_ = nullptr;  // guarded by mutex_
  std::size_t next_ = 0;                                    // guarded by mutex_
  std::size_t count_ = 0;                                   // guarded by mutex_
  std::size_t running_ = 0;                                 // guarded by mutex_
  std::vector<std::jthread> threads_;
};

}  // namespace hf
