// SPDX-License-Identifier: Apache-2.0
// Upper and lower case of texts in any script, as Spark 4.3's ICU has them for the root locale.
#pragma once

#include <string>
#include <string_view>

namespace hf {

// Bytes that are no UTF-8 stay.
std::string ToUpperCase(std::string_view text);
// A capital sigma at the end of a word becomes a final one.
std::string ToLowerCase(std::string_view text);

// Spark's initcap: what stands at the beginning or behind a space (U+0020) is a capital, everything else is lower case.
std::string ToTitleCase(std::string_view text);

}  // namespace hf
