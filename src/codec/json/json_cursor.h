// SPDX-License-Identifier: Apache-2.0
// JsonCursor: walks over the JSON of one line or of one text, token by token, and refuses what Jackson refuses with the
// settings of Spark 4.3 (JSONOptions.buildJsonFactory): single quotes and the names of non-numbers are allowed;
// comments, leading zeros, bare control characters and unknown escapes are not.
//
//  1. A line feed or carriage return stands behind the text. Every scan stops at it, so none asks for the end.
//  2. After a failure (false, or an empty optional) the cursor stands where the text stopped to be JSON.
// A library that first indexes the whole text (simdjson) costs as much again for lines of this length, and can know
// neither Jackson's leniences nor the source text of a nested value, which a string column wants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hf {

enum class JsonToken : std::uint8_t {
  kObject,
  kArray,
  kString,
  kInteger,
  kFraction,  // a number with a fraction or an exponent, or NaN, Infinity, +INF and the like
  kTrue,
  kFalse,
  kNull,
  kOther,  // no value begins here
};

class JsonCursor {
 public:
  // The deepest nesting (Jackson's StreamReadConstraints.DEFAULT_MAX_DEPTH).
  static constexpr int kDepthMax = 1000;

  // REQUIRES: a line feed or carriage return in [begin, end); memory up to `end` is readable.
  JsonCursor(const char* begin, const char* end) : at_(begin), end_(end) {}
  enum class Rules {
    kRecords,  // those above
    kPaths,    // of Spark's get_json_object: control characters in strings are allowed, names of non-numbers are not
  };
  // Of a text that may have line ends as space between its tokens. It ends in front of the last byte, a line feed.
  static JsonCursor OverText(std::string_view text_and_line_feed, Rules rules) {
    JsonCursor cursor(text_and_line_feed.data(), text_and_line_feed.data() + text_and_line_feed.size());
    cursor.text_end_ = cursor.end_ - 1;
    cursor.rules_ = rules;
    return cursor;
  }

  [[nodiscard]] const char* at() const { return at_; }
  void MoveTo(const char* at) { at_ = at; }

  void SkipSpace() {
    while (*at_ == ' ' || *at_ == '\t' || (at_ < text_end_ && AtLineEnd())) {
      ++at_;
    }
  }
  [[nodiscard]] bool AtLineEnd() const { return *at_ == '\n' || *at_ == '\r'; }
  // Skips space, and then `c` if it is there.
  bool Take(char c) {
    SkipSpace();
    if (*at_ != c) {
      return false;
    }
    ++at_;
    return true;
  }
  // Skips space and says what begins there, by its first character.
  [[nodiscard]] JsonToken Peek();

  // Each reads one token whose first character Peek has seen.
  // The view is into the line, or into memory of this cursor until the next string, when there were escapes.
  std::optional<std::string_view> ReadString();
  // Digits, sign, fraction and exponent as written. `token`: kInteger or kFraction.
  std::optional<std::string_view> ReadNumber(JsonToken* token);
  bool SkipLiteral(JsonToken token);  // true, false, null
  // Reads over a whole value of any kind and validates it. Returns its text as written.
  std::optional<std::string_view> SkipValue();
  // Takes `"name"` when exactly that, in double quotes and without escapes, stands here; else stays.
  bool TakeName(std::string_view name) {
    const std::size_t size = name.size();
    if (static_cast<std::size_t>(end_ - at_) < size + 2 || at_[0] != '"' || at_[size + 1] != '"' ||
        std::string_view(at_ + 1, size) != name) {
      return false;
    }
    at_ += size + 2;
    return true;
  }

 private:
  const char* FindStringEnd(const char* from, char quote, bool* has_high_bytes) const;
  std::optional<std::string_view> ReadEscaped(const char* begin, char quote);
  bool AppendEscape();
  [[nodiscard]] bool MayStandInString(const char* control) const {
    return rules_ == Rules::kPaths && control < text_end_ && static_cast<unsigned char>(*control) <= 0x1F;
  }
  bool ReadHex4(std::uint32_t* value);
  std::optional<std::string_view> ReadNonNumber();
  bool SkipScalar(JsonToken token);

  const char* at_;
  const char* end_;
  const char* text_end_ = nullptr;  // of a text; a line is never before it
  Rules rules_ = Rules::kRecords;
  std::string unescaped_;
};

}  // namespace hf
