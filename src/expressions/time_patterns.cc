// SPDX-License-Identifier: Apache-2.0
// Timestamps by a pattern (Spark 4.3 DateFormatClass, FromUnixTime, GetTimestamp); the analyzer has looked at the
// pattern, which is the same for every row.
#include <fmt/format.h>

#include "expressions/routine.h"
#include "rows/text_format.h"

namespace hf {
namespace {

Result<DateTimePattern> PatternOf(const Arguments& arguments, DateTimePattern::Use use) {
  return DateTimePattern::Compile(arguments.vectors[1].column.Bytes(0), use);
}

template <std::int64_t unit>
Status Write(const Arguments& arguments, ColumnBuilder& out) {
  HF_ASSIGN_OR_RETURN(const DateTimePattern pattern, PatternOf(arguments, DateTimePattern::Use::kWrite));
  const ValuesOf<std::int64_t> moments(arguments.vectors[0]);
  std::string text;
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    if (arguments.vectors[0].IsNull(row)) {
      out.AppendNull();
      continue;
    }
    // Java's product of longs wraps around.
    const auto micros = static_cast<std::int64_t>(static_cast<std::uint64_t>(moments[row]) * unit);
    text.clear();
    pattern.Append(text, CivilFromMicros(arguments.zone.LocalOf(micros)), arguments.zone.OffsetSecondsAt(micros),
                   arguments.zone);
    out.AppendBytes(text);
  }
  return {};
}

Status Read(const Arguments& arguments, ColumnBuilder& out) {
  HF_ASSIGN_OR_RETURN(DateTimePattern pattern, PatternOf(arguments, DateTimePattern::Use::kRead));
  const TimeFormats formats = {.zone = arguments.zone, .timestamp = std::move(pattern)};
  const ValuesOf<std::string_view> texts(arguments.vectors[0]);
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    if (arguments.vectors[0].IsNull(row)) {
      out.AppendNull();
      continue;
    }
    const auto micros = ReadTimestamp(texts[row], formats);
    if (!micros.has_value()) {
      return Invalid(
          fmt::format("'{}' has not the form of the pattern {}", texts[row], arguments.vectors[1].column.Bytes(0)),
          "CANNOT_PARSE_TIMESTAMP");
    }
    out.AppendFixed(*micros);
  }
  return {};
}

}  // namespace

void AddTimePatterns(std::vector<Routine>& list) {
  const auto add = [&](std::string_view name, TypeKind from, TypeKind to, Kernel kernel, bool can_fail) {
    list.push_back({.name = std::string(name),
                    .arguments = {from, TypeKind::kString},
                    .result = to,
                    .kernel = kernel,
                    .can_fail = can_fail});
  };
  add("date_format", TypeKind::kTimestamp, TypeKind::kString, Write<1>, false);
  add("from_unixtime", TypeKind::kLong, TypeKind::kString, Write<kMicrosPerSecond>, false);
  list.back().makes_null = true;  // as Spark says, though it never does
  add("to_timestamp", TypeKind::kString, TypeKind::kTimestamp, Read, true);
}

}  // namespace hf
