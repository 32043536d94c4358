// SPDX-License-Identifier: Apache-2.0
#include "connect/rate/rate_micro_batch_source.h"

#include <fmt/core.h>

#include <limits>

#include "base/json.h"
#include "connect/rate/number_split.h"

namespace hf {

Result<RateMicroBatchOptions> ParseRateMicroBatchOptions(const OptionMap& given) {
  constexpr std::int64_t kIntMax = std::numeric_limits<int>::max();
  OptionTaker taker(given);
  RateMicroBatchOptions options;
  HF_ASSIGN_OR_RETURN(options.rows_per_batch,
                      TakeInteger(taker, "rowsPerBatch", 0, {.min = 1, .max = std::numeric_limits<std::int64_t>::max()},
                                  "a positive integer"));
  if (options.rows_per_batch == 0) {
    return Invalid("the option 'rowsPerBatch' of the rate-micro-batch source is missing: how many rows a batch has");
  }
  HF_ASSIGN_OR_RETURN(options.start_ms,
                      TakeInteger(taker, "startTimestamp", 0, {.min = 0, .max = kRateMsMax},
                                  "milliseconds since the epoch that are not negative and fit a TIMESTAMP"));
  HF_ASSIGN_OR_RETURN(options.advance_ms_per_batch, TakeInteger(taker, "advanceMillisPerBatch", 1000,
                                                                {.min = 0, .max = kIntMax}, "a non-negative integer"));
  HF_ASSIGN_OR_RETURN(options.partitions,
                      TakeInteger(taker, "numPartitions", 1, {.min = 1, .max = kIntMax}, "a positive integer"));
  HF_RETURN_IF_ERROR(taker.RefuseRest("the rate-micro-batch source"));
  return options;
}

Result<RateMicroBatchOffset> ParseRateMicroBatchOffset(const std::string& text) {
  const Result<Json> json = ParseJson(text);
  const auto offset = json.ok() ? GetInt64(*json, "offset") : Result<std::int64_t>(json.status());
  const auto timestamp = json.ok() ? GetInt64(*json, "timestamp") : Result<std::int64_t>(json.status());
  if (!offset.ok() || !timestamp.ok() || *offset < 0 || *timestamp < 0 || *timestamp > kRateMsMax) {
    return Corrupt(fmt::format("the checkpoint holds an offset that is none of a rate-micro-batch source: {}",
                               text.substr(0, 120)));
  }
  return RateMicroBatchOffset{.offset = *offset, .timestamp_ms = *timestamp};
}

std::string PrintRateMicroBatchOffset(const RateMicroBatchOffset& offset) {
  return fmt::format("{{\"offset\":{},\"timestamp\":{}}}", offset.offset, offset.timestamp_ms);
}

const Schema& RateMicroBatchSource::schema() const { return RateSchema(); }

std::string RateMicroBatchSource::description() const {
  return fmt::format(
      "RatePerMicroBatchStream[rowsPerBatch={}, numPartitions={}, startTimestamp={}, advanceMsPerBatch={}]",
      options_.rows_per_batch, options_.partitions, options_.start_ms, options_.advance_ms_per_batch);
}

Result<RateMicroBatchOffset> RateMicroBatchSource::OffsetOf(const SourceOffset& offset) const {
  return offset.has_value() ? ParseRateMicroBatchOffset(*offset)
                            : RateMicroBatchOffset{.offset = 0, .timestamp_ms = options_.start_ms};
}

Result<SourceOffset> RateMicroBatchSource::After(const SourceOffset& start) const {
  HF_ASSIGN_OR_RETURN(RateMicroBatchOffset next, OffsetOf(start));
  next.timestamp_ms += options_.advance_ms_per_batch;
  if (__builtin_add_overflow(next.offset, options_.rows_per_batch, &next.offset) || next.timestamp_ms > kRateMsMax) {
    return Invalid(
        fmt::format("the rate-micro-batch source cannot go on after {}: the numbers or the times are used up",
                    start.value_or("its start")));
  }
  return SourceOffset(PrintRateMicroBatchOffset(next));
}

Result<SourceOffset> RateMicroBatchSource::Latest(const SourceOffset& start) {
  if (!fixed_end_.has_value()) {
    return After(start);
  }
  HF_ASSIGN_OR_RETURN(const RateMicroBatchOffset from, OffsetOf(start));
  HF_ASSIGN_OR_RETURN(const RateMicroBatchOffset end, OffsetOf(fixed_end_));
  return from.offset < end.offset ? fixed_end_ : start;
}

Status RateMicroBatchSource::FixAvailable(const SourceOffset& start) {
  HF_ASSIGN_OR_RETURN(fixed_end_, After(start));
  return {};
}

Result<std::vector<std::unique_ptr<SourceSplit>>> RateMicroBatchSource::Plan(const SourceOffset& start,
                                                                             const SourceOffset& end) {
  HF_ASSIGN_OR_RETURN(const RateMicroBatchOffset from, OffsetOf(start));
  HF_ASSIGN_OR_RETURN(const RateMicroBatchOffset to, OffsetOf(end));
  if (from.offset > to.offset || from.timestamp_ms > to.timestamp_ms) {
    return Corrupt(
        fmt::format("the checkpoint has a batch of the rate-micro-batch source that ends at {}, before its "
                    "start {}",
                    PrintRateMicroBatchOffset(to), PrintRateMicroBatchOffset(from)));
  }
  // Every row of a batch has the time at which the batch begins.
  const std::int64_t time_us = from.timestamp_ms * 1000;
  return DealOut(from.offset, to.offset, options_.partitions, [time_us](std::int64_t) { return time_us; });
}

}  // namespace hf
