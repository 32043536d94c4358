// SPDX-License-Identifier: Apache-2.0
#include "sessionization/event_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "examples/example_query.h"
#include "support/status_matchers.h"

namespace hf::test {
namespace {

using streamshop::ClickV1;
using streamshop::SessionV1;

constexpr std::int64_t kDelayUs = 10'000'000;
constexpr std::int64_t kBegin = ExampleQuery::kBeginMs;

ResultStream Stream() { return streamshop::EventTimeSessions(ExampleQuery::Events<ClickV1>(), "10 seconds"); }

struct ShopClick {
  std::int64_t at_us;  // since kBegin
  std::string session;
  std::string user;
  std::string type;
  double revenue;
};

std::string Line(const ShopClick& click) {
  return fmt::format(
      "{{\"session_id\":\"{}\",\"user_id\":\"{}\",\"event_type\":\"{}\",\"revenue\":{},\"event_timestamp\":\"{}\"}}\n",
      click.session, click.user, click.type, click.revenue, TimeText(click.at_us));
}

// Sums are compared to the last bit.
std::string Text(const std::string& session, const std::string& user, std::int64_t clicks, double revenue,
                 Timestamp start) {
  return fmt::format("{} of {}: {} clicks, {:a}, from {}", session, user, clicks, revenue, start.micros);
}

std::multiset<std::string> Ended(const ExampleQuery& query) {
  std::multiset<std::string> ended;
  for (const SessionV1& row : query.Rows<SessionV1>()) {
    ended.insert(Text(row.session_id, row.user_id, row.event_count, row.total_revenue, row.session_start));
  }
  return ended;
}

// Clicks in the order of their times, no two of a session at once.
std::vector<ShopClick> Clicks(std::mt19937& dice) {
  static const char* const kTypes[] = {"page_view", "search", "add_to_cart", "purchase", "logout"};
  std::vector<ShopClick> clicks;
  std::int64_t now_us = 0;
  for (int i = 0; i < 300; ++i) {
    now_us += 1 + dice() % 600'000;
    clicks.push_back({.at_us = now_us,
                      .session = fmt::format("s{}", dice() % 12),
                      .user = fmt::format("u{}", i),
                      .type = kTypes[dice() % 5],
                      .revenue = static_cast<double>(dice() % 100'000) / 100.0});
  }
  return clicks;
}

std::multiset<std::string> Sessions(const std::vector<ShopClick>& clicks) {
  std::map<std::string, std::vector<ShopClick>> open;
  std::multiset<std::string> sessions;
  for (const ShopClick& click : clicks) {
    std::vector<ShopClick>& session = open[click.session];
    session.push_back(click);
    if (click.type == "purchase" || click.type == "logout") {
      double revenue = 0;
      for (const ShopClick& part : session) {
        revenue += part.revenue;
      }
      sessions.insert(Text(click.session, session.front().user, static_cast<std::int64_t>(session.size()), revenue,
                           TimeAt(session.front().at_us)));
      session.clear();
    }
  }
  return sessions;
}

// The clicks in an order in which none comes more than the delay behind a later one, in files of any size; then one so
// late that all before it are complete. Into each file but the first few go clicks of long ago.
std::vector<Arrival> Arriving(std::mt19937& dice, const std::vector<ShopClick>& clicks, int* late_clicks) {
  std::vector<std::pair<std::int64_t, ShopClick>> arriving;
  for (const ShopClick& click : clicks) {
    arriving.emplace_back(click.at_us + static_cast<std::int64_t>(dice() % kDelayUs), click);
  }
  std::sort(arriving.begin(), arriving.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Arrival> arrivals;
  for (std::size_t next = 0; next < arriving.size();) {
    std::string lines;
    for (const std::size_t end = std::min(arriving.size(), next + 1 + dice() % 40); next < end; ++next) {
      lines += Line(arriving[next].second);
    }
    if (arrivals.size() >= 3 && late_clicks != nullptr) {
      for (unsigned i = dice() % 3; i > 0; --i) {
        lines += Line({.at_us = -60'000'000, .session = "s0", .user = "late", .type = "logout", .revenue = 1});
        ++*late_clicks;
      }
    }
    arrivals.push_back({kBegin + static_cast<std::int64_t>(next), {lines}});
  }
  const ShopClick last{.at_us = 3'600'000'000, .session = "last", .user = "u", .type = "page_view", .revenue = 0};
  arrivals.push_back({kBegin + 3'600'000, {Line(last)}});
  return arrivals;
}

TEST(EventTimeSessionsExample, EveryOrderOfArrivalWithinTheDelayGivesTheSameSessions) {
  std::mt19937 dice(7);
  const std::vector<ShopClick> clicks = Clicks(dice);
  for (unsigned seed = 1; seed <= 4; ++seed) {
    std::mt19937 order(seed);
    ExampleQuery query(seed);
    ASSERT_THAT(query.Run(Stream, Arriving(order, clicks, nullptr)), IsOk());
    EXPECT_EQ(Ended(query), Sessions(clicks)) << "seed " << seed;
    EXPECT_EQ(query.DroppedRows(), 0) << "seed " << seed;
  }
}

TEST(EventTimeSessionsExample, ClicksThatComeTooLateAreCountedAndChangeNoSession) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    std::mt19937 dice(seed);
    const std::vector<ShopClick> clicks = Clicks(dice);
    int late_clicks = 0;
    ExampleQuery query(seed);
    ASSERT_THAT(query.Run(Stream, Arriving(dice, clicks, &late_clicks)), IsOk());
    EXPECT_EQ(Ended(query), Sessions(clicks)) << "seed " << seed;
    EXPECT_EQ(query.DroppedRows(), late_clicks) << "seed " << seed;
    EXPECT_GT(late_clicks, 0);
  }
}

TEST(EventTimeSessionsExample, AClickIsCompleteWhenNoEarlierOneCanPassTheWatermark) {
  // The watermark after the second batch is 1.000 s. A click half a millisecond behind that is not late, so one that
  // came before it must still wait.
  const auto click = [](std::int64_t at_us, const std::string& type) {
    return Line({.at_us = at_us, .session = "a", .user = "u", .type = type, .revenue = 1});
  };
  const std::string watermark_at_1s =
      Line({.at_us = 1'000'000 + kDelayUs, .session = "b", .user = "u", .type = "page_view", .revenue = 0});
  ExampleQuery query(1);
  ASSERT_THAT(
      query.Run(
          Stream,
          {{kBegin, {click(1'000'700, "logout") + watermark_at_1s}},
           {kBegin + 1, {watermark_at_1s}},
           {kBegin + 2, {click(1'000'500, "page_view")}},
           {kBegin + 3,
            {Line({.at_us = 60'000'000 + kDelayUs, .session = "b", .user = "u", .type = "page_view", .revenue = 0})}}}),
      IsOk());
  EXPECT_EQ(Ended(query), std::multiset<std::string>{Text("a", "u", 2, 2, TimeAt(1'000'500))});
}

}  // namespace
}  // namespace hf::test
