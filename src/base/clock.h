// SPDX-License-Identifier: Apache-2.0
// Clock: the only way to learn the time or to wait, so that a test decides both.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace hf {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // Microseconds since the epoch. May jump in either direction when somebody sets the machine's time.
  virtual std::int64_t NowUs() = 0;
  // Milliseconds since the epoch, rounded down.
  std::int64_t NowMs();
  // Microseconds since an unknown moment; never goes back. For durations.
  virtual std::int64_t SteadyUs() = 0;

  // Returns true once NowMs() >= wake_ms, false as soon as `stop` is requested.
  virtual bool SleepUntilMs(std::int64_t wake_ms, std::stop_token stop) = 0;
  bool SleepForMs(std::int64_t duration_ms, std::stop_token stop) {
    return SleepUntilMs(NowMs() + duration_ms, std::move(stop));
  }
};

class SystemClock final : public Clock {
 public:
  std::int64_t NowUs() override;
  std::int64_t SteadyUs() override;
  bool SleepUntilMs(std::int64_t wake_ms, std::stop_token stop) override;
};

// Stands still until a test moves it.
class ManualClock final : public Clock {
 public:
  enum class Sleep {
    kWaits,  // until another thread has advanced the clock far enough
    kJumps,  // at once: the clock is set to the time slept for
  };
  explicit ManualClock(std::int64_t now_us = 0, Sleep sleep = Sleep::kWaits) : sleep_(sleep), now_us_(now_us) {}

  std::int64_t NowUs() override;
  std::int64_t SteadyUs() override { return NowUs(); }
  bool SleepUntilMs(std::int64_t wake_ms, std::stop_token stop) override;

  void AdvanceUs(std::int64_t duration_us);
  void AdvanceMs(std::int64_t duration_ms) { AdvanceUs(duration_ms * 1000); }
  void SetUs(std::int64_t now_us);

 private:
  const Sleep sleep_;
  std::mutex mutex_;  // guards now_us_
  std::condition_variable_any moved_;
  std::int64_t now_us_;
};

}  // namespace hf
