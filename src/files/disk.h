// SPDX-License-Identifier: Apache-2.0
// Disk: the primitive operations under DiskFileSystem, one for each kind of system call whose order decides
// what is left after a crash. It promises nothing beyond what POSIX does:
//  1. Content is durable once Sync or SyncFile has returned after it was written; a name (made, renamed or
//     removed) once SyncDirectory of its directory has. Before that each may be lost on its own.
//  2. A rename or link is atomic for whoever looks, and its two names are two names in a crash.
// Paths are absolute and normalised: '/' between components, no "." or "..", no '/' at the end.
//
// Errors: kInvalid with kFileNotFound when something on the path is absent; kConflict when a name is taken
// that must be free; kUnavailable when the disk is full, fails or is busy; kInvalid for what the caller or the
// operator must change (permissions, a file where a directory should be). Messages name the path.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "files/file_system.h"
#include "holdfast/status.h"

namespace hf {

// Status condition of a Link between two disks, which no disk can do.
inline constexpr std::string_view kCrossDevice = "CROSS_DEVICE";

// A new file while it is written. One thread at a time.
class DiskFile {
 public:
  virtual ~DiskFile() = default;  // closes it if need be, and then nobody learns of an error
  virtual Status Append(std::string_view bytes) = 0;
  // Makes the content so far durable, not the name.
  virtual Status Sync() = 0;
  // REQUIRES: no other call follows.
  virtual Status Close() = 0;
};

// Thread-safe.
class Disk {
 public:
  virtual ~Disk() = default;

  // kConflict when it is there already.
  virtual Status MakeDirectory(const std::string& path) = 0;
  // kConflict when something is in it.
  virtual Status RemoveDirectory(const std::string& path) = 0;
  // kConflict when it is there already.
  virtual Result<std::unique_ptr<DiskFile>> Create(const std::string& path) = 0;
  // Makes the content of a finished file durable, not its name.
  virtual Status SyncFile(const std::string& path) = 0;
  virtual Status SyncDirectory(const std::string& path) = 0;
  // Gives the file a second name; kConflict when that is taken.
  virtual Status Link(const std::string& existing, const std::string& name) = 0;
  // Puts the file in the place of what `to` names, if anything.
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  // Removes a name of a file, not of a directory.
  virtual Status Remove(const std::string& path) = 0;

  // Returns up to `size_bytes` bytes from `offset` on, fewer only at the end.
  virtual Result<std::string> Read(const std::string& path, std::uint64_t offset, std::uint64_t size_bytes) = 0;
  // Returns everything in the directory in the order of names, hidden names too.
  virtual Result<std::vector<FileInfo>> List(const std::string& directory) = 0;
  // nullopt when there is nothing at `path`.
  virtual Result<std::optional<FileInfo>> Stat(const std::string& path) = 0;

  // Locks an existing directory against every other process and every other call; kConflict when it is locked. What is
  // locked is the directory of that name when this returns.
  virtual Result<std::unique_ptr<DirectoryLock>> Lock(const std::string& directory) = 0;

  // The machine's own disk, where RocksDB works. This disk itself when it is the one.
  virtual Disk& local() = 0;
};

// The directory that holds `path`; "/" for "/x". REQUIRES: normalised and not "/".
std::string DirectoryOf(const std::string& path);
// The last component.
std::string NameOf(const std::string& path);
std::string JoinPath(const std::string& directory, std::string_view name);
// Returns `path` without empty components and without '/' at the end. kInvalid when it is not absolute or has
// a "." or ".." component.
Result<std::string> NormalizePath(std::string_view path);

}  // namespace hf
