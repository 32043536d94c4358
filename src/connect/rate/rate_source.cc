// SPDX-License-Identifier: Apache-2.0
#include "connect/rate/rate_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "checkpoint/numbered_log.h"
#include "connect/rate/number_split.h"

namespace hf {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

std::optional<std::int64_t> ParseNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// Java's Math.round: to the nearest, halves up.
std::int64_t Round(double value) {
  const double below = std::floor(value);
  return static_cast<std::int64_t>(value - below >= 0.5 ? below + 1 : below);
}

}  // namespace

Result<RateOptions> ParseRateOptions(const OptionMap& given) {
  OptionTaker taker(given);
  RateOptions options;
  HF_ASSIGN_OR_RETURN(options.rows_per_second,
                      TakeInteger(taker, "rowsPerSecond", 1, {.min = 1, .max = kMax}, "a positive integer"));
  if (const auto ramp_up = taker.Take("rampUpTime"); ramp_up.has_value()) {
    HF_ASSIGN_OR_RETURN(options.ramp_up_seconds, ParseDurationSeconds("rampUpTime", *ramp_up));
    if (const std::int64_t seconds_max = kMax / options.rows_per_second; options.ramp_up_seconds > seconds_max) {
      return BadOptionValue("rampUpTime", *ramp_up,
                            fmt::format("at most {} seconds with {} rowsPerSecond: more rows have no number",
                                        seconds_max, options.rows_per_second));
    }
  }
  HF_ASSIGN_OR_RETURN(
      const std::int64_t partitions,
      TakeInteger(taker, "numPartitions", 0, {.min = 1, .max = std::numeric_limits<int>::max()}, "a positive integer"));
  options.partitions_given = partitions > 0;
  options.partitions = std::max<std::int64_t>(partitions, 1);
  HF_RETURN_IF_ERROR(taker.RefuseRest("the rate source"));
  return options;
}

// Spark 4.3 RateStreamProvider.valueAtSecond: while the speed grows it is second times delta, so that so many seconds
// make delta * (1 + 2 + ... + seconds) rows.
std::int64_t RateValueAt(std::int64_t seconds, const RateOptions& options) {
  const std::int64_t delta = options.rows_per_second / (options.ramp_up_seconds + 1);
  const std::int64_t ramp = std::min(seconds, options.ramp_up_seconds);
  // Whichever of the two factors is even is halved first, so that nothing overflows.
  const std::int64_t rows = ramp % 2 == 0 ? ramp / 2 * delta * (ramp + 1) : (ramp + 1) / 2 * delta * ramp;
  return rows + (seconds - ramp) * options.rows_per_second;
}

Result<std::unique_ptr<RateSource>> RateSource::Open(FileSystem& checkpoint, Clock& clock, const OptionMap& options,
                                                     const std::string& log_directory) {
  HF_ASSIGN_OR_RETURN(const RateOptions parsed, ParseRateOptions(options));
  std::unique_ptr<RateSource> source(new RateSource(checkpoint, clock, parsed, log_directory + "/0"));
  const Result<std::int64_t> created = source->ReadCreation();
  if (!created.ok() && !IsNotFound(created.status())) {
    return created.status();
  }
  if (created.ok()) {
    source->created_ms_ = *created;
  }
  return source;
}

const Schema& RateSource::schema() const { return RateSchema(); }

// Letter by letter as Spark's progress has it, without the closing bracket.
std::string RateSource::description() const {
  return fmt::format("RateStreamV2[rowsPerSecond={}, rampUpTimeSeconds={}, numPartitions={}", options_.rows_per_second,
                     options_.ramp_up_seconds,
                     options_.partitions_given ? std::to_string(options_.partitions) : "default");
}

Result<std::int64_t> RateSource::ReadCreation() const {
  HF_ASSIGN_OR_RETURN(const std::string text, checkpoint_->Read(log_path_));
  std::string_view rest = text;
  HF_RETURN_IF_ERROR(TakeVersionLine(rest, 1, log_path_).status());
  const std::optional<std::int64_t> created = ParseNumber(rest);
  if (!created.has_value() || *created < 0 || *created > kRateMsMax) {
    return Corrupt(fmt::format(
        "{}: the second line must be when the rate source was created, in milliseconds since the epoch, but is \"{}\"",
        log_path_, rest.substr(0, 40)));
  }
  return *created;
}

