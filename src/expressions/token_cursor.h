// SPDX-License-Identifier: Apache-2.0
// TokenCursor: a place in the tokens of an expression, and what is said about a token that may not stand there.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "expressions/token.h"

namespace hf {

class TokenCursor {
 public:
  TokenCursor(std::string_view text, std::vector<Token> tokens) : text_(text), tokens_(std::move(tokens)) {}

  [[nodiscard]] const Token& Now() const { return tokens_[at_]; }
  [[nodiscard]] const Token& Next() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  const Token& Take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  [[nodiscard]] bool IsSymbol(std::string_view symbol) const {
    return Now().kind == TokenKind::kSymbol && Now().text == symbol;
  }
  [[nodiscard]] static bool IsWord(const Token& token, std::string_view word) {
    return token.kind == TokenKind::kWord && SameWord(token.text, word);
  }
  bool TakeSymbol(std::string_view symbol) { return IsSymbol(symbol) && (Take(), true); }
  bool TakeWord(std::string_view word) { return IsWord(Now(), word) && (Take(), true); }

  [[nodiscard]] Status Unexpected(std::string_view wanted) const {
    const std::string found = Now().kind == TokenKind::kEnd ? "its end" : fmt::format("\"{}\"", Now().text);
    return SyntaxError(text_, Now().begin, fmt::format("{} where {} was expected", found, wanted));
  }
  [[nodiscard]] Status Unoffered(std::string_view what) const {
    return Invalid(
        fmt::format("the expression \"{}\" uses {} at character {}, which is not offered; write a C++ function "
                    "over the batch instead",
                    text_, what, Now().begin + 1),
        "HOLDFAST_UNPROVEN_EXPRESSION");
  }
  Status Expect(std::string_view symbol) {
    return TakeSymbol(symbol) ? Status() : Unexpected(fmt::format("\"{}\"", symbol));
  }
  Status ExpectWord(std::string_view word) { return TakeWord(word) ? Status() : Unexpected(word); }
  [[nodiscard]] Status End() const { return Now().kind == TokenKind::kEnd ? Status() : Unexpected("its end"); }

 protected:
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace hf
