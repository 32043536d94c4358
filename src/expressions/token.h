// SPDX-License-Identifier: Apache-2.0
// Tokens of Spark's SQL (SqlBaseLexer.g4 of Spark 4.3), as far as expressions need them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/status.h"

namespace hf {

enum class TokenKind {
  kEnd,
  kWord,    // a name or keyword as written
  kQuoted,  // a name in backticks, without them
  kString,  // a string literal with its escapes resolved
  kNumber,  // digits with point, exponent and suffix as written
  kSymbol,  // an operator or a bracket
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  std::size_t begin = 0;  // bytes into the expression
  std::size_t end = 0;
};

// The tokens of `text`, the last one of kind kEnd. Comments are left out. kInvalid with PARSE_SYNTAX_ERROR says at
// which character the text stops being SQL.
Result<std::vector<Token>> Tokenize(std::string_view text);

// Case does not count; only ASCII letters have one.
bool SameWord(std::string_view left, std::string_view right);
std::string LowerWord(std::string_view word);

// PARSE_SYNTAX_ERROR at byte `at` of `text`.
Status SyntaxError(std::string_view text, std::size_t at, std::string_view what);

}  // namespace hf
