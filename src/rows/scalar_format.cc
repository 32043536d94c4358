// SPDX-License-Identifier: Apache-2.0
#include "rows/scalar_format.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "base/java_text.h"
#include "base/utf8.h"

namespace hf {
namespace {

bool NeedsEscape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void AppendEscaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: out += fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c))); return;
  }
}

template <typename T>
void AppendFloating(std::string& out, T value, std::string text) {
  if (std::isfinite(value)) {
    out += text;
  } else {
    out += '"' + text + '"';
  }
}

// ASCII that stands for itself.
bool IsPlain(char c) { return static_cast<signed char>(c) >= 0 && !NeedsEscape(c); }

}  // namespace

void AppendJsonText(std::string& out, std::string_view text) {
  if (std::all_of(text.begin(), text.end(), IsPlain)) [[likely]] {
    out += '"';
    out += text;
    out += '"';
    return;
  }
  if (!IsValidUtf8(text)) {
    AppendJsonText(out, ReplaceInvalidUtf8(text));
    return;
  }
  out += '"';
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (NeedsEscape(text[i])) [[unlikely]] {
      out += text.substr(begin, i - begin);
      AppendEscaped(out, text[i]);
      begin = i + 1;
    }
  }
  out += text.substr(begin);
  out += '"';
}

void AppendJsonNumber(std::string& out, double value) { AppendFloating(out, value, JavaDoubleText(value)); }
void AppendJsonNumber(std::string& out, float value) { AppendFloating(out, value, JavaFloatText(value)); }

void AppendDecimalText(std::string& out, __int128 unscaled, int scale) {
  std::string digits;
  auto magnitude = unscaled < 0 ? -static_cast<unsigned __int128>(unscaled) : static_cast<unsigned __int128>(unscaled);
  do {
    digits += static_cast<char>('0' + static_cast<int>(magnitude % 10));
    magnitude /= 10;
  } while (magnitude != 0);
  std::reverse(digits.begin(), digits.end());
  if (unscaled < 0) {
    out += '-';
  }
  const int count = static_cast<int>(digits.size());
  const int exponent = count - 1 - scale;  // of the number with one digit in front of the point
  if (scale == 0) {
    out += digits;
  } else if (exponent < -6) {
    out += digits.substr(0, 1);
    if (count > 1) {
      out += '.' + digits.substr(1);
    }
    out += fmt::format("E{}", exponent);
  } else if (count > scale) {
    out += digits.substr(0, static_cast<std::size_t>(count - scale)) + '.' +
           digits.substr(static_cast<std::size_t>(count - scale));
  } else {
    out += "0." + std::string(static_cast<std::size_t>(scale - count), '0') + digits;
  }
}

void AppendBase64(std::string& out, std::string_view bytes) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t word = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      word = word << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      out += j <= count ? kAlphabet[word >> (18 - 6 * j) & 63] : '=';
    }
  }
}

}  // namespace hf
