// SPDX-License-Identifier: Apache-2.0
#include "files/unsynced_names.h"

#include <algorithm>
#include <utility>

#include "files/disk.h"

namespace hf {

UnsyncedNames::Directory& UnsyncedNames::Meet(const std::string& directory) {
  if (const auto found = directories_.find(directory); found != directories_.end()) {
    return found->second;
  }
  // The parent counts as changed even when it is known, because this name in it may be new. A parent that is
  // known has brought in all above it.
  for (std::string below = directory; below != "/";) {
    below = DirectoryOf(below);
    const auto [entry, is_new] = directories_.try_emplace(below);
    Change(below, entry->second);
    if (!is_new) {
      break;
    }
  }
  Directory& met = directories_[directory];
  Change(directory, met);
  return met;
}

std::uint64_t UnsyncedNames::Change(const std::string& name, Directory& directory) {
  directory.changed = ++last_change_;
  if (directory.met == 0) {
    directory.met = directory.changed;
  }
  unsynced_.insert(name);
  return directory.changed;
}

void UnsyncedNames::ForgetSynced() {
  if (directories_.size() > kDirectoriesRemembered && unsynced_.size() < directories_.size() / 2) {
    std::erase_if(directories_, [&](const auto& entry) { return !unsynced_.contains(entry.first); });
  }
}

void UnsyncedNames::NoteSeen(const std::string& directory) {
  std::lock_guard lock(mutex_);
  if (!directories_.contains(directory)) {
    ForgetSynced();
    Meet(directory);
  }
}

void UnsyncedNames::NotePresent(const std::string& directory) {
  std::lock_guard lock(mutex_);
  ForgetSynced();
  Meet(directory).is_present = true;
}

void UnsyncedNames::NoteMade(const std::string& directory) {
  std::lock_guard lock(mutex_);
  ForgetSynced();
  const std::string parent_name = DirectoryOf(directory);
  Directory& parent = Meet(parent_name);
  Change(parent_name, parent);
  parent.is_only_seen = false;
  Directory& made = Meet(directory);
  made.is_present = true;
  made.is_settled = true;
  made.is_only_seen = false;
}

std::uint64_t UnsyncedNames::NoteChanged(const std::string& directory) {
  std::lock_guard lock(mutex_);
  Directory& changed = Meet(directory);
  changed.is_only_seen = false;
  return Change(directory, changed);
}

void UnsyncedNames::NoteRemoved(const std::string& path) {
  std::lock_guard lock(mutex_);
  const std::string name = DirectoryOf(path);
  Directory& directory = Meet(name);
  directory.is_only_seen = false;
  directory.removed[path] = Change(name, directory);
}

bool UnsyncedNames::ClaimCleaning(const std::string& directory) {
  std::lock_guard lock(mutex_);
  return !std::exchange(Meet(directory).is_cleaned, true);
}

bool UnsyncedNames::IsPresent(const std::string& directory) const {
  std::lock_guard lock(mutex_);
  const auto found = directories_.find(directory);
  return found != directories_.end() && found->second.is_present;
}

bool UnsyncedNames::MayReturn(const std::string& path) const {
  std::lock_guard lock(mutex_);
  const auto found = directories_.find(DirectoryOf(path));
  if (found == directories_.end() || !found->second.is_settled) {
    return true;
  }
  return found->second.removed.contains(path);
}

bool UnsyncedNames::IsSynced(const std::string& directory, std::uint64_t change) const {
  std::lock_guard lock(mutex_);
  const auto found = directories_.find(directory);
  return found != directories_.end() && found->second.synced >= change;
}

bool UnsyncedNames::IsOnlySeen(const std::string& directory) const {
  std::lock_guard lock(mutex_);
  const auto found = directories_.find(directory);
  return found != directories_.end() && found->second.is_only_seen;
}

std::vector<std::string> UnsyncedNames::UnsyncedDirectories() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> names(unsynced_.begin(), unsynced_.end());
  std::sort(names.begin(), names.end());
  return names;
}

std::uint64_t UnsyncedNames::BeginSync(const std::string& directory) const {
  std::lock_guard lock(mutex_);
  const auto found = directories_.find(directory);
  return found == directories_.end() ? 0 : found->second.changed;
}

void UnsyncedNames::EndSync(const std::string& directory, std::uint64_t begun) {
  std::lock_guard lock(mutex_);
  const auto found = directories_.find(directory);
  if (found == directories_.end()) {
    return;
  }
  Directory& synced = found->second;
  synced.synced = std::max(synced.synced, begun);
  // A sync that began before the directory was met was that of another one with the same name.
  synced.is_settled = synced.is_settled || begun >= synced.met;
  std::erase_if(synced.removed, [&](const auto& entry) { return entry.second <= synced.synced; });
  if (synced.changed <= synced.synced) {
    unsynced_.erase(directory);
  }
}

void UnsyncedNames::Forget(const std::string& directory) {
  std::lock_guard lock(mutex_);
  directories_.erase(directory);
  unsynced_.erase(directory);
}

}  // namespace hf
