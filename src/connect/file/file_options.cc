// SPDX-License-Identifier: Apache-2.0
#include "connect/file/file_options.h"

#include <fmt/core.h>

#include <array>
#include <charconv>

#include "base/file_uri.h"

namespace hf {
namespace {

// "archive" and "delete" move or remove input after it was read.
constexpr std::array<std::string_view, 5> kRefused = {"cleansource", "sourcearchivedir", "modifiedbefore",
                                                      "modifiedafter", "basepath"};

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

Result<std::int64_t> ParsePositive(const std::string& name, const std::string& value) {
  const auto number = ParseNumber<std::int64_t>(value);
  if (!number.has_value() || *number <= 0) {
    return BadOptionValue(name, value, "a positive integer");
  }
  return *number;
}

Status SetLimit(const std::string& name, const std::string& value, FileSourceOptions& options) {
  HF_ASSIGN_OR_RETURN(const std::int64_t limit, ParsePositive(name, value));
  (LowerCase(name) == "maxfilespertrigger" ? options.files_per_trigger_max : options.bytes_per_trigger_max) = limit;
  return {};
}

Status SetFlag(const std::string& name, const std::string& value, bool& flag) {
  HF_ASSIGN_OR_RETURN(flag, ParseBooleanOption(name, value));
  return {};
}

Status SetPath(const std::string& value, FileSourceOptions& options) {
  HF_ASSIGN_OR_RETURN(const std::string path, PathFromHadoopPath(value));
  if (!path.starts_with('/')) {
    return Invalid(fmt::format("the path of a file source must be absolute: {}", value));
  }
  // "/a//b/" and "/a/b" are one place, and files below have one path.
  options.path.clear();
  for (const char c : path) {
    if (c != '/' || !options.path.ends_with('/')) {
      options.path += c;
    }
  }
  if (options.path.size() > 1 && options.path.ends_with('/')) {
    options.path.pop_back();
  }
  return {};
}

Status SetCache(const std::string& name, const std::string& value, FileSourceOptions& options) {
  if (LowerCase(name) == "maxcachedfiles") {
    const auto number = ParseNumber<std::uint32_t>(value);
    if (!number.has_value()) {
      return BadOptionValue(name, value, "an integer greater than or equal to 0");
    }
    options.cached_files_max = *number;
    return {};
  }
  const auto ratio = ParseNumber<double>(value);
  if (!ratio.has_value() || !(*ratio >= 0 && *ratio <= 1)) {
    return BadOptionValue(name, value, "a positive float between 0 and 1");
  }
  options.discard_cached_ratio = *ratio;
  return {};
}

Status SetOption(const std::string& name, const std::string& value, FileSourceOptions& options) {
  const std::string key = LowerCase(name);
  if (key == "path") {
    return SetPath(value, options);
  }
  if (key == "maxfilespertrigger" || key == "maxbytespertrigger") {
    return SetLimit(name, value, options);
  }
  if (key == "latestfirst") {
    return SetFlag(name, value, options.latest_first);
  }
  if (key == "filenameonly") {
    return SetFlag(name, value, options.file_name_only);
  }
  if (key == "recursivefilelookup") {
    return SetFlag(name, value, options.recursive);
  }
  if (key == LowerCase(kIgnoreCorruptFiles)) {
    return SetFlag(name, value, options.ignore_corrupt_files);
  }
  if (key == LowerCase(kIgnoreMissingFiles)) {
    return SetFlag(name, value, options.ignore_missing_files);
  }
  if (key == "maxfileage") {
    HF_ASSIGN_OR_RETURN(options.file_age_ms_max, ParseDurationMs(name, value));
    return {};
  }
  if (key == "maxcachedfiles" || key == "discardcachedinputratio") {
    return SetCache(name, value, options);
  }
  if (key == "pathglobfilter") {
    options.name_pattern = value;
    return {};
  }
  if (key == "sourceuri") {
    options.source_uri = value;
    while (options.source_uri.ends_with('/')) {
      options.source_uri.pop_back();
    }
    return {};
  }
  if (key == "cleansource" && LowerCase(value) == "off") {
    return {};
  }
  for (const std::string_view refused : kRefused) {
    if (key == refused) {
      return Invalid(fmt::format("option '{}' is not supported by the file source", name));
    }
  }
  options.format_options.insert_or_assign(name, value);
  return {};
}

}  // namespace

std::span<const std::string_view> FileSourceOptionNames() {
  static constexpr std::array<std::string_view, 13> kNames = {"maxFilesPerTrigger",
                                                              "maxBytesPerTrigger",
                                                              "latestFirst",
                                                              "fileNameOnly",
                                                              "recursiveFileLookup",
                                                              "maxFileAge",
                                                              "maxCachedFiles",
                                                              "discardCachedInputRatio",
                                                              "pathGlobFilter",
                                                              kIgnoreCorruptFiles,
                                                              kIgnoreMissingFiles,
                                                              "sourceUri",
                                                              "path"};
  return kNames;
}

Result<FileSourceOptions> ParseFileSourceOptions(const OptionMap& options) {
  FileSourceOptions parsed;
  for (const auto& [name, value] : options) {
    HF_RETURN_IF_ERROR(SetOption(name, value, parsed));
  }
  if (parsed.path.empty()) {
    return Invalid("'path' must be specified for a file source");
  }
  if (parsed.files_per_trigger_max.has_value() && parsed.bytes_per_trigger_max.has_value()) {
    return Invalid("Options 'maxFilesPerTrigger' and 'maxBytesPerTrigger' can't be both set at the same time");
  }
  return parsed;
}

}  // namespace hf
