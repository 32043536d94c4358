// SPDX-License-Identifier: Apache-2.0
#include "codec/json/json_cursor.h"

#include <bitset>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/utf8.h"

namespace hf {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

JsonToken JsonCursor::Peek() {
  SkipSpace();
  switch (*at_) {
    case '"':
    case '\'': return JsonToken::kString;
    case '{': return JsonToken::kObject;
    case '[': return JsonToken::kArray;
    case 't': return JsonToken::kTrue;
    case 'f': return JsonToken::kFalse;
    case 'n': return JsonToken::kNull;
    case 'N':
    case 'I':
    case '+': return JsonToken::kFraction;
    default: return IsDigit(*at_) || *at_ == '-' ? JsonToken::kInteger : JsonToken::kOther;
  }
}

// Returns the first byte that is the quote, a backslash or a control character.
const char* JsonCursor::FindStringEnd(const char* from, char quote, bool* has_high_bytes) const {
  unsigned high = 0;
#ifdef __SSE2__
  const __m128i quotes = _mm_set1_epi8(quote);
  const __m128i backslashes = _mm_set1_epi8('\\');
  const __m128i controls = _mm_set1_epi8(0x1F);
  while (end_ - from >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i is_control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, controls), bytes);
    const __m128i is_end =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quotes), _mm_cmpeq_epi8(bytes, backslashes)), is_control);
    const auto ends = static_cast<unsigned>(_mm_movemask_epi8(is_end));
    const auto highs = static_cast<unsigned>(_mm_movemask_epi8(bytes));
    if (ends != 0) {
      const int index = __builtin_ctz(ends);
      *has_high_bytes = ((high | (highs & ((1u << index) - 1))) != 0);
      return from + index;
    }
    high |= highs;
    from += 16;
  }
#endif
  while (*from != quote && *from != '\\' && static_cast<unsigned char>(*from) > 0x1F) {
    high |= static_cast<unsigned char>(*from) & 0x80u;
    ++from;
  }
  *has_high_bytes = high != 0;
  return from;
}

std::optional<std::string_view> JsonCursor::ReadString() {
  const char quote = *at_;
  const char* begin = at_ + 1;
  bool has_high_bytes = false;
  const char* end = FindStringEnd(begin, quote, &has_high_bytes);
  if (*end == '\\' || MayStandInString(end)) {
    return ReadEscaped(begin, quote);
  }
  const std::string_view text(begin, static_cast<std::size_t>(end - begin));
  at_ = end;
  if (*end != quote || (has_high_bytes && !IsValidUtf8(text))) {
    return std::nullopt;
  }
  ++at_;
  return text;
}

std::optional<std::string_view> JsonCursor::ReadEscaped(const char* begin, char quote) {
  unescaped_.clear();
  at_ = begin;
  while (true) {
    bool has_high_bytes = false;
    const char* end = FindStringEnd(at_, quote, &has_high_bytes);
    const std::string_view plain(at_, static_cast<std::size_t>(end - at_));
    at_ = end;
    if (has_high_bytes && !IsValidUtf8(plain)) {
      return std::nullopt;
    }
    unescaped_ += plain;
    if (*at_ == quote) {
      ++at_;
      return unescaped_;
    }
    if (MayStandInString(at_)) {
      unescaped_ += *at_++;
      continue;
    }
    if (*at_ != '\\') {
      return std::nullopt;
    }
    ++at_;
    if (!AppendEscape()) {
      return std::nullopt;
    }
  }
}

bool JsonCursor::ReadHex4(std::uint32_t* value) {
  *value = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = *at_;
    const int digit = IsDigit(c)             ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) {
      return false;
    }
    *value = *value << 4 | static_cast<std::uint32_t>(digit);
  }
  return true;
}

