// SPDX-License-Identifier: Apache-2.0
#include "codec/json/json_rewriter.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "rows/scalar_format.h"
#include "rows/scalar_text.h"

namespace hf {
namespace {

void AppendText(std::string_view text, std::string* out) {
  const std::size_t begin = out->size();
  AppendJsonText(*out, text);
  const auto is_long = [](char c) { return static_cast<unsigned char>(c) >= 0xF0; };
  if (std::none_of(out->begin() + static_cast<std::ptrdiff_t>(begin), out->end(), is_long)) {
    return;
  }
  const std::string written = out->substr(begin);
  out->resize(begin);
  for (std::size_t at = 0; at < written.size();) {
    const CodePoint one = DecodeUtf8(std::string_view(written).substr(at));
    const std::size_t size = std::max<std::size_t>(one.size_bytes, 1);
    if (is_long(written[at])) {
      const std::uint32_t rest = static_cast<std::uint32_t>(one.value) - 0x10000;
      *out += fmt::format("\\u{:04X}\\u{:04X}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
    } else {
      out->append(written, at, size);
    }
    at += size;
  }
}

// As Jackson's generator writes the number that its parser has read.
bool AppendNumber(std::string_view digits, JsonToken token, std::string* out) {
  if (token == JsonToken::kInteger) {
    *out += digits == "-0" ? "0" : digits;
    return true;
  }
  const auto value = ParseDouble(digits);
  if (value.has_value()) {
    AppendJsonNumber(*out, *value);
  }
  return value.has_value();
}

// Writes the value at the cursor again, without space. false: it is not JSON.
bool Copy(JsonCursor& cursor, int depth, std::string* out);

bool CopyMembers(JsonCursor& cursor, int depth, bool object, std::string* out) {
  const char close = object ? '}' : ']';
  cursor.Take(object ? '{' : '[');
  *out += object ? '{' : '[';
  if (cursor.Take(close)) {
    *out += close;
    return true;
  }
  do {
    if (object) {
      const auto name = cursor.Peek() == JsonToken::kString ? cursor.ReadString() : std::nullopt;
      if (!name.has_value()) {
        return false;
      }
      AppendText(*name, out);
      *out += ':';
      if (!cursor.Take(':')) {
        return false;
      }
    }
    if (!Copy(cursor, depth + 1, out)) {
      return false;
    }
    *out += ',';
  } while (cursor.Take(','));
  out->back() = close;
  return cursor.Take(close);
}

bool Copy(JsonCursor& cursor, int depth, std::string* out) {
  JsonToken token = cursor.Peek();
  switch (token) {
    case JsonToken::kObject:
    case JsonToken::kArray:
      return depth < JsonCursor::kDepthMax && CopyMembers(cursor, depth, token == JsonToken::kObject, out);
    case JsonToken::kString: {
      const auto text = cursor.ReadString();
      if (text.has_value()) {
        AppendText(*text, out);
      }
      return text.has_value();
    }
    case JsonToken::kInteger:
    case JsonToken::kFraction: {
      const auto digits = cursor.ReadNumber(&token);
      return digits.has_value() && AppendNumber(*digits, token, out);
    }
    case JsonToken::kOther: return false;
    default: break;
  }
  const char* begin = cursor.at();
  if (!cursor.SkipLiteral(token)) {
    return false;
  }
  out->append(begin, cursor.at());
  return true;
}

}  // namespace

bool RewriteJson(JsonCursor& cursor, std::string* out) { return Copy(cursor, 0, out); }

}  // namespace hf
