// SPDX-License-Identifier: Apache-2.0
// Functions. Special forms are in analyzer_forms.cc.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numbers>

#include "base/utf8.h"
#include "expressions/analyzer_walk.h"
#include "expressions/coercion.h"
#include "expressions/literal.h"
#include "expressions/signature.h"

namespace hf {
namespace {

template <std::size_t N>
bool IsOneOf(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 6> kComparisons = {"=", "<", "<=", ">", ">=", "<=>"};
constexpr std::array<std::string_view, 3> kBits = {"&", "|", "^"};
constexpr std::array<std::string_view, 5> kCurrent = {"current_timestamp", "now", "current_date", "curdate",
                                                      "localtimestamp"};
constexpr std::array<std::string_view, 9> kOthers = {"lpad",   "rpad",     "between", "!=", "equal_null",
                                                     "locate", "position", "<<",      ">>"};

bool IsTextOrNull(const DataType& type) { return type.kind() == TypeKind::kString || type.kind() == TypeKind::kNull; }

}  // namespace

// Functions, operators and special forms that a method of their own makes.
const std::map<std::string_view, Analyzer::Form>& Analyzer::Forms() {
  static const std::map<std::string_view, Form> forms = [] {
    std::map<std::string_view, Form> made;
    const auto add = [&made](std::initializer_list<std::string_view> names, Form form) {
      for (const std::string_view name : names) {
        made.emplace(name, form);
      }
    };
    add({"+", "-", "*", "/", "%", "div", "mod", "pmod"}, &Analyzer::Arithmetic);
    add({"and", "or"}, &Analyzer::Logical);
    add({"coalesce", "ifnull", "nvl", "greatest", "least"}, &Analyzer::Common);
    add({"boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "decimal", "string", "binary", "date",
         "timestamp", "to_date", "to_timestamp"},
        &Analyzer::TypeFunction);
    add({"isnull", "isnotnull", "is unknown", "is not unknown", "like"}, &Analyzer::Predicate);
    add({"in"}, &Analyzer::In);
    add({"if", "nvl2"}, &Analyzer::If);
    add({"hash", "xxhash64"}, &Analyzer::Hash);
    add({"nanvl"}, &Analyzer::NanOr);
    add({"nullif"}, &Analyzer::NullIf);
    add({"round", "bround"}, &Analyzer::Round);
    add({"concat", "||", "concat_ws"}, &Analyzer::Concat);
    add({"rand", "random", "uuid"}, &Analyzer::AtRandom);
    add({"pi", "e"}, &Analyzer::Constant);
    add({"."}, &Analyzer::Dot);
    add({"[]"}, &Analyzer::Element);
    add({"element_at"}, &Analyzer::ElementAt);
    add({"size", "cardinality", "array_size"}, &Analyzer::Size);
    add({"array"}, &Analyzer::Array);
    add({"array_contains"}, &Analyzer::ArrayContains);
    add({"struct", "named_struct"}, &Analyzer::StructOf);
    add({"map"}, &Analyzer::Map);
    add({"array_sort", "sort_array", "array_distinct", "array_min", "array_max", "map_keys", "map_values"},
        &Analyzer::ListFunction);
    add({"split"}, &Analyzer::Split);
    add({"date_format", "from_unixtime"}, &Analyzer::FormatTime);
    add({"get_json_object"}, &Analyzer::JsonObject);
    add({"rlike", "regexp", "regexp_like", "regexp_extract", "regexp_replace"}, &Analyzer::Regex);
    return made;
  }();
  return forms;
}

bool Analyzer::IsKnown(std::string_view name) {
  return Forms().contains(name) || IsOneOf(name, kComparisons) || IsOneOf(name, kBits) || IsOneOf(name, kOthers) ||
         IsOneOf(name, kCurrent) || name == "not" || HasSignature(name);
}

std::string Analyzer::Shown(std::string_view function, const ArgumentList& arguments) {
  std::vector<std::string_view> names;
  for (const ExpressionPtr& argument : arguments) {
    names.push_back(argument->name);
  }
  return fmt::format("{}({})", function, fmt::join(names, ", "));
}

std::string Analyzer::Types(const ArgumentList& arguments) {
  std::vector<std::string> types;
  for (const ExpressionPtr& argument : arguments) {
    types.push_back(argument->type.ToSql());
  }
  return fmt::format("({})", fmt::join(types, ", "));
}

Status Analyzer::CheckCount(const Syntax& syntax, std::size_t least, std::size_t most) const {
  const std::size_t count = syntax.arguments.size();
  return count >= least && count <= most ? Status()
                                         : Refused(syntax, "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
                                                   fmt::format("{} does not take {} arguments", syntax.written, count));
}

const Routine* Analyzer::Use(std::string_view name, TypeKind kind) {
  const std::array<TypeKind, 1> kinds = {kind};
  const Routine* routine = FindRoutine(name, kinds);
  if (routine != nullptr) {
    used_.insert(routine);
  }
  return routine;
}

Result<ExpressionPtr> Analyzer::Call(const Syntax& syntax) {
  if (syntax.name == "between") {
    return Between(syntax);
  }
  if (syntax.name == "from_json" || syntax.name == "to_json") {
    return Json(syntax);
  }
  if (!IsKnown(syntax.name)) {
    return IsNotDeterministic(syntax.name) ? NotDeterministic(syntax, syntax.written)
                                           : Unproven(syntax, fmt::format("the function {}", syntax.written));
  }
  if (std::any_of(syntax.arguments.begin(), syntax.arguments.end(),
                  [](const Syntax& argument) { return argument.kind == SyntaxKind::kStar; })) {
    for (const Syntax& argument : syntax.arguments) {
      const bool named = argument.kind == SyntaxKind::kName || argument.alias.has_value();
      if (!named && argument.kind != SyntaxKind::kStar) {  // its name counts the * as one
        return Unproven(argument, "a part without a name beside a * in struct()");
      }
    }
    return Call(WithoutStars(syntax));
  }
  ArgumentList arguments;
  for (const Syntax& argument : syntax.arguments) {
    HF_ASSIGN_OR_RETURN(arguments.emplace_back(), Visit(argument));
  }
  bool known = true;  // whether each part of the name is known
  for (const ExpressionPtr& argument : arguments) {
    known = known && (!argument->name.empty() || argument->type.kind() == TypeKind::kString);
  }
  HF_ASSIGN_OR_RETURN(ExpressionPtr made, Function(syntax, std::move(arguments)));
  if (!known) {
    made->name.clear();
  }
  return made;
}

// With every column in the place of a *, as in struct(*).
Syntax Analyzer::WithoutStars(const Syntax& syntax) const {
  Syntax made = syntax;
  made.arguments.clear();
  for (const Syntax& argument : syntax.arguments) {
    if (argument.kind != SyntaxKind::kStar) {
      made.arguments.push_back(argument);
      continue;
    }
    for (const StructField& field : input_.fields()) {
      Syntax& column = made.arguments.emplace_back();
      column.kind = SyntaxKind::kName;
      column.begin = argument.begin;
      column.parts = {field.name};
    }
  }
  return made;
}

Result<ExpressionPtr> Analyzer::Function(const Syntax& syntax, ArgumentList arguments) {
  const std::string& name = syntax.name;
  if (IsOneOf(name, kComparisons)) {
    return Comparison(syntax, name, std::move(arguments));
  }
  if (name == "!=" || name == "equal_null") {
    const std::string shown = Shown(name, arguments);
    HF_ASSIGN_OR_RETURN(ExpressionPtr equal, Comparison(syntax, name == "!=" ? "=" : "<=>", std::move(arguments)));
    if (name == "equal_null") {
      equal->name = shown;
      return equal;
    }
    const std::string negated = equal->name.empty() ? "" : fmt::format("(NOT {})", equal->name);
    ArgumentList operand;
    operand.push_back(std::move(equal));
    return Run(syntax, "not", std::move(operand), DataType::Boolean(), negated);
  }
  const bool unix = name == "unix_timestamp" || name == "to_unix_timestamp";
  const bool of_text = unix && arguments.size() == 1 && IsTextOrNull(arguments[0]->type);
  if (of_text || (arguments.size() == 2 && (unix || name == "to_timestamp" || name == "to_date"))) {
    return ReadTime(syntax, std::move(arguments));
  }
  if (IsOneOf(name, kCurrent) || (name == "unix_timestamp" && arguments.empty())) {
    return CurrentTime(syntax, name);
  }
  const auto form = Forms().find(name);
  return form != Forms().end() ? (this->*form->second)(syntax, std::move(arguments))
                               : PlainFunction(syntax, std::move(arguments));
}

// IS [NOT] NULL, IS [NOT] UNKNOWN and LIKE.
Result<ExpressionPtr> Analyzer::Predicate(const Syntax& syntax, ArgumentList arguments) {
  const std::string& name = syntax.name;
  if (name == "isnull" || name == "isnotnull" || name == "is unknown" || name == "is not unknown") {
    HF_RETURN_IF_ERROR(CheckCount(syntax, 1, 1));
    const bool is_null = name == "isnull" || name == "is unknown";
    if (name.ends_with("unknown")) {
      HF_ASSIGN_OR_RETURN(arguments[0], Boolean(syntax, std::move(arguments[0])));
    }
    const std::string shown = fmt::format("({} IS {}NULL)", arguments[0]->name, is_null ? "" : "NOT ");
    Use("isnull", arguments[0]->type.kind());
    ExpressionPtr made = MakeIsNull(std::move(arguments[0]), is_null);
    made->name = shown;
    return made;
  }
  HF_RETURN_IF_ERROR(CheckCount(syntax, 2, 3));
  std::string shown = fmt::format("{} LIKE {}", arguments[0]->name, arguments[1]->name);
  if (arguments.size() == 3) {
    const Value* escape = arguments[2]->literal();
    if (escape == nullptr || !std::holds_alternative<std::string>(*escape) ||
        DecodeUtf8(std::get<std::string>(*escape)).size_bytes != std::get<std::string>(*escape).size()) {
      return Unproven(syntax, "LIKE with an escape that is no single character");
    }
    shown += fmt::format(" ESCAPE '{}'", arguments[2]->name);
  }
  HF_ASSIGN_OR_RETURN(arguments, CastAll(syntax, std::move(arguments), DataType::String()));
  return Run(syntax, "like", std::move(arguments), DataType::Boolean(), shown);
}

// lpad and rpad: of binary with binary, else of texts.
Result<ExpressionPtr> Analyzer::Padded(const Syntax& syntax, ArgumentList arguments) {
  const bool binary = arguments[0]->type.kind() == TypeKind::kBinary &&
                      (arguments.size() == 2 || arguments[2]->type.kind() == TypeKind::kBinary);
  if (arguments.size() == 2) {
    arguments.push_back(binary ? MakeLiteral(Binary{std::string(1, '\0')}, DataType::Binary())
                               : MakeLiteral(" ", DataType::String()));
    arguments.back()->name = binary ? "X'00'" : " ";
  }
  std::string shown = Shown(syntax.name, arguments);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto type = ImplicitCast(arguments[i]->type, i == 1   ? Wanted::kInt
                                                       : binary ? Wanted::kBinary
                                                                : Wanted::kString);
    if (!type.has_value()) {
      return arguments[i]->type.is_nested()
                 ? Unproven(syntax, syntax.written + Types(arguments))
                 : Refused(syntax, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                           fmt::format("{} does not take {}", syntax.written, Types(arguments)));
    }
    HF_ASSIGN_OR_RETURN(arguments[i], Cast(syntax, std::move(arguments[i]), *type));
  }
  return Run(syntax, syntax.name, std::move(arguments), DataType::String(), std::move(shown));
}

Result<ExpressionPtr> Analyzer::PlainFunction(const Syntax& syntax, ArgumentList arguments) {
  const std::string& name = syntax.name;
  if (IsOneOf(name, kBits)) {
    HF_RETURN_IF_ERROR(CheckCount(syntax, 2, 2));
    const std::string shown = fmt::format("({} {} {})", arguments[0]->name, name, arguments[1]->name);
    const auto common = TightestCommonType(arguments[0]->type, arguments[1]->type);
    if (!common.has_value()) {
      return Unproven(syntax, name + Types(arguments));
    }
    HF_ASSIGN_OR_RETURN(arguments, CastAll(syntax, std::move(arguments), *common));
    return Run(syntax, name, std::move(arguments), *common, shown);
  }
  if (name == "locate" || name == "position") {
    HF_RETURN_IF_ERROR(CheckCount(syntax, 2, 3));
    std::string shown = fmt::format("{}({}, {}, 1)", name, arguments[0]->name, arguments.back()->name);
    HF_ASSIGN_OR_RETURN(arguments, CastAll(syntax, std::move(arguments), DataType::String()));
    return Run(syntax, "locate", std::move(arguments), DataType::Int(), std::move(shown));
  }
  if ((name == "lpad" || name == "rpad") && (arguments.size() == 2 || arguments.size() == 3)) {
    return Padded(syntax, std::move(arguments));
  }
  if ((name == "substring" || name == "substr") && arguments.size() == 2) {
    arguments.push_back(MakeLiteral(std::int32_t{INT32_MAX}, DataType::Int()));
    arguments.back()->name = "2147483647";
  }
  if (name == "replace" && arguments.size() == 2) {
    arguments.push_back(MakeLiteral("", DataType::String()));
  }
  if (name == "log" && arguments.size() == 1) {
    arguments.insert(arguments.begin(), EulersNumber());
  }
  const Signature* signature = FindSignature(name, arguments.size());
  if (signature == nullptr) {
    // Functions that Spark also takes with a second argument.
    static constexpr std::array<std::string_view, 9> kTwo = {
        "unix_timestamp", "to_unix_timestamp", "floor", "ceil", "ceiling", "trim", "btrim", "ltrim", "rtrim"};
    if (arguments.size() == 2 && IsOneOf(name, kTwo)) {
      return Unproven(syntax, name + Types(arguments));
    }
    if (HasSignature(name)) {
      return Refused(syntax, "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
                     fmt::format("{} does not take {} arguments", syntax.written, arguments.size()));
    }
    return Unproven(syntax, fmt::format("the operator {}", syntax.written));
  }
  std::string shown = name == "not"           ? fmt::format("(NOT {})", arguments[0]->name)
                      : name == "positive"    ? fmt::format("(+ {})", arguments[0]->name)
                      : syntax.written == "-" ? fmt::format("(- {})", arguments[0]->name)
                      : name == "~"           ? "~" + arguments[0]->name
                                              : Shown(signature->shown.empty() ? name : signature->shown, arguments);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto type = ImplicitCast(arguments[i]->type, static_cast<Wanted>(signature->arguments[i]));
    if (!type.has_value() && (signature->routine == "unix_timestamp" || arguments[i]->type.is_nested())) {
      return Unproven(syntax, syntax.written + Types(arguments));
    }
    if (!type.has_value()) {
      return Refused(syntax, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                     fmt::format("{} does not take {}", syntax.written, Types(arguments)));
    }
    HF_ASSIGN_OR_RETURN(arguments[i], Cast(syntax, std::move(arguments[i]), *type));
  }
  if (signature->routine == "unix_timestamp") {
    shown.insert(shown.size() - 1, ", yyyy-MM-dd HH:mm:ss");
  }
  DataType type = arguments[0]->type;
  if (type.kind() == TypeKind::kDecimal && (signature->routine == "floor" || signature->routine == "ceil")) {
    type = DataType::Decimal(std::min(type.precision() - type.scale() + 1, 38), 0);
  }
  return Run(syntax, signature->routine, std::move(arguments), type, std::move(shown));
}

