// SPDX-License-Identifier: Apache-2.0
// RLIKE, rlike, regexp, regexp_like, regexp_extract, regexp_replace: patterns are literals, and plain.
#include <fmt/format.h>

#include "expressions/analyzer_walk.h"
#include "expressions/java_pattern.h"
#include "expressions/signature.h"

namespace hf {
namespace {

const std::string* TextOf(const Expression& expression) {
  const Value* value = expression.literal();
  return value != nullptr ? std::get_if<std::string>(value) : nullptr;
}

bool IsLiteralInt(const Expression& expression, std::int32_t least, std::int32_t most) {
  const Value* value = expression.literal();
  const auto* number = value != nullptr ? std::get_if<std::int32_t>(value) : nullptr;
  return number != nullptr && *number >= least && *number <= most;
}

std::string UpperWord(std::string_view word) {
  std::string upper(word);
  for (char& c : upper) {
    c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return upper;
}

}  // namespace

Result<ExpressionPtr> Analyzer::Regex(const Syntax& syntax, ArgumentList arguments) {
  const std::string& name = syntax.name;
  const bool replaces = name == "regexp_replace";
  const bool extracts = name == "regexp_extract";
  HF_RETURN_IF_ERROR(CheckCount(syntax, replaces ? 3 : 2, replaces ? 4 : extracts ? 3 : 2));
  if ((extracts && arguments.size() == 2) || (replaces && arguments.size() == 3)) {
    arguments.push_back(MakeLiteral(std::int32_t{1}, DataType::Int()));
    arguments.back()->name = "1";
  }
  std::string shown = Shown(replaces || extracts ? name : UpperWord(name), arguments);
  const auto text = ImplicitCast(arguments[0]->type, Wanted::kString);
  if (!text.has_value()) {
    return Unproven(syntax, syntax.written + Types(arguments));
  }
  const std::string* written = TextOf(*arguments[1]);
  const auto pattern = written != nullptr ? JavaPattern::Compile(*written) : nullptr;
  if (pattern == nullptr) {
    return Unproven(syntax,
                    written == nullptr
                        ? name + " with a pattern that is no text literal"
                        : fmt::format("{} with the pattern {}, which is not one of the plain ones,", name, *written));
  }
  HF_ASSIGN_OR_RETURN(arguments[0], Cast(syntax, std::move(arguments[0]), *text));
  if (extracts && !IsLiteralInt(*arguments[2], 0, pattern->groups())) {
    return Unproven(syntax,
                    fmt::format("regexp_extract of a group other than a literal of 0 to {}", pattern->groups()));
  }
  if (replaces && pattern->may_match_nothing()) {
    return Unproven(syntax,
                    fmt::format("regexp_replace of the pattern {}, which may match without a character,", *written));
  }
  if (replaces) {
    const std::string* by = TextOf(*arguments[2]);
    if (by == nullptr || !pattern->ReadReplacement(*by).has_value() || !IsLiteralInt(*arguments[3], 1, 1)) {
      return Unproven(syntax,
                      "regexp_replace with a replacement that is no text literal, or names a group that the "
                      "pattern lacks, or from another position than 1");
    }
    arguments.pop_back();
  }
  const DataType type = replaces || extracts ? DataType::String() : DataType::Boolean();
  return Run(syntax, replaces || extracts ? name : "rlike", std::move(arguments), type, std::move(shown));
}

}  // namespace hf
