// SPDX-License-Identifier: Apache-2.0
// Calls that do not evaluate every argument for every row, or that are made of others: coalesce, IN, BETWEEN, CASE, if,
// nullif, nanvl, hash; greatest and least, which have coalesce's types; rand and uuid, which are another for each row.
#include <fmt/format.h>

#include "expressions/analyzer_walk.h"
#include "expressions/coercion.h"
#include "rows/murmur3_spark.h"
#include "rows/xxhash64_spark.h"

namespace hf {
namespace {

constexpr std::size_t kArgumentsMax = 1000;

}  // namespace

// Arguments of one common type: coalesce, ifnull, nvl, greatest, least.
Result<ExpressionPtr> Analyzer::Common(const Syntax& syntax, ArgumentList arguments) {
  const std::string& name = syntax.name;
  const bool extreme = name == "greatest" || name == "least";
  const std::size_t least = name == "coalesce" ? 1 : 2;
  HF_RETURN_IF_ERROR(CheckCount(syntax, least, name == "ifnull" || name == "nvl" ? 2 : kArgumentsMax));
  DataType type = DataType::Null();
  for (const ExpressionPtr& argument : arguments) {
    // greatest and least do not make another type of a string.
    const bool promotes = (type.kind() == TypeKind::kString) != (argument->type.kind() == TypeKind::kString) &&
                          type.kind() != TypeKind::kNull && argument->type.kind() != TypeKind::kNull;
    const auto wider = extreme && promotes ? std::nullopt : WiderType(type, argument->type);
    if (!wider.has_value()) {
      return Refused(syntax, "DATATYPE_MISMATCH.DATA_DIFF_TYPES",
                     fmt::format("{} wants arguments of one type, not {}", syntax.written, Types(arguments)));
    }
    type = *wider;
  }
  const std::string shown = Shown(name, arguments);
  if (extreme) {
    HF_ASSIGN_OR_RETURN(arguments, CastAll(syntax, std::move(arguments), type));
    return Run(syntax, name, std::move(arguments), type, shown);
  }
  if (Use("coalesce", type.kind()) == nullptr) {
    return Unproven(syntax, syntax.written + Types(arguments));
  }
  HF_ASSIGN_OR_RETURN(arguments, CastAll(syntax, std::move(arguments), type));
  ExpressionPtr made = MakeCoalesce(std::move(arguments), type);
  made->name = shown;
  return made;
}

Result<ExpressionPtr> Analyzer::In(const Syntax& syntax, ArgumentList arguments) {
  HF_RETURN_IF_ERROR(CheckCount(syntax, 2, SIZE_MAX));
  ArgumentList items;
  std::vector<std::string_view> names;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    names.push_back(arguments[i]->name);
  }
  const std::string shown = fmt::format("({} IN ({}))", arguments[0]->name, fmt::join(names, ", "));
  DataType type = DataType::Null();
  for (const ExpressionPtr& argument : arguments) {
    const auto wider = WiderType(type, argument->type);
    if (!wider.has_value()) {
      return Refused(syntax, "DATATYPE_MISMATCH.DATA_DIFF_TYPES",
                     fmt::format("IN wants one type, not {}", Types(arguments)));
    }
    type = *wider;
  }
  const std::vector<TypeKind> kinds = {type.kind(), type.kind()};
  const Routine* equals = FindRoutine("=", kinds);
  if (Use("in", type.kind()) == nullptr || equals == nullptr) {
    return Unproven(syntax, "IN over " + Types(arguments));
  }
  HF_ASSIGN_OR_RETURN(arguments, CastAll(syntax, std::move(arguments), type));
  ExpressionPtr made = MakeIn(std::move(arguments), *equals);
  made->name = shown;
  return made;
}

