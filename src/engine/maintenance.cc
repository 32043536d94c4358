// SPDX-License-Identifier: Apache-2.0
#include "engine/maintenance.h"

#include "base/caught.h"
#include "base/thread_priority.h"

namespace hf {

Maintenance::Maintenance() : thread_([this](const std::stop_token& stop) { Serve(stop); }) {}

Maintenance::~Maintenance() {
  thread_.request_stop();
  changed_.notify_all();
}

void Maintenance::Submit(std::size_t task, std::unique_ptr<SnapshotJob> job) {
  SnapshotJob& snapshot = *job;
  Add({.about = {.task = task, .job = std::move(job), .status = {}}, .run = [&snapshot] { return snapshot.Run(); }});
}

void Maintenance::Submit(std::function<Status()> upkeep) {
  Add({.about = {}, .run = [upkeep = std::move(upkeep)] { return Caught(upkeep); }});
}

void Maintenance::Add(Waiting work) {
  const std::scoped_lock lock(mutex_);
  waiting_.push_back(std::move(work));
  changed_.notify_all();
}

std::vector<Maintenance::Finished> Maintenance::TakeFinished() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(finished_, {});
}

void Maintenance::WaitIdle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.empty() && !running_; });
}

void Maintenance::Serve(const std::stop_token& stop) {
  // Kept from its work for too long, the deltas fill the memory for state, and then the batch waits.
  GiveWayToOthers();
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); }) && !stop.stop_requested()) {
    Waiting work = std::move(waiting_.front());
    waiting_.pop_front();
    running_ = true;
    lock.unlock();
    work.about.status = work.run();
    lock.lock();
    running_ = false;
    finished_.push_back(std::move(work.about));
    changed_.notify_all();
  }
}

}  // namespace hf
