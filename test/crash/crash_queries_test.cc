// SPDX-License-Identifier: Apache-2.0
// Queries that the large scenario of crash_sweep_test.cc has not, stopped at every disk operation: timers in batches
// without rows, initial state, and a chain whose first batch fails before anything stops it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "crash/stopped_query.h"
#include "holdfast/processor.h"

namespace hf {
namespace {

struct In {
  std::string key;
  Timestamp at;
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(In, key, at, n);

struct Out {
  std::string key;
  std::string what;
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(Out, key, what, n);

constexpr int kKeys = 6;
constexpr int kRounds = 4;

// A row of each key but one, at `second` of a day.
std::string Lines(int round, int second) {
  std::string lines;
  for (int key = 0; key < kKeys; ++key) {
    if (key != round) {
      lines += fmt::format("{{\"key\":\"k{}\",\"at\":\"2026-01-01T00:{:02}:{:02}.0Z\",\"n\":{}}}\n", key, second / 60,
                           second % 60, 10 * round + key);
    }
  }
  return lines;
}

std::vector<std::string> Files(int seconds_a_round) {
  std::vector<std::string> files;
  for (int round = 0; round < kRounds; ++round) {
    files.push_back(Lines(round, round * seconds_a_round));
  }
  return files;
}

DataStream Events(const std::string& pattern) {
  return ReadStream("json")
      .Schema<In>()
      .Option("maxFilesPerTrigger", "1")
      .Option("pathGlobFilter", pattern)
      .Load("/events");
}

std::size_t CountOf(const std::multiset<std::string>& rows, std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      rows.begin(), rows.end(), [text](const std::string& row) { return row.find(text) != std::string::npos; }));
}

// Stops at every `step`th operation, in each checkpoint format.
template <typename Query>
void Sweep(std::uint64_t step, std::string_view what, const std::function<void(const Query&)>& check) {
  for (const int format : {1, 2}) {
    Query undisturbed(1, format);
    const Status ended = undisturbed.RunToEnd();
    ASSERT_TRUE(ended.ok()) << ended.ToString();
    check(undisturbed);
    const auto make = [format](std::uint64_t seed) { return std::make_unique<Query>(seed, format); };
    const Points points = SweepCheckpoint(make, step, undisturbed.Rows());
    points.Print(fmt::format("{}, checkpoint format {}", what, format));
    EXPECT_TRUE(step > 1 || points.Struck("/commits/")) << fmt::format("{}", fmt::join(points.struck(), "\n"));
  }
}

// ---- Timers in batches without rows -----------------------------------------------------------------------------

// Sums what came; a timer tells the sum, and another one 20 seconds later that the key is forgotten.
class Telling final : public StatefulProcessor<std::string, In, Out> {
 public:
  void Init(StatefulProcessorHandle& handle) override {
    total_ = handle.GetValueState<std::int64_t>("total");
    told_ = handle.GetListState<std::int64_t>("told");
  }
  void HandleInputRows(const std::string& key, RowsOf<In> rows, const TimerValues& clocks, Output<Out>& out) override {
    std::int64_t total = total_.Get() == nullptr ? 0 : *total_.Get();
    for (const In& row : rows) {
      total += row.n;
      GetHandle().RegisterTimer(row.at.micros / 1000 + 1000);
    }
    total_.Update(total);
    out.Emit({key, fmt::format("rows at {}", clocks.current_watermark_ms), total});
  }
  void HandleExpiredTimer(const std::string& key, const TimerValues& clocks, const ExpiredTimerInfo& timer,
                          Output<Out>& out) override {
    const std::string at = fmt::format("{} at {}", timer.expiry_time_ms, clocks.current_watermark_ms);
    if (timer.expiry_time_ms % 2 == 1) {
      total_.Clear();
      told_.Clear();
      out.Emit({key, "forgotten " + at, 0});
      return;
    }
    const std::int64_t total = total_.Get() == nullptr ? 0 : *total_.Get();
    told_.AppendValue(total);
    out.Emit({key, "timer " + at, total});
    if (total % 3 == 0) {
      GetHandle().RegisterTimer(timer.expiry_time_ms + 20'001);
    }
  }

 private:
  ValueState<std::int64_t> total_;
  ListState<std::int64_t> told_;
};

class EventTimers final : public StoppedQuery {
 public:
  EventTimers(std::uint64_t seed, int format) : StoppedQuery(seed, format) { SetInput(Files(12)); }

