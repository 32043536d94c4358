// SPDX-License-Identifier: Apache-2.0
#include "query/trigger_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <sstream>

namespace hf {

namespace {

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

Result<OutputMode> ParseOutputMode(const std::string& text) {
  const std::string lower = Lower(text);
  if (lower == "append") {
    return OutputMode::kAppend;
  }
  if (lower == "update") {
    return OutputMode::kUpdate;
  }
  if (lower == "complete") {
    return OutputMode::kComplete;
  }
  return Invalid(fmt::format("unknown output mode {}; choose append or update", text));
}

Result<TimeMode> ParseTimeMode(const std::string& text) {
  const std::string lower = Lower(text);
  if (lower == "none") {
    return TimeMode::kNone;
  }
  if (lower == "processingtime") {
    return TimeMode::kProcessingTime;
  }
  if (lower == "eventtime") {
    return TimeMode::kEventTime;
  }
  return Invalid(
      fmt::format("Unknown time mode {}. Accepted timeMode modes are 'none', 'processingTime', 'eventTime'", text),
      "STATEFUL_PROCESSOR_UNKNOWN_TIME_MODE");
}

Result<std::chrono::milliseconds> ParseInterval(const std::string& text) {
  std::istringstream words(Lower(text));
  std::int64_t total_ms = 0;
  std::int64_t amount = 0;
  std::string unit;
  bool any = false;
  while (words >> amount) {
    if (!(words >> unit)) {
      if (any || amount != 0) {
        return Invalid(fmt::format("the interval \"{}\" lacks a unit; write for example \"10 seconds\"", text));
      }
      return std::chrono::milliseconds(0);
    }
    if (unit.size() > 1 && unit.back() == 's' && unit != "ms") {
      unit.pop_back();
    }
    std::int64_t unit_ms = 0;
    if (unit == "millisecond" || unit == "ms") {
      unit_ms = 1;
    } else if (unit == "second") {
      unit_ms = 1000;
    } else if (unit == "minute") {
      unit_ms = 60'000;
    } else if (unit == "hour") {
      unit_ms = 3'600'000;
    } else if (unit == "day") {
      unit_ms = 86'400'000;
    } else {
      return Invalid(fmt::format("the interval \"{}\" has the unknown unit {}", text, unit));
    }
    std::int64_t part_ms = 0;
    if (amount < 0 || __builtin_mul_overflow(amount, unit_ms, &part_ms) ||
        __builtin_add_overflow(total_ms, part_ms, &total_ms)) {
      return Invalid(fmt::format("the interval \"{}\" is negative or too long", text));
    }
    any = true;
  }
  if (!any || !words.eof()) {
    return Invalid(fmt::format("\"{}\" is not an interval; write for example \"10 seconds\"", text));
  }
  return std::chrono::milliseconds(total_ms);
}

}  // namespace hf
