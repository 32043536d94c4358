// SPDX-License-Identifier: Apache-2.0
// Going on with checkpoints that real Spark began (golden/): whose word it needs, what is kept, and what comes out.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/json.h"
#include "connect/memory/memory_sink.h"
#include "holdfast/query.h"
#include "holdfast/rehearsal.h"
#include "holdfast/state_reader.h"
#include "sessionization/streamshop.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;
using test::IsOk;
using testing::HasSubstr;

const fs::path kGolden = fs::path(HOLDFAST_SOURCE_DIR) / "test/spark_compat/golden";

std::string Contents(const fs::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

// A copy of a golden checkpoint and a directory of new input.
class Continue : public testing::Test {
 protected:
  void Begin(const std::string& golden) {
    fs::copy(kGolden / golden / "ckpt", checkpoint(), fs::copy_options::recursive);
    fs::create_directory(dir_ / "input");
  }
  void AddInput(const std::vector<std::string>& lines) {
    std::ofstream file(dir_ / fmt::format("input/{}.json", files_++));
    for (const std::string& line : lines) {
      file << line << "\n";
    }
  }
  template <typename Processor, typename In>
  Status Run(const std::vector<std::string>& key, Options conf) {
    auto writer = GroupedBy(ReadStream("json").Schema<In>().Load(dir_ / "input"), key)
                      .template TransformWithState<Processor>(OutputMode::kAppend, TimeMode::kNone)
                      .WriteStream(sink_ = std::make_shared<MemorySink>())
                      .Option("checkpointLocation", checkpoint())
                      .Trigger(AvailableNow());
    for (const auto& [name, value] : conf) {
      writer = std::move(writer).Conf(name, value);
    }
    auto query = std::move(writer).Start();
    return query.ok() ? (*query)->AwaitTermination() : query.status();
  }
  Status RunV1(Options conf = {}) { return Run<streamshop::SessionizerV1, streamshop::ClickV1>({"session_id"}, conf); }
  Status RunV2(Options conf = {}) { return Run<streamshop::SessionizerV2, streamshop::ClickV2>({"session_id"}, conf); }

  // session_id -> the whole value, as JSON; or a row for each change as "update s0001".
  std::map<std::string, Json> Sessions(const std::string& variable = "session_state") {
    std::map<std::string, Json> found;
    const auto visit = [&found](const ColumnBatch& batch) {
      for (std::int64_t i = 0; i < batch.rows(); ++i) {
        const Row row = batch.RowAt(i);
        const Json key = ParseJson(ToJson(row[0], batch.schema().field(0).type)).value();
        found[key.begin()->dump()] = ParseJson(ToJson(row[1], batch.schema().field(1).type)).value();
      }
      return Status();
    };
    EXPECT_THAT(ReadState(checkpoint(), {.variable = variable}, visit), IsOk());
    return found;
  }
  std::vector<std::string> Changes(std::int64_t batch_id) {
    std::vector<std::string> found;
    const auto visit = [&found](const ColumnBatch& batch) {
      for (std::int64_t i = 0; i < batch.rows(); ++i) {
        const Row row = batch.RowAt(i);
        found.push_back(std::get<std::string>(row[1]) + " " + ToJson(row[2], batch.schema().field(2).type));
      }
      return Status();
    };
    EXPECT_THAT(ReadState(checkpoint(),
                          {.variable = "session_state",
                           .changes = StateReadOptions::Changes{.first = batch_id, .last = batch_id}},
                          visit),
                IsOk());
    return found;
  }
  [[nodiscard]] std::string checkpoint() const { return dir_ / "checkpoint"; }
  [[nodiscard]] Json ConfOf(int batch) const { return LineOf(fmt::format("offsets/{}", batch)).at("conf"); }
  [[nodiscard]] Json MetadataAt(int batch) const { return LineOf(fmt::format("state/0/_metadata/v2/{}", batch)); }
  [[nodiscard]] std::map<std::string, std::string> Files() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(checkpoint())) {
      if (entry.is_regular_file()) {
        files[entry.path()] = Contents(entry.path());
      }
    }
    return files;
  }

  // The line behind the version.
  [[nodiscard]] Json LineOf(const std::string& name) const {
    std::ifstream file(fs::path(checkpoint()) / name);
    std::string line;
    std::getline(file, line);
    std::getline(file, line);
    return ParseJson(line).value();
  }

  test::TempDir dir_;
  std::shared_ptr<MemorySink> sink_;

 private:
  static GroupedStream GroupedBy(DataStream input, const std::vector<std::string>& key) {
    return key.size() == 1 ? std::move(input).GroupBy(key[0]) : std::move(input).GroupBy(key[0], key[1]);
  }
  int files_ = 0;
};

