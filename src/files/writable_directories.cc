// SPDX-License-Identifier: Apache-2.0
#include "files/writable_directories.h"

#include <fmt/core.h>

#include <utility>

#include "base/random.h"
#include "files/temporary_file.h"

namespace hf {

class WritableDirectories::LockedDirectory final : public DirectoryLock {
 public:
  LockedDirectory(std::shared_ptr<LockedRoots> roots, std::string directory, std::unique_ptr<DirectoryLock> lock)
      : roots_(std::move(roots)), directory_(std::move(directory)), lock_(std::move(lock)) {}
  ~LockedDirectory() override {
    std::lock_guard guard(roots_->mutex);
    roots_->directories.erase(directory_);
  }

 private:
  std::shared_ptr<LockedRoots> roots_;
  std::string directory_;
  std::unique_ptr<DirectoryLock> lock_;
};

WritableDirectories::WritableDirectories(Disk& disk, UnsyncedNames& names)
    : disk_(disk), names_(names), token_(SystemRandom().Next64()) {}

Status WritableDirectories::Ensure(const std::string& directory) {
  if (!names_.IsPresent(directory)) {
    HF_ASSIGN_OR_RETURN(const std::optional<FileInfo> found, disk_.Stat(directory));
    if (found.has_value() && !found->is_directory) {
      return Invalid(fmt::format("cannot write into {}: it is not a directory", directory));
    }
    if (found.has_value()) {
      names_.NotePresent(directory);
    } else {
      const std::string parent = DirectoryOf(directory);
      HF_RETURN_IF_ERROR(Ensure(parent));
      Status made = disk_.MakeDirectory(directory);
      if (IsNotFound(made)) {
        // Somebody removed the parent after we had seen it.
        names_.Forget(parent);
        HF_RETURN_IF_ERROR(Ensure(parent));
        made = disk_.MakeDirectory(directory);
      }
      if (made.ok()) {
        names_.NoteMade(directory);
      } else if (made.kind() == ErrorKind::kConflict) {
        names_.NotePresent(directory);
      } else {
        return made;
      }
    }
  }
  if (IsLocked(directory) && names_.ClaimCleaning(directory)) {
    RemoveOldTemporaries(directory);
  }
  return {};
}

bool WritableDirectories::IsLocked(const std::string& directory) {
  std::lock_guard lock(locked_roots_->mutex);
  for (const std::string& root : locked_roots_->directories) {
    if (directory == root || root == "/" || directory.starts_with(root + "/")) {
      return true;
    }
  }
  return false;
}

void WritableDirectories::RemoveOldTemporaries(const std::string& directory) {
  const Result<std::vector<FileInfo>> found = disk_.List(directory);
  if (!found.ok()) {
    return;  // they do no harm
  }
  const std::string ours = fmt::format("{}{:016x}-", kTemporaryPrefix, token_);
  for (const FileInfo& file : *found) {
    if (file.name.starts_with(kTemporaryPrefix) && file.name.ends_with(kTemporarySuffix) &&
        !file.name.starts_with(ours)) {
      static_cast<void>(disk_.Remove(JoinPath(directory, file.name)));
    }
  }
}

std::string WritableDirectories::NewTemporaryPath(const std::string& directory) {
  return JoinPath(directory,
                  fmt::format("{}{:016x}-{}{}", kTemporaryPrefix, token_, ++temporary_files_, kTemporarySuffix));
}

Result<std::unique_ptr<DirectoryLock>> WritableDirectories::Lock(const std::string& directory) {
  HF_RETURN_IF_ERROR(Ensure(directory));
  HF_ASSIGN_OR_RETURN(std::unique_ptr<DirectoryLock> lock, disk_.Lock(directory));
  {
    std::lock_guard guard(locked_roots_->mutex);
    locked_roots_->directories.insert(directory);
  }
  return std::unique_ptr<DirectoryLock>(std::make_unique<LockedDirectory>(locked_roots_, directory, std::move(lock)));
}

}  // namespace hf
