// SPDX-License-Identifier: Apache-2.0
// The StreamShop example: clicks of an online shop become sessions. Version 2 of the processor adds two fields and
// widens a counter, and goes on with the sessions that version 1 left open.
//
// Everything a processor needs is in this file: the rows, the state, the two processors. Start a query with them as
// examples/sessionization/main.cc does, or from the command line with `holdfast demo`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "holdfast/processor.h"

namespace streamshop {

// A session ends with a purchase or a logout; the next click with the same id begins a new one.
inline bool IsTerminal(std::optional<std::string_view> event_type) {
  return event_type == "purchase" || event_type == "logout";
}

// ---- Version 1 ---------------------------------------------------------------------------------------------------

struct ClickV1 {
  std::string_view session_id;
  std::optional<std::string_view> user_id;
  std::optional<std::string_view> event_type;
  std::optional<double> revenue;
  hf::Timestamp event_timestamp;
};
HOLDFAST_STRUCT(ClickV1, session_id, user_id, event_type, revenue, event_timestamp);

struct SessionV1 {
  std::string session_id;
  std::string user_id;
  std::int32_t event_count = 0;
  double total_revenue = 0;
  hf::Timestamp session_start;
};
HOLDFAST_STRUCT(SessionV1, session_id, user_id, event_count, total_revenue, session_start);

class SessionizerV1 final : public hf::StatefulProcessor<std::string, ClickV1, SessionV1> {
 public:
  void Init(hf::StatefulProcessorHandle& handle) override {
    session_state_ = handle.GetValueState<SessionV1>("session_state");
  }

  void HandleInputRows(const std::string& session_id, hf::RowsOf<ClickV1> clicks, const hf::TimerValues&,
                       hf::Output<SessionV1>& out) override {
    const SessionV1* stored = session_state_.Get();
    bool open = stored != nullptr;
    if (open) {
      session_ = *stored;
    }
    for (const ClickV1& click : clicks) {
      if (!open) {
        session_.session_id = session_id;
        session_.user_id = click.user_id.value_or("");
        session_.event_count = 0;
        session_.total_revenue = 0;
        session_.session_start = click.event_timestamp;
        open = true;
      }
      session_.event_count += 1;
      session_.total_revenue += click.revenue.value_or(0);
      if (IsTerminal(click.event_type)) {
        out.Emit(session_);
        open = false;
      }
    }
    if (open) {
      session_state_.Update(session_);
    } else {
      session_state_.Clear();
    }
  }

 private:
  hf::ValueState<SessionV1> session_state_;
  SessionV1 session_;  // scratch of one call; nothing in it is remembered
};

// ---- Version 2 ---------------------------------------------------------------------------------------------------

struct ClickV2 {
  std::string_view session_id;
  std::optional<std::string_view> user_id;
  std::optional<std::string_view> event_type;
  std::optional<double> revenue;
  hf::Timestamp event_timestamp;
  std::optional<std::string_view> device_type;
  std::optional<std::string_view> page_category;
};
HOLDFAST_STRUCT(ClickV2, session_id, user_id, event_type, revenue, event_timestamp, device_type, page_category);

struct SessionV2 {
  std::string session_id;
  std::string user_id;
  std::int64_t event_count = 0;  // was int32 in version 1
  double total_revenue = 0;
  hf::Timestamp session_start;
  std::optional<std::string> device_type;    // new: empty when version 1 wrote the session
  std::optional<std::string> page_category;  // new
};
HOLDFAST_STRUCT(SessionV2, session_id, user_id, event_count, total_revenue, session_start, device_type, page_category);

struct EndedSessionV2 {
  std::string session_id;
  std::string user_id;
  std::int64_t event_count = 0;
  double total_revenue = 0;
  hf::Timestamp session_start;
  std::optional<std::string> device_type;
  std::optional<std::string> page_category;
  bool evolved_from_v1 = false;
  std::string schema_version = "v2";
};
HOLDFAST_STRUCT(EndedSessionV2, session_id, user_id, event_count, total_revenue, session_start, device_type,
                page_category, evolved_from_v1, schema_version);

class SessionizerV2 final : public hf::StatefulProcessor<std::string, ClickV2, EndedSessionV2> {
 public:
  void Init(hf::StatefulProcessorHandle& handle) override {
    // The same name as in version 1: its sessions are read as version 2's.
    session_state_ = handle.GetValueState<SessionV2>("session_state");
    evolved_ = handle.GetValueState<bool>("evolved");
  }

  void HandleInputRows(const std::string& session_id, hf::RowsOf<ClickV2> clicks, const hf::TimerValues&,
                       hf::Output<EndedSessionV2>& out) override {
    const SessionV2* stored = session_state_.Get();
    bool open = stored != nullptr;
    if (open) {
      session_ = *stored;
    }
    for (const ClickV2& click : clicks) {
      if (!open) {
        session_ = {.session_id = session_id,
                    .user_id = std::string(click.user_id.value_or("")),
                    .session_start = click.event_timestamp,
                    .device_type = std::string(click.device_type.value_or("unknown")),
                    .page_category = std::string(click.page_category.value_or("unknown"))};
        open = true;
      } else if (!session_.device_type.has_value() || !session_.page_category.has_value()) {
        // Only version 1 leaves these fields empty: the session began there. Remembered in a state of its own, because
        // the session may end in a later batch.
        session_.device_type = std::string(click.device_type.value_or("unknown"));
        session_.page_category = std::string(click.page_category.value_or("unknown"));
        evolved_.Update(true);
      }
      session_.event_count += 1;
      session_.total_revenue += click.revenue.value_or(0);
      if (IsTerminal(click.event_type)) {
        EmitSession(out);
        open = false;
      }
    }
    if (open) {
      session_state_.Update(session_);
    } else {
      session_state_.Clear();
    }
  }

 private:
  void EmitSession(hf::Output<EndedSessionV2>& out) {
    const bool evolved = evolved_.Exists();
    out.Emit({.session_id = session_.session_id,
              .user_id = session_.user_id,
              .event_count = session_.event_count,
              .total_revenue = session_.total_revenue,
              .session_start = session_.session_start,
              .device_type = session_.device_type,
              .page_category = session_.page_category,
              .evolved_from_v1 = evolved});
    if (evolved) {
      evolved_.Clear();
    }
  }

  hf::ValueState<SessionV2> session_state_;
  hf::ValueState<bool> evolved_;
  SessionV2 session_;  // scratch of one call
};

}  // namespace streamshop
