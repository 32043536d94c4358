// SPDX-License-Identifier: Apache-2.0
// The files of one partition's directory (Spark 4.3 RocksDBFileManager):
//   <version>.changelog   <version>.zip   SSTs/<local name>-<uuid>.sst
// Checkpoint format 2 puts "_<uuid>" behind the version, and the visible checksum beside both.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "files/file_system.h"
#include "holdfast/status.h"
#include "state/store.h"

namespace hf {

std::string ChangelogPath(std::string_view directory, StateVersion version, std::string_view unique_id = {});
std::string SnapshotPath(std::string_view directory, StateVersion version, std::string_view unique_id = {});
std::string SstDirectory(std::string_view directory);

struct StateFiles {
  std::vector<VersionId> changelogs;  // ascending
  std::vector<VersionId> snapshots;   // ascending

  // The versions that a snapshot holds for certain, ascending: where files have ids, each id that has a file must have
  // a snapshot, as only the commit log knows which of them counts.
  [[nodiscard]] std::vector<StateVersion> SnapshotVersions() const;
};

// Empty when the directory is absent.
Result<StateFiles> ListStateFiles(FileSystem& files, const std::string& directory);

}  // namespace hf
