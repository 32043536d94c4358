// SPDX-License-Identifier: Apache-2.0
// Arguments that several commands take in the same form.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hf::cli {

struct Named {
  std::string name;
  std::string rest;
};

// REQUIRES: NAME=REST, as the command line has checked.
inline Named SplitName(const std::string& argument) {
  const std::size_t equals = argument.find('=');
  return {.name = argument.substr(0, equals), .rest = argument.substr(equals + 1)};
}

// nullopt: `text` is not a whole number.
inline std::optional<std::int64_t> ParseBatch(std::string_view text) {
  std::int64_t batch = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), batch);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(batch) : std::nullopt;
}

}  // namespace hf::cli
