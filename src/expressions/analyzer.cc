// SPDX-License-Identifier: Apache-2.0
#include "expressions/analyzer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/nearest_name.h"
#include "expressions/analyzer_walk.h"
#include "expressions/coercion.h"
#include "expressions/signature.h"
#include "expressions/token.h"
#include "rows/scalar_text.h"

namespace hf {
namespace {

// nullif and BETWEEN look at an argument twice, at every level of nesting.
constexpr std::size_t kVisitsMax = 100'000;

// Functions whose value is another when a batch is run again.
constexpr std::array<std::string_view, 5> kNotDeterministic = {"randn", "current_time", "shuffle",
                                                               "monotonically_increasing_id", "spark_partition_id"};

}  // namespace

Result<ExpressionPtr> Analyzer::Visit(const Syntax& syntax) {
  if (++visits_ > kVisitsMax) {
    return Refused(syntax, "FAILED_TO_PARSE_TOO_COMPLEX", "an expression with too many parts within nullif or BETWEEN");
  }
  switch (syntax.kind) {
    case SyntaxKind::kLiteral: return Literal(syntax);
    case SyntaxKind::kName: return Name(syntax);
    case SyntaxKind::kStar: return Refused(syntax, "INVALID_USAGE_OF_STAR_OR_REGEX", "* stands alone");
    case SyntaxKind::kCase: return Case(syntax);
    case SyntaxKind::kCast: return ExplicitCast(syntax);
    case SyntaxKind::kCall: return Call(syntax);
  }
  return Internal("a syntax of no kind");
}

Status Analyzer::Refused(const Syntax& at, std::string_view condition, std::string_view what) const {
  return Invalid(fmt::format("the expression \"{}\", at character {}: {}", text_, at.begin + 1, what),
                 std::string(condition));
}

Status Analyzer::Unproven(const Syntax& at, std::string_view what) const {
  return Refused(at, "HOLDFAST_UNPROVEN_EXPRESSION",
                 fmt::format("{} is not offered, because it is not proven to give Spark's values; write a C++ function "
                             "over the batch instead",
                             what));
}

Result<ExpressionPtr> Analyzer::Literal(const Syntax& syntax) const {
  Value value = syntax.value;
  if (syntax.type.kind() == TypeKind::kTimestamp) {
    const auto& text = std::get<std::string>(value);
    const auto micros = ParseTimestamp(text, zone_);
    if (!micros.has_value()) {
      return Refused(syntax, "INVALID_TYPED_LITERAL", fmt::format("TIMESTAMP'{}' is no timestamp", text));
    }
    value = Timestamp{*micros};
  }
  ExpressionPtr made = MakeLiteral(value, syntax.type);
  made->name = LiteralName(value, syntax.type);
  return made;
}

std::string Analyzer::LiteralName(const Value& value, const DataType& type) const {
  switch (type.kind()) {
    case TypeKind::kNull: return "NULL";
    case TypeKind::kBinary: {
      std::string digits;
      for (const char byte : std::get<Binary>(value).bytes) {
        digits += fmt::format("{:02X}", static_cast<unsigned char>(byte));
      }
      return "X'" + digits + "'";
    }
    case TypeKind::kString: return std::get<std::string>(value);
    default: break;
  }
  const Routine* to_text = FindCast(type.kind(), TypeKind::kString);
  ColumnBuilder one(type);
  one.AppendValue(value);
  const std::array<Vector, 1> argument = {Vector{one.Finish(), true}};
  ColumnBuilder out(DataType::String());
  const DataType string = DataType::String();
  const Status written = to_text->kernel(Arguments{argument, 1, string, zone_}, out);
  const std::string text = written.ok() ? std::string(out.Finish().Bytes(0)) : std::string();
  return type.kind() == TypeKind::kDate           ? fmt::format("DATE '{}'", text)
         : type.kind() == TypeKind::kTimestamp    ? fmt::format("TIMESTAMP '{}'", text)
         : type.kind() == TypeKind::kTimestampNtz ? fmt::format("TIMESTAMP_NTZ '{}'", text)
                                                  : text;
}

Result<ExpressionPtr> Analyzer::Name(const Syntax& syntax) {
  HF_ASSIGN_OR_RETURN(const auto index, Find(syntax, input_.fields(), syntax.parts[0], "column"));
  if (!index.has_value()) {
    const std::string word = LowerWord(syntax.parts[0]);
    if (syntax.parts.size() == 1 && (word == "current_timestamp" || word == "current_date")) {
      return CurrentTime(syntax, word);
    }
    if (IsNotDeterministic(word)) {
      return NotDeterministic(syntax, syntax.parts[0]);
    }
    std::vector<std::string_view> names;
    for (const StructField& field : input_.fields()) {
      names.push_back(field.name);
    }
    const bool none = names.empty();
    return Refused(syntax, none ? "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION" : "UNRESOLVED_COLUMN.WITH_SUGGESTION",
                   fmt::format("there is no column {}; the columns are {}{}", fmt::join(syntax.parts, "."),
                               fmt::join(names, ", "), DidYouMean(syntax.parts[0], names)));
  }
  ExpressionPtr made = MakeColumn(*index, input_.field(*index));
  made->name = syntax.parts[0];
  for (std::size_t i = 1; i < syntax.parts.size(); ++i) {
    HF_ASSIGN_OR_RETURN(made, Field(syntax, std::move(made), syntax.parts[i]));
  }
  return made;
}

Result<std::optional<std::size_t>> Analyzer::Find(const Syntax& at, const std::vector<StructField>& fields,
                                                  std::string_view name, std::string_view what) const {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (SameWord(fields[i].name, name)) {
      if (found.has_value()) {
        return Refused(at, what == "column" ? "AMBIGUOUS_REFERENCE" : "AMBIGUOUS_REFERENCE_TO_FIELDS",
                       fmt::format("there are several {}s {}: case does not count", what, name));
      }
      found = i;
    }
  }
  return found;
}

