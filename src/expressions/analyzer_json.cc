// SPDX-License-Identifier: Apache-2.0
// from_json, to_json, get_json_object: schemas, options and paths, which are literals.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "codec/json/json_path.h"
#include "expressions/analyzer_walk.h"
#include "expressions/coercion.h"
#include "expressions/token.h"

namespace hf {
namespace {

const std::string* TextOf(const Expression& expression) {
  const Value* value = expression.literal();
  return value != nullptr ? std::get_if<std::string>(value) : nullptr;
}

// Every part may be null (DataType.asNullable).
DataType Nullable(const DataType& type) {
  std::vector<StructField> parts = type.children();
  for (StructField& part : parts) {
    part.type = Nullable(part.type);
    part.nullable = true;
  }
  switch (type.kind()) {
    case TypeKind::kArray: return DataType::Array(parts[0].type);
    case TypeKind::kMap: return DataType::Map(parts[0].type, parts[1].type);
    case TypeKind::kStruct: return DataType::Struct(std::move(parts));
    default: return type;
  }
}

// Whether outside of backticks and brackets there is what Spark's columns must not have: `a: INT`, a name of letters
// beyond ASCII.
bool IsOddForColumns(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (const char c : text) {
    quoted = quoted != (c == '`');
    depth += quoted ? 0 : c == '<' ? 1 : c == '>' ? -1 : 0;
    if (!quoted && ((c == ':' && depth == 0) || static_cast<unsigned char>(c) >= 0x80)) {
      return true;
    }
  }
  return false;
}

// A type, or else columns (DataType.fromDDL).
Result<DataType> TypeOfText(const std::string& text) {
  const auto one = Schema::FromDdl("type " + text);
  if (one.ok() && one->size() == 1 && one->field(0).nullable && one->field(0).metadata_json == "{}") {
    return one->field(0).type;
  }
  if (IsOddForColumns(text)) {
    return Invalid(fmt::format("the schema \"{}\" of from_json does not read as columns", text), "PARSE_SYNTAX_ERROR");
  }
  HF_ASSIGN_OR_RETURN(const Schema columns, Schema::FromDdl(text));
  return columns.type();
}

// What of a type from_json reads otherwise than Spark, or nobody has looked at; empty: nothing.
std::string Unread(const DataType& type) {
  if (type.kind() == TypeKind::kByte || type.kind() == TypeKind::kNull) {
    return type.ToSql();  // Spark wraps 128 to 255 around
  }
  if (type.kind() == TypeKind::kMap && type.children()[0].type.kind() != TypeKind::kString) {
    return type.ToSql();
  }
  if (type.kind() == TypeKind::kStruct && type.children().empty()) {
    return type.ToSql();
  }
  std::set<std::string> names;
  for (const StructField& part : type.children()) {
    if (!names.insert(part.name).second || part.name == "_corrupt_record") {
      return "a field " + part.name;
    }
    if (std::string inner = Unread(part.type); !inner.empty()) {
      return inner;
    }
  }
  return "";
}

bool HasOtherKeysThanTexts(const DataType& type) {
  return (type.kind() == TypeKind::kMap && type.children()[0].type.kind() != TypeKind::kString) ||
         std::any_of(type.children().begin(), type.children().end(),
                     [](const StructField& part) { return HasOtherKeysThanTexts(part.type); });
}

}  // namespace

// The options in map('name', 'value', ...), by name in lower case; each must be one of `known`.
Result<std::map<std::string, std::string>> Analyzer::Options(const Syntax& syntax, std::size_t at,
                                                             std::span<const std::string_view> known) const {
  std::map<std::string, std::string> options;
  if (syntax.arguments.size() <= at) {
    return options;
  }
  const Syntax& written = syntax.arguments[at];
  const std::vector<Syntax>& parts = written.arguments;
  const bool is_map =
      written.kind == SyntaxKind::kCall && written.name == "map" && !parts.empty() && parts.size() % 2 == 0;
  if (!is_map || std::any_of(parts.begin(), parts.end(), [](const Syntax& part) {
        return part.kind != SyntaxKind::kLiteral || !std::holds_alternative<std::string>(part.value);
      })) {
    return Unproven(syntax, syntax.written + " with options other than map('name', 'value', ...)");
  }
  for (std::size_t i = 0; i < parts.size(); i += 2) {
    const auto& name = std::get<std::string>(parts[i].value);
    const std::string lower = LowerWord(name);
    if (std::find(known.begin(), known.end(), lower) == known.end() || options.contains(lower)) {
      return Unproven(syntax, fmt::format("{} with the option {}", syntax.written, name));
    }
    options[lower] = std::get<std::string>(parts[i + 1].value);
  }
  return options;
}

Result<ExpressionPtr> Analyzer::Json(const Syntax& syntax) {
  const bool reads = syntax.name == "from_json";
  HF_RETURN_IF_ERROR(CheckCount(syntax, reads ? 2 : 1, reads ? 3 : 2));
  HF_ASSIGN_OR_RETURN(ExpressionPtr value, Visit(syntax.arguments[0]));
  const bool known = !value->name.empty() || value->type.kind() == TypeKind::kString;
  std::string shown = known ? fmt::format("{}({})", syntax.name, value->name) : "";
  if (!reads) {
    return ToJson(syntax, std::move(value), std::move(shown));
  }
  HF_ASSIGN_OR_RETURN(ExpressionPtr made, FromJson(syntax, std::move(value), std::move(shown)));
  if (made->type.kind() == TypeKind::kMap) {
    made->name = "entries";  // as Spark calls every map out of JSON
  }
  return made;
}

Result<ExpressionPtr> Analyzer::FromJson(const Syntax& syntax, ExpressionPtr text, std::string shown) {
  HF_ASSIGN_OR_RETURN(const ExpressionPtr schema, Visit(syntax.arguments[1]));
  const std::string* ddl = TextOf(*schema);
  if (ddl == nullptr) {
    return Unproven(syntax, "from_json with a schema that is no text literal");
  }
  const auto type = TypeOfText(*ddl);
  if (!type.ok()) {
    return Unproven(syntax, fmt::format("from_json with the schema \"{}\" ({})", *ddl, type.status().message()));
  }
  if (!type->is_nested()) {
    return Unproven(syntax, "from_json as " + type->ToSql());
  }
  if (const std::string unread = Unread(*type); !unread.empty()) {
    return Unproven(syntax, fmt::format("from_json with {} in its schema", unread));
  }
  static constexpr std::array<std::string_view, 3> kKnown = {"mode", "timestampformat", "dateformat"};
  HF_ASSIGN_OR_RETURN(auto options, Options(syntax, 2, kKnown));
  if (options.contains("mode") && !SameWord(options["mode"], "permissive")) {
    return Unproven(syntax, "from_json in the mode " + options["mode"]);
  }
  if (text->type.kind() != TypeKind::kString && text->type.kind() != TypeKind::kNull) {
    return Refused(syntax, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                   fmt::format("from_json does not take {}", text->type.ToSql()));
  }
  ArgumentList arguments;
  HF_ASSIGN_OR_RETURN(arguments.emplace_back(), Cast(syntax, std::move(text), DataType::String()));
  for (const char* option : {"timestampformat", "dateformat"}) {
    const bool given = options.contains(option);
    arguments.push_back(MakeLiteral(given ? Value(options[option]) : Value(), DataType::String()));
    if (given) {
      HF_RETURN_IF_ERROR(CheckPattern(syntax, *arguments.back(), DateTimePattern::Use::kRead));
    }
  }
  return Run(syntax, "from_json", std::move(arguments), Nullable(*type), std::move(shown));
}

Result<ExpressionPtr> Analyzer::ToJson(const Syntax& syntax, ExpressionPtr value, std::string shown) {
  static constexpr std::array<std::string_view, 1> kKnown = {"ignorenullfields"};
  HF_ASSIGN_OR_RETURN(auto options, Options(syntax, 1, kKnown));
  const bool keeps_nulls = SameWord(options["ignorenullfields"], "false");
  if (!keeps_nulls && options["ignorenullfields"] != "" && !SameWord(options["ignorenullfields"], "true")) {
    return Unproven(syntax, "to_json with ignoreNullFields neither true nor false");
  }
  if (!value->type.is_nested() && value->type.kind() != TypeKind::kNull) {
    return Refused(syntax, "DATATYPE_MISMATCH.INVALID_JSON_SCHEMA",
                   fmt::format("to_json takes a struct, array or map, not {}", value->type.ToSql()));
  }
  if (value->type.kind() == TypeKind::kNull || HasOtherKeysThanTexts(value->type)) {
    return Unproven(syntax, fmt::format("to_json({})", value->type.ToSql()));
  }
  ArgumentList arguments;
  arguments.push_back(std::move(value));
  arguments.push_back(MakeLiteral(!keeps_nulls, DataType::Boolean()));
  return Run(syntax, "to_json", std::move(arguments), DataType::String(), std::move(shown));
}

Result<ExpressionPtr> Analyzer::JsonObject(const Syntax& syntax, ArgumentList arguments) {
  HF_RETURN_IF_ERROR(CheckCount(syntax, 2, 2));
  std::string shown = Shown("get_json_object", arguments);
  if (arguments[0]->type.kind() != TypeKind::kString && arguments[0]->type.kind() != TypeKind::kNull) {
    return Refused(syntax, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                   fmt::format("get_json_object does not take {}", Types(arguments)));
  }
  const std::string* path = TextOf(*arguments[1]);
  if (path == nullptr || !JsonPath::Parse(*path).has_value()) {
    return Unproven(syntax, "get_json_object with a path that is not a text literal of names and indexes");
  }
  HF_ASSIGN_OR_RETURN(arguments[0], Cast(syntax, std::move(arguments[0]), DataType::String()));
  return Run(syntax, "get_json_object", std::move(arguments), DataType::String(), std::move(shown));
}

}  // namespace hf
