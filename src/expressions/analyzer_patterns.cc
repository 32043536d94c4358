// SPDX-License-Identifier: Apache-2.0
// Functions with a pattern, which is a literal here: split, date_format, from_unixtime, to_timestamp, to_date,
// unix_timestamp.
#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "expressions/analyzer_walk.h"
#include "expressions/coercion.h"
#include "expressions/java_pattern.h"
#include "expressions/signature.h"
#include "rows/datetime_pattern.h"

namespace hf {
namespace {

constexpr std::string_view kDefaultPattern = "yyyy-MM-dd HH:mm:ss";

const std::string* TextOf(const Expression& expression) {
  const Value* value = expression.literal();
  return value != nullptr ? std::get_if<std::string>(value) : nullptr;
}

bool IsAsciiLetterOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// The text that a regular expression of Java stands for when it stands for a single one: plain characters, characters
// behind a backslash and classes of one character. nullopt for any other.
std::optional<std::string> OnlyText(std::string_view pattern) {
  std::string text;
  const auto take = [&] {
    const std::size_t size = std::max<std::size_t>(DecodeUtf8(pattern).size_bytes, 1);
    text += pattern.substr(0, size);
    pattern.remove_prefix(size);
  };
  // A character behind a backslash, which has no meaning of its own there.
  const auto take_escaped = [&] {
    if (pattern.size() < 2 || pattern[0] != '\\' || IsAsciiLetterOrDigit(pattern[1])) {
      return false;
    }
    pattern.remove_prefix(1);
    take();
    return true;
  };
  while (!pattern.empty()) {
    const char c = pattern.front();
    if (c == '\\') {
      if (!take_escaped()) {
        return std::nullopt;
      }
    } else if (c == '[') {
      pattern.remove_prefix(1);
      const bool plain = !pattern.empty() && std::string_view("[]^\\").find(pattern.front()) == std::string_view::npos;
      if (plain) {
        take();
      } else if (!take_escaped()) {
        return std::nullopt;
      }
      if (!pattern.starts_with(']')) {
        return std::nullopt;
      }
      pattern.remove_prefix(1);
    } else if (std::string_view(".^$|?*+(){").find(c) != std::string_view::npos) {
      return std::nullopt;
    } else {
      take();
    }
  }
  return text;
}

}  // namespace

Result<ExpressionPtr> Analyzer::Split(const Syntax& syntax, ArgumentList arguments) {
  HF_RETURN_IF_ERROR(CheckCount(syntax, 2, 3));
  if (arguments.size() == 2) {
    arguments.push_back(MakeLiteral(std::int32_t{-1}, DataType::Int()));
    arguments.back()->name = "-1";
  }
  std::string shown = Shown("split", arguments);
  const auto text = ImplicitCast(arguments[0]->type, Wanted::kString);
  const auto limit = ImplicitCast(arguments[2]->type, Wanted::kInt);
  if (!text.has_value() || !limit.has_value()) {
    return Refused(syntax, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                   fmt::format("split does not take {}", Types(arguments)));
  }
  const std::string* pattern = TextOf(*arguments[1]);
  const auto separator = pattern != nullptr ? OnlyText(*pattern) : std::nullopt;
  const auto several = pattern != nullptr && !separator.has_value() ? JavaPattern::Compile(*pattern) : nullptr;
  if (!separator.has_value() && (several == nullptr || several->may_match_nothing())) {
    return Unproven(syntax,
                    pattern == nullptr
                        ? "split by a pattern that is no text literal"
                        : fmt::format("split by the pattern {}, which is not one of the plain ones, or may match "
                                      "without a character,",
                                      *pattern));
  }
  HF_ASSIGN_OR_RETURN(arguments[0], Cast(syntax, std::move(arguments[0]), *text));
  if (separator.has_value()) {
    arguments[1] = MakeLiteral(*separator, DataType::String());
  }
  HF_ASSIGN_OR_RETURN(arguments[2], Cast(syntax, std::move(arguments[2]), *limit));
  return Run(syntax, separator.has_value() ? "split" : "split by pattern", std::move(arguments),
             DataType::Array(DataType::String(), false), std::move(shown));
}

// kInvalid for a pattern that is no literal, or has letters that are not known to mean the same as in Spark.
Status Analyzer::CheckPattern(const Syntax& syntax, const Expression& pattern, DateTimePattern::Use use) const {
  const std::string* text = TextOf(pattern);
  if (text == nullptr) {
    return Unproven(syntax, syntax.written + " with a pattern that is no text literal");
  }
  const auto compiled = DateTimePattern::Compile(*text, use);
  bool quoted = false;
  bool known = compiled.ok();
  for (const char c : *text) {
    quoted = quoted != (c == '\'');
    // In Spark u is the number of the day of the week, and refused.
    known = known && (quoted || c != 'u');
  }
  return known ? Status() : Unproven(syntax, fmt::format("{} with the pattern {}", syntax.written, *text));
}

// date_format(moment, pattern), from_unixtime(seconds [, pattern]).
Result<ExpressionPtr> Analyzer::FormatTime(const Syntax& syntax, ArgumentList arguments) {
  const bool of_seconds = syntax.name == "from_unixtime";
  HF_RETURN_IF_ERROR(CheckCount(syntax, of_seconds ? 1 : 2, 2));
  if (arguments.size() == 1) {
    arguments.push_back(MakeLiteral(std::string(kDefaultPattern), DataType::String()));
    arguments.back()->name = kDefaultPattern;
  }
  std::string shown = Shown(syntax.name, arguments);
  const auto type = ImplicitCast(arguments[0]->type, of_seconds ? Wanted::kLong : Wanted::kInstant);
  if (!type.has_value()) {
    return Refused(syntax, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                   fmt::format("{} does not take {}", syntax.written, Types(arguments)));
  }
  HF_RETURN_IF_ERROR(CheckPattern(syntax, *arguments[1], DateTimePattern::Use::kWrite));
  HF_ASSIGN_OR_RETURN(arguments[0], Cast(syntax, std::move(arguments[0]), *type));
  return Run(syntax, syntax.name, std::move(arguments), DataType::String(), std::move(shown));
}

// to_timestamp, to_date, unix_timestamp, to_unix_timestamp of a text and a pattern.
Result<ExpressionPtr> Analyzer::ReadTime(const Syntax& syntax, ArgumentList arguments) {
  HF_RETURN_IF_ERROR(CheckCount(syntax, 1, 2));
  const bool seconds = syntax.name.ends_with("unix_timestamp");
  if (arguments.size() == 1) {
    arguments.push_back(MakeLiteral(std::string(kDefaultPattern), DataType::String()));
    arguments.back()->name = kDefaultPattern;
  }
  std::string shown = Shown(syntax.name, arguments);
  const TypeKind kind = arguments[0]->type.kind();
  if (kind != TypeKind::kString && kind != TypeKind::kNull) {
    return Unproven(syntax, syntax.written + Types(arguments) + " with a pattern");
  }
  HF_RETURN_IF_ERROR(CheckPattern(syntax, *arguments[1], DateTimePattern::Use::kRead));
  HF_ASSIGN_OR_RETURN(arguments[0], Cast(syntax, std::move(arguments[0]), DataType::String()));
  HF_ASSIGN_OR_RETURN(ExpressionPtr made,
                      Run(syntax, "to_timestamp", std::move(arguments), DataType::Timestamp(), shown));
  if (seconds) {
    ArgumentList one;
    one.push_back(std::move(made));
    return Run(syntax, "unix_timestamp", std::move(one), DataType::Long(), std::move(shown));
  }
  if (syntax.name == "to_date") {
    HF_ASSIGN_OR_RETURN(made, Cast(syntax, std::move(made), DataType::Date()));
  }
  made->name = std::move(shown);
  return made;
}

// Spark takes the time of a batch for all of them but now(), which is when it plans the batch.
Result<ExpressionPtr> Analyzer::CurrentTime(const Syntax& syntax, std::string_view name) {
  if (syntax.arguments.size() == 1 && name != "current_date" && name != "curdate") {
    return Unproven(syntax, fmt::format("{} with a number of digits", name));
  }
  HF_RETURN_IF_ERROR(CheckCount(syntax, 0, 0));
  ExpressionPtr now = MakeCurrentTimestamp();
  if (name == "unix_timestamp") {
    ArgumentList one;
    one.push_back(std::move(now));
    return Run(syntax, "unix_timestamp", std::move(one), DataType::Long(),
               "unix_timestamp(current_timestamp(), yyyy-MM-dd HH:mm:ss)");
  }
  if (name == "current_date" || name == "curdate") {
    HF_ASSIGN_OR_RETURN(now, Cast(syntax, std::move(now), DataType::Date()));
    now->name = "current_date()";
  } else if (name == "localtimestamp") {
    HF_ASSIGN_OR_RETURN(now, Cast(syntax, std::move(now), DataType::TimestampNtz()));
    now->name = "localtimestamp()";
  } else {
    now->name = fmt::format("{}()", name);
  }
  return now;
}

}  // namespace hf
