// SPDX-License-Identifier: Apache-2.0
#include "files/remove_tree.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <vector>

#include "files/posix_disk.h"

namespace hf {
namespace {

namespace fs = std::filesystem;

Status Failed(const std::string& path, const std::error_code& error) {
  return Unavailable(fmt::format("cannot remove {}: {}", path, error.message()));
}

// Whether anything stays below. What went from a directory that stays is gone for good then.
Result<bool> Remove(const fs::path& directory, const std::set<std::string>& kept) {
  std::error_code error;
  std::vector<fs::directory_entry> entries;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    entries.push_back(*at);
  }
  if (error) {
    return Failed(directory.string(), error);
  }
  bool stays = false;
  bool removed = false;
  for (const fs::directory_entry& entry : entries) {
    bool is_kept = kept.contains(entry.path().string());
    if (entry.is_directory(error) && !entry.is_symlink(error)) {
      HF_ASSIGN_OR_RETURN(is_kept, Remove(entry.path(), kept));
    }
    (is_kept ? stays : removed) = true;
    if (!is_kept && !fs::remove(entry.path(), error) && error) {
      return Failed(entry.path().string(), error);
    }
  }
  if (stays && removed) {
    HF_RETURN_IF_ERROR(PosixDisk().SyncDirectory(directory.string()));
  }
  return stays;
}

}  // namespace

Status RemoveBelow(const std::string& directory, const std::set<std::string>& kept) {
  std::set<std::string> with_checksums = kept;
  for (const std::string& path : kept) {
    const fs::path file(path);
    with_checksums.insert((file.parent_path() / fmt::format(".{}.crc", file.filename().string())).string());
  }
  return Remove(directory, with_checksums).status();
}

}  // namespace hf
