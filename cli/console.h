// SPDX-License-Identifier: Apache-2.0
// What every command shares: how it ends and how it speaks.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "holdfast/query.h"
#include "holdfast/status.h"

namespace hf::cli {

// The contract of the command line: 0 ok, 1 failure, 2 usage, 3 incompatible, 4 lossy and not confirmed.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitIncompatible = 3;
inline constexpr int kExitLossy = 4;

// Prints the failure to standard error as one sentence; returns the exit code that belongs to it.
int Fail(const Status& status);

void Print(std::string_view text);      // to standard output, as it is
void PrintLine(std::string_view line);  // with a line end
// From now on Print and PrintLine write to standard error: standard output is for the lines of --progress json alone.
void PrintToStandardError();
// The exit code of a command that ended with `exit_code`: a failure when standard output could not be written.
int FinishOutput(int exit_code);

enum class ProgressStyle { kAuto, kJson };  // kAuto: a bar on a terminal, nothing in a pipe

// Shows the progress of one query or generation on standard error.
class ProgressDisplay {
 public:
  // `steps_total`: how many steps a full bar has; 0 when unknown.
  ProgressDisplay(ProgressStyle style, std::string label, std::int64_t steps_total);
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  void Step(std::int64_t steps_done, std::string_view note = {});
  void Batch(const StreamingQueryProgress& progress);
  // One line about all batches shown, on a terminal alone: in a pipe there is silence.
  void Summarize();

 private:
  const ProgressStyle style_;
  const std::string label_;
  const std::int64_t steps_total_;
  const bool terminal_;
  std::int64_t batches_ = 0;
  std::int64_t rows_ = 0;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  bool shown_ = false;
};

}  // namespace hf::cli
