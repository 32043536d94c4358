// SPDX-License-Identifier: Apache-2.0
#include "connect/delta/delta_source.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "files/disk_file_system.h"
#include "files/posix_disk.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;
using test::HasKind;
using test::IsOk;
using test::IsOkAnd;

Schema Numbers() {
  return Schema({{.name = "n", .type = DataType::Long()}, {.name = "s", .type = DataType::String()}});
}

class DeltaSourceTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto library = DeltaLibrary::Get(); !library.ok()) {
      GTEST_SKIP() << library.status().ToString();
    }
  }
  DeltaTable Table() { return DeltaTable::Open(table_).value(); }
  void Create(const Schema& schema = Numbers(), const std::vector<std::string>& partition_by = {},
              const std::map<std::string, std::string>& properties = {}) {
    ASSERT_THAT(Table().Create(schema, properties, partition_by), IsOk());
  }
  // One commit with a file.
  void Append(const std::vector<std::int64_t>& numbers) {
    std::vector<Row> rows;
    for (const std::int64_t n : numbers) {
      rows.push_back({Value(n), Value(n % 2 == 0 ? "even" : "odd")});
    }
    Append(Numbers(), rows);
  }
  void Append(const Schema& schema, const std::vector<Row>& rows, bool merge_schema = false) {
    DeltaTable table = Table();
    auto staged = table.Stage({.app_id = {}, .output_mode = {}, .merge_schema = merge_schema}, schema,
                              {ColumnBatch::FromRows(schema, rows).value()});
    ASSERT_THAT(staged, IsOk());
    ASSERT_THAT(table.Append(std::move(staged).value()), IsOk());
  }
  // A commit as another engine writes it, an action a line.
  void WriteEntry(const std::vector<std::string>& actions) {
    const std::int64_t version = Table().State()->version + 1;
    std::ofstream(DeltaCommitPath(table_, version)) << fmt::format("{}", fmt::join(actions, "\n"));
  }
  std::string ActionOf(std::int64_t version, const std::string& kind) {
    std::ifstream in(DeltaCommitPath(table_, version));
    for (std::string line; std::getline(in, line);) {
      if (ParseJson(line).value().contains(kind)) {
        return line;
      }
    }
    return "";
  }
  std::string PathOf(std::int64_t version) {
    return ParseJson(ActionOf(version, "add")).value()["add"]["path"].get<std::string>();
  }
  std::string RemoveOf(std::int64_t version, bool data_change = true) {
    return fmt::format(R"({{"remove":{{"path":"{}","dataChange":{}}}}})", PathOf(version), data_change);
  }
  Result<std::unique_ptr<DeltaSource>> TryOpen(const OptionMap& options = {}) {
    HF_ASSIGN_OR_RETURN(const DeltaSourceOptions parsed, ParseDeltaSourceOptions(options, "UTC"));
    return DeltaSource::Open(files_, table_, parsed);
  }
  std::unique_ptr<DeltaSource> Open(const OptionMap& options = {}) {
    auto source = TryOpen(options);
    EXPECT_THAT(source, IsOk());
    return source.ok() ? std::move(source).value() : nullptr;
  }
  [[nodiscard]] SourceOffset Offset(std::int64_t version, std::int64_t index, bool is_starting) {
    return fmt::format(
        R"({{"sourceVersion":1,"reservoirId":"{}","reservoirVersion":{},"index":{},"isStartingVersion":{}}})",
        Table().State()->table_id, version, index, is_starting);
  }
  // The first column of the batch, "-" for null.
  static std::string Read(Source& source, const SourceOffset& start, const SourceOffset& end, std::size_t column = 0) {
    std::vector<std::string> found;
    auto splits = source.Plan(start, end);
    if (!splits.ok()) {
      return splits.status().ToString();
    }
    for (const auto& split : *splits) {
      while (true) {
        auto batch = split->Next();
        if (!batch.ok()) {
          return batch.status().ToString();
        }
        if (!batch->has_value()) {
          break;
        }
        for (std::int64_t row = 0; row < (*batch)->rows(); ++row) {
          const Value value = (*batch)->At(column, row);
          found.push_back(std::holds_alternative<std::int64_t>(value)  ? std::to_string(std::get<std::int64_t>(value))
                          : std::holds_alternative<std::string>(value) ? std::get<std::string>(value)
                                                                       : "-");
        }
      }
    }
    return fmt::format("{}", fmt::join(found, " "));
  }
  static void ExpectRefused(const Status& status, std::string_view condition, std::string_view words) {
    ASSERT_FALSE(status.ok()) << condition;
    EXPECT_EQ(status.condition(), condition) << status.ToString();
    EXPECT_NE(status.ToString().find(words), std::string::npos) << status.ToString();
  }

  test::TempDir root_;
  const std::string table_ = root_ / "t";
  PosixDisk disk_;
  DiskFileSystem files_{disk_};
};

