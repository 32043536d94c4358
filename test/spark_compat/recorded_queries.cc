// SPDX-License-Identifier: Apache-2.0
#include "spark_compat/recorded_queries.h"

#include <map>
#include <stdexcept>

#include "spark_compat/query_processors.h"

namespace hf::test {

namespace {

constexpr std::int64_t kBeginMs = 1'767'225'600'000;  // 2026-01-01T00:00:00Z

// The types of the source's columns are those that recipes/queries.py gives them.
DataStream Source(const std::string& columns, const std::string& input) {
  return ReadStream("json").Schema(Schema::FromDdl(columns).value()).Load(input);
}

DataStream Clicks(const std::string& input) {
  return Source("session_id string, user_id string, event_type string, revenue double, event_timestamp timestamp",
                input);
}

InitialState Given() {
  const auto row = [](const char* account, const char* kind, std::int64_t amount, std::int64_t review_ms) {
    return Row{std::string(account), std::string(kind), amount, kBeginMs + review_ms};
  };
  const std::vector<Row> rows = {row("a", "gift", 100, 4'000),    row("a", "loan", 7, 25'000),
                                 row("b", "gift", 50, 12'000),    row("never", "loan", 9, 15'000),
                                 row("silent", "gift", 1, 2'000), row("late", "loan", 3, 60'000)};
  InitialState given;
  given.schema = Schema::FromDdl("account string, kind string, amount bigint, review bigint").value();
  given.rows.push_back(ColumnBatch::FromRows(given.schema, rows).value());
  given.grouping_columns = {"account"};
  return given;
}

ResultStream Accounts(const std::string& input, TimeMode mode, std::chrono::milliseconds ttl) {
  DataStream rows = Source("account string, seq int, kind string, amount bigint, review bigint, at timestamp", input);
  if (mode == TimeMode::kEventTime) {
    rows = std::move(rows).WithWatermark("at", "5 seconds");
  }
  return std::move(rows).GroupBy("account").WithInitialState(Given()).TransformWithState(OutputMode::kAppend, mode,
                                                                                         Balances(ttl));
}

// Of two sources, each with a watermark of its own.
ResultStream UnionOf(const std::string& input) {
  const auto side = [&input](const std::string& name, const std::string& delay) {
    return Source("side string, k string, n bigint, at timestamp", input)
        .Filter("side = '" + name + "'")
        .WithWatermark("at", delay);
  };
  return side("left", "10 seconds")
      .Union(side("right", "3 seconds"))
      .GroupBy("k")
      .TransformWithState<Visits>(OutputMode::kAppend, TimeMode::kEventTime);
}

}  // namespace

ResultStream Chain(DataStream input, TimeMode first, TimeMode second) {
  return std::move(input)
      .WithWatermark("at", "10 seconds")
      .GroupBy("k")
      .OutputEventTime("at")
      .TransformWithState(OutputMode::kAppend, first, Visits(first == TimeMode::kEventTime))
      .GroupBy("g")
      .TransformWithState(OutputMode::kAppend, second, Groups(second == TimeMode::kEventTime));
}

ResultStream RecordedQuery(const std::string& name, const std::string& input) {
  using enum TimeMode;
  static const std::map<std::string, std::pair<TimeMode, TimeMode>> kChains = {
      {"chain_event_event", {kEventTime, kEventTime}},
      {"chain_event_event_unsaferow_2", {kEventTime, kEventTime}},
      {"chain_none_event", {kNone, kEventTime}},
      {"chain_processing_event", {kProcessingTime, kEventTime}},
      {"chain_event_none", {kEventTime, kNone}}};
  if (const auto chain = kChains.find(name); chain != kChains.end()) {
    return Chain(Source("k string, n bigint, at timestamp", input), chain->second.first, chain->second.second);
  }
  if (name == "c1_eventtime") {
    return Clicks(input)
        .WithWatermark("event_timestamp", "10 seconds")
        .GroupBy("session_id")
        .TransformWithState<IdleSessions>(OutputMode::kAppend, kEventTime);
  }
  if (name == "c2_proctime_ttl") {
    return Clicks(input).GroupBy("session_id").TransformWithState<ExpiringCounts>(OutputMode::kAppend, kProcessingTime);
  }
  if (name == "union_event") {
    return UnionOf(input);
  }
  if (name == "initial_event") {
    return Accounts(input, kEventTime, std::chrono::milliseconds(0));
  }
  if (name == "initial_processing_unsaferow_2") {
    return Accounts(input, kProcessingTime, std::chrono::milliseconds(14'000));
  }
  throw std::invalid_argument("no query '" + name + "'");
}

}  // namespace hf::test
