// SPDX-License-Identifier: Apache-2.0
// TemporaryFile: a name that is removed again unless it is kept.
#pragma once

#include <string>
#include <utility>

#include "files/disk.h"

namespace hf {

inline constexpr std::string_view kTemporaryPrefix = ".hf-";
inline constexpr std::string_view kTemporarySuffix = ".tmp";

class TemporaryFile {
 public:
  // `disk` must outlive it. Nothing needs to be there yet.
  TemporaryFile(Disk& disk, std::string path) : disk_(&disk), path_(std::move(path)) {}
  TemporaryFile(TemporaryFile&& other) noexcept : disk_(other.disk_), path_(std::exchange(other.path_, {})) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  // A name that cannot be removed stays behind: hidden, and removed by the next owner of the directory.
  ~TemporaryFile() {
    if (!path_.empty()) {
      static_cast<void>(disk_->Remove(path_));
    }
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  // For a name that is not ours, or no longer there.
  void Release() { path_.clear(); }

 private:
  Disk* disk_;
  std::string path_;
};

}  // namespace hf