const Options kYes = {{"holdfast.continueForeign", "true"}};

std::string Click(const std::string& session, const std::string& type) {
  return fmt::format(
      R"({{"session_id":"{}","user_id":"u","event_type":"{}","revenue":2.5,"event_timestamp":"2026-02-01T00:00:00Z"}})",
      session, type);
}

std::string NameOf(const std::string& quoted) { return quoted.substr(1, quoted.size() - 2); }

TEST_F(Continue, ACheckpointOfSparksIsNotTouchedWithoutAWord) {
  Begin("a_v1");
  AddInput({Click("new", "page_view")});
  const auto before = Files();
  const Status refused = RunV1();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.condition(), "HOLDFAST_FOREIGN_CHECKPOINT") << refused.ToString();
  EXPECT_EQ(refused.kind(), ErrorKind::kIncompatible);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("holdfast.continueForeign=true"));
  EXPECT_EQ(Files(), before);
}

// Of a later Spark, for instance.
TEST_F(Continue, RecordedSettingsThatHoldfastDoesNotKnowStay) {
  Begin("a_v1");
  const fs::path entry = fs::path(checkpoint()) / "offsets/2";
  std::string text = Contents(entry);
  const std::string conf = R"("conf":{)";
  ASSERT_NE(text.find(conf), std::string::npos);
  text.insert(text.find(conf) + conf.size(), R"("spark.of.the.future":"{\"a\": 1}",)");
  fs::remove(entry);
  fs::remove(fs::path(checkpoint()) / "offsets/.2.crc");
  std::ofstream(entry) << text;
  for (const int batch : {3, 4}) {
    AddInput({Click("new", "page_view")});
    ASSERT_THAT(RunV1(kYes), IsOk());
    EXPECT_EQ(ConfOf(batch).at("spark.of.the.future"), R"({"a": 1})");
  }
}

TEST_F(Continue, WhereThereIsNothingToGoOnWithNothingIsBegun) {
  fs::create_directory(dir_ / "input");
  AddInput({Click("new", "page_view")});
  const Status refused = RunV1(kYes);
  EXPECT_EQ(refused.condition(), "HOLDFAST_FOREIGN_CHECKPOINT") << refused.ToString();
  EXPECT_FALSE(fs::exists(checkpoint() + "/metadata"));

  for (const char* part : {"metadata", "offsets", "commits"}) {
    fs::copy(kGolden / "a_v1/ckpt" / part, dir_ / part, fs::copy_options::recursive);
  }
  const Status inside = RunV1();
  EXPECT_EQ(inside.kind(), ErrorKind::kInvalid) << inside.ToString();
  EXPECT_THAT(std::string(inside.message()), HasSubstr("inside the checkpoint"));
  EXPECT_FALSE(fs::exists(checkpoint() + "/metadata"));
}

class ContinueEncoding : public Continue, public testing::WithParamInterface<const char*> {};

TEST_P(ContinueEncoding, SparksSessionsGoOn) {
  Begin(GetParam());
  const auto before = Sessions();
  ASSERT_GT(before.size(), 2U);
  const std::string grown = before.begin()->first;
  const std::string ended = std::next(before.begin())->first;
  AddInput({Click(NameOf(grown), "page_view"), Click(NameOf(ended), "logout"), Click("new", "search"),
            Click("brief", "purchase")});
  ASSERT_THAT(RunV1(kYes), IsOk());

  auto expected = before;
  expected[grown]["event_count"] = before.at(grown).at("event_count").get<int>() + 1;
  expected[grown]["total_revenue"] = before.at(grown).at("total_revenue").get<double>() + 2.5;
  expected.erase(ended);
  auto after = Sessions();
  EXPECT_EQ(after.at("\"new\"").at("event_count"), 1);
  after.erase("\"new\"");
  EXPECT_EQ(after, expected);
  EXPECT_EQ(sink_->rows().size(), 2U);

  // The word was for one start: now Holdfast wrote last.
  AddInput({Click("new", "search")});
  ASSERT_THAT(RunV1(), IsOk());
  EXPECT_EQ(Sessions().at("\"new\"").at("event_count"), 2);
}

TEST_P(ContinueEncoding, ARehearsalNeedsNoWordAndSaysThatTheRunDoes) {
  Begin(GetParam());
  const auto sessions = Sessions();
  AddInput({Click(NameOf(sessions.begin()->first), "page_view"),
            Click(NameOf(std::next(sessions.begin())->first), "logout"), Click("new", "search")});
  const auto before = Files();
  const auto rehearsal =
      RehearseQuery(ReadStream("json")
                        .Schema<streamshop::ClickV1>()
                        .Load(dir_ / "input")
                        .GroupBy("session_id")
                        .TransformWithState<streamshop::SessionizerV1>(OutputMode::kAppend, TimeMode::kNone)
                        .WriteStream(std::make_shared<MemorySink>())
                        .Option("checkpointLocation", checkpoint())
                        .Trigger(AvailableNow())
                        .description());
  ASSERT_THAT(rehearsal, IsOk());
  EXPECT_THAT(rehearsal->notes, testing::ElementsAre(HasSubstr("--continue-foreign")));
  const auto difference =
      rehearsal->read_difference({.name = "session_state"}, [](const ColumnBatch&) { return Status(); });
  ASSERT_THAT(difference, IsOk());
  EXPECT_EQ(difference->added, 1);
  EXPECT_EQ(difference->removed, 1);
  EXPECT_EQ(difference->changed, 1);
  ASSERT_EQ(rehearsal->output.size(), 1U);
  EXPECT_EQ(rehearsal->output.front().rows(), 1);
  EXPECT_EQ(Files(), before);
}

INSTANTIATE_TEST_SUITE_P(Golden, ContinueEncoding, testing::Values("a_v1", "d_unsaferow"));

TEST_F(Continue, EveryOperationIsLoggedWhereSparkBeganAndAsItWasAfterwards) {
  Begin("a_v1");
  AddInput({Click("brief", "purchase")});
  ASSERT_THAT(RunV1(kYes), IsOk());
  // The session began and ended within the batch: Spark logs the delete of a key that was never there.
  EXPECT_THAT(Changes(3), testing::ElementsAre(HasSubstr("delete {\"session_id\":\"brief\"}")));
  EXPECT_EQ(ConfOf(3).at("holdfast.changelog.everyOperation"), "true");
  AddInput({Click("brief2", "purchase")});
  ASSERT_THAT(RunV1(), IsOk());
  EXPECT_EQ(Changes(4).size(), 1U);
  AddInput({Click("brief3", "purchase")});
  ASSERT_THAT(RunV1({{"holdfast.changelog.everyOperation", "false"}}), IsOk());
  EXPECT_TRUE(Changes(5).empty());
  EXPECT_EQ(ConfOf(5).at("holdfast.changelog.everyOperation"), "false");
}

TEST_F(Continue, ConfsAndNamesAreKeptVerbatim) {
  Begin("a_v1");
  const Json sparks = ConfOf(2);
  AddInput({Click("new", "page_view")});
  ASSERT_THAT(RunV1(kYes), IsOk());
  Json ours = ConfOf(3);
  EXPECT_EQ(ours.erase("holdfast.version"), 1U);
  EXPECT_EQ(ours.erase("holdfast.changelog.everyOperation"), 1U);
  EXPECT_EQ(ours, sparks);
  EXPECT_EQ(MetadataAt(3).at("operatorInfo"), MetadataAt(0).at("operatorInfo"));
}

TEST_F(Continue, TheWatermarkDoesNotGoBack) {
  Begin("a_v1");
  fs::remove(checkpoint() + "/commits/.2.crc");
  std::ofstream(checkpoint() + "/commits/2") << "v1\n{\"nextBatchWatermarkMs\":1700000000123}";
  for (const int batch : {3, 4}) {
    AddInput({Click("new", "page_view")});
    ASSERT_THAT(RunV1(batch == 3 ? kYes : Options{}), IsOk());
    EXPECT_EQ(LineOf(fmt::format("offsets/{}", batch)).at("batchWatermarkMs"), 1700000000123);
    EXPECT_EQ(LineOf(fmt::format("commits/{}", batch)).at("nextBatchWatermarkMs"), 1700000000123);
  }
}

TEST_F(Continue, SparksSessionsEvolve) {
  Begin("a_v1");
  const auto before = Sessions();
  const std::string grown = before.begin()->first;
  AddInput({Click(NameOf(grown), "page_view")});
  ASSERT_THAT(RunV2(kYes), IsOk());
  const auto after = Sessions();
  EXPECT_EQ(after.at(grown).at("device_type"), "unknown");
  EXPECT_TRUE(std::next(after.begin())->second.at("device_type").is_null());
  EXPECT_EQ(Sessions("evolved").size(), 1U);
}

TEST_F(Continue, UnsafeRowStateDoesNotEvolve) {
  Begin("d_unsaferow");
  AddInput({Click("new", "page_view")});
  const auto before = Files();
  const Status refused = RunV2(kYes);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.condition(), "STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE") << refused.ToString();
  EXPECT_THAT(std::string(refused.message()), HasSubstr("session_state"));
  EXPECT_EQ(Files(), before);
}

