// SPDX-License-Identifier: Apache-2.0
// Sessions that end when nobody has clicked for a while: a timer that each click puts off.
//
// The clock is that of the machine (TimeMode::kProcessingTime), and stands still within a batch. The query runs a batch
// when a session is due even if no click arrives.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "holdfast/query.h"

namespace idle_sessions {

struct Click {
  std::string_view session_id;
  std::optional<std::string_view> page;
  hf::Timestamp event_timestamp;
};
HOLDFAST_STRUCT(Click, session_id, page, event_timestamp);

struct OpenSession {
  std::int64_t clicks = 0;
  std::optional<std::string> last_page;
  hf::Timestamp first_click;
  hf::Timestamp last_click;
  std::int64_t ends_at_ms = 0;  // where its timer stands
};
HOLDFAST_STRUCT(OpenSession, clicks, last_page, first_click, last_click, ends_at_ms);

struct ClosedSession {
  std::string session_id;
  std::int64_t clicks = 0;
  std::optional<std::string> last_page;
  hf::Timestamp first_click;
  hf::Timestamp last_click;
};
HOLDFAST_STRUCT(ClosedSession, session_id, clicks, last_page, first_click, last_click);

class IdleSessions final : public hf::StatefulProcessor<std::string, Click, ClosedSession> {
 public:
  explicit IdleSessions(std::chrono::milliseconds idle = std::chrono::minutes(30)) : idle_(idle) {}

  void Init(hf::StatefulProcessorHandle& handle) override { open_ = handle.GetValueState<OpenSession>("open"); }

  void HandleInputRows(const std::string&, hf::RowsOf<Click> clicks, const hf::TimerValues& clocks,
                       hf::Output<ClosedSession>&) override {
    OpenSession session;
    if (const OpenSession* stored = open_.Get(); stored != nullptr) {
      session = *stored;
      GetHandle().DeleteTimer(session.ends_at_ms);
    }
    for (const Click& click : clicks) {
      if (session.clicks == 0 || click.event_timestamp < session.first_click) {
        session.first_click = click.event_timestamp;
      }
      if (session.clicks == 0 || click.event_timestamp >= session.last_click) {
        session.last_click = click.event_timestamp;
        session.last_page = click.page;
      }
      ++session.clicks;
    }
    // Rows come before the timers that are due in the same batch: a click that arrives at the last moment counts.
    session.ends_at_ms = clocks.current_processing_time_ms + idle_.count();
    GetHandle().RegisterTimer(session.ends_at_ms);
    open_.Update(session);
  }

  void HandleExpiredTimer(const std::string& session_id, const hf::TimerValues&, const hf::ExpiredTimerInfo&,
                          hf::Output<ClosedSession>& out) override {
    const OpenSession& session = *open_.Get();
    out.Emit({.session_id = session_id,
              .clicks = session.clicks,
              .last_page = session.last_page,
              .first_click = session.first_click,
              .last_click = session.last_click});
    open_.Clear();
  }

 private:
  std::chrono::milliseconds idle_;
  hf::ValueState<OpenSession> open_;
};

inline hf::ResultStream Query(hf::DataStream clicks, IdleSessions processor = IdleSessions()) {
  return std::move(clicks)
      .GroupBy("session_id")
      .TransformWithState(hf::OutputMode::kAppend, hf::TimeMode::kProcessingTime, processor);
}

}  // namespace idle_sessions
