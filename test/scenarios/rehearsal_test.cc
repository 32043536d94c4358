// SPDX-License-Identifier: Apache-2.0
// RehearseQuery says what the next batch does, for every way in which state is kept, and touches nothing.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <set>
#include <thread>

#include "base/json.h"
#include "connect/memory/memory_sink.h"
#include "holdfast/rehearsal.h"
#include "holdfast/state_reader.h"
#include "support/query_files.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;

struct Step {
  std::string key;
  std::int32_t n = 0;  // 0 forgets the key
};
HOLDFAST_STRUCT(Step, key, n);

struct Sum {
  std::string key;
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(Sum, key, n);

struct KeptV1 {
  std::int32_t n = 0;
};
HOLDFAST_STRUCT(KeptV1, n);

struct KeptV2 {
  std::int64_t n = 0;
  std::optional<std::string> note;
};
HOLDFAST_STRUCT(KeptV2, n, note);

struct KeptLess {
  std::optional<std::string> note;
};
HOLDFAST_STRUCT(KeptLess, note);

template <typename Kept>
class Summing final : public StatefulProcessor<std::string, Step, Sum> {
 public:
  void Init(StatefulProcessorHandle& handle) override { kept_ = handle.GetValueState<Kept>("kept"); }
  void HandleInputRows(const std::string& key, RowsOf<Step> steps, const TimerValues&, Output<Sum>& out) override {
    for (const Step& step : steps) {
      if (step.n < 0) {
        throw std::runtime_error("less than nothing");
      }
      Kept kept = kept_.Get() != nullptr ? *kept_.Get() : Kept();
      if (step.n == 0) {
        kept_.Clear();
        continue;
      }
      if constexpr (requires { kept.n; }) {
        kept.n += step.n;
        out.Emit({key, kept.n});
      }
      kept_.Update(kept);
    }
  }

 private:
  ValueState<Kept> kept_;
};

class Rehearsals : public testing::Test {
 protected:
  void TearDown() override { EXPECT_TRUE(fs::is_empty(fs::path(dir_ / "scratch"))) << "something was left"; }

  void AddInput(const std::vector<Step>& steps) {
    std::string text;
    for (const Step& step : steps) {
      text += fmt::format("{{\"key\":\"{}\",\"n\":{}}}\n", step.key, step.n);
    }
    test::WriteFile(dir_ / fmt::format("new/{}.json", files_), text);
    fs::create_directories(dir_ / "in");
    fs::rename(dir_ / fmt::format("new/{}.json", files_), dir_ / fmt::format("in/{}.json", files_));
    ++files_;
  }

  template <typename Kept>
  QueryDescription Query(const Options& conf = {}) {
    sink_ = std::make_shared<MemorySink>();
    QueryDescription query = ReadStream("json")
                                 .Schema<Step>()
                                 .Load(dir_ / "in")
                                 .GroupBy("key")
                                 .template TransformWithState<Summing<Kept>>(OutputMode::kAppend, TimeMode::kNone)
                                 .WriteStream(sink_)
                                 .Option("checkpointLocation", checkpoint())
                                 .Trigger(AvailableNow())
                                 .description();
    query.conf = conf;
    query.conf.emplace("spark.sql.shuffle.partitions", "2");
    query.conf.emplace("holdfast.state.scratchDirectory", dir_ / "scratch");
    return query;
  }
  template <typename Kept>
  Status Run(const Options& conf = {}) {
    auto query = StartQuery(Query<Kept>(conf));
    return query.ok() ? (*query)->AwaitTermination() : query.status();
  }

  [[nodiscard]] std::string checkpoint() const { return dir_ / "checkpoint"; }

  // Everything there is but scratch, hidden or not, with the time of its last change: that of a directory tells also of
  // a file that came and went.
  std::map<std::string, std::string> Tree() const {
    std::map<std::string, std::string> tree;
    for (auto entry = fs::recursive_directory_iterator(dir_.path()); entry != fs::recursive_directory_iterator();
         ++entry) {
      if (entry->path().filename() == "scratch") {
        entry.disable_recursion_pending();
        continue;
      }
      tree[entry->path()] =
          fmt::format("{} {}", entry->last_write_time().time_since_epoch().count(),
                      entry->is_regular_file() ? dir_.Read(fs::relative(entry->path(), dir_.path()).string()) : "");
    }
    return tree;
  }