bool Analyzer::IsNotDeterministic(std::string_view name) {
  return std::find(kNotDeterministic.begin(), kNotDeterministic.end(), name) != kNotDeterministic.end();
}

Status Analyzer::NotDeterministic(const Syntax& at, std::string_view name) const {
  return Unproven(at, fmt::format("{}, which has another value when a batch is run again,", name));
}

Result<ExpressionPtr> Analyzer::Run(const Syntax& at, std::string_view name, ArgumentList arguments, DataType type,
                                    std::string shown) {
  std::vector<TypeKind> kinds;
  std::vector<std::string> types;
  for (const ExpressionPtr& argument : arguments) {
    kinds.push_back(argument->type.kind());
    types.push_back(argument->type.ToSql());
  }
  const Routine* routine = FindRoutine(name, kinds);
  if (routine == nullptr) {
    return Unproven(at, fmt::format("{}({})", name, fmt::join(types, ", ")));
  }
  used_.insert(routine);
  const bool told = routine->result == TypeKind::kDecimal || routine->result == TypeKind::kNull;
  ExpressionPtr made = MakeCall(*routine, std::move(arguments), told ? std::move(type) : DataType::Of(routine->result));
  made->name = std::move(shown);
  return made;
}

namespace {

// Cast.canNullSafeCastToDecimal
bool HoldsAll(const DataType& decimal, const DataType& from) {
  const DataType needed = from.kind() == TypeKind::kBoolean ? DataType::Decimal(1, 0) : DecimalForType(from);
  return needed.kind() == TypeKind::kDecimal && decimal.scale() >= needed.scale() &&
         decimal.precision() - decimal.scale() >= needed.precision() - needed.scale();
}

}  // namespace

Result<ExpressionPtr> Analyzer::Cast(const Syntax& at, ExpressionPtr operand, const DataType& to) {
  if (operand->type == to) {
    return operand;
  }
  const std::string name = operand->name;
  if (to.is_nested() && IsSameButNulls(operand->type, to)) {
    operand->type = to;
    return operand;
  }
  if (operand->type.kind() == TypeKind::kNull) {
    ExpressionPtr made = MakeLiteral({}, to);
    made->name = name;
    return made;
  }
  const Routine* routine = FindCast(operand->type.kind(), to.kind());
  if (routine == nullptr) {
    return Unproven(at, fmt::format("CAST({} AS {})", operand->type.ToSql(), to.ToSql()));
  }
  used_.insert(routine);
  const DataType from = operand->type;
  ArgumentList arguments;
  arguments.push_back(std::move(operand));
  ExpressionPtr made = MakeCall(*routine, std::move(arguments), to);
  made->nullable = made->nullable || (to.kind() == TypeKind::kDecimal && !HoldsAll(to, from));
  made->name = name;
  return made;
}

Result<ArgumentList> Analyzer::CastAll(const Syntax& at, ArgumentList arguments, const DataType& to) {
  for (ExpressionPtr& argument : arguments) {
    HF_ASSIGN_OR_RETURN(argument, Cast(at, std::move(argument), to));
  }
  return arguments;
}

Result<ExpressionPtr> Analyzer::ExplicitCast(const Syntax& syntax) {
  HF_ASSIGN_OR_RETURN(ExpressionPtr operand, Visit(syntax.arguments[0]));
  const DataType from = operand->type;
  const bool known = !operand->name.empty() || operand->literal() != nullptr;
  const std::string name = known ? fmt::format("CAST({} AS {})", operand->name, syntax.type.ToSql()) : "";
  if (from.is_nested() && syntax.type.kind() == TypeKind::kString) {
    return Unproven(syntax, fmt::format("CAST({} AS STRING)", from.ToSql()));
  }
  if (!(from == syntax.type) && from.kind() != TypeKind::kNull &&
      FindCast(from.kind(), syntax.type.kind()) == nullptr) {
    return Refused(syntax, CastRefusal(from.kind(), syntax.type.kind()),
                   fmt::format("{} cannot be cast to {}", from.ToSql(), syntax.type.ToSql()));
  }
  // Spark gives a cast of a column the column's name.
  const Syntax& written = syntax.arguments[0];
  const std::string keeps_name =
      written.kind == SyntaxKind::kName && operand->column().has_value() ? written.parts.back() : operand->name_alone;
  HF_ASSIGN_OR_RETURN(ExpressionPtr made, Cast(syntax, std::move(operand), syntax.type));
  made->name = name;
  made->name_alone = keeps_name;
  return made;
}

std::string_view Analyzer::CastRefusal(TypeKind from, TypeKind to) {
  const bool numeric_from = IsNumeric(from);
  if ((numeric_from && to == TypeKind::kDate) || (from == TypeKind::kDate && IsNumeric(to))) {
    return "DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION";
  }
  const bool legacy = (from == TypeKind::kBoolean && to == TypeKind::kTimestamp) ||
                      (to == TypeKind::kBoolean && (from == TypeKind::kTimestamp || from == TypeKind::kDate)) ||
                      (IsIntegral(from) && to == TypeKind::kBinary);
  return legacy ? "DATATYPE_MISMATCH.CAST_WITH_CONF_SUGGESTION" : "DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION";
}

Result<Analyzed> Analyze(const Syntax& syntax, std::string_view text, const Schema& input, const TimeZone& zone) {
  Analyzed made;
  HF_ASSIGN_OR_RETURN(made.expression, Analyzer(text, input, zone, &made.routines).Visit(syntax));
  return made;
}

}  // namespace hf
