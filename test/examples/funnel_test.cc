// SPDX-License-Identifier: Apache-2.0
#include "funnel/funnel.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "examples/example_query.h"
#include "support/status_matchers.h"

namespace hf::test {
namespace {

using funnel::Event;
using funnel::Funnel;
using funnel::Passage;

constexpr std::int64_t kTimeToBuyMs = 60'000;
constexpr std::int64_t kBegin = ExampleQuery::kBeginMs;

ResultStream Stream() {
  return funnel::Query(ExampleQuery::Events<Event>(), Funnel(std::chrono::milliseconds(kTimeToBuyMs)));
}

std::string Text(const std::string& user, const std::string& step, bool dropped_off) {
  return fmt::format("{}: {}{}", user, step, dropped_off ? ", dropped off" : "");
}

struct Step {
  std::int64_t at_ms;
  std::size_t number;
};

// A passage begins with its first step and ends with a purchase, or with the first batch that is `kTimeToBuyMs` or more
// behind its beginning; what arrives in that batch still belongs to it.
std::multiset<std::string> Passages(const std::map<std::string, std::vector<Step>>& steps_of,
                                    const std::set<std::int64_t>& batch_times) {
  static const std::vector<std::string> kNames = {"product", "cart", "checkout", "purchase"};
  std::multiset<std::string> passages;
  for (const auto& [user, steps] : steps_of) {
    for (std::size_t next = 0; next < steps.size();) {
      const auto closing = batch_times.lower_bound(steps[next].at_ms + kTimeToBuyMs);
      std::size_t furthest = 0;
      while (furthest != 3 && next < steps.size() && (closing == batch_times.end() || steps[next].at_ms <= *closing)) {
        furthest = std::max(furthest, steps[next++].number);
      }
      passages.insert(Text(user, kNames[furthest], furthest != 3));
    }
  }
  return passages;
}

TEST(FunnelExample, EachPassageEndsWithAPurchaseOrAtItsFurthestStepWhenTimeIsUp) {
  static const char* const kTypes[] = {"product", "cart", "checkout", "purchase", "page_view", "search"};
  for (unsigned seed = 1; seed <= 4; ++seed) {
    std::mt19937 dice(seed);
    ExampleQuery query(seed);
    std::vector<Arrival> arrivals;
    std::map<std::string, std::vector<Step>> steps_of;
    std::set<std::int64_t> batch_times;
    std::int64_t now_ms = kBegin;
    for (int batch = 0; batch < 40; ++batch) {
      now_ms += dice() % 4 == 0 ? 20'000 : dice() % 15'000;
      batch_times.insert(now_ms);
      std::string lines;
      for (unsigned i = dice() % 6; i > 0; --i) {
        const std::string user = fmt::format("u{}", dice() % 8);
        const std::size_t type = dice() % 6;
        lines += fmt::format("{{\"user_id\":\"{}\",\"event_type\":\"{}\"}}\n", user, kTypes[type]);
        if (type < 4) {
          steps_of[user].push_back({now_ms, type});
        }
      }
      arrivals.push_back({now_ms, {lines}});
    }
    ASSERT_THAT(query.Run(Stream, arrivals), IsOk());
    ASSERT_THAT(query.RunAt(Stream, now_ms + kTimeToBuyMs), IsOk());
    std::multiset<std::string> told;
    for (const Passage& row : query.Rows<Passage>()) {
      told.insert(Text(row.user_id, row.furthest_step, row.dropped_off));
    }
    EXPECT_EQ(told, Passages(steps_of, batch_times)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace hf::test
