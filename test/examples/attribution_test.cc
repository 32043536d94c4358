// SPDX-License-Identifier: Apache-2.0
#include "attribution/attribution.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "examples/example_query.h"
#include "support/status_matchers.h"

namespace hf::test {
namespace {

using attribution::Event;
using attribution::Share;

ResultStream Stream() { return attribution::Query(ExampleQuery::Events<Event>(0), ExampleQuery::Events<Event>(1)); }

std::string Text(const std::string& session, const std::string& channel, std::int64_t touches, std::int64_t cents) {
  return fmt::format("{}: {} cents for {} of {}", session, cents, touches, channel);
}

struct Tracked {
  std::string session;
  std::size_t channel;
  std::int64_t cents;  // 0: no purchase
};

// Events in the order in which the query comes to them.
std::multiset<std::string> Shares(const std::vector<Tracked>& events) {
  static const char* const kChannels[] = {"web", "mobile"};
  std::multiset<std::string> shares;
  for (std::size_t bought = 0; bought < events.size(); ++bought) {
    const auto& [session, channel, cents] = events[bought];
    if (cents == 0) {
      continue;
    }
    std::int64_t touches[2] = {0, 0};
    ++touches[channel];
    // Back to the session's purchase before this one.
    for (std::size_t i = bought; i-- > 0 && !(events[i].session == session && events[i].cents != 0);) {
      touches[events[i].channel] += events[i].session == session ? 1 : 0;
    }
    const std::int64_t other = cents * touches[1 - channel] / (touches[0] + touches[1]);
    shares.insert(Text(session, kChannels[channel], touches[channel], cents - other));
    if (touches[1 - channel] > 0) {
      shares.insert(Text(session, kChannels[1 - channel], touches[1 - channel], other));
    }
  }
  return shares;
}

TEST(AttributionExample, TheRevenueOfASessionIsSharedToTheCentByWhatHappenedOnEachChannel) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    std::mt19937 dice(seed);
    ExampleQuery query(seed);
    std::vector<Arrival> arrivals;
    std::vector<Tracked> events;
    std::int64_t revenue = 0;
    for (int batch = 0; batch < 25; ++batch) {
      Arrival arrival{.at_ms = ExampleQuery::kBeginMs + batch * 1000, .lines_by_input = {"", ""}};
      for (std::size_t channel = 0; channel < 2; ++channel) {  // within a batch web comes first
        for (unsigned i = dice() % 7; i > 0; --i) {
          const std::string session = fmt::format("s{}", dice() % 6);
          const std::int64_t cents = dice() % 5 == 0 ? 1 + dice() % 10'000 : 0;
          arrival.lines_by_input[channel] +=
              fmt::format("{{\"session_id\":\"{}\",\"channel\":\"{}\",\"event_type\":\"{}\",\"revenue_cents\":{}}}\n",
                          session, channel == 0 ? "web" : "mobile", cents != 0 ? "purchase" : "page_view",
                          cents != 0 ? fmt::format("{}", cents) : "null");
          events.push_back({session, channel, cents});
          revenue += cents;
        }
      }
      arrivals.push_back(arrival);
    }
    ASSERT_THAT(query.Run(Stream, arrivals), IsOk());
    std::multiset<std::string> told;
    for (const Share& row : query.Rows<Share>()) {
      told.insert(Text(row.session_id, row.channel, row.touches, row.revenue_cents));
      revenue -= row.revenue_cents;
    }
    EXPECT_EQ(told, Shares(events)) << "seed " << seed;
    EXPECT_EQ(revenue, 0) << "no cent is lost, seed " << seed;
  }
}

}  // namespace
}  // namespace hf::test
