// SPDX-License-Identifier: Apache-2.0
// A fuzz target is a function over hostile bytes, one for each family of decoders. It says by HF_FUZZ_CHECK what must
// hold; a crash, a sanitizer's finding, a long run or much memory are findings of their own.
//
//   HOLDFAST_FUZZ_TARGET(csv) { ... bytes ... }
//
// The same function is a libFuzzer program (./dev fuzz csv 60) and a test that replays fuzz/corpus/csv
// (./dev test fuzz).
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

namespace hf::fuzz {

using Target = void (*)(std::string_view bytes);

// By name; filled before main.
inline std::map<std::string, Target>& Targets() {
  static std::map<std::string, Target> targets;
  return targets;
}
inline bool Register(const char* name, Target target) { return Targets().emplace(name, target).second; }

// Takes one byte off the front: what a target chooses its variant by.
inline unsigned TakeByte(std::string_view& bytes) {
  if (bytes.empty()) {
    return 0;
  }
  const auto byte = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  return byte;
}
// Takes a piece: a byte with its length, and as many bytes as there are of it. 255 means all that is left.
inline std::string_view TakePiece(std::string_view& bytes) {
  const unsigned size = TakeByte(bytes);
  const std::string_view piece = size == 255 ? bytes : bytes.substr(0, size);
  bytes.remove_prefix(piece.size());
  return piece;
}

}  // namespace hf::fuzz

#define HF_FUZZ_CHECK(condition)                                                                          \
  do {                                                                                                    \
    if (!(condition)) {                                                                                   \
      std::fprintf(stderr, "%s:%d: does not hold for these bytes: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                                       \
    }                                                                                                     \
  } while (false)

#ifdef HOLDFAST_FUZZER
#define HOLDFAST_FUZZ_TARGET(name)                                                    \
  static void Fuzz_##name(std::string_view bytes);                                    \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    Fuzz_##name({reinterpret_cast<const char*>(data), size});                         \
    return 0;                                                                         \
  }                                                                                   \
  static void Fuzz_##name(std::string_view bytes)
#else
#define HOLDFAST_FUZZ_TARGET(name)                                                     \
  static void Fuzz_##name(std::string_view bytes);                                     \
  static const bool fuzz_registered_##name = ::hf::fuzz::Register(#name, Fuzz_##name); \
  static void Fuzz_##name(std::string_view bytes)
#endif
