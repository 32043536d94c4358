// SPDX-License-Identifier: Apache-2.0
// The steps of recipes/real_time.py through Holdfast's real-time trigger, under a clock that stands still in between:
// the calls of the processor, what they find in the state, and the state after each batch are those of Spark; and it
// goes on with Spark's checkpoints. Where Holdfast does something else on purpose a test of its own says so.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "base/json.h"
#include "holdfast/query.h"
#include "holdfast/state_reader.h"
#include "query/environment.h"
#include "spark_compat/real_time_query.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;
using test::IsOk;
using testing::ElementsAre;

std::vector<Json> Lines(const fs::path& path) {
  std::vector<Json> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    lines.push_back(ParseJson(line).value());
  }
  return lines;
}

// Calls of one kind, each as text, in order; `timed`: with what the clocks say.
std::vector<std::string> Of(const char* event, const std::vector<Json>& calls, bool timed) {
  std::vector<std::string> found;
  for (const Json& call : calls) {
    if (call["event"] == event) {
      std::string& text = found.emplace_back(fmt::format("batch {} key {}", call["batch"].dump(), call["key"].dump()));
      for (const char* member : {"n", "expiry", "recent", "total"}) {
        text += call.contains(member) ? fmt::format(" {} {}", member, call[member].dump()) : "";
      }
      if (timed) {
        text += fmt::format(" at {} watermark {}", call["processing"].dump(), call["watermark"].dump());
      }
    }
  }
  return found;
}

class PlayedCase {
 public:
  explicit PlayedCase(const std::string& name)
      : golden_(fs::path(HOLDFAST_SOURCE_DIR) / "test/spark_compat/golden/real_time/spark-4.3.0" / name),
        steps_(Lines(golden_ / "told.json")),
        case_(Lines(golden_ / "case.json").front()),
        clock_(case_["clock"].get<std::int64_t>() * 1000) {
    environment_.clock = &clock_;
    const std::string& mode = case_["timeMode"].get_ref<const std::string&>();
    time_mode_ = mode == "EventTime" ? TimeMode::kEventTime : TimeMode::kProcessingTime;
    time_mode_ = mode == "None" ? TimeMode::kNone : time_mode_;
  }

  // Takes Spark's steps from `first` on, to the first one called `until`, and compares what they lead to. Returns where
  // it stopped.
  std::size_t Play(std::size_t first, const std::string& until) {
    std::vector<Json> told;
    std::size_t number = first;
    for (; number < steps_.size() && steps_[number]["step"][0] != until; ++number) {
      const Json& step = steps_[number];
      told.insert(told.end(), step["told"].begin(), step["told"].end());
      Take(step["step"], test::CountRows(step["told"]));
      // Spark does not look at the clock before a row comes, nor let late rows alone wait for others.
      if (step["step"][0] != "clock" && step["step"][0] != "late") {
        ExpectCalls(told, step["step"].dump());
        told.clear();
      }
    }
    return number;
  }

  // What Spark tells of steps from `first` on.
  [[nodiscard]] std::vector<std::string> SparkCalls(std::size_t first) const {
    std::vector<Json> told;
    for (std::size_t number = first; number < steps_.size(); ++number) {
      told.insert(told.end(), steps_[number]["told"].begin(), steps_[number]["told"].end());
    }
    return Brief(told);
  }
  // What was heard here, from call `first` on; waits until it is so much.
  std::vector<std::string> HeardCalls(std::size_t first, std::size_t calls) {
    Await([&] { return heard_.calls().size() >= first + calls; });
    const std::vector<Json> told = heard_.calls();
    return Brief({told.begin() + static_cast<long>(first), told.end()});
  }

  // The checkpoint as it was after batch `last`; the step behind that batch's end.
  std::size_t BeginAfter(std::int64_t last) {
    fs::copy(golden_ / "ckpt", checkpoint(), fs::copy_options::recursive);
    for (const char* log : {"offsets", "commits"}) {
      for (const auto& entry : fs::directory_iterator(fs::path(checkpoint()) / log)) {
        const std::string file = entry.path().filename();
        if (!file.starts_with('.') && std::stoll(file) > last) {
          fs::remove(entry.path());
        }
      }
    }
    conf_["holdfast.continueForeign"] = "true";
    for (std::size_t number = 0; number < steps_.size(); ++number) {
      const Json& step = steps_[number]["step"];
      if (step[0] == "push" || step[0] == "late") {
        source_->Push(RowsOf(step));
      } else if (step[0] == "end" && step[1] == last) {
        SetClock(step[2]);
        Start(RealTimeOfCase());
        return number + 1;
      }
    }
    ADD_FAILURE() << "no step ends batch " << last;
    return steps_.size();
  }