Status RateSource::EnsureCreated(const SourceOffset& start) {
  if (created_ms_.has_value()) {
    return {};
  }
  if (start.has_value()) {
    return Corrupt(
        fmt::format("{} is missing: it says when the rate source was created, and the offset {} of the "
                    "checkpoint counts from then. Restore it, or begin a new checkpoint",
                    log_path_, *start));
  }
  const std::int64_t now_ms = std::clamp<std::int64_t>(clock_->NowMs(), 0, kRateMsMax);
  HF_RETURN_IF_ERROR(PutNewEntry(*checkpoint_, log_path_, fmt::format("v1\n{}", now_ms)));
  HF_RETURN_IF_ERROR(checkpoint_->Sync());
  created_ms_ = now_ms;
  return {};
}

Result<std::int64_t> RateSource::SecondsOf(const SourceOffset& offset) const {
  if (!offset.has_value()) {
    return 0;
  }
  const std::optional<std::int64_t> seconds = ParseNumber(*offset);
  if (!seconds.has_value() || *seconds < 0) {
    return Corrupt(
        fmt::format("the checkpoint holds an offset that is none of a rate source: {}", offset->substr(0, 120)));
  }
  if (*seconds > kMax / options_.rows_per_second || *seconds > (kRateMsMax - created_ms_.value_or(0)) / 1000) {
    return Invalid(fmt::format("the rate source cannot count {} rows a second for {} seconds", options_.rows_per_second,
                               *seconds));
  }
  return *seconds;
}

Result<std::int64_t> RateSource::SecondsNow(std::int64_t start) const {
  return std::max(start, (clock_->NowMs() - *created_ms_) / 1000);
}

Result<SourceOffset> RateSource::Latest(const SourceOffset& start) {
  HF_RETURN_IF_ERROR(EnsureCreated(start));
  HF_ASSIGN_OR_RETURN(const std::int64_t from, SecondsOf(start));
  HF_ASSIGN_OR_RETURN(std::int64_t end, SecondsNow(from));
  if (fixed_end_.has_value()) {
    end = std::max(from, std::min(end, *fixed_end_));
  }
  const SourceOffset offset = std::to_string(end);
  HF_RETURN_IF_ERROR(SecondsOf(offset).status());  // before it is promised
  return offset;
}

Status RateSource::FixAvailable(const SourceOffset& start) {
  HF_RETURN_IF_ERROR(EnsureCreated(start));
  HF_ASSIGN_OR_RETURN(const std::int64_t from, SecondsOf(start));
  HF_ASSIGN_OR_RETURN(fixed_end_, SecondsNow(from));
  return {};
}

// Spark 4.3 RateStreamMicroBatchStream.planInputPartitions: the rows are spread evenly over the time of the batch.
Result<std::vector<std::unique_ptr<SourceSplit>>> RateSource::Plan(const SourceOffset& start, const SourceOffset& end) {
  HF_RETURN_IF_ERROR(EnsureCreated(end));
  HF_ASSIGN_OR_RETURN(const std::int64_t from, SecondsOf(start));
  HF_ASSIGN_OR_RETURN(const std::int64_t to, SecondsOf(end));
  if (from > to) {
    return Corrupt(
        fmt::format("the checkpoint has a batch of the rate source that ends at {}, before its start {}", to, from));
  }
  const std::int64_t first = RateValueAt(from, options_);
  const std::int64_t last = RateValueAt(to, options_);
  const std::int64_t start_ms = *created_ms_ + from * 1000;
  const double ms_per_value =
      first == last ? 0 : static_cast<double>((to - from) * 1000) / static_cast<double>(last - first);
  return DealOut(first, last, options_.partitions, [first, start_ms, ms_per_value](std::int64_t value) {
    return (start_ms + Round(static_cast<double>(value - first) * ms_per_value)) * 1000;
  });
}

}  // namespace hf
