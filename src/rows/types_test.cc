// SPDX-License-Identifier: Apache-2.0
#include "holdfast/types.h"

#include <gtest/gtest.h>

#include "base/check.h"
#include "rows/random_for_test.h"

namespace hf {
namespace {

Schema Ddl(std::string_view text) {
  auto schema = Schema::FromDdl(text);
  EXPECT_TRUE(schema.ok()) << schema.status().ToString();
  return schema.ok() ? *schema : Schema();
}

Status DdlFailure(std::string_view text) { return Schema::FromDdl(text).status(); }
Status JsonFailure(std::string_view type) {
  return Schema::FromJson(
             fmt::format(R"({{"type":"struct","fields":[{{"name":"a","type":{},"nullable":true,"metadata":{{}}}}]}})",
                         type))
      .status();
}

TEST(Types, EqualityLooksAtEveryLevel) {
  EXPECT_EQ(DataType::Array(DataType::Int()), DataType::Array(DataType::Int()));
  EXPECT_NE(DataType::Array(DataType::Int()), DataType::Array(DataType::Int(), false));
  EXPECT_NE(DataType::Decimal(10, 2), DataType::Decimal(10, 3));
  EXPECT_NE(Ddl("a INT"), Ddl("A INT"));
  EXPECT_NE(Ddl("a INT"), Ddl("a INT COMMENT 'x'"));
}

TEST(Types, AreNamedAsSparkNamesThem) {
  const DataType type = Ddl("a ARRAY<STRUCT<x: INT NOT NULL, `y z`: STRING>>, m MAP<STRING, DECIMAL(10,2)>").type();
  EXPECT_EQ(type.ToString(), "struct<a:array<struct<x:int,y z:string>>,m:map<string,decimal(10,2)>>");
  EXPECT_EQ(type.ToSql(), "STRUCT<a: ARRAY<STRUCT<x: INT NOT NULL, `y z`: STRING>>, m: MAP<STRING, DECIMAL(10,2)>>");
  EXPECT_EQ(DataType::TimestampNtz().ToSql(), "TIMESTAMP_NTZ");
  EXPECT_EQ(DataType::Null().ToString(), "void");
}

// What Spark 4.3.0's StructType.fromDDL(...).json and .toDDL gave for these texts.
TEST(Schema, DdlToJsonAsSpark) {
  const Schema schema = Ddl(
      R"(a INT NOT NULL COMMENT 'it''s \\n x', `b c` STRUCT<`x-y`: INT, z: ARRAY<MAP<STRING,DECIMAL>>>, ts TIMESTAMP_NTZ, `q``t` VOID)");
  EXPECT_EQ(
      schema.ToJson(),
      R"({"type":"struct","fields":[{"name":"a","type":"integer","nullable":false,"metadata":{"comment":"it's \\n x"}},)"
      R"({"name":"b c","type":{"type":"struct","fields":[{"name":"x-y","type":"integer","nullable":true,"metadata":{}},)"
      R"j({"name":"z","type":{"type":"array","elementType":{"type":"map","keyType":"string","valueType":"decimal(10,0)",)j"
      R"("valueContainsNull":true},"containsNull":true},"nullable":true,"metadata":{}}]},"nullable":true,"metadata":{}},)"
      R"({"name":"ts","type":"timestamp_ntz","nullable":true,"metadata":{}},)"
      R"({"name":"q`t","type":"void","nullable":true,"metadata":{}}]})");
}

TEST(Schema, PrintsDdlAsSpark) {
  const Schema schema = Ddl(
      R"(a INT NOT NULL COMMENT 'it''s \\n x', `b c` STRUCT<`x-y`: INT NOT NULL COMMENT 'c', z: ARRAY<MAP<STRING,DECIMAL>>>,)"
      R"( ts TIMESTAMP_NTZ, `q``t` VOID, d DECIMAL(5,2), dt DATE, bb BINARY, sh SHORT, by BYTE, l LONG, r REAL)");
  EXPECT_EQ(
      schema.ToDdl(),
      R"(a INT NOT NULL COMMENT 'it\'s \n x',`b c` STRUCT<`x-y`: INT NOT NULL COMMENT 'c', z: ARRAY<MAP<STRING, DECIMAL(10,0)>>>,)"
      R"(ts TIMESTAMP_NTZ,`q``t` VOID,d DECIMAL(5,2),dt DATE,bb BINARY,sh SMALLINT,by TINYINT,l BIGINT,r FLOAT)");
}

TEST(Schema, DdlKnowsEverySynonymInAnyCase) {
  EXPECT_EQ(Ddl("a Boolean, b tinyint, c BYTE, d smallint, e short, f int, g integer, h bigint, i long, j real, k "
                "float, l double,"
                "m dec(5), n numeric(6, 2), o decimal, p string, q binary, r date, s timestamp, t timestamp_ltz, u "
                "timestamp_ntz,"
                "v timestamp without time zone, w void")
                .ToDdl(),
            "a BOOLEAN,b TINYINT,c TINYINT,d SMALLINT,e SMALLINT,f INT,g INT,h BIGINT,i BIGINT,j FLOAT,k FLOAT,l "
            "DOUBLE,m DECIMAL(5,0),"
            "n DECIMAL(6,2),o DECIMAL(10,0),p STRING,q BINARY,r DATE,s TIMESTAMP,t TIMESTAMP,u TIMESTAMP_NTZ,v "
            "TIMESTAMP_NTZ,w VOID");
  EXPECT_EQ(Ddl("a: int, s struct<>").ToDdl(), "a INT,s STRUCT<>");
  EXPECT_EQ(Ddl("struct<a:int,b:array<string>>"), Ddl("a INT, b ARRAY<STRING>"));
  EXPECT_EQ(Ddl("struct INT").ToDdl(), "struct INT");
  EXPECT_EQ(Ddl("").size(), 0u);
}

TEST(Schema, DdlErrorsSayWhereAndWhat) {
  EXPECT_EQ(DdlFailure("a INT b INT").message(), "schema text, character 7: expected ',' or the end, found 'b'");
  EXPECT_EQ(DdlFailure("a INT,").message(),
            "schema text, character 7: expected the name of a column (others than letters, digits and _ need "
            "backticks), found the end");
  EXPECT_EQ(DdlFailure("a b-c INT").condition(), "UNSUPPORTED_DATATYPE");
  EXPECT_EQ(DdlFailure("a INT, b STRNG").message(), "schema text, character 10: \"STRNG\" is not the name of a type");
  EXPECT_EQ(DdlFailure("a INT, b ARRAY<VARIANT>").message().substr(0, 27), "schema text, character 16: ");
  EXPECT_EQ(DdlFailure("a ARRAY<INT").message(), "schema text, character 12: expected '>', found the end");
  EXPECT_EQ(DdlFailure("`a INT").message(), "schema text, character 1: the quote ` is never closed");
  EXPECT_EQ(DdlFailure("a DECIMAL(39,1)").condition(), "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION");
  EXPECT_FALSE(DdlFailure("a DECIMAL(5,6)").ok());
  EXPECT_FALSE(DdlFailure("1 INT").ok());
  EXPECT_FALSE(DdlFailure("a INT NOT").ok());
  EXPECT_FALSE(DdlFailure("a INT COMMENT x").ok());
  EXPECT_FALSE(DdlFailure("a \xFF INT").ok());
}

TEST(Schema, TypesThatHoldfastLacksAreRefusedByName) {
  for (const std::string type : {"INTERVAL", "VARIANT", "CHAR(3)", "VARCHAR(3)", "TIME(6)", "STRING COLLATE UNICODE"}) {
    EXPECT_EQ(DdlFailure("a " + type).condition(), "UNSUPPORTED_DATATYPE") << type;
  }
  for (const std::string type :
       {"interval day to second", "variant", "char(3)", "varchar(3)", "time(6)", "string collate UNICODE"}) {
    const Status status = JsonFailure('"' + type + '"');
    EXPECT_EQ(status.message(),
              fmt::format("schema: field a: the type {} of Spark is not supported by Holdfast", type));
  }
  EXPECT_FALSE(JsonFailure(R"({"type":"udt","class":"x"})").ok());
  const auto collated = Schema::FromJson(
      R"({"type":"struct","fields":[{"name":"a","type":"string","nullable":true,"metadata":{"__COLLATIONS":{"a":"icu.UNICODE"}}}]})");
  EXPECT_EQ(collated.status().condition(), "UNSUPPORTED_DATATYPE");
}

TEST(Schema, JsonTakesWhatSparkTakes) {
  const auto schema = Schema::FromJson(
      R"({"fields":[{"type":"null","name":"a"},{"name":"b","type":"timestamp_ltz","nullable":false},)"
      R"j({"name":"c","type":"decimal( 5, 2 )","nullable":true,"metadata":{"k":[1,2.0],"z":{}}},{"name":"d","type":"decimal"}],"type":"struct"})j");
  ASSERT_TRUE(schema.ok()) << schema.status().ToString();
  EXPECT_EQ(schema->ToDdl(), "a VOID,b TIMESTAMP NOT NULL,c DECIMAL(5,2),d DECIMAL(10,0)");
  EXPECT_EQ(schema->field(2).metadata_json, R"({"k":[1,2.0],"z":{}})");
}

TEST(Schema, JsonRefusesWhatSparkRefuses) {
  for (const char* type :
       {"5", "\"int\"", "\"Integer\"", "{}", R"({"type":"array","elementType":"integer"})",
        R"({"type":"map","keyType":"string","valueType":"integer"})", R"({"type":"struct"})", "\"decimal(5)\""}) {
    EXPECT_EQ(JsonFailure(type).condition(), "INVALID_JSON_DATA_TYPE") << type;
  }
  EXPECT_FALSE(Schema::FromJson("\"string\"").ok());
  EXPECT_FALSE(Schema::FromJson("{").ok());
  EXPECT_FALSE(Schema::FromJson("").ok());
}

TEST(Schema, DepthIsBounded) {
  std::string ddl = "a ";
  std::string json;
  for (int i = 0; i < 300; ++i) {
    ddl += "ARRAY<";
    json += R"({"type":"array","containsNull":true,"elementType":)";
  }
  EXPECT_NE(DdlFailure(ddl + "INT" + std::string(300, '>')).message().find("a type nests deeper than 100 levels"),
            std::string::npos);
  EXPECT_FALSE(JsonFailure(json + "\"integer\"" + std::string(300, '}')).ok());
  EXPECT_FALSE(Schema::FromJson(std::string(100'000, '[')).ok());
}

TEST(Schema, BothTextsReadBack) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Schema schema = RandomData(seed).Schema(4, 3);
    ASSERT_EQ(*Schema::Parse(schema.ToJson()), schema) << schema.ToJson();
    ASSERT_EQ(*Schema::Parse(schema.ToDdl()), schema) << schema.ToDdl();
  }
}

TEST(Schema, IndexOfIsExact) {
  const Schema schema = Ddl("a INT, b INT");
  EXPECT_EQ(schema.IndexOf("b"), 1u);
  EXPECT_EQ(schema.IndexOf("B"), std::nullopt);
}

TEST(Types, DecimalLimitsAreChecked) { EXPECT_THROW(DataType::Decimal(39, 0), InvariantError); }

}  // namespace
}  // namespace hf
