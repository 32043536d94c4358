// SPDX-License-Identifier: Apache-2.0
// NumberedLog: a directory of files named by batch, the form of all of Spark's logs (Spark 4.3 HDFSMetadataLog).
//
// An entry is written once and never changed. Writing it is the fence against a second writer: the one that comes
// second gets kConflict. What is in an entry is the business of the logs built on this one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "files/file_system.h"
#include "holdfast/status.h"

namespace hf {

using BatchId = std::int64_t;

class NumberedLog {
 public:
  // `files` must outlive the log. The directory need not exist.
  NumberedLog(FileSystem& files, std::string directory) : files_(&files), directory_(std::move(directory)) {}

  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] FileSystem& files() const { return *files_; }
  [[nodiscard]] std::string PathOf(BatchId id) const;

  // Ascending. Names that are not numbers are somebody else's and are passed over.
  [[nodiscard]] Result<std::vector<BatchId>> Ids() const;
  [[nodiscard]] Result<std::optional<BatchId>> LatestId() const;
  // kInvalid with FILE_NOT_FOUND when there is no such entry.
  [[nodiscard]] Result<std::string> Read(BatchId id) const;
  // kConflict with CONCURRENT_STREAM_LOG_UPDATE when the entry is there. Durable after FileSystem::Sync.
  Status PutNew(BatchId id, std::string_view bytes);
  // Deletes the entries below `threshold`. Entries that others make below an earlier threshold stay.
  Status Purge(BatchId threshold);

 private:
  FileSystem* files_;
  std::string directory_;
  std::optional<BatchId> purged_below_;  // no entry is below; unknown before the first Purge
};

// Writes an entry of a checkpoint's log. kConflict with CONCURRENT_STREAM_LOG_UPDATE when it is there. Durable after
// FileSystem::Sync.
Status PutNewEntry(FileSystem& files, const std::string& path, std::string_view bytes);

// A batch a millisecond for 34 years.
inline constexpr BatchId kBatchIdMax = BatchId{1} << 40;
// The id that a file name stands for: digits only, no sign, no leading zeros, at most kBatchIdMax.
std::optional<BatchId> ParseBatchId(std::string_view name);

// The compaction interval of a log with one compact file: the smallest divisor of its id + 1 that is not below the
// wanted interval, so that the compact file stays one; id + 1 itself when there is none (Spark 4.3
// CompactibleFileStreamLog.deriveCompactInterval). REQUIRES: wanted > 0.
std::int64_t DeriveCompactInterval(std::int64_t wanted, BatchId latest_compact);

// Takes the version line ("v1") off the front of a log's text and returns its number. kCorrupt when there is none;
// kIncompatible when it is above `newest`: a later Spark or Holdfast wrote it. Errors name `path`.
Result<int> TakeVersionLine(std::string_view& text, int newest, const std::string& path);

// Takes the next line, without its end; nullopt when nothing is left. A text that ends with a line end has no
// further, empty line (Scala's Source.getLines, with which Spark reads its logs).
std::optional<std::string_view> TakeLine(std::string_view& text);

}  // namespace hf
