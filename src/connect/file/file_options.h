// SPDX-License-Identifier: Apache-2.0
// The options of a file source: Spark's names and values (Spark 4.3: FileStreamOptions, FileIndexOptions), which are
// not case-sensitive. An option that would have no effect is refused, so that nobody relies on it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "holdfast/status.h"

namespace hf {

using OptionMap = std::map<std::string, std::string>;

inline constexpr std::string_view kIgnoreCorruptFiles = "ignoreCorruptFiles";
inline constexpr std::string_view kIgnoreMissingFiles = "ignoreMissingFiles";

struct FileSourceOptions {
  std::string path;  // absolute; a directory, a file or a pattern
  std::optional<std::int64_t> files_per_trigger_max;
  std::optional<std::int64_t> bytes_per_trigger_max;
  bool latest_first = false;
  // Spark's default is seven days. Ours is none, because a file that is skipped for its age is lost silently.
  std::optional<std::int64_t> file_age_ms_max;
  bool file_name_only = false;
  bool recursive = false;
  bool ignore_corrupt_files = false;
  bool ignore_missing_files = false;
  std::string name_pattern;
  std::size_t cached_files_max = 10000;
  double discard_cached_ratio = 0.2;
  // Not Spark's: the URI under which the fixed part of `path` is recorded, when the place has another name elsewhere.
  std::string source_uri;
  OptionMap format_options;  // what is left, as it was given
};

// kInvalid names the option and what is wrong with it.
Result<FileSourceOptions> ParseFileSourceOptions(const OptionMap& options);

// Their names, for suggestions.
std::span<const std::string_view> FileSourceOptionNames();

// Takes options one by one and in the end refuses those that nobody wanted.
class OptionTaker {
 public:
  explicit OptionTaker(OptionMap options) : options_(std::move(options)) {}
  // The value of the option with this name in any case, which is gone afterwards.
  std::optional<std::string> Take(std::string_view name);
  // kInvalid names an option that is left: "<what> has no option 'x'". Suggests one that could have been taken, or one
  // of `others`.
  [[nodiscard]] Status RefuseRest(std::string_view what, std::span<const std::string_view> others = {}) const;
  [[nodiscard]] const OptionMap& rest() const { return options_; }

 private:
  OptionMap options_;
  std::set<std::string> known_;  // that were asked for
};

// Values as Spark reads them: "true"/"false" in any case; "10s", "250ms", "7d" (a bare number is milliseconds).
Result<bool> ParseBooleanOption(const std::string& name, const std::string& value);
Result<std::int64_t> ParseDurationMs(const std::string& name, const std::string& value);

// ASCII letters in lower case.
std::string LowerCase(std::string_view text);

}  // namespace hf
