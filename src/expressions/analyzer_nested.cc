// SPDX-License-Identifier: Apache-2.0
// Lists, maps and structs: what is taken out of them ([], ., element_at), what they are asked (size, array_contains),
// and what makes them (array, struct, named_struct).
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "expressions/analyzer_walk.h"
#include "expressions/coercion.h"
#include "expressions/signature.h"

namespace hf {
namespace {

bool IsList(const DataType& type) { return type.kind() == TypeKind::kArray; }
bool IsListOfStructs(const DataType& type) {
  return IsList(type) && type.children()[0].type.kind() == TypeKind::kStruct;
}

const std::string* TextOf(const Expression& expression) {
  const Value* value = expression.literal();
  return value != nullptr ? std::get_if<std::string>(value) : nullptr;
}

// Spark's quoteIfNeeded.
std::string Quoted(const std::string& name) {
  const bool digits = name.find_first_not_of("0123456789") == std::string::npos;
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (plain && !digits) {
    return name;
  }
  std::string quoted = "`";
  for (const char c : name) {
    quoted += c == '`' ? "``" : std::string(1, c);
  }
  return quoted + "`";
}

// array(...).field
bool IsFieldOfMadeList(const Syntax& syntax) {
  return syntax.kind == SyntaxKind::kCall && syntax.name == "." && syntax.arguments[0].kind == SyntaxKind::kCall &&
         syntax.arguments[0].name == "array";
}

// The name that a part of struct() has without an alias.
std::string FieldName(const Syntax& part, std::size_t number) {
  if (part.kind == SyntaxKind::kName) {
    return part.parts.back();
  }
  const bool taken = part.kind == SyntaxKind::kCall && (part.name == "." || part.name == "[]");
  if (taken && std::holds_alternative<std::string>(part.arguments[1].value)) {
    return std::get<std::string>(part.arguments[1].value);
  }
  return fmt::format("col{}", number + 1);
}

}  // namespace

// Of a struct, of each struct of a list, or of a map, whose key it is.
Result<ExpressionPtr> Analyzer::Field(const Syntax& at, ExpressionPtr of, const std::string& field) {
  const DataType type = of->type;
  const std::string name = of->name.empty() ? "" : of->name + "." + field;
  if (type.kind() == TypeKind::kMap) {
    ArgumentList both;
    both.push_back(std::move(of));
    both.push_back(MakeLiteral(field, DataType::String()));
    both.back()->name = field;
    return Element(at, std::move(both));
  }
  const bool list = IsListOfStructs(type);
  if (type.kind() != TypeKind::kStruct && !list) {
    return Refused(at, IsList(type) ? "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE" : "INVALID_EXTRACT_BASE_FIELD_TYPE",
                   fmt::format("{} is {}, not a struct with a field {}", of->name, type.ToSql(), field));
  }
  const DataType& fields = list ? type.children()[0].type : type;
  HF_ASSIGN_OR_RETURN(const auto index, Find(at, fields.children(), field, "field"));
  if (!index.has_value()) {
    return Refused(at, "FIELD_NOT_FOUND", fmt::format("{} is {} and has no field {}", of->name, type.ToSql(), field));
  }
  // Of a struct that is made right here Spark evaluates the field alone.
  ExpressionPtr made = list                     ? MakeElementField(std::move(of), *index)
                       : of->parts() != nullptr ? std::move((*of->parts())[*index])
                                                : MakeField(std::move(of), *index);
  // Spark shows more of a list out of JSON there than people want to see.
  made->name = list && name.starts_with("from_json(") ? "" : name;
  return made;
}

Result<ExpressionPtr> Analyzer::Dot(const Syntax& syntax, ArgumentList arguments) {
  return Field(syntax, std::move(arguments[0]), std::get<std::string>(syntax.arguments[1].value));
}

// base[index] of a list or map.
Result<ExpressionPtr> Analyzer::Element(const Syntax& syntax, ArgumentList arguments) {
  const DataType type = arguments[0]->type;
  const DataType& index = arguments[1]->type;
  const std::string shown = fmt::format("{}[{}]", arguments[0]->name, arguments[1]->name);
  if (const std::string* field = TextOf(*arguments[1]);
      field != nullptr && (type.kind() == TypeKind::kStruct || IsListOfStructs(type))) {
    return Field(syntax, std::move(arguments[0]), std::string(*field));
  }
  if (type.kind() == TypeKind::kStruct) {
    return Refused(syntax, "INVALID_EXTRACT_FIELD_TYPE",
                   fmt::format("a field of {} is named by a text, not by {}", type.ToSql(), index.ToSql()));
  }
  if (IsList(type)) {
    if (!IsIntegral(index.kind()) && index.kind() != TypeKind::kNull) {
      return Refused(syntax, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                     fmt::format("an element of {} has a whole number, not {}", type.ToSql(), index.ToSql()));
    }
    if (index.kind() == TypeKind::kNull) {
      HF_ASSIGN_OR_RETURN(arguments[1], Cast(syntax, std::move(arguments[1]), DataType::Int()));
    }
    return ElementOfList(syntax, "[]", std::move(arguments), 0, shown);
  }
  if (type.kind() == TypeKind::kNull) {
    return Unproven(syntax, "an element of NULL");
  }
  if (type.kind() != TypeKind::kMap) {
    return Refused(syntax, "INVALID_EXTRACT_BASE_FIELD_TYPE",
                   fmt::format("{} is {}, which has no elements", arguments[0]->name, type.ToSql()));
  }
  if (arguments[0]->parts() != nullptr) {  // of which Spark evaluates only what it needs
    return Unproven(syntax, "an element of map()");
  }
  const DataType& key = type.children()[0].type;
  if (!(key == index)) {
    const bool known = key.kind() == TypeKind::kString || key.kind() == TypeKind::kInt;
    const auto cast =
        known ? ImplicitCast(index, key.kind() == TypeKind::kInt ? Wanted::kInt : Wanted::kString) : std::nullopt;
    if (!cast.has_value()) {
      return known ? Refused(syntax, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                             fmt::format("a key of {} is not {}", type.ToSql(), index.ToSql()))
                   : Unproven(syntax, fmt::format("{}[{}]", type.ToSql(), index.ToSql()));
    }
    HF_ASSIGN_OR_RETURN(arguments[1], Cast(syntax, std::move(arguments[1]), key));
  }
  HF_ASSIGN_OR_RETURN(ExpressionPtr made, Run(syntax, "[]", std::move(arguments), type.children()[1].type, shown));
  made->nullable = true;
  return made;
}

// As Spark has it, the element may be null when the list or its type says so; and of an index that is the same for
// every row also otherwise, unless the list is made right here. `first` is the index of the first element.
Result<ExpressionPtr> Analyzer::ElementOfList(const Syntax& syntax, std::string_view routine, ArgumentList arguments,
                                              int first, std::string shown) {
  const StructField element = arguments[0]->type.children()[0];
  bool nullable = arguments[0]->nullable || element.nullable;
  if (arguments[1]->foldable && !arguments[1]->nullable) {
    const auto index = ConstantInteger(*arguments[1]);
    std::vector<ExpressionPtr>* parts = arguments[0]->parts();
    const std::int64_t count = parts != nullptr ? static_cast<std::int64_t>(parts->size()) : 0;
    const std::int64_t place = index.value_or(first) - first + (index.value_or(0) < 0 ? first + count : 0);
    const bool there = index.has_value() && place >= 0 && place < count;
    const Syntax& written = syntax.arguments[0];
    nullable = written.kind == SyntaxKind::kCall && written.name == "array"
                   ? there && (*parts)[static_cast<std::size_t>(place)]->nullable
                   : !IsFieldOfMadeList(written) || element.nullable;
    if (there && first == 0 && *index >= 0 && arguments[1]->type.kind() == TypeKind::kInt) {
      // Spark evaluates this element alone.
      ExpressionPtr part = std::move((*parts)[static_cast<std::size_t>(place)]);
      part->name = std::move(shown);
      part->nullable = nullable;
      return part;
    }
  }
  HF_ASSIGN_OR_RETURN(ExpressionPtr made, Run(syntax, routine, std::move(arguments), element.type, std::move(shown)));
  made->nullable = nullable;
  return made;
}

std::optional<std::int64_t> Analyzer::ConstantInteger(const Expression& expression) const {
  const ColumnBatch none;
  const auto value = expression.Evaluate(RowSet{none, zone_, std::array<std::int64_t, 1>{0}});
  if (!value.ok() || value->IsNull(0)) {
    return std::nullopt;
  }
  switch (FixedWidth(value->column.type.kind())) {
    case 1: return value->column.Fixed<std::int8_t>(0);
    case 2: return value->column.Fixed<std::int16_t>(0);
    case 4: return value->column.Fixed<std::int32_t>(0);
    default: return value->column.Fixed<std::int64_t>(0);
  }
}

Result<ExpressionPtr> Analyzer::ElementAt(const Syntax& syntax, ArgumentList arguments) {
  HF_RETURN_IF_ERROR(CheckCount(syntax, 2, 2));
  std::string shown = Shown("element_at", arguments);
  const DataType type = arguments[0]->type;
  const DataType index = arguments[1]->type;
  if (IsList(type)) {
    if (!IsIntegral(index.kind()) || index.kind() == TypeKind::kLong) {
      return Refused(syntax, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                     fmt::format("element_at does not take {}", Types(arguments)));
    }
    return ElementOfList(syntax, "element_at", std::move(arguments), 1, std::move(shown));
  }
  if (type.kind() != TypeKind::kMap) {
    return Refused(syntax, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                   fmt::format("element_at does not take {}", Types(arguments)));
  }
  const DataType key = type.children()[0].type;
  const auto common = TightestCommonType(key, index);
  if (!common.has_value() || (key.kind() == TypeKind::kString) != (common->kind() == TypeKind::kString)) {
    const bool numbers = IsNumeric(key.kind()) && IsNumeric(index.kind());
    return numbers ? Unproven(syntax, "element_at" + Types(arguments))
                   : Refused(syntax, "DATATYPE_MISMATCH.MAP_FUNCTION_DIFF_TYPES",
                             fmt::format("element_at does not take {}", Types(arguments)));
  }
  if (!(*common == key)) {
    return Unproven(syntax, "element_at" + Types(arguments));
  }
  HF_ASSIGN_OR_RETURN(arguments[1], Cast(syntax, std::move(arguments[1]), key));
  HF_ASSIGN_OR_RETURN(ExpressionPtr made,
                      Run(syntax, "element_at", std::move(arguments), type.children()[1].type, std::move(shown)));
  made->nullable = true;
  return made;
}

Result<ExpressionPtr> Analyzer::Size(const Syntax& syntax, ArgumentList arguments) {
  HF_RETURN_IF_ERROR(CheckCount(syntax, 1, 1));
  std::string shown = Shown(syntax.name, arguments);
  const TypeKind kind = arguments[0]->type.kind();
  if (kind == TypeKind::kNull) {
    HF_ASSIGN_OR_RETURN(arguments[0], Cast(syntax, std::move(arguments[0]), DataType::Array(DataType::Null())));
  } else if (kind != TypeKind::kArray && (kind != TypeKind::kMap || syntax.name == "array_size")) {
    return Refused(syntax, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                   fmt::format("{} does not take {}", syntax.written, Types(arguments)));
  }
  return Run(syntax, "size", std::move(arguments), DataType::Int(), std::move(shown));
}

Result<ExpressionPtr> Analyzer::ArrayContains(const Syntax& syntax, ArgumentList arguments) {
  HF_RETURN_IF_ERROR(CheckCount(syntax, 2, 2));
  std::string shown = Shown("array_contains", arguments);
  const TypeKind kind = arguments[0]->type.kind();
  if (kind == TypeKind::kNull || arguments[1]->type.kind() == TypeKind::kNull) {
    return Refused(syntax, "DATATYPE_MISMATCH.NULL_TYPE", "array_contains takes no NULL without a type");
  }
  if (kind != TypeKind::kArray) {
    return Refused(syntax, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                   fmt::format("array_contains does not take {}", Types(arguments)));
  }
  const StructField element = arguments[0]->type.children()[0];
  const DataType value = arguments[1]->type;
  const auto common = WiderType(element.type, value);
  const bool promotes = (element.type.kind() == TypeKind::kString) != (value.kind() == TypeKind::kString);
  if (!common.has_value() || (promotes && element.type.kind() != TypeKind::kNull)) {
    return Refused(syntax, "DATATYPE_MISMATCH.ARRAY_FUNCTION_DIFF_TYPES",
                   fmt::format("array_contains does not take {}", Types(arguments)));
  }
  if (common->is_nested()) {
    return Unproven(syntax, "array_contains" + Types(arguments));
  }
  const bool nullable = arguments[0]->nullable || arguments[1]->nullable || element.nullable;
  HF_ASSIGN_OR_RETURN(arguments[1], Cast(syntax, std::move(arguments[1]), *common));
  if (!(element.type == *common)) {
    const Routine* cast = FindCast(element.type.kind(), common->kind());
    if (element.type.kind() != TypeKind::kNull && (cast == nullptr || cast->can_fail)) {
      return Unproven(syntax, "array_contains" + Types(arguments));
    }
    const DataType to = DataType::Array(*common, element.nullable);
    if (cast == nullptr) {
      arguments[0]->type = to;
    } else {
      used_.insert(cast);
      arguments[0] = MakeElementCast(std::move(arguments[0]), *cast, to);
    }
  }
  HF_ASSIGN_OR_RETURN(ExpressionPtr made,
                      Run(syntax, "array_contains", std::move(arguments), DataType::Boolean(), std::move(shown)));
  made->nullable = nullable;
  return made;
}

Result<ExpressionPtr> Analyzer::Array(const Syntax& syntax, ArgumentList arguments) {
  const std::string shown = Shown("array", arguments);
  DataType type = DataType::Null();
  bool contains_null = false;
  for (const ExpressionPtr& argument : arguments) {
    const auto wider = WiderType(type, argument->type);
    if (!wider.has_value()) {
      return Refused(syntax, "DATATYPE_MISMATCH.DATA_DIFF_TYPES",
                     fmt::format("array wants arguments of one type, not {}", Types(arguments)));
    }
    type = *wider;
    contains_null = contains_null || argument->nullable;
  }
  ExpressionPtr made;
  if (type.kind() == TypeKind::kNull) {
    ArrayValue value;
    value.elements.resize(arguments.size());
    made = MakeLiteral(std::move(value), DataType::Array(type, !arguments.empty()));
  } else {
    HF_ASSIGN_OR_RETURN(arguments, CastAll(syntax, std::move(arguments), type));
    contains_null = std::any_of(arguments.begin(), arguments.end(), [](const auto& one) { return one->nullable; });
    HF_ASSIGN_OR_RETURN(made, Run(syntax, "array", std::move(arguments), DataType::Array(type, contains_null), shown));
  }
  made->name = shown;
  return made;
}

Result<ExpressionPtr> Analyzer::StructOf(const Syntax& syntax, ArgumentList arguments) {
  if (arguments.empty()) {
    return Unproven(syntax, syntax.written + "()");
  }
  std::vector<StructField> fields;
  ArgumentList parts;
  std::string shown;
  if (syntax.name == "struct") {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const Syntax& written = syntax.arguments[i];
      shown += (i > 0 ? ", " : "") + arguments[i]->name;
      shown += written.alias.has_value() ? " AS " + Quoted(*written.alias) : "";
      fields.push_back({written.alias.value_or(FieldName(written, i)), arguments[i]->type, arguments[i]->nullable});
    }
    shown = "struct(" + shown + ")";
    parts = std::move(arguments);
  } else {
    if (arguments.size() % 2 != 0) {
      return Refused(syntax, "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "named_struct takes names and values by turns");
    }
    shown = Shown("named_struct", arguments);
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
      const std::string* name = TextOf(*arguments[i]);
      if (name == nullptr) {
        return arguments[i]->foldable && arguments[i]->type.kind() == TypeKind::kString
                   ? Unproven(syntax, "named_struct with a name that is no literal")
                   : Refused(syntax, "DATATYPE_MISMATCH.CREATE_NAMED_STRUCT_WITHOUT_FOLDABLE_STRING",
                             "a name in named_struct is a text that is the same for every row");
      }
      fields.push_back({*name, arguments[i + 1]->type, arguments[i + 1]->nullable});
      parts.push_back(std::move(arguments[i + 1]));
    }
  }
  const Routine* routine = FindRoutine("struct", {});
  used_.insert(routine);
  ExpressionPtr made = MakeCall(*routine, std::move(parts), DataType::Struct(std::move(fields)));
  made->name = std::move(shown);
  return made;
}

}  // namespace hf
