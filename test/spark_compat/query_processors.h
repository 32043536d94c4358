// SPDX-License-Identifier: Apache-2.0
// The processors of recipes/chains.py and recipes/query_processors.py for Holdfast: the same state, the same rows.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/processor.h"

namespace hf::test {

// ---- Two operators, the second on what the first puts out --------------------------------------------------------

struct ChainRow {
  std::optional<std::string> k;
  std::optional<std::int64_t> n;
  std::optional<Timestamp> at;
};
HOLDFAST_STRUCT(ChainRow, k, n, at);

struct Visit {
  std::optional<std::string> g;
  std::optional<std::int64_t> n;
  std::optional<Timestamp> at;
};
HOLDFAST_STRUCT(Visit, g, n, at);

struct Total {
  std::optional<std::string> g;
  std::string why;
  std::int64_t total = 0;
  std::int64_t watermark = 0;
};
HOLDFAST_STRUCT(Total, g, why, total, watermark);

struct Number {
  std::optional<std::int64_t> n;
};
HOLDFAST_STRUCT(Number, n);

class Visits final : public StatefulProcessor<std::string, ChainRow, Visit> {
 public:
  explicit Visits(bool has_timers = true) : has_timers_(has_timers) {}
  void Init(StatefulProcessorHandle& handle) override { seen_ = handle.GetValueState<Number>("seen"); }
  void HandleInputRows(const std::string& key, RowsOf<ChainRow> rows, const TimerValues&, Output<Visit>& out) override {
    std::int64_t n = seen_.Get() != nullptr ? seen_.Get()->n.value_or(0) : 0;
    Timestamp last{};
    for (const ChainRow& row : rows) {
      n += row.n.value_or(0);
      last = std::max(last, row.at.value_or(Timestamp{}));
    }
    seen_.Update({n});
    if (has_timers_) {
      GetHandle().RegisterTimer(last.micros / 1000 + 4000);
    }
    out.Emit({key.substr(0, 1), n, last});
  }
  void HandleExpiredTimer(const std::string& key, const TimerValues&, const ExpiredTimerInfo& timer,
                          Output<Visit>& out) override {
    out.Emit({key.substr(0, 1), -seen_.Get()->n.value_or(0), Timestamp{.micros = timer.expiry_time_ms * 1000}});
  }

 private:
  bool has_timers_;
  ValueState<Number> seen_;
};

class Groups final : public StatefulProcessor<std::string, Visit, Total> {
 public:
  explicit Groups(bool has_timers = true) : has_timers_(has_timers) {}
  void Init(StatefulProcessorHandle& handle) override { numbers_ = handle.GetListState<Number>("numbers"); }
  void HandleInputRows(const std::string& group, RowsOf<Visit> rows, const TimerValues& clocks,
                       Output<Total>& out) override {
    std::vector<Visit> ordered;
    for (const Visit& row : rows) {
      ordered.push_back(row);
    }
    std::sort(ordered.begin(), ordered.end(),
              [](const Visit& a, const Visit& b) { return std::pair(a.at, a.n) < std::pair(b.at, b.n); });
    for (const Visit& row : ordered) {
      numbers_.AppendValue({row.n});
      if (has_timers_) {
        GetHandle().RegisterTimer(row.at->micros / 1000 + 3000);
      }
    }
    out.Emit({group, "rows", Sum(), clocks.current_watermark_ms});
  }
  void HandleExpiredTimer(const std::string& group, const TimerValues& clocks, const ExpiredTimerInfo& timer,
                          Output<Total>& out) override {
    out.Emit({group, fmt::format("{}", timer.expiry_time_ms), Sum(), clocks.current_watermark_ms});
  }

 private:
  std::int64_t Sum() {
    std::int64_t sum = 0;
    for (const Number& each : numbers_.Get()) {
      sum += each.n.value_or(0);
    }
    return sum;
  }

