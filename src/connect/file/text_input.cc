// SPDX-License-Identifier: Apache-2.0
#include "connect/file/text_input.h"

namespace hf {
namespace {

Status TakePattern(OptionTaker& options, std::string_view name, std::optional<DateTimePattern>& pattern) {
  if (const auto text = options.Take(name); text.has_value()) {
    Result<DateTimePattern> compiled = DateTimePattern::Compile(*text, DateTimePattern::Use::kRead);
    if (!compiled.ok()) {
      return compiled.status().WithContext(fmt::format("option '{}'", name));
    }
    pattern = std::move(compiled).value();
  }
  return {};
}

}  // namespace

Status TakeEncoding(OptionTaker& options) {
  for (const std::string_view name : {"encoding", "charset"}) {
    if (const auto text = options.Take(name); text.has_value() && LowerCase(*text) != "utf-8") {
      return Invalid(fmt::format("Invalid value '{}' for option '{}': only UTF-8 can be read", *text, name));
    }
  }
  return {};
}

Status TakeTextOptions(OptionTaker& options, const std::string& session_time_zone, ParseMode& mode,
                       std::string& corrupt_record_column, TimeFormats& times) {
  if (const auto text = options.Take("mode"); text.has_value()) {
    const std::string lower = LowerCase(*text);
    // Spark takes an unknown mode for PERMISSIVE, and so hides the records that FAILFAST should have stopped at.
    if (lower != "permissive" && lower != "dropmalformed" && lower != "failfast") {
      return Invalid(
          fmt::format("Invalid value '{}' for option 'mode', must be PERMISSIVE, DROPMALFORMED or FAILFAST", *text));
    }
    mode = ParseModeOf(*text);
  }
  corrupt_record_column = options.Take("columnNameOfCorruptRecord").value_or(corrupt_record_column);
  HF_ASSIGN_OR_RETURN(times.zone, TimeZone::Find(options.Take("timeZone").value_or(session_time_zone)));
  HF_RETURN_IF_ERROR(TakePattern(options, "dateFormat", times.date));
  HF_RETURN_IF_ERROR(TakePattern(options, "timestampFormat", times.timestamp));
  HF_RETURN_IF_ERROR(TakePattern(options, "timestampNTZFormat", times.timestamp_ntz));
  return TakeEncoding(options);
}

Status TakeSampling(OptionTaker& options) {
  const auto text = options.Take("samplingRatio");
  const bool all = !text.has_value() || ParseDouble(*text) == 1.0;
  return all ? Status()
             : Invalid(fmt::format("Invalid value '{}' for option 'samplingRatio': the columns are those of all rows, "
                                   "so that they are the same each time; leave it out, or give a schema",
                                   *text));
}

}  // namespace hf
