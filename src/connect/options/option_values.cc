// SPDX-License-Identifier: Apache-2.0
#include "connect/options/option_values.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/nearest_name.h"

namespace hf {
namespace {

std::optional<std::int64_t> ParseInteger(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// Spark 4.3: JavaUtils.timeStringAs. `bare_unit_ms` is the unit of a number without one.
Result<double> ParseDuration(const std::string& name, const std::string& value, double bare_unit_ms) {
  const std::string lower = LowerCase(value);
  const std::size_t digits =
      std::min(lower.find_first_not_of("0123456789", lower.starts_with('-') ? 1 : 0), lower.size());
  const auto number = ParseInteger(std::string_view(lower).substr(0, digits));
  const std::map<std::string_view, double> units = {{"us", 0.001},    {"ms", 1},        {"", bare_unit_ms},
                                                    {"s", 1000},      {"m", 60'000},    {"min", 60'000},
                                                    {"h", 3'600'000}, {"d", 86'400'000}};
  const auto unit = units.find(std::string_view(lower).substr(digits));
  if (!number.has_value() || *number < 0 || unit == units.end()) {
    return BadOptionValue(name, value, "a time such as 50s, 100ms, 250us, 5m, 12h or 7d");
  }
  const double ms = static_cast<double>(*number) * unit->second;
  if (ms >= 9e15) {
    return BadOptionValue(name, value, "below 285,000 years");
  }
  return ms;
}

}  // namespace

Status BadOptionValue(const std::string& name, const std::string& value, std::string_view must_be) {
  return Invalid(fmt::format("Invalid value '{}' for option '{}', must be {}", value, name, must_be));
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c - 'A' + 'a');
    }
  }
  return lower;
}

std::optional<std::string> OptionTaker::Take(std::string_view name) {
  known_.emplace(name);
  for (auto option = options_.begin(); option != options_.end(); ++option) {
    if (LowerCase(option->first) == LowerCase(name)) {
      return std::move(options_.extract(option).mapped());
    }
  }
  return std::nullopt;
}

Status OptionTaker::RefuseRest(std::string_view what, std::span<const std::string_view> others) const {
  if (options_.empty()) {
    return {};
  }
  std::vector<std::string_view> names(known_.begin(), known_.end());
  names.insert(names.end(), others.begin(), others.end());
  const std::string& wanted = options_.begin()->first;
  return Invalid(fmt::format("{} has no option '{}'{}", what, wanted, DidYouMean(wanted, names)));
}

Result<std::int64_t> TakeInteger(OptionTaker& options, const std::string& name, std::int64_t otherwise,
                                 IntegerRange range, std::string_view must_be) {
  const std::optional<std::string> value = options.Take(name);
  if (!value.has_value()) {
    return otherwise;
  }
  const std::optional<std::int64_t> number = ParseInteger(*value);
  if (!number.has_value() || *number < range.min || *number > range.max) {
    return BadOptionValue(name, *value, must_be);
  }
  return *number;
}

Result<bool> TakeBoolean(OptionTaker& options, const std::string& name, bool otherwise) {
  const std::optional<std::string> value = options.Take(name);
  return value.has_value() ? ParseBooleanOption(name, *value) : Result<bool>(otherwise);
}

Result<bool> ParseBooleanOption(const std::string& name, const std::string& value) {
  const std::string lower = LowerCase(value);
  if (lower != "true" && lower != "false") {
    return BadOptionValue(name, value, "'true' or 'false'");
  }
  return lower == "true";
}

Result<std::int64_t> ParseDurationMs(const std::string& name, const std::string& value) {
  HF_ASSIGN_OR_RETURN(const double ms, ParseDuration(name, value, 1));
  return static_cast<std::int64_t>(std::floor(ms));
}

Result<std::int64_t> ParseByteSize(const std::string& name, const std::string& value) {
  const std::string lower = LowerCase(value);
  const std::size_t digits = std::min(lower.find_first_not_of("0123456789"), lower.size());
  const auto number = ParseInteger(std::string_view(lower).substr(0, digits));
  std::string_view unit = std::string_view(lower).substr(digits);
  if (unit.size() == 2 && unit[1] == 'b') {
    unit.remove_suffix(1);
  }
  constexpr std::string_view kUnits = "bkmgtp";
  const std::size_t power = unit.empty() ? 0 : kUnits.find(unit);
  std::int64_t bytes = 0;
  if (!number.has_value() || *number <= 0 || unit.size() > 1 || power == std::string_view::npos ||
      __builtin_mul_overflow(*number, std::int64_t{1} << (10 * power), &bytes)) {
    return BadOptionValue(name, value, "a positive size such as 1048576, 512k, 10m or 2g");
  }
  return bytes;
}

Result<std::int64_t> ParseDurationSeconds(const std::string& name, const std::string& value) {
  HF_ASSIGN_OR_RETURN(const double ms, ParseDuration(name, value, 1000));
  return static_cast<std::int64_t>(std::floor(ms / 1000));
}

}  // namespace hf