TEST_F(DeltaSourceTest, FirstTheTableAsItIsThenWhatEachVersionAdds) {
  Create();
  Append({1, 2});
  Append({3});
  auto source = Open();
  EXPECT_EQ(source->description(), "DeltaSource[file:" + table_ + "]");
  EXPECT_THAT(source->Latest(std::nullopt), IsOkAnd(Offset(3, -1, false)));
  EXPECT_EQ(Read(*source, std::nullopt, Offset(3, -1, false)), "1 2 3");
  EXPECT_THAT(source->Latest(Offset(3, -1, false)), IsOkAnd(Offset(3, -1, false)));
  Append({4});
  Append({5, 6});
  EXPECT_THAT(source->Latest(Offset(3, -1, false)), IsOkAnd(Offset(5, -1, false)));
  EXPECT_EQ(Read(*source, Offset(3, -1, false), Offset(5, -1, false)), "4 5 6");
  ASSERT_THAT(source->Commit(Offset(3, -1, false)), IsOk());
  // The same in another process.
  EXPECT_EQ(Read(*Open(), Offset(3, -1, false), Offset(5, -1, false)), "4 5 6");
  EXPECT_EQ(Read(*Open(), std::nullopt, Offset(3, -1, false)), "1 2 3");
  EXPECT_THAT(Open()->Latest(Offset(5, -1, false)), IsOkAnd(Offset(5, -1, false)));
}

TEST_F(DeltaSourceTest, ALimitOfFilesEndsABatchWithinTheTableAndWithinAVersion) {
  Create(Numbers(), {"s"});
  Append({1, 3});
  Append({2, 5});  // two partitions: two files
  auto source = Open({{"maxFilesPerTrigger", "2"}});
  EXPECT_THAT(source->Latest(std::nullopt), IsOkAnd(Offset(2, 1, true)));
  EXPECT_THAT(source->Latest(Offset(2, 1, true)), IsOkAnd(Offset(3, -1, false)));
  Append({4, 7});
  Append({6, 9});
  auto one = Open({{"maxFilesPerTrigger", "1"}});
  EXPECT_THAT(one->Latest(Offset(2, 1, true)), IsOkAnd(Offset(3, -1, false)));
  EXPECT_THAT(one->Latest(Offset(3, -1, false)), IsOkAnd(Offset(3, 0, false)));
  EXPECT_THAT(one->Latest(Offset(3, 0, false)), IsOkAnd(Offset(4, -1, false)));
  const std::string first = Read(*one, Offset(2, 2, true), Offset(3, 0, false));
  const std::string second = Read(*one, Offset(3, 0, false), Offset(4, -1, false));
  EXPECT_TRUE((first == "4" && second == "7") || (first == "7" && second == "4")) << first << ", " << second;
  one->IgnoreLimits();
  EXPECT_THAT(one->Latest(Offset(3, 0, false)), IsOkAnd(Offset(5, -1, false)));
}

TEST_F(DeltaSourceTest, ALimitOfBytesTakesAtLeastOneFile) {
  Create();
  Append({1});
  Append({2});
  auto source = Open({{"maxBytesPerTrigger", "1b"}});
  EXPECT_THAT(source->Latest(std::nullopt), IsOkAnd(Offset(2, 0, true)));
  EXPECT_EQ(Read(*source, std::nullopt, Offset(2, 0, true)), "1");
  EXPECT_THAT(Open({{"maxBytesPerTrigger", "1g"}})->Latest(std::nullopt), IsOkAnd(Offset(3, -1, false)));
}

