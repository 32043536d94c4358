// SPDX-License-Identifier: Apache-2.0
// StoppingDelta: the Delta library, with a stop before and after each of its calls. The kernel does its own I/O, so
// that no simulated disk can stop inside it; the kill loop over the real binary does that.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connect/delta/delta_library.h"
#include "files/simulated_disk.h"

namespace hf {

// What may stop, where, and how it looks afterwards. One at a time in a process.
class StoppingDelta {
 public:
  // `disk` is the machine's other disk: when it has stopped, so has the library, and the other way round. Points are
  // counted from 1: the one before the first call, the one after it, and so on; 0: never.
  StoppingDelta(SimulatedDisk& disk, int stop_at_point, FaultMode mode);
  ~StoppingDelta();
  StoppingDelta(const StoppingDelta&) = delete;
  StoppingDelta& operator=(const StoppingDelta&) = delete;

  // The functions for DeltaSink::Create; they belong to the object that lives.
  static Result<const DeltaLibrary*> Library();
  // The points passed so far, each by name: "before append", "after append".
  [[nodiscard]] const std::vector<std::string>& points() const { return points_; }

  // True when the call must not be made, or its answer not be heard.
  bool StopsAt(const std::string& point);

 private:
  SimulatedDisk& disk_;
  const int stop_at_point_;
  const FaultMode mode_;
  std::vector<std::string> points_;
};

}  // namespace hf
