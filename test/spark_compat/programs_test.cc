// SPDX-License-Identifier: Apache-2.0
// Random programs of state operations (programs/), and queries whose processors are written out (recipes/queries.py):
// what Holdfast makes of them after each batch is what real Spark made of them: output rows, watermark, state of every
// variable, timers, and every change in the change feed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "files/disk_file_system.h"
#include "files/simulated_disk.h"
#include "spark_compat/program_run.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

using test::IsOk;
using test::ProgramPlaces;
using test::TriggerAnswer;

namespace fs = std::filesystem;

// The lines of a packed file by the name that each begins with, {"program":"p000",...
std::map<std::string, std::string> LinesByName(const std::string& path) {
  std::string text;
  gzFile file = gzopen(path.c_str(), "rb");
  char buffer[1 << 16];
  for (int got = 0; (got = gzread(file, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  gzclose(file);
  std::map<std::string, std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    const std::string line = text.substr(begin, end - begin);
    const std::size_t name = line.find(':') + 2;
    lines[line.substr(name, line.find('"', name) - name)] = line;
    begin = end + 1;
  }
  return lines;
}

const fs::path kCompat = fs::path(HOLDFAST_SOURCE_DIR) / "test/spark_compat";

// Read once.
const std::map<std::string, std::string>& Recorded() {
  static const auto programs = LinesByName(kCompat / "programs/spark-4.3.0.jsonl.gz");
  return programs;
}
const std::map<std::string, std::string>& RecordedQueries() {
  static const auto queries = LinesByName(kCompat / "golden/queries/spark-4.3.0.jsonl.gz");
  return queries;
}

// Programs whose names begin with `kind`: a few in every run of the tests, all with --all.
std::vector<std::string> Names(char kind, bool few) {
  constexpr int kOf = 10;
  std::vector<std::string> names;
  int number = 0;
  for (const auto& [name, line] : Recorded()) {
    if (name.front() == kind && (number++ % kOf == 0) == few) {
      names.push_back(name);
    }
  }
  return names;
}

// Readers go by partition and then by key as they store it; only what is of one key has an order that means something.
Json ByKey(Json rows, std::size_t columns) {
  if (!rows.is_array()) {
    return rows;  // an error
  }
  std::stable_sort(rows.begin(), rows.end(), [columns](const Json& a, const Json& b) {
    for (std::size_t i = 0; i < columns; ++i) {
      if (const int order = a[i].dump().compare(b[i].dump()); order != 0) {
        return order < 0;
      }
    }
    return false;
  });
  return rows;
}

// Without a time mode Holdfast's TimerValues are those of Spark's Python interface; the programs were run in the JVM,
// whose are the batch's time and 0.
Json ExpectedRows(const Json& program, std::size_t trigger) {
  const Json& spark = program.at("spark").at("triggers").at(trigger);
  Json rows = spark.contains("out") ? spark.at("out") : Json::array();
  if (program.at("time") == "None" && !program.contains("timed_operators")) {
    for (Json& row : rows) {
      const Json& input = program.at("batches").at(trigger).at("rows").at(row.at(1).get<std::size_t>());
      if (input.at(1).at(row.at(2).get<std::size_t>()) == Json::array({"now"})) {
        row.at(3) = Json::array({-1, -1});
      }
    }
  }
  return rows;
}

class SparkPrograms : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    program_ = ParseJson(Recorded().at(GetParam())).value();
    if (program_.at("time") == "EventTime") {
      LeaveOutRests();
    }
  }

  // In event time Spark runs a batch without input only when the watermark has advanced; Holdfast also when a timer is
  // due, which a timer before it has registered for the past. The program goes on without these triggers.
  void LeaveOutRests() {
    Json& batches = program_.at("batches");
    Json& triggers = program_.at("spark").at("triggers");
    for (std::size_t i = batches.size(); i-- > 0;) {
      if (batches[i].at("rows").empty() && !triggers[i].contains("batch")) {
        batches.erase(i);
        triggers.erase(i);
      }
    }
  }

  void Play(const Options& conf = {}) {
    auto answers = RunProgram(program_, places_, 0, program_.at("batches").size(), conf);
    ASSERT_THAT(answers, IsOk());
    answers_ = std::move(answers).value();
    const Json& spark = program_.at("spark").at("triggers");
    ASSERT_EQ(answers_.size(), spark.size());
    std::int64_t last = -1;
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      last = answers_[i].batch.value_or(last);
      if (spark[i].contains("batch")) {
        batch_of_[spark[i].at("batch").get<std::int64_t>()] = last;
      }
    }
  }

  void ExpectSameTriggers() {
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      SCOPED_TRACE(fmt::format("trigger {}: {}", i, program_.at("batches")[i].dump()));
      ExpectSameBatch(i);
      ExpectSameWatermark(i);
      const Json expected = ExpectedRows(program_, i);
      const Json& out = answers_[i].out;
      for (std::size_t row = 0; row < std::max(expected.size(), out.size()); ++row) {
        ASSERT_EQ(row < out.size() ? out[row].dump() : "no row",
                  row < expected.size() ? expected[row].dump() : "no row")
            << "row " << row;
      }
    }
  }

  // In processing time Spark runs a batch whenever there is no input, Holdfast when a timer or a TTL is due.
  void ExpectSameBatch(std::size_t trigger) {
    const bool spark_ran = program_.at("spark").at("triggers")[trigger].contains("batch");
    const bool may_rest = program_.at("time") == "ProcessingTime" && program_.at("batches")[trigger].at("rows").empty();
    if (!spark_ran || !may_rest) {
      EXPECT_EQ(answers_[trigger].batch.has_value(), spark_ran);
    }
  }

  void ExpectSameWatermark(std::size_t trigger) {
    const Json& spark = program_.at("spark").at("triggers")[trigger];
    if (spark.contains("watermark") && answers_[trigger].batch.has_value()) {
      EXPECT_EQ(answers_[trigger].watermark_ms, spark.at("watermark").get<std::int64_t>());
    }
  }

  // Of "seen", "timers", or "1/seen" of the operator 1.
  static StateReadOptions OptionsOf(const std::string& variable) {
    const std::size_t slash = variable.find('/');
    const std::string name = variable.substr(slash == std::string::npos ? 0 : slash + 1);
    const bool timers = name == "timers";
    return {.operator_id = slash == std::string::npos ? 0 : std::stoll(variable.substr(0, slash)),
            .variable = timers ? "" : name,
            .timers = timers};
  }
  Json Changes(const std::string& variable) {
    StateReadOptions options = OptionsOf(variable);
    options.changes = {.first = *answers_.front().batch, .last = {}};
    return ReadProgramState(places_, options);
  }
  Json State(const std::string& variable, const Json& spark_batch) {
    StateReadOptions options = OptionsOf(variable);
    options.batch_id = batch_of_.at(spark_batch.get<std::int64_t>());
    return ReadProgramState(places_, options);
  }

  // That ran the batch of Spark's.
  std::size_t TriggerOf(const Json& spark_batch) {
    const Json& triggers = program_.at("spark").at("triggers");
    const auto ran = [&spark_batch](const Json& trigger) { return trigger.value("batch", Json()) == spark_batch; };
    return static_cast<std::size_t>(std::find_if(triggers.begin(), triggers.end(), ran) - triggers.begin());
  }

  void ExpectSameState() {
    for (const auto& [name, reads] : program_.at("spark").at("state").items()) {
      const std::size_t sorted_by = name.ends_with("timers") ? 2 : 1;
      for (const Json& read : reads) {
        EXPECT_EQ(ByKey(State(name, read.at(0)), sorted_by).dump(), ByKey(read.at(1), sorted_by).dump())
            << name << " after batch " << read.at(0);
      }
    }
    for (const auto& [name, changes] : program_.at("spark").at("changes").items()) {
      Json expected = changes;
      for (Json& row : expected) {
        row.at(0) = batch_of_.at(row.at(0).get<std::int64_t>());
      }
      EXPECT_EQ(ByKey(Changes(name), 1).dump(), ByKey(expected, 1).dump()) << "changes of " << name;
    }
  }

  std::vector<TriggerAnswer> answers_;
  std::map<std::int64_t, std::int64_t> batch_of_;  // ours whose state is that after a batch of Spark's
  Json program_;
  test::TempDir scratch_;
  ManualClock clock_{1'767'225'600'000'000};  // of the files
  SeededRandom random_{1};
  SimulatedDisk disk_{clock_};
  ProgramPlaces places_ = {
      .environment = {.files = std::make_shared<DiskFileSystem>(disk_), .clock = &clock_, .random = &random_},
      .input = "/input",
      .checkpoint = "/checkpoint",
      .scratch = scratch_.path(),
      .add_input = [this](std::size_t trigger, const std::string& text) {
        return places_.environment.files->PutNew(fmt::format("/input/{:03}.json", trigger), text);
      }};
};

