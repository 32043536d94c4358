// SPDX-License-Identifier: Apache-2.0
// WritableDirectories: the directories that a DiskFileSystem writes in. Makes them, locks them, and gives out
// names for temporary files.
//
// Temporary files begin with ".hf-". Those of a process that died are removed from a directory when it is
// first written below a directory that is locked here: only there no other process can own them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "files/disk.h"
#include "files/unsynced_names.h"

namespace hf {

// Thread-safe.
class WritableDirectories {
 public:
  // `disk` and `names` must outlive it.
  WritableDirectories(Disk& disk, UnsyncedNames& names);

  // Makes the directory, and those above it, when absent.
  Status Ensure(const std::string& directory);
  // Returns a name in the directory that nobody else uses.
  std::string NewTemporaryPath(const std::string& directory);
  // Directories that had to be made for it go with the lock when nothing was put into them.
  Result<std::unique_ptr<DirectoryLock>> Lock(const std::string& directory);

 private:
  class LockedDirectory;
  struct LockedRoots {
    std::mutex mutex;
    std::set<std::string> directories;  // guarded by mutex
  };

  // `directory` and those above it that are not there, the innermost first.
  Result<std::vector<std::string>> FindMissing(const std::string& directory);
  bool IsLocked(const std::string& directory);
  void RemoveOldTemporaries(const std::string& directory);

  Disk& disk_;
  UnsyncedNames& names_;
  const std::uint64_t token_;  // tells our temporary files from those of other objects
  std::atomic<std::uint64_t> temporary_files_ = 0;
  const std::shared_ptr<LockedRoots> locked_roots_ = std::make_shared<LockedRoots>();  // shared with the locks
};

}  // namespace hf
