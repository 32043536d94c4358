// SPDX-License-Identifier: Apache-2.0
// FileRandomAccess: one file of a FileSystem, for codecs that do no I/O themselves. Does not verify checksums.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "base/random_access.h"
#include "files/file_system.h"

namespace hf {

class FileRandomAccess final : public RandomAccess {
 public:
  // `files` must outlive what is returned.
  static Result<std::unique_ptr<FileRandomAccess>> Open(FileSystem& files, const std::string& path) {
    HF_ASSIGN_OR_RETURN(const std::optional<FileInfo> found, files.Stat(path));
    if (!found.has_value() || found->is_directory) {
      return Invalid(fmt::format("cannot open {}: there is no such file", path), std::string(kFileNotFound));
    }
    return std::unique_ptr<FileRandomAccess>(new FileRandomAccess(files, path, found->size_bytes));
  }

  [[nodiscard]] std::uint64_t size_bytes() const override { return size_bytes_; }
  Status ReadAt(std::uint64_t offset, std::span<char> out) override {
    HF_ASSIGN_OR_RETURN(const std::string bytes, files_.ReadRange(path_, offset, out.size()));
    if (bytes.size() != out.size()) {
      return Corrupt(fmt::format("{}: a read of {} bytes at {} reaches behind its end", path_, out.size(), offset));
    }
    if (!bytes.empty()) {
      std::memcpy(out.data(), bytes.data(), bytes.size());
    }
    return {};
  }

 private:
  FileRandomAccess(FileSystem& files, std::string path, std::uint64_t size_bytes)
      : files_(files), path_(std::move(path)), size_bytes_(size_bytes) {}

  FileSystem& files_;
  std::string path_;
  std::uint64_t size_bytes_;
};

}  // namespace hf
