// SPDX-License-Identifier: Apache-2.0
// Scenarios of Spark's suites of transformWithState that no other test has; docs/spark_scenarios.md has all of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connect/memory/memory_sink.h"
#include "connect/memory/memory_source.h"
#include "holdfast/processor_tester.h"
#include "holdfast/query.h"
#include "holdfast/state_reader.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

using std::chrono::milliseconds;
using test::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

struct In {
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(In, n);

struct Out {
  std::string key;
  std::string what;
  std::int64_t n = 0;
  bool operator==(const Out&) const = default;
};
HOLDFAST_STRUCT(Out, key, what, n);

struct Start {
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(Start, n);

struct Item {
  std::int64_t n = 0;
  bool operator==(const Item&) const = default;
};
HOLDFAST_STRUCT(Item, n);

// What a processor does in each of its functions.
struct Calls {
  std::function<void(StatefulProcessorHandle&)> init = {};
  std::function<void(StatefulProcessorHandle&)> rows = {};
  std::function<void()> timer = {};
  std::function<void(StatefulProcessorHandle&)> initial = {};
};

class Doing final : public StatefulProcessorWithInitialState<std::string, In, Out, Start> {
 public:
  explicit Doing(Calls calls) : calls_(std::move(calls)) {}
  void Init(StatefulProcessorHandle& handle) override {
    if (calls_.init) {
      calls_.init(handle);
    }
  }
  void HandleInitialState(const std::string&, const Start&, const TimerValues&) override {
    if (calls_.initial) {
      calls_.initial(GetHandle());
    }
  }
  void HandleInputRows(const std::string& key, RowsOf<In> rows, const TimerValues&, Output<Out>& out) override {
    out.Emit({key, "rows", static_cast<std::int64_t>(rows.size())});
    if (calls_.rows) {
      calls_.rows(GetHandle());
    }
  }
  void HandleExpiredTimer(const std::string& key, const TimerValues&, const ExpiredTimerInfo& timer,
                          Output<Out>& out) override {
    out.Emit({key, "timer", timer.expiry_time_ms});
    if (calls_.timer) {
      calls_.timer();
    }
  }