TEST_F(DeltaSourceTest, AnEmptyTableIsABatchWithoutRows) {
  Create();
  auto source = Open();
  EXPECT_THAT(source->Latest(std::nullopt), IsOkAnd(Offset(1, -1, false)));
  EXPECT_EQ(Read(*source, std::nullopt, Offset(1, -1, false)), "");
  EXPECT_THAT(source->Latest(Offset(1, -1, false)), IsOkAnd(Offset(1, -1, false)));
  Append({1});
  EXPECT_THAT(source->Latest(Offset(1, -1, false)), IsOkAnd(Offset(2, -1, false)));
  EXPECT_EQ(Read(*source, Offset(1, -1, false), Offset(2, -1, false)), "1");
}

TEST_F(DeltaSourceTest, AStartingVersionLeavesOutWhatWasThereBefore) {
  Create();
  Append({1});
  Append({2});
  Append({3});
  auto source = Open({{"startingVersion", "2"}});
  EXPECT_THAT(source->Latest(std::nullopt), IsOkAnd(Offset(4, -1, false)));
  EXPECT_EQ(Read(*source, std::nullopt, Offset(4, -1, false)), "2 3");
  ExpectRefused(Open({{"startingVersion", "4"}})->Latest(std::nullopt).status(), "DELTA_VERSION_NOT_FOUND", "4");
}

TEST_F(DeltaSourceTest, FromLatestOnlyLaterRowsComeAlsoWhenTheFirstBatchIsRunAgain) {
  Create();
  Append({1});
  auto source = Open({{"startingVersion", "latest"}});
  const SourceOffset mark = source->Latest(std::nullopt).value();
  EXPECT_EQ(mark, fmt::format(R"({{"sourceVersion":3,"reservoirId":"{}","reservoirVersion":2,"index":-100,)"
                              R"("isStartingVersion":false}})",
                              Table().State()->table_id));
  Append({2});
  EXPECT_EQ(Read(*Open({{"startingVersion", "latest"}}), std::nullopt, mark), "");
  EXPECT_THAT(source->Latest(mark), IsOkAnd(Offset(3, -1, false)));
  EXPECT_EQ(Read(*source, mark, Offset(3, -1, false)), "2");
  // Where another engine began so nobody can say.
  EXPECT_THAT(source->Plan(std::nullopt, Offset(3, -1, false)), HasKind(ErrorKind::kIncompatible));
}

TEST_F(DeltaSourceTest, AStartingTimeIsTheFirstCommitFromThenOn) {
  Create();
  for (std::int64_t version = 1; version <= 3; ++version) {
    Append({version});
  }
  const auto date = [&](std::int64_t version, std::int64_t ms) { root_.SetTime(DeltaCommitPath("t", version), ms); };
  date(0, 1'000'000);
  date(1, 2'000'000);
  date(2, 3'000'000);
  date(3, 2'500'000);  // a clock that went back counts as after the commit before
  const auto begins_at = [&](const std::string& time) {
    return ParseDeltaOffset(*Open({{"startingTimestamp", time}})->Latest(std::nullopt).value())->version;
  };
  EXPECT_EQ(begins_at("1970-01-01"), 0);
  EXPECT_EQ(begins_at("1970-01-01T00:33:20Z"), 1);
  EXPECT_EQ(begins_at("1970-01-01 00:33:20.001"), 2);
  EXPECT_EQ(begins_at("1970-01-01T00:50:00.001Z"), 3);
  ExpectRefused(Open({{"startingTimestamp", "1970-01-02"}})->Latest(std::nullopt).status(),
                "DELTA_TIMESTAMP_GREATER_THAN_COMMIT", "version 3");
}

TEST_F(DeltaSourceTest, ACommitThatDeletesIsRefusedByNameUnlessDeletesAreIgnored) {
  Create();
  Append({1});
  Append({2});
  const SourceOffset start = Offset(2, 1, true);
  WriteEntry({RemoveOf(1)});
  Append({4});
  ExpectRefused(Open()->Latest(start).status(), "DELTA_SOURCE_IGNORE_DELETE", "version 3");
  for (const std::string option : {"ignoreDeletes", "ignoreChanges", "skipChangeCommits"}) {
    auto source = Open({{option, "true"}});
    EXPECT_THAT(source->Latest(start), IsOkAnd(Offset(5, -1, false))) << option;
    EXPECT_EQ(Read(*source, start, Offset(5, -1, false)), "4") << option;
  }
}

