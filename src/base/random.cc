// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <fmt/core.h>
#include <sys/random.h>

#include <cerrno>

#include "base/check.h"

namespace hf {

std::uint64_t Random::Below(std::uint64_t bound) {
  HF_CHECK(bound > 0);
  // Numbers beyond the last whole multiple of `bound` would favour the small ones.
  const std::uint64_t rest = (UINT64_MAX % bound + 1) % bound;
  std::uint64_t drawn = Next64();
  while (drawn > UINT64_MAX - rest) {
    drawn = Next64();
  }
  return drawn % bound;
}

std::string Random::NewUuid() {
  const std::uint64_t high = (Next64() & ~std::uint64_t{0xF000}) | 0x4000;                      // version 4
  const std::uint64_t low = (Next64() & ~(std::uint64_t{3} << 62)) | (std::uint64_t{2} << 62);  // variant 10
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xFFFF, high & 0xFFFF, low >> 48,
                     low & 0xFFFF'FFFF'FFFF);
}

std::uint64_t SystemRandom::Next64() {
  std::uint64_t value = 0;
  while (true) {
    const ssize_t size = getrandom(&value, sizeof(value), 0);
    if (size == static_cast<ssize_t>(sizeof(value))) {
      return value;
    }
    HF_CHECK(size < 0 && errno == EINTR, "getrandom failed with errno {}", errno);
  }
}

std::uint64_t SeededRandom::Next64() {
  constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15u;
  std::uint64_t z = state_.fetch_add(kStep, std::memory_order_relaxed) + kStep;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

}  // namespace hf
