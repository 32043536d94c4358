// SPDX-License-Identifier: Apache-2.0
// Evolution over several starts: schema ids, schema files, thresholds, variables that leave and come back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "state/evolution.h"
#include "state/evolution_testing.h"
#include "support/status_matchers.h"

namespace hf {
namespace {

using test::Declare;
using test::DeclaredList;
using test::DeclaredMap;
using test::DeclaredValue;
using test::EvolvingCheckpoint;
using test::HasKind;
using test::IsOk;
using test::Summary;
using test::WithTtl;
using ::testing::HasSubstr;

constexpr const char* kInvalidValue = "STATE_STORE_INVALID_VALUE_SCHEMA_EVOLUTION";
constexpr const char* kBent = "HOLDFAST_BENT_STATE_EVOLUTION";

DeclaredState V(const std::string& ddl, const char* key = "id STRING") {
  return Declare({DeclaredValue("v", ddl)}, key);
}

TEST(EvolutionSequence, EveryChangeGetsTheNextIdAlsoWhenAnOldSchemaReturns) {
  EvolvingCheckpoint checkpoint;
  const EvolutionOptions accept{.accept = {"v.b"}};
  int expected = 0;
  for (const char* ddl : {"a INT", "a INT, b STRING", "a INT", "a INT, b STRING"}) {
    const Evolution evolution = checkpoint.Start(V(ddl), accept);
    ASSERT_THAT(evolution.status, IsOk());
    EXPECT_TRUE(evolution.needs_schema_file);
    EXPECT_EQ(evolution.plan.variables[0].stored_id, expected);
    EXPECT_EQ(evolution.plan.variables[0].written.size(), static_cast<std::size_t>(expected + 1));
    EXPECT_EQ(evolution.plan.variables[0].written.at(expected).ToDdl(), test::Ddl(ddl).ToDdl());
    EXPECT_EQ(evolution.families[0].value_schema_id, expected);
    ++expected;
  }
  const Evolution again = checkpoint.Start(V("a INT, b STRING"), accept);
  EXPECT_FALSE(again.needs_schema_file);
  EXPECT_EQ(again.plan.variables[0].stored_id, 3);
  EXPECT_EQ(again.plan.variables[0].written.size(), 4u);
  EXPECT_EQ(checkpoint.recorded.schema_files.size(), 4u);
}

TEST(EvolutionSequence, ARefusedStartChangesNothing) {
  EvolvingCheckpoint checkpoint;
  checkpoint.Start(V("a INT"));
  EXPECT_FALSE(checkpoint.Start(V("a STRING")).status.ok());
  const Evolution evolution = checkpoint.Start(V("a INT"));
  ASSERT_THAT(evolution.status, IsOk());
  EXPECT_FALSE(evolution.needs_schema_file);
}

TEST(EvolutionSequence, IntLongIntIsRefused) {
  EvolvingCheckpoint checkpoint;
  checkpoint.Start(V("a INT"));
  ASSERT_THAT(checkpoint.Start(V("a BIGINT")).status, IsOk());
  EXPECT_EQ(checkpoint.Start(V("a INT")).status.condition(), kInvalidValue);
}

TEST(EvolutionSequence, IntLongDoubleLosesOnlyOnce) {
  EvolvingCheckpoint checkpoint;
  checkpoint.Start(V("a INT"));
  ASSERT_THAT(checkpoint.Start(V("a BIGINT")).status, IsOk());
  EXPECT_EQ(Summary(checkpoint.Start(V("a DOUBLE"))), "LOSSY v.a!");
  ASSERT_THAT(checkpoint.Start(V("a DOUBLE"), {.accept = {"v.a"}}).status, IsOk());
  // What was accepted then is history.
  EXPECT_EQ(Summary(checkpoint.Start(V("a DOUBLE, b INT"))), "NULL_FILLED v.b");
}

TEST(EvolutionSequence, ARemovedFieldComesBackOnlyAsWhatItWas) {
  EvolvingCheckpoint checkpoint;
  checkpoint.Start(V("a INT, k INT"));
  ASSERT_THAT(checkpoint.Start(V("k INT"), {.accept = {"v.a"}}).status, IsOk());
  const Evolution as_text = checkpoint.Start(V("a STRING, k INT"));
  EXPECT_EQ(as_text.status.condition(), kInvalidValue);
  EXPECT_THAT(std::string(as_text.status.message()), HasSubstr("values written with schema 0"));
  EXPECT_EQ(checkpoint.Start(V("a DATE, k INT")).status.condition(), kBent)
      << "Spark would take the ints of schema 0 for dates";
  const Evolution back = checkpoint.Start(V("a INT, k INT"));
  EXPECT_EQ(Summary(back), "NULL_FILLED v.a");
  EXPECT_EQ(back.plan.variables[0].stored_id, 2);
}

TEST(EvolutionSequence, ARemovedVariableComesBackWithItsHistory) {
  EvolvingCheckpoint checkpoint;
  const DeclaredState other = Declare({DeclaredValue("w", "x STRING")});
  checkpoint.Start(Declare({DeclaredValue("v", "a INT"), DeclaredValue("w", "x STRING")}));
  const Evolution removed = checkpoint.Start(other, {.accept = {"v"}});
  ASSERT_THAT(removed.status, IsOk());
  EXPECT_TRUE(removed.needs_schema_file);
  EXPECT_EQ(removed.families.size(), 1u) << "as in Spark, only older files know it from now on";

  EXPECT_EQ(checkpoint.Start(V("a STRING")).status.condition(), kInvalidValue);
  const Evolution as_list = checkpoint.Start(Declare({DeclaredList("v", "a INT"), DeclaredValue("w", "x STRING")}));
  EXPECT_EQ(as_list.status.condition(), kBent);
  EXPECT_EQ(as_list.findings[0].spark_condition, "") << "Spark appends to the old value's bytes";
  EXPECT_EQ(checkpoint.Start(Declare({DeclaredMap("v", "k STRING", "a INT"), DeclaredValue("w", "x STRING")}))
                .status.condition(),
            "STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE");

  const Evolution back = checkpoint.Start(Declare({DeclaredValue("v", "a BIGINT"), DeclaredValue("w", "x STRING")}));
  ASSERT_THAT(back.status, IsOk());
  EXPECT_EQ(Summary(back), "WIDENED v.a, SAFE v, SAFE w");
  EXPECT_EQ(back.plan.Find("v")->stored_id, 1);
  EXPECT_EQ(back.plan.Find("v")->written.at(0).ToDdl(), "a INT");
}

TEST(EvolutionSequence, AnotherSetOfTheSameSizeNeedsAFile) {
  EvolvingCheckpoint checkpoint;
  checkpoint.Start(Declare({DeclaredValue("v", "a INT"), DeclaredValue("w", "x STRING")}));
  checkpoint.Start(Declare({DeclaredValue("v", "a INT"), DeclaredValue("y", "x INT")}), {.accept = {"w"}});
  EXPECT_EQ(checkpoint.recorded.schema_files.size(), 2u);
  // Both have been there before, so that no id changes.
  const Evolution back =
      checkpoint.Start(Declare({DeclaredValue("v", "a INT"), DeclaredValue("w", "x STRING")}), {.accept = {"y"}});
  ASSERT_THAT(back.status, IsOk());
  EXPECT_TRUE(back.needs_schema_file);
  EXPECT_EQ(back.plan.Find("w")->stored_id, 0);
}

TEST(EvolutionSequence, ARemovedVariableKeepsItsTtl) {
  EvolvingCheckpoint checkpoint;
  const auto timed = [](std::vector<DeclaredVariable> variables) {
    DeclaredState declared = Declare(std::move(variables));
    declared.time_mode = "ProcessingTime";
    return declared;
  };
  checkpoint.Start(timed({WithTtl(DeclaredValue("v", "a INT")), DeclaredValue("w", "x STRING")}));
  ASSERT_THAT(checkpoint.Start(timed({DeclaredValue("w", "x STRING")}), {.accept = {"v"}}).status, IsOk());
  EXPECT_EQ(checkpoint.Start(timed({DeclaredValue("v", "a INT"), DeclaredValue("w", "x STRING")})).status.condition(),
            kBent);
  EXPECT_THAT(checkpoint.Start(timed({WithTtl(DeclaredValue("v", "a INT")), DeclaredValue("w", "x STRING")})).status,
              IsOk());
}

TEST(EvolutionSequence, ARenamedKeyColumnGivesEveryFamilyANewId) {
  EvolvingCheckpoint checkpoint;
  DeclaredState declared = Declare({DeclaredValue("v", "a INT"), WithTtl(DeclaredList("l", "b INT"))});
  declared.time_mode = "ProcessingTime";
  checkpoint.Start(declared);
  declared.key = test::Ddl("user STRING");
  const Evolution renamed = checkpoint.Start(declared);
  ASSERT_THAT(renamed.status, IsOk());
  EXPECT_EQ(renamed.families.size(), 8u);
  for (const StateFamilySchema& family : renamed.families) {
    EXPECT_EQ(family.key_schema_id, 0) << family.family;
    EXPECT_EQ(family.value_schema_id, 1) << family.family;
  }
  EXPECT_EQ(renamed.plan.key_schema.ToDdl(), "user STRING");
  EXPECT_EQ(renamed.plan.key_schema_id, 0);
}

TEST(EvolutionSequence, TheThresholdAllowsIdsBelowIt) {
  EvolvingCheckpoint checkpoint;
  std::string ddl = "f0 INT";
  const EvolutionOptions options{.value_schema_evolution_threshold = 3};
  for (int i = 1; i <= 3; ++i) {
    ASSERT_THAT(checkpoint.Start(V(ddl), options).status, IsOk()) << i;
    ddl += fmt::format(", f{} INT", i);
  }
  const Evolution refused = checkpoint.Start(V(ddl), options);
  EXPECT_EQ(refused.status.condition(), "STATE_STORE_VALUE_SCHEMA_EVOLUTION_THRESHOLD_EXCEEDED");
  EXPECT_THAT(std::string(refused.status.message()),
              HasSubstr("spark.sql.streaming.stateStore.valueStateSchemaEvolutionThreshold"));
  EXPECT_THAT(checkpoint.Start(V(ddl), {.value_schema_evolution_threshold = 4}).status, IsOk());
}

TEST(EvolutionSequence, SixteenSchemasAreAllowedByDefault) {
  EvolvingCheckpoint checkpoint;
  std::string ddl = "f0 INT";
  for (int i = 1; i <= 16; ++i) {
    ASSERT_THAT(checkpoint.Start(V(ddl)).status, IsOk()) << i;
    ddl += fmt::format(", f{} INT", i);
  }
  EXPECT_EQ(checkpoint.recorded.schema_files.size(), 16u);
  EXPECT_FALSE(checkpoint.Start(V(ddl)).status.ok());
}

TEST(EvolutionSequence, TooManyFilesNameTheConfThatCounts) {
  EvolvingCheckpoint checkpoint;
  const EvolutionOptions options{.schema_files_max = 2};
  std::vector<DeclaredVariable> variables = {DeclaredValue("v0", "a INT")};
  for (int i = 1; i <= 2; ++i) {
    ASSERT_THAT(checkpoint.Start(Declare(variables), options).status, IsOk());
    variables.push_back(DeclaredValue(fmt::format("v{}", i), "a INT"));
  }
  const Evolution refused = checkpoint.Start(Declare(variables), options);
  EXPECT_EQ(refused.status.condition(), "STATE_STORE_STATE_SCHEMA_FILES_THRESHOLD_EXCEEDED");
  EXPECT_THAT(std::string(refused.status.message()),
              HasSubstr("spark.sql.streaming.stateStore.maxNumStateSchemaFiles"));
  EXPECT_THAT(std::string(refused.status.message()), HasSubstr("added: v2"));
  // A change of a schema alone is not counted.
  variables.pop_back();
  variables[0] = DeclaredValue("v0", "a BIGINT");
  EXPECT_THAT(checkpoint.Start(Declare(variables), options).status, IsOk());
}

TEST(EvolutionSequence, ABendThatSparkMadeBeforeIsReportedAndDoesNotStopAStart) {
  EvolvingCheckpoint checkpoint;
  checkpoint.Start(V("a INT"));
  checkpoint.WriteBehindOurBack(V("a DATE"), 1);
  const Evolution evolution = checkpoint.Start(V("a DATE"));
  ASSERT_THAT(evolution.status, IsOk());
  EXPECT_EQ(Summary(evolution), "LOSSY v.a");
  EXPECT_FALSE(evolution.needs_schema_file);
  EXPECT_EQ(checkpoint.Start(V("a INT")).status.condition(), kBent) << "the other way is a new bend";
}

TEST(EvolutionSequence, UnsafeRowKeepsTheOldTextUnderTheOldId) {
  EvolvingCheckpoint checkpoint;
  const EvolutionOptions options{.encoding = StateEncoding::kUnsafeRow};
  checkpoint.Start(V("a INT"), options);
  const Evolution renamed = checkpoint.Start(V("b INT"), options);
  ASSERT_THAT(renamed.status, IsOk());
  EXPECT_TRUE(renamed.needs_schema_file) << "Spark writes the same text again";
  EXPECT_EQ(renamed.families[0].value_schema.ToDdl(), "a INT");
  EXPECT_EQ(renamed.plan.variables[0].stored_id, 0);
}

TEST(EvolutionSequence, DamagedHistoryIsNotEvolved) {
  EvolvingCheckpoint contradiction;
  contradiction.Start(V("a INT"));
  contradiction.WriteBehindOurBack(V("a STRING"), 0);
  EXPECT_THAT(contradiction.Start(V("a INT")).status, HasKind(ErrorKind::kCorrupt));

  EvolvingCheckpoint missing;
  missing.Start(V("a INT"));
  missing.recorded.variables.push_back({"ghost", "ValueState", false});
  EXPECT_THAT(missing.Start(V("a INT")).status, HasKind(ErrorKind::kCorrupt));

  EvolvingCheckpoint later;
  later.Start(V("a INT"));
  later.recorded.schema_files.back()[0].family = "$later_v";
  EXPECT_THAT(later.Start(V("a INT")).status, HasKind(ErrorKind::kIncompatible));

  EvolvingCheckpoint kind;
  kind.Start(V("a INT"));
  kind.recorded.variables[0].type = "QueueState";
  EXPECT_THAT(kind.Start(V("a INT")).status, HasKind(ErrorKind::kIncompatible));
}

TEST(EvolutionSequence, TheDefaultFamilyStaysAsTheCheckpointBegan) {
  DeclaredState scala = V("a INT");
  scala.lists_default_family = true;
  EvolvingCheckpoint checkpoint;
  EXPECT_EQ(checkpoint.Start(scala).families.size(), 2u);
  const Evolution evolution = checkpoint.Start(V("a INT"));
  EXPECT_FALSE(evolution.needs_schema_file);
  EXPECT_EQ(evolution.families.size(), 2u);
}

// A checkpoint that Spark took from V1 to V2 goes on, and the file that we would have written at V2 is Spark's.
TEST(EvolutionSequence, SparksOwnEvolutionIsOurs) {
  const auto directory =
      std::filesystem::path(HOLDFAST_SOURCE_DIR) / "test/spark_compat/golden/b_v1v2/ckpt/state/0/_stateSchema/default";
  std::map<char, std::string> bytes;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (const std::string name = entry.path().filename().string(); name[0] != '.') {
      std::ifstream in(entry.path(), std::ios::binary);
      bytes[name[0]] = {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }
  }
  ASSERT_EQ(bytes.size(), 2u);
  RecordedState recorded{.schema_files = {*DecodeStateSchemaFile(bytes['0'])},
                         .variables = {{"session_state", "ValueState", false}},
                         .time_mode = "NoTime",
                         .output_mode = "Append"};
  const StateFamilySchema v2 = DecodeStateSchemaFile(bytes['3'])->front();
  const DeclaredState declared = Declare({{.name = "session_state", .value = v2.value_schema}}, "session_id STRING");

  const Evolution evolved = Evolve(recorded, declared, {});
  ASSERT_THAT(evolved.status, IsOk());
  EXPECT_EQ(EncodeStateSchemaFile(evolved.families), bytes['3']);
  EXPECT_EQ(Summary(evolved),
            "WIDENED session_state.event_count, NULL_FILLED session_state.device_type, NULL_FILLED "
            "session_state.page_category");

  recorded.schema_files.push_back(*DecodeStateSchemaFile(bytes['3']));
  const Evolution unchanged = Evolve(recorded, declared, {});
  EXPECT_FALSE(unchanged.needs_schema_file);
  EXPECT_EQ(unchanged.plan.variables[0].stored_id, 1);
  EXPECT_EQ(unchanged.plan.variables[0].written.size(), 2u);
}

}  // namespace
}  // namespace hf