  bool has_timers_;
  ListState<Number> numbers_;
};

// ---- Of the golden checkpoints c1_eventtime and c2_proctime_ttl --------------------------------------------------

struct SessionEvent {
  std::string session_id;
  std::string event_type;
  std::optional<double> revenue;
  Timestamp event_timestamp;
};
HOLDFAST_STRUCT(SessionEvent, session_id, event_type, revenue, event_timestamp);

struct SessionTold {
  std::string session_id;
  std::string kind;
  std::int32_t n = 0;
  std::int64_t wm = 0;
};
HOLDFAST_STRUCT(SessionTold, session_id, kind, n, wm);

struct SeenEvent {
  std::optional<std::string> etype;
  std::optional<double> rev;
};
HOLDFAST_STRUCT(SeenEvent, etype, rev);
struct Page {
  std::string page;
};
HOLDFAST_STRUCT(Page, page);
struct PageVisits {
  std::int64_t n = 0;
  Timestamp last;
};
HOLDFAST_STRUCT(PageVisits, n, last);
struct TimerTime {
  std::int64_t t = 0;
};
HOLDFAST_STRUCT(TimerTime, t);

inline std::vector<SessionEvent> InOrder(RowsOf<SessionEvent> rows) {
  std::vector<SessionEvent> ordered;
  for (const SessionEvent& row : rows) {
    ordered.push_back(row);
  }
  std::sort(ordered.begin(), ordered.end(),
            [](const SessionEvent& a, const SessionEvent& b) { return a.event_timestamp < b.event_timestamp; });
  return ordered;
}

template <typename T>
std::int32_t CountOf(const T& elements) {
  std::int32_t n = 0;
  for ([[maybe_unused]] const auto& each : elements) {
    ++n;
  }
  return n;
}

// What a session did, until it has done nothing for a while.
class IdleSessions final : public StatefulProcessor<std::string, SessionEvent, SessionTold> {
 public:
  void Init(StatefulProcessorHandle& handle) override {
    events_ = handle.GetListState<SeenEvent>("events");
    pages_ = handle.GetMapState<Page, PageVisits>("pages");
    last_timer_ = handle.GetValueState<TimerTime>("last_timer");
  }
  void HandleInputRows(const std::string& id, RowsOf<SessionEvent> rows, const TimerValues& clocks,
                       Output<SessionTold>& out) override {
    std::int64_t latest_ms = 0;
    for (const SessionEvent& row : InOrder(rows)) {
      events_.AppendValue({row.event_type, row.revenue});
      const Page page = {row.event_type};
      const PageVisits* before = pages_.GetValue(page);
      pages_.UpdateValue(page, {(before != nullptr ? before->n : 0) + 1, row.event_timestamp});
      if (row.event_type == "logout") {
        pages_.RemoveKey(page);
      }
      latest_ms = std::max(latest_ms, row.event_timestamp.micros / 1000);
    }
    if (const TimerTime* timer = last_timer_.Get()) {
      GetHandle().DeleteTimer(timer->t);
    }
    constexpr std::int64_t kIdleMs = 30'000;
    GetHandle().RegisterTimer(latest_ms + kIdleMs);
    last_timer_.Update({latest_ms + kIdleMs});
    out.Emit({id, "in", CountOf(events_.Get()), clocks.current_watermark_ms});
  }
  void HandleExpiredTimer(const std::string& id, const TimerValues&, const ExpiredTimerInfo& timer,
                          Output<SessionTold>& out) override {
    const std::int32_t n = CountOf(events_.Get());
    events_.Clear();
    pages_.Clear();
    last_timer_.Clear();
    out.Emit({id, "timer", n, timer.expiry_time_ms});
  }

 private:
  ListState<SeenEvent> events_;
  MapState<Page, PageVisits> pages_;
  ValueState<TimerTime> last_timer_;
};

struct NamedCount {
  std::int32_t n = 0;
  std::string s;
};
HOLDFAST_STRUCT(NamedCount, n, s);
struct EventType {
  std::string etype;
};
HOLDFAST_STRUCT(EventType, etype);
struct CountKey {
  std::string k;
};
HOLDFAST_STRUCT(CountKey, k);
struct Count {
  std::int32_t n = 0;
};
HOLDFAST_STRUCT(Count, n);

// The same counts in each kind of variable, with a long, a short and no TTL.
class ExpiringCounts final : public StatefulProcessor<std::string, SessionEvent, SessionTold> {
 public:
  void Init(StatefulProcessorHandle& handle) override {
    value_ = handle.GetValueState<NamedCount>("v_ttl", kTenYears);
    list_ = handle.GetListState<EventType>("l_ttl", kTenYears);
    map_ = handle.GetMapState<CountKey, Count>("m_ttl", kTenYears);
    short_ = handle.GetValueState<Count>("v_short", {.ttl_duration = std::chrono::milliseconds(1500)});
    plain_ = handle.GetValueState<Count>("plain");
  }
  void HandleInputRows(const std::string& id, RowsOf<SessionEvent> rows, const TimerValues& clocks,
                       Output<SessionTold>& out) override {
    for (const SessionEvent& row : InOrder(rows)) {
      list_.AppendValue({row.event_type});
      const Count* before = map_.GetValue({row.event_type});
      map_.UpdateValue({row.event_type}, {(before != nullptr ? before->n : 0) + 1});
    }
    const auto n = static_cast<std::int32_t>(rows.size());
    std::string upper = id;
    std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) { return c == 's' ? 'S' : c; });
    value_.Update({(value_.Get() != nullptr ? value_.Get()->n : 0) + n, upper});
    plain_.Update({n});
    const bool had_short = short_.Get() != nullptr;
    short_.Update({(had_short ? short_.Get()->n : 0) + n});
    GetHandle().RegisterTimer(clocks.current_processing_time_ms + kTenYears.ttl_duration.count());
    out.Emit({id, had_short ? "in+short" : "in", n, clocks.current_processing_time_ms});
  }
  void HandleExpiredTimer(const std::string& id, const TimerValues&, const ExpiredTimerInfo& timer,
                          Output<SessionTold>& out) override {
    out.Emit({id, "timer", 0, timer.expiry_time_ms});
  }

 private:
  static constexpr TTLConfig kTenYears = {.ttl_duration = std::chrono::days(3650)};
  ValueState<NamedCount> value_;
  ListState<EventType> list_;
  MapState<CountKey, Count> map_;
  ValueState<Count> short_;
  ValueState<Count> plain_;
};

