// SPDX-License-Identifier: Apache-2.0
// The main job: the StreamShop sessionization example in four phases, with a proof at the end.
#pragma once

#include <cstdint>
#include <string>

#include "console.h"
#include "holdfast/status.h"

namespace hf::cli {

struct DemoOptions {
  std::string out = "holdfast-demo";
  std::int64_t events = 100'000;  // of each version
  std::int64_t sessions = 10'000;
  std::uint64_t seed = 7;
  std::string format = "json";
  std::string phase;  // empty: all four; or v1, inspect, v2, analysis
  ProgressStyle progress = ProgressStyle::kAuto;
};

// Runs the phases. Whatever was finished in this folder before is not done again, so a demo that was killed goes on
// where it was. Returns the exit code of the command.
int RunDemo(const DemoOptions& options);

}  // namespace hf::cli