bool JsonCursor::AppendEscape() {
  const char c = *at_++;
  switch (c) {
    case '"':
    case '\\':
    case '/':
    case '\'': unescaped_ += c; return true;
    case 'b': unescaped_ += '\b'; return true;
    case 'f': unescaped_ += '\f'; return true;
    case 'n': unescaped_ += '\n'; return true;
    case 'r': unescaped_ += '\r'; return true;
    case 't': unescaped_ += '\t'; return true;
    case 'u': break;
    default: --at_; return false;
  }
  std::uint32_t unit = 0;
  if (!ReadHex4(&unit)) {
    return false;
  }
  if (unit < 0xD800 || unit > 0xDFFF) {
    AppendUtf8(unescaped_, unit);
    return true;
  }
  if (unit < 0xDC00 && at_[0] == '\\' && at_[1] == 'u') {
    const char* behind = at_;
    at_ += 2;
    std::uint32_t low = 0;
    if (!ReadHex4(&low)) {
      return false;
    }
    if (low >= 0xDC00 && low <= 0xDFFF) {
      AppendUtf8(unescaped_, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
      return true;
    }
    at_ = behind;
  }
  // Half of a pair: Java's encoder, which makes Spark's UTF8String, writes a question mark.
  unescaped_ += '?';
  return true;
}

std::optional<std::string_view> JsonCursor::ReadNonNumber() {
  for (const std::string_view name : {"NaN", "Infinity", "-Infinity", "-INF", "+Infinity", "+INF"}) {
    // The line feed behind the text is in none of the names, so the comparison stops in time.
    std::size_t same = 0;
    while (same < name.size() && at_[same] == name[same]) {
      ++same;
    }
    if (same == name.size()) {
      at_ += same;
      return name;
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> JsonCursor::ReadNumber(JsonToken* token) {
  const char* begin = at_;
  *token = JsonToken::kInteger;
  if (*at_ == 'N' || *at_ == 'I' || *at_ == '+' || (*at_ == '-' && at_[1] == 'I')) {
    *token = JsonToken::kFraction;
    return rules_ == Rules::kPaths ? std::nullopt : ReadNonNumber();
  }
  at_ += *at_ == '-' ? 1 : 0;
  if (!IsDigit(*at_) || (*at_ == '0' && IsDigit(at_[1]))) {
    return std::nullopt;
  }
  const auto skip_digits = [this] {
    const char* first = at_;
    while (IsDigit(*at_)) {
      ++at_;
    }
    return at_ != first;
  };
  skip_digits();
  if (*at_ == '.') {
    *token = JsonToken::kFraction;
    ++at_;
    if (!skip_digits()) {
      return std::nullopt;
    }
  }
  if (*at_ == 'e' || *at_ == 'E') {
    *token = JsonToken::kFraction;
    ++at_;
    at_ += *at_ == '+' || *at_ == '-' ? 1 : 0;
    if (!skip_digits()) {
      return std::nullopt;
    }
  }
  return std::string_view(begin, static_cast<std::size_t>(at_ - begin));
}

bool JsonCursor::SkipLiteral(JsonToken token) {
  const std::string_view word = token == JsonToken::kTrue ? "true" : token == JsonToken::kFalse ? "false" : "null";
  for (const char c : word) {
    if (*at_ != c) {
      return false;
    }
    ++at_;
  }
  return true;
}

bool JsonCursor::SkipScalar(JsonToken token) {
  switch (token) {
    case JsonToken::kString: return ReadString().has_value();
    case JsonToken::kInteger:
    case JsonToken::kFraction: return ReadNumber(&token).has_value();
    case JsonToken::kTrue:
    case JsonToken::kFalse:
    case JsonToken::kNull: return SkipLiteral(token);
    default: return false;
  }
}

std::optional<std::string_view> JsonCursor::SkipValue() {
  SkipSpace();
  const char* begin = at_;
  std::bitset<kDepthMax> is_object;
  std::size_t depth = 0;
  while (true) {
    // 1. One value, or the beginning of a container.
    const JsonToken token = Peek();
    const bool opens_object = token == JsonToken::kObject;
    bool closed = true;
    if (opens_object || token == JsonToken::kArray) {
      if (depth == kDepthMax) {
        return std::nullopt;
      }
      is_object[depth++] = opens_object;
      ++at_;
      closed = Take(opens_object ? '}' : ']');
      depth -= closed ? 1 : 0;
    } else if (!SkipScalar(token)) {
      return std::nullopt;
    }
    // 2. What ends here: separators and closing brackets, up to where the next value begins.
    while (closed && depth > 0) {
      if (Take(',')) {
        break;
      }
      if (!Take(is_object[depth - 1] ? '}' : ']')) {
        return std::nullopt;
      }
      --depth;
    }
    if (depth == 0) {
      return std::string_view(begin, static_cast<std::size_t>(at_ - begin));
    }
    // 3. In an object, the name of the next value.
    if (is_object[depth - 1] && (Peek() != JsonToken::kString || !ReadString().has_value() || !Take(':'))) {
      return std::nullopt;
    }
  }
}

}  // namespace hf