  std::map<std::string, std::string> State() const {
    std::map<std::string, std::string> state;
    EXPECT_THAT(ReadState(checkpoint(), {},
                          [&state](const ColumnBatch& rows) {
                            for (std::int64_t row = 0; row < rows.rows(); ++row) {
                              state[ToJson(rows.At(0, row), rows.schema().field(0).type)] =
                                  ToJson(rows.At(1, row), rows.schema().field(1).type);
                            }
                            return Status();
                          }),
                IsOk());
    return state;
  }

  struct Change {
    std::string change;
    std::string before;
    std::string after;
  };
  static std::map<std::string, Change> ChangesOf(const Rehearsal& rehearsal, StateDifference* counts = nullptr) {
    std::map<std::string, Change> changes;
    const auto difference = rehearsal.read_difference({.name = "kept"}, [&changes](const ColumnBatch& rows) {
      const auto text = [&rows](std::size_t column, std::int64_t row) {
        return ToJson(rows.At(column, row), rows.schema().field(column).type);
      };
      for (std::int64_t row = 0; row < rows.rows(); ++row) {
        changes[text(1, row)] = {std::get<std::string>(rows.At(0, row)), text(2, row), text(3, row)};
      }
      return Status();
    });
    EXPECT_THAT(difference, IsOk());
    if (counts != nullptr) {
      *counts = *difference;
    }
    return changes;
  }

  static std::multiset<std::string> RowsOf(const Schema& schema, const std::vector<ColumnBatch>& batches) {
    std::multiset<std::string> rows;
    for (const ColumnBatch& batch : batches) {
      for (std::int64_t row = 0; row < batch.rows(); ++row) {
        rows.insert(ToJson(batch.RowAt(row), schema));
      }
    }
    return rows;
  }

  // What is rehearsed is what then happens; of keys that nobody touched nothing is said. `touched`: by change.
  template <typename Kept>
  void RehearseAndRun(const Options& conf, const StateDifference& touched) {
    const auto tree = Tree();
    const auto state_before = State();
    const auto rehearsal = RehearseQuery(Query<Kept>(conf));
    ASSERT_THAT(rehearsal, IsOk());
    EXPECT_EQ(rehearsal->batch_id, 1);
    EXPECT_FALSE(rehearsal->is_rerun);
    StateDifference counts;
    const auto changes = ChangesOf(*rehearsal, &counts);
    EXPECT_EQ(Tree(), tree);
    EXPECT_EQ(counts.added, touched.added);
    EXPECT_EQ(counts.removed, touched.removed);
    EXPECT_EQ(counts.changed, touched.changed);
    ASSERT_EQ(static_cast<std::int64_t>(changes.size()), touched.added + touched.removed + touched.changed);

    ASSERT_THAT(Run<Kept>(conf), IsOk());
    EXPECT_EQ(RowsOf(rehearsal->output_schema, rehearsal->output), RowsOf(sink_->schema(), sink_->batches()));
    const auto state_after = State();
    for (const auto& [key, change] : changes) {
      const auto before = state_before.find(key);
      const auto after = state_after.find(key);
      EXPECT_EQ(change.before, before == state_before.end() ? "null" : before->second) << key;
      EXPECT_EQ(change.after, after == state_after.end() ? "null" : after->second) << key;
      EXPECT_EQ(change.change, before == state_before.end() ? "added"
                               : after == state_after.end() ? "removed"
                                                            : "changed");
    }
    for (const auto& [key, value] : state_before) {
      if (!changes.contains(key)) {
        ASSERT_TRUE(state_after.contains(key)) << key;
        EXPECT_EQ(ParseJson(value)->at("n"), ParseJson(state_after.at(key))->at("n")) << key;
      }
    }
  }

