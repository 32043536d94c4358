// SPDX-License-Identifier: Apache-2.0
// OverlayFileSystem: changes that leave what lies beneath them as it is. Reading falls through to the base; whatever is
// written lies in a directory of another file system, the upper one, and what is deleted is only remembered. So a whole
// query can run on a checkpoint and leave no trace in it.
//
// A directory of the base stays as it was when it was first listed: what others put into it later does not show, and
// does not stand in the way of a file that is made here. What they delete is gone here too.
//
// Nothing is durable, nothing locks the base, and Sync does nothing: what was written here is meant to be thrown away.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "files/file_system.h"

namespace hf {

class OverlayFileSystem final : public FileSystem {
 public:
  // `upper_directory` is an empty directory of `upper`, ours alone. Of `base` only reading functions are called.
  OverlayFileSystem(std::shared_ptr<FileSystem> base, std::shared_ptr<FileSystem> upper, std::string upper_directory)
      : base_(std::move(base)), upper_(std::move(upper)), upper_directory_(std::move(upper_directory)) {}

  Result<std::string> Read(const std::string& path) override;
  Result<std::string> ReadRange(const std::string& path, std::uint64_t offset, std::uint64_t size_bytes) override;
  Result<std::vector<FileInfo>> List(const std::string& directory) override;
  Result<std::optional<FileInfo>> Stat(const std::string& path) override;

  Status PutNew(const std::string& path, std::string_view bytes) override;
  Status Replace(const std::string& path, std::string_view bytes) override;
  Status PutMany(std::span<const NewFile> files) override;
  Status LinkFrom(const std::string& local_path, const std::string& path) override;
  Status CopyToLocal(const std::string& path, const std::string& local_path) override;
  Status Delete(const std::string& path) override;
  Status Sync() override { return Status(); }

  // Locks nothing: the base may have an owner, who is not disturbed.
  Result<std::unique_ptr<DirectoryLock>> Lock(const std::string& directory) override;

 private:
  // Where the file of a normalised path is to be read; kFileNotFound when it was deleted here or is not shown.
  struct Place {
    FileSystem* files = nullptr;
    std::string path;
  };
  Result<Place> Find(const std::string& path);
  // The base's directory as it was when it was first asked for.
  Result<std::vector<FileInfo>> ListBase(const std::string& directory);
  [[nodiscard]] std::string UpperPath(const std::string& path) const { return upper_directory_ + path; }
  // kConflict when the file is there, in either of the two.
  Status CheckAbsent(const std::string& path);
  // From now on the base's checksum file f.crc that goes with `path` is not shown (promise 4 of FileSystem).
  void HideChecksum(const std::string& path);

  const std::shared_ptr<FileSystem> base_;
  const std::shared_ptr<FileSystem> upper_;
  const std::string upper_directory_;
  std::mutex mutex_;
  std::set<std::string> hidden_;                         // files of the base; guarded by mutex_
  std::map<std::string, std::vector<FileInfo>> listed_;  // directories of the base; guarded by mutex_
};

}  // namespace hf
