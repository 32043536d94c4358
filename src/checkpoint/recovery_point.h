// SPDX-License-Identifier: Apache-2.0
// RecoveryPoint: what a checkpoint says about where its query stands.
//
// Spark 4.3 MicroBatchExecution.populateStartOffsets: the newest offsets/L decides. With commits/L the next batch is
// L + 1; without, batch L is run again with what offsets/L promised. offsets/L-1 must be there when L > 0: it has the
// offsets at which batch L begins, and the watermark below which its rows are late.
#pragma once

#include <optional>

#include "checkpoint/commit_log.h"
#include "checkpoint/offset_log.h"

namespace hf {

struct RecoveryPoint {
  std::optional<BatchId> last_offset_batch;
  std::optional<BatchId> last_committed_batch;
  BatchId next_batch = 0;  // the batch to run now; state version next_batch is what it reads
  bool is_rerun = false;   // offsets/next_batch is there and must be used

  std::optional<OffsetSeq> offsets;           // of last_offset_batch
  std::optional<OffsetSeq> previous_offsets;  // of the batch before it
  std::optional<CommitMetadata> commit;       // of last_committed_batch
};

// kCorrupt names the file that is missing or should not be there: offsets/L-1, a hole in the commits, a commit
// without its offsets. Holdfast refuses holes, which Spark only warns of: nobody leaves them on purpose.
Result<RecoveryPoint> FindRecoveryPoint(const OffsetLog& offsets, const CommitLog& commits);

}  // namespace hf
