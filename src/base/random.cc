// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <fmt/core.h>
#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace hf {
namespace {

constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15u;

// SplitMix64 behind its step.
std::uint64_t Finished(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

}  // namespace

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
  const std::uint64_t high = Next64();
  return UuidOf(high, Next64());
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

std::uint64_t SeededRandom::Next64() { return Finished(state_.fetch_add(kStep, std::memory_order_relaxed) + kStep); }

std::uint64_t Mixed(std::uint64_t hash, std::uint64_t more) {
  return Finished((Finished(hash + kStep) ^ more) + kStep);
}

std::uint64_t Mixed(std::uint64_t hash, std::string_view text) {
  hash = Mixed(hash, text.size());
  for (std::size_t at = 0; at < text.size(); at += sizeof(hash)) {
    std::uint64_t part = 0;
    std::memcpy(&part, text.data() + at, std::min(sizeof(part), text.size() - at));
    hash = Mixed(hash, part);
  }
  return hash;
}

std::string UuidOf(std::uint64_t high, std::uint64_t low) {
  high = (high & ~std::uint64_t{0xF000}) | 0x4000;                     // version 4
  low = (low & ~(std::uint64_t{3} << 62)) | (std::uint64_t{2} << 62);  // variant 10
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xFFFF, high & 0xFFFF, low >> 48,
                     low & 0xFFFF'FFFF'FFFF);
}

}  // namespace hf
