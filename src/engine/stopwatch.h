// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace hf {

// Adds the time from its construction to its destruction to `total`, in whole units. Both outlive it.
class Stopwatch {
 public:
  static constexpr std::int64_t kMicros = 1;
  static constexpr std::int64_t kMillis = 1000;

  Stopwatch(Clock& clock, std::int64_t* total, std::int64_t unit_us)
      : clock_(clock), total_(total), unit_us_(unit_us), begun_us_(clock.SteadyUs()) {}
  ~Stopwatch() { *total_ += (clock_.SteadyUs() - begun_us_) / unit_us_; }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  Clock& clock_;
  std::int64_t* total_;
  const std::int64_t unit_us_;
  const std::int64_t begun_us_;
};

}  // namespace hf
