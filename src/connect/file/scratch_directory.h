// SPDX-License-Identifier: Apache-2.0
// ScratchDirectory: a directory on the real disk for a test, removed with all that is in it.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace hf {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "holdfast_XXXXXX").string();
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  ~ScratchDirectory() { std::filesystem::remove_all(root_); }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  [[nodiscard]] std::string Path(std::string_view name) const { return root_ + "/" + std::string(name); }

  // Writes a file, with the directories above it, and sets its modification time.
  void Write(std::string_view name, std::string_view bytes, std::int64_t modified_ms) const {
    const std::filesystem::path path = Path(name);
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    SetTime(name, modified_ms);
  }
  void SetTime(std::string_view name, std::int64_t modified_ms) const {
    const timespec time = {.tv_sec = modified_ms / 1000, .tv_nsec = modified_ms % 1000 * 1'000'000};
    const timespec times[2] = {time, time};
    EXPECT_EQ(utimensat(AT_FDCWD, Path(name).c_str(), static_cast<const timespec*>(times), 0), 0) << name;
  }
  void Remove(std::string_view name) const { std::filesystem::remove_all(Path(name)); }
  [[nodiscard]] std::string Read(std::string_view name) const {
    std::ostringstream bytes;
    bytes << std::ifstream(Path(name), std::ios::binary).rdbuf();
    return bytes.str();
  }
  [[nodiscard]] bool Exists(std::string_view name) const { return std::filesystem::exists(Path(name)); }

 private:
  std::string root_;
};

}  // namespace hf
