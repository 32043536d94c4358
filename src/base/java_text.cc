// SPDX-License-Identifier: Apache-2.0
#include "base/java_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace hf {
namespace {

template <typename T>
std::string JavaText(T value) {
  if (std::isnan(value)) {
    return "NaN";
  }
  std::string out = std::signbit(value) ? "-" : "";
  value = std::fabs(value);
  if (std::isinf(value)) {
    return out + "Infinity";
  }
  if (value == 0) {
    return out + "0.0";
  }
  // "d.ddde+xx": the shortest digits and their exponent, from which Java's two layouts follow.
  std::array<char, 64> buffer;
  auto* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  if (buffer[1] == 'e') {
    // Java prints at least two digits, so where one would do it takes the nearest two: 4.9E-324, not 5.0E-324.
    end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific, 1).ptr;
  }
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const auto e = text.find('e');
  std::string digits(text.substr(0, 1));
  if (e > 2) {
    digits += text.substr(2, e - 2);
  }
  if (digits.size() == 2 && digits[1] == '0') {
    digits.pop_back();
  }
  int exponent = 0;
  const std::string_view power = text.substr(text[e + 1] == '+' ? e + 2 : e + 1);
  std::from_chars(power.data(), power.data() + power.size(), exponent);

  if (exponent >= 7 || exponent < -3) {
    out += digits[0];
    out += '.';
    out += digits.size() > 1 ? digits.substr(1) : "0";
    return out + "E" + std::to_string(exponent);
  }
  if (exponent < 0) {
    return out + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  }
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) {
    return out + digits + std::string(whole - digits.size(), '0') + ".0";
  }
  return out + digits.substr(0, whole) + "." + digits.substr(whole);
}

}  // namespace

std::string JavaDoubleText(double value) { return JavaText(value); }
std::string JavaFloatText(float value) { return JavaText(value); }

}  // namespace hf
