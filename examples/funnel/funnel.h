// SPDX-License-Identifier: Apache-2.0
// Where visitors leave the way to a purchase: one value with the furthest step, and one timer from the first step on,
// which nothing puts off. Who has not bought by then has dropped off.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "holdfast/query.h"

namespace funnel {

inline constexpr std::string_view kSteps[] = {"product", "cart", "checkout", "purchase"};

struct Event {
  std::string_view user_id;
  std::optional<std::string_view> event_type;
};
HOLDFAST_STRUCT(Event, user_id, event_type);

struct Progress {
  std::string furthest_step;    // by name: its place changes when a step is put between
  std::int64_t ends_at_ms = 0;  // where the timer stands
};
HOLDFAST_STRUCT(Progress, furthest_step, ends_at_ms);

struct Passage {
  std::string user_id;
  std::string furthest_step;
  bool dropped_off = false;
};
HOLDFAST_STRUCT(Passage, user_id, furthest_step, dropped_off);

class Funnel final : public hf::StatefulProcessor<std::string, Event, Passage> {
 public:
  explicit Funnel(std::chrono::milliseconds time_to_buy = std::chrono::hours(1)) : time_to_buy_(time_to_buy) {}

  void Init(hf::StatefulProcessorHandle& handle) override { progress_ = handle.GetValueState<Progress>("progress"); }

  void HandleInputRows(const std::string& user_id, hf::RowsOf<Event> events, const hf::TimerValues& clocks,
                       hf::Output<Passage>& out) override {
    for (const Event& event : events) {
      const std::size_t step = PlaceOf(event.event_type);
      if (step == std::size(kSteps)) {
        continue;
      }
      Progress progress;
      if (const Progress* stored = progress_.Get(); stored != nullptr) {
        progress = *stored;
      } else {
        progress.ends_at_ms = clocks.current_processing_time_ms + time_to_buy_.count();
        GetHandle().RegisterTimer(progress.ends_at_ms);
      }
      if (kSteps[step] == "purchase") {
        out.Emit({.user_id = user_id, .furthest_step = "purchase", .dropped_off = false});
        GetHandle().DeleteTimer(progress.ends_at_ms);
        progress_.Clear();
        continue;
      }
      if (progress.furthest_step.empty() || step > PlaceOf(progress.furthest_step)) {
        progress.furthest_step = kSteps[step];
      }
      progress_.Update(progress);
    }
  }

  void HandleExpiredTimer(const std::string& user_id, const hf::TimerValues&, const hf::ExpiredTimerInfo&,
                          hf::Output<Passage>& out) override {
    out.Emit({.user_id = user_id, .furthest_step = progress_.Get()->furthest_step, .dropped_off = true});
    progress_.Clear();
  }

 private:
  // Behind the last: no step of the funnel.
  static std::size_t PlaceOf(std::optional<std::string_view> event_type) {
    return static_cast<std::size_t>(std::find(std::begin(kSteps), std::end(kSteps), event_type) - std::begin(kSteps));
  }

  std::chrono::milliseconds time_to_buy_;
  hf::ValueState<Progress> progress_;
};

inline hf::ResultStream Query(hf::DataStream events, Funnel processor = Funnel()) {
  return std::move(events).GroupBy("user_id").TransformWithState(hf::OutputMode::kAppend, hf::TimeMode::kProcessingTime,
                                                                 processor);
}

}  // namespace funnel
