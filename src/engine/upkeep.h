// SPDX-License-Identifier: Apache-2.0
// Upkeep: what goes on beside the batches: snapshots of the state in the background, and the deletion of what neither a
// restart nor a reader of a retained batch needs. What is left over only takes room, and is tried again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/maintenance.h"
#include "engine/partition_task.h"
#include "engine/recovery.h"
#include "engine/stream_plan.h"

namespace hf {

class Upkeep {
 public:
  // Of all operators, by operator and partition.
  using Tasks = std::vector<PartitionTask*>;

  // All outlive the upkeep. `warn` is for what people should know.
  Upkeep(const StreamPlan& plan, const Recovered& recovered, const Tasks& tasks,
         std::function<void(const std::string&)> warn)
      : plan_(plan),
        recovered_(recovered),
        tasks_(tasks),
        warn_(std::move(warn)),
        offset_log_(*plan.files, plan.checkpoint),
        commit_log_(*plan.files, plan.checkpoint) {}

  // The batch is committed and its state confirmed. Waits where changes that wait for a snapshot fill the memory.
  Status AfterBatch(std::int64_t batch);
  // The batch published snapshots before its commit (PreparedVersion::publish_now); or it did not.
  void SetPublished(bool published) { published_in_batch_ = published; }
  // Deletes what those snapshots replace. REQUIRES: the commit of the last batch is durable.
  void PurgePublished();
  // Waits for the snapshots that are on their way.
  Status Finish();
  // The same for those that became due meanwhile.
  Status FinishDue();

  [[nodiscard]] std::int64_t snapshots_published() const { return snapshots_published_; }

 private:
  Status MaintainState();
  void BeginDueSnapshots();
  Status AdoptSnapshots();
  void PurgeState(Store& store);
  void PurgeLogs(std::int64_t batch);

  const StreamPlan& plan_;
  const Recovered& recovered_;
  const Tasks& tasks_;
  const std::function<void(const std::string&)> warn_;
  OffsetLog offset_log_;
  CommitLog commit_log_;
  std::int64_t snapshots_published_ = 0;
  Status snapshot_failure_;  // of the last snapshot; ok when that was published
  bool metadata_purged_ = false;
  bool published_in_batch_ = false;
  Maintenance maintenance_;  // last: its jobs use the tasks' stores
};

}  // namespace hf