ExpressionPtr Analyzer::EulersNumber() {
  ExpressionPtr made = MakeLiteral(std::numbers::e, DataType::Double());
  made->name = "E()";
  return made;
}

// pi() and e().
Result<ExpressionPtr> Analyzer::Constant(const Syntax& syntax, ArgumentList) {
  HF_RETURN_IF_ERROR(CheckCount(syntax, 0, 0));
  ExpressionPtr made = EulersNumber();
  if (syntax.name == "pi") {
    made = MakeLiteral(std::numbers::pi, DataType::Double());
    made->name = "PI()";
  }
  return made;
}

// round(x) and round(x, digits), where digits is a literal.
Result<ExpressionPtr> Analyzer::Round(const Syntax& syntax, ArgumentList arguments) {
  HF_RETURN_IF_ERROR(CheckCount(syntax, 1, 2));
  if (arguments.size() == 1) {
    arguments.push_back(MakeLiteral(std::int32_t{0}, DataType::Int()));
    arguments[1]->name = "0";
  }
  std::string shown = Shown(syntax.name, arguments);
  const Value* digits = arguments[1]->literal();
  if (digits == nullptr || !std::holds_alternative<std::int32_t>(*digits)) {
    return Unproven(syntax, fmt::format("{} to a number of digits that is no INT literal", syntax.name));
  }
  const auto wanted = std::get<std::int32_t>(*digits);
  const auto type = ImplicitCast(arguments[0]->type, Wanted::kNumeric);
  if (!type.has_value()) {
    return Refused(syntax, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                   fmt::format("{} does not take {}", syntax.name, Types(arguments)));
  }
  HF_ASSIGN_OR_RETURN(arguments[0], Cast(syntax, std::move(arguments[0]), *type));
  DataType result = *type;
  if (type->kind() == TypeKind::kDecimal) {
    // RoundBase.dataType: rounding may need one digit more before the point.
    const int whole = type->precision() - type->scale() + 1;
    const int scale = std::max(0, std::min(type->scale(), wanted));
    const int precision = wanted < 0 ? std::max(whole, -std::max(wanted, -100) + 1) : whole + scale;
    result = DataType::Decimal(std::min(precision, 38), scale);
  }
  return Run(syntax, syntax.name, std::move(arguments), result, std::move(shown));
}

