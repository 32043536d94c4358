// SPDX-License-Identifier: Apache-2.0
#include "state/cell_memory.h"

#include <bit>

namespace hf {

std::size_t CellMemory::ClassOf(std::size_t bytes) {
  if (bytes <= kSmallMax) {
    return (bytes + kStep - 1) / kStep - 1;
  }
  return kSmallClasses + static_cast<std::size_t>(std::bit_width((bytes - 1) / kSmallMax)) - 1;
}

std::size_t CellMemory::BytesOf(std::size_t size_class) {
  return size_class < kSmallClasses ? (size_class + 1) * kStep : kSmallMax << (size_class - kSmallClasses + 1);
}

char* CellMemory::Allocate(std::size_t bytes, std::size_t* capacity) {
  const std::size_t size_class = ClassOf(bytes);
  if (size_class >= free_.size()) {
    *capacity = bytes;
    reserved_bytes_ += bytes;
    used_bytes_ += bytes;
    char* block = new char[bytes];
    large_.emplace(block, block);
    return block;
  }
  *capacity = BytesOf(size_class);
  used_bytes_ += *capacity;
  auto& free = free_[size_class];
  if (!free.empty()) {
    char* block = free.back();
    free.pop_back();
    return block;
  }
  if (chunk_left_ < *capacity) {
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(kChunkBytes));
    chunk_at_ = chunks_.back().get();
    chunk_left_ = kChunkBytes;
    reserved_bytes_ += kChunkBytes;
  }
  char* block = chunk_at_;
  chunk_at_ += *capacity;
  chunk_left_ -= *capacity;
  return block;
}

void CellMemory::Free(char* block, std::size_t capacity) {
  used_bytes_ -= capacity;
  const std::size_t size_class = ClassOf(capacity);
  if (size_class >= free_.size()) {
    reserved_bytes_ -= capacity;
    large_.erase(block);
    return;
  }
  free_[size_class].push_back(block);
}

void CellMemory::Clear() {
  for (auto& free : free_) {
    free.clear();
  }
  chunks_.clear();
  large_.clear();
  chunk_at_ = nullptr;
  chunk_left_ = 0;
  reserved_bytes_ = 0;
  used_bytes_ = 0;
}

}  // namespace hf
