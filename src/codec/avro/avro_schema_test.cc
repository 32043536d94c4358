// SPDX-License-Identifier: Apache-2.0
#include "codec/avro/avro_schema.h"

namespace hf {
namespace {

Schema Ddl(std::string_view ddl) { return Schema::FromDdl(ddl).value(); }

TEST(AvroSchema, DecimalsTakeTheFewestBytesThatHoldTheirDigits) {
  EXPECT_EQ(DecimalSizeBytes(1), 1);
  EXPECT_EQ(DecimalSizeBytes(10), 5);
  EXPECT_EQ(DecimalSizeBytes(11), 5);
  EXPECT_EQ(DecimalSizeBytes(12), 6);
  EXPECT_EQ(DecimalSizeBytes(18), 8);
  EXPECT_EQ(DecimalSizeBytes(19), 9);
  EXPECT_EQ(DecimalSizeBytes(38), 16);
}

// Each verdict is that of Spark 4.3.0's own classes (SchemaConverters, AvroSerializer, AvroDeserializer).
TEST(AvroSchema, RefusesWhatSparksEncodersRefuse) {
  for (const char* ddl :
       {"a int, b string, n struct<x:int>", "a map<string,array<int>>", "a void", "n struct<>", "`\xc3\xa9` int",
        "topLevelRecord struct<x:int>", "n struct<m:struct<x:int>>, m struct<x:int>", "n struct<n:int>"}) {
    EXPECT_TRUE(CheckAvroState(Ddl(ddl), "state variable v").ok()) << ddl;
  }
  const std::pair<const char*, const char*> refused[] = {
      {"a smallint", "SMALLINT"},
      {"a tinyint", "TINYINT"},
      {"a array<smallint>", "'a[]'"},
      {"a map<int,int>", "keys of a map"},
      {"n struct<n:struct<x:int>>", "'n.n'"},
      {"n struct<m:struct<n:struct<x:int>>>", "'n.m.n'"},
      {"n array<struct<n:array<struct<x:int>>>>", "'n[].n[]'"},
      {"a int, A int", "this name"},
      {"`a-b` int", "Avro name"},
      {"`1a` int", "Avro name"},
  };
  for (const auto& [ddl, reason] : refused) {
    const Status status = CheckAvroState(Ddl(ddl), "state variable v");
    ASSERT_FALSE(status.ok()) << ddl;
    EXPECT_EQ(status.kind(), ErrorKind::kInvalid) << ddl;
    EXPECT_THAT(std::string(status.message()),
                testing::AllOf(testing::StartsWith("state variable v"), testing::HasSubstr(reason)))
        << ddl;
  }
}

TEST(AvroSchema, RefusesArraysOfNothingAndBottomlessNesting) {
  EXPECT_FALSE(CheckAvroState(Ddl("a array<void>"), "v").ok());
  DataType deep = DataType::Int();
  for (int i = 0; i < kAvroDepthMax + 1; ++i) {
    deep = DataType::Array(deep);
  }
  EXPECT_FALSE(CheckAvroState(Schema({{.name = "a", .type = deep}}), "v").ok());
}

// Each verdict is Java Avro 1.12.1's canReadStrategy on the Avro schemas that Spark 4.3.0 derives.
TEST(AvroSchema, ReadsWhatJavaAvroReads) {
  const std::tuple<const char*, const char*, bool> cases[] = {
      {"d decimal(10,2)", "d decimal(11,2)", true},
      {"d decimal(10,2)", "d decimal(10,3)", true},
      {"d decimal(10,2)", "d decimal(12,2)", false},
      {"d decimal(10,2)", "d binary", false},
      {"a int", "a smallint", true},
      {"a void", "a int", true},
      {"a int", "a void", false},
      {"a array<int>", "a array<bigint>", true},
      {"a array<struct<x:int>>", "a array<struct<x:int,y:int>>", true},
      {"a array<int>", "a array<string>", false},
      {"a map<string,int>", "a map<string,bigint>", true},
      {"a array<int>", "a int", false},
      {"n struct<x:int>", "m struct<x:int>", true},
      {"a date", "a timestamp", true},
      {"a string", "a binary", true},
      {"a bigint", "a float", true},
      {"a float", "a double", true},
      {"a int", "a boolean", false},
      {"a array<array<int>>", "a array<array<bigint>>", true},
      {"a timestamp", "a timestamp_ntz", true},
      {"a struct<x:int>", "a struct<x:string>", false},
      {"a struct<x:int>", "a struct<>", true},
      {"a array<struct<x:int>>", "a array<struct<x:string>>", false},
      {"a int", "b int", true},
  };
  for (const auto& [writer, reader, readable] : cases) {
    EXPECT_EQ(FindAvroMismatch(Ddl(writer).type(), Ddl(reader).type()).has_value(), !readable)
        << writer << " -> " << reader;
  }
}

TEST(AvroSchema, NamesThePathOfWhatCannotBeRead) {
  const auto found = FindAvroMismatch(Ddl("a int, n struct<l:array<struct<m:map<string,int>>>>").type(),
                                      Ddl("a int, n struct<l:array<struct<m:map<string,string>>>>").type());
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->path, "n.l[].m{}");
  EXPECT_EQ(found->writer, DataType::Int());
  EXPECT_EQ(found->reader, DataType::String());
}

}  // namespace
}  // namespace hf
