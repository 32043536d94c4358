// SPDX-License-Identifier: Apache-2.0
// The options of a streaming read of a Delta table: Delta's names and values (DeltaOptions).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "connect/options/option_values.h"

namespace hf {

struct DeltaSourceOptions {
  // Where a new query starts; with none of the three with the whole table as it is then.
  std::optional<std::int64_t> starting_version;  // with what this version added
  bool starting_latest = false;                  // with what is added after the start
  std::optional<std::int64_t> starting_ms;       // with what the first commit at or after this time added
  std::int64_t files_per_trigger_max = 0;
  std::int64_t bytes_per_trigger_max = 0;
  bool ignore_deletes = false;       // commits that only remove rows are passed over
  bool ignore_changes = false;       // of commits that rewrite files the rewritten ones count as new: rows come again
  bool skip_change_commits = false;  // commits that remove rows are passed over whole
};

// Times without a zone are of `time_zone`. "path" is left to others. kInvalid names the option and what is wrong.
Result<DeltaSourceOptions> ParseDeltaSourceOptions(const OptionMap& options, const std::string& time_zone);

}  // namespace hf
