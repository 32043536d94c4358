// SPDX-License-Identifier: Apache-2.0
#include "codec/json/json_path.h"

#include <gtest/gtest.h>

namespace hf {
namespace {

std::string At(std::string_view path, std::string_view json) {
  const auto parsed = JsonPath::Parse(path);
  return parsed.has_value() ? parsed->Find(json).value_or("(nothing)") : "(no path)";
}

TEST(JsonPath, FollowsNamesAndIndexes) {
  constexpr std::string_view kJson = R"( {"a": {"b c": [1, {"d": "x\ty"}]}, "e": 1.50} trailing)";
  EXPECT_EQ(At("$.a['b c'][1].d", kJson), "x\ty");
  EXPECT_EQ(At("$.a", kJson), R"({"b c":[1,{"d":"x\ty"}]})");
  EXPECT_EQ(At("$.e", kJson), "1.5");
  EXPECT_EQ(At("$.a['b c'][2]", kJson), "(nothing)");
  EXPECT_EQ(At("$.a[0]", kJson), "(nothing)");
  EXPECT_EQ(At("$", "\"text\""), "text");
}

TEST(JsonPath, WhatIsNoJsonHasNothingWhereverItIsBroken) {
  EXPECT_EQ(At("$.a", R"({"a":1)"), "(nothing)");
  EXPECT_EQ(At("$.a", R"({"a":1,"b":})"), "(nothing)");
  EXPECT_EQ(At("$.a", R"({"a":NaN})"), "(nothing)");
  EXPECT_EQ(At("$.a", "{\"a\":\"\xFF\"}"), "(nothing)");
  EXPECT_EQ(At("$.a", ""), "(nothing)");
  const std::string deep = "{\"a\":" + std::string(5000, '[') + std::string(5000, ']') + "}";
  EXPECT_EQ(At("$.a", deep), "(nothing)");
  EXPECT_EQ(At("$.b", deep), "(nothing)");
}

TEST(JsonPath, OtherPathsAreNone) {
  for (const char* path : {"", "a", "$.", "$..a", "$.*", "$[*]", "$.a[-1]", "$[x]", "$['a", "$.a ", "$[99999999999]"}) {
    EXPECT_EQ(At(path, "{}"), "(no path)") << path;
  }
}

}  // namespace
}  // namespace hf
