// SPDX-License-Identifier: Apache-2.0
// A whole directory of a file source's log or a file sink's: pieces of name and content, compact files among them.
// First byte: which of the two. Whatever is accepted can be added to.
#include "base/clock.h"
#include "checkpoint/file_source_log.h"
#include "connect/file/sink_log.h"
#include "files/disk_file_system.h"
#include "files/simulated_disk.h"
#include "fuzz_target.h"

namespace hf {
namespace {

constexpr std::int64_t kIdMax = std::int64_t{1} << 40;  // nobody runs more batches

void TrySourceLog(FileSystem& files, const std::string& directory) {
  auto log = FileSourceLog::Open(files, directory, {.compact_interval = 3});
  if (!log.ok()) {
    return;
  }
  const auto latest = log->LatestId();
  const auto before = log->All();
  if (!latest.ok() || !before.ok() || latest->value_or(0) > kIdMax) {
    return;
  }
  if (latest->has_value()) {
    static_cast<void>(log->Get(**latest));
  }
  const SourceLogId next = latest->has_value() ? **latest + 1 : 0;
  HF_FUZZ_CHECK(log->Add(next, {{.path = "file:///events/new", .timestamp_ms = 1}}).ok());
  const auto after = log->All();
  HF_FUZZ_CHECK(after.ok() && after->size() == before->size() + 1);
  HF_FUZZ_CHECK(after->back().id == next);
  static_cast<void>(log->DeleteExpired(next, 2));
}

void TrySinkLog(FileSystem& files, const std::string& directory) {
  auto log = SinkLog::Open(files, directory, {.compact_interval = 3});
  if (!log.ok()) {
    return;
  }
  const auto latest = log->LatestBatch();
  const auto before = log->AllFiles();
  if (!latest.ok() || !before.ok() || latest->value_or(0) > kIdMax) {
    return;
  }
  const std::int64_t next = latest->has_value() ? **latest + 1 : 0;
  HF_FUZZ_CHECK(log->Add(next, {{.path = directory + "/new", .size_bytes = 1, .modified_ms = 1}}).ok());
  const auto after = log->AllFiles();
  HF_FUZZ_CHECK(after.ok() && after->size() == before->size() + 1);
  static_cast<void>(log->DeleteExpired(next, 2));
}

}  // namespace

HOLDFAST_FUZZ_TARGET(compact_logs) {
  const bool is_sink = fuzz::TakeByte(bytes) % 2 == 1;
  ManualClock clock(1);
  SimulatedDisk disk(clock, SimulatedDisk::Local::kItself);
  DiskFileSystem files(disk);
  const std::string directory = is_sink ? "/out/_spark_metadata" : "/checkpoint/sources/0";
  while (!bytes.empty()) {
    const std::string name(fuzz::TakePiece(bytes));
    const std::string_view content = fuzz::TakePiece(bytes);
    if (!name.empty() && name[0] != '.' && name.find('/') == std::string::npos) {
      static_cast<void>(files.PutNew(directory + "/" + name, content));
    }
  }
  is_sink ? TrySinkLog(files, "/out") : TrySourceLog(files, directory);
}

}  // namespace hf
