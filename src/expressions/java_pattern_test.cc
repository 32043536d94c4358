// SPDX-License-Identifier: Apache-2.0
#include "expressions/java_pattern.h"

#include <gtest/gtest.h>

namespace hf {
namespace {

std::string Replaced(std::string_view pattern, std::string_view text, std::string_view by) {
  const auto compiled = JavaPattern::Compile(pattern);
  const auto replacement = compiled != nullptr ? compiled->ReadReplacement(by) : std::nullopt;
  return replacement.has_value() ? compiled->ReplaceAll(text, *replacement).value() : "(refused)";
}

TEST(JavaPattern, ReplacesEveryMatchAsJavaDoes) {
  EXPECT_EQ(Replaced(R"((\w+)@(\w+))", "me@home, you@work", "$2 at $1"), "home at me, work at you");
  EXPECT_EQ(Replaced("x*", "axb", "-"), "-a--b-");
  EXPECT_EQ(Replaced("a$", "a\na\r\n", "b"), "a\nb\r\n");
  EXPECT_EQ(Replaced("^a", "aa", "b"), "ba") << "the text begins once";
  EXPECT_EQ(Replaced(".", "a\n😀", "x"), "x\nx");
  EXPECT_EQ(Replaced("(a)|b", "ab", R"(<$1\$>)"), "<a$><$>");
  EXPECT_EQ(Replaced("a", "a", "$1"), "(refused)");
  EXPECT_EQ(Replaced("a", "a", "\\"), "(refused)");
}

TEST(JavaPattern, SplitsBetweenMatches) {
  const auto spaces = JavaPattern::Compile("\\s*,\\s*|;");
  using Parts = std::vector<std::string>;
  EXPECT_EQ(spaces->Split("a , b;c,", -1).value(), (Parts{"a", "b", "c", ""}));
  EXPECT_EQ(spaces->Split(",a;b", 2).value(), (Parts{"", "a;b"}));
  EXPECT_EQ(spaces->Split("", 0).value(), (Parts{""}));
  EXPECT_TRUE(JavaPattern::Compile("a*")->may_match_nothing());
}

TEST(JavaPattern, WhatIsNotPlainIsRefused) {
  for (const char* pattern :
       {"(?i)a", "a++",  R"((a)\1)", "(?=a)",   "(?<n>a)", R"(\bfoo)", R"(\p{L})", "[a&&b]", "[[a]b]",
        "[]a]",  "a||b", "|a",       "(a*)*",   "(",       "a)",       "[a",       "a{2",    "a{,2}",
        "*a",    "a**",  "^*",       "a{1001}", R"([\D])", "[z-a]",    "\\",       "[^]a]"}) {
    EXPECT_EQ(JavaPattern::Compile(pattern), nullptr) << pattern;
  }
  EXPECT_EQ(JavaPattern::Compile(std::string(1000, '(') + "a" + std::string(1000, ')')), nullptr);
}

TEST(JavaPattern, AMatchThatTakesTooLongIsAnError) {
  const auto pattern = JavaPattern::Compile("(a|a|b)+(a|a)+c");
  ASSERT_NE(pattern, nullptr);
  EXPECT_FALSE(pattern->IsIn(std::string(5000, 'a')).ok());
}

}  // namespace
}  // namespace hf
