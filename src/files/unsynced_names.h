// SPDX-License-Identifier: Apache-2.0
// UnsyncedNames: which directories hold names that a crash may still take back. Bookkeeping only, no I/O.
//
// Every change gets a number. A directory's sync covers the changes that were noted before it began, so that
// several threads may change and sync the same directory at once and none of them needs to wait.
//
// A directory met for the first time counts as changed, and so do all directories above it: a process that
// died, or a thread that has just made it, may have left names there that are not synced, and what is built
// upon them must not outlive them.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace hf {

// Directories remembered before those without unsynced names are forgotten (and met for the first time again).
inline constexpr std::size_t kDirectoriesRemembered = 65'536;

// Thread-safe.
class UnsyncedNames {
 public:
  // To be called when something in the directory is read. It need not exist.
  void NoteSeen(const std::string& directory);
  // To be called when the directory turns out to exist before something is written in it.
  void NotePresent(const std::string& directory);
  // To be called after this process has made the directory: nothing can be left over in it.
  void NoteMade(const std::string& directory);
  // To be called after a name in the directory was made or replaced. Returns the number of the change.
  std::uint64_t NoteChanged(const std::string& directory);
  // To be called after `path` was removed.
  void NoteRemoved(const std::string& path);
  // False the second time for a directory.
  bool ClaimCleaning(const std::string& directory);

  // True after NotePresent or NoteMade, until Forget.
  [[nodiscard]] bool IsPresent(const std::string& directory) const;
  // True when a removed file of this name may come back in a crash.
  [[nodiscard]] bool MayReturn(const std::string& path) const;
  // True when the change is durable.
  [[nodiscard]] bool IsSynced(const std::string& directory, std::uint64_t change) const;
  // True when nothing in the directory was changed by us.
  [[nodiscard]] bool IsOnlySeen(const std::string& directory) const;

  [[nodiscard]] std::vector<std::string> UnsyncedDirectories() const;
  // Returns what EndSync wants when the directory's sync has succeeded.
  [[nodiscard]] std::uint64_t BeginSync(const std::string& directory) const;
  void EndSync(const std::string& directory, std::uint64_t begun);
  // For a directory that is gone.
  void Forget(const std::string& directory);

 private:
  struct Directory {
    std::uint64_t met = 0;      // the number of its first change
    std::uint64_t changed = 0;  // the number of its last change
    std::uint64_t synced = 0;   // all changes up to this one are durable
    bool is_present = false;
    bool is_settled = false;  // nothing is left over in it from before us
    bool is_only_seen = true;
    bool is_cleaned = false;
    std::unordered_map<std::string, std::uint64_t> removed;  // path -> change, until it is synced
  };

  Directory& Meet(const std::string& directory);
  std::uint64_t Change(const std::string& name, Directory& directory);
  void ForgetSynced();

  mutable std::mutex mutex_;  // guards everything below
  std::uint64_t last_change_ = 0;
  std::unordered_map<std::string, Directory> directories_;
  std::unordered_set<std::string> unsynced_;
};

}  // namespace hf
