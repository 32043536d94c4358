// SPDX-License-Identifier: Apache-2.0
// DirectorySyncs makes the names of directories durable, and never forgets that a sync failed.
//
// The kernel tells of a failed sync once: the next one of the same directory succeeds, though what the first should
// have kept may be gone. Whoever was told may be a thread that can go on without, a snapshot in the background. So
// after a failure every later sync fails with the same status, and with it the next barrier of the query.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>

#include "files/disk.h"
#include "files/unsynced_names.h"

namespace hf {

// Thread-safe.
class DirectorySyncs {
 public:
  // `disk` and `names` must outlive it.
  DirectorySyncs(Disk& disk, UnsyncedNames& names) : disk_(disk), names_(names) {}

  // Two syncs of one directory follow one another: the second would not be told of the failure of the first.
  Status Sync(const std::string& directory);
  // For the failed sync of a content that may be tried again.
  void NoteFailure(const Status& status);
  // The first failure there was.
  [[nodiscard]] Status failure() const;

 private:
  Status SyncAlone(const std::string& directory);

  Disk& disk_;
  UnsyncedNames& names_;
  mutable std::mutex mutex_;  // guards everything below; not held during I/O
  std::condition_variable ended_;
  std::set<std::string> running_;
  Status failure_;
};

}  // namespace hf
