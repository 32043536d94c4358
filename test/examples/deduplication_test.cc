// SPDX-License-Identifier: Apache-2.0
#include "deduplication/deduplication.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "examples/example_query.h"
#include "support/status_matchers.h"

namespace hf::test {
namespace {

using deduplication::Deduplication;
using deduplication::Event;
using deduplication::FirstEvent;

constexpr std::int64_t kMemoryMs = 60'000;
constexpr std::int64_t kBegin = ExampleQuery::kBeginMs;

ResultStream Remembering(std::int64_t memory_ms) {
  return deduplication::Query(ExampleQuery::Events<Event>(), Deduplication(std::chrono::milliseconds(memory_ms)));
}
ResultStream Stream() { return Remembering(kMemoryMs); }

std::string Line(const std::string& id, const std::string& payload) {
  return fmt::format("{{\"event_id\":\"{}\",\"payload\":\"{}\"}}\n", id, payload);
}

std::multiset<std::string> Passed(const ExampleQuery& query) {
  std::multiset<std::string> passed;
  for (const FirstEvent& row : query.Rows<FirstEvent>()) {
    passed.insert(row.event_id + " " + row.payload);
  }
  return passed;
}

TEST(DeduplicationExample, ADuplicatePassesOnlyWhenTheTimeOfTheOneThatPassedIsOver) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    std::mt19937 dice(seed);
    ExampleQuery query(seed);
    std::vector<Arrival> arrivals;
    std::map<std::string, std::int64_t> passed_at_ms;
    std::multiset<std::string> expected;
    std::int64_t now_ms = kBegin;
    int number = 0;
    for (int batch = 0; batch < 50; ++batch) {
      now_ms += dice() % 4 == 0 ? 30'000 : dice() % 10'000;
      std::string lines;
      for (unsigned i = dice() % 8; i > 0; --i) {
        const std::string id = fmt::format("e{}", dice() % 12);
        const std::string payload = fmt::format("p{}", ++number);
        lines += Line(id, payload);
        const auto passed = passed_at_ms.find(id);
        if (passed == passed_at_ms.end() || passed->second + kMemoryMs <= now_ms) {
          passed_at_ms[id] = now_ms;
          expected.insert(id + " " + payload);
        }
      }
      arrivals.push_back({now_ms, {lines}});
    }
    ASSERT_THAT(query.Run(Stream, arrivals), IsOk());
    EXPECT_EQ(Passed(query), expected) << "seed " << seed;
  }
}

TEST(DeduplicationExample, ADuplicateDoesNotRenewTheTime) {
  ExampleQuery query(1);
  ASSERT_THAT(query.Run(Stream, {{kBegin, {Line("e", "first")}},
                                 {kBegin + kMemoryMs - 1, {Line("e", "again")}},
                                 {kBegin + kMemoryMs, {Line("e", "later") + Line("e", "later still")}}}),
              IsOk());
  EXPECT_EQ(Passed(query), (std::multiset<std::string>{"e first", "e later"}));
}

TEST(DeduplicationExample, AnotherTimeCountsForWhatIsWrittenFromThenOn) {
  const auto shorter = [] { return Remembering(kMemoryMs / 2); };
  ExampleQuery query(1);
  ASSERT_THAT(query.Run(Stream, {{kBegin, {Line("e", "first")}}}), IsOk());
  const std::int64_t at_ms = kBegin + kMemoryMs - 1;
  ASSERT_THAT(query.Run(shorter, {{at_ms, {Line("e", "again") + Line("f", "first")}},
                                  {at_ms + 1, {Line("e", "later")}},
                                  {at_ms + kMemoryMs / 2, {Line("f", "later")}}}),
              IsOk());
  EXPECT_EQ(Passed(query), (std::multiset<std::string>{"e first", "f first", "e later", "f later"}));
}

}  // namespace
}  // namespace hf::test
