// SPDX-License-Identifier: Apache-2.0
#include "connect/file/path_pattern.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/utf8.h"

namespace hf {
namespace {

constexpr std::size_t kAlternativesMax = 1000;

// Returns the character at `at` and steps over it; a byte that is not UTF-8 stands for itself.
std::uint32_t NextCharacter(std::string_view text, std::size_t& at) {
  const CodePoint point = DecodeUtf8(text.substr(at));
  if (point.size_bytes == 0) {
    return 0x110000U + static_cast<unsigned char>(text[at++]);
  }
  at += point.size_bytes;
  return point.value;
}

// Where the brace that opens at `open` closes; npos when it does not.
std::size_t ClosingBrace(std::string_view pattern, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '{') {
      ++depth;
    } else if (pattern[i] == '}' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

std::size_t OpeningBrace(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '{') {
      return i;
    }
  }
  return std::string_view::npos;
}

// The parts between the commas that stand outside inner braces.
std::vector<std::string_view> SplitAlternatives(std::string_view inside) {
  std::vector<std::string_view> parts;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '\\') {
      ++i;
    } else if (inside[i] == '{') {
      ++depth;
    } else if (inside[i] == '}') {
      --depth;
    } else if (inside[i] == ',' && depth == 0) {
      parts.push_back(inside.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  parts.push_back(inside.substr(begin));
  return parts;
}

}  // namespace

bool IsPathPattern(std::string_view path) { return path.find_first_of("{}[]*?\\") != std::string_view::npos; }

Result<std::vector<std::string>> ExpandBraces(std::string_view pattern) {
  std::vector<std::string> expanded;
  std::vector<std::string> open = {std::string(pattern)};  // last in, first out keeps the order of the alternatives
  while (!open.empty()) {
    const std::string current = std::move(open.back());
    open.pop_back();
    const std::size_t begin = OpeningBrace(current);
    if (begin == std::string::npos) {
      expanded.push_back(current);
      continue;
    }
    const std::size_t end = ClosingBrace(current, begin);
    if (end == std::string::npos) {
      return Invalid(fmt::format("path pattern has a '{{' that is not closed: {}", pattern));
    }
    const std::string_view view = current;
    const auto parts = SplitAlternatives(view.substr(begin + 1, end - begin - 1));
    if (expanded.size() + open.size() + parts.size() > kAlternativesMax) {
      return Invalid(fmt::format("path pattern has more than {} alternatives: {}", kAlternativesMax, pattern));
    }
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
      open.push_back(fmt::format("{}{}{}", view.substr(0, begin), *part, view.substr(end + 1)));
    }
  }
  return expanded;
}

Result<NamePattern::Piece> NamePattern::ParseClass(std::string_view pattern, std::size_t& at) {
  Piece piece{.kind = Piece::Kind::kClass};
  if (at < pattern.size() && (pattern[at] == '^' || pattern[at] == '!')) {
    piece.negated = true;
    ++at;
  }
  const std::size_t begin = at;
  while (at < pattern.size() && (pattern[at] != ']' || at == begin)) {
    if (pattern[at] == '\\' && at + 1 < pattern.size()) {
      ++at;
    }
    Range range;
    range.first = range.last = NextCharacter(pattern, at);
    if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
      ++at;
      if (pattern[at] == '\\' && at + 1 < pattern.size()) {
        ++at;
      }
      range.last = NextCharacter(pattern, at);
    }
    if (range.last < range.first) {
      return Invalid(fmt::format("path pattern has a class whose range ends before it begins: {}", pattern));
    }
    piece.ranges.push_back(range);
  }
  if (at == pattern.size()) {
    return Invalid(fmt::format("path pattern has a '[' that is not closed: {}", pattern));
  }
  ++at;  // the ']'
  return piece;
}

Result<NamePattern> NamePattern::Parse(std::string_view pattern) {
  NamePattern parsed;
  std::size_t at = 0;
  while (at < pattern.size()) {
    const char c = pattern[at];
    if (c == '*' || c == '?') {
      ++at;
      parsed.pieces_.push_back({.kind = c == '*' ? Piece::Kind::kStar : Piece::Kind::kAny});
    } else if (c == '[') {
      ++at;
      HF_ASSIGN_OR_RETURN(Piece piece, ParseClass(pattern, at));
      parsed.pieces_.push_back(std::move(piece));
    } else {
      if (c == '\\' && ++at == pattern.size()) {
        return Invalid(fmt::format("path pattern ends with a '\\' that escapes nothing: {}", pattern));
      }
      const std::size_t begin = at;
      parsed.pieces_.push_back({.kind = Piece::Kind::kCharacter, .character = NextCharacter(pattern, at)});
      parsed.literal_ += pattern.substr(begin, at - begin);
    }
  }
  return parsed;
}

bool NamePattern::is_literal() const {
  return std::all_of(pieces_.begin(), pieces_.end(),
                     [](const Piece& piece) { return piece.kind == Piece::Kind::kCharacter; });
}

bool NamePattern::SpellsFirst(char c) const {
  return !pieces_.empty() && pieces_[0].kind == Piece::Kind::kCharacter &&
         pieces_[0].character == static_cast<unsigned char>(c);
}

bool NamePattern::MatchesPiece(const Piece& piece, std::uint32_t character) {
  switch (piece.kind) {
    case Piece::Kind::kCharacter: return piece.character == character;
    case Piece::Kind::kAny: return true;
    case Piece::Kind::kClass: {
      const bool in = std::any_of(piece.ranges.begin(), piece.ranges.end(), [character](const Range& range) {
        return range.first <= character && character <= range.last;
      });
      return in != piece.negated;
    }
    case Piece::Kind::kStar: return false;
  }
  return false;
}

// After a mismatch only the last star needs to take one character more: what an earlier one would take, the last
// could take as well. So the time is at most the product of both lengths.
bool NamePattern::Matches(std::string_view name) const {
  std::size_t at = 0;
  std::size_t piece = 0;
  std::size_t star = pieces_.size();
  std::size_t star_at = 0;
  while (at < name.size()) {
    if (piece < pieces_.size() && pieces_[piece].kind == Piece::Kind::kStar) {
      star = piece++;
      star_at = at;
      continue;
    }
    std::size_t next = at;
    const std::uint32_t character = NextCharacter(name, next);
    if (piece < pieces_.size() && MatchesPiece(pieces_[piece], character)) {
      at = next;
      ++piece;
    } else if (star != pieces_.size()) {
      static_cast<void>(NextCharacter(name, star_at));
      at = star_at;
      piece = star + 1;
    } else {
      return false;
    }
  }
  while (piece < pieces_.size() && pieces_[piece].kind == Piece::Kind::kStar) {
    ++piece;
  }
  return piece == pieces_.size();
}

Result<NameFilter> NameFilter::Parse(std::string_view pattern) {
  NameFilter filter;
  HF_ASSIGN_OR_RETURN(const std::vector<std::string> expanded, ExpandBraces(pattern));
  for (const std::string& alternative : expanded) {
    HF_ASSIGN_OR_RETURN(NamePattern parsed, NamePattern::Parse(alternative));
    filter.alternatives_.push_back(std::move(parsed));
  }
  return filter;
}

bool NameFilter::Matches(std::string_view name) const {
  return std::any_of(alternatives_.begin(), alternatives_.end(),
                     [name](const NamePattern& pattern) { return pattern.Matches(name); });
}

}  // namespace hf
