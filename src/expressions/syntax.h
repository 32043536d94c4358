// SPDX-License-Identifier: Apache-2.0
// What a SQL text says before anything is known of columns and types.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/status.h"
#include "holdfast/types.h"
#include "holdfast/value.h"

namespace hf {

enum class SyntaxKind {
  kLiteral,  // value, type
  kName,     // parts: "a", "a.b.c"
  kStar,
  kCall,  // name: a function or operator in lower case; arguments
  kCase,  // arguments: when, then, when, then, ..., and else when their number is odd
  kCast,  // one argument; type
};

struct Syntax {
  SyntaxKind kind = SyntaxKind::kLiteral;
  std::string name;
  std::string written;  // the function's name as the user wrote it
  std::vector<std::string> parts;
  std::vector<Syntax> arguments;
  Value value;
  DataType type;
  std::optional<std::string> alias;  // within struct()
  std::size_t begin = 0;             // bytes into the expression
  int depth = 1;
  std::size_t nodes = 1;
};

// Brackets within brackets, and prefixes, that a parser follows.
inline constexpr int kBracketsMax = 200;
inline constexpr std::size_t kNodesMax = 20'000;

// Sums up depth and nodes of what is below `made`.
void Measure(Syntax* made);
Syntax CallSyntax(std::string name, std::vector<Syntax> arguments, std::size_t begin);
// Deeper and larger expressions are refused: every walk over one is a recursion, and some parts are looked at twice.
bool IsTooComplex(const Syntax& syntax);
// FAILED_TO_PARSE_TOO_COMPLEX.
Status TooComplex();

// `expression [AS] alias`.
struct SelectItem {
  Syntax expression;
  std::optional<std::string> alias;
};

// kInvalid with PARSE_SYNTAX_ERROR, or with the condition of what is wrong in a literal or type, says where.
Result<SelectItem> ParseSelectItem(std::string_view text);
// The same without an alias.
Result<Syntax> ParseExpression(std::string_view text);

}  // namespace hf
