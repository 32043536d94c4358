// SPDX-License-Identifier: Apache-2.0
#include "connect/file/text_input.h"

#include <array>

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
  for (const std::string_view name : {"encoding", "charset"}) {
    if (const auto text = options.Take(name); text.has_value() && LowerCase(*text) != "utf-8") {
      return Invalid(fmt::format("Invalid value '{}' for option '{}': only UTF-8 can be read", *text, name));
    }
  }
  return {};
}

Status RefuseCompressed(const std::string& path) {
  // The suffixes of Hadoop's codecs (CompressionCodecFactory).
  constexpr std::array<std::string_view, 8> kSuffixes = {".gz",     ".bz2", ".deflate", ".lz4",
                                                         ".snappy", ".zst", ".zstd",    ".xz"};
  for (const std::string_view suffix : kSuffixes) {
    if (path.ends_with(suffix)) {
      return Invalid(
          fmt::format("{} is compressed, which the text formats of the file source do not read: decompress it, "
                      "or leave such files out with the option pathGlobFilter (\"*.json\")",
                      path));
    }
  }
  return {};
}

}  // namespace hf
