// SPDX-License-Identifier: Apache-2.0
// CompactibleLog: which files a numbered log has whose every n-th entry, "<id>.compact", holds all entries before it
// (Spark 4.3 CompactibleFileStreamLog). What stands in the files is the business of the logs built on this one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checkpoint/numbered_log.h"

namespace hf {

// Each is set by spark.sql.streaming.fileSource.log.* for a source's log, by fileSink.log.* for a sink's.
struct CompactibleLogOptions {
  std::int64_t compact_interval = 10;        // compactInterval
  std::int64_t cleanup_delay_ms = 600'000;   // cleanupDelay
  bool delete_expired = true;                // deletion
  std::int64_t min_batches_to_retain = 100;  // spark.sql.streaming.minBatchesToRetain
};

class CompactibleLog {
 public:
  struct Entry {
    BatchId id = 0;
    bool is_compact = false;
    FileInfo file;
  };

  // Adopts the compaction interval of the files that are there, because compact files must stay compact files; the
  // option counts for a new log only. `files` must outlive the log. REQUIRES: options.compact_interval > 0.
  static Result<CompactibleLog> Open(FileSystem& files, const std::string& directory,
                                     const CompactibleLogOptions& options);

  [[nodiscard]] FileSystem& files() const { return *files_; }
  [[nodiscard]] std::int64_t interval() const { return interval_; }
  [[nodiscard]] bool IsCompaction(BatchId id) const { return (id + 1) % interval_ == 0; }
  [[nodiscard]] std::string PathOf(BatchId id) const;
  // The oldest entry that is needed to know all up to `id`: the compact file at or before it, or 0.
  [[nodiscard]] BatchId FirstNeeded(BatchId id) const;
  // By id. Names that are no entries are passed over.
  [[nodiscard]] Result<std::vector<Entry>> List() const;
  // Deletes the entries that are older than the compact file which the last min_batches_to_retain ids need, and were
  // written cleanup_delay_ms before `now_ms` or earlier. Call it when entry `id` is durable.
  Status DeleteExpired(BatchId id, std::int64_t now_ms);

 private:
  CompactibleLog(FileSystem& files, std::string directory, const CompactibleLogOptions& options)
      : files_(&files), directory_(std::move(directory)), options_(options), interval_(options.compact_interval) {}

  FileSystem* files_;
  std::string directory_;
  CompactibleLogOptions options_;
  std::int64_t interval_;
};

}  // namespace hf
