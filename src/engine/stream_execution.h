// SPDX-License-Identifier: Apache-2.0
// StreamExecution: a query from its start to its end: recovery, then batches as the trigger says, on one thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/batch_runner.h"
#include "engine/stream_plan.h"

namespace hf {

class StreamExecution final : public StreamingQuery {
 public:
  // Takes the checkpoint's lock, checks everything against it and starts the thread. A refusal has written nothing.
  static Result<std::unique_ptr<StreamExecution>> Start(StreamPlan plan);
  ~StreamExecution() override;
  StreamExecution(const StreamExecution&) = delete;
  StreamExecution& operator=(const StreamExecution&) = delete;

  [[nodiscard]] const std::string& id() const override { return id_; }
  [[nodiscard]] const std::string& run_id() const override { return run_id_; }
  [[nodiscard]] bool is_active() const override;
  Status AwaitTermination() override;
  Result<bool> AwaitTermination(std::chrono::milliseconds timeout) override;
  Status ProcessAllAvailable() override;
  Status Stop() override;
  Status StopNow() override;
  [[nodiscard]] Status Exception() const override;
  [[nodiscard]] std::vector<StreamingQueryProgress> RecentProgress() const override;
  [[nodiscard]] std::optional<StreamingQueryProgress> LastProgress() const override;

 private:
  StreamExecution(std::unique_ptr<DirectoryLock> lock, std::unique_ptr<const StreamPlan> plan,
                  std::unique_ptr<BatchRunner> runner, std::stop_source stop_now);

  void Run(const std::stop_token& stop);
  Status RunTrigger(const std::stop_token& stop);
  // Waits until the next multiple of the trigger's interval; false when the query is asked to stop.
  bool WaitForTrigger(const std::stop_token& stop);
  // The next batch in the form of the trigger.
  Result<std::optional<StreamingQueryProgress>> RunTriggered(const std::stop_token& stop);
  Status Record(const StreamingQueryProgress& progress);
  // A trigger begins.
  void RecordTrigger();
  // There was nothing to do.
  void RecordIdle();
  // The query has ended: its thread goes, too, with whatever the host's callbacks keep for a thread. REQUIRES: not
  // called by that thread.
  void Join();
  void RecordEnd(StreamingQueryListener& listener, const Status& ended) const;

  std::unique_ptr<DirectoryLock> lock_;     // on the checkpoint, until the query has ended
  std::unique_ptr<const StreamPlan> plan_;  // until the query has ended; used by the query's thread
  std::unique_ptr<BatchRunner> runner_;     // until the query has ended; used by the query's thread
  const Trigger::Kind trigger_;
  const std::string id_;
  const std::string run_id_;
  std::stop_source stop_now_;
  std::int64_t last_event_ms_ = 0;  // used by the query's thread
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool active_ = true;                           // guarded by mutex_
  std::int64_t triggers_ = 0;                    // that have begun; guarded by mutex_
  std::int64_t idle_trigger_ = 0;                // the last that found nothing to do; guarded by mutex_
  Status failure_;                               // guarded by mutex_
  std::deque<StreamingQueryProgress> progress_;  // guarded by mutex_
  std::atomic<std::thread::id> own_thread_{};    // of the query, so that its callbacks are told from others
  std::once_flag joined_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace hf
