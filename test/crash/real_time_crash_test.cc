// SPDX-License-Identifier: Apache-2.0
// Real-time batches stopped at every disk operation, and before and after the sink takes rows. Rows may come to the
// sink more than once, but each comes, none that the undisturbed run has not, and the state is that of one pass.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "connect/file/file_source.h"
#include "crash/stopped_query.h"
#include "holdfast/processor.h"

namespace hf {
namespace {

using std::chrono::milliseconds;

struct In {
  std::string key;
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(In, key, n);

struct Out {
  std::string key;
  std::string what;
  std::int64_t total = 0;
};
HOLDFAST_STRUCT(Out, key, what, total);

constexpr std::int64_t kBegin = 1'767'225'600'000;
constexpr std::int64_t kPortionMs = 30;
constexpr std::int64_t kBatchMs = 100;
constexpr int kFiles = 8;
constexpr int kKeys = 5;

// Whatever portions its rows come in, it puts out the same for each of them. Each asks for a timer that is due when it
// comes or soon after, some for one of the next day.
class Following final : public StatefulProcessor<std::string, In, Out> {
 public:
  void Init(StatefulProcessorHandle& handle) override {
    total_ = handle.GetValueState<std::int64_t>("total");
    seen_ = handle.GetListState<std::int64_t>("seen");
    fired_ = handle.GetMapState<std::int64_t, std::int64_t>("fired");
  }
  void HandleInputRows(const std::string& key, RowsOf<In> rows, const TimerValues&, Output<Out>& out) override {
    for (const In& row : rows) {
      const std::int64_t total = (total_.Get() == nullptr ? 0 : *total_.Get()) + row.n;
      total_.Update(total);
      seen_.AppendValue(row.n);
      GetHandle().RegisterTimer(kBegin + row.n);
      if (row.n % 3 == 0) {
        GetHandle().RegisterTimer(kBegin + 86'400'000 + row.n);
      }
      out.Emit({key, fmt::format("row {}", row.n), total});
    }
  }
  void HandleExpiredTimer(const std::string& key, const TimerValues&, const ExpiredTimerInfo& timer,
                          Output<Out>& out) override {
    const std::int64_t* fired = fired_.GetValue(timer.expiry_time_ms);
    fired_.UpdateValue(timer.expiry_time_ms, fired == nullptr ? 1 : *fired + 1);
    out.Emit({key, fmt::format("timer {}", timer.expiry_time_ms), 0});
  }

 private:
  ValueState<std::int64_t> total_;
  ListState<std::int64_t> seen_;
  MapState<std::int64_t, std::int64_t> fired_;
};

// A file source by a clock that goes on whenever it is asked, and that knows when all it has is worked off.
class Portions final : public Source {
 public:
  Portions(std::unique_ptr<FileSource> files, ManualClock& clock) : files_(std::move(files)), clock_(clock) {}
  [[nodiscard]] const Schema& schema() const override { return files_->schema(); }
  [[nodiscard]] std::string description() const override { return files_->description(); }
  Result<SourceOffset> Latest(const SourceOffset& start) override {
    auto latest = files_->Latest(start);
    const bool is_more = latest.ok() && *latest != start;
    clock_.AdvanceMs(is_more ? kPortionMs : 10);
    if (latest.ok() && !is_more) {
      worked_off_ = true;
      const std::scoped_lock lock(mutex_);
      if (notify_) {
        notify_();
      }
    }
    return latest;
  }
  Status FixAvailable(const SourceOffset& start) override { return files_->FixAvailable(start); }
  void IgnoreLimits() override { files_->IgnoreLimits(); }
  Result<std::vector<std::unique_ptr<SourceSplit>>> Plan(const SourceOffset& start, const SourceOffset& end) override {
    return files_->Plan(start, end);
  }
  void NextPlanMustBeWhole() override { files_->NextPlanMustBeWhole(); }
  void NotifyOfRows(std::function<void()> notify) override {
    const std::scoped_lock lock(mutex_);
    notify_ = std::move(notify);
  }
  void ReadAhead(const SourceOffset& start) override { files_->ReadAhead(start); }
  Status Commit(const SourceOffset& end) override { return files_->Commit(end); }

  [[nodiscard]] bool worked_off() const { return worked_off_; }

