// SPDX-License-Identifier: Apache-2.0
// The real-time trigger: rows are processed when they arrive, and committed with their batch.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "connect/delta/delta_sink.h"
#include "holdfast/memory_stream.h"
#include "holdfast/query.h"
#include "holdfast/state_reader.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;

struct In {
  std::string key;
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(In, key, n);

struct Out {
  std::string key;
  std::int64_t total = 0;
  bool operator==(const Out&) const = default;
};
HOLDFAST_STRUCT(Out, key, total);

// Sums a key's numbers; a negative one asks for a timer so many milliseconds from now.
class Summing final : public StatefulProcessor<std::string, In, Out> {
 public:
  explicit Summing(TimeMode time_mode = TimeMode::kNone) : time_mode_(time_mode) {}
  void Init(StatefulProcessorHandle& handle) override { total_ = handle.GetValueState<std::int64_t>("total"); }
  void HandleInputRows(const std::string& key, RowsOf<In> rows, const TimerValues& clocks, Output<Out>& out) override {
    std::int64_t total = total_.Get() != nullptr ? *total_.Get() : 0;
    for (const In& row : rows) {
      if (row.n < 0) {
        GetHandle().RegisterTimer(clocks.current_processing_time_ms - row.n);
      } else if (row.n == 666) {
        throw std::runtime_error("666 is not for this processor");
      } else {
        total += row.n;
      }
    }
    total_.Update(total);
    out.Emit({key, total});
  }
  void HandleExpiredTimer(const std::string& key, const TimerValues&, const ExpiredTimerInfo&,
                          Output<Out>& out) override {
    out.Emit({key + "!", *total_.Get()});
  }

