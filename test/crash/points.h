// SPDX-License-Identifier: Apache-2.0
// Stopping something at the n-th disk operation, for many n or every n, under one way of losing what was not synced
// after the other: what can be stopped, and the count of its points.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "files/simulated_disk.h"

namespace hf {

// Something that writes a checkpoint, can be stopped, and then goes on until it has come to its end.
class Stoppable {
 public:
  virtual ~Stoppable() = default;
  virtual SimulatedDisk& disk() = 0;
  // Starts again after each failure, as often as it takes. The last failure when it does not get there.
  virtual Status RunToEnd() = 0;
  // What must be as it was when nothing was stopped: what the sink holds, and whatever else the run has to show.
  [[nodiscard]] virtual std::multiset<std::string> Rows() const = 0;
};

inline constexpr FaultMode kFaultModes[] = {
    FaultMode::kKeepEverything, FaultMode::kLoseUnsyncedContents, FaultMode::kLoseUnsyncedNames, FaultMode::kLoseBoth,
    FaultMode::kLoseSome,       FaultMode::kTornLastWrite,        FaultMode::kReturnIoError,     FaultMode::kDiskFull};

// Input files are read by a thread of their own, in parallel to the rest.
inline constexpr std::string_view kCheckpoint = "/checkpoint";

// An operation without the parts of its paths that differ from run to run: where the fault struck.
inline std::string WithoutUniqueNames(std::string_view operation) {
  std::string plain;
  for (std::size_t i = 0; i < operation.size(); ++i) {
    const bool in_hex = std::isxdigit(static_cast<unsigned char>(operation[i])) != 0;
    std::size_t end = i;
    while (end < operation.size() &&
           (std::isxdigit(static_cast<unsigned char>(operation[end])) != 0 || operation[end] == '-')) {
      ++end;
    }
    if (in_hex && end - i >= 16) {
      plain += '*';
      i = end - 1;
    } else {
      plain += operation[i];
    }
  }
  return plain;
}

// Counts the points of one test and gives up after some failures.
class Points {
 public:
  static constexpr int kFailuresMax = 3;

  void Check(Stoppable& run, const Status& ended, FaultMode mode, const std::multiset<std::string>& expected,
             const std::string& where) {
    const bool same = ended.ok() && run.Rows() == expected;
    EXPECT_TRUE(same) << "stopped at " << where << " (" << run.disk().fault_operation() << "), " << FaultModeName(mode)
                      << ": " << (ended.ok() ? Difference(expected, run.Rows()) : ended.ToString());
    failures_ += same ? 0 : 1;
    ++points_;
    struck_.insert(WithoutUniqueNames(run.disk().fault_operation()));
  }
  // How many operations there are.
  void SetOperations(std::uint64_t operations) { operations_ = operations; }
  [[nodiscard]] bool gave_up() const { return failures_ >= kFailuresMax; }
  [[nodiscard]] int points() const { return points_; }
  [[nodiscard]] const std::set<std::string>& struck() const { return struck_; }
  [[nodiscard]] bool Struck(std::string_view text) const {
    return std::any_of(struck_.begin(), struck_.end(),
                       [text](const std::string& operation) { return operation.find(text) != std::string::npos; });
  }
  void Print(std::string_view what) const {
    fmt::print("{}: {} crash points, {} different operations{}\n", what, points_, struck_.size(),
               operations_ == 0 ? "" : fmt::format(", of {} operations", operations_));
  }

 private:
  static std::string Difference(const std::multiset<std::string>& expected, const std::multiset<std::string>& found) {
    std::string text = "other rows";
    const auto add = [&text](std::string_view what, const std::multiset<std::string>& these,
                             const std::multiset<std::string>& those) {
      std::multiset<std::string> only;
      std::set_difference(these.begin(), these.end(), those.begin(), those.end(), std::inserter(only, only.end()));
      int shown = 0;
      for (const std::string& row : only) {
        text += ++shown <= 5 ? fmt::format("\n  {}: {}", what, row) : "";
      }
    };
    add("lacks", expected, found);
    add("has", found, expected);
    return text;
  }

  int points_ = 0;
  int failures_ = 0;
  std::uint64_t operations_ = 0;  // 0: nobody counted them
  std::set<std::string> struck_;
};

// Makes the thing anew, as `seed` has it.
using MakeStoppable = std::function<std::unique_ptr<Stoppable>(std::uint64_t seed)>;

// Every `step`th operation on the checkpoint, under one mode after the other.
inline Points SweepCheckpoint(const MakeStoppable& make, std::uint64_t step,
                              const std::multiset<std::string>& expected) {
  const auto undisturbed = make(1);
  undisturbed->disk().SetFault({.only = std::string(kCheckpoint)});
  EXPECT_TRUE(undisturbed->RunToEnd().ok());
  const std::uint64_t operations = undisturbed->disk().operations();
  EXPECT_GT(operations, 0U);
  Points points;
  points.SetOperations(operations);
  for (std::uint64_t at = 1; at <= operations && !points.gave_up(); at += step) {
    const FaultMode mode = kFaultModes[static_cast<std::size_t>(points.points()) % std::size(kFaultModes)];
    const auto run = make(at);
    run->disk().SetFault({.stop_at_operation = at, .mode = mode, .seed = at, .only = std::string(kCheckpoint)});
    points.Check(*run, run->RunToEnd(), mode, expected, fmt::format("operation {}", at));
  }
  return points;
}

}  // namespace hf
