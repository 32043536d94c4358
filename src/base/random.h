// SPDX-License-Identifier: Apache-2.0
// Random: the only source of chance, so that a test can repeat it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

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

// A number of which each bit depends on each bit of both: hashes of hashes, where chance has to be the same again.
std::uint64_t Mixed(std::uint64_t hash, std::uint64_t more);
std::uint64_t Mixed(std::uint64_t hash, std::string_view text);
// The version 4 UUID with the other 122 bits of these.
std::string UuidOf(std::uint64_t high, std::uint64_t low);

}  // namespace hf