  test::TempDir dir_;
  std::shared_ptr<MemorySink> sink_;
  int files_ = 0;
};

struct WayOfKeeping {
  const char* name;
  Options conf;
  bool can_evolve = true;
};

void PrintTo(const WayOfKeeping& way, std::ostream* out) { *out << way.name; }

class RehearsalsOf : public Rehearsals, public testing::WithParamInterface<WayOfKeeping> {};

TEST_P(RehearsalsOf, SayWhatTheBatchThenDoes) {
  std::vector<Step> first;
  for (int i = 0; i < 20'000; ++i) {  // several chunks of the comparison in each partition
    first.push_back({fmt::format("k{}", i), i + 1});
  }
  AddInput(first);
  ASSERT_THAT(Run<KeptV1>(GetParam().conf), IsOk());
  std::vector<Step> second;
  for (int i = 0; i < 20'000; i += 500) {
    second.push_back({fmt::format("k{}", i), 7});          // 40 changed
    second.push_back({fmt::format("k{}", i + 1), 0});      // 40 removed
    second.push_back({fmt::format("k{}more", i), 1});      // 40 added
    second.push_back({fmt::format("k{}and gone", i), 1});  // and forgotten at once
    second.push_back({fmt::format("k{}and gone", i), 0});
  }
  AddInput(second);
  const StateDifference touched = {.added = 40, .removed = 40, .changed = 40};
  if (GetParam().can_evolve) {
    RehearseAndRun<KeptV2>(GetParam().conf, touched);
  } else {
    RehearseAndRun<KeptV1>(GetParam().conf, touched);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Ways, RehearsalsOf,
    testing::Values(WayOfKeeping{"Changelogs", {}},
                    WayOfKeeping{"Snapshots",
                                 {{"spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled", "false"}}},
                    WayOfKeeping{"EveryOperation", {{"holdfast.changelog.everyOperation", "true"}}},
                    WayOfKeeping{"Format2", {{"spark.sql.streaming.stateStore.checkpointFormatVersion", "2"}}},
                    WayOfKeeping{"RowChecksums", {{"spark.sql.streaming.stateStore.rowChecksum.enabled", "true"}}},
                    WayOfKeeping{"LittleRetained",
                                 {{"spark.sql.streaming.minBatchesToRetain", "1"},
                                  {"spark.sql.streaming.stateStore.minDeltasForSnapshot", "1"}}},
                    WayOfKeeping{"UnsafeRow", {{"spark.sql.streaming.stateStore.encodingFormat", "unsaferow"}}, false}),
    [](const auto& made) { return made.param.name; });

TEST_F(Rehearsals, OfTheVeryFirstBatchMakeNoCheckpoint) {
  AddInput({{"a", 1}, {"b", 2}});
  const auto tree = Tree();
  const auto rehearsal = RehearseQuery(Query<KeptV1>());
  ASSERT_THAT(rehearsal, IsOk());
  EXPECT_EQ(rehearsal->batch_id, 0);
  EXPECT_EQ(rehearsal->input_rows, 2);
  ASSERT_EQ(rehearsal->variables.size(), 1U);
  EXPECT_EQ(rehearsal->variables[0].schema_id_before, std::nullopt);
  EXPECT_EQ(rehearsal->variables[0].schema_id_after, 0);
  const auto changes = ChangesOf(*rehearsal);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes.at(R"({"key":"b"})").after, R"({"n":2})");
  EXPECT_FALSE(fs::exists(checkpoint()));
  EXPECT_EQ(Tree(), tree);
}

TEST_F(Rehearsals, SayWhatBecomesOfSchemas) {
  AddInput({{"a", 1}});
  ASSERT_THAT(Run<KeptV1>(), IsOk());
  const auto tree = Tree();
  const auto idle = RehearseQuery(Query<KeptV2>());
  ASSERT_THAT(idle, IsOk());
  EXPECT_EQ(idle->batch_id, std::nullopt);  // nothing new
  EXPECT_EQ(idle->variables.at(0).schema_id_before, 0);
  EXPECT_EQ(idle->variables.at(0).schema_id_after, 1);
  EXPECT_THAT(idle->notes, testing::Contains(HasSubstr("WIDENED")));
  EXPECT_FALSE(idle->read_difference({.name = "kept"}, [](const ColumnBatch&) { return Status(); }).ok());
  EXPECT_EQ(Tree(), tree);
}

TEST_F(Rehearsals, RefuseAndFailAsTheRealRunAndTouchNothing) {
  AddInput({{"a", 1}});
  ASSERT_THAT(Run<KeptV1>(), IsOk());
  AddInput({{"a", 1}, {"b", -1}});
  const auto tree = Tree();
  const Status lossy = RehearseQuery(Query<KeptLess>()).status();
  EXPECT_EQ(lossy.condition(), "HOLDFAST_LOSSY_STATE_EVOLUTION") << lossy.ToString();
  EXPECT_EQ(Tree(), tree);
  const Status thrown = RehearseQuery(Query<KeptV1>()).status();
  EXPECT_THAT(thrown.ToString(), HasSubstr("less than nothing"));
  EXPECT_EQ(Tree(), tree);
  EXPECT_EQ(Run<KeptLess>().ToString(), lossy.ToString());
  EXPECT_EQ(Run<KeptV1>().ToString(), thrown.ToString());
}

TEST_F(Rehearsals, OfABatchThatWasBegunTakeItsInput) {
  AddInput({{"a", 1}});
  ASSERT_THAT(Run<KeptV1>(), IsOk());
  AddInput({{"a", 2}, {"b", 3}});
  ASSERT_THAT(Run<KeptV1>(), IsOk());
  fs::remove(fs::path(checkpoint()) / "commits/1");
  fs::remove(fs::path(checkpoint()) / "commits/.1.crc");
  AddInput({{"c", 4}});
  const auto tree = Tree();
  const auto rehearsal = RehearseQuery(Query<KeptV2>());
  ASSERT_THAT(rehearsal, IsOk());
  EXPECT_EQ(rehearsal->batch_id, 1);
  EXPECT_TRUE(rehearsal->is_rerun);
  EXPECT_EQ(rehearsal->input_rows, 2);
  EXPECT_EQ(ChangesOf(*rehearsal).size(), 2U);
  EXPECT_EQ(Tree(), tree);
}

TEST_F(Rehearsals, GoBesideAQueryThatRuns) {
  AddInput({{"a", 1}});
  QueryDescription running = Query<KeptV1>({{"holdfast.state.scratchDirectory", dir_ / "scratch of the query"}});
  running.name = "sums";
  running.trigger = ProcessingTime(std::chrono::milliseconds(0));
  const auto sink = sink_;
  auto query = StartQuery(running);
  ASSERT_THAT(query, IsOk());
  std::jthread feeding([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      AddInput({{"a", 1}});
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  std::size_t batches_before = 0;
  for (int i = 0; i < 10; ++i) {
    while ((*query)->is_active() && sink->batch_ids().size() < batches_before + 5) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    batches_before = sink->batch_ids().size();
    QueryDescription beside = Query<KeptV2>();
    beside.name = "sums";
    const auto rehearsal = RehearseQuery(beside);
    ASSERT_THAT(rehearsal, IsOk());
    if (rehearsal->batch_id.has_value()) {
      EXPECT_EQ(ChangesOf(*rehearsal).size(), 1U);
    }
  }
  feeding.request_stop();
  feeding.join();
  ASSERT_THAT((*query)->Stop(), IsOk());
  EXPECT_THAT(State(), ElementsAre(testing::Pair(R"({"key":"a"})", testing::_)));
}

// Timers are state, too, but no variable.
class Reminding final : public StatefulProcessor<std::string, Step, Sum> {
 public:
  void Init(StatefulProcessorHandle& handle) override {
    last_ = handle.GetValueState<KeptV1>("last");
    all_ = handle.GetListState<KeptV1>("all");
    seen_ = handle.GetMapState<KeptV1, KeptV1>("seen", TTLConfig{std::chrono::hours(1)});
  }
  void HandleInputRows(const std::string&, RowsOf<Step> steps, const TimerValues& times, Output<Sum>&) override {
    for (const Step& step : steps) {
      last_.Update({step.n});
      all_.AppendValue({step.n});
      seen_.UpdateValue({step.n}, {step.n});
    }
    GetHandle().RegisterTimer(times.current_processing_time_ms + 3'600'000);
  }

 private:
  ValueState<KeptV1> last_;
  ListState<KeptV1> all_;
  MapState<KeptV1, KeptV1> seen_;
};

TEST_F(Rehearsals, OfAProcessorWithTimersSayWhatBecomesOfItsVariables) {
  QueryDescription query = Query<KeptV1>();
  query.operators.front().processor = std::make_shared<const TypedProcessorFactory<Reminding>>(Reminding());
  query.operators.front().time_mode = TimeMode::kProcessingTime;
  for (int run = 0; run < 2; ++run) {
    SCOPED_TRACE(run);
    AddInput({{"a", 1 + run}, {"b", 2}});
    const auto rehearsal = RehearseQuery(query);
    ASSERT_THAT(rehearsal, IsOk());
    std::vector<std::string> told;
    for (const RehearsedVariable& variable : rehearsal->variables) {
      const auto counts = rehearsal->read_difference(variable, [](const ColumnBatch&) { return Status(); });
      ASSERT_THAT(counts, IsOk()) << variable.name;
      told.push_back(fmt::format("{} {} +{} -{} ~{}", variable.name, variable.kind, counts->added, counts->removed,
                                 counts->changed));
    }
    EXPECT_THAT(told,
                run == 0 ? ElementsAre("last ValueState +2 -0 ~0", "all ListState +2 -0 ~0", "seen MapState +2 -0 ~0")
                         : ElementsAre("last ValueState +0 -0 ~1", "all ListState +0 -0 ~2", "seen MapState +1 -0 ~1"));
    const auto started = StartQuery(query);
    ASSERT_THAT(started.status(), IsOk());
    ASSERT_THAT((*started)->AwaitTermination(), IsOk());
  }
}

}  // namespace
}  // namespace hf
