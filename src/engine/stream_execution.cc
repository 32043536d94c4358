// SPDX-License-Identifier: Apache-2.0
#include "engine/stream_execution.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/caught.h"

namespace hf {

namespace {

constexpr std::size_t kProgressMax = 100;  // Spark: spark.sql.streaming.numRecentProgressUpdates
constexpr std::int64_t kPollMs = 10;       // Spark: spark.sql.streaming.pollingDelay

}  // namespace

Result<std::unique_ptr<StreamExecution>> StreamExecution::Start(StreamPlan plan) {
  std::unique_ptr<DirectoryLock> lock = std::move(plan.lock);
  std::stop_source stop_now;
  plan.stop_now = stop_now.get_token();
  auto owned = std::make_unique<const StreamPlan>(std::move(plan));
  HF_ASSIGN_OR_RETURN(auto runner, BatchRunner::Open(*owned));
  runner->Announce();
  if (owned->on_open) {
    owned->on_open();
  }
  if (owned->listener != nullptr) {
    owned->listener->OnQueryStarted({.id = runner->query_id(),
                                     .run_id = runner->run_id(),
                                     .name = owned->name,
                                     .timestamp_ms = owned->clock->NowMs()});
  }
  return std::unique_ptr<StreamExecution>(
      new StreamExecution(std::move(lock), std::move(owned), std::move(runner), std::move(stop_now)));
}

StreamExecution::StreamExecution(std::unique_ptr<DirectoryLock> lock, std::unique_ptr<const StreamPlan> plan,
                                 std::unique_ptr<BatchRunner> runner, std::stop_source stop_now)
    : lock_(std::move(lock)),
      plan_(std::move(plan)),
      runner_(std::move(runner)),
      trigger_(plan_->trigger.kind),
      id_(runner_->query_id()),
      run_id_(runner_->run_id()),
      stop_now_(std::move(stop_now)),
      last_event_ms_(plan_->clock->NowMs()),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

StreamExecution::~StreamExecution() {
  thread_.request_stop();
  Join();
}

void StreamExecution::Join() {
  std::call_once(joined_, [this] { thread_.join(); });
}

void StreamExecution::Run(const std::stop_token& stop) {
  own_thread_ = std::this_thread::get_id();
  Status ended = Caught([&] { return RunTrigger(stop); });
  // Also after a failure: nobody of ours may still be writing when the lock is given back.
  const Status closed = Caught([&] { return runner_->Close(ended.ok()); });
  ended = ended.ok() || IsStoppedNow(ended) ? closed : ended;
  // With threads, stores, files, source and sink: who asks how the query went needs none of them.
  const std::shared_ptr<StreamingQueryListener> listener = plan_->listener;
  runner_.reset();
  lock_.reset();
  plan_.reset();
  if (listener != nullptr) {
    RecordEnd(*listener, ended);
  }
  const std::scoped_lock lock(mutex_);
  failure_ = std::move(ended);
  active_ = false;
  changed_.notify_all();
}

Status StreamExecution::RunTrigger(const std::stop_token& stop) {
  const Trigger::Kind kind = plan_->trigger.kind;
  const bool ends = kind == Trigger::Kind::kAvailableNow || kind == Trigger::Kind::kOnce;
  if (ends) {
    HF_RETURN_IF_ERROR(runner_->FixAvailable(kind == Trigger::Kind::kOnce));
  }
  bool first = true;
  while (!stop.stop_requested()) {
    if (kind == Trigger::Kind::kProcessingTime && !first && !WaitForTrigger(stop)) {
      break;
    }
    first = false;
    RecordTrigger();
    HF_ASSIGN_OR_RETURN(const auto progress, RunTriggered(stop));
    if (progress.has_value()) {
      HF_RETURN_IF_ERROR(Record(*progress));
    } else if (ends) {
      break;
    } else {
      RecordIdle();
    }
  }
  return Status();
}

Result<std::optional<StreamingQueryProgress>> StreamExecution::RunTriggered(const std::stop_token& stop) {
  return plan_->trigger.kind == Trigger::Kind::kRealTime ? runner_->RunRealTimeBatch(stop) : runner_->RunNextBatch();
}

bool StreamExecution::WaitForTrigger(const std::stop_token& stop) {
  const std::int64_t interval_ms = plan_->trigger.interval.count();
  const std::int64_t now_ms = plan_->clock->NowMs();
  // Spark 4.3 ProcessingTimeExecutor.nextBatchTime: multiples of the interval since the epoch.
  std::int64_t wait_ms = interval_ms == 0 ? 0 : (now_ms / interval_ms + 1) * interval_ms - now_ms;
  if (interval_ms == 0 && !runner_->last_trigger_had_input()) {  // also where a processor makes each batch ask for one
    wait_ms = kPollMs;
  }
  return plan_->clock->SleepForMs(wait_ms, stop);
}

Status StreamExecution::Record(const StreamingQueryProgress& progress) {
  {
    const std::scoped_lock lock(mutex_);
    progress_.push_back(progress);
    if (progress_.size() > kProgressMax) {
      progress_.pop_front();
    }
  }
  if (plan_->on_progress) {
    HF_RETURN_IF_ERROR(CaughtFromUser(fmt::format("OnProgress failed after batch {}", progress.batch_id), "", [&] {
      plan_->on_progress(progress);
      return Status();
    }));
  }
  last_event_ms_ = plan_->clock->NowMs();
  if (plan_->listener != nullptr) {
    plan_->listener->OnQueryProgress(progress);
  }
  return Status();
}

void StreamExecution::RecordTrigger() {
  const std::scoped_lock lock(mutex_);
  ++triggers_;
}

void StreamExecution::RecordIdle() {
  {
    const std::scoped_lock lock(mutex_);
    idle_trigger_ = triggers_;
    changed_.notify_all();
  }
  const std::int64_t now_ms = plan_->clock->NowMs();
  if (plan_->listener == nullptr ||
      now_ms - last_event_ms_ < runner_->recovered().conf.GetInt(conf_key::kIdleEventMs)) {
    return;
  }
  last_event_ms_ = now_ms;
  plan_->listener->OnQueryIdle({.id = id(), .run_id = run_id(), .timestamp_ms = now_ms});
}

void StreamExecution::RecordEnd(StreamingQueryListener& listener, const Status& ended) const {
  QueryTerminatedEvent event{
      .id = id(), .run_id = run_id(), .exception = std::nullopt, .error_class_on_exception = std::nullopt};
  if (!ended.ok()) {
    event.exception = ended.ToString();
    if (!ended.condition().empty()) {
      event.error_class_on_exception = ended.condition();
    }
  }
  listener.OnQueryTerminated(event);
}

bool StreamExecution::is_active() const {
  const std::scoped_lock lock(mutex_);
  return active_;
}

Status StreamExecution::AwaitTermination() {
  if (std::this_thread::get_id() == own_thread_) {
    return Invalid("AwaitTermination was called by a callback of the query, which would wait for itself");
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !active_; });
  lock.unlock();
  Join();
  return failure_;
}