 private:
  Result<ResultStream> Query(const std::string& pattern, const Environment&) override {
    return Events(pattern)
        .WithWatermark("at", "5 seconds")
        .GroupBy("key")
        .TransformWithState<Telling>(OutputMode::kAppend, TimeMode::kEventTime);
  }
  [[nodiscard]] std::vector<StateReadOptions> Looks() const override {
    return {{.variable = "total"}, {.variable = "told"}, {.timers = true}};
  }
};

void SweepEventTimers(std::uint64_t step) {
  Sweep<EventTimers>(step, "event-time timers, batches without rows", [](const EventTimers& undisturbed) {
    EXPECT_EQ(undisturbed.table().committed.size(), 2U * kRounds) << "behind each batch with rows one without";
    for (const auto& [batch, rows] : undisturbed.table().committed) {
      const std::multiset<std::string> texts(rows.begin(), rows.end());
      EXPECT_EQ(CountOf(texts, "\"rows at") > 0, batch % 2 == 0) << "batch " << batch;
      EXPECT_EQ(CountOf(texts, "\"timer ") > 0, batch % 2 == 1 && batch > 1) << "batch " << batch;
    }
    EXPECT_GT(CountOf(undisturbed.Rows(), "\"forgotten "), 0U);
    EXPECT_GT(CountOf(undisturbed.Rows(), "state 0/timers"), 0U);
  });
}

TEST(CrashQueries, SomePointsWithTimersInBatchesWithoutRows) { SweepEventTimers(149); }
TEST(CrashQueries, SlowEveryPointWithTimersInBatchesWithoutRows) { SweepEventTimers(1); }

// ---- Initial state ----------------------------------------------------------------------------------------------

struct Start {
  std::string key;
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(Start, key, n);

// How often something is still to fail, for all starts of a query.
using Failures = std::shared_ptr<int>;

void FailIfAsked(const Failures& left) {
  if (*left > 0) {
    --*left;
    throw std::runtime_error("this batch is to fail");
  }
}

// Sums rows on top of the initial state, and remembers which rows of that it was given. Its timers are due at once, by
// the batch's clock.
class Beginning final : public StatefulProcessorWithInitialState<std::string, In, Out, Start> {
 public:
  explicit Beginning(Failures failures) : failures_(std::move(failures)) {}
  void Init(StatefulProcessorHandle& handle) override {
    total_ = handle.GetValueState<std::int64_t>("total");
    given_ = handle.GetListState<std::int64_t>("given");
    times_ = handle.GetMapState<std::int64_t, std::int64_t>("times");
  }
  void HandleInitialState(const std::string&, const Start& row, const TimerValues&) override {
    total_.Update(Total() + row.n);
    given_.AppendValue(row.n);
    const std::int64_t* times = times_.GetValue(row.n);
    times_.UpdateValue(row.n, times == nullptr ? 1 : *times + 1);
    GetHandle().RegisterTimer(1);
  }
  void HandleInputRows(const std::string& key, RowsOf<In> rows, const TimerValues&, Output<Out>& out) override {
    FailIfAsked(failures_);
    for (const In& row : rows) {
      total_.Update(Total() + row.n);
    }
    out.Emit({key, "rows", Total()});
  }
  void HandleExpiredTimer(const std::string& key, const TimerValues&, const ExpiredTimerInfo&,
                          Output<Out>& out) override {
    out.Emit({key, "timer", Total()});
  }

 private:
  [[nodiscard]] std::int64_t Total() const { return total_.Get() == nullptr ? 0 : *total_.Get(); }

  const Failures failures_;
  ValueState<std::int64_t> total_;
  ListState<std::int64_t> given_;
  MapState<std::int64_t, std::int64_t> times_;
};

class WithInitialState : public StoppedQuery {
 public:
  static constexpr int kMoreKeys = 3;  // without input
  WithInitialState(std::uint64_t seed, int format, int failures = 0)
      : StoppedQuery(seed, format), failures_(std::make_shared<int>(failures)) {
    SetInput({Lines(0, 0), Lines(1, 10)});
  }

 private:
  Result<ResultStream> Query(const std::string& pattern, const Environment&) override {
    const Schema schema = SchemaOf(detail::LayoutOf<Start>::Get());
    std::vector<Row> rows;
    for (int key = 0; key < kKeys + kMoreKeys; ++key) {
      rows.push_back({fmt::format("k{}", key), std::int64_t{1000} * key});
      rows.push_back({fmt::format("k{}", key), std::int64_t{100}});
    }
    return Events(pattern)
        .GroupBy("key")
        .WithInitialState(
            {.schema = schema, .rows = {ColumnBatch::FromRows(schema, rows).value()}, .grouping_columns = {"key"}})
        .TransformWithState(OutputMode::kAppend, TimeMode::kProcessingTime, Beginning(failures_));
  }
  [[nodiscard]] std::vector<StateReadOptions> Looks() const override {
    return {{.variable = "total"}, {.variable = "given"}, {.variable = "times"}, {.timers = true}};
  }

