// SPDX-License-Identifier: Apache-2.0
#include "expressions/syntax.h"

#include <fmt/core.h>

#include <algorithm>

namespace hf {
namespace {

constexpr int kDepthMax = 500;

}  // namespace

void Measure(Syntax* made) {
  for (const Syntax& argument : made->arguments) {
    made->depth = std::max(made->depth, argument.depth + 1);
    made->nodes += argument.nodes;
  }
}

Syntax CallSyntax(std::string name, std::vector<Syntax> arguments, std::size_t begin) {
  Syntax made;
  made.kind = SyntaxKind::kCall;
  made.written = name;
  made.name = std::move(name);
  made.arguments = std::move(arguments);
  made.begin = begin;
  Measure(&made);
  return made;
}

bool IsTooComplex(const Syntax& syntax) { return syntax.depth > kDepthMax || syntax.nodes > kNodesMax; }

Status TooComplex() {
  return Invalid(
      fmt::format("an expression has more than {} brackets, {} levels or {} parts", kBracketsMax, kDepthMax, kNodesMax),
      "FAILED_TO_PARSE_TOO_COMPLEX");
}

}  // namespace hf
