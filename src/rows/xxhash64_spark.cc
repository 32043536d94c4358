// SPDX-License-Identifier: Apache-2.0
#include "rows/xxhash64_spark.h"

#include <xxhash.h>

#include "rows/datum_hash.h"

namespace hf {
namespace {

struct Xxh64 {
  using Value = std::int64_t;
  template <typename T>
  static Value Fixed(T value, Value seed) {
    return Bytes({reinterpret_cast<const char*>(&value), sizeof value}, seed);
  }
  static Value Int(std::int32_t value, Value seed) { return Fixed(value, seed); }
  static Value Long(std::int64_t value, Value seed) { return Fixed(value, seed); }
  static Value Bytes(std::string_view bytes, Value seed) {
    return static_cast<Value>(XXH64(bytes.data(), bytes.size(), static_cast<XXH64_hash_t>(seed)));
  }
};

}  // namespace

std::int64_t XxHash64(const Column& column, std::int64_t row, std::int64_t seed) {
  return HashDatum<Xxh64>(column, row, seed);
}

}  // namespace hf
