// SPDX-License-Identifier: Apache-2.0
// Options of sources and sinks: names in any case and values as Spark reads them. An option that would have no effect
// is refused, so that nobody relies on it.
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

struct IntegerRange {
  std::int64_t min = 0;
  std::int64_t max = 0;
};

// The option's value or `otherwise`. kInvalid when it is no integer within `range`, "must be <must_be>".
Result<std::int64_t> TakeInteger(OptionTaker& options, const std::string& name, std::int64_t otherwise,
                                 IntegerRange range, std::string_view must_be);
Result<bool> TakeBoolean(OptionTaker& options, const std::string& name, bool otherwise);

// Values as Spark reads them: "true"/"false" in any case; "10s", "250ms", "7d" (a bare number is milliseconds).
Result<bool> ParseBooleanOption(const std::string& name, const std::string& value);
Result<std::int64_t> ParseDurationMs(const std::string& name, const std::string& value);
// Whole seconds, what is finer is cut off; a bare number is seconds (Spark 4.3 JavaUtils.timeStringAsSec).
Result<std::int64_t> ParseDurationSeconds(const std::string& name, const std::string& value);

// A positive number of bytes: "1048576", "10k", "1MB", "2g" (Spark 4.3 JavaUtils.byteStringAsBytes).
Result<std::int64_t> ParseByteSize(const std::string& name, const std::string& value);

// "Invalid value '<value>' for option '<name>', must be <must_be>".
Status BadOptionValue(const std::string& name, const std::string& value, std::string_view must_be);

// ASCII letters in lower case.
std::string LowerCase(std::string_view text);

}  // namespace hf