Result<bool> StreamExecution::AwaitTermination(std::chrono::milliseconds timeout) {
  if (std::this_thread::get_id() == own_thread_) {
    return Invalid("AwaitTermination was called by a callback of the query, which would wait for itself");
  }
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, timeout, [this] { return !active_; })) {
    return false;
  }
  lock.unlock();
  Join();
  return failure_.ok() ? Result<bool>(true) : Result<bool>(failure_);
}

Status StreamExecution::ProcessAllAvailable() {
  if (std::this_thread::get_id() == own_thread_ || trigger_ == Trigger::Kind::kRealTime) {
    return Invalid(
        "ProcessAllAvailable waits for a trigger that finds nothing to do: it cannot be called by a callback "
        "of the query, nor under the real-time trigger, whose batches go on");
  }
  std::unique_lock lock(mutex_);
  const std::int64_t first = triggers_ + 1;
  changed_.wait(lock, [&] { return !active_ || idle_trigger_ >= first; });
  return failure_;
}

Status StreamExecution::Stop() {
  thread_.request_stop();
  return std::this_thread::get_id() == own_thread_ ? Status() : AwaitTermination();
}

Status StreamExecution::StopNow() {
  stop_now_.request_stop();
  return Stop();
}

Status StreamExecution::Exception() const {
  const std::scoped_lock lock(mutex_);
  return active_ ? Status() : failure_;
}

std::vector<StreamingQueryProgress> StreamExecution::RecentProgress() const {
  const std::scoped_lock lock(mutex_);
  return {progress_.begin(), progress_.end()};
}

std::optional<StreamingQueryProgress> StreamExecution::LastProgress() const {
  const std::scoped_lock lock(mutex_);
  return progress_.empty() ? std::nullopt : std::optional(progress_.back());
}

}  // namespace hf
