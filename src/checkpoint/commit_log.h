// SPDX-License-Identifier: Apache-2.0
// CommitLog: <checkpoint>/commits/N, the proof. Written after state and sink of batch N are durable; only this file
// makes state version N + 1 true. Format: docs/formats/commit_log.md.
//
// Spark 4.3 CommitLog: "v1" and {"nextBatchWatermarkMs":n}; or, with stateStore.checkpointFormatVersion=2, "v2" and
// also "stateUniqueIds", by operator, partition and store the id in the names of the state files that count.
// "v3" (sink evolution) is not known here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/numbered_log.h"

namespace hf {

// The unique ids of one operator: by partition, by store.
using OperatorUniqueIds = std::vector<std::vector<std::string>>;
using OperatorIds = std::pair<std::int64_t, OperatorUniqueIds>;

struct CommitMetadata {
  std::int64_t next_batch_watermark_ms = 0;
  // By operator id, in the order of the file; nullopt: checkpoint format 1.
  std::optional<std::vector<OperatorIds>> state_unique_ids;

  bool operator==(const CommitMetadata&) const = default;
};

Result<CommitMetadata> ParseCommit(std::string_view text, const std::string& path);
std::string PrintCommit(const CommitMetadata& commit);

class CommitLog {
 public:
  CommitLog(FileSystem& files, const std::string& checkpoint) : log_(files, checkpoint + "/commits") {}

  // kInvalid with FILE_NOT_FOUND when there is no such batch.
  [[nodiscard]] Result<CommitMetadata> Get(BatchId batch) const;
  Status Write(BatchId batch, const CommitMetadata& commit) { return log_.PutNew(batch, PrintCommit(commit)); }

  [[nodiscard]] const NumberedLog& log() const { return log_; }
  Status Purge(BatchId threshold) { return log_.Purge(threshold); }

 private:
  NumberedLog log_;
};

}  // namespace hf
