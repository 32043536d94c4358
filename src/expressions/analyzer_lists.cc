// SPDX-License-Identifier: Apache-2.0
// Lists in order, their least and greatest, and maps: array_sort, sort_array, array_distinct, array_min, array_max,
// map, map_keys, map_values.
#include <fmt/format.h>

#include "expressions/analyzer_walk.h"
#include "expressions/coercion.h"

namespace hf {
namespace {

// Spark shows the comparison that array_sort makes where none is given.
constexpr std::string_view kComparison =
    ", lambdafunction((IF(((namedlambdavariable() IS NULL) AND (namedlambdavariable() IS NULL)), 0, "
    "(IF((namedlambdavariable() IS NULL), 1, (IF((namedlambdavariable() IS NULL), -1, "
    "(IF((namedlambdavariable() < namedlambdavariable()), -1, (IF((namedlambdavariable() > namedlambdavariable()), 1, "
    "0)))))))))), namedlambdavariable(), namedlambdavariable()))";

}  // namespace

Result<ExpressionPtr> Analyzer::ListFunction(const Syntax& syntax, ArgumentList arguments) {
  const std::string& name = syntax.name;
  const bool of_map = name == "map_keys" || name == "map_values";
  if (name == "array_sort" && arguments.size() == 2) {
    return Unproven(syntax, "array_sort with a comparison");
  }
  HF_RETURN_IF_ERROR(CheckCount(syntax, 1, name == "sort_array" ? 2 : 1));
  if (name == "sort_array" && arguments.size() == 1) {
    arguments.push_back(MakeLiteral(true, DataType::Boolean()));
    arguments.back()->name = "true";
  }
  std::string shown = Shown(name, arguments);
  if (name == "array_sort") {
    shown.replace(shown.size() - 1, 1, kComparison);
  }
  const DataType type = arguments[0]->type;
  if (type.kind() != (of_map ? TypeKind::kMap : TypeKind::kArray)) {
    return type.kind() == TypeKind::kNull
               ? Unproven(syntax, syntax.written + Types(arguments))
               : Refused(syntax, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                         fmt::format("{} does not take {}", syntax.written, Types(arguments)));
  }
  if (of_map) {
    const StructField& part = type.children()[name == "map_keys" ? 0 : 1];
    const bool nullable = name == "map_values" && part.nullable;
    return Run(syntax, name, std::move(arguments), DataType::Array(part.type, nullable), std::move(shown));
  }
  const DataType element = type.children()[0].type;
  if (element.is_nested() || element.kind() == TypeKind::kNull) {
    return Unproven(syntax, syntax.written + Types(arguments));
  }
  if (name == "sort_array" && (arguments[1]->literal() == nullptr || arguments[1]->type.kind() != TypeKind::kBoolean)) {
    return Unproven(syntax, "sort_array with an order that is neither true nor false");
  }
  const bool one = name == "array_min" || name == "array_max";
  return Run(syntax, name, std::move(arguments), one ? element : type, std::move(shown));
}

// map(key, value, ...): keys of one type, values of one type.
Result<ExpressionPtr> Analyzer::Map(const Syntax& syntax, ArgumentList arguments) {
  std::string shown = Shown("map", arguments);
  if (arguments.empty() || arguments.size() % 2 != 0) {
    return arguments.empty()
               ? Unproven(syntax, "map()")
               : Refused(syntax, "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "map takes keys and values by turns");
  }
  std::array<DataType, 2> types = {DataType::Null(), DataType::Null()};
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto wider = WiderType(types[i % 2], arguments[i]->type);
    if (!wider.has_value()) {
      return Refused(
          syntax,
          i % 2 == 0 ? "DATATYPE_MISMATCH.CREATE_MAP_KEY_DIFF_TYPES" : "DATATYPE_MISMATCH.CREATE_MAP_VALUE_DIFF_TYPES",
          fmt::format("map wants keys of one type and values of one type, not {}", Types(arguments)));
    }
    types[i % 2] = *wider;
  }
  const TypeKind key = types[0].kind();
  const bool real = key == TypeKind::kFloat || key == TypeKind::kDouble;
  if (types[0].is_nested() || key == TypeKind::kNull || real || types[1].kind() == TypeKind::kNull) {
    return Unproven(syntax, "map" + Types(arguments));
  }
  bool nullable = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    HF_ASSIGN_OR_RETURN(arguments[i], Cast(syntax, std::move(arguments[i]), types[i % 2]));
    nullable = nullable || (i % 2 == 1 && arguments[i]->nullable);
  }
  const Routine* routine = FindRoutine("map", {});
  used_.insert(routine);
  ExpressionPtr made = MakeCall(*routine, std::move(arguments), DataType::Map(types[0], types[1], nullable));
  made->name = std::move(shown);
  return made;
}

}  // namespace hf
