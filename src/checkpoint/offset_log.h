// SPDX-License-Identifier: Apache-2.0
// OffsetLog: <checkpoint>/offsets/N, the promise. Written before batch N runs; a batch that is run again uses what
// stands here, whatever the session says today. Format: docs/formats/offset_log.md.
//
// Spark 4.3 OffsetSeqLog, lines without an end after the last: "v1"; the metadata as JSON (empty in very old
// checkpoints); for each source its offset as JSON, or "-" when it has none yet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/numbered_log.h"

namespace hf {

// Session settings in the order of the file. They override the session on a restart; those that nobody here knows
// are carried on as they are.
using ConfEntries = std::vector<std::pair<std::string, std::string>>;

struct OffsetSeqMetadata {
  std::int64_t batch_watermark_ms = 0;
  std::int64_t batch_timestamp_ms = 0;
  ConfEntries conf;

  bool operator==(const OffsetSeqMetadata&) const = default;
};

struct OffsetSeq {
  std::optional<OffsetSeqMetadata> metadata;
  std::vector<std::optional<std::string>> offsets;  // JSON, verbatim; by source

  bool operator==(const OffsetSeq&) const = default;
};

Result<OffsetSeq> ParseOffsetSeq(std::string_view text, const std::string& path);
std::string PrintOffsetSeq(const OffsetSeq& seq);

class OffsetLog {
 public:
  OffsetLog(FileSystem& files, const std::string& checkpoint) : log_(files, checkpoint + "/offsets") {}

  // kInvalid with FILE_NOT_FOUND when there is no such batch.
  [[nodiscard]] Result<OffsetSeq> Get(BatchId batch) const;
  // kConflict when the batch is there: somebody else runs this query.
  Status Write(BatchId batch, const OffsetSeq& seq) { return log_.PutNew(batch, PrintOffsetSeq(seq)); }

  [[nodiscard]] const NumberedLog& log() const { return log_; }
  Status Purge(BatchId threshold) { return log_.Purge(threshold); }

 private:
  NumberedLog log_;
};

}  // namespace hf