 private:
  Calls calls_;
};

ProcessorTester<Doing> TesterOf(TimeMode time_mode, Calls calls) {
  return ProcessorTester<Doing>({.time_mode = time_mode, .processing_time_ms = 1000}, Doing(std::move(calls)));
}

// The condition with which `run` ends; empty when it ends well.
std::string ConditionOf(const std::function<void()>& run) {
  try {
    run();
  } catch (const StatusError& error) {
    return std::string(error.status().condition());
  }
  return "";
}

constexpr TimeMode kModes[] = {TimeMode::kNone, TimeMode::kProcessingTime, TimeMode::kEventTime};

using Declaring = std::function<void(StatefulProcessorHandle&, const std::string&, TTLConfig)>;
const std::vector<Declaring>& Declarings() {
  static const std::vector<Declaring> each_kind = {
      [](StatefulProcessorHandle& handle, const std::string& name, TTLConfig ttl) {
        static_cast<void>(handle.GetValueState<Item>(name, ttl));
      },
      [](StatefulProcessorHandle& handle, const std::string& name, TTLConfig ttl) {
        static_cast<void>(handle.GetListState<Item>(name, ttl));
      },
      [](StatefulProcessorHandle& handle, const std::string& name, TTLConfig ttl) {
        static_cast<void>(handle.GetMapState<std::string, Item>(name, ttl));
      }};
  return each_kind;
}

TEST(SparkScenarios, VariablesAreDeclaredInInitAlone) {
  for (const TimeMode mode : kModes) {
    for (const Declaring& declare : Declarings()) {
      const auto fine = [&declare](StatefulProcessorHandle& handle) { declare(handle, "fine", {}); };
      const auto late = [&declare](StatefulProcessorHandle& handle) { declare(handle, "late", {}); };
      ProcessorTester<Doing> tester = TesterOf(mode, {.init = fine, .rows = late});
      EXPECT_EQ(ConditionOf([&tester] { tester.Test("a", {{1}}); }),
                "STATEFUL_PROCESSOR_CANNOT_PERFORM_OPERATION_WITH_INVALID_HANDLE_STATE");
    }
  }
}

TEST(SparkScenarios, TimersAreNotForInit) {
  const auto timer = [](StatefulProcessorHandle& handle) { handle.RegisterTimer(5000); };
  for (const TimeMode mode : kModes) {
    EXPECT_EQ(ConditionOf([&] { TesterOf(mode, {.init = timer}); }),
              mode == TimeMode::kNone ? "STATEFUL_PROCESSOR_CANNOT_PERFORM_OPERATION_WITH_INVALID_TIME_MODE"
                                      : "STATEFUL_PROCESSOR_CANNOT_PERFORM_OPERATION_WITH_INVALID_HANDLE_STATE");
  }
}

TEST(SparkScenarios, NoKindOfStateCanBeAskedInInit) {
  const std::vector<std::function<void(StatefulProcessorHandle&)>> asking = {
      [](StatefulProcessorHandle& handle) { static_cast<void>(handle.GetValueState<Item>("v").Exists()); },
      [](StatefulProcessorHandle& handle) { static_cast<void>(handle.GetListState<Item>("l").Exists()); },
      [](StatefulProcessorHandle& handle) { static_cast<void>(handle.GetMapState<std::string, Item>("m").Exists()); }};
  for (const auto& ask : asking) {
    EXPECT_EQ(ConditionOf([&ask] { TesterOf(TimeMode::kNone, {.init = ask}); }), "INTERNAL_ERROR_TWS");
  }
}

TEST(SparkScenarios, ATtlIsNotNegativeAndWantsProcessingTime) {
  const auto condition = [](TimeMode mode, const Declaring& declare, milliseconds ttl) {
    const auto init = [&declare, ttl](StatefulProcessorHandle& handle) { declare(handle, "v", {.ttl_duration = ttl}); };
    return ConditionOf([&] { TesterOf(mode, {.init = init}); });
  };
  for (const Declaring& declare : Declarings()) {
    EXPECT_EQ(condition(TimeMode::kProcessingTime, declare, milliseconds(-1)),
              "STATEFUL_PROCESSOR_TTL_DURATION_MUST_BE_POSITIVE");
    EXPECT_EQ(condition(TimeMode::kProcessingTime, declare, milliseconds(1)), "");
    for (const TimeMode mode : {TimeMode::kNone, TimeMode::kEventTime}) {
      EXPECT_EQ(condition(mode, declare, milliseconds(1)), "STATEFUL_PROCESSOR_INCORRECT_TIME_MODE_TO_ASSIGN_TTL");
      EXPECT_EQ(condition(mode, declare, milliseconds(0)), "") << "zero is no TTL";
    }
  }
}

TEST(SparkScenarios, NamesThatAreReservedOrTakenAreRefused) {
  for (const Declaring& declare : Declarings()) {
    const auto condition = [&declare](const std::string& name) {
      const auto init = [&](StatefulProcessorHandle& handle) { declare(handle, name, {}); };
      return ConditionOf([&] { TesterOf(TimeMode::kNone, {.init = init}); });
    };
    EXPECT_EQ(condition("$state"), "STATE_STORE_CANNOT_CREATE_COLUMN_FAMILY_WITH_RESERVED_CHARS");
    for (const char* name : {"", "default", " state", "state "}) {
      EXPECT_EQ(condition(name), "STATE_STORE_CANNOT_USE_COLUMN_FAMILY_WITH_INVALID_NAME") << name;
    }
    const auto twice = [&declare](StatefulProcessorHandle& handle) {
      declare(handle, "state", {});
      declare(handle, "state", {});
    };
    EXPECT_EQ(ConditionOf([&] { TesterOf(TimeMode::kNone, {.init = twice}); }),
              "STATEFUL_PROCESSOR_DUPLICATE_STATE_VARIABLE_DEFINED");
  }
}

class Bare final : public StatefulProcessor<std::string, In, Out> {
 public:
  using StatefulProcessor<std::string, In, Out>::GetHandle;
  void Init(StatefulProcessorHandle&) override {}
  void HandleInputRows(const std::string&, RowsOf<In>, const TimerValues&, Output<Out>&) override {}
};

TEST(SparkScenarios, WithoutAQueryAProcessorHasNoHandle) {
  const Bare bare;
  EXPECT_EQ(ConditionOf([&bare] { static_cast<void>(bare.GetHandle()); }), "STATE_STORE_HANDLE_NOT_INITIALIZED");
}

TEST(SparkScenarios, WhatAFunctionThrowsIsClassifiedUnlessItIsAlready) {
  const auto condition = [](const std::string& function, const std::function<void()>& fail) {
    Calls calls;
    if (function == "HandleInputRows") {
      calls.rows = [fail](StatefulProcessorHandle&) { fail(); };
    } else if (function == "HandleInitialState") {
      calls.initial = [fail](StatefulProcessorHandle&) { fail(); };
    } else {
      calls.rows = [](StatefulProcessorHandle& handle) { handle.RegisterTimer(1); };
      calls.timer = fail;
    }
    ProcessorTester<Doing> tester = TesterOf(TimeMode::kProcessingTime, std::move(calls));
    tester.AddInitialState("a", Start{1});
    return ConditionOf([&tester] { tester.Test("a", {{1}}); });
  };
  for (const char* function : {"HandleInputRows", "HandleExpiredTimer", "HandleInitialState"}) {
    EXPECT_EQ(condition(function, [] { throw std::runtime_error("mine"); }), "TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR")
        << function;
    EXPECT_EQ(condition(function, [] { throw StatusError(Invalid("mine", "DIVIDE_BY_ZERO")); }), "DIVIDE_BY_ZERO")
        << function;
  }
}

struct States {
  ValueState<Item> value;
  ListState<Item> list;
  MapState<std::string, Item> map;
};

// A variable of each kind; whoever has the states uses them while a key is current.
std::function<void(StatefulProcessorHandle&)> DeclareAll(const std::shared_ptr<States>& states, TTLConfig ttl) {
  return [states, ttl](StatefulProcessorHandle& handle) {
    states->value = handle.GetValueState<Item>("v", ttl);
    states->list = handle.GetListState<Item>("l", ttl);
    states->map = handle.GetMapState<std::string, Item>("m", ttl);
  };
}

TEST(SparkScenarios, InitialStateFillsEveryVariableAndItsTimersExpireForKeysWithoutInput) {
  for (const TimeMode mode : {TimeMode::kProcessingTime, TimeMode::kEventTime}) {
    const auto states = std::make_shared<States>();
    const auto take_over = [states](StatefulProcessorHandle& handle) {
      states->value.Update({1});
      states->list.AppendValue({2});
      states->map.UpdateValue("x", {3});
      handle.RegisterTimer(5000);
    };
    ProcessorTester<Doing> tester = TesterOf(mode, {.init = DeclareAll(states, {}), .initial = take_over});
    const auto move_to = [&](std::int64_t time_ms) {
      return mode == TimeMode::kEventTime ? tester.SetWatermark(time_ms) : tester.SetProcessingTime(time_ms);
    };
    tester.AddInitialState("a", Start{1});
    EXPECT_THAT(tester.Test("b", {{1}}), ElementsAre(Out{"b", "rows", 1}));
    EXPECT_EQ(tester.PeekValueState<Item>("v", "a"), Item{1});
    EXPECT_THAT(tester.PeekListState<Item>("l", "a"), ElementsAre(Item{2}));
    EXPECT_THAT((tester.PeekMapState<std::string, Item>("m", "a")), ElementsAre(Pair("x", Item{3})));
    EXPECT_THAT(tester.PeekTimers("a"), ElementsAre(5000));
    EXPECT_THAT(move_to(4999), IsEmpty());
    EXPECT_THAT(move_to(5000), ElementsAre(Out{"a", "timer", 5000}));
    EXPECT_THAT(tester.PeekTimers("a"), IsEmpty());
  }
}

void WriteAll(ProcessorTester<Doing>& tester, const std::string& key) {
  tester.UpdateValueState<Item>("v", key, {1});
  tester.UpdateListState<Item>("l", key, {{1}});
  tester.UpdateMapState<std::string, Item>("m", key, {{"x", Item{1}}});
}

void ExpectNothing(ProcessorTester<Doing>& tester, const std::string& key) {
  EXPECT_EQ(tester.PeekValueState<Item>("v", key), std::nullopt) << key;
  EXPECT_THAT(tester.PeekListState<Item>("l", key), IsEmpty()) << key;
  EXPECT_THAT((tester.PeekMapState<std::string, Item>("m", key)), IsEmpty()) << key;
}

TEST(SparkScenarios, TtlCountsFromTheLastWriteOfAValueAndOfEachElementAndEntry) {
  const auto states = std::make_shared<States>();
  const auto write = [states](StatefulProcessorHandle&) {
    states->value.Update({2});
    states->list.AppendValue({2});
    states->map.UpdateValue("y", {2});
  };
  ProcessorTester<Doing> tester = TesterOf(
      TimeMode::kProcessingTime, {.init = DeclareAll(states, {.ttl_duration = milliseconds(100)}), .rows = write});
  WriteAll(tester, "a");
  WriteAll(tester, "b");
  tester.SetProcessingTime(1060);
  tester.Test("a", {{1}});
  EXPECT_THAT(tester.PeekListState<Item>("l", "a"), ElementsAre(Item{1}, Item{2}));
  tester.SetProcessingTime(1100);  // what was written at 1000 ends, also without input
  EXPECT_EQ(tester.PeekValueState<Item>("v", "a"), Item{2});
  EXPECT_THAT(tester.PeekListState<Item>("l", "a"), ElementsAre(Item{2}));
  EXPECT_THAT((tester.PeekMapState<std::string, Item>("m", "a")), ElementsAre(Pair("y", Item{2})));
  ExpectNothing(tester, "b");
  tester.SetProcessingTime(1160);
  ExpectNothing(tester, "a");
}

TEST(SparkScenarios, ExpiredElementsAreSkippedWhereverTheyStandInAList) {
  for (std::int64_t expiring = 1; expiring <= 3; ++expiring) {
    const auto states = std::make_shared<States>();
    std::vector<Item> seen;
    // Versions that append their number; what one of them appends ends at 1010, when the timer looks.
    const auto version = [&](std::int64_t number) {
      const TTLConfig ttl = {.ttl_duration = milliseconds(number == expiring ? 10 : 1000)};
      return Doing(Calls{.init = DeclareAll(states, ttl),
                         .rows =
                             [states, number](StatefulProcessorHandle& handle) {
                               states->list.AppendValue({number});
                               handle.RegisterTimer(1010);
                             },
                         .timer =
                             [states, &seen] {
                               for (const Item& item : states->list.Get()) {
                                 seen.push_back(item);
                               }
                             }});
    };
    ProcessorTester<Doing> tester({.time_mode = TimeMode::kProcessingTime, .processing_time_ms = 1000}, version(1));
    tester.Test("a", {{1}});
    for (const std::int64_t number : {2, 3}) {
      tester = std::move(tester).Evolve(version(number));
      tester.Test("a", {{1}});
    }
    tester.SetProcessingTime(1010);
    std::vector<Item> left = {{1}, {2}, {3}};
    std::erase(left, Item{expiring});
    EXPECT_EQ(seen, left);
    EXPECT_EQ(tester.PeekListState<Item>("l", "a"), left);
  }
}

TEST(SparkScenarios, ClearIsOfTheCurrentKeyAlone) {
  for (const std::int64_t ttl_ms : {0, 1000}) {
    const auto states = std::make_shared<States>();
    const auto clear = [states](StatefulProcessorHandle&) {
      states->value.Clear();
      states->list.Clear();
      states->map.Clear();
    };
    ProcessorTester<Doing> tester = TesterOf(
        TimeMode::kProcessingTime, {.init = DeclareAll(states, {.ttl_duration = milliseconds(ttl_ms)}), .rows = clear});
    WriteAll(tester, "a");
    WriteAll(tester, "b");
    tester.Test("a", {{1}});
    ExpectNothing(tester, "a");
    EXPECT_EQ(tester.PeekValueState<Item>("v", "b"), Item{1});
    EXPECT_THAT(tester.PeekListState<Item>("l", "b"), ElementsAre(Item{1}));
    EXPECT_THAT((tester.PeekMapState<std::string, Item>("m", "b")), ElementsAre(Pair("x", Item{1})));
  }
}

TEST(SparkScenarios, ScalarsAreStateInEveryKindOfVariable) {
  for (const char* encoding : {"avro", "unsaferow"}) {
    const auto init = [](StatefulProcessorHandle& handle) {
      static_cast<void>(handle.GetValueState<double>("d"));
      static_cast<void>(handle.GetValueState<std::int64_t>("n"));
      static_cast<void>(handle.GetListState<std::string>("l"));
      static_cast<void>(handle.GetMapState<std::int64_t, double>("m"));
    };
    ProcessorTester<Doing> tester({.conf = {{"spark.sql.streaming.stateStore.encodingFormat", encoding}}},
                                  Doing(Calls{.init = init}));
    tester.UpdateValueState<double>("d", "a", 2.5);
    tester.UpdateValueState<std::int64_t>("n", "a", -7);
    tester.UpdateListState<std::string>("l", "a", {"z", "", "b"});
    tester.UpdateMapState<std::int64_t, double>("m", "a", {{-1, 0.5}});
    tester.Restart();
    EXPECT_EQ(tester.PeekValueState<double>("d", "a"), 2.5);
    EXPECT_EQ(tester.PeekValueState<std::int64_t>("n", "a"), -7);
    EXPECT_THAT(tester.PeekListState<std::string>("l", "a"), ElementsAre("z", "", "b"));
    EXPECT_THAT((tester.PeekMapState<std::int64_t, double>("m", "a")), ElementsAre(Pair(-1, 0.5)));
  }
}

std::string ReadCondition(const std::string& golden, const StateReadOptions& options) {
  const std::string checkpoint = HOLDFAST_SOURCE_DIR "/test/spark_compat/golden/" + golden + "/ckpt";
  const Status read = ReadState(checkpoint, options, [](const ColumnBatch&) { return Status(); });
  return std::string(read.condition());
}

TEST(SparkScenarios, LooksIntoStateThatMakeNoSenseHaveSparksConditions) {
  const auto condition = [](const StateReadOptions& options) {
    return ReadCondition("spark-4.3.0/base_avro", options);
  };
  const std::string negative = "STDS_INVALID_OPTION_VALUE.IS_NEGATIVE";
  EXPECT_EQ(condition({.variable = "v"}), "");
  EXPECT_EQ(condition({.batch_id = -1, .variable = "v"}), negative);
  EXPECT_EQ(condition({.operator_id = -1, .variable = "v"}), negative);
  EXPECT_EQ(condition({.variable = "v", .changes = StateReadOptions::Changes{.first = -1, .last = {}}}), negative);
  const StateReadOptions::SnapshotStart no_partition{.batch_id = 0, .partition_id = -1};
  EXPECT_EQ(condition({.variable = "v", .snapshot_start = no_partition}), negative);
  EXPECT_EQ(condition({.variable = "v", .changes = StateReadOptions::Changes{.first = 3, .last = 1}}),
            "STDS_INVALID_OPTION_VALUE.WITH_MESSAGE");
  EXPECT_EQ(condition({.variable = "v", .timers = true}), "STDS_CONFLICT_OPTIONS");
  EXPECT_EQ(condition({}), "STDS_REQUIRED_OPTION_UNSPECIFIED") << "there are several variables";
  EXPECT_EQ(ReadCondition("sources/spark-4.3.0/rate", {.variable = "v"}), "STDS_FAILED_TO_READ_OPERATOR_METADATA")
      << "a query without state";
}

// ---- Queries

struct Key {
  std::string id1;
  std::string id2;
};
HOLDFAST_STRUCT(Key, id1, id2);

struct Sum {
  std::string id1;
  std::string id2;
  std::int64_t total = 0;
};
HOLDFAST_STRUCT(Sum, id1, id2, total);

// Sums up n, on top of what the initial state has.
class Adding final : public StatefulProcessorWithInitialState<Key, In, Sum, Start> {
 public:
  void Init(StatefulProcessorHandle& handle) override { total_ = handle.GetValueState<std::int64_t>("total"); }
  void HandleInitialState(const Key&, const Start& row, const TimerValues&) override { total_.Update(Total() + row.n); }
  void HandleInputRows(const Key& key, RowsOf<In> rows, const TimerValues&, Output<Sum>& out) override {
    std::int64_t total = Total();
    for (const In& row : rows) {
      total += row.n;
    }
    total_.Update(total);
    out.Emit({key.id1, key.id2, total});
  }

