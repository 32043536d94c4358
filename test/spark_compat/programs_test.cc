// SPDX-License-Identifier: Apache-2.0
// Random programs of state operations (programs/): what Holdfast makes of them after each batch is what real Spark made
// of them: output rows, state of every variable, timers, and every change in the change feed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <zlib.h>

#include <algorithm>
#include <map>

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

// Each program by its name, a line of JSON; read once.
const std::map<std::string, std::string>& Recorded() {
  static const auto programs = [] {
    std::string text;
    gzFile file = gzopen(HOLDFAST_SOURCE_DIR "/test/spark_compat/programs/spark-4.3.0.jsonl.gz", "rb");
    char buffer[1 << 16];
    for (int got = 0; (got = gzread(file, buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(got));
    }
    gzclose(file);
    std::map<std::string, std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      const std::string line = text.substr(begin, end - begin);
      const std::size_t name = line.find(':') + 2;  // {"program":"p000",...
      lines[line.substr(name, line.find('"', name) - name)] = line;
      begin = end + 1;
    }
    return lines;
  }();
  return programs;
}

// A few in every run of the tests, all with --all.
std::vector<std::string> Names(bool few) {
  constexpr int kOf = 10;
  std::vector<std::string> names;
  int number = 0;
  for (const auto& [name, line] : Recorded()) {
    if ((number++ % kOf == 0) == few) {
      names.push_back(name);
    }
  }
  return names;
}

// Readers go by partition and then by key as they store it; only what is of one key has an order that means something.
Json ByKey(Json rows, std::size_t columns) {
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

class SparkPrograms : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { program_ = ParseJson(Recorded().at(GetParam())).value(); }

  void ExpectSameTriggers(const std::vector<TriggerAnswer>& ours) {
    const Json& spark = program_.at("spark").at("triggers");
    ASSERT_EQ(ours.size(), spark.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
      SCOPED_TRACE(fmt::format("trigger {}: {}", i, program_.at("batches")[i].dump()));
      const Json no_rows = Json::array();
      EXPECT_EQ(ours[i].batch, spark[i].contains("batch") ? std::optional(spark[i].at("batch").get<std::int64_t>())
                                                          : std::nullopt);
      const Json& expected = spark[i].contains("out") ? spark[i].at("out") : no_rows;
      for (std::size_t row = 0; row < std::max(expected.size(), ours[i].out.size()); ++row) {
        ASSERT_EQ(row < ours[i].out.size() ? ours[i].out[row].dump() : "no row",
                  row < expected.size() ? expected[row].dump() : "no row")
            << "row " << row;
      }
    }
  }

  void ExpectSameState() {
    for (const auto& [name, reads] : program_.at("spark").at("state").items()) {
      for (const Json& read : reads) {
        const bool timers = name == "timers";
        StateReadOptions options = {.batch_id = read.at(0).get<std::int64_t>(), .timers = timers};
        options.variable = timers ? "" : name;
        const std::size_t sorted_by = timers ? 2 : 1;
        EXPECT_EQ(ByKey(ReadProgramState(places_, options), sorted_by).dump(), ByKey(read.at(1), sorted_by).dump())
            << name << " after batch " << read.at(0);
      }
    }
    for (const auto& [name, changes] : program_.at("spark").at("changes").items()) {
      const Json ours =
          ReadProgramState(places_, {.variable = name, .changes = StateReadOptions::Changes{.first = 0, .last = {}}});
      EXPECT_EQ(ByKey(ours, 1).dump(), ByKey(changes, 1).dump()) << "changes of " << name;
    }
  }

  Json program_;
  test::TempDir scratch_;
  ManualClock clock_{1'767'225'600'000'000};  // of the files
  SeededRandom random_{1};
  SimulatedDisk disk_{clock_};
  ProgramPlaces places_ = {.environment = {.files = std::make_shared<DiskFileSystem>(disk_),
                                           .clock = &clock_,
                                           .random = &random_},
                           .input = "/input",
                           .checkpoint = "/checkpoint",
                           .scratch = scratch_.path(),
                           .add_input = [this](std::size_t trigger, const std::string& text) {
                             return places_.environment.files->PutNew(fmt::format("/input/{:03}.json", trigger), text);
                           }};
};

TEST_P(SparkPrograms, EndAsInSpark) {
  const auto answers = RunProgram(program_, places_, 0, program_.at("batches").size(), {});
  ASSERT_THAT(answers, IsOk());
  ExpectSameTriggers(*answers);
  ExpectSameState();
}

std::string NameOf(const testing::TestParamInfo<std::string>& instance) { return instance.param; }

INSTANTIATE_TEST_SUITE_P(Some, SparkPrograms, testing::ValuesIn(Names(true)), NameOf);
INSTANTIATE_TEST_SUITE_P(SlowRest, SparkPrograms, testing::ValuesIn(Names(false)), NameOf);

}  // namespace
}  // namespace hf