TEST_P(SparkPrograms, EndAsInSpark) {
  ASSERT_NO_FATAL_FAILURE(Play());
  ExpectSameTriggers();
  ExpectSameState();
}

// Queries whose processors are written out (recipes/queries.py); two go on from a golden checkpoint.
class SparkQueries : public SparkPrograms {
 protected:
  void SetUp() override {
    program_ = ParseJson(RecordedQueries().at(GetParam())).value();
    if (program_.contains("begun")) {
      CopyGolden(kCompat / "golden" / program_.at("begun").get<std::string>() / "ckpt");
      conf_["holdfast.continueForeign"] = "true";
    }
  }

  void CopyGolden(const fs::path& golden) {
    ASSERT_THAT(disk_.MakeDirectory("/checkpoint"), IsOk());
    for (const auto& entry : fs::recursive_directory_iterator(golden)) {
      const std::string path = fs::path("/checkpoint") / fs::relative(entry.path(), golden);
      if (entry.is_directory()) {
        ASSERT_THAT(disk_.MakeDirectory(path), IsOk());
        continue;
      }
      std::ostringstream bytes;
      bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      auto file = disk_.Create(path);
      ASSERT_THAT(file, IsOk());
      ASSERT_THAT((*file)->Append(bytes.str()), IsOk());
      ASSERT_THAT((*file)->Close(), IsOk());
    }
  }

