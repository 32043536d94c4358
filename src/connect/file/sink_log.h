// SPDX-License-Identifier: Apache-2.0
// SinkLog: <output>/_spark_metadata, which files in a file sink's directory count (Spark 4.3: FileStreamSinkLog).
//
// Entry k belongs to batch k: "v1", then a line for each file,
//   {"path":"file:///out/part-...","size":695,"isDir":false,"modificationTime":1767225600000,"blockReplication":1,
//    "blockSize":33554432,"action":"add"}
// An id with (k + 1) % interval == 0 is a file k.compact instead, which holds all earlier lines as well, so that
// readers need it and what follows it only (Spark 4.3: CompactibleFileStreamLog).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "files/file_system.h"

namespace hf {

inline constexpr std::string_view kSinkLogDirectory = "_spark_metadata";

struct SinkFile {
  std::string path;  // absolute
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ms = 0;

  bool operator==(const SinkFile&) const = default;
};

struct SinkLogOptions {
  std::int64_t compact_interval = 10;        // spark.sql.streaming.fileSink.log.compactInterval
  std::int64_t cleanup_delay_ms = 600'000;   // spark.sql.streaming.fileSink.log.cleanupDelay
  bool delete_expired = true;                // spark.sql.streaming.fileSink.log.deletion
  std::int64_t min_batches_to_retain = 100;  // spark.sql.streaming.minBatchesToRetain
};

// Whether a file sink has written to `directory`.
Result<bool> HasSinkLog(FileSystem& files, const std::string& directory);

class SinkLog {
 public:
  // The interval of a log that is there wins over the option. `files` must outlive the log.
  static Result<SinkLog> Open(FileSystem& files, const std::string& directory, const SinkLogOptions& options = {});

  // The newest batch in the log.
  Result<std::optional<std::int64_t>> LatestBatch() const;
  // Every file that counts, in the order of the batches. kCorrupt names an entry that is missing.
  Result<std::vector<SinkFile>> AllFiles() const;
  // Adds the entry of `batch`; kConflict when it is there. Batches that this log never saw (the query wrote somewhere
  // else before) get empty entries first: Spark's reader fails where one is missing. Durable after FileSystem::Sync.
  // REQUIRES: batch > LatestBatch().
  Status Add(std::int64_t batch, const std::vector<SinkFile>& added);
  // Deletes entries that a compact file has made superfluous, as Spark does: those older than the one that the last
  // min_batches_to_retain need, once cleanup_delay_ms have passed.
  Status DeleteExpired(std::int64_t batch, std::int64_t now_ms);

  [[nodiscard]] std::string PathOf(std::int64_t batch) const;

 private:
  SinkLog(FileSystem& files, std::string directory, const SinkLogOptions& options, std::int64_t interval)
      : files_(&files), directory_(std::move(directory)), options_(options), interval_(interval) {}

  [[nodiscard]] bool IsCompaction(std::int64_t batch) const { return (batch + 1) % interval_ == 0; }
  // The oldest entry that is needed to know all files up to `batch`.
  [[nodiscard]] std::int64_t FirstNeeded(std::int64_t batch) const;
  Status AddOne(std::int64_t batch, std::vector<std::string> lines);
  // The lines of the entries first..last, without their version lines.
  Result<std::vector<std::string>> ReadLines(std::int64_t first, std::int64_t last) const;

  FileSystem* files_;
  std::string directory_;
  SinkLogOptions options_;
  std::int64_t interval_;
};

}  // namespace hf
