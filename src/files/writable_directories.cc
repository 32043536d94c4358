// SPDX-License-Identifier: Apache-2.0
#include "files/writable_directories.h"

#include <fmt/core.h>

#include <utility>

#include "base/random.h"
#include "files/temporary_file.h"

namespace hf {

class WritableDirectories::LockedDirectory final : public DirectoryLock {
 public:
  LockedDirectory(Disk& disk, std::shared_ptr<LockedRoots> roots, std::string directory, std::vector<std::string> made,
                  std::unique_ptr<DirectoryLock> lock)
      : disk_(disk),
        roots_(std::move(roots)),
        directory_(std::move(directory)),
        made_(std::move(made)),
        lock_(std::move(lock)) {}
  ~LockedDirectory() override {
    {
      std::lock_guard guard(roots_->mutex);
      roots_->directories.erase(directory_);
    }
    // While the lock is held, so that nobody takes it for his own.
    for (const std::string& made : made_) {
      if (!disk_.RemoveDirectory(made).ok()) {
        break;  // it is in use, or will be
      }
    }
  }

 private:
  Disk& disk_;
  std::shared_ptr<LockedRoots> roots_;
  std::string directory_;
  std::vector<std::string> made_;  // for the lock, the innermost first
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

Result<std::vector<std::string>> WritableDirectories::FindMissing(const std::string& directory) {
  std::vector<std::string> missing;
  for (std::string at = directory; at != "/"; at = DirectoryOf(at)) {
    HF_ASSIGN_OR_RETURN(const std::optional<FileInfo> found, disk_.Stat(at));
    if (found.has_value()) {
      break;
    }
    missing.push_back(at);
  }
  return missing;
}

Result<std::unique_ptr<DirectoryLock>> WritableDirectories::Lock(const std::string& directory) {
  // Whoever held the lock may have given up the directory between our look and our lock.
  constexpr int kAttempts = 3;
  for (int attempt = 1;; ++attempt) {
    HF_ASSIGN_OR_RETURN(std::vector<std::string> missing, FindMissing(directory));
    HF_RETURN_IF_ERROR(Ensure(directory));
    Result<std::unique_ptr<DirectoryLock>> lock = disk_.Lock(directory);
    if (!lock.ok() && IsNotFound(lock.status()) && attempt < kAttempts) {
      names_.Forget(directory);
      continue;
    }
    HF_RETURN_IF_ERROR(lock.status());
    {
      std::lock_guard guard(locked_roots_->mutex);
      locked_roots_->directories.insert(directory);
    }
    return std::unique_ptr<DirectoryLock>(std::make_unique<LockedDirectory>(
        disk_, locked_roots_, directory, std::move(missing), std::move(lock).value()));
  }
}

}  // namespace hf