  const Failures failures_;
};

class FailingWithInitialState final : public WithInitialState {
 public:
  FailingWithInitialState(std::uint64_t seed, int format) : WithInitialState(seed, format, 2) {}
};

void ExpectHandedOverOnce(const WithInitialState& query) {
  constexpr std::size_t kStarts = kKeys + WithInitialState::kMoreKeys;
  const std::multiset<std::string> rows = query.Rows();
  EXPECT_EQ(CountOf(rows, "state 0/given"), 2 * kStarts);
  EXPECT_EQ(CountOf(rows, "state 0/times"), 2 * kStarts);
  EXPECT_EQ(CountOf(rows, "\"timer\""), kStarts);
  EXPECT_EQ(query.table().committed.size(), 2U);
}

void SweepInitialState(std::uint64_t step) {
  Sweep<WithInitialState>(step, "initial state", &ExpectHandedOverOnce);
  Sweep<FailingWithInitialState>(step, "initial state, and a first batch that fails", &ExpectHandedOverOnce);
}

TEST(CrashQueries, SomePointsWithInitialState) { SweepInitialState(67); }
TEST(CrashQueries, SlowEveryPointWithInitialState) { SweepInitialState(1); }

// ---- A chain ----------------------------------------------------------------------------------------------------

// Numbers what a key puts out, the rows of several keys of the processor before it.
class Counting final : public StatefulProcessor<std::string, Out, Out> {
 public:
  explicit Counting(Failures failures) : failures_(std::move(failures)) {}
  void Init(StatefulProcessorHandle& handle) override {
    count_ = handle.GetValueState<std::int64_t>("count");
    seen_ = handle.GetMapState<std::string, std::int64_t>("seen");
  }
  void HandleInputRows(const std::string& what, RowsOf<Out> rows, const TimerValues&, Output<Out>& out) override {
    std::int64_t count = count_.Get() == nullptr ? 0 : *count_.Get();
    for (const Out& row : rows) {
      seen_.UpdateValue(row.key, row.n);
      out.Emit({row.key, fmt::format("{} {}", what, ++count), row.n});
    }
    count_.Update(count);
    FailIfAsked(failures_);
  }

 private:
  const Failures failures_;
  ValueState<std::int64_t> count_;
  MapState<std::string, std::int64_t> seen_;
};

class FailingChain final : public StoppedQuery {
 public:
  FailingChain(std::uint64_t seed, int format)
      : StoppedQuery(seed, format), first_(std::make_shared<int>(1)), second_(std::make_shared<int>(2)) {
    SetInput({Lines(0, 0), Lines(1, 10)});
  }

 private:
  // One start fails in the first processor, two in the second, whose predecessor has done its part by then.
  Result<ResultStream> Query(const std::string& pattern, const Environment&) override {
    return Events(pattern)
        .GroupBy("key")
        .TransformWithState(OutputMode::kAppend, TimeMode::kProcessingTime, Beginning(first_))
        .GroupBy("what")
        .TransformWithState(OutputMode::kAppend, TimeMode::kNone, Counting(second_));
  }
  [[nodiscard]] std::vector<StateReadOptions> Looks() const override {
    return {{.operator_id = 0, .variable = "count"},
            {.operator_id = 0, .variable = "seen"},
            {.operator_id = 1, .variable = "total"}};
  }

  const Failures first_;
  const Failures second_;
};

void SweepChain(std::uint64_t step) {
  Sweep<FailingChain>(step, "a chain whose first batch fails", [](const FailingChain& undisturbed) {
    const std::multiset<std::string> rows = undisturbed.Rows();
    EXPECT_EQ(undisturbed.table().committed.size(), 2U);
    EXPECT_EQ(CountOf(rows, "\"rows "), 2U * (kKeys - 1));
    EXPECT_EQ(CountOf(rows, "state 1/total"), static_cast<std::size_t>(kKeys));
    EXPECT_EQ(CountOf(rows, fmt::format("\"rows {}\"", 2 * (kKeys - 1))), 1U) << "each is counted once";
  });
}

TEST(CrashQueries, SomePointsOfAChainWhoseFirstBatchFails) { SweepChain(121); }
TEST(CrashQueries, SlowEveryPointOfAChainWhoseFirstBatchFails) { SweepChain(1); }

}  // namespace
}  // namespace hf
