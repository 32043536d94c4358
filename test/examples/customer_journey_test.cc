// SPDX-License-Identifier: Apache-2.0
#include "customer_journey/customer_journey.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "examples/example_query.h"
#include "support/status_matchers.h"

namespace hf::test {
namespace {

using namespace customer_journey;  // NOLINT(google-build-using-namespace): the example under test

constexpr std::int64_t kBegin = ExampleQuery::kBeginMs;

struct Visit {
  std::string customer;
  std::string page;
  std::int64_t seconds;
  std::string channel;  // "?" where version 1 took it
};

ResultStream StreamV1() { return Query<JourneysV1>(ExampleQuery::Events<VisitV1>()); }
ResultStream StreamV2() { return Query<JourneysV2>(ExampleQuery::Events<VisitV2>()); }

std::string Line(const Visit& visit) {
  return fmt::format("{{\"customer_id\":\"{}\",\"page\":\"{}\",\"seconds\":{},\"channel\":\"{}\"}}\n", visit.customer,
                     visit.page, visit.seconds, visit.channel);
}

// Each customer's visits up to a purchase, of those the ones from visit number `from` on.
std::multiset<std::string> Journeys(const std::vector<Visit>& visits, std::size_t from, std::size_t to, bool channels) {
  std::map<std::string, std::vector<Visit>> by_customer;
  std::multiset<std::string> journeys;
  for (std::size_t i = 0; i < to; ++i) {
    std::vector<Visit>& steps = by_customer[visits[i].customer];
    steps.push_back(visits[i]);
    if (visits[i].page != "purchase") {
      continue;
    }
    std::vector<std::string> pages;
    std::vector<std::string> ways;
    std::int64_t seconds = 0;
    for (const Visit& step : steps) {
      pages.push_back(step.page);
      ways.push_back(step.channel);
      seconds += step.seconds;
    }
    if (i >= from) {
      journeys.insert(fmt::format("{}: {} in {} s", visits[i].customer, fmt::join(pages, " > "), seconds) +
                      (channels ? fmt::format(" by {}", fmt::join(ways, " > ")) : ""));
    }
    steps.clear();
  }
  return journeys;
}

std::multiset<std::string> Told(const ExampleQuery& query, bool channels) {
  std::multiset<std::string> told;
  if (channels) {
    for (const JourneyV2& row : query.Rows<JourneyV2>()) {
      told.insert(fmt::format("{}: {} in {} s by {}", row.customer_id, row.path, row.seconds, row.channels));
    }
  } else {
    for (const JourneyV1& row : query.Rows<JourneyV1>()) {
      told.insert(fmt::format("{}: {} in {} s", row.customer_id, row.path, row.seconds));
    }
  }
  return told;
}

std::vector<Arrival> Arriving(std::mt19937& dice, const std::vector<Visit>& visits, std::size_t from, std::size_t to) {
  std::vector<Arrival> arrivals;
  while (from < to) {
    std::string lines;
    for (const std::size_t end = std::min(to, from + 1 + dice() % 12); from < end; ++from) {
      lines += Line(visits[from]);
    }
    arrivals.push_back({kBegin + static_cast<std::int64_t>(from) * 1000, {lines}});
  }
  return arrivals;
}

TEST(CustomerJourneyExample, StepsOfVersionOneAreReadByVersionTwoAndStandBesideItsOwn) {
  static const char* const kPages[] = {"home", "search", "product", "cart", "purchase"};
  static const char* const kChannels[] = {"web", "app", "store"};
  for (unsigned seed = 1; seed <= 4; ++seed) {
    std::mt19937 dice(seed);
    ExampleQuery query(seed);
    std::vector<Visit> visits;
    constexpr std::size_t kOfVersion1 = 120;
    for (std::size_t i = 0; i < 2 * kOfVersion1; ++i) {
      const bool v1 = i < kOfVersion1;
      visits.push_back({.customer = fmt::format("c{}", dice() % 15),
                        .page = kPages[dice() % 5],
                        // More than an int32 holds, from version 2 on.
                        .seconds = static_cast<std::int64_t>(dice() % 600) + (v1 ? 0 : 3'000'000'000),
                        .channel = v1 ? "?" : kChannels[dice() % 3]});
    }
    ASSERT_THAT(query.Run(StreamV1, Arriving(dice, visits, 0, kOfVersion1)), IsOk());
    EXPECT_EQ(Told(query, false), Journeys(visits, 0, kOfVersion1, false)) << "seed " << seed;
    query.ForgetRows();
    ASSERT_THAT(query.Run(StreamV2, Arriving(dice, visits, kOfVersion1, visits.size())), IsOk());
    const auto told = Told(query, true);
    EXPECT_EQ(told, Journeys(visits, kOfVersion1, visits.size(), true)) << "seed " << seed;
    EXPECT_TRUE(std::any_of(told.begin(), told.end(), [](const std::string& journey) {
      return journey.find("? > web") != std::string::npos || journey.find("? > app") != std::string::npos;
    })) << "a journey through both versions";
  }
}

TEST(CustomerJourneyExample, VersionOneDoesNotStartOnWhatVersionTwoHasWritten) {
  ExampleQuery query(1);
  ASSERT_THAT(query.Run(StreamV2, {{kBegin, {Line({"c", "home", 1, "web"})}}}), IsOk());
  const Status refused = query.RunAt(StreamV1, kBegin + 1000);
  EXPECT_EQ(refused.condition(), "STATE_STORE_INVALID_VALUE_SCHEMA_EVOLUTION") << refused.ToString();
}

}  // namespace
}  // namespace hf::test