// a >= low AND a <= high.
Result<ExpressionPtr> Analyzer::Between(const Syntax& syntax) {
  HF_RETURN_IF_ERROR(CheckCount(syntax, 3, 3));
  ArgumentList sides;
  std::string shown;
  for (std::size_t i = 1; i < 3; ++i) {
    ArgumentList both;
    HF_ASSIGN_OR_RETURN(both.emplace_back(), Visit(syntax.arguments[0]));
    HF_ASSIGN_OR_RETURN(both.emplace_back(), Visit(syntax.arguments[i]));
    shown = i == 1 ? fmt::format("between({}, {}", both[0]->name, both[1]->name)
                   : fmt::format("{}, {})", shown, both[1]->name);
    Syntax comparison = syntax;
    comparison.arguments.resize(2);
    HF_ASSIGN_OR_RETURN(sides.emplace_back(), Comparison(comparison, i == 1 ? ">=" : "<=", std::move(both)));
  }
  const std::vector<TypeKind> kinds = {TypeKind::kBoolean, TypeKind::kBoolean};
  used_.insert(FindRoutine("and", kinds));
  const bool known = !sides[0]->name.empty() && !sides[1]->name.empty();
  ExpressionPtr made = MakeLogical(true, std::move(sides[0]), std::move(sides[1]));
  made->name = known ? shown : "";
  return made;
}

Result<ExpressionPtr> Analyzer::Case(const Syntax& syntax) {
  ArgumentList parts;
  std::string shown = "CASE";
  bool known = true;
  for (std::size_t i = 0; i < syntax.arguments.size(); ++i) {
    HF_ASSIGN_OR_RETURN(parts.emplace_back(), Visit(syntax.arguments[i]));
    const bool is_else = i % 2 == 0 && i + 1 == syntax.arguments.size();
    known = known && (!parts.back()->name.empty() || parts.back()->type.kind() == TypeKind::kString);
    shown += (is_else ? " ELSE " : i % 2 == 0 ? " WHEN " : " THEN ") + parts.back()->name;
  }
  HF_ASSIGN_OR_RETURN(ExpressionPtr made, Branches(syntax, std::move(parts), shown + " END"));
  if (!known) {
    made->name.clear();
  }
  return made;
}

Result<ExpressionPtr> Analyzer::If(const Syntax& syntax, ArgumentList arguments) {
  HF_RETURN_IF_ERROR(CheckCount(syntax, 3, 3));
  if (syntax.name == "nvl2") {
    std::string shown = Shown("nvl2", arguments);
    Use("isnull", arguments[0]->type.kind());
    arguments[0] = MakeIsNull(std::move(arguments[0]), false);
    return Branches(syntax, std::move(arguments), std::move(shown));
  }
  std::string shown = "(" + Shown("IF", arguments) + ")";
  return Branches(syntax, std::move(arguments), std::move(shown));
}

// hash(a, b) is hash(hash(42, a), b), each with the seed in front; and so is xxhash64.
Result<ExpressionPtr> Analyzer::Hash(const Syntax& syntax, ArgumentList arguments) {
  HF_RETURN_IF_ERROR(CheckCount(syntax, 1, kArgumentsMax));
  const std::string shown = Shown(syntax.name, arguments);
  ExpressionPtr made = syntax.name == "hash" ? MakeLiteral(kSparkHashSeed, DataType::Int())
                                             : MakeLiteral(kSparkXxHash64Seed, DataType::Long());
  const DataType type = made->type;
  for (ExpressionPtr& argument : arguments) {
    ArgumentList both;
    both.push_back(std::move(made));
    both.push_back(std::move(argument));
    HF_ASSIGN_OR_RETURN(made, Run(syntax, syntax.name, std::move(both), type, shown));
  }
  return made;
}

