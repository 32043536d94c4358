// SPDX-License-Identifier: Apache-2.0
// Path patterns as Hadoop's globStatus takes them (org.apache.hadoop.fs.GlobPattern, GlobExpander):
//
//   ?  one character        *  any number of characters        [ab] [a-c] [^a]  one character of a class
//   {a,b{c,d}}  any of the alternatives, which may contain '/'        \x  the character x itself
//
// None of them but braces ever matches or contains a '/'. Matching is by bytes, but ? and classes take a whole UTF-8
// character.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "holdfast/status.h"

namespace hf {

// Whether a path has to be expanded before it names files (Hadoop's SparkHadoopUtil.isGlobPath).
bool IsPathPattern(std::string_view path);

// Replaces braces by their alternatives: "/a/{b,c}*" becomes "/a/b*" and "/a/c*". What is left has no unescaped
// brace. kInvalid for an unclosed brace or for more than 1000 alternatives.
Result<std::vector<std::string>> ExpandBraces(std::string_view pattern);

// One component of a path. Thread-safe.
class NamePattern {
 public:
  // kInvalid says what is wrong with the pattern. Braces must be expanded before.
  static Result<NamePattern> Parse(std::string_view pattern);

  // True when only `literal()` matches.
  [[nodiscard]] bool is_literal() const;
  [[nodiscard]] const std::string& literal() const { return literal_; }
  // Whether every name that matches begins with `c` because the pattern says so.
  [[nodiscard]] bool SpellsFirst(char c) const;
  [[nodiscard]] bool Matches(std::string_view name) const;

 private:
  struct Range {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
  };
  struct Piece {
    enum class Kind { kCharacter, kAny, kClass, kStar };
    Kind kind = Kind::kCharacter;
    std::uint32_t character = 0;
    bool negated = false;
    std::vector<Range> ranges = {};
  };

  static Result<Piece> ParseClass(std::string_view pattern, std::size_t& at);
  static bool MatchesPiece(const Piece& piece, std::uint32_t character);

  std::vector<Piece> pieces_;
  std::string literal_;
};

// A name matches when any of the alternatives of one pattern does.
class NameFilter {
 public:
  static Result<NameFilter> Parse(std::string_view pattern);
  [[nodiscard]] bool Matches(std::string_view name) const;

 private:
  std::vector<NamePattern> alternatives_;
};

}  // namespace hf