 private:
  const std::unique_ptr<FileSource> files_;
  ManualClock& clock_;
  std::atomic<bool> worked_off_ = false;
  std::mutex mutex_;  // guards notify_
  std::function<void()> notify_;
};

class RealTimeRun final : public StoppedQuery {
 public:
  explicit RealTimeRun(std::uint64_t seed) : StoppedQuery(seed, 2) {
    std::vector<std::string> files;
    for (int file = 0; file < kFiles; ++file) {
      std::string& lines = files.emplace_back();
      for (int row = 0; row < 2 * kKeys - 1; ++row) {
        lines += fmt::format("{{\"key\":\"k{}\",\"n\":{}}}\n", row % kKeys, 10 * file + row);
      }
    }
    SetInput(files);
  }
  Status RunToEnd() override { return RunRound(rounds() - 1); }
  // Each row that came once, by whichever way, and the state.
  [[nodiscard]] std::multiset<std::string> Rows() const override {
    std::set<std::string> came(table().emitted.begin(), table().emitted.end());
    for (const auto& [batch, texts] : table().committed) {
      came.insert(texts.begin(), texts.end());
    }
    std::multiset<std::string> rows(came.begin(), came.end());
    AddState(&rows);
    return rows;
  }

 private:
  Result<ResultStream> Query(const std::string& pattern, const Environment& environment) override {
    HF_ASSIGN_OR_RETURN(
        auto files,
        FileSource::Open(*environment.files, *environment.files, *environment.clock,
                         {.format = "json",
                          .options = {{"path", "/events"}, {"maxFilesPerTrigger", "1"}, {"pathGlobFilter", pattern}},
                          .schema = SchemaOf(detail::LayoutOf<In>::Get()),
                          .log_directory = "/checkpoint/sources/0"}));
    source_ = std::make_shared<Portions>(std::move(files), clock());
    return ReadStream(std::shared_ptr<Source>(source_))
        .GroupBy("key")
        .TransformWithState<Following>(OutputMode::kUpdate, TimeMode::kProcessingTime);
  }
  [[nodiscard]] std::vector<StateReadOptions> Looks() const override {
    return {{.variable = "total"}, {.variable = "seen"}, {.variable = "fired"}, {.timers = true}};
  }
  Status Run(DataStreamWriter writer, const Environment& environment) override {
    writer = std::move(writer)
                 .Conf("spark.sql.streaming.realTimeMode.minBatchDuration", "1")
                 .Trigger(RealTime(milliseconds(kBatchMs)));
    HF_ASSIGN_OR_RETURN(const auto query, StartQuery(writer.description(), environment));
    while (query->is_active() && !source_->worked_off()) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    const Status ended = query->Stop();
    source_.reset();  // it ends with its process
    return ended;
  }

  std::shared_ptr<Portions> source_;
};

const RealTimeRun& Undisturbed() {
  static const auto run = [] {
    auto made = std::make_unique<RealTimeRun>(1);
    const Status ended = made->RunToEnd();
    EXPECT_TRUE(ended.ok()) << ended.ToString();
    return made;
  }();
  return *run;
}

std::size_t CountOf(std::string_view text) {
  const std::multiset<std::string> rows = Undisturbed().Rows();
  return static_cast<std::size_t>(std::count_if(
      rows.begin(), rows.end(), [text](const std::string& row) { return row.find(text) != std::string::npos; }));
}

TEST(CrashRealTime, TheUndisturbedRunHasSeveralBatchesAndTimers) {
  constexpr std::size_t kRows = kFiles * (2 * kKeys - 1);
  EXPECT_EQ(CountOf("\"row "), kRows);
  EXPECT_EQ(CountOf("state 0/seen"), kRows);
  EXPECT_EQ(CountOf("\"timer "), CountOf("state 0/fired"));
  EXPECT_GT(CountOf("state 0/timers"), 0U);
  EXPECT_EQ(Undisturbed().table().emitted.size(), CountOf("\"row ") + CountOf("\"timer ")) << "each came once";
}

void SweepRealTime(std::uint64_t step) {
  const Points points = SweepCheckpoint([](std::uint64_t seed) { return std::make_unique<RealTimeRun>(seed); }, step,
                                        Undisturbed().Rows());
  points.Print("real-time batches");
  for (const char* step_of_a_batch : {"/sources/0/", ".changelog", "/offsets/", "/commits/"}) {
    EXPECT_TRUE(step > 1 || points.Struck(step_of_a_batch)) << step_of_a_batch;
  }
}

TEST(CrashRealTime, SomePoints) { SweepRealTime(37); }
TEST(CrashRealTime, SlowEveryPoint) { SweepRealTime(1); }

TEST(CrashRealTime, StopsBeforeAndAfterTheSinkTakesRows) {
  const std::multiset<std::string> expected = Undisturbed().Rows();
  const int calls = Undisturbed().sink_calls();
  EXPECT_GE(calls, 2 * kFiles);
  Points points;
  for (int call = 1; call <= calls && !points.gave_up(); ++call) {
    RealTimeRun run(static_cast<std::uint64_t>(call));
    run.StopSinkAt(call);
    points.Check(run, run.RunToEnd(), FaultMode::kLoseBoth, expected, fmt::format("sink call {}", call));
  }
  points.Print("real-time batches, around the sink");
}

}  // namespace
}  // namespace hf