 private:
  std::int64_t Total() const { return total_.Get() == nullptr ? 0 : *total_.Get(); }

  ValueState<std::int64_t> total_;
};

class SparkScenarioQueries : public testing::Test {
 protected:
  // The grouping columns do not stand together, neither in the input nor in the initial state.
  static std::shared_ptr<MemorySource> Input() {
    return std::make_shared<MemorySource>(
        Schema::Parse("id1 STRING NOT NULL, n BIGINT NOT NULL, id2 STRING NOT NULL").value());
  }
  static InitialState Forty() {
    const Schema schema = Schema::Parse("id2 STRING NOT NULL, n BIGINT NOT NULL, id1 STRING NOT NULL").value();
    const std::vector<Row> rows = {{"x", std::int64_t{30}, "a"}, {"x", std::int64_t{10}, "a"}};
    return {
        .schema = schema, .rows = {ColumnBatch::FromRows(schema, rows).value()}, .grouping_columns = {"id1", "id2"}};
  }
  Status Run(ResultStream results) {
    auto query = std::move(results)
                     .WriteStream(sink_)
                     .Option("checkpointLocation", directory_ / "checkpoint")
                     .Conf("spark.sql.shuffle.partitions", "1")
                     .Trigger(AvailableNow())
                     .Start();
    return query.ok() ? (*query)->AwaitTermination() : query.status();
  }

