// SPDX-License-Identifier: Apache-2.0
// What progress says of the time that a processor's functions took.
#include <gmock/gmock.h>

#include "base/json.h"
#include "connect/memory/memory_sink.h"
#include "connect/memory/memory_source.h"
#include "files/disk_file_system.h"
#include "files/simulated_disk.h"
#include "query/environment.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

using test::IsOk;

struct In {
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(In, n);

struct Out {
  std::string what;
};
HOLDFAST_STRUCT(Out, what);

// By the query's own clock a row of the initial state takes 30 ms, a row of input 100 ms and a timer 7 ms.
class Slow final : public StatefulProcessorWithInitialState<std::string, In, Out, In> {
 public:
  explicit Slow(ManualClock& clock) : clock_(&clock) {}
  void Init(StatefulProcessorHandle&) override {}
  void HandleInitialState(const std::string&, const In&, const TimerValues&) override { clock_->AdvanceMs(30); }
  void HandleInputRows(const std::string&, RowsOf<In> rows, const TimerValues&, Output<Out>&) override {
    for (const In& row : rows) {
      clock_->AdvanceMs(100);
      GetHandle().RegisterTimer(row.n);
    }
  }
  void HandleExpiredTimer(const std::string&, const TimerValues&, const ExpiredTimerInfo&, Output<Out>&) override {
    clock_->AdvanceMs(7);
  }

 private:
  ManualClock* clock_;
};

TEST(ProcessingTimes, OfTimersAndInitialStateAreInTheMetrics) {
  const test::TempDir scratch;
  ManualClock clock(1'000'000);
  SeededRandom random(1);
  SimulatedDisk disk(clock);
  const auto source = std::make_shared<MemorySource>(Schema::Parse("key STRING, n BIGINT").value());
  std::vector<Json> metrics;
  const auto run = [&](const std::vector<Row>& rows) {
    ASSERT_THAT(source->AddRows(rows), IsOk());
    const Schema schema = source->schema();
    const std::vector<Row> initial = {{"a", std::int64_t{0}}, {"b", std::int64_t{0}}};
    const auto writer = ReadStream(std::shared_ptr<Source>(source))
                            .GroupBy("key")
                            .WithInitialState({.schema = schema,
                                               .rows = {ColumnBatch::FromRows(schema, initial).value()},
                                               .grouping_columns = {"key"}})
                            .TransformWithState(OutputMode::kAppend, TimeMode::kProcessingTime, Slow(clock))
                            .WriteStream(std::make_shared<MemorySink>())
                            .Option("checkpointLocation", "/checkpoint")
                            .Conf("spark.sql.shuffle.partitions", "1")
                            .Conf("holdfast.threads", "1")
                            .Conf("holdfast.state.scratchDirectory", scratch.path())
                            .OnProgress([&metrics](const StreamingQueryProgress& progress) {
                              metrics.push_back(ParseJson(progress.json).value()["stateOperators"][0]["customMetrics"]);
                            })
                            .Trigger(Once());
    const auto query = StartQuery(
        writer.description(), {.files = std::make_shared<DiskFileSystem>(disk), .clock = &clock, .random = &random});
    ASSERT_THAT(query, IsOk());
    ASSERT_THAT((*query)->AwaitTermination(), IsOk());
  };
  run({{"a", std::int64_t{1}}, {"c", std::int64_t{2}}, {"c", std::int64_t{3}}});  // three timers that are due
  run({{"a", std::int64_t{1'000'000}}});
  ASSERT_EQ(metrics.size(), 2U);
  EXPECT_EQ(metrics[0]["initialStateProcessingTimeMs"], 60);
  EXPECT_EQ(metrics[0]["timerProcessingTimeMs"], 21);
  EXPECT_EQ(metrics[1]["initialStateProcessingTimeMs"], 0);
  EXPECT_EQ(metrics[1]["timerProcessingTimeMs"], 0);
}

}  // namespace
}  // namespace hf
