// SPDX-License-Identifier: Apache-2.0
#include "state/evolution_rules.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "codec/avro/avro_schema.h"

namespace hf {
namespace {

using ::testing::ElementsAre;

const std::vector<DataType>& Scalars() {
  static const std::vector<DataType> all = {
      DataType::Boolean(),      DataType::Byte(),         DataType::Short(),        DataType::Int(),
      DataType::Long(),         DataType::Float(),        DataType::Double(),       DataType::Decimal(10, 2),
      DataType::Decimal(11, 2), DataType::Decimal(12, 2), DataType::Decimal(10, 3), DataType::String(),
      DataType::Binary(),       DataType::Date(),         DataType::Timestamp(),    DataType::TimestampNtz()};
  return all;
}

DataType OneField(const DataType& type) { return DataType::Struct({{.name = "a", .type = type}}); }
DataType Ddl(const char* ddl) { return Schema::FromDdl(ddl)->type(); }

std::string_view Name(ChangeKind kind) {
  static constexpr std::string_view kNames[] = {"added",   "removed", "renamed", "reordered",
                                                "widened", "lossy",   "bent",    "unreadable"};
  return kNames[static_cast<int>(kind)];
}

std::vector<std::string> Changes(const char* written, const char* reading) {
  std::vector<std::string> out;
  for (const FieldChange& change : CompareStructs(Ddl(written), Ddl(reading), "v")) {
    out.push_back(
        fmt::format("{} {}{}", Name(change.kind), change.path, change.other.empty() ? "" : " -> " + change.other));
  }
  return out;
}

// The table decides meaning only; what can be read at all is Avro's, in codec/avro.
TEST(EvolutionRules, TheTableReadsExactlyWhatAvroReads) {
  for (const DataType& written : Scalars()) {
    for (const DataType& reading : Scalars()) {
      const bool avro_reads = !FindAvroMismatch(OneField(written), OneField(reading)).has_value();
      EXPECT_EQ(ScalarRule(written, reading).effect != TypeEffect::kUnreadable, avro_reads)
          << written.ToString() << " -> " << reading.ToString();
    }
  }
}

TEST(EvolutionRules, OnlyWhatKeepsEveryValueIsWidening) {
  std::set<std::string> widened;
  std::set<std::string> lossy;
  for (const DataType& written : Scalars()) {
    for (const DataType& reading : Scalars()) {
      const TypeRule rule = ScalarRule(written, reading);
      const std::string pair = written.ToString() + "->" + reading.ToString();
      if (rule.effect == TypeEffect::kWidened) {
        widened.insert(pair);
      }
      if (rule.effect == TypeEffect::kLossy) {
        lossy.insert(pair);
      }
      EXPECT_EQ(rule.effect == TypeEffect::kSame, written == reading) << pair;
      EXPECT_EQ(rule.effect == TypeEffect::kLossy || rule.effect == TypeEffect::kBent, !rule.reason.empty()) << pair;
    }
  }
  EXPECT_THAT(widened, ElementsAre("decimal(10,2)->decimal(11,2)", "float->double", "int->bigint", "int->double",
                                   "smallint->bigint", "smallint->double", "smallint->float", "smallint->int",
                                   "tinyint->bigint", "tinyint->double", "tinyint->float", "tinyint->int"));
  EXPECT_THAT(lossy, ElementsAre("bigint->double", "bigint->float", "int->float"));
}

TEST(EvolutionRules, ChangesAreFoundAtEveryDepth) {
  EXPECT_THAT(Changes("a INT", "a INT"), ElementsAre());
  EXPECT_THAT(Changes("a INT, n STRUCT<x: INT>", "a INT, n STRUCT<x: BIGINT, y: INT>"),
              ElementsAre("widened v.n.x", "added v.n.y"));
  EXPECT_THAT(Changes("t ARRAY<INT>", "t ARRAY<BIGINT>"), ElementsAre("widened v.t[]"));
  EXPECT_THAT(Changes("t ARRAY<ARRAY<INT>>", "t ARRAY<ARRAY<STRING>>"), ElementsAre("unreadable v.t[][]"));
  EXPECT_THAT(Changes("t ARRAY<STRUCT<x: INT>>", "t ARRAY<STRUCT<x: INT, y: INT>>"), ElementsAre("added v.t[].y"));
  EXPECT_THAT(Changes("m MAP<STRING, INT>", "m MAP<STRING, FLOAT>"), ElementsAre("lossy v.m{}"));
  EXPECT_THAT(Changes("m MAP<STRING, STRUCT<x: DATE>>", "m MAP<STRING, STRUCT<x: INT>>"), ElementsAre("bent v.m{}.x"));
  EXPECT_THAT(Changes("m MAP<STRING, INT>", "m MAP<BINARY, INT>"), ElementsAre("bent v.m{key}"));
  EXPECT_THAT(Changes("a STRUCT<x: INT>", "a STRING"), ElementsAre("unreadable v.a"));
  EXPECT_THAT(Changes("a ARRAY<INT>", "a MAP<STRING, INT>"), ElementsAre("unreadable v.a"));
}

TEST(EvolutionRules, AGoneFieldAndANewOneOfItsTypeMayBeARename) {
  EXPECT_THAT(Changes("page STRING, n INT", "url STRING, n INT"),
              ElementsAre("renamed v.page -> v.url", "added v.url"));
  EXPECT_THAT(Changes("a INT", "A INT"), ElementsAre("renamed v.a -> v.A", "added v.A"));
  EXPECT_THAT(Changes("a INT", "A BIGINT"), ElementsAre("renamed v.a -> v.A", "added v.A"))
      << "the same letters count more than the type";
  EXPECT_THAT(Changes("page STRING", "n INT"), ElementsAre("removed v.page", "added v.n"));
  EXPECT_THAT(Changes("a INT, b INT", "c INT"), ElementsAre("renamed v.a -> v.c", "removed v.b", "added v.c"))
      << "one new field answers for one";
  EXPECT_THAT(Changes("a INT, b INT", "c INT, B INT"),
              ElementsAre("renamed v.a -> v.c", "renamed v.b -> v.B", "added v.c", "added v.B"));
  EXPECT_THAT(Changes("n STRUCT<a: INT>, b INT", "n STRUCT<x: INT>, b INT"),
              ElementsAre("renamed v.n.a -> v.n.x", "added v.n.x"));
  EXPECT_THAT(Changes("n STRUCT<a: INT>", "n STRUCT<b: STRING>, a INT"),
              ElementsAre("removed v.n.a", "added v.n.b", "added v.a"))
      << "a field does not move between structs";
}

TEST(EvolutionRules, OrderIsReportedOnceAStruct) {
  EXPECT_THAT(Changes("a INT, b INT", "b INT, a INT"), ElementsAre("reordered v"));
  EXPECT_THAT(Changes("a INT, b INT, c INT", "a INT, x STRING, c INT"), ElementsAre("removed v.b", "added v.x"));
  EXPECT_THAT(Changes("n STRUCT<a: INT, b: INT>", "n STRUCT<b: INT, a: INT>"), ElementsAre("reordered v.n"));
}

TEST(EvolutionRules, AVoidFieldIsFilledWithNull) {
  EXPECT_THAT(Changes("a VOID", "a INT"), ElementsAre("added v.a"));
  EXPECT_THAT(Changes("a INT", "a VOID"), ElementsAre("unreadable v.a"));
}

// Whole types made at random: a change that cannot be read is found exactly where Avro finds a mismatch.
TEST(EvolutionRules, AgreesWithAvroOnRandomTypes) {
  SeededRandom random(11);
  const std::function<DataType(int)> make = [&](int depth) {
    const std::uint64_t pick = random.Below(depth > 0 ? 10 : 6);
    if (pick < 6) {
      return Scalars()[random.Below(Scalars().size())];
    }
    if (pick == 6) {
      return DataType::Array(make(depth - 1));
    }
    if (pick == 7) {
      return DataType::Map(DataType::String(), make(depth - 1));
    }
    std::vector<StructField> fields;
    for (const char* name : {"a", "b", "c"}) {
      if (random.Below(3) != 0) {
        fields.push_back({.name = name, .type = make(depth - 1)});
      }
    }
    return DataType::Struct(std::move(fields));
  };
  int unreadable = 0;
  for (int round = 0; round < 20000; ++round) {
    const DataType written = OneField(make(3));
    const DataType reading = OneField(random.Below(8) == 0 ? written.children()[0].type : make(3));
    bool found = false;
    for (const FieldChange& change : CompareStructs(written, reading, "v")) {
      found = found || change.kind == ChangeKind::kUnreadable;
    }
    EXPECT_EQ(found, FindAvroMismatch(written, reading).has_value())
        << written.ToString() << " -> " << reading.ToString();
    unreadable += found ? 1 : 0;
  }
  EXPECT_GT(unreadable, 1000);
  EXPECT_LT(unreadable, 19000);
}

TEST(EvolutionRules, FitsByPositionIgnoresNamesAndLetsNullabilityNarrow) {
  EXPECT_TRUE(FitsByPosition(Ddl("b INT"), Ddl("a INT")));
  EXPECT_TRUE(FitsByPosition(Ddl("a INT NOT NULL"), Ddl("a INT")));
  EXPECT_FALSE(FitsByPosition(Ddl("a INT"), Ddl("a INT NOT NULL")));
  EXPECT_FALSE(FitsByPosition(Ddl("a BIGINT"), Ddl("a INT")));
  EXPECT_FALSE(FitsByPosition(Ddl("a INT, b INT"), Ddl("a INT")));
  EXPECT_TRUE(FitsByPosition(Ddl("a STRUCT<x: INT>"), Ddl("a STRUCT<y: INT>")));
  EXPECT_FALSE(FitsByPosition(Ddl("a STRUCT<x: INT>"), Ddl("a STRUCT<y: STRING>")));
  EXPECT_FALSE(FitsByPosition(Ddl("a DECIMAL(10,2)"), Ddl("a DECIMAL(11,2)")));
}

TEST(EvolutionRules, ANameThatMovedIsFound) {
  EXPECT_EQ(FindMovedName(Ddl("b INT, a INT"), Ddl("a INT, b INT")), "b");
  EXPECT_EQ(FindMovedName(Ddl("b INT, c INT"), Ddl("a INT, b INT")), "b");
  EXPECT_EQ(FindMovedName(Ddl("x INT, y INT"), Ddl("a INT, b INT")), std::nullopt);
  EXPECT_EQ(FindMovedName(Ddl("n STRUCT<y: INT, x: INT>"), Ddl("n STRUCT<x: INT, y: INT>")), "y");
}

TEST(EvolutionRules, AFieldIsLackingOnlyWhereItsOwnStructIsThere) {
  const DataType written =
      Ddl("a INT, n STRUCT<x: INT>, t ARRAY<STRUCT<x: INT>>, m MAP<STRING, STRUCT<x: INT>>, nothing VOID");
  for (const char* there : {"a", "n", "n.x", "t", "t[]", "t[].x", "m", "m{}", "m{key}", "m{}.x"}) {
    EXPECT_FALSE(LacksField(written, there)) << there;
  }
  for (const char* lacking : {"b", "n.y", "t[].y", "m{}.y", "nothing"}) {
    EXPECT_TRUE(LacksField(written, lacking)) << lacking;
  }
  for (const char* below_a_missing_one : {"b.x", "b[]", "b{}.x", "n.y.z"}) {
    EXPECT_FALSE(LacksField(written, below_a_missing_one)) << below_a_missing_one;
  }
}

}  // namespace
}  // namespace hf
