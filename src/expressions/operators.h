// SPDX-License-Identifier: Apache-2.0
// How tightly the operators of SqlBaseParser.g4 (Spark 4.3) bind.
#pragma once

#include <array>
#include <string_view>

namespace hf {

// From the loosest to the tightest.
enum Level : int { kAny, kOr, kAnd, kNot, kPredicate, kComparison, kBar, kHat, kAmp, kShift, kSum, kProduct, kUnary };

struct BinaryOperator {
  std::string_view text;
  Level level;
  std::string_view call;
};
inline constexpr std::array kBinaryOperators = {BinaryOperator{"or", kOr, "or"},
                                                BinaryOperator{"and", kAnd, "and"},
                                                BinaryOperator{"=", kComparison, "="},
                                                BinaryOperator{"==", kComparison, "="},
                                                BinaryOperator{"<>", kComparison, "!="},
                                                BinaryOperator{"!=", kComparison, "!="},
                                                BinaryOperator{"<", kComparison, "<"},
                                                BinaryOperator{"<=", kComparison, "<="},
                                                BinaryOperator{"!>", kComparison, "<="},
                                                BinaryOperator{">", kComparison, ">"},
                                                BinaryOperator{">=", kComparison, ">="},
                                                BinaryOperator{"!<", kComparison, ">="},
                                                BinaryOperator{"<=>", kComparison, "<=>"},
                                                BinaryOperator{"|", kBar, "|"},
                                                BinaryOperator{"^", kHat, "^"},
                                                BinaryOperator{"&", kAmp, "&"},
                                                BinaryOperator{"<<", kShift, "<<"},
                                                BinaryOperator{">>", kShift, ">>"},
                                                BinaryOperator{"+", kSum, "+"},
                                                BinaryOperator{"-", kSum, "-"},
                                                BinaryOperator{"||", kSum, "||"},
                                                BinaryOperator{"*", kProduct, "*"},
                                                BinaryOperator{"/", kProduct, "/"},
                                                BinaryOperator{"%", kProduct, "%"},
                                                BinaryOperator{"div", kProduct, "div"}};

}  // namespace hf
