// SPDX-License-Identifier: Apache-2.0
// The life cycle of a processor: how often each function is called, that a field of the object is forgotten between
// batches, and that a processor sees keys in order.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "connect/memory/memory_sink.h"
#include "connect/memory/memory_source.h"
#include "holdfast/query.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

struct In {
  std::optional<std::string> key;
  std::int32_t n = 0;
};
HOLDFAST_STRUCT(In, key, n);

struct Key {
  std::optional<std::string> key;
};
HOLDFAST_STRUCT(Key, key);

struct Out {
  std::optional<std::string> key;
  std::int32_t calls_seen = 0;  // by the field that should be forgotten
  std::string rows;
};
HOLDFAST_STRUCT(Out, key, calls_seen, rows);

struct Calls {
  std::atomic<int> init{0};
  std::atomic<int> handle{0};
  std::atomic<int> close{0};
};

class Counting final : public StatefulProcessor<Key, In, Out> {
 public:
  explicit Counting(Calls* calls) : calls_(calls) {}
  void Init(StatefulProcessorHandle& handle) override {
    ++calls_->init;
    state_ = handle.GetValueState<std::int32_t>("n");
  }
  void HandleInputRows(const Key& key, RowsOf<In> rows, const TimerValues& timers, Output<Out>& out) override {
    ++calls_->handle;
    ++leak_;
    EXPECT_EQ(timers.current_processing_time_ms, -1);
    std::string text;
    for (const In& row : rows) {
      text += std::to_string(row.n) + ",";
    }
    out.Emit({key.key, leak_, text});
  }
  void Close() override { ++calls_->close; }

 private:
  Calls* calls_;
  ValueState<std::int32_t> state_;
  std::int32_t leak_ = 0;  // left behind on purpose: must be 0 again for every partition and batch
};

TEST(Lifecycle, FreshCopyPerPartitionAndBatchAndNothingLeaks) {
  const test::TempDir dir;
  Calls calls;
  auto source = std::make_shared<MemorySource>(SchemaOf(detail::LayoutOf<In>::Get()));
  auto sink = std::make_shared<MemorySink>();
  ASSERT_TRUE(source->AddRows(std::vector<Row>{{"b", 1}, {Value(), 2}, {"a", 3}, {"b", 4}, {"", 5}}).ok());
  auto query = ReadStream(source)
                   .GroupBy("key")
                   .TransformWithState(OutputMode::kAppend, TimeMode::kNone, Counting(&calls))
                   .WriteStream(sink)
                   .Option("checkpointLocation", dir.path() + "/checkpoint")
                   .Conf("spark.sql.shuffle.partitions", "1")
                   .Trigger(ProcessingTime(std::chrono::milliseconds(1)))
                   .Start();
  ASSERT_TRUE(query.ok()) << query.status().ToString();
  const auto wait_for_batches = [&query](std::size_t batches) {
    while ((*query)->is_active() && (*query)->RecentProgress().size() < batches) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  };
  wait_for_batches(1);
  ASSERT_TRUE(source->AddRows(std::vector<Row>{{"a", 6}}).ok());
  wait_for_batches(2);
  ASSERT_TRUE((*query)->Stop().ok());
  // The declaration pass, and one partition in two batches.
  EXPECT_EQ(calls.init, 3);
  EXPECT_EQ(calls.close, 3);
  EXPECT_EQ(calls.handle, 5);
  // Nulls first, then by bytes; rows of a key in order.
  const std::vector<Row> expected = {
      {Value(), 1, "2,"}, {"", 2, "5,"}, {"a", 3, "3,"}, {"b", 4, "1,4,"}, {"a", 1, "6,"}};
  EXPECT_EQ(sink->rows(), expected);
}

class FailingInit final : public StatefulProcessor<Key, In, Out> {
 public:
  explicit FailingInit(Calls* calls) : calls_(calls) {}
  void Init(StatefulProcessorHandle& handle) override {
    ++calls_->init;
    auto state = handle.GetValueState<std::int32_t>("n");
    state.Update(1);  // no key is current in Init
  }
  void HandleInputRows(const Key&, RowsOf<In>, const TimerValues&, Output<Out>&) override {}
  void Close() override { ++calls_->close; }

 private:
  Calls* calls_;
};

TEST(Lifecycle, StateCannotBeUsedInInitAndCloseRunsAfterAFailure) {
  const test::TempDir dir;
  Calls calls;
  auto query = ReadStream(std::make_shared<MemorySource>(SchemaOf(detail::LayoutOf<In>::Get())))
                   .GroupBy("key")
                   .TransformWithState(OutputMode::kAppend, TimeMode::kNone, FailingInit(&calls))
                   .WriteStream(std::make_shared<MemorySink>())
                   .Option("checkpointLocation", dir.path() + "/checkpoint")
                   .Start();
  ASSERT_FALSE(query.ok());
  EXPECT_EQ(query.status().condition(), "INTERNAL_ERROR_TWS");
  EXPECT_EQ(calls.close, 1);
}

}  // namespace
}  // namespace hf