// The shell script of docs/operating.md.
std::string ScriptOf(const std::string& name) {
  const std::string page = Contents(fs::path(HOLDFAST_SOURCE_DIR) / "docs/operating.md");
  const std::string marker = "<!-- script " + name + " -->\n```sh\n";
  const std::size_t begin = page.find(marker) + marker.size();
  return page.substr(begin, page.find("```\n", begin) - begin);
}

class StepsBack : public Continue, public testing::WithParamInterface<const char*> {
 protected:
  // `batch`: empty leaves the choice to the script.
  int GoBack(const std::string& batch = "") {
    std::ofstream(dir_ / "back.sh") << ScriptOf("back-to-foreign-batch");
    const std::string command =
        fmt::format("CHECKPOINT={} {} sh {} 2>>{}", checkpoint(), batch.empty() ? "" : "BATCH=" + batch,
                    std::string(dir_ / "back.sh"), std::string(dir_ / "said"));
    return std::system(command.c_str());
  }
};

TEST_P(StepsBack, LeaveWhatSparkLeft) {
  Begin(GetParam());
  const auto before = Files();
  const auto sessions = Sessions();
  for (int i = 0; i < 12; ++i) {  // snapshots and a compacted source log among them
    AddInput({Click(NameOf(sessions.begin()->first), "page_view"), Click("new", "search")});
    ASSERT_THAT(RunV2(i == 0 ? kYes : Options{}), IsOk());
  }
  ASSERT_NE(Sessions(), sessions);
  ASSERT_EQ(GoBack(), 0);
  const auto after = Files();
  for (const auto& [file, bytes] : before) {
    EXPECT_TRUE(after.contains(file) && after.at(file) == bytes) << file << " is not what it was";
  }
  for (const auto& [file, bytes] : after) {
    EXPECT_TRUE(before.contains(file) || file.find("/_stateSchema/") != std::string::npos ||
                file.find("/SSTs/") != std::string::npos)
        << file << " was left";
  }
  EXPECT_EQ(Sessions(), sessions);

  ASSERT_THAT(RunV2(kYes), IsOk());
  EXPECT_EQ(Sessions().at("\"new\"").at("event_count"), 12);
}

