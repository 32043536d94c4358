// SPDX-License-Identifier: Apache-2.0
#include "files/directory_syncs.h"

namespace hf {

Status DirectorySyncs::Sync(const std::string& directory) {
  {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [&] { return !running_.contains(directory); });
    HF_RETURN_IF_ERROR(failure_);
    running_.insert(directory);
  }
  Status synced = SyncAlone(directory);
  if (!synced.ok()) {
    NoteFailure(synced);
  }
  {
    std::lock_guard lock(mutex_);
    running_.erase(directory);
  }
  ended_.notify_all();
  return synced;
}

void DirectorySyncs::NoteFailure(const Status& status) {
  std::lock_guard lock(mutex_);
  // What could not even be opened has not lost anything: the next sync finds it as it was.
  if (failure_.ok() && status.condition() != "TOO_MANY_OPEN_FILES") {
    failure_ = status;
  }
}

Status DirectorySyncs::failure() const {
  std::lock_guard lock(mutex_);
  return failure_;
}

Status DirectorySyncs::SyncAlone(const std::string& directory) {
  const std::uint64_t begun = names_.BeginSync(directory);
  Status synced = disk_.SyncDirectory(directory);
  if (synced.ok()) {
    names_.EndSync(directory, begun);
    return {};
  }
  const bool is_only_seen = names_.IsOnlySeen(directory);
  if (IsNotFound(synced)) {
    names_.Forget(directory);  // gone with all its names
  } else if (is_only_seen && synced.kind() == ErrorKind::kInvalid) {
    names_.EndSync(directory, begun);
  }
  return is_only_seen && synced.kind() == ErrorKind::kInvalid ? Status() : synced;
}

}  // namespace hf
