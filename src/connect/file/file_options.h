// SPDX-License-Identifier: Apache-2.0
// The options of a file source: Spark's names and values (Spark 4.3: FileStreamOptions, FileIndexOptions).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "connect/options/option_values.h"
#include "holdfast/status.h"

namespace hf {

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

}  // namespace hf
