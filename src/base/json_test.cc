// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace hf {
namespace {

Json MustParse(std::string_view text) {
  Result<Json> parsed = ParseJson(text);
  EXPECT_TRUE(parsed.ok()) << parsed.status().ToString();
  return parsed.ok() ? std::move(parsed).value() : Json();
}

TEST(Json, WritesWhatItReadWithTheSameBytes) {
  for (std::string_view text :
       {R"({"b":1,"a":[true,null,"x"],"c":{"z":-5,"y":18446744073709551615}})", R"("\u0001\u001F\"\\\b\f\n\r\t/")",
        "[]", "{}", "\"\u00e4\U0001F600\u007f\"", "[1.0,0.1,1.0E10,-2.5E-7]"}) {
    EXPECT_EQ(DumpJson(MustParse(text)), text);
  }
}

TEST(Json, NonFiniteDoublesBecomeTextAsInJackson) {
  Json value = Json::array();
  value.push_back(std::numeric_limits<double>::quiet_NaN());
  value.push_back(-std::numeric_limits<double>::infinity());
  EXPECT_EQ(DumpJson(value), R"(["NaN","-Infinity"])");
}

TEST(Json, PrettyPrintsAsJackson) {
  EXPECT_EQ(DumpJsonPretty(MustParse(R"({"a":1,"b":{"c":[1,{"d":2}],"e":{}},"f":[]})")),
            "{\n  \"a\" : 1,\n  \"b\" : {\n    \"c\" : [ 1, {\n      \"d\" : 2\n    } ],\n    \"e\" : { }\n  },\n  "
            "\"f\" : [ ]\n}");
}

TEST(Json, InvalidUtf8IsRefusedOnReadingAndReplacedOnWriting) {
  EXPECT_EQ(ParseJson("\"\xff\"").status().kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(DumpJson(Json("a\xffz")), "\"a\uFFFDz\"");
  Json object = Json::object();
  object["k\xff"] = 1;
  EXPECT_EQ(DumpJson(object), "{\"k\uFFFD\":1}");
}

TEST(Json, ErrorNamesTheByte) {
  const Status status = ParseJson(R"({"a":1,})").status();
  EXPECT_EQ(status.kind(), ErrorKind::kCorrupt);
  EXPECT_THAT(std::string(status.message()), testing::StartsWith("not valid JSON at byte 8 of 8: "));
}

TEST(Json, EveryPrefixOfAnObjectIsRefused) {
  const std::string text = R"({"a":[1,2.5,"x\u0041"],"b":{"c":null}})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(ParseJson(std::string_view(text).substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(ParseJson(text + "{}").ok());
  EXPECT_FALSE(ParseJson("1e999").ok());
}

TEST(Json, DeepNestingIsRefusedNotFollowed) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(ParseJson(nested(kJsonDepthMax)).ok());
  EXPECT_THAT(std::string(ParseJson(nested(kJsonDepthMax + 1)).status().message()),
              testing::HasSubstr("deeper than 1000"));
  EXPECT_FALSE(ParseJson(std::string(10'000'000, '[')).ok());
  // Brackets within text do not count.
  EXPECT_TRUE(ParseJson("\"\\\"" + std::string(5000, '[') + "\"").ok());
}

TEST(Json, RepeatedKeyTakesItsLastValue) { EXPECT_EQ(GetInt64(MustParse(R"({"a":1,"a":2})"), "a").value(), 2); }

TEST(Json, RepeatedKeyIsRefusedByNameWhereThatIsAskedFor) {
  const auto refused = [](std::string_view text) {
    return std::string(ParseJson(text, RepeatedKeys::kRefused).status().message());
  };
  EXPECT_NE(refused(R"({"a":1,"b":2,"a":3})").find("\"a\""), std::string::npos);
  EXPECT_NE(refused(R"({"b":[1,{"x":1}],"a":{"o":{"x":1,"x":1}}})").find("\"a.o.x\""), std::string::npos);
  EXPECT_TRUE(ParseJson(R"({"a":{"x":1},"b":{"x":1},"c":[{"x":1},{"x":1}]})", RepeatedKeys::kRefused).ok());
}

TEST(Json, GettersReturnWhatIsThere) {
  const Json object = MustParse(R"({"s":"x","i":-9223372036854775808,"d":0.5,"t":true,"o":{},"a":[],"n":null})");
  EXPECT_EQ(GetString(object, "s").value(), "x");
  EXPECT_EQ(GetInt64(object, "i").value(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(GetDouble(object, "d").value(), 0.5);
  EXPECT_TRUE(GetBool(object, "t").value());
  EXPECT_TRUE(GetObject(object, "o").value()->empty());
  EXPECT_TRUE(GetArray(object, "a").value()->is_array());
  EXPECT_EQ(FindString(object, "n").value(), std::nullopt);
  EXPECT_EQ(FindString(object, "absent").value(), std::nullopt);
  EXPECT_EQ(FindString(object, "s").value(), "x");
  EXPECT_EQ(FindInt64(object, "absent").value(), std::nullopt);
  EXPECT_EQ(FindBool(object, "t").value(), true);
}

TEST(Json, GettersNameTheKeyThatIsWrong) {
  const Json object = MustParse(R"({"s":"x","big":9223372036854775808,"half":0.5})");
  EXPECT_EQ(GetString(object, "absent").status().message(), "JSON key \"absent\" is missing");
  EXPECT_EQ(GetInt64(object, "s").status().message(), "JSON key \"s\" holds a string, not a 64-bit integer");
  EXPECT_FALSE(GetInt64(object, "big").ok());
  EXPECT_FALSE(GetInt64(object, "half").ok());
  EXPECT_FALSE(GetDouble(object, "s").ok());
  EXPECT_FALSE(GetBool(object, "s").ok());
  EXPECT_FALSE(GetObject(object, "s").ok());
  EXPECT_FALSE(GetArray(object, "s").ok());
  EXPECT_FALSE(GetString(object, "half").ok());
  EXPECT_FALSE(FindString(object, "half").ok());
  EXPECT_FALSE(FindInt64(object, "s").ok());
  EXPECT_FALSE(FindBool(object, "s").ok());
  EXPECT_FALSE(GetString(Json::array(), "s").ok());
  EXPECT_EQ(FindKey(Json(5), "s"), nullptr);
}

}  // namespace
}  // namespace hf
