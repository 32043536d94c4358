// SPDX-License-Identifier: Apache-2.0
// StreamShop in event time: sessions as streamshop.h has them, but of clicks that arrive in any order. A click waits in
// a list until the watermark says that nothing earlier can come any more; then the clicks are gone through in the order
// of their times. So every order of arrival within the delay gives the same sessions, to the last bit of a sum; clicks
// that come later still are dropped and counted (numRowsDroppedByWatermark).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "holdfast/query.h"
#include "sessionization/streamshop.h"

namespace streamshop {

struct WaitingClick {
  hf::Timestamp event_timestamp;
  std::optional<std::string> event_type;
  std::optional<std::string> user_id;
  std::optional<double> revenue;
};
HOLDFAST_STRUCT(WaitingClick, event_timestamp, event_type, user_id, revenue);

class EventTimeSessionizer final : public hf::StatefulProcessor<std::string, ClickV1, SessionV1> {
 public:
  void Init(hf::StatefulProcessorHandle& handle) override {
    session_state_ = handle.GetValueState<SessionV1>("session_state");
    waiting_ = handle.GetListState<WaitingClick>("waiting");
  }

  void HandleInputRows(const std::string&, hf::RowsOf<ClickV1> clicks, const hf::TimerValues&,
                       hf::Output<SessionV1>&) override {
    std::optional<std::int64_t> earliest_ms;
    for (const ClickV1& click : clicks) {
      WaitingClick waiting{.event_timestamp = click.event_timestamp,
                           .event_type = std::nullopt,
                           .user_id = std::nullopt,
                           .revenue = click.revenue};
      waiting.event_type = click.event_type;
      waiting.user_id = click.user_id;
      waiting_.AppendValue(waiting);
      earliest_ms = std::min(earliest_ms.value_or(CompleteAtMs(waiting)), CompleteAtMs(waiting));
    }
    if (earliest_ms.has_value()) {
      KeepOneTimer(*earliest_ms);
    }
  }

  void HandleExpiredTimer(const std::string& session_id, const hf::TimerValues& clocks, const hf::ExpiredTimerInfo&,
                          hf::Output<SessionV1>& out) override {
    std::vector<WaitingClick> complete;
    std::vector<WaitingClick> waiting;
    for (const WaitingClick& click : waiting_.Get()) {
      (CompleteAtMs(click) <= clocks.current_watermark_ms ? complete : waiting).push_back(click);
    }
    std::sort(complete.begin(), complete.end(), ComesBefore);
    RunSession(session_id, complete, out);
    if (waiting.empty()) {
      waiting_.Clear();
      return;
    }
    waiting_.Put(waiting);
    GetHandle().RegisterTimer(CompleteAtMs(*std::min_element(waiting.begin(), waiting.end(), ComesBefore)));
  }

 private:
  // Nothing up to a click's time comes any more once the watermark has reached it: rounded up, as that is in whole
  // milliseconds.
  static std::int64_t CompleteAtMs(const WaitingClick& click) {
    const std::int64_t micros = click.event_timestamp.micros;
    return micros / 1000 + (micros % 1000 > 0 ? 1 : 0);
  }
  // Total, so that clicks of the same moment have one order as well.
  static bool ComesBefore(const WaitingClick& a, const WaitingClick& b) {
    return std::tie(a.event_timestamp, a.event_type, a.user_id, a.revenue) <
           std::tie(b.event_timestamp, b.event_type, b.user_id, b.revenue);
  }

  // At the earliest of the clicks that wait.
  void KeepOneTimer(std::int64_t at_ms) {
    for (const std::int64_t timer_ms : GetHandle().ListTimers()) {
      if (timer_ms <= at_ms) {
        return;
      }
      GetHandle().DeleteTimer(timer_ms);
    }
    GetHandle().RegisterTimer(at_ms);
  }

  void RunSession(const std::string& session_id, const std::vector<WaitingClick>& clicks, hf::Output<SessionV1>& out) {
    std::optional<SessionV1> session;
    if (const SessionV1* stored = session_state_.Get(); stored != nullptr) {
      session = *stored;
    }
    for (const WaitingClick& click : clicks) {
      if (!session.has_value()) {
        session = {
            .session_id = session_id, .user_id = click.user_id.value_or(""), .session_start = click.event_timestamp};
      }
      session->event_count += 1;
      session->total_revenue += click.revenue.value_or(0);
      if (IsTerminal(click.event_type)) {
        out.Emit(*session);
        session.reset();
      }
    }
    if (session.has_value()) {
      session_state_.Update(*session);
    } else {
      session_state_.Clear();
    }
  }

  hf::ValueState<SessionV1> session_state_;
  hf::ListState<WaitingClick> waiting_;
};

inline hf::ResultStream EventTimeSessions(hf::DataStream clicks, const std::string& delay = "10 minutes") {
  return std::move(clicks)
      .WithWatermark("event_timestamp", delay)
      .GroupBy("session_id")
      .TransformWithState<EventTimeSessionizer>(hf::OutputMode::kAppend, hf::TimeMode::kEventTime);
}

}  // namespace streamshop
