// SPDX-License-Identifier: Apache-2.0
#include "connect/file/path_pattern.h"

#include <gtest/gtest.h>

namespace hf {
namespace {

bool Matches(std::string_view pattern, std::string_view name) {
  const Result<NameFilter> filter = NameFilter::Parse(pattern);
  EXPECT_TRUE(filter.ok()) << filter.status().ToString();
  return filter.ok() && filter->Matches(name);
}

TEST(PathPattern, OnlyTheGlobCharactersMakeAPathAPattern) {
  EXPECT_FALSE(IsPathPattern("/data/events-1.json"));
  for (const char* pattern : {"/d*", "/d?", "/[a]", "/{a}", "/a\\*"}) {
    EXPECT_TRUE(IsPathPattern(pattern)) << pattern;
  }
}

TEST(PathPattern, StarTakesAnyNumberOfCharacters) {
  EXPECT_TRUE(Matches("*", ""));
  EXPECT_TRUE(Matches("*.json", "a.json"));
  EXPECT_TRUE(Matches("a*b*c", "a-b-b-c"));
  EXPECT_FALSE(Matches("a*b*c", "a-b-b"));
  EXPECT_FALSE(Matches("*.json", "a.json.tmp"));
  EXPECT_TRUE(Matches("**x", "yx"));
}

TEST(PathPattern, QuestionMarkTakesOneCharacterOfAnyLength) {
  EXPECT_TRUE(Matches("a?c", "abc"));
  EXPECT_TRUE(Matches("a?c",
                      "a\xC3\xA9"
                      "c"));
  EXPECT_TRUE(Matches("a?c",
                      "a\xFF"
                      "c"));
  EXPECT_FALSE(Matches("a?c", "ac"));
}

TEST(PathPattern, ClassesHaveRangesAndNegation) {
  EXPECT_TRUE(Matches("v[12]-*", "v2-0"));
  EXPECT_FALSE(Matches("v[12]-*", "v3-0"));
  EXPECT_TRUE(Matches("v[0-9]", "v7"));
  EXPECT_TRUE(Matches("v[^0-9]", "vx"));
  EXPECT_FALSE(Matches("v[^0-9]", "v7"));
  EXPECT_TRUE(Matches("v[]]", "v]"));
  EXPECT_TRUE(Matches("v[a-]", "v-"));
  EXPECT_TRUE(Matches("v[\xC3\xA0-\xC3\xBF]", "v\xC3\xA9"));
}

TEST(PathPattern, BackslashTakesTheMeaningAway) {
  EXPECT_TRUE(Matches("a\\*", "a*"));
  EXPECT_FALSE(Matches("a\\*", "ab"));
  EXPECT_TRUE(Matches("\\{a,b\\}", "{a,b}"));
}

TEST(PathPattern, BracesNestAndKeepTheirOrder) {
  EXPECT_EQ(ExpandBraces("/x/{a,b{c,d}}/{e/f,g}").value(),
            (std::vector<std::string>{"/x/a/e/f", "/x/a/g", "/x/bc/e/f", "/x/bc/g", "/x/bd/e/f", "/x/bd/g"}));
  EXPECT_EQ(ExpandBraces("a{}b").value(), std::vector<std::string>{"ab"});
  EXPECT_EQ(ExpandBraces("\\{a,b\\}").value(), std::vector<std::string>{"\\{a,b\\}"});
}

TEST(PathPattern, BrokenPatternsAreRefusedWithThePattern) {
  for (const char* pattern : {"{a,b", "[ab", "a\\", "[z-a]", "{a,{b}"}) {
    const Result<NameFilter> filter = NameFilter::Parse(pattern);
    ASSERT_FALSE(filter.ok()) << pattern;
    EXPECT_EQ(filter.status().kind(), ErrorKind::kInvalid);
    EXPECT_NE(filter.status().ToString().find(pattern), std::string::npos) << filter.status().ToString();
  }
}

TEST(PathPattern, TooManyAlternativesAreRefused) {
  std::string pattern;
  for (int i = 0; i < 12; ++i) {
    pattern += "{a,b}";
  }
  EXPECT_FALSE(ExpandBraces(pattern).ok());
}

TEST(PathPattern, ManyStarsDoNotTakeExponentialTime) {
  std::string pattern;
  for (int i = 0; i < 40; ++i) {
    pattern += "a*";
  }
  EXPECT_FALSE(Matches(pattern + "b", std::string(2000, 'a')));
}

TEST(PathPattern, ALiteralKnowsItsText) {
  EXPECT_TRUE(NamePattern::Parse("a\\*b")->is_literal());
  EXPECT_EQ(NamePattern::Parse("a\\*b")->literal(), "a*b");
  EXPECT_FALSE(NamePattern::Parse("a*b")->is_literal());
}

}  // namespace
}  // namespace hf
