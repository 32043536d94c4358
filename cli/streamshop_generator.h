// SPDX-License-Identifier: Apache-2.0
// The StreamShop clickstream: page views, searches, add-to-carts, purchases and logouts of interleaved sessions, some
// out of order, some late. The same settings always give the same files, byte for byte; file k does not depend on the
// files before it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "holdfast/status.h"

namespace hf::cli {

struct GeneratorOptions {
  int version = 1;  // 2: also device_type and page_category
  std::int64_t events = 1'000'000;
  std::int64_t sessions = 100'000;
  std::int64_t files = 10;
  std::string format = "parquet";  // or "json"
  std::uint64_t seed = 7;
  std::string directory;
};

// Writes files v<version>-00000.<format> ... into the directory. A file appears whole; one that is there already is
// left alone, so a generation that was interrupted goes on. Version 1 has sessions [0, sessions), version 2
// [sessions / 2, sessions * 3 / 2): half of them go on with sessions of version 1.
Status GenerateStreamShop(const GeneratorOptions& options,
                          const std::function<void(std::int64_t files_done)>& progress);

}  // namespace hf::cli
