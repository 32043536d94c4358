// SPDX-License-Identifier: Apache-2.0
// PosixDisk: the disk of this machine, or whatever is mounted there.
#pragma once

#include "files/disk.h"

namespace hf {

// Sorts the error number of a system call: "cannot <attempt> <path>: <reason>".
Status ErrnoStatus(std::string_view attempt, const std::string& path, int error);

class PosixDisk final : public Disk {
 public:
  Status MakeDirectory(const std::string& path) override;
  Status RemoveDirectory(const std::string& path) override;
  Result<std::unique_ptr<DiskFile>> Create(const std::string& path) override;
  Status SyncFile(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Status Link(const std::string& existing, const std::string& name) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Result<std::string> Read(const std::string& path, std::uint64_t offset, std::uint64_t size_bytes) override;
  Result<std::vector<FileInfo>> List(const std::string& directory) override;
  Result<std::optional<FileInfo>> Stat(const std::string& path) override;
  // By flock on the directory: released when the process and every child forked from it have ended.
  Result<std::unique_ptr<DirectoryLock>> Lock(const std::string& directory) override;
  Disk& local() override { return *this; }
};

}  // namespace hf