  const test::TempDir directory_;
  std::shared_ptr<MemorySink> sink_ = std::make_shared<MemorySink>();
};

TEST_F(SparkScenarioQueries, InitialStateIsHandedOverOnceAlsoWhereGroupingColumnsStandApart) {
  const auto source = Input();
  for (int start = 0; start < 2; ++start) {
    ASSERT_THAT(source->AddRows(std::vector<Row>{{"a", std::int64_t{1}, "x"}, {"a", std::int64_t{2}, "y"}}), IsOk());
    ASSERT_THAT(Run(ReadStream(source)
                        .GroupBy("id1", "id2")
                        .WithInitialState(Forty())
                        .TransformWithState<Adding>(OutputMode::kAppend, TimeMode::kNone)),
                IsOk());
  }
  EXPECT_EQ(sink_->rows(), (std::vector<Row>{{"a", "x", std::int64_t{41}},
                                             {"a", "y", std::int64_t{2}},
                                             {"a", "x", std::int64_t{42}},
                                             {"a", "y", std::int64_t{4}}}));
}

TEST_F(SparkScenarioQueries, ThreeInputsAreOneStream) {
  const std::vector<std::shared_ptr<MemorySource>> sources = {Input(), Input(), Input()};
  for (const auto& source : sources) {
    ASSERT_THAT(source->AddRows(std::vector<Row>{{"a", std::int64_t{1}, "x"}}), IsOk());
  }
  const auto run = [&] {
    return Run(ReadStream(sources[0])
                   .Union(ReadStream(sources[1]))
                   .Union(ReadStream(sources[2]))
                   .GroupBy("id1", "id2")
                   .TransformWithState<Adding>(OutputMode::kAppend, TimeMode::kNone));
  };
  ASSERT_THAT(run(), IsOk());
  EXPECT_EQ(sink_->rows(), (std::vector<Row>{{"a", "x", std::int64_t{3}}}));
  ASSERT_THAT(sources[2]->AddRows(std::vector<Row>{{"a", std::int64_t{5}, "x"}}), IsOk());
  ASSERT_THAT(run(), IsOk());
  EXPECT_EQ(sink_->rows().back(), (Row{"a", "x", std::int64_t{8}}));
}

}  // namespace
}  // namespace hf
