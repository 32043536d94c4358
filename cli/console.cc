// SPDX-License-Identifier: Apache-2.0
#include "console.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace hf::cli {

namespace {

std::FILE* text_stream = stdout;

}  // namespace

int Fail(const Status& status) {
  fmt::print(stderr, "holdfast: {}\n", status.ToString());
  if (status.condition() == "HOLDFAST_LOSSY_STATE_EVOLUTION") {
    return kExitLossy;
  }
  return status.kind() == ErrorKind::kIncompatible ? kExitIncompatible : kExitFailure;
}

void Print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), text_stream);
  std::fflush(text_stream);
}

void PrintLine(std::string_view line) { Print(std::string(line) + "\n"); }

void PrintToStandardError() { text_stream = stderr; }

int FinishOutput(int exit_code) {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    fmt::print(stderr, "holdfast: standard output could not be written; is the disk full?\n");
    return exit_code == kExitOk ? kExitFailure : exit_code;
  }
  return exit_code;
}

ProgressDisplay::ProgressDisplay(ProgressStyle style, std::string label, std::int64_t steps_total)
    : style_(style), label_(std::move(label)), steps_total_(steps_total), terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressDisplay::~ProgressDisplay() {
  if (shown_) {
    fmt::print(stderr, "\r\x1b[K");
  }
}

void ProgressDisplay::Step(std::int64_t steps_done, std::string_view note) {
  if (style_ == ProgressStyle::kJson || !terminal_) {
    return;
  }
  shown_ = true;
  constexpr std::int64_t kWidth = 30;
  const std::int64_t filled = steps_total_ > 0 ? std::min(kWidth, kWidth * steps_done / steps_total_) : 0;
  fmt::print(stderr, "\r\x1b[K{} [{:#<{}}{:.<{}}] {}/{} {}", label_, "", filled, "", kWidth - filled, steps_done,
             steps_total_, note);
  std::fflush(stderr);
}

void ProgressDisplay::Summarize() {
  if (!terminal_) {
    return;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun_;
  fmt::print(stderr, "{}holdfast: {} batches, {} rows, {:.1f} s\n", shown_ ? "\r\x1b[K" : "", batches_, rows_,
             took.count());
  shown_ = false;
}

void ProgressDisplay::Batch(const StreamingQueryProgress& progress) {
  ++batches_;
  rows_ += progress.num_input_rows;
  if (style_ == ProgressStyle::kJson) {
    const std::string line = progress.json + "\n";
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fflush(stdout);
    return;
  }
  Step(batches_, fmt::format("batches, {} rows", rows_));
}

}  // namespace hf::cli
