// SPDX-License-Identifier: Apache-2.0
#include "state/state_families.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "state/evolution_testing.h"
#include "support/status_matchers.h"

namespace hf {
namespace {

using test::Declare;
using test::DeclaredList;
using test::DeclaredMap;
using test::DeclaredValue;
using test::WithTtl;

// The bytes of the file that Spark wrote for a batch.
std::string Golden(const std::string& fixture, const std::string& batch) {
  const auto directory = std::filesystem::path(HOLDFAST_SOURCE_DIR) / "test/spark_compat/golden" / fixture /
                         "ckpt/state/0/_stateSchema/default";
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().filename().string().starts_with(batch + "_")) {
      std::ifstream in(entry.path(), std::ios::binary);
      return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }
  }
  return {};
}

std::string Encoded(const DeclaredState& declared, StateEncoding encoding = StateEncoding::kAvro) {
  return EncodeStateSchemaFile(FamiliesOf(declared, encoding, false));
}

// The families of Spark's file, to see what differs when bytes do.
void ExpectGolden(const std::string& fixture, const DeclaredState& declared,
                  StateEncoding encoding = StateEncoding::kAvro) {
  const std::string golden = Golden(fixture, "0");
  ASSERT_FALSE(golden.empty()) << fixture;
  const auto ours = DecodeStateSchemaFile(Encoded(declared, encoding));
  const auto sparks = DecodeStateSchemaFile(golden);
  ASSERT_THAT(ours, test::IsOk());
  ASSERT_THAT(sparks, test::IsOk());
  for (std::size_t i = 0; i < std::min(ours->size(), sparks->size()); ++i) {
    EXPECT_EQ((*ours)[i].family, (*sparks)[i].family);
    EXPECT_EQ((*ours)[i].key_schema.ToDdl(), (*sparks)[i].key_schema.ToDdl()) << (*ours)[i].family;
    EXPECT_EQ((*ours)[i].value_schema.ToDdl(), (*sparks)[i].value_schema.ToDdl()) << (*ours)[i].family;
    EXPECT_EQ((*ours)[i].key_encoder_json, (*sparks)[i].key_encoder_json) << (*ours)[i].family;
  }
  EXPECT_EQ(Encoded(declared, encoding), golden) << fixture;
}

TEST(StateFamilies, AreWhatSparkWritesForAValue) {
  const auto spark = DecodeStateSchemaFile(Golden("a_v1", "0"));
  ASSERT_THAT(spark, test::IsOk());
  ExpectGolden("a_v1", Declare({{.name = "session_state", .value = spark->front().value_schema}}, "session_id STRING"));
  ExpectGolden("d_unsaferow",
               Declare({{.name = "session_state", .value = spark->front().value_schema}}, "session_id STRING"),
               StateEncoding::kUnsafeRow);
}

TEST(StateFamilies, AreWhatSparkWritesForListMapValueAndEventTimers) {
  const auto spark = DecodeStateSchemaFile(Golden("c1_eventtime", "0"));
  ASSERT_THAT(spark, test::IsOk());
  std::vector<DeclaredVariable> variables;
  for (const StateFamilySchema& family : *spark) {
    if (!IsInternalFamily(family.family)) {
      DeclaredVariable variable{
          .name = family.family, .kind = KindOfFamily(family, *spark), .value = family.value_schema};
      if (variable.kind == VariableKind::kMap) {
        variable.user_key = *Schema::FromJson(family.user_key_schema_json);
      }
      variables.push_back(std::move(variable));
    }
  }
  ASSERT_EQ(variables.size(), 3u);
  DeclaredState declared = Declare(std::move(variables), "session_id STRING");
  declared.time_mode = "EventTime";
  ExpectGolden("c1_eventtime", declared);
}

TEST(StateFamilies, AreWhatSparkWritesForTtlAndProcessingTimers) {
  DeclaredState declared =
      Declare({WithTtl(DeclaredValue("v_ttl", "n INT, s STRING")), WithTtl(DeclaredList("l_ttl", "etype STRING")),
               WithTtl(DeclaredMap("m_ttl", "k STRING", "n INT")), DeclaredValue("plain", "n INT"),
               WithTtl(DeclaredValue("v_short", "n INT"))},
              "session_id STRING");
  declared.time_mode = "ProcessingTime";
  ExpectGolden("c2_proctime_ttl", declared);
}

TEST(StateFamilies, KindAndTtlAreReadBackFromAFile) {
  const auto file = FamiliesOf(Declare({DeclaredValue("v", "a INT"), WithTtl(DeclaredList("l", "a INT")),
                                        DeclaredMap("m", "k STRING", "a INT")}),
                               StateEncoding::kAvro, false);
  std::map<std::string, std::pair<VariableKind, bool>> found;
  for (const StateFamilySchema& family : file) {
    if (!IsInternalFamily(family.family)) {
      found[family.family] = {KindOfFamily(family, file), HasTtlFamily(family.family, file)};
      EXPECT_EQ(UserValue(family, family.family == "l").children()[0].name, "a");
    }
  }
  EXPECT_EQ(found["v"], std::pair(VariableKind::kValue, false));
  EXPECT_EQ(found["l"], std::pair(VariableKind::kList, true));
  EXPECT_EQ(found["m"], std::pair(VariableKind::kMap, false));
}

TEST(StateFamilies, AvroValuesAreNullableThroughout) {
  const DeclaredState declared = Declare({DeclaredValue("v", "a INT NOT NULL, n STRUCT<x: INT NOT NULL>")});
  EXPECT_EQ(FamiliesOf(declared, StateEncoding::kAvro, false)[0].value_schema.ToDdl(), "a INT,n STRUCT<x: INT>");
  EXPECT_EQ(FamiliesOf(declared, StateEncoding::kUnsafeRow, false)[0].value_schema, declared.variables[0].value);
  EXPECT_EQ(AsNullable(DataType::Array(DataType::Map(DataType::String(), DataType::Int(), false), false)),
            DataType::Array(DataType::Map(DataType::String(), DataType::Int())));
}

TEST(StateFamilies, TheDefaultFamilyIsScalas) {
  const auto families = FamiliesOf(Declare({DeclaredValue("v", "a INT")}), StateEncoding::kAvro, true);
  ASSERT_EQ(families.size(), 2u);
  EXPECT_EQ(families[0].family, "default");
  EXPECT_EQ(families[0].value_schema.ToDdl(), "value BINARY");
}

TEST(StateFamilies, UnknownInternalFamiliesAreTold) {
  for (const char* known : {"v", "default", "$ttl_v", "$rowCounter_l", "$min_l", "$count_l",
                            "$procTimers_keyToTimestamp", "$eventTimers_timestampToKey"}) {
    EXPECT_TRUE(IsKnownFamily(known)) << known;
  }
  for (const char* unknown : {"$ttl_", "$other_v", "$", "$procTimers_"}) {
    EXPECT_FALSE(IsKnownFamily(unknown)) << unknown;
  }
}

}  // namespace
}  // namespace hf