 private:
  TimeMode time_mode_;
  ValueState<std::int64_t> total_;
};

class TakesWholeBatches final : public Sink {
 public:
  [[nodiscard]] std::string description() const override { return "TakesWholeBatches"; }
  Status Open(const Schema&, const std::string&) override { return Status(); }
  Result<bool> Holds(std::int64_t) override { return false; }
  Result<SinkCommit> Commit(std::int64_t, const std::vector<ColumnBatch>&) override { return SinkCommit(); }
};

class RealTimeTrigger : public testing::Test {
 protected:
  DataStreamWriter Query(TimeMode time_mode = TimeMode::kNone, OutputMode output_mode = OutputMode::kUpdate) {
    return QueryOf(ReadStream(std::shared_ptr<Source>(stream_)), time_mode, output_mode);
  }
  DataStreamWriter QueryOf(DataStream input, TimeMode time_mode, OutputMode output_mode) {
    return std::move(input)
        .GroupBy("key")
        .TransformWithState(output_mode, time_mode, Summing(time_mode))
        .WriteStream("")
        .ForeachBatch([this](const ColumnBatch& rows, std::int64_t batch) {
          const std::scoped_lock lock(mutex_);
          for (std::int64_t row = 0; row < rows.rows(); ++row) {
            found_.push_back(fmt::format("{}: {}={}", batch, std::get<std::string>(rows.At(0, row)),
                                         std::get<std::int64_t>(rows.At(1, row))));
          }
          changed_.notify_all();
          return Status();
        })
        .Option("checkpointLocation", checkpoint())
        .Conf("spark.sql.shuffle.partitions", "2")
        .Conf("spark.sql.streaming.realTimeMode.minBatchDuration", "1")
        .Trigger(RealTime(std::chrono::hours(1)));
  }
  void Push(const std::string& key, std::int64_t n) {
    ASSERT_THAT(stream_->AddRows(std::vector<Row>{{key, n}}), IsOk());
  }
  // Waits for so many rows in all.
  std::vector<std::string> Await(std::size_t rows) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(30), [&] { return found_.size() >= rows; }));
    return found_;
  }
  void AwaitLast(const std::string& row) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(30), [&] { return found_.back() == row; }))
        << found_.back();
  }
  // What is pushed from now on is another source's, as after a restart of the process.
  void Reopen(std::int64_t first_offset) {
    stream_ = MemoryStream::Make(Schema::Parse("key STRING, n BIGINT").value(), {.first_offset = first_offset});
  }
  [[nodiscard]] std::string checkpoint() const { return dir_.path() + "/checkpoint"; }
  [[nodiscard]] std::vector<std::string> Committed() const {
    std::vector<std::string> names;
    for (const char* log : {"offsets", "commits"}) {
      if (fs::exists(checkpoint() + "/" + log)) {
        for (const auto& entry : fs::directory_iterator(checkpoint() + "/" + log)) {
          const std::string name = entry.path().filename();
          if (!name.starts_with('.')) {
            names.push_back(fmt::format("{}/{}", log, name));
          }
        }
      }
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  const test::TempDir dir_;
  std::shared_ptr<MemoryStream> stream_ = MemoryStream::Make(Schema::Parse("key STRING, n BIGINT").value(), {});
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> found_;  // guarded by mutex_
};

TEST_F(RealTimeTrigger, RowsGoOutWhenTheyComeAndAreCommittedWhenTheBatchEnds) {
  auto query = Query().Start();
  ASSERT_THAT(query, IsOk());
  Push("a", 1);
  EXPECT_THAT(Await(1), ElementsAre("0: a=1"));
  Push("a", 2);
  EXPECT_THAT(Await(2), ElementsAre("0: a=1", "0: a=3"));
  EXPECT_THAT(Committed(), testing::IsEmpty()) << "the batch lasts an hour";
  ASSERT_THAT((*query)->Stop(), IsOk());
  EXPECT_THAT(Committed(), ElementsAre("commits/0", "offsets/0"));
  EXPECT_EQ((*query)->LastProgress()->num_input_rows, 2);
  EXPECT_THAT((*query)->LastProgress()->json, HasSubstr("\"numOutputRows\":2"));
  std::ifstream commit(checkpoint() + "/commits/0");
  std::stringstream text;
  text << commit.rdbuf();
  EXPECT_THAT(text.str(), HasSubstr("stateUniqueIds")) << "checkpoint format 2";
}

TEST_F(RealTimeTrigger, ABatchEndsAfterItsDurationAndTheNextGoesOn) {
  auto query = Query().Trigger(RealTime(milliseconds(50))).Start();
  ASSERT_THAT(query, IsOk());
  Push("a", 1);
  Await(1);
  const auto begun = std::chrono::steady_clock::now();
  while (Committed().size() < 2 && std::chrono::steady_clock::now() - begun < std::chrono::seconds(20)) {
    std::this_thread::sleep_for(milliseconds(2));
  }
  EXPECT_THAT(Committed(), ElementsAre("commits/0", "offsets/0"));
  std::this_thread::sleep_for(milliseconds(250));
  EXPECT_EQ(Committed().size(), 2U) << "no batch without rows";
  Push("a", 2);
  EXPECT_THAT(Await(2), ElementsAre("0: a=1", "1: a=3"));
  ASSERT_THAT((*query)->Stop(), IsOk());
}

TEST_F(RealTimeTrigger, ABatchThatFailsComesAgainAsAWholeAndItsStateNeverWas) {
  {
    auto query = Query().Start();
    ASSERT_THAT(query, IsOk());
    Push("a", 1);
    Await(1);
    ASSERT_THAT((*query)->Stop(), IsOk());
    query = Query().Start();
    ASSERT_THAT(query, IsOk());
    Push("a", 10);
    Await(2);
    Push("a", 666);
    EXPECT_THAT((*query)->AwaitTermination(), test::HasKind(ErrorKind::kUser));
    EXPECT_THAT(Committed(), ElementsAre("commits/0", "offsets/0"));
  }
  // Whoever pushes goes on from the offset that the checkpoint has.
  Reopen(1);
  auto query = Query().Start();
  ASSERT_THAT(query, IsOk());
  Push("a", 10);
  Push("a", 100);
  AwaitLast("1: a=111");
  ASSERT_THAT((*query)->Stop(), IsOk());
}

TEST_F(RealTimeTrigger, ItGoesOnWithAnotherTriggerAndBack) {
  auto query = Query().Start();
  ASSERT_THAT(query, IsOk());
  Push("a", 1);
  Push("b", 5);
  Await(2);
  ASSERT_THAT((*query)->Stop(), IsOk());
  Reopen(2);
  Push("a", 2);
  query = Query().Trigger(AvailableNow()).Start();
  ASSERT_THAT(query, IsOk());
  ASSERT_THAT((*query)->AwaitTermination(), IsOk());
  EXPECT_EQ(Await(3).back(), "1: a=3");
  Reopen(3);
  query = Query().Start();
  ASSERT_THAT(query, IsOk());
  Push("b", 1);
  EXPECT_EQ(Await(4).back(), "2: b=6");
  ASSERT_THAT((*query)->Stop(), IsOk());
}

TEST_F(RealTimeTrigger, TimersFireWithinTheBatchAlsoWithoutRows) {
  auto query = Query(TimeMode::kProcessingTime).Start();
  ASSERT_THAT(query, IsOk());
  Push("a", 7);
  Await(1);
  Push("a", -30);
  EXPECT_THAT(Await(3), ElementsAre("0: a=7", "0: a=7", "0: a!=7"));
  Push("b", -3'600'000);
  Await(4);
  ASSERT_THAT((*query)->Stop(), IsOk());
  std::vector<std::string> timers;
  ASSERT_THAT(ReadState(checkpoint(), {.timers = true},
                        [&](const ColumnBatch& rows) {
                          for (std::int64_t row = 0; row < rows.rows(); ++row) {
                            timers.push_back(ToJson(rows.RowAt(row), rows.schema()));
                          }
                          return Status();
                        }),
              IsOk());
  EXPECT_THAT(timers, ElementsAre(HasSubstr("\"b\"")));
}

TEST_F(RealTimeTrigger, StoppedAtOnceTheBatchIsGivenUp) {
  auto query = Query().Start();
  ASSERT_THAT(query, IsOk());
  Push("a", 1);
  Await(1);
  ASSERT_THAT((*query)->StopNow(), IsOk());
  EXPECT_THAT((*query)->Exception(), IsOk());
  EXPECT_THAT(Committed(), testing::IsEmpty());
}

TEST_F(RealTimeTrigger, AWatermarkThatSeesNoRowsStaysAndTheSameSourceGoesOn) {
  stream_ = MemoryStream::Make(Schema::Parse("key STRING, n BIGINT, at TIMESTAMP").value(), {});
  const auto start = [&](Trigger trigger) {
    return ReadStream(std::shared_ptr<Source>(stream_))
        .WithWatermark("at", "10 seconds")
        .SelectExpr("key", "n")
        .GroupBy("key")
        .TransformWithState(OutputMode::kUpdate, TimeMode::kProcessingTime, Summing(TimeMode::kProcessingTime))
        .WriteStream("")
        .ForeachBatch([this](const ColumnBatch& rows, std::int64_t batch) {
          const std::scoped_lock lock(mutex_);
          for (std::int64_t row = 0; row < rows.rows(); ++row) {
            found_.push_back(fmt::format("{}: {}", batch, std::get<std::string>(rows.At(0, row))));
          }
          changed_.notify_all();
          return Status();
        })
        .Option("checkpointLocation", checkpoint())
        .Conf("spark.sql.shuffle.partitions", "1")
        .Conf("spark.sql.streaming.stateStore.checkpointFormatVersion", "2")
        .Conf("spark.sql.streaming.realTimeMode.minBatchDuration", "1")
        .Trigger(trigger)
        .Start();
  };
  ASSERT_THAT(stream_->AddRows(std::vector<Row>{{"a", std::int64_t{-300}, Timestamp{.micros = 100'000'000}}}), IsOk());
  auto query = start(AvailableNow());
  ASSERT_THAT(query, IsOk());
  ASSERT_THAT((*query)->AwaitTermination(), IsOk());
  Await(1);
  query = start(RealTime(milliseconds(30)));  // a batch for the timer, without rows
  ASSERT_THAT(query, IsOk());
  EXPECT_EQ(Await(2).back(), "1: a!");
  ASSERT_THAT(stream_->AddRows(std::vector<Row>{{"b", std::int64_t{1}, Timestamp{.micros = 100'000'000}}}), IsOk());
  EXPECT_THAT(Await(3).back(), testing::EndsWith(": b"));
  ASSERT_THAT((*query)->Stop(), IsOk());
}

TEST_F(RealTimeTrigger, WhatItCannotDoIsRefusedBeforeAnythingIsWritten) {
  const auto refusal = [&](DataStreamWriter writer) {
    return std::string(std::move(writer).Start().status().condition());
  };
  EXPECT_EQ(refusal(Query(TimeMode::kNone, OutputMode::kAppend)), "STREAMING_REAL_TIME_MODE.OUTPUT_MODE_NOT_SUPPORTED");
  EXPECT_EQ(refusal(Query(TimeMode::kEventTime)), "CANNOT_ASSIGN_EVENT_TIME_COLUMN_WITHOUT_WATERMARK");
  EXPECT_EQ(refusal(Query()
                        .Conf("spark.sql.streaming.realTimeMode.minBatchDuration", "5000")
                        .Trigger(RealTime(milliseconds(4999)))),
            "INVALID_STREAMING_REAL_TIME_MODE_TRIGGER_INTERVAL");
  EXPECT_EQ(refusal(Query().Conf("spark.sql.streaming.stateStore.checkpointFormatVersion", "1")),
            "STREAMING_REAL_TIME_MODE.CHECKPOINT_FORMAT_V1_NOT_SUPPORTED");
  QueryDescription whole = Query().description();
  whole.sink = std::make_shared<TakesWholeBatches>();
  EXPECT_EQ(StartQuery(whole).status().condition(), "STREAMING_REAL_TIME_MODE.OPERATOR_OR_SINK_NOT_IN_ALLOWLIST");
  EXPECT_FALSE(fs::exists(checkpoint()));
}

// Else a start after a crash would begin at a later version, and the rows between would be lost.
TEST_F(RealTimeTrigger, ADeltaTableIsReadOnceItIsWrittenDownWhereTheQueryBegan) {
  if (const auto library = DeltaLibrary::Get(); !library.ok()) {
    GTEST_SKIP() << library.status().ToString();
  }
  const std::string table = dir_.path() + "/table";
  const auto add = [&table](std::int64_t batch, const std::string& key, std::int64_t n) {
    const Schema schema = SchemaOf(detail::LayoutOf<In>::Get());
    auto sink = DeltaSink::Create(table, {}, "Append").value();
    ASSERT_THAT(sink->Open(schema, "writer"), IsOk());
    ASSERT_THAT(sink->Commit(batch, {ColumnBatch::FromRows(schema, {{key, n}}).value()}), IsOk());
  };
  add(0, "a", 1);
  const auto start = [&] {
    return QueryOf(ReadStream("delta").Option("startingVersion", "latest").Load(table), TimeMode::kNone,
                   OutputMode::kUpdate)
        .Start();
  };
  {
    const auto query = start();
    ASSERT_THAT(query.status(), IsOk());
    for (int wait = 0; wait < 3000 && !fs::exists(checkpoint() + "/commits/0"); ++wait) {
      std::this_thread::sleep_for(milliseconds(10));
    }
    add(1, "b", 2);
    EXPECT_THAT(Await(1), ElementsAre("1: b=2"));
    add(2, "c", 3);
    Await(2);
    ASSERT_THAT((*query)->StopNow(), IsOk());
  }
  const auto query = start();
  ASSERT_THAT(query.status(), IsOk());
  EXPECT_THAT(Await(4), testing::UnorderedElementsAre("1: b=2", "1: c=3", "1: b=2", "1: c=3"))
      << "they come again, in the same batch";
  ASSERT_THAT((*query)->Stop(), IsOk());
}

}  // namespace
}  // namespace hf