  // The numbers of rows and timers that mean the same in both engines, where both ran the trigger.
  void ExpectSameMetrics() {
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      const Json& spark = program_.at("spark").at("triggers")[i];
      if (spark.contains("batch") && answers_[i].batch.has_value()) {
        EXPECT_EQ(MetricsOf(answers_[i].progress), MetricsOfSpark(spark.at("metrics"))) << "trigger " << i;
      }
    }
  }
  static std::vector<Json> MetricsOf(const Json& progress) {
    std::vector<Json> metrics;
    for (const Json& state : progress.at("stateOperators")) {
      metrics.insert(metrics.end(), {state.at("numRowsTotal"), state.at("numRowsDroppedByWatermark")});
      for (const char* name : {"numRegisteredTimers", "numDeletedTimers", "numValuesRemovedDueToTTLExpiry"}) {
        metrics.push_back(state.at("customMetrics").at(name));
      }
    }
    return metrics;
  }
  // The recorded eight of each operator (programs/README.md) without those that count calls: of rows updated and
  // removed; and without expired timers, which Spark's Python interface does not count.
  static std::vector<Json> MetricsOfSpark(const Json& recorded) {
    std::vector<Json> metrics;
    for (std::size_t i = 0; i < recorded.size(); ++i) {
      if (constexpr std::array kSame = {true, false, false, true, false, true, true, true};
          kSame.at(i % kSame.size())) {
        metrics.push_back(recorded[i]);
      }
    }
    return metrics;
  }

  Options conf_;
};

TEST_P(SparkQueries, EndAsInSpark) {
  ASSERT_NO_FATAL_FAILURE(Play(conf_));
  ExpectSameTriggers();
  ExpectSameMetrics();
  ExpectSameState();
}

using SparkProgramsThatRemove = SparkPrograms;

// Spark 4.3 leaves the expiration of a removed entry behind, and an entry that comes back goes with it.
TEST_P(SparkProgramsThatRemove, KeepEntriesThatSparkLosesEarly) {
  ASSERT_NO_FATAL_FAILURE(Play());
  for (const Json& variable : program_.at("runs").front().at("variables")) {
    for (const Json& read : program_.at("spark").at("state").at(variable.at("name").get<std::string>())) {
      SCOPED_TRACE(fmt::format("{} after batch {}", variable.at("name").dump(), read.at(0).dump()));
      Json ours = State(variable.at("name"), read.at(0));
      if (variable.at("kind") != "map") {
        EXPECT_EQ(ByKey(ours, 1).dump(), ByKey(read.at(1), 1).dump());
        continue;
      }
      for (const Json& row : read.at(1)) {
        const auto found = std::find(ours.begin(), ours.end(), row);
        ASSERT_NE(found, ours.end()) << row;
        ours.erase(found);
      }
      const std::int64_t now_ms = program_.at("batches").at(TriggerOf(read.at(0))).at("time");
      for (const Json& kept : ours) {
        EXPECT_GT(kept.at(2).at(1).get<std::int64_t>(), now_ms) << kept;
      }
    }
  }
}

std::vector<std::string> NamesOfQueries() {
  std::vector<std::string> names;
  for (const auto& [name, line] : RecordedQueries()) {
    names.push_back(name);
  }
  return names;
}

std::string NameOf(const testing::TestParamInfo<std::string>& instance) { return instance.param; }

INSTANTIATE_TEST_SUITE_P(All, SparkQueries, testing::ValuesIn(NamesOfQueries()), NameOf);
INSTANTIATE_TEST_SUITE_P(Some, SparkPrograms, testing::ValuesIn(Names('p', true)), NameOf);
INSTANTIATE_TEST_SUITE_P(SlowRest, SparkPrograms, testing::ValuesIn(Names('p', false)), NameOf);
INSTANTIATE_TEST_SUITE_P(Some, SparkProgramsThatRemove, testing::ValuesIn(Names('r', true)), NameOf);
INSTANTIATE_TEST_SUITE_P(SlowRest, SparkProgramsThatRemove, testing::ValuesIn(Names('r', false)), NameOf);

}  // namespace
}  // namespace hf
