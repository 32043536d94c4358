// SPDX-License-Identifier: Apache-2.0
// rlike, regexp_replace, regexp_extract, and split by more than one text (Spark 4.3 regexpExpressions.scala), with
// patterns that JavaPattern takes and that are constants.
#include "expressions/java_pattern.h"
#include "expressions/routine.h"

namespace hf {
namespace {

// Calls `take` with the text of each row; null for a text that is null.
template <typename F>
Status EachText(const Arguments& arguments, ColumnBuilder& out, const F& take) {
  const ValuesOf<std::string_view> texts(arguments.vectors[0]);
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    if (arguments.vectors[0].IsNull(row)) {
      out.AppendNull();
    } else {
      HF_RETURN_IF_ERROR(take(texts[row]));
    }
  }
  return {};
}

Status RLike(const Arguments& arguments, ColumnBuilder& out) {
  const auto pattern = JavaPattern::Compile(arguments.vectors[1].column.Bytes(0));
  return EachText(arguments, out, [&](std::string_view text) -> Status {
    HF_ASSIGN_OR_RETURN(const bool found, pattern->IsIn(text));
    out.AppendBool(found);
    return {};
  });
}

Status RegexpExtract(const Arguments& arguments, ColumnBuilder& out) {
  const auto pattern = JavaPattern::Compile(arguments.vectors[1].column.Bytes(0));
  const auto group = arguments.vectors[2].column.Fixed<std::int32_t>(0);
  return EachText(arguments, out, [&](std::string_view text) -> Status {
    HF_ASSIGN_OR_RETURN(const std::string found, pattern->Extract(text, group));
    out.AppendBytes(found);
    return {};
  });
}

Status RegexpReplace(const Arguments& arguments, ColumnBuilder& out) {
  const auto pattern = JavaPattern::Compile(arguments.vectors[1].column.Bytes(0));
  const auto by = pattern->ReadReplacement(arguments.vectors[2].column.Bytes(0));
  return EachText(arguments, out, [&](std::string_view text) -> Status {
    HF_ASSIGN_OR_RETURN(const std::string made, pattern->ReplaceAll(text, *by));
    out.AppendBytes(made);
    return {};
  });
}

// text, pattern, limit.
Status SplitByPattern(const Arguments& arguments, ColumnBuilder& out) {
  const auto pattern = JavaPattern::Compile(arguments.vectors[1].column.Bytes(0));
  const ValuesOf<std::string_view> texts(arguments.vectors[0]);
  const ValuesOf<std::int32_t> limits(arguments.vectors[2]);
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    if (arguments.vectors[0].IsNull(row) || arguments.vectors[2].IsNull(row)) {
      out.AppendNull();
      continue;
    }
    HF_ASSIGN_OR_RETURN(const auto parts, pattern->Split(texts[row], limits[row]));
    for (const std::string& part : parts) {
      out.child(0).AppendBytes(part);
    }
    out.AppendList();
  }
  return {};
}

}  // namespace

void AddRegex(std::vector<Routine>& list) {
  constexpr TypeKind kString = TypeKind::kString;
  const auto add = [&](std::string_view name, std::vector<TypeKind> from, TypeKind to, Kernel kernel) {
    list.push_back(
        {.name = std::string(name), .arguments = std::move(from), .result = to, .kernel = kernel, .can_fail = true});
  };
  add("rlike", {kString, kString}, TypeKind::kBoolean, RLike);
  add("regexp_extract", {kString, kString, TypeKind::kInt}, kString, RegexpExtract);
  add("split by pattern", {kString, kString, TypeKind::kInt}, TypeKind::kNull, SplitByPattern);
  add("regexp_replace", {kString, kString, kString}, kString, RegexpReplace);
}

}  // namespace hf
