// SPDX-License-Identifier: Apache-2.0
#include "base/file_uri.h"

#include <fmt/core.h>

#include "base/utf8.h"

namespace hf {
namespace {

bool IsLetterOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// java.net.URI, "path": unreserved | punctuation ",;:$&+=" | "/" | "@". '%' is always escaped there, because
// the constructors with components take the path as not escaped.
bool IsLegalInPath(char c) {
  return IsLetterOrDigit(c) || std::string_view("_-!.~'()*,;:$&+=/@").find(c) != std::string_view::npos;
}

// java.net.URI leaves characters beyond ASCII alone unless they are controls or Character.isSpaceChar.
bool IsEscapedBeyondAscii(std::uint32_t c) {
  return c < 0xA0 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
         c == 0x202F || c == 0x205F || c == 0x3000;
}

void AppendEscaped(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return -1;
}

Result<std::string> Unescape(std::string_view text) {
  std::string out(text.substr(0, text.find('%')));
  out.reserve(text.size());
  for (std::size_t i = out.size(); i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? HexValue(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? HexValue(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return Corrupt(
          fmt::format("not a valid file URI: '%' at byte {} is not followed by two hexadecimal digits: {}", i, text));
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

bool HasScheme(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !IsLetterOrDigit(text[0])) {
    return false;
  }
  for (const char c : text.substr(0, colon)) {
    if (!IsLetterOrDigit(c) && c != '+' && c != '-' && c != '.') {
      return false;
    }
  }
  return true;
}

// Returns the path behind "file:" and an optional "//" or "//localhost".
Result<std::string_view> StripFileScheme(std::string_view text) {
  if (!text.starts_with("file:")) {
    return Invalid(fmt::format("only local files (file:/...) can be opened, not {}", text));
  }
  std::string_view path = text.substr(5);
  if (path.starts_with("//")) {
    path.remove_prefix(2);
    const auto slash = path.find('/');
    const std::string_view host = path.substr(0, slash);
    if (slash == std::string_view::npos || (!host.empty() && host != "localhost")) {
      return Invalid(fmt::format("a file URI must name no other host: {}", text));
    }
    path.remove_prefix(slash);
  }
  if (!path.starts_with('/')) {
    return Invalid(fmt::format("a file URI must hold an absolute path: {}", text));
  }
  return path;
}

}  // namespace

std::string FileUriFromPath(std::string_view path) {
  std::string out = "file://";
  while (!path.empty()) {
    const CodePoint point = DecodeUtf8(path);
    const std::size_t size = point.size_bytes == 0 ? 1 : point.size_bytes;
    const std::string_view character = path.substr(0, size);
    const bool is_legal = point.value < 0x80 ? IsLegalInPath(character[0]) : !IsEscapedBeyondAscii(point.value);
    if (point.size_bytes != 0 && is_legal) {
      out += character;
    } else {
      AppendEscaped(out, character);
    }
    path.remove_prefix(size);
  }
  return out;
}

Result<std::string> PathFromFileUri(std::string_view uri) {
  if (!HasScheme(uri)) {
    return std::string(uri);
  }
  HF_ASSIGN_OR_RETURN(std::string_view path, StripFileScheme(uri));
  return Unescape(path);
}

std::string HadoopPathFromPath(std::string_view path) { return fmt::format("file:{}", path); }

Result<std::string> PathFromHadoopPath(std::string_view text) {
  if (!HasScheme(text)) {
    return std::string(text);
  }
  HF_ASSIGN_OR_RETURN(std::string_view path, StripFileScheme(text));
  return std::string(path);
}

}  // namespace hf
