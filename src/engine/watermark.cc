// SPDX-License-Identifier: Apache-2.0
#include "engine/watermark.h"

#include <algorithm>
#include <limits>

namespace hf {

namespace {

constexpr std::int64_t kMicrosPerMilli = 1000;

// Rounds down, also before 1970.
std::int64_t MillisOf(std::int64_t micros) {
  const std::int64_t millis = micros / kMicrosPerMilli;
  return micros % kMicrosPerMilli < 0 ? millis - 1 : millis;
}

}  // namespace

void EventTimes::Add(const Column& column) {
  for (std::int64_t row = 0; row < column.length; ++row) {
    if (column.IsNull(row)) {
      continue;
    }
    const std::int64_t ms = MillisOf(column.Fixed<std::int64_t>(row));
    min_ = count_ == 0 ? ms : std::min(min_, ms);
    max_ = count_ == 0 ? ms : std::max(max_, ms);
    ++count_;
    sum_ += ms;
  }
}

void Watermark::Advance(const std::vector<EventTimes>& seen) {
  std::optional<std::int64_t> chosen;
  for (std::size_t i = 0; i < operators_.size(); ++i) {
    if (!seen[i].empty()) {
      const std::int64_t now = seen[i].max_ms() - delays_ms_[i];
      operators_[i] = std::max(now, operators_[i].value_or(now));
    }
    const std::int64_t of_operator = operators_[i].value_or(0);
    if (!chosen.has_value()) {
      chosen = of_operator;
    } else {
      chosen = policy_ == WatermarkPolicy::kMin ? std::min(*chosen, of_operator) : std::max(*chosen, of_operator);
    }
  }
  late_events_ms_ = eviction_ms_;
  eviction_ms_ = std::max(eviction_ms_, chosen.value_or(eviction_ms_));
}

bool IsLate(const Column& event_time, std::int64_t row, std::int64_t late_events_ms) {
  std::int64_t late_events_us = 0;
  if (__builtin_mul_overflow(late_events_ms, kMicrosPerMilli, &late_events_us)) {
    late_events_us =
        late_events_ms > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
  }
  return !event_time.IsNull(row) && event_time.Fixed<std::int64_t>(row) <= late_events_us;
}

}  // namespace hf
