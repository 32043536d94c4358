// SPDX-License-Identifier: Apache-2.0
#include "idle_sessions/idle_sessions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "examples/example_query.h"
#include "support/status_matchers.h"

namespace hf::test {
namespace {

using idle_sessions::Click;
using idle_sessions::ClosedSession;
using idle_sessions::IdleSessions;

constexpr std::int64_t kIdleMs = 60'000;
constexpr std::int64_t kBegin = ExampleQuery::kBeginMs;

ResultStream Stream() {
  return idle_sessions::Query(ExampleQuery::Events<Click>(), IdleSessions(std::chrono::milliseconds(kIdleMs)));
}

std::string Line(const std::string& session, const std::string& page, std::int64_t clicked_us) {
  return fmt::format("{{\"session_id\":\"{}\",\"page\":\"{}\",\"event_timestamp\":\"{}\"}}\n", session, page,
                     TimeText(clicked_us));
}

std::string Text(const std::string& session, std::int64_t clicks, const std::string& page, Timestamp first,
                 Timestamp last) {
  return fmt::format("{}: {} clicks, {} to {}, last {}", session, clicks, first.micros, last.micros, page);
}

std::multiset<std::string> Closed(const ExampleQuery& query) {
  std::multiset<std::string> closed;
  for (const ClosedSession& row : query.Rows<ClosedSession>()) {
    closed.insert(Text(row.session_id, row.clicks, row.last_page.value_or("none"), row.first_click, row.last_click));
  }
  return closed;
}

struct Seen {
  std::int64_t at_ms;  // of the batch
  std::int64_t clicked_us;
  std::string page;
};

// A session ends between two clicks when a batch ran between them, `kIdleMs` or more behind the first.
std::multiset<std::string> SessionsOf(const std::map<std::string, std::vector<Seen>>& clicks_of,
                                      const std::set<std::int64_t>& batch_times) {
  std::multiset<std::string> sessions;
  for (const auto& [session, clicks] : clicks_of) {
    for (std::size_t begin = 0; begin < clicks.size();) {
      std::size_t end = begin + 1;
      for (; end < clicks.size(); ++end) {
        const auto closing = batch_times.lower_bound(clicks[end - 1].at_ms + kIdleMs);
        if (closing != batch_times.end() && *closing < clicks[end].at_ms) {
          break;
        }
      }
      const auto by_time = [](const Seen& a, const Seen& b) { return a.clicked_us < b.clicked_us; };
      const auto first = std::min_element(clicks.begin() + begin, clicks.begin() + end, by_time);
      const auto last = std::max_element(clicks.begin() + begin, clicks.begin() + end, by_time);
      sessions.insert(Text(session, static_cast<std::int64_t>(end - begin), last->page, TimeAt(first->clicked_us),
                           TimeAt(last->clicked_us)));
      begin = end;
    }
  }
  return sessions;
}

TEST(IdleSessionsExample, EachSessionEndsInTheFirstBatchThatFindsItIdle) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    std::mt19937 dice(seed);
    ExampleQuery query(seed);
    std::vector<Arrival> arrivals;
    std::map<std::string, std::vector<Seen>> clicks_of;
    std::set<std::int64_t> batch_times;
    std::int64_t now_ms = kBegin;
    std::int64_t number = 0;
    for (int batch = 0; batch < 30; ++batch) {
      now_ms += 1 + dice() % 40'000;
      batch_times.insert(now_ms);
      std::string lines;
      for (unsigned i = dice() % 6; i > 0; --i) {
        const std::string session = fmt::format("s{}", dice() % 9);
        // No two of a time.
        const std::int64_t clicked_us = (now_ms - kBegin - dice() % 5'000) * 1000 + ++number % 1000;
        const std::string page = fmt::format("page{}", number);
        lines += Line(session, page, clicked_us);
        clicks_of[session].push_back({now_ms, clicked_us, page});
      }
      arrivals.push_back({now_ms, {lines}});
    }
    ASSERT_THAT(query.Run(Stream, arrivals), IsOk());
    ASSERT_THAT(query.RunAt(Stream, now_ms + kIdleMs), IsOk());
    EXPECT_EQ(Closed(query), SessionsOf(clicks_of, batch_times)) << "seed " << seed;
    EXPECT_GE(query.BatchesWithoutRows(), 1) << "the last sessions end without a click";
  }
}

TEST(IdleSessionsExample, AClickAtTheLastMomentPutsTheEndOff) {
  ExampleQuery query(1);
  const std::string session = Text("a", 2, "cart", TimeAt(1), TimeAt(2));
  ASSERT_THAT(query.Run(Stream, {{kBegin, {Line("a", "home", 1)}}, {kBegin + kIdleMs, {Line("a", "cart", 2)}}}),
              IsOk());
  EXPECT_EQ(Closed(query).size(), 0U);
  ASSERT_THAT(query.RunAt(Stream, kBegin + 2 * kIdleMs - 1), IsOk());
  EXPECT_EQ(Closed(query).size(), 0U) << "a millisecond is left";
  ASSERT_THAT(query.RunAt(Stream, kBegin + 2 * kIdleMs), IsOk());
  EXPECT_EQ(Closed(query), std::multiset<std::string>{session});
}

}  // namespace
}  // namespace hf::test
