// SPDX-License-Identifier: Apache-2.0
// GrowingQuery: a query on a simulated disk whose one state variable gets another schema with every version of its
// processor, and a model of what it must remember. For tests of long lives: batches cost no sync, and time is virtual.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "connect/memory/memory_sink.h"
#include "files/disk_file_system.h"
#include "files/simulated_disk.h"
#include "holdfast/query.h"
#include "support/temp_dir.h"

namespace hf {

// The processor throws when it comes to this key.
inline constexpr const char* kPoison = "poison";

// The state of version `version`: each version adds a field of text by name, but 5 and 10 widen a counter.
Schema GrowingSchema(int version);

class GrowingQuery {
 public:
  using Batch = std::vector<std::string>;  // the key of each row

  explicit GrowingQuery(Options conf);
  // For the starts that follow.
  void SetConf(const std::string& key, const std::string& value) { conf_[key] = value; }

  // One start of the query with the processor's `version`, one batch after the other, and a clean end.
  Status Run(int version, const std::vector<Batch>& batches);

  // What is in state after the last batch, by key: the value in the schema of `version`, as JSON.
  [[nodiscard]] std::map<std::string, std::string> Expected(int version) const;
  // What the sink got for a key last: the value after its last row.
  [[nodiscard]] std::map<std::string, std::string> LastEmitted() const;

  // Puts a copy of the checkpoint as it is now into a directory of the machine and returns that.
  [[nodiscard]] std::string CopyCheckpoint() const;
  // How many files each directory of the checkpoint holds, hidden ones included.
  [[nodiscard]] std::map<std::string, std::size_t> FileCounts() const;
  [[nodiscard]] std::map<std::string, std::string> CheckpointFiles() const;

  [[nodiscard]] std::int64_t batches_run() const { return batches_run_; }
  SimulatedDisk& disk() { return disk_; }

 private:
  struct Remembered {
    std::int64_t count = 0;
    std::map<int, std::string> text_by_version;
  };

  Options conf_;
  ManualClock clock_;
  SeededRandom random_{1};
  SimulatedDisk disk_;
  DiskFileSystem input_;
  std::shared_ptr<MemorySink> sink_;
  std::map<std::string, std::string> last_emitted_;
  std::map<std::string, Remembered> model_;
  std::int64_t batches_run_ = 0;
  test::TempDir outside_;
  mutable int copies_ = 0;
};

// The variable "v" of a checkpoint on the machine's disk after `batch`, by key, as JSON.
Result<std::map<std::string, std::string>> ReadGrowingState(const std::string& checkpoint, std::int64_t batch);

}  // namespace hf
