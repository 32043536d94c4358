// SPDX-License-Identifier: Apache-2.0
// One change of one variable, from a checkpoint with one schema. What Spark does with each was measured on 4.3.0.
#include "state/evolution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "state/evolution_testing.h"
#include "support/status_matchers.h"

namespace hf {
namespace {

using test::Ddl;
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
using ::testing::IsEmpty;

constexpr const char* kInvalidValue = "STATE_STORE_INVALID_VALUE_SCHEMA_EVOLUTION";
constexpr const char* kKeyNotCompatible = "STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE";
constexpr const char* kTypeChange = "STATE_STORE_INVALID_VARIABLE_TYPE_CHANGE";
constexpr const char* kConfig = "STATE_STORE_INVALID_CONFIG_AFTER_RESTART";
constexpr const char* kTtlMode = "STATEFUL_PROCESSOR_INCORRECT_TIME_MODE_TO_ASSIGN_TTL";
constexpr const char* kNullable = "TRANSFORM_WITH_STATE_SCHEMA_MUST_BE_NULLABLE";
constexpr const char* kNotCompatible = "STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE";
constexpr const char* kLossy = "HOLDFAST_LOSSY_STATE_EVOLUTION";
constexpr const char* kBent = "HOLDFAST_BENT_STATE_EVOLUTION";

struct ValueCase {
  const char* before;
  const char* after;
  const char* verdicts;   // as Summary has them
  const char* condition;  // empty: the query starts
  std::vector<std::string> accept = {};
};

void PrintTo(const ValueCase& c, std::ostream* out) { *out << c.before << " => " << c.after; }

const std::vector<ValueCase> kValueCases = {
    {"a INT, b STRING", "a INT, b STRING", "SAFE v", ""},
    // Fields come.
    {"a INT", "a INT, z STRING", "NULL_FILLED v.z", ""},
    {"a INT, b STRING", "a INT, z STRING, b STRING", "NULL_FILLED v.z", ""},
    {"a INT", "z STRING, a INT", "NULL_FILLED v.z", ""},
    {"a INT", "a INT, n STRUCT<x: INT>, t ARRAY<STRING>", "NULL_FILLED v.n, NULL_FILLED v.t", ""},
    {"a INT", "a INT, z STRING NOT NULL", "NULL_FILLED v.z, REJECTED v.z!", kNullable},
    {"a VOID, b INT", "a STRING, b INT", "NULL_FILLED v.a", ""},
    // Fields go.
    {"a INT, b STRING", "a INT", "LOSSY v.b!", kLossy},
    {"a INT, b STRING", "a INT", "LOSSY v.b", "", {"v.b"}},
    {"a INT, b STRING", "a INT", "LOSSY v.b!", kLossy, {"b", "v", "w.b", "V.b"}},
    {"a INT, b STRING, c FLOAT", "a INT, c FLOAT", "LOSSY v.b!", kLossy},
    {"a INT, b STRING, c FLOAT", "b STRING", "LOSSY v.a!, LOSSY v.c!", kLossy},
    {"a INT, b STRING, c FLOAT", "b STRING", "LOSSY v.a, LOSSY v.c!", kLossy, {"v.a"}},
    {"a INT, b STRING, c FLOAT", "b STRING", "LOSSY v.a, LOSSY v.c", "", {"v.a", "v.c"}},
    {"a INT, b VOID", "a INT", "SAFE v.b", ""},
    // Fields move.
    {"a INT, b STRING", "b STRING, a INT", "SAFE v", ""},
    {"a INT, b STRING", "b STRING, z INT, a BIGINT", "WIDENED v.a, NULL_FILLED v.z, SAFE v", ""},
    // Names change.
    {"page STRING, n INT", "url STRING, n INT", "AMBIGUOUS v.page!, NULL_FILLED v.url", kLossy},
    {"page STRING, n INT", "url STRING, n INT", "AMBIGUOUS v.page, NULL_FILLED v.url", "", {"v.page"}},
    {"page STRING, n INT", "url STRING, n INT", "AMBIGUOUS v.page!, NULL_FILLED v.url", kLossy, {"v.url"}},
    {"a INT", "A INT", "AMBIGUOUS v.a!, NULL_FILLED v.A", kLossy},
    {"a INT", "A BIGINT", "AMBIGUOUS v.a!, NULL_FILLED v.A", kLossy},
    {"page STRING, n INT", "code INT, n INT", "LOSSY v.page!, NULL_FILLED v.code", kLossy},
    // Numbers widen, exactly or not.
    {"a INT", "a BIGINT", "WIDENED v.a", ""},
    {"a INT", "a DOUBLE", "WIDENED v.a", ""},
    {"a FLOAT", "a DOUBLE", "WIDENED v.a", ""},
    {"a SMALLINT", "a INT", "WIDENED v.a", ""},
    {"a TINYINT", "a INT", "WIDENED v.a", ""},
    {"a INT", "a FLOAT", "LOSSY v.a!", kLossy},
    {"a BIGINT", "a FLOAT", "LOSSY v.a!", kLossy},
    {"a BIGINT", "a DOUBLE", "LOSSY v.a!", kLossy},
    {"a BIGINT", "a DOUBLE", "LOSSY v.a", "", {"v.a"}},
    // Spark reads one thing as another.
    {"a INT", "a DATE", "REJECTED v.a!", kBent},
    {"a INT", "a DATE", "REJECTED v.a!", kBent, {"v.a"}},
    {"a DATE", "a INT", "REJECTED v.a!", kBent},
    {"a DATE", "a TIMESTAMP", "REJECTED v.a!", kBent},
    {"a BIGINT", "a TIMESTAMP", "REJECTED v.a!", kBent},
    {"a TIMESTAMP", "a BIGINT", "REJECTED v.a!", kBent},
    {"a TIMESTAMP", "a TIMESTAMP_NTZ", "REJECTED v.a!", kBent},
    {"a TIMESTAMP_NTZ", "a TIMESTAMP", "REJECTED v.a!", kBent},
    {"a STRING", "a BINARY", "REJECTED v.a!", kBent},
    {"a BINARY", "a STRING", "REJECTED v.a!", kBent},
    {"a INT", "a SMALLINT", "REJECTED v.a!, REJECTED v!", kBent},
    {"a SMALLINT", "a TINYINT", "REJECTED v.a!, REJECTED v!", kBent},
    {"a DECIMAL(10,2)", "a DECIMAL(10,3)", "REJECTED v.a!", kBent},
    {"a DECIMAL(10,2)", "a DECIMAL(11,2)", "WIDENED v.a", ""},
    // Spark refuses.
    {"a INT", "a STRING", "REJECTED v.a!", kInvalidValue},
    {"a INT", "a STRING", "REJECTED v.a!", kInvalidValue, {"v.a"}},
    {"a INT", "a BOOLEAN", "REJECTED v.a!", kInvalidValue},
    {"a INT", "a DECIMAL(10,2)", "REJECTED v.a!", kInvalidValue},
    {"a STRING", "a INT", "REJECTED v.a!", kInvalidValue},
    {"a FLOAT", "a INT", "REJECTED v.a!", kInvalidValue},
    {"a DOUBLE", "a FLOAT", "REJECTED v.a!", kInvalidValue},
    {"a DOUBLE", "a STRING", "REJECTED v.a!", kInvalidValue},
    {"a BIGINT", "a INT", "REJECTED v.a!", kInvalidValue},
    {"a BIGINT", "a STRING", "REJECTED v.a!", kInvalidValue},
    {"a DECIMAL(10,2)", "a DECIMAL(12,2)", "REJECTED v.a!", kInvalidValue},
    {"a DECIMAL(10,2)", "a DECIMAL(12,3)", "REJECTED v.a!", kInvalidValue},
    {"a STRUCT<x: INT>", "a STRING", "REJECTED v.a!", kInvalidValue},
    {"a ARRAY<INT>", "a MAP<STRING, INT>", "REJECTED v.a!", kInvalidValue},
    // Within.
    {"n STRUCT<x: INT>", "n STRUCT<x: INT, y: INT>", "NULL_FILLED v.n.y", ""},
    {"n STRUCT<x: INT>", "n STRUCT<x: BIGINT>", "WIDENED v.n.x", ""},
    {"n STRUCT<x: INT, y: STRING>", "n STRUCT<x: INT>", "LOSSY v.n.y!", kLossy},
    {"n STRUCT<x: INT, y: STRING>", "n STRUCT<x: INT>", "LOSSY v.n.y", "", {"v.n.y"}},
    {"n STRUCT<x: INT>", "n STRUCT<z: INT>", "AMBIGUOUS v.n.x!, NULL_FILLED v.n.z", kLossy},
    {"n STRUCT<x: INT>", "n STRUCT<x: STRING>", "REJECTED v.n.x!", kInvalidValue},
    {"n STRUCT<x: INT>", "n STRUCT<x: DATE>", "REJECTED v.n.x!", kBent},
    {"t ARRAY<INT>", "t ARRAY<BIGINT>", "WIDENED v.t[]", ""},
    {"t ARRAY<BIGINT>", "t ARRAY<DOUBLE>", "LOSSY v.t[]!", kLossy},
    {"t ARRAY<BIGINT>", "t ARRAY<DOUBLE>", "LOSSY v.t[]", "", {"v.t[]"}},
    {"t ARRAY<STRUCT<x: INT>>", "t ARRAY<STRUCT<x: INT, y: INT>>", "NULL_FILLED v.t[].y", ""},
    {"m MAP<STRING, INT>", "m MAP<STRING, BIGINT>", "WIDENED v.m{}", ""},
    {"m MAP<STRING, STRUCT<x: INT, y: INT>>", "m MAP<STRING, STRUCT<x: INT>>", "LOSSY v.m{}.y!", kLossy},
    {"m MAP<STRING, INT>", "m MAP<STRING, STRING>", "REJECTED v.m{}!", kInvalidValue},
    // What cannot be kept at all.
    {"a INT", "a INT, t ARRAY<VOID>", "NULL_FILLED v.t, REJECTED v!", ""},
    {"a INT", "a INT, s SMALLINT", "NULL_FILLED v.s, REJECTED v!", ""},
};

class EvolutionOfAValue : public ::testing::TestWithParam<ValueCase> {};

// The kind of variable makes no difference to its values, and neither does TTL.
TEST_P(EvolutionOfAValue, IsJudgedAlikeInValueListAndMap) {
  const ValueCase& c = GetParam();
  const auto make = [](VariableKind kind, bool ttl, const char* ddl) {
    DeclaredVariable variable = kind == VariableKind::kMap    ? DeclaredMap("v", "k STRING", ddl)
                                : kind == VariableKind::kList ? DeclaredList("v", ddl)
                                                              : DeclaredValue("v", ddl);
    variable.has_ttl = ttl;
    DeclaredState declared = Declare({variable});
    declared.time_mode = "ProcessingTime";
    return declared;
  };
  for (const VariableKind kind : {VariableKind::kValue, VariableKind::kList, VariableKind::kMap}) {
    for (const bool ttl : {false, true}) {
      EvolvingCheckpoint checkpoint;
      checkpoint.Start(make(kind, ttl, "placeholder INT"));
      checkpoint.recorded.schema_files.clear();
      checkpoint.WriteBehindOurBack(make(kind, ttl, c.before), 0);

      const Evolution evolution = Evolve(checkpoint.recorded, make(kind, ttl, c.after), {.accept = c.accept});
      EXPECT_EQ(Summary(evolution), c.verdicts) << VariableKindName(kind) << ttl;
      EXPECT_EQ(evolution.status.condition(), c.condition) << evolution.status.ToString();
      const bool starts = std::string_view(c.verdicts).find('!') == std::string_view::npos;
      EXPECT_EQ(evolution.status.ok(), starts) << evolution.status.ToString();
      if (starts) {
        EXPECT_EQ(evolution.needs_schema_file, std::string_view(c.before) != c.after);
        ASSERT_EQ(evolution.plan.variables.size(), 1u);
        EXPECT_EQ(evolution.plan.variables[0].stored_id, std::string_view(c.before) != c.after ? 1 : 0);
      }
      // Spark's own verdict is on the findings: it knows nothing of ours.
      for (const Finding& finding : evolution.findings) {
        if (finding.condition == kLossy || finding.condition == kBent) {
          EXPECT_THAT(finding.spark_condition, IsEmpty());
        } else if (finding.condition == kInvalidValue) {
          EXPECT_EQ(finding.spark_condition, kInvalidValue);
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Table, EvolutionOfAValue, ::testing::ValuesIn(kValueCases));

struct OperatorCase {
  const char* name;
  DeclaredState before;
  DeclaredState after;
  const char* verdicts;
  const char* condition;
  const char* spark;  // Spark's condition on the refused finding
  std::vector<std::string> accept = {};
  StateEncoding encoding = StateEncoding::kAvro;
};

void PrintTo(const OperatorCase& c, std::ostream* out) { *out << c.name; }

DeclaredState With(DeclaredState declared, const char* time_mode, const char* output_mode = "Append") {
  declared.time_mode = time_mode;
  declared.output_mode = output_mode;
  return declared;
}
DeclaredState Deleting(DeclaredState declared, const char* name) {
  declared.deleted.emplace_back(name);
  return declared;
}
DeclaredState NeedingValues(DeclaredState declared, std::vector<std::string> paths) {
  declared.variables[0].required_paths = std::move(paths);
  return declared;
}
DeclaredState V(const char* ddl = "a INT", const char* key = "id STRING") {
  return Declare({DeclaredValue("v", ddl)}, key);
}

std::vector<OperatorCase> VariableCases() {
  const DeclaredState two = Declare({DeclaredValue("v", "a INT"), DeclaredValue("w", "b STRING")});
  const DeclaredState map = Declare({DeclaredMap("m", "k STRING", "a INT")});
  const DeclaredState ttl = With(Declare({WithTtl(DeclaredValue("v", "a INT"))}), "ProcessingTime");
  const DeclaredState no_ttl = With(V(), "ProcessingTime");
  return {
      {"add variable", V(), two, "SAFE v, SAFE w", "", ""},
      {"remove variable", two, V(), "SAFE v, LOSSY w!", kLossy, ""},
      {"remove variable, accepted", two, V(), "SAFE v, LOSSY w", "", "", {"w"}},
      {"remove variable, a field of it accepted", two, V(), "SAFE v, LOSSY w!", kLossy, "", {"w.b"}},
      {"remove variable, unsafe row", two, V(), "SAFE v, LOSSY w!", kLossy, "", {}, StateEncoding::kUnsafeRow},
      {"remove by DeleteIfExists", two, Deleting(V(), "w"), "SAFE v, SAFE w", "", ""},
      {"rename variable", V(), Declare({DeclaredValue("x", "a INT")}), "SAFE x, AMBIGUOUS v!", kLossy, ""},
      {"rename variable, accepted", V(), Declare({DeclaredValue("x", "a INT")}), "SAFE x, AMBIGUOUS v", "", "", {"v"}},
      {"rename variable, deleted", V(), Deleting(Declare({DeclaredValue("x", "a INT")}), "v"), "SAFE x, SAFE v", "",
       ""},
      {"another variable", V(), Declare({DeclaredValue("x", "b STRING")}), "SAFE x, LOSSY v!", kLossy, ""},
      {"swap order", two, Declare({DeclaredValue("w", "b STRING"), DeclaredValue("v", "a INT")}), "SAFE w, SAFE v", "",
       ""},
      {"value to list", V(), Declare({DeclaredList("v", "a INT")}), "REJECTED v!", kTypeChange, kTypeChange},
      {"list to value", Declare({DeclaredList("v", "a INT")}), V(), "REJECTED v!", kTypeChange, kTypeChange},
      {"value to list of another type", V(), Declare({DeclaredList("v", "a STRING")}), "REJECTED v!", kInvalidValue,
       kInvalidValue},
      {"value to map", V(), Declare({DeclaredMap("v", "k STRING", "a INT")}), "REJECTED v!", kKeyNotCompatible,
       kKeyNotCompatible},
      {"list to map", Declare({DeclaredList("v", "a INT")}), Declare({DeclaredMap("v", "k STRING", "a INT")}),
       "REJECTED v!", kKeyNotCompatible, kKeyNotCompatible},
      {"map to value", map, Declare({DeclaredValue("m", "a INT")}), "REJECTED m!", kKeyNotCompatible,
       kKeyNotCompatible},
      {"TTL on", no_ttl, ttl, "REJECTED v!", kBent, ""},
      {"TTL off", ttl, no_ttl, "REJECTED v!", kBent, ""},
      {"TTL and a field", ttl, With(Declare({WithTtl(DeclaredValue("v", "a INT, b INT"))}), "ProcessingTime"),
       "NULL_FILLED v.b", "", ""},
      {"add TTL variable", no_ttl,
       With(Declare({DeclaredValue("v", "a INT"), WithTtl(DeclaredValue("w", "a INT"))}), "ProcessingTime"),
       "SAFE v, SAFE w", "", ""},
      {"TTL without time mode", two,
       Declare({DeclaredValue("v", "a INT"), DeclaredValue("w", "b STRING"), WithTtl(DeclaredValue("x", "a INT"))}),
       "SAFE v, SAFE w, SAFE x, REJECTED x!", kTtlMode, kTtlMode},
      {"TTL in event time", With(V(), "EventTime"),
       With(Declare({DeclaredValue("v", "a INT"), WithTtl(DeclaredValue("x", "a INT"))}), "EventTime"),
       "SAFE v, SAFE x, REJECTED x!", kTtlMode, kTtlMode},
      {"time mode None to ProcessingTime", V(), With(V(), "ProcessingTime"), "REJECTED!, SAFE v", kConfig, kConfig},
      {"time mode ProcessingTime to None", With(V(), "ProcessingTime"), V(), "REJECTED!, SAFE v", kConfig, kConfig},
      {"time mode None to EventTime", V(), With(V(), "EventTime"), "REJECTED!, SAFE v", kConfig, kConfig},
      {"output mode Append to Update", V(), With(V(), "NoTime", "Update"), "REJECTED!, SAFE v", kConfig, kConfig},
      {"output mode Complete", V(), With(V(), "NoTime", "Complete"), "REJECTED!, REJECTED!, SAFE v",
       "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
  };
}

std::vector<OperatorCase> KeyAndMemberCases() {
  const DeclaredState map = Declare({DeclaredMap("m", "k STRING", "a INT")});
  return {
      {"key string to int", V(), V("a INT", "id INT"), "REJECTED {key}!, SAFE v", kKeyNotCompatible, kKeyNotCompatible},
      {"key int to long", V("a INT", "id INT"), V("a INT", "id BIGINT"), "REJECTED {key}!, SAFE v", kKeyNotCompatible,
       kKeyNotCompatible},
      {"add key column", V(), V("a INT", "id STRING, day INT"), "REJECTED {key}!, SAFE v", kKeyNotCompatible,
       kKeyNotCompatible},
      {"drop key column", V("a INT", "id STRING, day INT"), V(), "REJECTED {key}!, SAFE v", kKeyNotCompatible,
       kKeyNotCompatible},
      {"rename key column", V(), V("a INT", "user STRING"), "SAFE {key}, SAFE v", "", ""},
      {"key column may be null", V("a INT", "id STRING NOT NULL"), V(), "REJECTED {key}!, SAFE v", kKeyNotCompatible,
       kKeyNotCompatible},
      {"key column is never null", V(), V("a INT", "id STRING NOT NULL"), "SAFE {key}, SAFE v", "", ""},
      {"swap key columns", V("a INT", "x INT, y INT"), V("a INT", "y INT, x INT"), "REJECTED {key}.y!, SAFE v", kBent,
       ""},
      {"key of a map's query", map, Declare({DeclaredMap("m", "k STRING", "a INT")}, "id INT"),
       "REJECTED {key}!, SAFE m", kKeyNotCompatible, kKeyNotCompatible},
      // The user's key of a map.
      {"map key rename", map, Declare({DeclaredMap("m", "word STRING", "a INT")}), "SAFE m{key}", "", ""},
      {"map key adds a field", map, Declare({DeclaredMap("m", "k STRING, l INT", "a INT")}), "REJECTED m{key}!",
       kKeyNotCompatible, kKeyNotCompatible},
      {"map key int to long", Declare({DeclaredMap("m", "k INT", "a INT")}),
       Declare({DeclaredMap("m", "k BIGINT", "a INT")}), "REJECTED m{key}!", kKeyNotCompatible, kKeyNotCompatible},
      {"map key int to string", Declare({DeclaredMap("m", "k INT", "a INT")}), map, "REJECTED m{key}!",
       kKeyNotCompatible, kKeyNotCompatible},
      {"map key swaps fields", Declare({DeclaredMap("m", "k INT, l INT", "a INT")}),
       Declare({DeclaredMap("m", "l INT, k INT", "a INT")}), "REJECTED m{key}.l!", kBent, ""},
      // Members of a C++ struct that are not optional.
      {"member new and not optional", V(), NeedingValues(V("a INT, b INT"), {"a", "b"}),
       "NULL_FILLED v.b, REJECTED v.b!", kNullable, ""},
      {"member there and not optional", V(), NeedingValues(V("a INT, b INT"), {"a"}), "NULL_FILLED v.b", "", ""},
      {"nested member not optional", V("n STRUCT<x: INT>"), NeedingValues(V("n STRUCT<x: INT, y: INT>"), {"n.y"}),
       "NULL_FILLED v.n.y, REJECTED v.n.y!", kNullable, ""},
      {"member of a new optional struct", V(), NeedingValues(V("a INT, n STRUCT<x: INT>"), {"n.x"}), "NULL_FILLED v.n",
       "", ""},
      {"member of a new variable", Declare({}), NeedingValues(V(), {"a"}), "SAFE v", "", ""},
  };
}

// Names only.
std::vector<OperatorCase> UnsafeRowCases() {
  const auto unsafe = StateEncoding::kUnsafeRow;
  return {
      {"unsafe row unchanged", V(), V(), "SAFE v", "", "", {}, unsafe},
      {"unsafe row adds a field", V(), V("a INT, b INT"), "REJECTED v!", kNotCompatible, kNotCompatible, {}, unsafe},
      {"unsafe row int to long", V(), V("a BIGINT"), "REJECTED v!", kNotCompatible, kNotCompatible, {}, unsafe},
      {"unsafe row removes a field", V("a INT, b INT"), V(), "REJECTED v!", kNotCompatible, kNotCompatible, {}, unsafe},
      {"unsafe row renames a field", V(), V("b INT"), "SAFE v", "", "", {}, unsafe},
      {"unsafe row may be null now",
       V("a INT NOT NULL"),
       V(),
       "REJECTED v!",
       kNotCompatible,
       kNotCompatible,
       {},
       unsafe},
      {"unsafe row is never null now", V(), V("a INT NOT NULL"), "SAFE v", "", "", {}, unsafe},
      {"unsafe row swaps fields", V("a INT, b INT"), V("b INT, a INT"), "REJECTED v.b!", kBent, "", {}, unsafe},
      {"unsafe row with a short", V("a SMALLINT"), V("a SMALLINT"), "SAFE v", "", "", {}, unsafe},
  };
}

class EvolutionOfAnOperator : public ::testing::TestWithParam<OperatorCase> {};

TEST_P(EvolutionOfAnOperator, IsJudged) {
  const OperatorCase& c = GetParam();
  const EvolutionOptions options{.accept = c.accept, .encoding = c.encoding};
  EvolvingCheckpoint checkpoint;
  checkpoint.recorded.schema_files.push_back(FamiliesOf(c.before, c.encoding, false));
  for (const DeclaredVariable& variable : c.before.variables) {
    checkpoint.recorded.variables.push_back(
        {variable.name, std::string(VariableKindName(variable.kind)), variable.has_ttl});
  }
  checkpoint.recorded.time_mode = c.before.time_mode;
  checkpoint.recorded.output_mode = c.before.output_mode;

  const Evolution evolution = Evolve(checkpoint.recorded, c.after, options);
  EXPECT_EQ(Summary(evolution), c.verdicts);
  EXPECT_EQ(evolution.status.condition(), c.condition) << evolution.status.ToString();
  EXPECT_EQ(evolution.status.ok(), std::string_view(c.condition).empty()) << evolution.status.ToString();
  for (const Finding& finding : evolution.findings) {
    EXPECT_FALSE(finding.sentence.empty());
    if (finding.refused) {
      EXPECT_EQ(finding.spark_condition, finding.condition == c.condition ? c.spark : finding.spark_condition);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Variables, EvolutionOfAnOperator, ::testing::ValuesIn(VariableCases()));
INSTANTIATE_TEST_SUITE_P(KeysAndMembers, EvolutionOfAnOperator, ::testing::ValuesIn(KeyAndMemberCases()));
INSTANTIATE_TEST_SUITE_P(UnsafeRow, EvolutionOfAnOperator, ::testing::ValuesIn(UnsafeRowCases()));

TEST(Evolution, EveryVariableHasAVerdictAndANewCheckpointAFile) {
  const Evolution evolution = Evolve({}, Declare({DeclaredValue("v", "a INT"), DeclaredList("l", "b INT")}), {});
  ASSERT_THAT(evolution.status, IsOk());
  EXPECT_EQ(Summary(evolution), "SAFE v, SAFE l");
  EXPECT_TRUE(evolution.needs_schema_file);
  EXPECT_EQ(evolution.families.size(), 3u);
  EXPECT_EQ(evolution.plan.key_schema.ToDdl(), "id STRING");
  ASSERT_NE(evolution.plan.Find("v"), nullptr);
  EXPECT_EQ(evolution.plan.Find("v")->stored_id, 0);
  EXPECT_EQ(evolution.plan.Find("v")->written.size(), 1u);
}

TEST(Evolution, ARefusalNamesTheConfTextToSet) {
  EvolvingCheckpoint checkpoint;
  checkpoint.Start(Declare({DeclaredValue("s", "page STRING, n BIGINT, kept INT"), DeclaredValue("t", "x INT")}));
  const DeclaredState after = Declare({DeclaredValue("s", "n DOUBLE, kept INT"), DeclaredValue("t", "y INT")});
  const Status refused = checkpoint.Start(after, {.accept = {"old.path"}}).status;
  EXPECT_THAT(refused, HasKind(ErrorKind::kIncompatible));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("set holdfast.evolution.accept=old.path,s.page,s.n,t.x"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("s.page (STRING) is gone"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("s.n changes from BIGINT to DOUBLE"));
  EXPECT_THAT(checkpoint.Start(after, {.accept = {"old.path", "s.page", "s.n", "t.x"}}).status, IsOk());
}

TEST(Evolution, AVariableThatIsGoneIsRefusedWithBothWaysOut) {
  EvolvingCheckpoint checkpoint;
  checkpoint.Start(Declare({DeclaredValue("v", "a INT"), DeclaredList("clicks", "b STRING")}));
  const DeclaredState after = V();
  const Status refused = checkpoint.Start(after).status;
  EXPECT_THAT(refused, HasKind(ErrorKind::kIncompatible));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("clicks is not declared any more"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("DeleteIfExists in Init"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("set holdfast.evolution.accept=clicks"));
  ASSERT_THAT(checkpoint.Start(after, {.accept = {"clicks"}}).status, IsOk());
  // What was accepted then is history.
  EXPECT_EQ(Summary(checkpoint.Start(after)), "SAFE v");
}

TEST(Evolution, WhatNoSettingAllowsIsNamedBeforeWhatOneDoes) {
  EvolvingCheckpoint checkpoint;
  checkpoint.Start(Declare({DeclaredValue("v", "lost INT, bent INT, unreadable INT")}));
  const Status all = checkpoint.Start(Declare({DeclaredValue("v", "bent DATE, unreadable STRING")})).status;
  EXPECT_EQ(all.condition(), kInvalidValue);
  EXPECT_THAT(std::string(all.message()), HasSubstr("refused as well: v.bent, v.lost"));
  EXPECT_EQ(checkpoint.Start(Declare({DeclaredValue("v", "bent DATE, unreadable INT")})).status.condition(), kBent);
}

TEST(Evolution, SparkIsQuotedWhereItsCheckAcceptsAndItsReadingFails) {
  EvolvingCheckpoint checkpoint;
  checkpoint.Start(Declare({DeclaredValue("v", "a INT")}));
  const Evolution evolution = checkpoint.Start(Declare({DeclaredValue("v", "a SMALLINT")}));
  EXPECT_THAT(evolution.findings[0].spark_condition, IsEmpty());
  EXPECT_THAT(evolution.findings[0].spark_then, HasSubstr("IncompatibleSchemaException"));
}

TEST(Evolution, MembersAreComparedWithEveryEarlierSchema) {
  const std::vector<DataType> written = {Ddl("a INT").type(), Ddl("a INT, b INT").type()};
  EXPECT_THAT(CheckMembersHaveValues("v", {"a"}, written), IsOk());
  const Status refused = CheckMembersHaveValues("v", {"a", "b"}, written);
  EXPECT_THAT(refused, HasKind(ErrorKind::kIncompatible));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("v.b is not optional"));
  EXPECT_THAT(CheckMembersHaveValues("v", {"a", "b"}, {}), IsOk());
}

}  // namespace
}  // namespace hf
