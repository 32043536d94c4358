// SPDX-License-Identifier: Apache-2.0
// TempDir: a directory for one test on the real disk, removed with everything in it.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace hf::test {

class TempDir {
 public:
  enum class Place {
    kDisk,
    kMemory,  // where there is enough of it: for tests that sync thousands of times and never take the power away
  };

  explicit TempDir(Place place = Place::kDisk) : path_(Make(place)) {}
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  // "<directory>/<name>".
  [[nodiscard]] std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

  // Writes a file, with the directories above it, and sets its modification time.
  void Write(std::string_view name, std::string_view bytes, std::int64_t modified_ms) const {
    const std::filesystem::path path = *this / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    SetTime(name, modified_ms);
  }
  void SetTime(std::string_view name, std::int64_t modified_ms) const {
    const timespec time = {.tv_sec = modified_ms / 1000, .tv_nsec = modified_ms % 1000 * 1'000'000};
    const timespec times[2] = {time, time};
    if (utimensat(AT_FDCWD, (*this / name).c_str(), static_cast<const timespec*>(times), 0) != 0) {
      throw std::runtime_error("cannot set the time of " + (*this / name));
    }
  }
  void Remove(std::string_view name) const { std::filesystem::remove_all(*this / name); }
  [[nodiscard]] std::string Read(std::string_view name) const {
    std::ostringstream bytes;
    bytes << std::ifstream(*this / name, std::ios::binary).rdbuf();
    return bytes.str();
  }
  [[nodiscard]] bool Exists(std::string_view name) const { return std::filesystem::exists(*this / name); }

 private:
  static std::string Make(Place place) {
    std::filesystem::path parent = std::filesystem::temp_directory_path();
    if (place == Place::kMemory) {
      const std::filesystem::path memory = "/dev/shm";
      constexpr std::uintmax_t kEnough = 1u << 30;
      std::error_code error;
      const std::uintmax_t available = std::filesystem::space(memory, error).available;
      if (!error && available >= kEnough) {
        parent = memory;
      }
    }
    std::string path = (parent / "holdfast-test-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) {
      throw std::runtime_error("cannot make a temporary directory " + path);
    }
    return path;
  }

  std::string path_;
};

}  // namespace hf::test
