// SPDX-License-Identifier: Apache-2.0
// The files of one partition's directory (Spark 4.3 RocksDBFileManager, checkpoint format 1):
//   <version>.changelog   <version>.zip   SSTs/<local name>-<uuid>.sst
// Format 2 puts "_<uuid>" behind the version; such files are listed apart and never touched.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "files/file_system.h"
#include "holdfast/status.h"
#include "state/store.h"

namespace hf {

std::string ChangelogPath(std::string_view directory, StateVersion version);
std::string SnapshotPath(std::string_view directory, StateVersion version);
std::string SstDirectory(std::string_view directory);

struct StateFiles {
  std::vector<StateVersion> changelogs;  // ascending
  std::vector<StateVersion> snapshots;   // ascending
  std::vector<std::string> identified;   // names of checkpoint format 2
};

// Empty when the directory is absent.
Result<StateFiles> ListStateFiles(FileSystem& files, const std::string& directory);

}  // namespace hf