INSTANTIATE_TEST_SUITE_P(Golden, StepsBack, testing::Values("a_v1", "e_ckptv2"));

using StepsBackRefused = StepsBack;

TEST_P(StepsBackRefused, WithoutABatchToGoBackToNothingIsRemoved) {
  Begin(GetParam());
  AddInput({Click("new", "search")});
  ASSERT_THAT(RunV2(kYes), IsOk());
  const int last = Files().contains(checkpoint() + "/offsets/6") ? 6 : 3;
  fs::remove(checkpoint() + "/commits/0");
  fs::remove(checkpoint() + fmt::format("/commits/{}", last));
  const auto before = Files();
  for (const std::string& batch : {std::string("0"), std::string("77"), std::string("x"), std::to_string(last)}) {
    EXPECT_NE(GoBack(batch), 0) << batch;
    EXPECT_EQ(Files(), before) << batch;
  }
  for (int batch = 0; batch < last; ++batch) {
    fs::remove(checkpoint() + fmt::format("/offsets/{}", batch));
  }
  const auto purged = Files();
  EXPECT_NE(GoBack(), 0) << "all that is left is Holdfast's";
  EXPECT_EQ(Files(), purged);
}

INSTANTIATE_TEST_SUITE_P(Golden, StepsBackRefused, testing::Values("a_v1", "e_ckptv2"));

// The golden checkpoints lie elsewhere than they say, as copies do; a copy may go back to where Spark has it.
TEST_F(Continue, SchemaFilesAreNamedWhereTheCheckpointSaysUnlessTheUserKnowsBetter) {
  Begin("a_v1");
  const auto paths_at = [this](int batch) {
    std::vector<std::string> directories;
    const Json metadata = MetadataAt(batch);
    for (const Json& path : metadata.at("stateStoreInfo").at(0).at("stateSchemaFilePaths")) {
      EXPECT_TRUE(fs::exists(checkpoint() + "/state/0/_stateSchema/default/" +
                             fs::path(path.get<std::string>()).filename().string()));
      directories.push_back(fs::path(path.get<std::string>()).parent_path().string());
    }
    return directories;
  };
  const std::string recorded = paths_at(0).front();
  AddInput({Click("new", "page_view")});
  ASSERT_THAT(RunV2(kYes), IsOk());
  EXPECT_EQ(paths_at(3), (std::vector<std::string>{recorded, recorded}));
  AddInput({Click("new", "page_view")});
  ASSERT_THAT(RunV2({{"holdfast.checkpointUri", "hdfs://nn/shop"}}), IsOk());
  const std::string there = "hdfs://nn/shop/state/0/_stateSchema/default";
  EXPECT_EQ(paths_at(4), (std::vector<std::string>{there, there}));
}

