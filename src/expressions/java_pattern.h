// SPDX-License-Identifier: Apache-2.0
// JavaPattern: regular expressions that mean the same to Java and here. What of java.util.regex is not plain is
// refused:
//
//  1. Taken are characters, `.`, classes, \d \w \s and their opposites, ^ and $, groups, alternatives, and quantifiers,
//     greedy or reluctant.
//  2. Refused are flags, possessive quantifiers, references, lookaround, named groups, \b, \p{...}, intersections of
//     classes, empty alternatives, and quantifiers over what may match nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/status.h"

namespace hf {

class JavaPattern {
 public:
  // nullptr for a pattern that is not plain.
  static std::shared_ptr<const JavaPattern> Compile(std::string_view pattern);
  virtual ~JavaPattern() = default;

  [[nodiscard]] virtual int groups() const = 0;
  // Whether it may match without a character; Java finds such a match also within a character beyond 16 bits.
  [[nodiscard]] virtual bool may_match_nothing() const = 0;
  // Each kInvalid when a match takes too many steps.
  // Whether the pattern is somewhere in the text.
  [[nodiscard]] virtual Result<bool> IsIn(std::string_view text) const = 0;
  // What the group has of the first match; empty without a match, or when the group is not in it.
  // REQUIRES: 0 <= group <= groups().
  [[nodiscard]] virtual Result<std::string> Extract(std::string_view text, int group) const = 0;

  // The parts between matches; at most `limit` of them, when that is positive. REQUIRES: !may_match_nothing().
  [[nodiscard]] virtual Result<std::vector<std::string>> Split(std::string_view text, std::int32_t limit) const = 0;

  // A replacement of Java's: texts and the numbers of groups behind them.
  struct Part {
    std::u32string text;
    std::optional<int> group;
  };
  using Replacement = std::vector<Part>;
  // nullopt for one that fails in Java, or names a group.
  [[nodiscard]] virtual std::optional<Replacement> ReadReplacement(std::string_view text) const = 0;
  [[nodiscard]] virtual Result<std::string> ReplaceAll(std::string_view text, const Replacement& by) const = 0;
};

}  // namespace hf
