// SPDX-License-Identifier: Apache-2.0
// The state reader beside a query at work that retains two batches: each read shows the state after one committed
// batch, whole, or ends with an error that says to read again.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <map>
#include <set>

#include "connect/memory/memory_sink.h"
#include "connect/memory/memory_source.h"
#include "holdfast/query.h"
#include "holdfast/state_reader.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

using test::IsOk;

constexpr std::int64_t kKeys = 40;

struct In {
  std::string key;
};
HOLDFAST_STRUCT(In, key);

struct Counter {
  std::int64_t count = 0;
};
HOLDFAST_STRUCT(Counter, count);

class Counting final : public StatefulProcessor<std::string, In, Counter> {
 public:
  void Init(StatefulProcessorHandle& handle) override { counter_ = handle.GetValueState<Counter>("counter"); }
  void HandleInputRows(const std::string&, RowsOf<In> rows, const TimerValues&, Output<Counter>&) override {
    Counter counter = counter_.Get() != nullptr ? *counter_.Get() : Counter();
    counter.count += static_cast<std::int64_t>(rows.size());
    counter_.Update(counter);
  }

 private:
  ValueState<Counter> counter_;
};

// Batch b has a row of "always" and one of "k<b modulo kKeys>".
std::vector<Row> RowsOfBatch(std::int64_t batch) { return {{"always"}, {fmt::format("k{}", batch % kKeys)}}; }

std::map<std::string, std::int64_t> StateAfter(std::int64_t batch) {
  std::map<std::string, std::int64_t> state = {{"always", batch + 1}};
  for (std::int64_t key = 0; key < std::min(kKeys, batch + 1); ++key) {
    state[fmt::format("k{}", key)] = (batch - key) / kKeys + 1;
  }
  return state;
}

// A query whose every batch is followed by the next, until the end of this object.
class Running {
 public:
  Running(const std::string& checkpoint, const std::string& format)
      : source_(std::make_shared<MemorySource>(Schema({{.name = "key", .type = DataType::String()}}))) {
    EXPECT_THAT(source_->AddRows(RowsOfBatch(0)), IsOk());
    auto query = ReadStream(source_)
                     .GroupBy("key")
                     .TransformWithState<Counting>(OutputMode::kAppend, TimeMode::kNone)
                     .WriteStream(std::make_shared<MemorySink>())
                     .Option("checkpointLocation", checkpoint)
                     .Conf("spark.sql.shuffle.partitions", "2")
                     .Conf("spark.sql.streaming.minBatchesToRetain", "2")
                     .Conf("spark.sql.streaming.stateStore.minDeltasForSnapshot", "2")
                     .Conf("spark.sql.streaming.stateStore.checkpointFormatVersion", format)
                     .OnProgress([this](const StreamingQueryProgress& progress) {
                       if (progress.batch_id == committed_ + 1) {
                         committed_ = progress.batch_id;
                         EXPECT_THAT(source_->AddRows(RowsOfBatch(committed_ + 1)), IsOk());
                       }
                     })
                     .Start();
    EXPECT_THAT(query.status(), IsOk());
    query_ = std::move(query).value();
  }
  ~Running() { EXPECT_THAT(query_->Stop(), IsOk()); }

  [[nodiscard]] std::int64_t committed() const { return committed_; }

 private:
  std::shared_ptr<MemorySource> source_;
  std::atomic<std::int64_t> committed_ = -1;
  std::unique_ptr<StreamingQuery> query_;
};

Result<std::map<std::string, std::int64_t>> Read(const std::string& checkpoint, const StateReadOptions& options) {
  std::map<std::string, std::int64_t> state;
  HF_RETURN_IF_ERROR(ReadState(checkpoint, options, [&state](const ColumnBatch& rows) -> Status {
    for (std::int64_t i = 0; i < rows.rows(); ++i) {
      const Row row = rows.RowAt(i);
      const auto& key = std::get<std::string>(std::get<StructValue>(row[0]).fields[0]);
      if (!state.emplace(key, std::get<std::int64_t>(std::get<StructValue>(row[1]).fields[0])).second) {
        return Corrupt("twice: " + key);
      }
    }
    return Status();
  }));
  return state;
}

void ReadBeside(const std::string& format, int reads) {
  const test::TempDir dir;
  const std::string checkpoint = dir.path() + "/checkpoint";
  const Running query(checkpoint, format);
  while (query.committed() < 3) {
  }
  std::set<std::int64_t> seen;
  std::map<std::string, int> again;
  for (int i = 0; i < reads && !testing::Test::HasFailure(); ++i) {
    const std::int64_t before = query.committed();
    StateReadOptions options{.variable = "counter"};
    if (i % 2 == 1) {
      options.batch_id = before;
    }
    const auto state = Read(checkpoint, options);
    const std::int64_t after = query.committed() + 1;  // committed, and not told yet
    if (!state.ok()) {
      const std::string condition(state.status().condition());
      ++again[fmt::format("{} of {}", condition, options.batch_id.has_value() ? "a named batch" : "the last batch")];
      // Before the read began it may have been purged already.
      EXPECT_TRUE(condition == "HOLDFAST_BATCH_PURGED" ||
                  (options.batch_id.has_value() && condition == "STDS_OFFSET_LOG_UNAVAILABLE"))
          << state.status().ToString();
      continue;
    }
    ASSERT_TRUE(state->contains("always"));
    const std::int64_t batch = state->at("always") - 1;
    EXPECT_EQ(*state, StateAfter(batch));
    EXPECT_TRUE(options.batch_id.has_value() ? batch == before : batch >= before && batch <= after)
        << batch << " is not between " << before << " and " << after;
    seen.insert(batch);
  }
  fmt::print("format {}: {} reads beside {} batches, {} states seen", format, reads, query.committed(), seen.size());
  for (const auto& [condition, times] : again) {
    fmt::print(", {} x {}", times, condition);
  }
  fmt::print("\n");
  EXPECT_GT(seen.size(), static_cast<std::size_t>(reads / 10));
  EXPECT_GT(query.committed(), reads / 4);
}

TEST(ReadingWhileRunning, ShowsCommittedBatches) { ReadBeside("1", 100); }
TEST(ReadingWhileRunning, ShowsCommittedBatchesInFormat2) { ReadBeside("2", 100); }
TEST(ReadingWhileRunning, SlowThousandReads) { ReadBeside("1", 1000); }
TEST(ReadingWhileRunning, SlowThousandReadsInFormat2) { ReadBeside("2", 1000); }

}  // namespace
}  // namespace hf
