// SPDX-License-Identifier: Apache-2.0
// Literals and type names of Spark's SQL.
#pragma once

#include <string_view>

#include "expressions/syntax.h"

namespace hf {

// A number as AstBuilder of Spark 4.3 reads it: "1" an int, bigint or decimal(n,0) by its size, "1.5" a decimal, "1e3"
// a double, and the suffixes Y, S, L, F, D, BD. nullopt when the text is no number ("1Z" is a name). kInvalid carries
// INVALID_NUMERIC_LITERAL_RANGE or DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION.
Result<std::optional<Syntax>> NumberLiteral(std::string_view text, bool negative);

// DATE'2024-02-29' and the like; `word` is the type. kInvalid with INVALID_TYPED_LITERAL; nullopt for a word that
// begins no literal.
Result<std::optional<Syntax>> TypedLiteral(std::string_view word, std::string_view text);

// A type by its word and the numbers in brackets behind it; kInvalid with UNSUPPORTED_DATATYPE or
// DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION.
Result<DataType> TypeOfWord(std::string_view word, const std::vector<int>& numbers);

}  // namespace hf