TEST_F(DeltaSourceTest, ACommitThatChangesRowsIsRefusedByNameReadAnewOrPassedOver) {
  Create();
  Append({1});
  const SourceOffset start = Offset(1, 0, true);
  const std::string removed = RemoveOf(1);
  Append({10});
  std::string added = ActionOf(2, "add");
  fs::remove(DeltaCommitPath(table_, 2));
  WriteEntry({removed, added});
  Append({4});
  ExpectRefused(Open()->Latest(start).status(), "DELTA_SOURCE_TABLE_IGNORE_CHANGES", "version 2");
  ExpectRefused(Open({{"ignoreDeletes", "true"}})->Latest(start).status(), "DELTA_SOURCE_TABLE_IGNORE_CHANGES",
                "skipChangeCommits");
  EXPECT_EQ(Read(*Open({{"ignoreChanges", "true"}}), start, Offset(4, -1, false)), "10 4");
  EXPECT_EQ(Read(*Open({{"skipChangeCommits", "true"}}), start, Offset(4, -1, false)), "4");
}

TEST_F(DeltaSourceTest, FilesThatAreOnlyRearrangedAreNoNewRows) {
  Create();
  Append({1});
  const SourceOffset start = Offset(2, -1, false);
  Json add = ParseJson(ActionOf(1, "add")).value();
  fs::copy_file(table_ + "/" + PathOf(1), table_ + "/compacted.parquet");
  add["add"]["path"] = "compacted.parquet";
  add["add"]["dataChange"] = false;
  WriteEntry({RemoveOf(1, false), DumpJson(add)});
  // Delta: a version without files of its own is a step all the same, a batch without rows.
  EXPECT_THAT(Open()->Latest(start), IsOkAnd(Offset(3, -1, false)));
  EXPECT_EQ(Read(*Open(), start, Offset(3, -1, false)), "");
  EXPECT_THAT(Open()->Latest(Offset(3, -1, false)), IsOkAnd(Offset(3, -1, false)));
  EXPECT_EQ(Read(*Open(), std::nullopt, Offset(3, -1, false)), "1");
  WriteEntry({R"({"commitInfo":{"operation":"VACUUM END"}})"});
  EXPECT_THAT(Open()->Latest(Offset(3, -1, false)), IsOkAnd(Offset(4, -1, false)));
}

TEST_F(DeltaSourceTest, RowsThatADeletionVectorRemovesAreLeftOut) {
  Create(Numbers(), {}, {{"delta.enableDeletionVectors", "true"}});
  std::vector<std::int64_t> numbers(40);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = static_cast<std::int64_t>(i);
  }
  Append(numbers);
  Json add = ParseJson(ActionOf(1, "add")).value();
  // The example of the Delta protocol: rows 3, 4, 7, 11, 18 and 29.
  add["add"]["deletionVector"] = ParseJson(R"({"storageType":"i","pathOrInlineDv":)"
                                           R"("^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L",)"
                                           R"("sizeInBytes":44,"cardinality":6})")
                                     .value();
  WriteEntry({RemoveOf(1), DumpJson(add)});
  const std::string left =
      "0 1 2 5 6 8 9 10 12 13 14 15 16 17 19 20 21 22 23 24 25 26 27 28 30 31 32 33 34 35 36 37 38 39";
  EXPECT_EQ(Read(*Open(), std::nullopt, Offset(2, 0, true)), left);
  EXPECT_EQ(Read(*Open({{"ignoreChanges", "true"}}), Offset(1, 0, true), Offset(3, -1, false)), left);
  ExpectRefused(Open()->Latest(Offset(1, 0, true)).status(), "DELTA_SOURCE_TABLE_IGNORE_CHANGES", "version 2");
}

