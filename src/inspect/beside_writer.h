// SPDX-License-Identifier: Apache-2.0
// Reading beside a query that goes on: what a reader has chosen to read may be purged before it comes to it. Whether
// that happened, or the checkpoint is damaged, the commits tell: nothing is purged unless a batch is committed.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "checkpoint/commit_log.h"
#include "inspect/checkpoint_view.h"

namespace hf {

inline constexpr std::string_view kBatchPurged = "HOLDFAST_BATCH_PURGED";

// Whether a read that failed so may have met a query at work.
inline bool MayBePurged(const Status& status) {
  static constexpr std::string_view kConditions[] = {"STDS_OFFSET_LOG_UNAVAILABLE", "STDS_COMMITTED_BATCH_UNAVAILABLE",
                                                     "CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_NOT_EXISTS",
                                                     "CANNOT_LOAD_STATE_STORE.CANNOT_READ_MISSING_SNAPSHOT_FILE"};
  return status.kind() == ErrorKind::kCorrupt || status.kind() == ErrorKind::kUnavailable || IsNotFound(status) ||
         std::find(std::begin(kConditions), std::end(kConditions), status.condition()) != std::end(kConditions);
}

// The query went on from the batches `before` (not empty) to `now` while `what` was read.
inline Status BatchPurged(const std::string& checkpoint, const std::string& what, const std::vector<BatchId>& before,
                          const std::vector<BatchId>& now, const Status& status) {
  return Unavailable(
      fmt::format("the query on {} went on from batch {} to {} while {} was read, of which something may "
                  "have been purged meanwhile; read again: {}",
                  checkpoint, before.back(), now.back(), what, status.ToString()),
      std::string(kBatchPurged));
}

// Runs `work`, which reads what is there now and returns a Result, until nothing is purged under its feet;
// HOLDFAST_BATCH_PURGED when that happens again and again. `work` may be called several times.
template <typename Work>
auto ReadBesideWriter(FileSystem& files, const std::string& checkpoint, const Work& work) -> decltype(work()) {
  constexpr int kReadsMax = 3;
  for (int read = 1;; ++read) {
    const auto before = CommittedBatches(files, checkpoint);
    auto result = work();
    if (result.ok() || !before.ok() || !MayBePurged(result.status())) {
      return result;
    }
    HF_ASSIGN_OR_RETURN(const std::vector<BatchId> now, CommittedBatches(files, checkpoint));
    if (now.back() == before->back()) {
      return result;
    }
    if (read == kReadsMax) {
      return BatchPurged(checkpoint, "its newest state", *before, now, result.status());
    }
  }
}

}  // namespace hf
