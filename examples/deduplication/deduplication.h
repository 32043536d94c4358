// SPDX-License-Identifier: Apache-2.0
// Each event once, for senders that send again when in doubt: the ids of the last while are remembered, by a value that
// expires (TTL). The memory is bounded by the events of that time, and needs no timer.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "holdfast/query.h"

namespace deduplication {

struct Event {
  std::string_view event_id;
  std::string_view payload;
};
HOLDFAST_STRUCT(Event, event_id, payload);

struct FirstEvent {
  std::string event_id;
  std::string payload;
};
HOLDFAST_STRUCT(FirstEvent, event_id, payload);

class Deduplication final : public hf::StatefulProcessor<std::string, Event, FirstEvent> {
 public:
  explicit Deduplication(std::chrono::milliseconds memory = std::chrono::hours(24)) : memory_(memory) {}

  void Init(hf::StatefulProcessorHandle& handle) override {
    seen_ = handle.GetValueState<bool>("seen", {.ttl_duration = memory_});
  }

  void HandleInputRows(const std::string& event_id, hf::RowsOf<Event> events, const hf::TimerValues&,
                       hf::Output<FirstEvent>& out) override {
    if (seen_.Exists()) {
      return;  // not written again, so that the id is forgotten that long after its first event
    }
    for (const Event& event : events) {
      out.Emit({.event_id = event_id, .payload = std::string(event.payload)});
      break;
    }
    seen_.Update(true);
  }

 private:
  std::chrono::milliseconds memory_;
  hf::ValueState<bool> seen_;
};

inline hf::ResultStream Query(hf::DataStream events, Deduplication processor = Deduplication()) {
  return std::move(events)
      .GroupBy("event_id")
      .TransformWithState(hf::OutputMode::kAppend, hf::TimeMode::kProcessingTime, processor);
}

}  // namespace deduplication
