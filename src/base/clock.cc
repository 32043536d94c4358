// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <algorithm>
#include <chrono>

namespace hf {

std::int64_t Clock::NowMs() {
  const std::int64_t now_us = NowUs();
  return now_us >= 0 ? now_us / 1000 : -((-now_us + 999) / 1000);
}

std::int64_t SystemClock::NowUs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

std::int64_t SystemClock::SteadyUs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

bool SystemClock::SleepUntilMs(std::int64_t wake_ms, std::stop_token stop) {
  // The wait is cut into pieces of at most a minute, so that no far away time overflows the clock's range and
  // a clock that was set is noticed.
  std::mutex mutex;
  std::condition_variable_any never_notified;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    const std::int64_t now_ms = NowMs();
    if (now_ms >= wake_ms) {
      return true;
    }
    const std::uint64_t left_ms = static_cast<std::uint64_t>(wake_ms) - static_cast<std::uint64_t>(now_ms);
    const auto piece = std::chrono::milliseconds(std::min<std::uint64_t>(left_ms, 60'000));
    never_notified.wait_for(lock, stop, piece, [&] { return stop.stop_requested(); });
  }
  return false;
}

std::int64_t ManualClock::NowUs() {
  std::lock_guard lock(mutex_);
  return now_us_;
}

bool ManualClock::SleepUntilMs(std::int64_t wake_ms, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  const std::int64_t wake_us = wake_ms * 1000;
  if (sleep_ == Sleep::kJumps && !stop.stop_requested()) {
    now_us_ = std::max(now_us_, wake_us);
    moved_.notify_all();
    return true;
  }
  return moved_.wait(lock, stop, [&] { return now_us_ >= wake_us; }) && !stop.stop_requested();
}

void ManualClock::AdvanceUs(std::int64_t duration_us) {
  std::lock_guard lock(mutex_);
  now_us_ += duration_us;
  moved_.notify_all();
}

void ManualClock::SetUs(std::int64_t now_us) {
  std::lock_guard lock(mutex_);
  now_us_ = now_us;
  moved_.notify_all();
}

}  // namespace hf
