// SPDX-License-Identifier: Apache-2.0
// UTF-8 as the Unicode standard defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hf {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t size_bytes = 0;  // 0: the bytes are not UTF-8
};

// Decodes the character at the front of `text`.
CodePoint DecodeUtf8(std::string_view text);

// REQUIRES: `value` is a Unicode scalar value (no surrogate).
void AppendUtf8(std::string& out, std::uint32_t value);

bool IsValidUtf8(std::string_view text);

// Puts U+FFFD in the place of every byte that is not part of valid UTF-8.
std::string ReplaceInvalidUtf8(std::string_view text);

}  // namespace hf
