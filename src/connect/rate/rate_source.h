// SPDX-License-Identifier: Apache-2.0
// RateSource makes so many rows a second, for load and for trying things (Spark 4.3: RateStreamMicroBatchStream).
//
//  1. An offset is a bare number: whole seconds since the source was created. That moment is in the checkpoint,
//     `sources/<i>/0`, as "v1\n" and milliseconds since the epoch.
//  2. The rows between two offsets follow from them, the moment of creation and the options alone.
//  3. Offsets never go back, also when the clock does.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "connect/options/option_values.h"
#include "files/file_system.h"
#include "holdfast/source.h"

namespace hf {

struct RateOptions {
  std::int64_t rows_per_second = 1;
  std::int64_t ramp_up_seconds = 0;
  std::int64_t partitions = 1;  // Spark: the cores of the cluster
  bool partitions_given = false;
};

// rowsPerSecond, rampUpTime, numPartitions. kInvalid names the option and what is wrong with it.
Result<RateOptions> ParseRateOptions(const OptionMap& options);

// The value that comes next after so many seconds. REQUIRES: 0 <= seconds <= INT64_MAX / rows_per_second.
std::int64_t RateValueAt(std::int64_t seconds, const RateOptions& options);

class RateSource final : public Source {
 public:
  // `checkpoint` holds the source's log in `log_directory`; it and `clock` must outlive the source. Writes nothing; the
  // moment of creation is that of the first Latest or FixAvailable, unless the log has it already.
  static Result<std::unique_ptr<RateSource>> Open(FileSystem& checkpoint, Clock& clock, const OptionMap& options,
                                                  const std::string& log_directory);

  [[nodiscard]] const Schema& schema() const override;
  [[nodiscard]] std::string description() const override;
  Result<SourceOffset> Latest(const SourceOffset& start) override;
  Status FixAvailable(const SourceOffset& start) override;
  void IgnoreLimits() override {}  // there are none
  Result<std::vector<std::unique_ptr<SourceSplit>>> Plan(const SourceOffset& start, const SourceOffset& end) override;
  void ReadAhead(const SourceOffset&) override {}
  Status Commit(const SourceOffset&) override { return {}; }

 private:
  RateSource(FileSystem& checkpoint, Clock& clock, RateOptions options, std::string log_path)
      : checkpoint_(&checkpoint), clock_(&clock), options_(options), log_path_(std::move(log_path)) {}

  // kInvalid with FILE_NOT_FOUND when there is none.
  Result<std::int64_t> ReadCreation() const;
  // Makes the moment of creation known, and durable. `start` tells whether there must be one.
  Status EnsureCreated(const SourceOffset& start);
  Result<std::int64_t> SecondsOf(const SourceOffset& offset) const;
  Result<std::int64_t> SecondsNow(std::int64_t start) const;

  FileSystem* checkpoint_;
  Clock* clock_;
  const RateOptions options_;
  const std::string log_path_;
  std::optional<std::int64_t> created_ms_;
  std::optional<std::int64_t> fixed_end_;  // seconds that Latest goes no further than
};

}  // namespace hf
