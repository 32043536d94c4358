// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "expressions/syntax.h"

namespace hf {
namespace {

// A syntax as nested calls: "(+ a (* b 2))".
std::string Shown(const Syntax& syntax) {
  switch (syntax.kind) {
    case SyntaxKind::kLiteral: return ToJson(syntax.value, syntax.type);
    case SyntaxKind::kName: return fmt::format("{}", fmt::join(syntax.parts, "."));
    case SyntaxKind::kStar: return "*";
    default: break;
  }
  std::string text = syntax.kind == SyntaxKind::kCase   ? "(case"
                     : syntax.kind == SyntaxKind::kCast ? "(cast-" + syntax.type.ToString()
                                                        : "(" + syntax.name;
  for (const Syntax& argument : syntax.arguments) {
    text += " " + Shown(argument);
  }
  return text + ")";
}

std::string Parsed(std::string_view text) {
  const auto made = ParseExpression(text);
  return made.ok() ? Shown(*made) : std::string(made.status().condition());
}

TEST(SqlParser, OperatorsBindAsInSpark) {
  EXPECT_EQ(Parsed("a + b * 2 - c"), "(- (+ a (* b 2)) c)");
  EXPECT_EQ(Parsed("NOT a = b AND c OR d"), "(or (and (not (= a b)) c) d)");
  EXPECT_EQ(Parsed("a = b IS NULL"), "(isnull (= a b))");
  EXPECT_EQ(Parsed("a | b ^ c & d"), "(| a (^ b (& c d)))");
  EXPECT_EQ(Parsed("a NOT BETWEEN 1 AND 2 AND b"), "(and (not (between a 1 2)) b)");
  EXPECT_EQ(Parsed("-a::int"), "(negative (cast-int a))");
  EXPECT_EQ(Parsed("a || b + 1"), "(+ (|| a b) 1)");
}

TEST(SqlParser, AMinusBeforeANumberBelongsToIt) {
  EXPECT_EQ(Parsed("-2147483648"), "-2147483648");
  EXPECT_EQ(Parsed("1 -1"), "(- 1 1)");
  EXPECT_EQ(Parsed("- -1"), "(negative -1)");
}

TEST(SqlParser, StringsTakeSparksEscapesAndEitherQuote) {
  EXPECT_EQ(std::get<std::string>(ParseExpression(R"('it''s \t\u0041\101\%' "x")")->value), "it's \tAA\\%x");
  EXPECT_EQ(std::get<std::string>(ParseExpression(R"(r'a\nb')")->value), "a\\nb");
}

TEST(SqlParser, KeywordsTakeAnyCaseAndCommentsNest) {
  EXPECT_EQ(Parsed("case When a THEN 1 else 2 END -- end"), "(case a 1 2)");
  EXPECT_EQ(Parsed("CASE a WHEN 1 THEN 'x' END"), "(case (= a 1) \"x\")");
  EXPECT_EQ(Parsed("1 /* a /* b */ c */ + 2"), "(+ 1 2)");
}

TEST(SqlParser, AnAliasFollowsWithOrWithoutAs) {
  EXPECT_EQ(ParseSelectItem("a + 1 AS `the sum`")->alias, "the sum");
  EXPECT_EQ(ParseSelectItem("a + 1 total")->alias, "total");
  EXPECT_EQ(ParseSelectItem("a")->alias, std::nullopt);
  EXPECT_EQ(ParseSelectItem("*")->expression.kind, SyntaxKind::kStar);
}

TEST(SqlParser, AMistakeIsNamedWithItsPlace) {
  const auto failed = ParseExpression("a + ) b");
  EXPECT_EQ(failed.status().condition(), "PARSE_SYNTAX_ERROR");
  EXPECT_EQ(failed.status().message(),
            "the expression \"a + ) b\" has, at character 5, \")\" where a value was expected");
  for (const std::string_view text : {"a +", "(a", "a)", "'open", "`open", "a @ b", "CAST(a AS)", "a IN (1", "/* open",
                                      "CASE WHEN a END", "OR (a)", "in(a)", "between(a)", "a b", "f(a,)"}) {
    EXPECT_EQ(Parsed(text), "PARSE_SYNTAX_ERROR") << text;
  }
  EXPECT_EQ(Parsed(""), "PARSE_EMPTY_STATEMENT");
  EXPECT_EQ(Parsed("a IN ()"), "INVALID_SQL_SYNTAX.EMPTY_IN_PREDICATE");
}

TEST(SqlParser, WhatIsNotOfferedIsNamed) {
  for (const std::string_view text : {"a ILIKE 'x'", "f(a.*)", "INTERVAL 1 DAY", "count(*)", "f(DISTINCT a)", "(a, b)",
                                      "sum(a) OVER (ORDER BY b)", "CAST(a AS array<int>)", "f(x -> x)"}) {
    EXPECT_EQ(Parsed(text), "HOLDFAST_UNPROVEN_EXPRESSION") << text;
  }
}

TEST(SqlParser, DeepNestingIsRefusedBeforeTheStackEnds) {
  EXPECT_EQ(Parsed(std::string(100'000, '(') + "a"), "FAILED_TO_PARSE_TOO_COMPLEX");
  std::string casts = "a";
  std::string cases = "a";
  for (int i = 0; i < 100'000; ++i) {
    casts += "::int";
  }
  for (int i = 0; i < 60; ++i) {
    cases = "CASE " + cases + " WHEN 1 THEN 1 WHEN 2 THEN 2 END";  // the operand is compared with each WHEN
  }
  EXPECT_EQ(Parsed(casts), "FAILED_TO_PARSE_TOO_COMPLEX");
  EXPECT_EQ(Parsed(cases), "FAILED_TO_PARSE_TOO_COMPLEX");
  std::string sum = "a";
  for (int i = 0; i < 50; ++i) {
    sum = "(" + sum + ")";
  }
  EXPECT_EQ(Parsed(sum), "a");
}

}  // namespace
}  // namespace hf
