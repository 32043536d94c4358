// SPDX-License-Identifier: Apache-2.0
// FileSourceLog: <checkpoint>/sources/<i>/k, the files that a file source has taken. Its ids are those of the source
// ({"logOffset":k}), not of batches. Format: docs/formats/file_source_log.md.
//
// Spark 4.3 FileStreamSourceLog: "v1", then a line for each file, {"path":"<uri>","timestamp":<ms>,"batchId":k}. An
// id with (k + 1) % interval == 0 is a file k.compact instead, with all earlier entries before its own, so that
// reading needs it and what follows it only.
//
// An entry is durable before the offset that names it, so that after a crash there may be one that no offset names.
// It is adopted: the source plans its files as entry k. It is never overwritten.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/compactible_log.h"

namespace hf {

using SourceLogId = std::int64_t;

struct FileEntry {
  std::string path;               // URI, verbatim
  std::int64_t timestamp_ms = 0;  // modification time
  SourceLogId id = 0;             // "batchId" in the file

  bool operator==(const FileEntry&) const = default;
};

Result<std::vector<FileEntry>> ParseFileEntries(std::string_view text, const std::string& path);
std::string PrintFileEntries(const std::vector<FileEntry>& entries);

class FileSourceLog {
 public:
  // The compaction interval of a log that is there wins over the option. `files` must outlive the log.
  static Result<FileSourceLog> Open(FileSystem& files, const std::string& directory,
                                    const CompactibleLogOptions& options);

  [[nodiscard]] std::int64_t compact_interval() const { return log_.interval(); }
  [[nodiscard]] Result<std::optional<SourceLogId>> LatestId() const;
  // Every entry ever added, in order. kCorrupt names a file that is missing.
  [[nodiscard]] Result<std::vector<FileEntry>> All() const;
  // The entries added under `id`; from a later compact file when its own was deleted. Empty when it added none;
  // kInvalid with FILE_NOT_FOUND when `id` is beyond the latest.
  [[nodiscard]] Result<std::vector<FileEntry>> Get(SourceLogId id) const;
  // Adds one id, LatestId() + 1; kConflict when it is there. Each entry's id is set to `id`. Durable after
  // FileSystem::Sync.
  Status Add(SourceLogId id, std::vector<FileEntry> entries);
  // As CompactibleLog's.
  Status DeleteExpired(SourceLogId id, std::int64_t now_ms) { return log_.DeleteExpired(id, now_ms); }

 private:
  explicit FileSourceLog(CompactibleLog log) : log_(std::move(log)) {}

  [[nodiscard]] Result<std::vector<FileEntry>> ReadFile(SourceLogId id) const;
  // Entries of the files first..last, all of which must be there.
  [[nodiscard]] Result<std::vector<FileEntry>> ReadRange(SourceLogId first, SourceLogId last) const;

  CompactibleLog log_;
};

}  // namespace hf
