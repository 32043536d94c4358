// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <fmt/core.h>

#include "base/utf8.h"

namespace hf {
namespace {

bool IsHighSurrogate(std::uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool IsLowSurrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

void AppendThreeByteUnit(std::string& out, std::uint32_t unit) {
  AppendByte(out, static_cast<std::uint8_t>(0xE0 | (unit >> 12)));
  AppendByte(out, static_cast<std::uint8_t>(0x80 | ((unit >> 6) & 0x3F)));
  AppendByte(out, static_cast<std::uint8_t>(0x80 | (unit & 0x3F)));
}

struct Utf16Unit {
  std::uint32_t value = 0;
  std::size_t size_bytes = 0;  // 0: malformed
};

// Decodes one UTF-16 unit of modified UTF-8. Overlong forms other than C0 80 are refused; Java never writes them.
Utf16Unit DecodeUnit(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const auto continues = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  const std::uint32_t first = byte(0);
  if (first < 0x80) {
    return {first, 1};
  }
  if ((first & 0xE0) == 0xC0 && continues(1)) {
    const std::uint32_t value = ((first & 0x1F) << 6) | (byte(1) & 0x3F);
    return {value, value >= 0x80 || value == 0 ? 2u : 0u};
  }
  if ((first & 0xF0) == 0xE0 && continues(1) && continues(2)) {
    const std::uint32_t value = ((first & 0x0F) << 12) | ((byte(1) & 0x3F) << 6) | (byte(2) & 0x3F);
    return {value, value >= 0x800 ? 3u : 0u};
  }
  return {};
}

// Returns false when `text` is no modified UTF-8, or holds half of a surrogate pair.
bool DecodeModifiedUtf8(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const Utf16Unit unit = DecodeUnit(text);
    if (unit.size_bytes == 0 || IsLowSurrogate(unit.value)) {
      return false;
    }
    text.remove_prefix(unit.size_bytes);
    if (!IsHighSurrogate(unit.value)) {
      AppendUtf8(out, unit.value);
      continue;
    }
    const Utf16Unit low = text.empty() ? Utf16Unit{} : DecodeUnit(text);
    if (low.size_bytes == 0 || !IsLowSurrogate(low.value)) {
      return false;
    }
    text.remove_prefix(low.size_bytes);
    AppendUtf8(out, 0x10000 + ((unit.value - 0xD800) << 10) + (low.value - 0xDC00));
  }
  return true;
}

}  // namespace

std::size_t JavaUtfSize(std::string_view text) {
  std::size_t size = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0 || byte >= 0xF0) {
      // U+0000 takes two bytes; a character of four bytes takes two surrogates, six bytes.
      size += byte == 0 ? 2 : 3;
    } else {
      size += 1;
    }
  }
  return size;
}

Status AppendJavaUtf(std::string& out, std::string_view text) {
  if (!IsValidUtf8(text)) {
    return Invalid("cannot write a text in Java's UTF format: it is not valid UTF-8");
  }
  const std::size_t size = JavaUtfSize(text);
  if (size > kJavaUtfBytesMax) {
    return Invalid(
        fmt::format("cannot write a text of {} bytes in Java's UTF format: at most {} fit", size, kJavaUtfBytesMax));
  }
  AppendBig16(out, static_cast<std::uint16_t>(size));
  while (!text.empty()) {
    const CodePoint point = DecodeUtf8(text);
    if (point.value == 0) {
      out.append("\xC0\x80", 2);
    } else if (point.value >= 0x10000) {
      AppendThreeByteUnit(out, 0xD800 + ((point.value - 0x10000) >> 10));
      AppendThreeByteUnit(out, 0xDC00 + ((point.value - 0x10000) & 0x3FF));
    } else {
      out += text.substr(0, point.size_bytes);
    }
    text.remove_prefix(point.size_bytes);
  }
  return {};
}

Status ByteReader::status(std::string_view what) const {
  if (!failed()) {
    return {};
  }
  return Corrupt(fmt::format("{}: {} at byte {} of {}", what, failure_, position(), end_ - begin_));
}

Status ByteReader::StatusAtEnd(std::string_view what) const {
  HF_RETURN_IF_ERROR(status(what));
  if (!at_end()) {
    return Corrupt(
        fmt::format("{}: {} unexpected bytes follow at byte {} of {}", what, remaining(), position(), end_ - begin_));
  }
  return {};
}

std::string ByteReader::ReadJavaUtf() {
  const char* start = at_;
  const std::string_view encoded = ReadBytes(ReadBig16());
  std::string text;
  if (!failed() && !DecodeModifiedUtf8(encoded, text)) {
    Fail("a text is not in Java's modified UTF-8");
    text.clear();
  }
  if (failed()) {
    at_ = start;
  }
  return text;
}

}  // namespace hf
