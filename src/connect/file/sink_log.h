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

#include "checkpoint/compactible_log.h"
#include "files/file_system.h"

namespace hf {

inline constexpr std::string_view kSinkLogDirectory = "_spark_metadata";

struct SinkFile {
  std::string path;  // absolute
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ms = 0;

  bool operator==(const SinkFile&) const = default;
};

// Whether a file sink has written to `directory`.
Result<bool> HasSinkLog(FileSystem& files, const std::string& directory);

class SinkLog {
 public:
  // The interval of a log that is there wins over the option. `files` must outlive the log.
  static Result<SinkLog> Open(FileSystem& files, const std::string& directory,
                              const CompactibleLogOptions& options = {});

  // The newest batch in the log.
  Result<std::optional<std::int64_t>> LatestBatch() const;
  // Every file that counts, in the order of the batches. kCorrupt names an entry that is missing.
  Result<std::vector<SinkFile>> AllFiles() const;
  // Adds the entry of `batch`; kConflict when it is there. Batches that this log never saw (the query wrote somewhere
  // else before) get empty entries first: Spark's reader fails where one is missing. Durable after FileSystem::Sync.
  // REQUIRES: batch > LatestBatch().
  Status Add(std::int64_t batch, const std::vector<SinkFile>& added);
  // As CompactibleLog's.
  Status DeleteExpired(std::int64_t batch, std::int64_t now_ms) { return log_.DeleteExpired(batch, now_ms); }

  [[nodiscard]] std::string PathOf(std::int64_t batch) const { return log_.PathOf(batch); }

 private:
  SinkLog(CompactibleLog log, std::string directory) : log_(std::move(log)), directory_(std::move(directory)) {}

  Status AddOne(std::int64_t batch, std::vector<std::string> lines);
  // The lines of the entries first..last, without their version lines.
  Result<std::vector<std::string>> ReadLines(std::int64_t first, std::int64_t last) const;

  CompactibleLog log_;
  std::string directory_;  // of the log
};

}  // namespace hf
