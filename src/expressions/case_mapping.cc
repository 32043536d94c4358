// SPDX-License-Identifier: Apache-2.0
#include "expressions/case_mapping.h"

#include <algorithm>
#include <span>

#include "base/utf8.h"
#include "expressions/case_tables.h"

namespace hf {
namespace {

constexpr std::int32_t kCapitalSigma = 0x3A3;
constexpr std::uint32_t kFinalSigma = 0x3C2;

bool IsIn(std::span<const std::int32_t> ranges, std::int32_t character) {
  for (std::size_t i = 0; i < ranges.size(); i += 2) {
    if (character <= ranges[i + 1]) {
      return character >= ranges[i];
    }
  }
  return false;
}

// What the character becomes by a table of such as become several; false: it is not there.
bool AppendSeveral(std::string& out, std::int32_t character, std::span<const std::int32_t> several) {
  for (std::size_t i = 0; i < several.size(); i += 4) {
    if (several[i] == character) {
      for (std::size_t k = 1; k < 4 && several[i + k] != 0; ++k) {
        AppendUtf8(out, static_cast<std::uint32_t>(several[i + k]));
      }
      return true;
    }
  }
  return false;
}

void AppendMapped(std::string& out, std::int32_t character, std::span<const std::int32_t> ranges,
                  std::span<const std::int32_t> several) {
  if (AppendSeveral(out, character, several)) {
    return;
  }
  for (std::size_t i = 0; i < ranges.size() && ranges[i] <= character; i += 4) {
    if (character <= ranges[i + 1] && (character - ranges[i]) % ranges[i + 2] == 0) {
      character += ranges[i + 3];
      break;
    }
  }
  AppendUtf8(out, static_cast<std::uint32_t>(character));
}

// Unicode's Final_Sigma: a cased letter before, none behind, characters that case ignores not counted.
bool IsFinalSigma(std::string_view before, std::string_view behind) {
  bool cased = false;
  while (!before.empty()) {
    std::size_t begin = before.size() - 1;
    while (begin > 0 && (static_cast<unsigned char>(before[begin]) & 0xC0) == 0x80) {
      --begin;
    }
    const auto character = static_cast<std::int32_t>(DecodeUtf8(before.substr(begin)).value);
    if (!IsIn(kCaseIgnorable, character)) {
      cased = IsIn(kCased, character);
      break;
    }
    before = before.substr(0, begin);
  }
  while (cased && !behind.empty()) {
    const CodePoint next = DecodeUtf8(behind);
    const auto character = static_cast<std::int32_t>(next.value);
    if (!IsIn(kCaseIgnorable, character)) {
      return !IsIn(kCased, character);
    }
    behind.remove_prefix(std::max<std::size_t>(next.size_bytes, 1));
  }
  return cased;
}

// The character that is text[begin, end).
void AppendLower(std::string& out, std::string_view text, std::int32_t character, std::size_t begin, std::size_t end) {
  if (character == kCapitalSigma && IsFinalSigma(text.substr(0, begin), text.substr(end))) {
    AppendUtf8(out, kFinalSigma);
  } else {
    AppendMapped(out, character, kLowerRanges, kLowerSeveral);
  }
}

template <typename F>
std::string Mapped(std::string_view text, char first, char last, const F& other) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) < 0x80) {
      out += c >= first && c <= last ? static_cast<char>(c ^ 0x20) : c;
      ++at;
      continue;
    }
    const CodePoint next = DecodeUtf8(text.substr(at));
    if (next.size_bytes == 0) {
      out += c;
      ++at;
      continue;
    }
    other(out, static_cast<std::int32_t>(next.value), at, at + next.size_bytes);
    at += next.size_bytes;
  }
  return out;
}

}  // namespace

std::string ToUpperCase(std::string_view text) {
  return Mapped(text, 'a', 'z', [](std::string& out, std::int32_t character, std::size_t, std::size_t) {
    AppendMapped(out, character, kUpperRanges, kUpperSeveral);
  });
}

std::string ToLowerCase(std::string_view text) {
  return Mapped(text, 'A', 'Z', [text](std::string& out, std::int32_t character, std::size_t begin, std::size_t end) {
    AppendLower(out, text, character, begin, end);
  });
}

std::string ToTitleCase(std::string_view text) {
  std::string made;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint next = DecodeUtf8(text.substr(at));
    const std::size_t size = std::max<std::size_t>(next.size_bytes, 1);
    const bool begins = at == 0 || text[at - 1] == ' ';
    const auto character = static_cast<std::int32_t>(next.value);
    if (next.size_bytes == 0) {
      made += text[at];
    } else if (!begins) {
      AppendLower(made, text, character, at, at + size);
    } else if (IsIn(kTitleSame, character)) {
      made += text.substr(at, size);
    } else if (!AppendSeveral(made, character, kTitleSeveral)) {
      AppendMapped(made, character, kUpperRanges, kUpperSeveral);
    }
    at += size;
  }
  return made;
}

}  // namespace hf
