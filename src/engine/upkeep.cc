// SPDX-License-Identifier: Apache-2.0
#include "engine/upkeep.h"

#include <fmt/format.h>

#include <algorithm>

namespace hf {

Status Upkeep::AfterBatch(std::int64_t batch) {
  PurgeLogs(batch);
  if (auto upkeep = plan_.sink->TakeUpkeep(); upkeep != nullptr) {
    maintenance_.Submit(std::move(upkeep));
  }
  return MaintainState();
}

Status Upkeep::MaintainState() {
  HF_RETURN_IF_ERROR(AdoptSnapshots());
  // Deltas wait in memory for their snapshot; when they hold more than they may, the batch waits for it.
  const std::int64_t delta_bytes_max = StateOptionsOf(plan_, recovered_, 0, 0).store.delta_bytes_max;
  const auto is_full = [this, delta_bytes_max] {
    return std::any_of(tasks_.begin(), tasks_.end(), [delta_bytes_max](const auto& task) {
      return task->store().counts().delta_bytes > delta_bytes_max + delta_bytes_max / 2;
    });
  };
  if (is_full()) {
    BeginDueSnapshots();  // where the last one failed there is none on its way
    maintenance_.WaitIdle();
    HF_RETURN_IF_ERROR(AdoptSnapshots());
    if (!snapshot_failure_.ok() && is_full()) {
      return snapshot_failure_.WithContext(
          fmt::format("changes that wait for a snapshot fill the memory for state ({}), and no snapshot succeeds",
                      conf_key::kCacheBytes));
    }
  }
  BeginDueSnapshots();
  return Status();
}

void Upkeep::BeginDueSnapshots() {
  for (std::size_t task = 0; task < tasks_.size(); ++task) {
    if (auto job = tasks_[task]->store().BeginSnapshot(false); job != nullptr) {
      maintenance_.Submit(task, std::move(job));
    }
  }
}

Status Upkeep::AdoptSnapshots() {
  for (Maintenance::Finished& finished : maintenance_.TakeFinished()) {
    if (finished.job == nullptr) {
      if (!finished.status.ok()) {
        warn_(fmt::format("upkeep of {} failed; its rows are safe: {}", plan_.sink->description(),
                          finished.status.ToString()));
      }
      continue;
    }
    Store& store = tasks_[finished.task]->store();
    if (!finished.status.ok()) {
      // The changelogs hold everything; the next due snapshot tries again.
      snapshot_failure_ = finished.status;
      const std::size_t partition = finished.task % recovered_.partitions;
      const OperatorPlan& plan = *recovered_.operators[finished.task / recovered_.partitions].plan;
      warn_(fmt::format("the snapshot of {}partition {} at version {} was not published: {}",
                        recovered_.operators.size() == 1 ? "" : fmt::format("operator {}, ", plan.operator_id),
                        partition, finished.job->version(), finished.status.ToString()));
      continue;
    }
    store.Adopt(*finished.job);
    snapshot_failure_ = Status();
    ++snapshots_published_;
    PurgeState(store);
  }
  return Status();
}

// What is left over only takes room, and the next snapshot's purge tries again.
void Upkeep::PurgeState(Store& store) {
  if (const Status purged = store.Purge(recovered_.conf.GetInt(conf_key::kMinBatchesToRetain)); !purged.ok()) {
    warn_(fmt::format("old versions of the state were not deleted: {}", purged.ToString()));
  }
}

void Upkeep::PurgePublished() {
  if (published_in_batch_) {
    for (const auto& task : tasks_) {
      PurgeState(task->store());
    }
  }
}

void Upkeep::PurgeLogs(std::int64_t batch) {
  const std::int64_t retained = recovered_.conf.GetInt(conf_key::kMinBatchesToRetain);
  if (batch < retained) {
    return;
  }
  // A restart needs the offsets at which its batch begins, and the commit before one whose name a crash takes back.
  const std::int64_t oldest = std::min(batch - retained + 1, batch - 1);
  std::vector<Status> purges = {offset_log_.Purge(oldest), commit_log_.Purge(oldest)};
  if (!metadata_purged_) {  // each start writes one entry, so once a start is enough
    for (const RecoveredOperator& each : recovered_.operators) {
      purges.push_back(OperatorMetadataLog(*plan_.files, plan_.checkpoint, each.plan->operator_id).Purge(oldest));
    }
    metadata_purged_ = true;
  }
  for (const Status& purged : purges) {
    if (!purged.ok()) {
      warn_(fmt::format("old log entries were not deleted: {}", purged.ToString()));
    }
  }
}

Status Upkeep::Finish() {
  maintenance_.WaitIdle();
  return AdoptSnapshots();
}

Status Upkeep::FinishDue() {
  BeginDueSnapshots();
  return Finish();
}

}  // namespace hf
