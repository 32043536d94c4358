// SPDX-License-Identifier: Apache-2.0
// EventTimeQuery: a query over events with times, on a simulated disk with a virtual clock: each file that is added is
// a batch, and sums of a key's numbers are its state.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/random.h"
#include "files/disk_file_system.h"
#include "files/simulated_disk.h"
#include "holdfast/query.h"
#include "query/environment.h"
#include "support/temp_dir.h"

namespace hf {

struct Event {
  std::string key;
  std::optional<std::int64_t> at_ms;
  std::int64_t n = 1;
};

// What a batch put out for a key: the sum after it, and the clocks that it saw.
struct Sum {
  std::int64_t batch = 0;
  std::string key;
  std::int64_t total = 0;
  std::int64_t watermark_ms = 0;
  std::int64_t processing_time_ms = 0;
  bool operator==(const Sum&) const = default;
};

class EventTimeQuery {
 public:
  static constexpr const char* kEvents = "/events";
  static constexpr std::int64_t kBegin = 1'767'225'600'000;  // 2026-01-01, also where the clock stands first

  // One start of the query over `stream`, which is Events() with a watermark or without.
  Status Run(DataStream stream, TimeMode time_mode = TimeMode::kEventTime, Trigger trigger = AvailableNow());
  // The same, kept running.
  Result<std::unique_ptr<StreamingQuery>> Start(DataStream stream, TimeMode time_mode, Trigger trigger);
  // The files of a directory, one a batch.
  static DataStream Events(const std::string& directory = kEvents);

  void Add(const std::vector<Event>& events, const std::string& directory = kEvents);
  // For the starts that follow.
  void SetConf(const std::string& key, const std::string& value) { conf_[key] = value; }
  // From now on the processor throws when it comes to a batch with rows.
  void SetFailing(bool failing) { *failing_ = failing; }

  // What all runs put out and reported so far.
  [[nodiscard]] const std::vector<Sum>& sums() const { return sums_; }
  [[nodiscard]] std::map<std::string, std::int64_t> LastTotals() const;
  [[nodiscard]] const std::vector<Json>& progress() const { return progress_; }
  // Of each batch reported.
  [[nodiscard]] std::vector<std::int64_t> Dropped() const;
  [[nodiscard]] std::int64_t DroppedInAll() const;
  // "batchWatermarkMs>nextBatchWatermarkMs" of each retained batch, since kBegin and in seconds; 0 as it is.
  [[nodiscard]] std::vector<std::string> LoggedWatermarks() const;
  [[nodiscard]] std::string ReadFile(const std::string& path) const { return disk_.Files().at(path); }
  // Names and contents of all files of the checkpoint.
  [[nodiscard]] std::map<std::string, std::string> CheckpointFiles() const;
  ManualClock& clock() { return clock_; }

 private:
  Options conf_;
  ManualClock clock_{kBegin * 1000, ManualClock::Sleep::kJumps};
  SeededRandom random_{1};
  mutable SimulatedDisk disk_{clock_};
  DiskFileSystem input_{disk_};
  std::shared_ptr<bool> failing_ = std::make_shared<bool>(false);
  std::vector<Sum> sums_;
  std::vector<Json> progress_;
  int files_added_ = 0;
  test::TempDir scratch_;
};

}  // namespace hf
