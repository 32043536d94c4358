// SPDX-License-Identifier: Apache-2.0
#include "connect/delta/delta_source_options.h"

#include <fmt/core.h>

#include <limits>

#include "rows/scalar_text.h"
#include "rows/time_zone.h"

namespace hf {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kFilesDefault = 1000;  // Delta: MAX_FILES_PER_TRIGGER_OPTION_DEFAULT

Status TakeStart(OptionTaker& taker, const std::string& time_zone, DeltaSourceOptions* options) {
  const auto version = taker.Take("startingVersion");
  const auto time = taker.Take("startingTimestamp");
  if (version.has_value() && time.has_value()) {
    return Invalid("Options 'startingVersion' and 'startingTimestamp' can't be both set at the same time");
  }
  if (version.has_value() && LowerCase(*version) == "latest") {
    options->starting_latest = true;
  } else if (version.has_value()) {
    OptionTaker number({{"startingVersion", *version}});
    HF_ASSIGN_OR_RETURN(options->starting_version,
                        TakeInteger(number, "startingVersion", 0, {.min = 0, .max = kMax / 2},
                                    "a version of the table, greater than or equal to zero, or 'latest'"));
  }
  if (time.has_value()) {
    HF_ASSIGN_OR_RETURN(const TimeZone zone, TimeZone::Find(time_zone));
    const auto micros = ParseTimestamp(*time, zone);
    if (!micros.has_value()) {
      return BadOptionValue("startingTimestamp", *time, "a time such as 2026-01-01 or 2026-01-01T10:00:00Z");
    }
    options->starting_ms = *micros / 1000;
  }
  return {};
}

}  // namespace

Result<DeltaSourceOptions> ParseDeltaSourceOptions(const OptionMap& given, const std::string& time_zone) {
  OptionTaker taker(given);
  DeltaSourceOptions options;
  taker.Take("path");
  HF_RETURN_IF_ERROR(TakeStart(taker, time_zone, &options));
  const auto bytes = taker.Take("maxBytesPerTrigger");
  // Without a limit of bytes there is one of files.
  HF_ASSIGN_OR_RETURN(options.files_per_trigger_max,
                      TakeInteger(taker, "maxFilesPerTrigger", bytes.has_value() ? kMax : kFilesDefault,
                                  {.min = 1, .max = std::numeric_limits<std::int32_t>::max()}, "a positive integer"));
  options.bytes_per_trigger_max = kMax;
  if (bytes.has_value()) {
    HF_ASSIGN_OR_RETURN(options.bytes_per_trigger_max, ParseByteSize("maxBytesPerTrigger", *bytes));
  }
  HF_ASSIGN_OR_RETURN(options.ignore_deletes, TakeBoolean(taker, "ignoreDeletes", false));
  HF_ASSIGN_OR_RETURN(options.ignore_changes, TakeBoolean(taker, "ignoreChanges", false));
  HF_ASSIGN_OR_RETURN(options.skip_change_commits, TakeBoolean(taker, "skipChangeCommits", false));
  HF_RETURN_IF_ERROR(taker.RefuseRest("the Delta source"));
  return options;
}

}  // namespace hf
