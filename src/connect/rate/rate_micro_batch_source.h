// SPDX-License-Identifier: Apache-2.0
// RateMicroBatchSource makes the same rows in every run: so many a batch, whatever the clock says (Spark 4.3:
// RatePerMicroBatchStream).
//
// An offset is {"offset":N,"timestamp":T}: the value that comes next and the time that its batch has, in milliseconds.
// Nothing else is in the checkpoint.
#pragma once

#include <optional>
#include <string>

#include "connect/options/option_values.h"
#include "holdfast/source.h"

namespace hf {

struct RateMicroBatchOptions {
  std::int64_t rows_per_batch = 0;
  std::int64_t start_ms = 0;
  std::int64_t advance_ms_per_batch = 1000;
  std::int64_t partitions = 1;  // Spark: the cores of the cluster
};

// rowsPerBatch, startTimestamp, advanceMillisPerBatch, numPartitions. kInvalid names the option and what is wrong.
Result<RateMicroBatchOptions> ParseRateMicroBatchOptions(const OptionMap& options);

struct RateMicroBatchOffset {
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 0;
};
// kCorrupt when it is none of this source's, or negative, or beyond what a TIMESTAMP holds.
Result<RateMicroBatchOffset> ParseRateMicroBatchOffset(const std::string& text);
std::string PrintRateMicroBatchOffset(const RateMicroBatchOffset& offset);

class RateMicroBatchSource final : public Source {
 public:
  explicit RateMicroBatchSource(RateMicroBatchOptions options) : options_(options) {}

  [[nodiscard]] const Schema& schema() const override;
  [[nodiscard]] std::string description() const override;
  Result<SourceOffset> Latest(const SourceOffset& start) override;
  // One batch more (as in Spark, also for Once).
  Status FixAvailable(const SourceOffset& start) override;
  void IgnoreLimits() override {}
  Result<std::vector<std::unique_ptr<SourceSplit>>> Plan(const SourceOffset& start, const SourceOffset& end) override;
  void ReadAhead(const SourceOffset&) override {}
  Status Commit(const SourceOffset&) override { return {}; }

 private:
  Result<RateMicroBatchOffset> OffsetOf(const SourceOffset& offset) const;
  Result<SourceOffset> After(const SourceOffset& start) const;

  const RateMicroBatchOptions options_;
  SourceOffset fixed_end_;  // that Latest goes no further than
};

}  // namespace hf
