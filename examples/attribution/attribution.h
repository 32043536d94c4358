// SPDX-License-Identifier: Apache-2.0
// Which channel earned a purchase, where one session runs over web and mobile: two inputs, one session, a map from
// channel to what happened there. The revenue of a purchase is shared by the number of events on each channel before
// it, to the cent; what does not divide goes to the channel of the purchase.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "holdfast/query.h"

namespace attribution {

struct Event {
  std::string_view session_id;
  std::string_view channel;  // "web", "mobile"
  std::optional<std::string_view> event_type;
  std::optional<std::int64_t> revenue_cents;  // of a purchase
};
HOLDFAST_STRUCT(Event, session_id, channel, event_type, revenue_cents);

struct Touches {
  std::int64_t count = 0;
};
HOLDFAST_STRUCT(Touches, count);

struct Share {
  std::string session_id;
  std::string channel;
  std::int64_t touches = 0;
  std::int64_t revenue_cents = 0;
};
HOLDFAST_STRUCT(Share, session_id, channel, touches, revenue_cents);

class Attribution final : public hf::StatefulProcessor<std::string, Event, Share> {
 public:
  void Init(hf::StatefulProcessorHandle& handle) override {
    touches_ = handle.GetMapState<std::string, Touches>("touches");
  }

  void HandleInputRows(const std::string& session_id, hf::RowsOf<Event> events, const hf::TimerValues&,
                       hf::Output<Share>& out) override {
    for (const Event& event : events) {
      const std::string channel(event.channel);
      const Touches* known = touches_.GetValue(channel);
      touches_.UpdateValue(channel, {(known != nullptr ? known->count : 0) + 1});
      if (event.event_type == "purchase") {
        ShareOut(session_id, channel, event.revenue_cents.value_or(0), out);
        touches_.Clear();
      }
    }
  }

 private:
  void ShareOut(const std::string& session_id, const std::string& bought_on, std::int64_t revenue_cents,
                hf::Output<Share>& out) {
    std::int64_t all = 0;
    for (const Touches& touches : touches_.Values()) {
      all += touches.count;
    }
    std::int64_t left = revenue_cents;
    for (const auto& [channel, touches] : touches_.Iterator()) {
      left -= revenue_cents * touches.count / all;
    }
    for (const auto& [channel, touches] : touches_.Iterator()) {
      out.Emit({.session_id = session_id,
                .channel = channel,
                .touches = touches.count,
                .revenue_cents = revenue_cents * touches.count / all + (channel == bought_on ? left : 0)});
    }
  }

  hf::MapState<std::string, Touches> touches_;
};

// The order of the two stays for the life of a checkpoint.
inline hf::ResultStream Query(hf::DataStream web, hf::DataStream mobile) {
  return std::move(web)
      .Union(std::move(mobile))
      .GroupBy("session_id")
      .TransformWithState<Attribution>(hf::OutputMode::kAppend, hf::TimeMode::kNone);
}

}  // namespace attribution