// if(isnan(a), b, a)
Result<ExpressionPtr> Analyzer::NanOr(const Syntax& syntax, ArgumentList arguments) {
  HF_RETURN_IF_ERROR(CheckCount(syntax, 2, 2));
  const auto type = TightestCommonType(arguments[0]->type, arguments[1]->type);
  if (!type.has_value() || (type->kind() != TypeKind::kFloat && type->kind() != TypeKind::kDouble)) {
    return Unproven(syntax, syntax.written + Types(arguments));
  }
  std::string shown = Shown(syntax.name, arguments);
  ArgumentList tested;
  HF_ASSIGN_OR_RETURN(tested.emplace_back(), Cast(syntax, std::move(arguments[0]), *type));
  ArgumentList parts;
  HF_ASSIGN_OR_RETURN(parts.emplace_back(), Run(syntax, "isnan", std::move(tested), DataType::Boolean(), ""));
  HF_ASSIGN_OR_RETURN(parts.emplace_back(), Cast(syntax, std::move(arguments[1]), *type));
  HF_ASSIGN_OR_RETURN(parts.emplace_back(), Visit(syntax.arguments[0]));
  return Branches(syntax, std::move(parts), std::move(shown));
}

// if(a = b, NULL, a)
Result<ExpressionPtr> Analyzer::NullIf(const Syntax& syntax, ArgumentList arguments) {
  HF_RETURN_IF_ERROR(CheckCount(syntax, 2, 2));
  std::string shown = Shown("nullif", arguments);
  ArgumentList parts;
  HF_ASSIGN_OR_RETURN(parts.emplace_back(), Comparison(syntax, "=", std::move(arguments)));
  HF_ASSIGN_OR_RETURN(ExpressionPtr value, Visit(syntax.arguments[0]));
  const DataType type = value->type;
  parts.push_back(MakeLiteral({}, type));
  parts.push_back(std::move(value));
  return Branches(syntax, std::move(parts), std::move(shown));
}

// rand([seed]), random([seed]), uuid([seed]).
Result<ExpressionPtr> Analyzer::AtRandom(const Syntax& syntax, ArgumentList arguments) {
  HF_RETURN_IF_ERROR(CheckCount(syntax, 0, 1));
  const bool uuid = syntax.name == "uuid";
  std::string shown = uuid ? "uuid()" : Shown("rand", arguments);  // Spark shows no seed of uuid
  std::optional<std::int64_t> seed;
  if (!arguments.empty()) {
    const TypeKind kind = arguments[0]->type.kind();
    if (!arguments[0]->foldable || (kind != TypeKind::kInt && kind != TypeKind::kLong)) {
      return Unproven(syntax, syntax.written + Types(arguments) + " with a seed that is no INT or BIGINT literal");
    }
    seed = ConstantInteger(*arguments[0]);
    if (!seed.has_value()) {
      return Unproven(syntax, syntax.written + " with a seed that is null");
    }
  }
  ExpressionPtr made = uuid ? MakeRandomUuid(syntax.begin, seed) : MakeRandomNumber(syntax.begin, seed);
  made->name = std::move(shown);
  return made;
}

// when, then, when, then, ..., and perhaps else: the conditions as booleans, the values of one type.
Result<ExpressionPtr> Analyzer::Branches(const Syntax& syntax, ArgumentList parts, std::string name) {
  const auto is_value = [&parts](std::size_t i) { return i % 2 == 1 || i + 1 == parts.size(); };
  DataType type = DataType::Null();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!is_value(i)) {
      HF_ASSIGN_OR_RETURN(parts[i], Boolean(syntax, std::move(parts[i])));
      continue;
    }
    const auto wider = WiderType(type, parts[i]->type);
    if (!wider.has_value()) {
      return Refused(syntax, "DATATYPE_MISMATCH.DATA_DIFF_TYPES",
                     fmt::format("the branches have the types {} and {}", type.ToSql(), parts[i]->type.ToSql()));
    }
    type = *wider;
  }
  if (Use("case", type.kind()) == nullptr) {
    return Unproven(syntax, fmt::format("a branch of type {}", type.ToSql()));
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (is_value(i)) {
      HF_ASSIGN_OR_RETURN(parts[i], Cast(syntax, std::move(parts[i]), type));
    }
  }
  if (parts.size() % 2 == 0) {
    parts.push_back(MakeLiteral({}, type));
  }
  ExpressionPtr made = MakeCase(std::move(parts), type);
  made->name = std::move(name);
  return made;
}

}  // namespace hf
