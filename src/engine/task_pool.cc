// SPDX-License-Identifier: Apache-2.0
#include "engine/task_pool.h"

namespace hf {

TaskPool::TaskPool(std::size_t threads) {
  for (std::size_t i = 1; i < threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { Serve(stop); });
  }
}

TaskPool::~TaskPool() {
  for (std::jthread& thread : threads_) {
    thread.request_stop();
  }
  begun_.notify_all();
}

bool TaskPool::RunOne(std::unique_lock<std::mutex>& lock) {
  if (next_ == count_) {
    return false;
  }
  const std::size_t index = next_++;
  ++running_;
  const auto* work = work_;
  lock.unlock();
  (*work)(index);
  lock.lock();
  --running_;
  if (running_ == 0 && next_ == count_) {
    done_.notify_one();
  }
  return true;
}

void TaskPool::Serve(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (!RunOne(lock)) {
      begun_.wait(lock, stop, [this] { return next_ != count_; });
    }
  }
}

void TaskPool::ForEach(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::unique_lock lock(mutex_);
  work_ = &work;
  next_ = 0;
  count_ = count;
  // No more than there is work for: a thread woken for nothing costs as much as one that works.
  for (std::size_t i = 1; i < count && i <= threads_.size(); ++i) {
    begun_.notify_one();
  }
  while (RunOne(lock)) {
  }
  done_.wait(lock, [this] { return running_ == 0; });
  work_ = nullptr;
}

}  // namespace hf
