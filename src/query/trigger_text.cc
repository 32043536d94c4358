// SPDX-License-Identifier: Apache-2.0
#include "query/trigger_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <string_view>

namespace hf {

namespace {

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// Spark's CalendarInterval; a day has 24 hours.
struct CalendarInterval {
  std::int64_t months = 0;
  std::int64_t micros = 0;
};

struct Unit {
  std::string_view name;
  std::int64_t months;
  std::int64_t micros;
};

constexpr Unit kUnits[] = {{"microsecond", 0, 1},
                           {"millisecond", 0, 1'000},
                           {"ms", 0, 1'000},
                           {"second", 0, 1'000'000},
                           {"minute", 0, 60'000'000},
                           {"hour", 0, 3'600'000'000},
                           {"day", 0, 86'400'000'000},
                           {"week", 0, 604'800'000'000},
                           {"month", 1, 0},
                           {"year", 12, 0}};

// Adds `amount` times `unit`; false when that is too long.
bool AddTo(std::int64_t* sum, std::int64_t amount, std::int64_t unit) {
  std::int64_t part = 0;
  return !__builtin_mul_overflow(amount, unit, &part) && !__builtin_add_overflow(*sum, part, sum);
}

// Spark 4.3 IntervalUtils.stringToInterval, without fractions. Not negative as a whole.
Result<CalendarInterval> ParseCalendarInterval(const std::string& text) {
  std::istringstream words(Lower(text));
  CalendarInterval interval;
  std::int64_t amount = 0;
  std::string word;
  bool any = false;
  while (words >> amount) {
    if (!(words >> word)) {
      if (any || amount != 0) {
        return Invalid(fmt::format("the interval \"{}\" lacks a unit; write for example \"10 seconds\"", text));
      }
      return interval;
    }
    if (word.size() > 1 && word.back() == 's' && word != "ms") {
      word.pop_back();
    }
    const auto* unit =
        std::find_if(std::begin(kUnits), std::end(kUnits), [&word](const Unit& each) { return each.name == word; });
    if (unit == std::end(kUnits)) {
      return Invalid(fmt::format("the interval \"{}\" has the unknown unit {}", text, word));
    }
    if (!AddTo(&interval.months, amount, unit->months) || !AddTo(&interval.micros, amount, unit->micros)) {
      return Invalid(fmt::format("the interval \"{}\" is too long", text));
    }
    any = true;
  }
  if (!any || !words.eof()) {
    return Invalid(fmt::format("\"{}\" is not an interval; write for example \"10 seconds\"", text));
  }
  if (interval.months < 0 || interval.micros < 0) {
    return Invalid(fmt::format("the interval \"{}\" should not be negative", text));
  }
  return interval;
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
  HF_ASSIGN_OR_RETURN(const CalendarInterval interval, ParseCalendarInterval(text));
  if (interval.months != 0) {
    return Invalid(
        fmt::format("the interval \"{}\" has months or years, which are not equally long; write it in days", text));
  }
  return std::chrono::milliseconds(interval.micros / 1000);
}

}  // namespace hf