  // `told_rows`: how many wait for a start.
  void Take(const Json& step, std::size_t told_rows = 0) {
    const std::string& what = step[0].get_ref<const std::string&>();
    if (what == "push" || what == "late") {
      const std::vector<Row> rows = RowsOf(step);
      const std::size_t before = heard_.rows();
      source_->Push(rows);
      if (what == "push" && query_ != nullptr) {
        Await([&] { return heard_.rows() == before + rows.size(); });
      }
    } else if (what == "clock" || what == "end") {
      SetClock(step.back());
      if (what == "end") {
        Await([&] { return fs::exists(fmt::format("{}/commits/{}", checkpoint(), step[1].dump())); });
        Await([&] { return progress_of(step[1]).has_value(); });
      }
    } else if (what == "start") {
      const std::size_t before = heard_.rows();
      Start(step[1] == "realTime" ? RealTimeOfCase() : AvailableNow());
      Await([&] { return heard_.rows() == before + told_rows; });
      if (step[1] != "realTime") {
        EXPECT_THAT(query_->AwaitTermination(), IsOk());
        query_ = nullptr;
      }
    } else if (what == "stop") {
      StopNow();
    } else if (what == "fail") {
      source_->Push({Row{step[1][0].get<std::string>(), step[1][1].get<std::int64_t>(), Value(), Value()}});
      EXPECT_THAT(query_->AwaitTermination(), test::HasKind(ErrorKind::kUser));
      query_ = nullptr;
    } else {
      ADD_FAILURE() << "no step " << step.dump();
    }
  }

  // Gives the batch up, as Spark does; its rows wait again.
  void StopNow() {
    if (query_ != nullptr) {
      EXPECT_THAT(query_->StopNow(), IsOk());
      query_ = nullptr;
    }
  }

  void ExpectCalls(const std::vector<Json>& told, const std::string& step) {
    Await([&] {
      const std::vector<Json> calls = heard_.calls();
      return Brief({calls.begin() + static_cast<long>(seen_), calls.end()}).size() >= Brief(told).size();
    });
    std::vector<Json> calls = heard_.calls();
    calls.erase(calls.begin(), calls.begin() + static_cast<long>(seen_));
    seen_ += calls.size();
    for (const char* event : {"rows", "timer"}) {
      EXPECT_EQ(Of(event, calls, time_mode_ != TimeMode::kNone), Of(event, told, time_mode_ != TimeMode::kNone))
          << event << " of " << step;
    }
  }

  // After each of the first `batches` that Spark has committed.
  void ExpectStateOfSpark(std::int64_t batches = 1000) {
    for (std::int64_t batch = 0; batch < batches && fs::exists(golden_ / fmt::format("ckpt/commits/{}", batch));
         ++batch) {
      EXPECT_EQ(StateAfter(checkpoint(), batch), StateAfter(golden_ / "ckpt", batch)) << "after batch " << batch;
    }
  }

  // What of a progress is the same in both engines.
  static std::string Summary(const Json& progress) {
    const Json& state = progress["stateOperators"][0];
    std::string summary = fmt::format("batch {} rows {} event time {} late {}", progress["batchId"].dump(),
                                      progress["numInputRows"].dump(), progress["eventTime"].dump(),
                                      state["numRowsDroppedByWatermark"].dump());
    for (const char* metric : {"numRegisteredTimers", "numDeletedTimers", "numExpiredTimers"}) {
      summary += fmt::format(" {} {}", metric, state["customMetrics"].value(metric, Json(0)).dump());
    }
    return summary;
  }
  std::optional<Json> progress_of(const Json& batch) {
    const std::scoped_lock lock(mutex_);
    for (const Json& progress : progress_) {
      if (progress["batchId"] == batch) {
        return progress;
      }
    }
    return std::nullopt;
  }
  void ExpectProgressOfSpark() {
    for (const Json& progress : Lines(golden_ / "progress.json")) {
      const auto ours = progress_of(progress["batchId"]);
      ASSERT_TRUE(ours.has_value()) << progress["batchId"];
      EXPECT_EQ(Summary(*ours), Summary(progress));
    }
  }

  [[nodiscard]] std::string checkpoint() const { return dir_.path() + "/checkpoint"; }
  test::Heard& heard() { return heard_; }
  std::vector<std::string> rows() {
    const std::scoped_lock lock(mutex_);
    return rows_;
  }
  [[nodiscard]] const fs::path& golden() const { return golden_; }

