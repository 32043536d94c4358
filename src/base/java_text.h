// SPDX-License-Identifier: Apache-2.0
// Numbers as Java prints them, because Spark's JSON and casts to string do.
#pragma once

#include <string>

namespace hf {

// Returns Double.toString(value) as JDK 19 and later define it: the fewest digits that read back as the same
// value, "1.0E10" from 10^7 on and below 10^-3, "NaN", "Infinity", "-Infinity". Older JDKs print, for some
// values, one digit more.
std::string JavaDoubleText(double value);
std::string JavaFloatText(float value);

}  // namespace hf
