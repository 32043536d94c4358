// SPDX-License-Identifier: Apache-2.0
// Operators: which types they take and what is cast (AnsiTypeCoercion and DecimalPrecision of Spark 4.3).
#include <fmt/format.h>

#include <algorithm>

#include "expressions/analyzer_walk.h"
#include "expressions/coercion.h"

namespace hf {
namespace {

// "bigint + date", for messages.
std::string Over(std::string_view operation, const ArgumentList& arguments) {
  return fmt::format("{} {} {}", arguments[0]->type.ToSql(), operation, arguments[1]->type.ToSql());
}

bool IsDecimal(const ExpressionPtr& one) { return one->type.kind() == TypeKind::kDecimal; }

// The decimal of an integral operand beside a decimal: a literal's has its own digits.
DataType DecimalBeside(const Expression& operand) {
  const Value* literal = operand.literal();
  if (literal == nullptr || literal->is_null() || !IsIntegral(operand.type.kind())) {
    return DecimalForType(operand.type);
  }
  std::int64_t value = 0;
  std::visit(
      [&value](const auto& one) {
        if constexpr (std::is_integral_v<std::decay_t<decltype(one)>>) {
          value = static_cast<std::int64_t>(one);
        }
      },
      static_cast<const ValueVariant&>(*literal));
  return DataType::Decimal(static_cast<int>(fmt::format("{}", value).size()) - (value < 0 ? 1 : 0), 0);
}

}  // namespace

Result<ExpressionPtr> Analyzer::Arithmetic(const Syntax& syntax, ArgumentList arguments) {
  HF_RETURN_IF_ERROR(CheckCount(syntax, 2, 2));
  const std::string name = syntax.name == "mod" ? "%" : syntax.name;
  const bool is_function = syntax.name == "mod" || syntax.name == "pmod";
  const std::string shown = is_function ? Shown(syntax.name, arguments)
                                        : fmt::format("({} {} {})", arguments[0]->name, name, arguments[1]->name);
  const auto is_moment = [](const ExpressionPtr& one) { return IsDateTime(one->type.kind()); };
  if (std::any_of(arguments.begin(), arguments.end(), is_moment) && (name == "+" || name == "-")) {
    return DateArithmetic(syntax, std::move(arguments));
  }
  // A string becomes the type that it stands beside.
  for (std::size_t i = 0; i < 2; ++i) {
    const DataType& other = arguments[1 - i]->type;
    if (arguments[i]->type.kind() == TypeKind::kString && IsNumeric(other.kind())) {
      HF_ASSIGN_OR_RETURN(arguments[i], Cast(syntax, std::move(arguments[i]), *PromotedString(other)));
    }
  }
  const DataType left = arguments[0]->type;
  const DataType right = arguments[1]->type;
  for (const DataType& type : {left, right}) {
    if (!IsNumeric(type.kind()) && type.kind() != TypeKind::kNull) {
      return Refused(
          syntax, left == right ? "DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE" : "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
          fmt::format("there is no {}", Over(name, arguments)));
    }
  }
  const bool floating = left.kind() == TypeKind::kFloat || left.kind() == TypeKind::kDouble ||
                        right.kind() == TypeKind::kFloat || right.kind() == TypeKind::kDouble;
  if ((IsDecimal(arguments[0]) || IsDecimal(arguments[1])) && !floating) {
    return DecimalArithmetic(syntax, std::move(arguments), shown);
  }
  std::optional<DataType> common = WiderType(left, right);
  if (!common.has_value() || common->kind() == TypeKind::kNull) {
    return Unproven(syntax, Over(name, arguments));
  }
  if (name == "div" && !IsIntegral(common->kind())) {
    // Spark casts a decimal beside a double, but nothing else, before it looks.
    const bool same = left == right || (common->kind() == TypeKind::kDouble && left.kind() >= TypeKind::kDouble &&
                                        right.kind() >= TypeKind::kDouble);
    return Refused(syntax, same ? "DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE" : "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
                   fmt::format("there is no {}", Over("DIV", arguments)));
  }
  const DataType type = name == "/" ? DataType::Double() : name == "div" ? DataType::Long() : *common;
  HF_ASSIGN_OR_RETURN(arguments, CastAll(syntax, std::move(arguments), type));
  return Run(syntax, name, std::move(arguments), type, shown);
}

Result<ExpressionPtr> Analyzer::DecimalArithmetic(const Syntax& syntax, ArgumentList arguments, std::string shown) {
  for (ExpressionPtr& argument : arguments) {
    if (argument->type.kind() == TypeKind::kNull) {
      return Unproven(syntax, Over(syntax.name, arguments));
    }
  }
  for (ExpressionPtr& argument : arguments) {
    const DataType type = DecimalBeside(*argument);
    HF_ASSIGN_OR_RETURN(argument, Cast(syntax, std::move(argument), type));
  }
  const char operation = syntax.name == "mod" || syntax.name == "pmod" ? '%' : syntax.name[0];
  const DataType type =
      syntax.name == "div" ? DataType::Long() : DecimalResult(operation, arguments[0]->type, arguments[1]->type);
  return Run(syntax, syntax.name == "mod" ? "%" : syntax.name, std::move(arguments), type, std::move(shown));
}

// date + n, n + date, date - n are date_add and date_sub.
Result<ExpressionPtr> Analyzer::DateArithmetic(const Syntax& syntax, ArgumentList arguments) {
  const bool swapped = syntax.name == "+" && arguments[1]->type.kind() == TypeKind::kDate;
  if (swapped) {
    std::swap(arguments[0], arguments[1]);
  }
  const TypeKind days = arguments[1]->type.kind();
  const bool date = arguments[0]->type.kind() == TypeKind::kDate;
  if (date && (days == TypeKind::kByte || days == TypeKind::kShort || days == TypeKind::kInt)) {
    const std::string_view name = syntax.name == "+" ? "date_add" : "date_sub";
    std::string shown = Shown(name, arguments);
    return Run(syntax, name, std::move(arguments), DataType::Date(), std::move(shown));
  }
  const bool interval = syntax.name == "-" && IsDateTime(days);
  const bool unproven = interval || days == TypeKind::kString || days == TypeKind::kNull;
  return unproven ? Unproven(syntax, Over(syntax.name, arguments))
                  : Refused(syntax,
                            date && days == TypeKind::kDate            ? "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"
                            : arguments[0]->type == arguments[1]->type ? "DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE"
                                                                       : "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
                            fmt::format("there is no {}", Over(syntax.name, arguments)));
}

// Both sides as they are compared.
Result<ArgumentList> Analyzer::Compared(const Syntax& syntax, ArgumentList arguments) {
  const std::optional<DataType> common = WiderType(arguments[0]->type, arguments[1]->type);
  if (!common.has_value()) {
    return Refused(syntax, "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
                   fmt::format("{} cannot be compared", Over("with", arguments)));
  }
  if (common->is_nested() || common->kind() == TypeKind::kNull) {
    return Unproven(syntax, fmt::format("a comparison of {}", Over("with", arguments)));
  }
  DataType type = *common;
  if (type.kind() == TypeKind::kDecimal) {
    type = WiderDecimal(DecimalBeside(*arguments[0]), DecimalBeside(*arguments[1]));
  }
  return CastAll(syntax, std::move(arguments), type);
}

Result<ExpressionPtr> Analyzer::Comparison(const Syntax& syntax, std::string_view name, ArgumentList arguments) {
  HF_RETURN_IF_ERROR(CheckCount(syntax, 2, 2));
  std::string shown = fmt::format("({} {} {})", arguments[0]->name, name, arguments[1]->name);
  // Spark rewrites the decimal literal beside an integer, and with it the name.
  for (std::size_t i = 0; i < 2; ++i) {
    if (IsDecimal(arguments[i]) && arguments[i]->literal() != nullptr && IsIntegral(arguments[1 - i]->type.kind()) &&
        !arguments[1 - i]->foldable) {
      shown.clear();
    }
  }
  HF_ASSIGN_OR_RETURN(arguments, Compared(syntax, std::move(arguments)));
  return Run(syntax, name, std::move(arguments), DataType::Boolean(), std::move(shown));
}

Result<ExpressionPtr> Analyzer::Boolean(const Syntax& syntax, ExpressionPtr argument) {
  const TypeKind kind = argument->type.kind();
  if (kind != TypeKind::kBoolean && (kind != TypeKind::kNull || syntax.kind == SyntaxKind::kCase)) {
    return Refused(syntax, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                   fmt::format("{} stands where a BOOLEAN was expected", argument->type.ToSql()));
  }
  return Cast(syntax, std::move(argument), DataType::Boolean());
}

Result<ExpressionPtr> Analyzer::Logical(const Syntax& syntax, ArgumentList arguments) {
  HF_RETURN_IF_ERROR(CheckCount(syntax, 2, 2));
  const std::string shown =
      fmt::format("({} {} {})", arguments[0]->name, syntax.name == "and" ? "AND" : "OR", arguments[1]->name);
  for (ExpressionPtr& argument : arguments) {
    const TypeKind kind = argument->type.kind();
    if (kind != TypeKind::kBoolean && kind != TypeKind::kNull && kind != TypeKind::kString) {
      const bool same = arguments[0]->type == arguments[1]->type;
      return Refused(syntax, same ? "DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE" : "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
                     fmt::format("there is no {}", Over(syntax.name, arguments)));
    }
  }
  if (arguments[0]->type.kind() != TypeKind::kBoolean && arguments[1]->type.kind() != TypeKind::kBoolean) {
    return Unproven(syntax, Over(syntax.name, arguments));
  }
  HF_ASSIGN_OR_RETURN(arguments, CastAll(syntax, std::move(arguments), DataType::Boolean()));
  const std::vector<TypeKind> kinds = {TypeKind::kBoolean, TypeKind::kBoolean};
  used_.insert(FindRoutine(syntax.name, kinds));
  ExpressionPtr made = MakeLogical(syntax.name == "and", std::move(arguments[0]), std::move(arguments[1]));
  made->name = shown;
  return made;
}

}  // namespace hf
