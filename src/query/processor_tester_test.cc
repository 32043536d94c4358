// SPDX-License-Identifier: Apache-2.0
#include "holdfast/processor_tester.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/status_matchers.h"

namespace hf {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

struct Visit {
  std::string page;
  std::int32_t seconds = 0;
  std::optional<Timestamp> at = std::nullopt;
};
HOLDFAST_STRUCT(Visit, page, seconds, at);

struct Totals {
  std::int32_t visits = 0;
  bool operator==(const Totals&) const = default;
};
HOLDFAST_STRUCT(Totals, visits);

struct Step {
  std::string page;
  bool operator==(const Step&) const = default;
};
HOLDFAST_STRUCT(Step, page);

struct Said {
  std::string user;
  std::string what;
  bool operator==(const Said&) const = default;
};
HOLDFAST_STRUCT(Said, user, what);

constexpr std::int64_t kIdleMs = 1000;

// Counts visits, keeps the way and the time on each page (which is forgotten after a while), and says good-bye when a
// user has been idle.
class Visiting final : public StatefulProcessorWithInitialState<std::string, Visit, Said, Totals> {
 public:
  void Init(StatefulProcessorHandle& handle) override {
    totals_ = handle.GetValueState<Totals>("totals");
    way_ = handle.GetListState<Step>("way");
    pages_ = handle.GetMapState<std::string, std::int32_t>("pages", {.ttl_duration = std::chrono::milliseconds(500)});
  }
  void HandleInitialState(const std::string&, const Totals& row, const TimerValues&) override { totals_.Update(row); }
  void HandleInputRows(const std::string& user, RowsOf<Visit> rows, const TimerValues& now,
                       Output<Said>& out) override {
    Totals totals = totals_.Get() == nullptr ? Totals() : *totals_.Get();
    for (const Visit& row : rows) {
      if (row.page == "throw") {
        throw std::runtime_error("a page that throws");
      }
      ++totals.visits;
      way_.AppendValue({row.page});
      pages_.UpdateValue(row.page, row.seconds);
      out.Emit({user, row.page});
    }
    totals_.Update(totals);
    for (const std::int64_t timer : GetHandle().ListTimers()) {
      GetHandle().DeleteTimer(timer);
    }
    GetHandle().RegisterTimer(now.current_processing_time_ms + kIdleMs);
  }
  void HandleExpiredTimer(const std::string& user, const TimerValues&, const ExpiredTimerInfo&,
                          Output<Said>& out) override {
    out.Emit({user, "bye"});
    way_.Clear();
  }

 private:
  ValueState<Totals> totals_;
  ListState<Step> way_;
  MapState<std::string, std::int32_t> pages_;
};

struct WideTotals {
  std::int64_t visits = 0;
  std::optional<std::string> device;
  bool operator==(const WideTotals&) const = default;
};
HOLDFAST_STRUCT(WideTotals, visits, device);

class VisitingV2 final : public StatefulProcessor<std::string, Visit, Said> {
 public:
  void Init(StatefulProcessorHandle& handle) override {
    totals_ = handle.GetValueState<WideTotals>("totals");
    way_ = handle.GetListState<Step>("way");
    pages_ = handle.GetMapState<std::string, std::int32_t>("pages", {.ttl_duration = std::chrono::milliseconds(500)});
  }
  void HandleInputRows(const std::string&, RowsOf<Visit>, const TimerValues&, Output<Said>&) override {}

 private:
  ValueState<WideTotals> totals_;
  ListState<Step> way_;
  MapState<std::string, std::int32_t> pages_;
};

struct TextTotals {
  std::optional<std::string> visits;
};
HOLDFAST_STRUCT(TextTotals, visits);

class Bent final : public StatefulProcessor<std::string, Visit, Said> {
 public:
  void Init(StatefulProcessorHandle& handle) override {
    totals_ = handle.GetValueState<TextTotals>("totals");
    way_ = handle.GetListState<Step>("way");
    pages_ = handle.GetMapState<std::string, std::int32_t>("pages", {.ttl_duration = std::chrono::milliseconds(500)});
  }
  void HandleInputRows(const std::string&, RowsOf<Visit>, const TimerValues&, Output<Said>&) override {}