TEST_F(DeltaSourceTest, MappedColumnsAndPartitionValuesAreReadByTheirNames) {
  Create(Numbers(), {"s"}, {{"delta.columnMapping.mode", "name"}});
  Append({1, 2});
  auto source = Open();
  ASSERT_THAT(source->Latest(std::nullopt), IsOkAnd(Offset(2, -1, false)));
  Append({4});
  EXPECT_EQ(source->schema().ToDdl(), "n BIGINT,s STRING");
  EXPECT_EQ(Read(*source, Offset(1, 1, true), Offset(3, -1, false)), "4");
  EXPECT_EQ(Read(*source, Offset(1, 1, true), Offset(3, -1, false), 1), "even");
}

Schema Wider() {
  return Schema({{.name = "n", .type = DataType::Long()},
                 {.name = "s", .type = DataType::String()},
                 {.name = "more", .type = DataType::String()}});
}

TEST_F(DeltaSourceTest, AChangeOfTheSchemaIsRefusedByVersionAndTheNextStartHasIt) {
  Create();
  Append({1});
  auto source = Open();
  const SourceOffset start = source->Latest(std::nullopt).value();
  Append({2});
  Append(Wider(), {{Value(std::int64_t{3}), Value("odd"), Value("x")}}, true);
  auto next = Open({{"maxFilesPerTrigger", "1"}});
  const SourceOffset before = next->Latest(start).value();
  EXPECT_EQ(before, Offset(3, -1, false));
  ExpectRefused(source->Latest(start).status(), "DELTA_SCHEMA_CHANGED_WITH_VERSION", "version 3");
  ExpectRefused(source->Latest(before).status(), "DELTA_SCHEMA_CHANGED_WITH_VERSION", "more STRING");
  // The new start reads older files too, which have nothing for the column.
  EXPECT_EQ(next->schema().ToDdl(), "n BIGINT,s STRING,more STRING");
  EXPECT_EQ(Read(*next, start, Offset(4, -1, false), 2), "- x");
}

TEST_F(DeltaSourceTest, RowsOfASchemaThatIsNoMoreAreRefused) {
  Create(Wider());
  Append(Wider(), {{Value(std::int64_t{1}), Value("odd"), Value("x")}});
  const SourceOffset start = Offset(1, 0, true);
  Append(Wider(), {{Value(std::int64_t{2}), Value("even"), Value("y")}});
  Json metadata = ParseJson(ActionOf(0, "metaData")).value();
  metadata["metaData"]["schemaString"] = Numbers().ToJson();
  WriteEntry({DumpJson(metadata)});
  auto source = Open();
  EXPECT_EQ(source->schema().ToDdl(), "n BIGINT,s STRING");
  EXPECT_NE(Read(*source, start, Offset(3, -1, false)).find("'more'"), std::string::npos);
  ExpectRefused(Open({{"startingVersion", "0"}})->Latest(std::nullopt).status(), "DELTA_SCHEMA_CHANGED_WITH_VERSION",
                "column more");
}

TEST_F(DeltaSourceTest, AvailableNowGoesNoFurtherThanTheTableWasAndDoesNotLookAtLaterCommits) {
  Create();
  Append({1});
  auto source = Open();
  ASSERT_THAT(source->FixAvailable(std::nullopt), IsOk());
  WriteEntry({RemoveOf(1)});
  EXPECT_THAT(source->Latest(std::nullopt), IsOkAnd(Offset(2, -1, false)));
  EXPECT_THAT(source->Latest(Offset(2, -1, false)), IsOkAnd(Offset(2, -1, false)));
  auto later = Open({{"ignoreDeletes", "true"}});
  Append({2});
  ASSERT_THAT(later->FixAvailable(Offset(1, 0, true)), IsOk());
  Append({3});
  EXPECT_THAT(later->Latest(Offset(1, 0, true)), IsOkAnd(Offset(4, -1, false)));
  EXPECT_THAT(later->Latest(Offset(4, -1, false)), IsOkAnd(Offset(4, -1, false)));
}

TEST_F(DeltaSourceTest, AnotherTableAtThePathIsRefused) {
  Create();
  Append({1});
  const SourceOffset start = Offset(1, 0, true);
  auto source = Open();
  fs::remove_all(table_);
  EXPECT_THAT(TryOpen(), HasKind(ErrorKind::kInvalid));
  EXPECT_THAT(source->Latest(start), HasKind(ErrorKind::kInvalid));
  Create();
  ExpectRefused(source->Latest(start).status(), "DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE", "replaced");
  ExpectRefused(Open()->Latest(start).status(), "DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE", "new checkpoint");
}