// ---- With an initial state ---------------------------------------------------------------------------------------

struct Deposit {
  std::string account;
  std::int32_t seq = 0;
  std::string kind;
  std::int64_t amount = 0;
  std::int64_t review = 0;
  Timestamp at;
};
HOLDFAST_STRUCT(Deposit, account, seq, kind, amount, review, at);
struct GivenDeposit {
  std::string account;
  std::string kind;
  std::int64_t amount = 0;
  std::int64_t review = 0;
};
HOLDFAST_STRUCT(GivenDeposit, account, kind, amount, review);
struct AccountTold {
  std::string account;
  std::string why;
  std::int64_t at = -1;
  std::int64_t amount = 0;
  bool given = false;
  std::string deposits;
  std::string kinds;
};
HOLDFAST_STRUCT(AccountTold, account, why, at, amount, given, deposits, kinds);
struct Balance {
  std::int64_t amount = 0;
  bool given = false;
};
HOLDFAST_STRUCT(Balance, amount, given);
struct Amount {
  std::int64_t amount = 0;
};
HOLDFAST_STRUCT(Amount, amount);
struct DepositKind {
  std::string kind;
};
HOLDFAST_STRUCT(DepositKind, kind);
struct OfKind {
  std::int64_t amount = 0;
  std::int32_t times = 0;
};
HOLDFAST_STRUCT(OfKind, amount, times);

// Accounts that begin with what is given, each row as a deposit with a date by which it wants to be reviewed.
class Balances final : public StatefulProcessorWithInitialState<std::string, Deposit, AccountTold, GivenDeposit> {
 public:
  explicit Balances(std::chrono::milliseconds ttl) : ttl_{.ttl_duration = ttl} {}
  void Init(StatefulProcessorHandle& handle) override {
    balance_ = handle.GetValueState<Balance>("balance");
    deposits_ = handle.GetListState<Amount>("deposits", ttl_);
    by_kind_ = handle.GetMapState<DepositKind, OfKind>("by_kind");
  }
  void HandleInitialState(const std::string&, const GivenDeposit& row, const TimerValues&) override {
    Add(row.kind, row.amount, true);
    GetHandle().RegisterTimer(row.review);
  }
  void HandleInputRows(const std::string& account, RowsOf<Deposit> rows, const TimerValues&,
                       Output<AccountTold>& out) override {
    for (const Deposit& row : rows) {
      Add(row.kind, row.amount, false);
      GetHandle().RegisterTimer(row.review);
    }
    out.Emit(Told(account, "rows", -1));
  }
  void HandleExpiredTimer(const std::string& account, const TimerValues&, const ExpiredTimerInfo& timer,
                          Output<AccountTold>& out) override {
    by_kind_.RemoveKey({"gift"});
    out.Emit(Told(account, "review", timer.expiry_time_ms));
  }

 private:
  void Add(const std::string& kind, std::int64_t amount, bool given) {
    const Balance before = balance_.Get() != nullptr ? *balance_.Get() : Balance();
    balance_.Update({before.amount + amount, before.given || given});
    deposits_.AppendValue({amount});
    const OfKind* of = by_kind_.GetValue({kind});
    by_kind_.UpdateValue({kind}, of != nullptr ? OfKind{of->amount + amount, of->times + 1} : OfKind{amount, 1});
  }
  AccountTold Told(const std::string& account, const std::string& why, std::int64_t at) {
    std::vector<std::int64_t> deposits;
    for (const Amount& each : deposits_.Get()) {
      deposits.push_back(each.amount);
    }
    std::set<std::string> kinds;
    for (const auto& [kind, of] : by_kind_.Iterator()) {
      kinds.insert(fmt::format("{}:{}/{}", kind.kind, of.amount, of.times));
    }
    return {account,
            why,
            at,
            balance_.Get()->amount,
            balance_.Get()->given,
            fmt::format("{}", fmt::join(deposits, ",")),
            fmt::format("{}", fmt::join(kinds, " "))};
  }

  TTLConfig ttl_;
  ValueState<Balance> balance_;
  ListState<Amount> deposits_;
  MapState<DepositKind, OfKind> by_kind_;
};

}  // namespace hf::test