 private:
  [[nodiscard]] Trigger RealTimeOfCase() const {
    return RealTime(std::chrono::milliseconds(case_["batchMs"].get<std::int64_t>()));
  }
  void SetClock(const Json& ms) { clock_.SetUs((case_["clock"].get<std::int64_t>() + ms.get<std::int64_t>()) * 1000); }

  // Times from the first one of the clock on.
  [[nodiscard]] std::vector<std::string> Brief(const std::vector<Json>& calls) const {
    std::vector<std::string> found;
    const auto begin = case_["clock"].get<std::int64_t>();
    for (const Json& call : calls) {
      if (call["event"] == "rows") {
        found.push_back(fmt::format("{} {} in batch {}", call["key"].dump(), call["n"].dump(), call["batch"].dump()));
      } else if (call["event"] == "timer") {
        found.push_back(fmt::format("{} timer {} at {} in batch {}", call["key"].dump(),
                                    call["expiry"].get<std::int64_t>() - begin,
                                    call["processing"].get<std::int64_t>() - begin, call["batch"].dump()));
      }
    }
    return found;
  }

  [[nodiscard]] std::vector<Row> RowsOf(const Json& step) const {
    std::vector<Row> rows;
    for (std::size_t number = 1; number < step.size(); ++number) {
      const Json& row = step[number];
      const Value delay = row.size() > 2 && !row[2].is_null() ? Value(row[2].get<std::int64_t>()) : Value();
      const Value at =
          row.size() > 3
              ? Value(Timestamp{.micros = (case_["events"].get<std::int64_t>() + row[3].get<std::int64_t>()) * 1000})
              : Value();
      rows.push_back({row[0].get<std::string>(), row[1].get<std::int64_t>(), delay, at});
    }
    return rows;
  }

  void Await(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!holds()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end) << (query_ != nullptr ? query_->Exception().message() : "");
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  void Start(Trigger trigger) {
    DataStream stream = ReadStream(std::static_pointer_cast<Source>(source_));
    if (time_mode_ == TimeMode::kEventTime) {
      stream = std::move(stream).WithWatermark("at", "10 seconds");
    }
    auto writer =
        std::move(stream)
            .GroupBy("value")
            .TransformWithState(OutputMode::kUpdate, time_mode_, test::Calls(&heard_, time_mode_, case_["ttlMs"]))
            .WriteStream("")
            .ForeachBatch([this](const ColumnBatch& rows, std::int64_t) {
              const std::scoped_lock lock(mutex_);
              for (std::int64_t row = 0; row < rows.rows(); ++row) {
                rows_.push_back(std::get<std::string>(rows.At(0, row)));
              }
              return Status();
            })
            .Option("checkpointLocation", checkpoint())
            .Conf("spark.sql.shuffle.partitions", "1")
            .Conf("spark.sql.streaming.stateStore.encodingFormat", "avro")
            .Conf("holdfast.dialect.operatorName", "transformWithStateExec")
            .OnProgress([this](const StreamingQueryProgress& progress) {
              const std::scoped_lock lock(mutex_);
              progress_.push_back(ParseJson(progress.json).value());
            })
            .Trigger(trigger);
    for (const auto& [key, value] : conf_) {
      writer = std::move(writer).Conf(key, value);
    }
    conf_.clear();
    auto started = StartQuery(writer.description(), environment_);
    ASSERT_THAT(started, IsOk());
    query_ = std::move(started).value();
  }

  [[nodiscard]] std::vector<std::vector<std::string>> StateAfter(const std::string& checkpoint,
                                                                 std::int64_t batch) const {
    std::vector<std::vector<std::string>> found;
    const auto read = [&](StateReadOptions options) {
      options.batch_id = batch;
      std::vector<std::string>& rows = found.emplace_back();
      const auto visit = [&rows](const ColumnBatch& batch_rows) {
        for (std::int64_t row = 0; row < batch_rows.rows(); ++row) {
          rows.push_back(ToJson(batch_rows.RowAt(row), batch_rows.schema()));
        }
        return Status();
      };
      EXPECT_THAT(ReadState(checkpoint, options, visit), IsOk());
      std::sort(rows.begin(), rows.end());
    };
    read({.variable = "total"});
    read({.variable = "recent"});
    if (time_mode_ != TimeMode::kNone) {
      read({.timers = true});
    }
    return found;
  }

