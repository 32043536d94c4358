// SPDX-License-Identifier: Apache-2.0
// InputFile: a file that a source reads, with what was known of it when it was discovered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace hf {

struct InputFile {
  std::string path;
  std::int64_t modified_ms = 0;  // what Spark records and orders by
  // Unknown for a file that an earlier process discovered: Spark's source log holds neither.
  std::optional<std::uint64_t> size_bytes = std::nullopt;
  std::optional<std::int64_t> modified_us = std::nullopt;

  bool operator==(const InputFile&) const = default;
};

// Rounds down, also before 1970.
constexpr std::int64_t MillisOfMicros(std::int64_t micros) {
  return micros >= 0 ? micros / 1000 : -((-micros + 999) / 1000);
}

}  // namespace hf