TEST_F(DeltaSourceTest, ALogThatWasCleanedUpAndOneThatIsDamagedAreNamed) {
  Create();
  Append({1});
  Append({2});
  const SourceOffset start = Offset(1, 0, true);
  const std::string entry = DeltaCommitPath(table_, 2);
  std::ofstream(entry) << "{\"add\":{\"path\":\"x\",\"dataChange\":true}}\n";
  const Status damaged = Open()->Latest(start).status();
  ASSERT_THAT(damaged, HasKind(ErrorKind::kCorrupt));
  EXPECT_NE(damaged.ToString().find(entry), std::string::npos) << damaged.ToString();
  auto source = Open();
  fs::remove(entry);
  EXPECT_THAT(source->Plan(start, Offset(3, -1, false)), HasKind(ErrorKind::kCorrupt));
}

TEST_F(DeltaSourceTest, BadOptionsAreRefusedByName) {
  const OptionMap bad = {{"startingVersion", "-1"},    {"startingTimestamp", "soon"}, {"maxFilesPerTrigger", "0"},
                         {"maxBytesPerTrigger", "1x"}, {"ignoreDeletes", "maybe"},    {"readChangeFeed", "true"}};
  for (const auto& [name, value] : bad) {
    const auto parsed = ParseDeltaSourceOptions({{name, value}}, "UTC");
    ASSERT_THAT(parsed, HasKind(ErrorKind::kInvalid)) << name;
    EXPECT_NE(parsed.status().ToString().find(name), std::string::npos) << parsed.status().ToString();
  }
  EXPECT_FALSE(ParseDeltaSourceOptions({{"startingVersion", "1"}, {"startingTimestamp", "2026-01-01"}}, "UTC").ok());
  EXPECT_EQ(ParseDeltaSourceOptions({{"maxBytesPerTrigger", "2KB"}}, "UTC")->bytes_per_trigger_max, 2048);
  EXPECT_EQ(ParseDeltaSourceOptions({}, "UTC")->files_per_trigger_max, 1000);
}

TEST(DeltaOffsets, PrintBackAsDeltaWritesThem) {
  for (const std::string text :
       {R"({"sourceVersion":1,"reservoirId":"a-b","reservoirVersion":7,"index":-1,"isStartingVersion":false})",
        R"({"sourceVersion":1,"reservoirId":"a-b","reservoirVersion":0,"index":3,"isStartingVersion":true})",
        R"({"sourceVersion":3,"reservoirId":"a-b","reservoirVersion":7,"index":-100,"isStartingVersion":false})"}) {
    const auto offset = ParseDeltaOffset(text);
    ASSERT_THAT(offset, IsOk());
    EXPECT_EQ(PrintDeltaOffset(*offset), text);
  }
}

TEST(DeltaOffsets, HostileOnesAndThoseOfLaterDeltasAreRefused) {
  const auto offset = [](std::string_view source_version, std::string_view version, std::string_view index) {
    return fmt::format(
        R"({{"sourceVersion":{},"reservoirId":"a","reservoirVersion":{},"index":{},"isStartingVersion":false}})",
        source_version, version, index);
  };
  for (const std::string& text :
       {std::string(), std::string("5"), std::string("{}"), offset("0", "1", "1"), offset("2", "1", "1"),
        offset("1", "-1", "1"), offset("1", "1", "-2"), offset("1", "9223372036854775807", "1"),
        offset("1", "1", "9223372036854775707"), offset("1", "1.5", "1"), offset("\"1\"", "1", "1")}) {
    EXPECT_THAT(ParseDeltaOffset(text), HasKind(ErrorKind::kCorrupt)) << text;
  }
  EXPECT_THAT(ParseDeltaOffset(offset("4", "1", "1")), HasKind(ErrorKind::kIncompatible));
  EXPECT_THAT(ParseDeltaOffset(offset("3", "1", "-20")), HasKind(ErrorKind::kIncompatible));
}

}  // namespace
}  // namespace hf
