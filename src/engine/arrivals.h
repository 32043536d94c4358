// SPDX-License-Identifier: Apache-2.0
// Arrivals: who waits for rows is woken when a source has some.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/stream_plan.h"

namespace hf {

class Arrivals {
 public:
  Arrivals() = default;
  ~Arrivals() { Stop(); }
  Arrivals(const Arrivals&) = delete;
  Arrivals& operator=(const Arrivals&) = delete;

  // Once.
  void Watch(const std::vector<StreamInput>& inputs) {
    for (const StreamInput& input : inputs) {
      sources_.push_back(input.source);
      input.source->NotifyOfRows([this] {
        const std::scoped_lock lock(mutex_);
        has_news_ = true;
        changed_.notify_one();
      });
    }
  }
  // The sources may be another query's from now on.
  void Stop() {
    for (const auto& source : sources_) {
      source->NotifyOfRows(nullptr);
    }
    sources_.clear();
  }
  [[nodiscard]] bool is_watching() const { return !sources_.empty(); }
  // Returns when a source has had news since the last call, or after that time.
  void Wait(std::chrono::microseconds at_most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, at_most, [this] { return has_news_; });
    has_news_ = false;
  }

 private:
  std::vector<std::shared_ptr<Source>> sources_;
  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  bool has_news_ = false;
};

}  // namespace hf