  const fs::path golden_;
  const std::vector<Json> steps_;
  const Json case_;
  TimeMode time_mode_ = TimeMode::kNone;
  ManualClock clock_;
  Environment environment_ = ProcessEnvironment();
  const test::TempDir dir_;
  test::Heard heard_;
  std::size_t seen_ = 0;  // of its calls
  std::mutex mutex_;
  std::vector<std::string> rows_;  // these two are guarded by mutex_
  std::vector<Json> progress_;
  Options conf_;
  const std::shared_ptr<test::PushedRows> source_ = std::make_shared<test::PushedRows>();
  std::unique_ptr<StreamingQuery> query_;  // the last to be made, the first to go
};

class SparkRealTime : public testing::TestWithParam<const char*> {};

TEST_P(SparkRealTime, EveryCallIsThatOfSpark) {
  PlayedCase played(GetParam());
  played.Play(0, "");
  played.StopNow();
  played.ExpectStateOfSpark();
  played.ExpectProgressOfSpark();
  std::vector<std::string> calls;
  std::size_t inits = 0;
  for (const Json& call : played.heard().calls()) {
    if (call["event"] != "init") {
      calls.push_back(call.dump());
    }
    inits += call["event"] == "init" ? 1 : 0;
  }
  EXPECT_EQ(played.rows(), calls) << "the sink has them in their order";
}

TEST_P(SparkRealTime, ItGoesOnWithSparksCheckpoint) {
  PlayedCase played(GetParam());
  played.Play(played.BeginAfter(0), "");
  played.StopNow();
  played.ExpectStateOfSpark();
}

INSTANTIATE_TEST_SUITE_P(Cases, SparkRealTime, testing::Values("processing_time", "event_time", "failure"),
                         [](const auto& tested) { return std::string(tested.param); });

// The batch that failed is another one in the next start, an ordinary batch takes a key's rows together, and state and
// ids go on from one trigger to the other.
TEST(SparkRealTimeRestarts, GoOnAsInSparkAndWhatWasPromisedIsKept) {
  PlayedCase played("restarts");
  const std::size_t unproven = played.Play(0, "unprove");
  played.ExpectStateOfSpark(3);

  // Spark forgets a promise without proof and begins the batch anew, where Holdfast runs it to its end first.
  const std::size_t before = played.heard().calls().size();
  EXPECT_THAT(played.SparkCalls(unproven), ElementsAre("\"a\" [11] in batch 3", "\"a\" [12] in batch 3"));
  for (const char* file : {"3", ".3.crc"}) {
    fs::remove(fs::path(played.checkpoint()) / "commits" / file);
  }
  played.Take(ParseJson(R"(["push", ["a", 12]])").value());
  played.Take(ParseJson(R"(["start", "realTime"])").value());
  EXPECT_THAT(played.HeardCalls(before, 4), ElementsAre("\"a\" [11] in batch 3", "\"a\" [12] in batch 4"));
  played.StopNow();
}

// Spark looks at timers when a row has been processed and when the batch ends, and begins one batch after the other.
TEST(SparkRealTimeIdle, TimersNeedNoRowsAndThereAreNoBatchesWithoutAny) {
  PlayedCase played("idle");
  const std::size_t idle = played.Play(0, "clock");
  EXPECT_THAT(played.SparkCalls(idle), ElementsAre("\"a\" timer 7000 at 10000 in batch 1"));
  EXPECT_TRUE(fs::exists(played.golden() / "ckpt/commits/2"));
  const std::size_t before = played.heard().calls().size();
  played.Take(ParseJson(R"(["clock", 7000])").value());
  EXPECT_THAT(played.HeardCalls(before, 2), ElementsAre("\"a\" timer 7000 at 7000 in batch 1"));
  played.Take(ParseJson(R"(["end", 1, 12000])").value());
  played.Take(ParseJson(R"(["clock", 30000])").value());
  played.Take(ParseJson(R"(["push", ["b", 2]])").value());
  EXPECT_EQ(played.HeardCalls(before, 4).back(), "\"b\" [2] in batch 2");
  played.StopNow();
}

// Spark's look at timers begins where the one before in the batch ended.
TEST(SparkRealTimePast, ATimerForThePastFiresAtOnceAndNotAtTheEnd) {
  PlayedCase played("past");
  const std::vector<std::string> of_spark = played.SparkCalls(0);
  EXPECT_EQ(of_spark.back(), "\"a\" timer 999 at 5000 in batch 0");
  for (const char* step : {R"(["start", "realTime"])", R"(["push", ["a", 1]])", R"(["clock", 1000])",
                           R"(["push", ["b", 2]])", R"(["push", ["a", 3, -1]])"}) {
    played.Take(ParseJson(step).value());
  }
  EXPECT_EQ(played.HeardCalls(0, 5).back(), "\"a\" timer 999 at 1000 in batch 0");
  played.StopNow();
}

}  // namespace
}  // namespace hf
