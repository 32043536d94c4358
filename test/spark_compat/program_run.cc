// SPDX-License-Identifier: Apache-2.0
#include "spark_compat/program_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <condition_variable>
#include <mutex>
#include <set>

#include "connect/memory/memory_sink.h"
#include "rows/scalar_text.h"
#include "spark_compat/program_processor.h"
#include "spark_compat/program_values.h"
#include "spark_compat/recorded_queries.h"

namespace hf::test {

namespace {

// The clock of a query's triggers: it stands still within a trigger, and who drives the query says when the next is.
class SteppedClock final : public Clock {
 public:
  explicit SteppedClock(std::int64_t now_ms) : now_ms_(now_ms) {}

  std::int64_t NowUs() override {
    const std::scoped_lock lock(mutex_);
    return now_ms_ * 1000;
  }
  std::int64_t SteadyUs() override { return NowUs(); }
  // Called by the query after each trigger.
  bool SleepUntilMs(std::int64_t, std::stop_token stop) override {
    std::unique_lock lock(mutex_);
    waiting_ = true;
    changed_.notify_all();
    const bool released = changed_.wait(lock, stop, [this] { return !waiting_; });
    waiting_ = false;
    return released;
  }

  // Runs the next trigger at `time_ms`.
  void Release(std::int64_t time_ms) {
    const std::scoped_lock lock(mutex_);
    now_ms_ = time_ms;
    waiting_ = false;
    changed_.notify_all();
  }
  // Until the trigger has ended, or the query has.
  void AwaitTrigger(const StreamingQuery& query) {
    constexpr std::chrono::milliseconds kLookAgain(2);
    std::unique_lock lock(mutex_);
    while (!waiting_ && query.is_active()) {
      changed_.wait_for(lock, kLookAgain);
    }
  }

 private:
  std::mutex mutex_;  // guards all below
  std::condition_variable_any changed_;
  std::int64_t now_ms_;
  bool waiting_ = false;
};

std::string IsoTime(std::int64_t ms) {
  const Json quoted = JsonOf(Timestamp{.micros = ms * 1000}, DataType::Timestamp());
  return quoted.get<std::string>();
}

// Whether its processors are written out (recorded_queries.h), and its rows are those of the source.
bool IsQuery(const Json& program) { return program.contains("timed_operators"); }

std::string InputText(const Json& program, const Json& rows) {
  if (IsQuery(program)) {
    std::string text;
    for (const Json& row : rows) {
      text += row.dump() + "\n";
    }
    return text;
  }
  const Schema key = SchemaOfType(program.at("key"));
  std::string text;
  int seq = 0;
  for (const Json& row : rows) {
    Json line = Json::object();
    for (std::size_t i = 0; i < key.size(); ++i) {
      line[key.field(i).name] = IsScalar(key.type()) ? row.at(0) : row.at(0).at(i);
    }
    if (row.size() > 2 && !row.at(2).is_null()) {
      line["et"] = IsoTime(row.at(2));
    }
    line["seq"] = seq++;
    line["ops"] = row.at(1).dump();
    text += line.dump() + "\n";
  }
  return text;
}

TimeMode TimeModeOf(const Json& program) {
  const std::string name = program.at("time");
  return name == "ProcessingTime" ? TimeMode::kProcessingTime
         : name == "EventTime"    ? TimeMode::kEventTime
                                  : TimeMode::kNone;
}

class Player {
 public:
  Player(const Json& program, const ProgramPlaces& places, const Options& conf)
      : program_(program), places_(places), conf_(conf) {}

  Result<TriggerAnswer> Play(std::size_t number) {
    const Json& trigger = program_.at("batches").at(number);
    const bool starts = query_ == nullptr || trigger.at("run") != run_;
    if (starts && trigger.at("rows").empty()) {
      return TriggerAnswer();
    }
    if (!trigger.at("rows").empty()) {
      HF_RETURN_IF_ERROR(places_.add_input(number, InputText(program_, trigger.at("rows"))));
    }
    answer_ = {};
    if (starts) {
      HF_RETURN_IF_ERROR(Stop());
      run_ = trigger.at("run");
      clock_ = std::make_unique<SteppedClock>(trigger.at("time"));
      HF_RETURN_IF_ERROR(Start());
    } else {
      clock_->Release(trigger.at("time"));
    }
    clock_->AwaitTrigger(*query_);
    HF_RETURN_IF_ERROR(query_->Exception());
    return TakeAnswer();
  }

  Status Stop() { return query_ == nullptr ? Status() : std::exchange(query_, nullptr)->Stop(); }

