// SPDX-License-Identifier: Apache-2.0
// Random: the only source of chance, so that a test can repeat it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace hf {

// Thread-safe.
class Random {
 public:
  virtual ~Random() = default;

  // Every value is equally likely.
  virtual std::uint64_t Next64() = 0;
  // Returns a number below `bound`. REQUIRES: bound > 0.
  std::uint64_t Below(std::uint64_t bound);
  // Returns a version 4 UUID in lower case: "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed".
  std::string NewUuid();
};

// The operating system's.
class SystemRandom final : public Random {
 public:
  std::uint64_t Next64() override;
};

// The same seed gives the same numbers (SplitMix64). Not for secrets.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t Next64() override;

 private:
  std::atomic<std::uint64_t> state_;
};

}  // namespace hf