struct Site {
  std::int32_t shard = 0;
  std::string site;
};
HOLDFAST_STRUCT(Site, shard, site);
struct Visit {
  std::int32_t shard = 0;
  std::string site;
  std::string user;
};
HOLDFAST_STRUCT(Visit, shard, site, user);
struct Visits {
  std::int32_t clicks = 0;
  std::optional<double> revenue;
  std::optional<std::string> user;
};
HOLDFAST_STRUCT(Visits, clicks, revenue, user);

// The value variables of the golden cases of Java's.
class JavasVisits final : public StatefulProcessor<Site, Visit, Visits> {
 public:
  void Init(StatefulProcessorHandle& handle) override {
    session_ = handle.GetValueState<Visits>("session");
    count_ = handle.GetValueState<std::int32_t>("count");
    recent_ = handle.GetValueState<std::int64_t>("recent");
  }
  void HandleInputRows(const Site&, RowsOf<Visit> rows, const TimerValues&, Output<Visits>& out) override {
    Visits visits = session_.Get() != nullptr ? *session_.Get() : Visits();
    visits.clicks += static_cast<std::int32_t>(rows.size());
    session_.Update(visits);
    out.Emit(visits);
  }

 private:
  ValueState<Visits> session_;
  ValueState<std::int32_t> count_;
  ValueState<std::int64_t> recent_;
};

class ContinueJava : public Continue, public testing::WithParamInterface<const char*> {};

TEST_P(ContinueJava, TheKeysStructAndTheFamilyDefaultStay) {
  Begin(GetParam());
  const auto before = Sessions("session");
  ASSERT_FALSE(before.empty());
  Row key;
  Row value;
  const auto visit = [&](const ColumnBatch& batch) {
    key = std::get<StructValue>(batch.RowAt(0)[0]).fields;
    value = std::get<StructValue>(batch.RowAt(0)[1]).fields;
    return Status();
  };
  ASSERT_THAT(ReadState(checkpoint(), {.variable = "session"}, visit), IsOk());
  AddInput({fmt::format(R"({{"shard":{},"site":"{}","user":"u"}})", std::get<std::int32_t>(key[0]),
                        std::get<std::string>(key[1]))});
  Options conf = kYes;
  conf["holdfast.evolution.accept"] = "tags,pages";  // kinds of variables that queries do not have yet
  ASSERT_THAT((Run<JavasVisits, Visit>({"shard", "site"}, conf)), IsOk());
  value[0] = std::get<std::int32_t>(value[0]) + 1;
  EXPECT_EQ(sink_->rows(), std::vector<Row>{value}) << "the session that Java began goes on";
  EXPECT_EQ(MetadataAt(2).at("operatorInfo").at("operatorName"), "transformWithStateExec");
  EXPECT_EQ(Sessions("session").size(), before.size());
}

TEST_P(ContinueJava, AKeyOfOtherTypesIsRefused) {
  Begin(GetParam());
  AddInput({R"({"shard":1,"site":"a","user":"u"})"});
  const auto before = Files();
  const Status refused = Run<JavasVisits, Visit>({"site", "shard"}, kYes);
  EXPECT_FALSE(refused.ok());
  EXPECT_EQ(Files(), before);
}

INSTANTIATE_TEST_SUITE_P(Golden, ContinueJava,
                         testing::Values("spark-4.3.0/jvm_bean_key", "spark-4.3.0/jvm_bean_key_unsaferow"));

// Rests on it: Spark keeps no key of ours in the entries that it writes.
TEST(GoldenCheckpoints, NoEntryOfSparksNamesHoldfast) {
  int entries = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kGolden)) {
    if (entry.path().parent_path().filename() == "offsets" && entry.path().extension().empty() &&
        entry.path().filename().string()[0] != '.') {
      const std::string text = Contents(entry.path());
      EXPECT_THAT(text, HasSubstr("\"conf\"")) << entry.path();
      EXPECT_THAT(text, testing::Not(HasSubstr("\"holdfast."))) << entry.path();
      ++entries;
    }
  }
  EXPECT_GT(entries, 300);
}

}  // namespace
}  // namespace hf
