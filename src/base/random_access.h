// SPDX-License-Identifier: Apache-2.0
// RandomAccess: bytes of known size that a codec reads in any order without knowing where they rest.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "holdfast/status.h"

namespace hf {

class RandomAccess {
 public:
  virtual ~RandomAccess() = default;

  [[nodiscard]] virtual std::uint64_t size_bytes() const = 0;
  // Fills all of `out` from `offset` on; kCorrupt when it reaches behind the end.
  virtual Status ReadAt(std::uint64_t offset, std::span<char> out) = 0;
};

// Bytes in memory.
class MemoryRandomAccess final : public RandomAccess {
 public:
  explicit MemoryRandomAccess(std::string bytes) : bytes_(std::move(bytes)) {}

  [[nodiscard]] std::uint64_t size_bytes() const override { return bytes_.size(); }
  Status ReadAt(std::uint64_t offset, std::span<char> out) override {
    if (offset > bytes_.size() || bytes_.size() - offset < out.size()) {
      return Corrupt("a read reaches behind the end of the bytes");
    }
    if (!out.empty()) {
      std::memcpy(out.data(), bytes_.data() + offset, out.size());
    }
    return {};
  }

 private:
  std::string bytes_;
};

}  // namespace hf