 private:
  ValueState<TextTotals> totals_;
  ListState<Step> way_;
  MapState<std::string, std::int32_t> pages_;
};

const TesterOptions kProcessingTime = {.time_mode = TimeMode::kProcessingTime, .processing_time_ms = 10'000};

TEST(ProcessorTester, RowsGoInRowsComeOutAndStateCanBeSeenAndSet) {
  ProcessorTester<Visiting> tester(kProcessingTime);
  EXPECT_THAT(tester.Test("ann", {{"home", 3}, {"cart", 4}}), ElementsAre(Said{"ann", "home"}, Said{"ann", "cart"}));
  EXPECT_EQ(tester.PeekValueState<Totals>("totals", "ann"), Totals{2});
  EXPECT_THAT(tester.PeekListState<Step>("way", "ann"), ElementsAre(Step{"home"}, Step{"cart"}));
  EXPECT_THAT((tester.PeekMapState<std::string, std::int32_t>("pages", "ann")),
              ElementsAre(Pair("cart", 4), Pair("home", 3)));
  EXPECT_THAT(tester.PeekTimers("ann"), ElementsAre(11'000));
  EXPECT_EQ(tester.PeekValueState<Totals>("totals", "bob"), std::nullopt);

  tester.UpdateValueState("totals", "bob", Totals{7});
  tester.UpdateListState<Step>("way", "bob", {{"shop"}});
  tester.UpdateMapState<std::string, std::int32_t>("pages", "bob", {{"shop", 1}});
  EXPECT_THAT(tester.Test({{"bob", {"cart", 9}}, {"ann", {"out", 1}}}),
              ElementsAre(Said{"ann", "out"}, Said{"bob", "cart"}));
  EXPECT_EQ(tester.PeekValueState<Totals>("totals", "bob"), Totals{8});
  EXPECT_THAT(tester.PeekListState<Step>("way", "bob"), ElementsAre(Step{"shop"}, Step{"cart"}));
  tester.DeleteState("way", "bob");
  EXPECT_THAT(tester.PeekListState<Step>("way", "bob"), IsEmpty());
}

TEST(ProcessorTester, TimeStandsStillUntilItIsMoved) {
  ProcessorTester<Visiting> tester(kProcessingTime);
  tester.Test("ann", {{"home", 3}});
  EXPECT_THAT(tester.SetProcessingTime(10'499), IsEmpty());
  EXPECT_EQ((tester.PeekMapState<std::string, std::int32_t>("pages", "ann").size()), 1u);
  EXPECT_THAT(tester.SetProcessingTime(10'500), IsEmpty());
  EXPECT_THAT((tester.PeekMapState<std::string, std::int32_t>("pages", "ann")), IsEmpty());
  EXPECT_THAT(tester.SetProcessingTime(11'000), ElementsAre(Said{"ann", "bye"}));
  EXPECT_THAT(tester.PeekListState<Step>("way", "ann"), IsEmpty());
  EXPECT_THAT(tester.PeekTimers("ann"), IsEmpty());
}

TEST(ProcessorTester, RestartKeepsWhatWasCommittedAndACrashLosesItsBatch) {
  for (const char* encoding : {"avro", "unsaferow"}) {
    TesterOptions options = kProcessingTime;
    options.conf = {{"spark.sql.streaming.stateStore.encodingFormat", encoding}};
    ProcessorTester<Visiting> tester(options);
    for (int round = 1; round <= 3; ++round) {
      tester.Test("ann", {{"home", 3}});
      tester.Restart();
      EXPECT_EQ(tester.PeekValueState<Totals>("totals", "ann"), Totals{round});
      tester.Crash("ann", {{"lost", 3}});
      EXPECT_EQ(tester.PeekValueState<Totals>("totals", "ann"), Totals{round});
    }
    EXPECT_THAT(tester.PeekTimers("ann"), ElementsAre(11'000));
  }
}

TEST(ProcessorTester, InitialStateComesBeforeTheInput) {
  ProcessorTester<Visiting> tester(kProcessingTime);
  tester.AddInitialState("ann", Totals{40});
  tester.Test("ann", {{"home", 3}});
  EXPECT_EQ(tester.PeekValueState<Totals>("totals", "ann"), Totals{41});
}

TEST(ProcessorTester, AnotherVersionGoesOnOrIsRefused) {
  ProcessorTester<Visiting> tester(kProcessingTime);
  tester.Test("ann", {{"home", 3}, {"cart", 4}});
  auto v2 = std::move(tester).Evolve<VisitingV2>();
  EXPECT_EQ(v2.PeekValueState<WideTotals>("totals", "ann"), (WideTotals{2, std::nullopt}));
  EXPECT_THAT(v2.PeekListState<Step>("way", "ann"), ElementsAre(Step{"home"}, Step{"cart"}));
  try {
    std::move(v2).Evolve<Bent>();
    FAIL() << "a number became a text";
  } catch (const StatusError& error) {
    EXPECT_EQ(error.status().condition(), "STATE_STORE_INVALID_VALUE_SCHEMA_EVOLUTION") << error.what();
  }
}

TEST(ProcessorTester, MistakesAreToldAndLeaveTheStateAsItWas) {
  ProcessorTester<Visiting> tester(kProcessingTime);
  tester.Test("ann", {{"home", 3}});
  EXPECT_THROW(tester.Test("ann", {{"throw", 0}}), StatusError);
  EXPECT_EQ(tester.PeekValueState<Totals>("totals", "ann"), Totals{1});
  EXPECT_THROW(static_cast<void>(tester.PeekValueState<Totals>("total", "ann")), StatusError);
  EXPECT_THROW(static_cast<void>(tester.PeekValueState<WideTotals>("totals", "ann")), StatusError);
  EXPECT_THROW(static_cast<void>(tester.PeekListState<Totals>("totals", "ann")), StatusError);
  EXPECT_THROW(tester.UpdateListState<Step>("way", "ann", {}), StatusError);
  EXPECT_THAT(tester.PeekListState<Step>("way", "ann"), ElementsAre(Step{"home"}));
}

class Late final : public StatefulProcessor<std::string, Visit, Said> {
 public:
  void Init(StatefulProcessorHandle&) override {}
  void HandleInputRows(const std::string& key, RowsOf<Visit> rows, const TimerValues&, Output<Said>& out) override {
    for (const Visit& row : rows) {
      out.Emit({key, row.page});
    }
    GetHandle().RegisterTimer(5'000);
  }
  void HandleExpiredTimer(const std::string& key, const TimerValues&, const ExpiredTimerInfo& timer,
                          Output<Said>& out) override {
    out.Emit({key, "timer " + std::to_string(timer.expiry_time_ms)});
  }
};

TEST(ProcessorTester, WatermarkFollowsTheInputAndLateRowsAreCounted) {
  ProcessorTester<Late> tester({.time_mode = TimeMode::kEventTime, .event_time = "at", .delay_threshold = "1 second"});
  const auto at = [](std::int64_t ms) { return std::optional<Timestamp>(Timestamp{ms * 1000}); };
  EXPECT_THAT(tester.Test("k", {{"a", 0, at(6'000)}}), ElementsAre(Said{"k", "a"}));
  EXPECT_EQ(tester.watermark_ms(), 5'000);
  EXPECT_THAT(tester.Test("k", {{"b", 0, at(6'100)}}), ElementsAre(Said{"k", "b"}, Said{"k", "timer 5000"}));
  EXPECT_THAT(tester.Test("k", {{"c", 0, at(4'000)}}), IsEmpty());
  EXPECT_EQ(tester.late_rows(), 1);
}

}  // namespace
}  // namespace hf
