// SPDX-License-Identifier: Apache-2.0
// Scalars as JSON text, as Jackson writes what Spark 4.3's JacksonGenerator hands to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "holdfast/value.h"

namespace hf {

// Appends `text` in quotes with Jackson's escapes; bytes that are not UTF-8 become U+FFFD.
void AppendJsonText(std::string& out, std::string_view text);
// NaN and infinities become texts (Jackson's QUOTE_NON_NUMERIC_NUMBERS, on by default).
void AppendJsonNumber(std::string& out, double value);
void AppendJsonNumber(std::string& out, float value);
// Appends java.math.BigDecimal.toString: plain, or with an exponent when the number is below 10^-6.
void AppendDecimalText(std::string& out, __int128 unscaled, int scale);
// Appends base64 with padding and without line breaks.
void AppendBase64(std::string& out, std::string_view bytes);

// The name of a map's entry in JSON. JacksonGenerator.writeMapData takes the toString of the key in memory: dates are
// days, timestamps microseconds, structs the words of their UnsafeRow. A binary or a collection has no stable text
// there; ours is its JSON.
std::string MapKeyText(const Value& key, const DataType& type);

}  // namespace hf
