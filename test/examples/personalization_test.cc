// SPDX-License-Identifier: Apache-2.0
#include "personalization/personalization.h"

#include <fmt/format.h>

#include <map>

#include "examples/example_query.h"
#include "support/status_matchers.h"

namespace hf::test {
namespace {

using personalization::Click;
using personalization::Personalization;
using personalization::Recommendation;

constexpr std::int64_t kMemoryMs = 60'000;
constexpr std::int64_t kBegin = ExampleQuery::kBeginMs;

ResultStream Stream() {
  return personalization::Query(ExampleQuery::Events<Click>(), Personalization(std::chrono::milliseconds(kMemoryMs)));
}

std::string Line(const std::string& session, const std::string& category, const std::string& type) {
  return fmt::format("{{\"session_id\":\"{}\",\"page_category\":\"{}\",\"event_type\":\"{}\"}}\n", session, category,
                     type);
}

std::string Text(const std::string& session, const std::string& category, std::int64_t score, std::int64_t categories) {
  return fmt::format("{}: {} with {} of {}", session, category, score, categories);
}

struct Seen {
  std::int64_t at_ms;
  std::int64_t weight;
};
using Clicks = std::map<std::string, std::vector<Seen>>;  // by category, in order

// What counts at `now_ms`: the clicks of a category back to a pause of `kMemoryMs`.
std::string Best(const std::string& session, const Clicks& clicks, std::int64_t now_ms) {
  std::string best;
  std::int64_t best_score = 0;
  std::int64_t categories = 0;
  for (const auto& [category, seen] : clicks) {
    std::int64_t score = 0;
    std::int64_t after_ms = now_ms;
    for (auto click = seen.rbegin(); click != seen.rend() && after_ms - click->at_ms < kMemoryMs; ++click) {
      score += click->weight;
      after_ms = click->at_ms;
    }
    categories += score > 0 ? 1 : 0;
    if (score > best_score) {
      best = category;
      best_score = score;
    }
  }
  return Text(session, best, best_score, categories);
}

TEST(PersonalizationExample, TheCategoryOfTheLatestBehaviourWinsAndWhatIsNotLookedAtIsForgotten) {
  static const char* const kCategories[] = {"shoes", "hats", "coats", "ties", "bags"};
  static const std::pair<const char*, int> kTypes[] = {
      {"page_view", 1}, {"search", 1}, {"add_to_cart", 3}, {"purchase", 5}};
  for (unsigned seed = 1; seed <= 4; ++seed) {
    std::mt19937 dice(seed);
    ExampleQuery query(seed);
    std::vector<Arrival> arrivals;
    std::map<std::string, Clicks> by_session;
    std::multiset<std::string> expected;
    std::int64_t now_ms = kBegin;
    for (int batch = 0; batch < 40; ++batch) {
      now_ms += dice() % 5 == 0 ? 30'000 : dice() % 20'000;
      std::string lines;
      std::set<std::string> sessions;
      for (unsigned i = dice() % 8; i > 0; --i) {
        const std::string session = fmt::format("s{}", dice() % 4);
        const std::string category = kCategories[dice() % 5];
        const auto& [type, weight] = kTypes[dice() % 4];
        lines += Line(session, category, type);
        by_session[session][category].push_back({now_ms, weight});
        sessions.insert(session);
      }
      for (const std::string& session : sessions) {
        expected.insert(Best(session, by_session[session], now_ms));
      }
      arrivals.push_back({now_ms, {lines}});
    }
    ASSERT_THAT(query.Run(Stream, arrivals), IsOk());
    std::multiset<std::string> told;
    for (const Recommendation& row : query.Rows<Recommendation>()) {
      told.insert(Text(row.session_id, row.page_category, row.score, row.categories));
    }
    EXPECT_EQ(told, expected) << "seed " << seed;
  }
}

TEST(PersonalizationExample, AnInterestIsThereToTheLastMillisecondOfItsTime) {
  ExampleQuery query(1);
  ASSERT_THAT(query.Run(Stream, {{kBegin, {Line("a", "hats", "purchase")}},
                                 {kBegin + kMemoryMs - 1, {Line("a", "ties", "search")}},
                                 {kBegin + kMemoryMs, {Line("a", "ties", "search")}}}),
              IsOk());
  const auto rows = query.Rows<Recommendation>();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(Text("a", rows[1].page_category, rows[1].score, rows[1].categories), Text("a", "hats", 5, 2));
  EXPECT_EQ(Text("a", rows[2].page_category, rows[2].score, rows[2].categories), Text("a", "ties", 2, 1));
}

}  // namespace
}  // namespace hf::test
