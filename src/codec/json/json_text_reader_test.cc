// SPDX-License-Identifier: Apache-2.0
#include "codec/json/json_text_reader.h"

#include <gtest/gtest.h>

namespace hf {
namespace {

std::string Read(const std::string& field, std::string_view json) {
  const Schema schema = Schema::FromDdl(field).value();
  const DataType type = schema.field(0).type;
  JsonTextReader reader(type, {});
  ColumnBuilder builder(type);
  reader.Read(json, builder);
  reader.Read("{}", builder);  // what came before leaves nothing open
  return ToJson(ColumnBatch(schema, {builder.Finish()}, 2).RowAt(0), schema);
}

TEST(JsonTextReader, ReadsATextOfSeveralLines) {
  EXPECT_EQ(Read("v STRUCT<a: INT, b: STRING>", "\n{\n \"a\" :\r\n1,\t\"b\":{\n\"c\": 2.50 }}\nrest"),
            R"({"v":{"a":1,"b":"{\"c\":2.5}"}})");
  EXPECT_EQ(Read("v MAP<STRING, INT>", "{\"x\":\n1}"), R"({"v":{"x":1}})");
  EXPECT_EQ(Read("v ARRAY<STRUCT<a: INT>>", "{\"a\":1}"), R"({"v":[{"a":1}]})");
}

TEST(JsonTextReader, WhatIsNoJsonIsAStructOfNullsOrNull) {
  for (const char* json : {"{", "{\"a\":1", "[1]", "nul", "{\"a\":1,\"b\":\"x\ny\"}", "\"x\""}) {
    EXPECT_EQ(Read("v STRUCT<a: INT, b: STRING>", json), R"({"v":{"a":null,"b":null}})") << json;
    EXPECT_EQ(Read("v MAP<STRING, BOOLEAN>", json), R"({"v":null})") << json;
  }
  EXPECT_EQ(Read("v STRUCT<a: INT, b: STRING>", "{\"a\":\"x\",\"b\":\"y\"}"), R"({"v":{"a":null,"b":"y"}})");
  EXPECT_EQ(Read("v STRUCT<a: INT>", " \n\t "), R"({"v":null})");
  EXPECT_EQ(Read("v ARRAY<INT>", "[1,\"x\"]"), R"({"v":null})");
}

}  // namespace
}  // namespace hf
