// SPDX-License-Identifier: Apache-2.0
// ScratchDirectory: a local directory for files that nobody keeps, ours alone, gone with the object. What processes
// that were killed have left beside it goes when the next one is made: otherwise each kill would leave one, perhaps
// with a copy of the state, for ever.
#pragma once

#include <memory>
#include <string>

#include "base/random.h"
#include "files/disk.h"

namespace hf {

class ScratchDirectory {
 public:
  // In `base`, which is made when it is absent; empty: the system's directory for temporary files. Unavailable and
  // Invalid name the directory that cannot be had.
  static Result<std::unique_ptr<ScratchDirectory>> Make(const std::string& base, Random& random);
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  ScratchDirectory(std::string path, std::unique_ptr<DirectoryLock> lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  const std::string path_;
  const std::unique_ptr<DirectoryLock> lock_;  // says that we live
};

}  // namespace hf
