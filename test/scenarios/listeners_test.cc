// SPDX-License-Identifier: Apache-2.0
// Listeners of the process, and queries that are told to stop at once.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <future>
#include <mutex>
#include <thread>

#include "connect/memory/memory_sink.h"
#include "holdfast/listener.h"
#include "holdfast/memory_stream.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

using test::IsOk;
using testing::ElementsAre;

struct In {
  std::int64_t key = 0;
};
HOLDFAST_STRUCT(In, key);

// Counts a key's rows; the key 666 fails, and 1000 waits until somebody lets it go on.
class Counting final : public StatefulProcessor<std::int64_t, In, In> {
 public:
  explicit Counting(std::function<void()> at_1000 = {}) : at_1000_(std::move(at_1000)) {}
  void Init(StatefulProcessorHandle& handle) override { count_ = handle.GetValueState<std::int64_t>("count"); }
  void HandleInputRows(const std::int64_t& key, RowsOf<In>, const TimerValues&, Output<In>& out) override {
    if (key == 666) {
      throw std::runtime_error("no");
    }
    if (key == 1000 && at_1000_) {
      at_1000_();
    }
    count_.Update(1);
    out.Emit({key});
  }

 private:
  std::function<void()> at_1000_;
  ValueState<std::int64_t> count_;
};

class Recording final : public StreamingQueryListener {
 public:
  void OnQueryStarted(const QueryStartedEvent& event) override {
    Add(fmt::format("started {}", event.name));
    id_ = event.id;
  }
  void OnQueryProgress(const StreamingQueryProgress& progress) override {
    Add(fmt::format("progress {}", progress.batch_id));
  }
  void OnQueryIdle(const QueryIdleEvent& event) override { Add(event.id == id_ ? "idle" : "idle of another"); }
  void OnQueryTerminated(const QueryTerminatedEvent& event) override {
    Add("terminated" + (event.exception.has_value() ? " " + event.error_class_on_exception.value_or("") : ""));
  }
  [[nodiscard]] std::vector<std::string> events() const {
    const std::scoped_lock lock(mutex_);
    return events_;
  }

 private:
  void Add(std::string event) {
    const std::scoped_lock lock(mutex_);
    if (event != "idle" || events_.back() != "idle") {
      events_.push_back(std::move(event));
    }
  }
  std::string id_;
  mutable std::mutex mutex_;
  std::vector<std::string> events_;
};

class Throwing final : public StreamingQueryListener {
 public:
  void OnQueryProgress(const StreamingQueryProgress&) override { throw std::runtime_error("a listener's own trouble"); }
};

class Listeners : public testing::Test {
 protected:
  Listeners() {
    AddListener(throwing_);
    AddListener(recording_);
  }
  ~Listeners() override {
    RemoveListener(*throwing_);
    RemoveListener(*recording_);
  }

  DataStreamWriter Query(Counting processor = Counting()) {
    return ReadStream(std::shared_ptr<Source>(stream_))
        .GroupBy("key")
        .TransformWithState(OutputMode::kUpdate, TimeMode::kNone, std::move(processor))
        .WriteStream(sink_)
        .QueryName("listened")
        .Option("checkpointLocation", dir_.path() + "/checkpoint")
        .Conf("spark.sql.shuffle.partitions", "1");
  }
  void Push(std::int64_t key) { ASSERT_THAT(stream_->AddRows(std::vector<Row>{{key}}), IsOk()); }

  const test::TempDir dir_;
  std::shared_ptr<Throwing> throwing_ = std::make_shared<Throwing>();
  std::shared_ptr<Recording> recording_ = std::make_shared<Recording>();
  std::shared_ptr<MemoryStream> stream_ = MemoryStream::Make(Schema::Parse("key BIGINT").value(), {});
  std::shared_ptr<MemorySink> sink_ = std::make_shared<MemorySink>();
};

TEST_F(Listeners, HearOfStartProgressAndEndInTheirOrderWhateverAnotherOneThrows) {
  Push(1);
  auto query = Query().Trigger(AvailableNow()).Start();
  ASSERT_THAT(query, IsOk());
  ASSERT_THAT((*query)->AwaitTermination(), IsOk());
  EXPECT_THAT(recording_->events(), ElementsAre("started listened", "progress 0", "terminated"));
}

TEST_F(Listeners, HearWhyAQueryFailed) {
  Push(666);
  auto query = Query().Trigger(AvailableNow()).Start();
  ASSERT_THAT(query, IsOk());
  EXPECT_FALSE((*query)->AwaitTermination().ok());
  EXPECT_THAT(recording_->events(),
              ElementsAre("started listened", "terminated TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR"));
}

TEST_F(Listeners, HearOfAQueryThatHasNothingToDo) {
  auto query = Query().Conf("spark.sql.streaming.noDataProgressEventInterval", "20").Start();
  ASSERT_THAT(query, IsOk());
  while (recording_->events().size() < 2) {
    std::this_thread::yield();
  }
  ASSERT_THAT((*query)->Stop(), IsOk());
  EXPECT_THAT(recording_->events(), ElementsAre("started listened", "idle", "terminated"));
}

TEST_F(Listeners, HearNothingAfterTheyAreRemoved) {
  RemoveListener(*recording_);
  Push(1);
  auto query = Query().Trigger(AvailableNow()).Start();
  ASSERT_THAT(query, IsOk());
  ASSERT_THAT((*query)->AwaitTermination(), IsOk());
  EXPECT_THAT(recording_->events(), testing::IsEmpty());
}

TEST_F(Listeners, StopNowGivesUpTheBatchBetweenTwoKeysAndTheNextStartRunsItAgain) {
  std::vector<Row> rows;
  for (std::int64_t key = 1000; key < 11'000; ++key) {
    rows.push_back({key});
  }
  ASSERT_THAT(stream_->AddRows(rows), IsOk());
  std::promise<void> reached;
  std::promise<void> go_on;
  auto query = Query(Counting([&, waits = go_on.get_future().share()] {
                 reached.set_value();
                 waits.wait();
               })).Start();
  ASSERT_THAT(query, IsOk());
  ASSERT_EQ(reached.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready)
      << (*query)->Exception().ToString();
  std::thread stopping([&] { EXPECT_THAT((*query)->StopNow(), IsOk()); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  go_on.set_value();
  stopping.join();
  EXPECT_THAT((*query)->Exception(), IsOk()) << "that is no failure";
  EXPECT_THAT(sink_->rows(), testing::IsEmpty());
  EXPECT_FALSE((*query)->LastProgress().has_value());
  query = Query().Trigger(AvailableNow()).Start();
  ASSERT_THAT(query, IsOk());
  ASSERT_THAT((*query)->AwaitTermination(), IsOk());
  EXPECT_EQ(sink_->rows().size(), 10'000U);
}

}  // namespace
}  // namespace hf
