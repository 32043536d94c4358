// SPDX-License-Identifier: Apache-2.0
#include "files/scratch_directory.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "files/posix_disk.h"

namespace hf {
namespace {

namespace fs = std::filesystem;

// One that is not locked yet has another name, so that nobody takes it for a dead process's.
constexpr std::string_view kPrefix = "holdfast-scratch-";
constexpr std::string_view kUnlockedPrefix = "holdfast-new-scratch-";

// Whoever is alive holds the lock of his directory; those of other users cannot be removed, and need not be.
void RemoveThoseOfTheDead(const fs::path& base) {
  PosixDisk disk;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(base, ignored)) {
    const std::string path = entry.path().string();
    if (!entry.path().filename().string().starts_with(kPrefix)) {
      continue;
    }
    if (const auto lock = disk.Lock(path); lock.ok()) {
      fs::remove_all(path, ignored);
    }
  }
}

}  // namespace

Result<std::unique_ptr<ScratchDirectory>> ScratchDirectory::Make(const std::string& base, Random& random) {
  std::error_code error;
  const fs::path parent = base.empty() ? fs::temp_directory_path(error) : fs::path(base);
  if (error) {
    return Unavailable("the directory for temporary files, TMPDIR, is none: " + error.message());
  }
  const std::string uuid = random.NewUuid();
  const fs::path unlocked = parent / fmt::format("{}{}", kUnlockedPrefix, uuid);
  fs::create_directories(unlocked, error);
  if (error) {
    return Unavailable(fmt::format(
        "cannot make a directory for temporary files in {} (holdfast.state.scratchDirectory, or TMPDIR): {}",
        parent.string(), error.message()));
  }
  RemoveThoseOfTheDead(parent);
  PosixDisk disk;
  HF_ASSIGN_OR_RETURN(std::unique_ptr<DirectoryLock> lock, disk.Lock(unlocked.string()));
  const fs::path path = parent / fmt::format("{}{}", kPrefix, uuid);
  fs::rename(unlocked, path, error);  // the lock stays with the directory
  if (error) {
    return Unavailable(fmt::format("cannot rename {} to {}: {}", unlocked.string(), path.string(), error.message()));
  }
  return std::unique_ptr<ScratchDirectory>(new ScratchDirectory(path.string(), std::move(lock)));
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace hf
