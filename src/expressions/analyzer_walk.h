// SPDX-License-Identifier: Apache-2.0
// Inner part of the analyzer: one walk over the syntax of an expression. analyzer.cc has columns, literals and casts,
// analyzer_calls.cc functions, analyzer_patterns.cc those with a pattern of times, analyzer_regex.cc regular
// expressions, analyzer_json.cc JSON, analyzer_nested.cc what there is of lists, maps and structs, analyzer_lists.cc
// their order and maps, analyzer_forms.cc special forms, analyzer_operators.cc operators.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expressions/expression.h"
#include "expressions/syntax.h"
#include "rows/datetime_pattern.h"

namespace hf {

using ArgumentList = std::vector<ExpressionPtr>;

class Analyzer {
 public:
  Analyzer(std::string_view text, const Schema& input, const TimeZone& zone, std::set<const Routine*>* used)
      : text_(text), input_(input), zone_(zone), used_(*used) {}

  Result<ExpressionPtr> Visit(const Syntax& syntax);

 private:
  [[nodiscard]] Status Refused(const Syntax& at, std::string_view condition, std::string_view what) const;
  [[nodiscard]] Status Unproven(const Syntax& at, std::string_view what) const;

  Result<ExpressionPtr> Literal(const Syntax& syntax) const;

  // A literal in the name of a column: `usePrettyExpression(Literal).sql`.
  [[nodiscard]] std::string LiteralName(const Value& value, const DataType& type) const;

  // A column, and a struct's field behind each further part. Case does not count.
  Result<ExpressionPtr> Name(const Syntax& syntax);

  Result<std::optional<std::size_t>> Find(const Syntax& at, const std::vector<StructField>& fields,
                                          std::string_view name, std::string_view what) const;

  static bool IsNotDeterministic(std::string_view name);
  [[nodiscard]] Status NotDeterministic(const Syntax& at, std::string_view name) const;

  // A call of a routine in the list, with a name for the column that it would be.
  Result<ExpressionPtr> Run(const Syntax& at, std::string_view name, ArgumentList arguments, DataType type,
                            std::string shown);

  Result<ExpressionPtr> Cast(const Syntax& at, ExpressionPtr operand, const DataType& to);

  Result<ArgumentList> CastAll(const Syntax& at, ArgumentList arguments, const DataType& to);

  Result<ExpressionPtr> ExplicitCast(const Syntax& syntax);

  // Which of Spark's refusals of a cast (Cast.checkInputDataTypes).
  static std::string_view CastRefusal(TypeKind from, TypeKind to);

  using Form = Result<ExpressionPtr> (Analyzer::*)(const Syntax& syntax, ArgumentList arguments);
  static const std::map<std::string_view, Form>& Forms();
  static bool IsKnown(std::string_view name);
  Result<ExpressionPtr> Call(const Syntax& syntax);
  [[nodiscard]] Syntax WithoutStars(const Syntax& syntax) const;
  Result<ExpressionPtr> Function(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> Predicate(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> PlainFunction(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> Arithmetic(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> DateArithmetic(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> DecimalArithmetic(const Syntax& syntax, ArgumentList arguments, std::string shown);
  Result<ExpressionPtr> Comparison(const Syntax& syntax, std::string_view name, ArgumentList arguments);
  Result<ArgumentList> Compared(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> Logical(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> Common(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> In(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> Between(const Syntax& syntax);
  Result<ExpressionPtr> Case(const Syntax& syntax);
  Result<ExpressionPtr> If(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> Hash(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> NanOr(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> NullIf(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> Branches(const Syntax& syntax, ArgumentList parts, std::string name);
  Result<ExpressionPtr> Round(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> Concat(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> Padded(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> Dot(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> Constant(const Syntax& syntax, ArgumentList arguments);
  static ExpressionPtr EulersNumber();
  Result<ExpressionPtr> Field(const Syntax& at, ExpressionPtr of, const std::string& field);
  Result<ExpressionPtr> Element(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> ElementOfList(const Syntax& syntax, std::string_view routine, ArgumentList arguments, int first,
                                      std::string shown);
  // The value of a foldable expression of a whole number; nullopt when it is null or fails.
  [[nodiscard]] std::optional<std::int64_t> ConstantInteger(const Expression& expression) const;
  Result<ExpressionPtr> ElementAt(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> Size(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> ArrayContains(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> Array(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> StructOf(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> Split(const Syntax& syntax, ArgumentList arguments);
  [[nodiscard]] Status CheckPattern(const Syntax& syntax, const Expression& pattern, DateTimePattern::Use use) const;
  Result<ExpressionPtr> FormatTime(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> ReadTime(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> CurrentTime(const Syntax& syntax, std::string_view name);
  Result<std::map<std::string, std::string>> Options(const Syntax& syntax, std::size_t at,
                                                     std::span<const std::string_view> known) const;
  Result<ExpressionPtr> Json(const Syntax& syntax);
  Result<ExpressionPtr> FromJson(const Syntax& syntax, ExpressionPtr text, std::string shown);
  Result<ExpressionPtr> ToJson(const Syntax& syntax, ExpressionPtr value, std::string shown);
  Result<ExpressionPtr> JsonObject(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> Regex(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> ListFunction(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> Map(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> AtRandom(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> TypeFunction(const Syntax& syntax, ArgumentList arguments);
  Result<ExpressionPtr> Boolean(const Syntax& syntax, ExpressionPtr argument);
  Status CheckCount(const Syntax& syntax, std::size_t least, std::size_t most) const;
  const Routine* Use(std::string_view name, TypeKind kind);
  static std::string Shown(std::string_view function, const ArgumentList& arguments);
  static std::string Types(const ArgumentList& arguments);

  std::string_view text_;
  const Schema& input_;
  const TimeZone& zone_;
  std::set<const Routine*>& used_;
  std::size_t visits_ = 0;
};

}  // namespace hf
