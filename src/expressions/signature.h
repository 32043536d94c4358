// SPDX-License-Identifier: Apache-2.0
// The functions by the names that people write, and what types their arguments are cast to.
#pragma once

#include <optional>
#include <string_view>

#include "holdfast/types.h"

namespace hf {

// What an argument may be; anything else is cast to it where Spark casts implicitly.
enum class Wanted : char {
  kString = 's',
  kInt = 'i',
  kSmallInteger = 'k',  // int, smallint or tinyint
  kLong = 'l',
  kIntegral = 'w',
  kExactIntegral = 'W',  // which a string is not cast to
  kNumeric = 'n',
  kDouble = 'D',
  kFloating = 'F',   // double or float
  kRoundable = 'f',  // double, decimal or bigint
  kDate = 'd',
  kInstant = 'T',      // timestamp
  kAnyMoment = 't',    // timestamp or timestamp_ntz
  kExactDate = 'e',    // a date and nothing that is cast to one
  kExactMoment = 'E',  // timestamp or timestamp_ntz
  kBytes = 'S',        // string or binary
  kBinary = 'B',
  kTimestamp = 'M',  // a timestamp; other types are read by a pattern, which is not offered
  kBoolean = 'b',
  kAny = '*',
};

struct Signature {
  std::string_view name;        // as written, in lower case
  std::string_view routine;     // what is called
  std::string_view arguments;   // a letter each, of Wanted
  std::string_view shown = {};  // in the name of a column, where that is not the name as written
};

// The function, whatever the number of its arguments; nullptr when it has no plain signature.
const Signature* FindSignature(std::string_view name, std::size_t arguments);
bool HasSignature(std::string_view name);

// The type that an argument of `from` is cast to (AnsiTypeCoercion.implicitCast); nullopt when Spark refuses it.
std::optional<DataType> ImplicitCast(const DataType& from, Wanted wanted);

}  // namespace hf
