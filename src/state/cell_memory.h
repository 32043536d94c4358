// SPDX-License-Identifier: Apache-2.0
// CellMemory: memory for cells of many sizes, freed together or one by one.
//
// Blocks come in size classes; a freed block is used again for its class. Memory goes back to the system only in
// Clear, so reserved_bytes() is what the cells really cost.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace hf {

class CellMemory {
 public:
  // A block of at least `bytes` bytes, aligned to 8. *capacity receives its true size.
  char* Allocate(std::size_t bytes, std::size_t* capacity);
  // `capacity` as Allocate returned it.
  void Free(char* block, std::size_t capacity);
  // Frees everything.
  void Clear();

  [[nodiscard]] std::size_t reserved_bytes() const { return reserved_bytes_; }
  [[nodiscard]] std::size_t used_bytes() const { return used_bytes_; }

 private:
  // Steps of 16 bytes up to 512, then powers of two up to 64 KiB; larger blocks are the system's.
  static constexpr std::size_t kStep = 16;
  static constexpr std::size_t kSmallMax = 512;
  static constexpr std::size_t kSmallClasses = kSmallMax / kStep;
  static constexpr std::size_t kLargeClasses = 7;
  static constexpr std::size_t kChunkBytes = 1 << 20;

  static std::size_t ClassOf(std::size_t bytes);
  static std::size_t BytesOf(std::size_t size_class);

  std::array<std::vector<char*>, kSmallClasses + kLargeClasses> free_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::unordered_map<char*, std::unique_ptr<char[]>> large_;  // the system's
  std::size_t chunk_left_ = 0;
  char* chunk_at_ = nullptr;
  std::size_t reserved_bytes_ = 0;
  std::size_t used_bytes_ = 0;
};

}  // namespace hf