 private:
  ResultStream Processed() {
    if (IsQuery(program_)) {
      return RecordedQuery(program_.at("program"), places_.input);
    }
    const Schema input = ProgramInput(program_);
    const Schema key = SchemaOfType(program_.at("key"));
    DataStream rows = ReadStream("json").Schema(input).Load(places_.input);
    if (TimeModeOf(program_) == TimeMode::kEventTime) {
      rows = std::move(rows).WithWatermark("et", program_.at("delay").dump() + " milliseconds");
    }
    GroupedStream grouped = key.size() == 1 ? std::move(rows).GroupBy(key.field(0).name)
                                            : std::move(rows).GroupBy(key.field(0).name, key.field(1).name);
    const OutputMode output_mode = program_.at("output") == "Update" ? OutputMode::kUpdate : OutputMode::kAppend;
    return std::move(grouped).TransformWithState(ProgramProcessor(program_, run_), output_mode, TimeModeOf(program_));
  }

  // The settings that are this program's.
  [[nodiscard]] Options Settings() const {
    if (IsQuery(program_)) {
      return program_.at("conf").get<Options>();
    }
    return {{"spark.sql.shuffle.partitions", "2"},
            {"spark.sql.streaming.stateStore.encodingFormat", program_.at("encoding")},
            {"holdfast.dialect.operatorName", "transformWithStateExec"},
            {"holdfast.evolution.accept", LeftOut()}};
  }

  Status Start() {
    sink_ = std::make_shared<MemorySink>();
    auto writer = Processed()
                      .WriteStream(sink_)
                      .Option("checkpointLocation", places_.checkpoint)
                      .Conf("holdfast.changelog.everyOperation", "true")
                      .Conf("holdfast.threads", "1")
                      .Conf("holdfast.state.scratchDirectory", places_.scratch)
                      .OnProgress([this](const StreamingQueryProgress& progress) {
                        answer_.batch = progress.batch_id;
                        answer_.progress = ParseJson(progress.json).value();
                        const std::string watermark = answer_.progress.at("eventTime").value("watermark", "");
                        if (const auto micros = ParseTimestampNtz(watermark, /*ignore_zone=*/true)) {
                          answer_.watermark_ms = *micros / 1000;
                        }
                      })
                      .Trigger(ProcessingTime(std::chrono::milliseconds(1)));
    Options conf = Settings();
    conf.insert(conf_.begin(), conf_.end());
    for (const auto& [name, value] : conf) {
      writer = std::move(writer).Conf(name, value);
    }
    Environment environment = places_.environment;
    environment.clock = clock_.get();
    HF_ASSIGN_OR_RETURN(query_, StartQuery(writer.description(), environment));
    return Status();
  }

  // Variables that the run neither declares nor deletes, which Holdfast wants to be told.
  [[nodiscard]] std::string LeftOut() const {
    std::set<std::string> names;
    for (int before = 0; before < run_; ++before) {
      for (const Json& variable : program_.at("runs").at(before).at("variables")) {
        names.insert(variable.at("name"));
      }
    }
    const Json& run = program_.at("runs").at(run_);
    for (const Json& variable : run.at("variables")) {
      names.erase(variable.at("name"));
    }
    for (const Json& name : run.at("delete")) {
      names.erase(name);
    }
    return fmt::format("{}", fmt::join(names, ","));
  }

  TriggerAnswer TakeAnswer() {
    if (answer_.batch.has_value()) {
      for (const Row& row : sink_->RowsOf(*answer_.batch)) {
        const bool is_query = IsQuery(program_);
        answer_.out.push_back(
            ParseJson(is_query ? ToJson(row, sink_->schema()) : std::get<std::string>(row.front())).value());
      }
    }
    return std::move(answer_);
  }

  const Json& program_;
  const ProgramPlaces& places_;
  const Options& conf_;
  int run_ = -1;
  TriggerAnswer answer_;  // written by the query's thread while a trigger runs
  std::shared_ptr<MemorySink> sink_;
  std::unique_ptr<SteppedClock> clock_;
  std::unique_ptr<StreamingQuery> query_;  // last: it uses all of the above
};

}  // namespace

Result<std::vector<TriggerAnswer>> RunProgram(const Json& program, const ProgramPlaces& places, std::size_t first,
                                              std::size_t last, const Options& conf) {
  Player player(program, places, conf);
  std::vector<TriggerAnswer> answers;
  for (std::size_t number = first; number < last; ++number) {
    HF_ASSIGN_OR_RETURN(TriggerAnswer answer, player.Play(number));
    answers.push_back(std::move(answer));
  }
  HF_RETURN_IF_ERROR(player.Stop());
  return answers;
}

Json ReadProgramState(const ProgramPlaces& places, const StateReadOptions& options) {
  Json rows = Json::array();
  const auto visit = [&rows](const ColumnBatch& batch) {
    AddRows(batch, &rows);
    return Status();
  };
  const Status status = ReadState(places.checkpoint, options, visit, places.environment);
  return status.ok() ? rows : Json{{"error", status.ToString()}};
}

}  // namespace hf::test