// Binary if all are, else strings.
Result<ExpressionPtr> Analyzer::Concat(const Syntax& syntax, ArgumentList arguments) {
  const std::string name = syntax.name == "||" ? "concat" : syntax.name;
  if (arguments.empty()) {
    return Unproven(syntax, name + "()");
  }
  const bool binary = name == "concat" && std::all_of(arguments.begin(), arguments.end(), [](const ExpressionPtr& one) {
                        return one->type.kind() == TypeKind::kBinary;
                      });
  for (const ExpressionPtr& argument : arguments) {
    if (argument->type.is_nested()) {
      return Unproven(syntax, name + Types(arguments));
    }
  }
  std::string shown = Shown(name, arguments);
  const DataType type = binary ? DataType::Binary() : DataType::String();
  HF_ASSIGN_OR_RETURN(arguments, CastAll(syntax, std::move(arguments), type));
  return Run(syntax, name, std::move(arguments), type, std::move(shown));
}

// int(x) is a cast whose column has the name of x; to_date and to_timestamp without a pattern are casts too.
Result<ExpressionPtr> Analyzer::TypeFunction(const Syntax& syntax, ArgumentList arguments) {
  const bool named = syntax.name.starts_with("to_");
  HF_RETURN_IF_ERROR(CheckCount(syntax, 1, 1));
  HF_ASSIGN_OR_RETURN(const DataType type, TypeOfWord(named ? syntax.name.substr(3) : syntax.name, {}));
  const DataType from = arguments[0]->type;
  const bool moment = IsDateTime(from.kind()) || from.kind() == TypeKind::kString || from.kind() == TypeKind::kNull;
  if (named && !moment) {
    return Unproven(syntax, syntax.written + Types(arguments));
  }
  if (!(from == type) && from.kind() != TypeKind::kNull && FindCast(from.kind(), type.kind()) == nullptr) {
    return Refused(syntax, CastRefusal(from.kind(), type.kind()),
                   fmt::format("{} cannot be cast to {}", from.ToSql(), type.ToSql()));
  }
  std::string shown = named ? Shown(syntax.name, arguments) : arguments[0]->name;
  HF_ASSIGN_OR_RETURN(ExpressionPtr made, Cast(syntax, std::move(arguments[0]), type));
  made->name = std::move(shown);
  return made;
}

}  // namespace hf
