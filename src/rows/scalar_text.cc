// SPDX-License-Identifier: Apache-2.0
#include "rows/scalar_text.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>

#include "rows/civil_time.h"
#include "rows/decimal_limits.h"

namespace hf {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes the digits in front; nullopt unless there are between `least` and `most` of them.
std::optional<int> TakeDigits(std::string_view& text, std::size_t least, std::size_t most) {
  int value = 0;
  std::size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) {
    if (count == most) {
      return std::nullopt;
    }
    value = value * 10 + (text[count++] - '0');
  }
  text.remove_prefix(count);
  return count >= least ? std::optional(value) : std::nullopt;
}

bool TakeChar(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

// Reads "[+-]y...y[-[m]m[-[d]d]]" and leaves what follows.
std::optional<CivilTime> TakeDate(std::string_view& text, std::size_t year_digits_max, bool* has_day) {
  CivilTime time;
  *has_day = false;
  const bool negative = TakeChar(text, '-');
  if (!negative) {
    TakeChar(text, '+');
  }
  const auto year = TakeDigits(text, 4, year_digits_max);
  if (!year.has_value()) {
    return std::nullopt;
  }
  time.year = negative ? -*year : *year;
  if (!TakeChar(text, '-')) {
    return time;
  }
  const auto month = TakeDigits(text, 1, 2);
  if (!month.has_value()) {
    return std::nullopt;
  }
  time.month = *month;
  if (!TakeChar(text, '-')) {
    return time;
  }
  const auto day = TakeDigits(text, 1, 2);
  if (!day.has_value()) {
    return std::nullopt;
  }
  time.day = *day;
  *has_day = true;
  return time;
}

// Reads "h[h][:m[m][:s[s][.fraction]]]" and leaves the zone. Only seconds may be followed by more.
bool TakeClock(std::string_view& text, CivilTime* time) {
  const auto hour = TakeDigits(text, 1, 2);
  if (!hour.has_value()) {
    return false;
  }
  time->hour = *hour;
  if (!TakeChar(text, ':')) {
    return text.empty();
  }
  const auto minute = TakeDigits(text, 1, 2);
  if (!minute.has_value()) {
    return false;
  }
  time->minute = *minute;
  if (!TakeChar(text, ':')) {
    return text.empty();
  }
  const auto second = TakeDigits(text, 1, 2);
  if (!second.has_value()) {
    return false;
  }
  time->second = *second;
  if (TakeChar(text, '.')) {
    int unit = 100'000;
    while (!text.empty() && IsDigit(text[0])) {
      time->micro += unit * (text[0] - '0');
      unit /= 10;
      text.remove_prefix(1);
    }
  }
  return true;
}

// The form that machines write: "yyyy-mm-ddThh:mm:ss", a fraction of up to six digits or none, "Z". Anything else is
// left to the general reading.
std::optional<std::int64_t> ParseCommonForm(std::string_view text) {
  if (text.size() < 20 || text.size() > 27 || text.back() != 'Z' || text[4] != '-' || text[7] != '-' ||
      text[10] != 'T' || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  unsigned wrong = 0;
  const auto two = [&](std::size_t at) {
    const auto high = static_cast<unsigned>(text[at]) - '0';
    const auto low = static_cast<unsigned>(text[at + 1]) - '0';
    wrong |= static_cast<unsigned>(high > 9) | static_cast<unsigned>(low > 9);
    return static_cast<int>(high * 10 + low);
  };
  CivilTime time{.year = two(0) * 100 + two(2),
                 .month = two(5),
                 .day = two(8),
                 .hour = two(11),
                 .minute = two(14),
                 .second = two(17)};
  if (text[19] == '.') {
    int unit = 100'000;
    for (std::size_t i = 20; i + 1 < text.size(); ++i, unit /= 10) {
      const auto digit = static_cast<unsigned>(text[i]) - '0';
      wrong |= static_cast<unsigned>(digit > 9);
      time.micro += unit * static_cast<int>(digit);
    }
  } else if (text.size() != 20) {
    return std::nullopt;
  }
  return wrong != 0 ? std::nullopt : MicrosOf(time);
}

struct ParsedTime {
  std::int64_t local_micros = 0;
  std::string_view zone;
};

std::optional<ParsedTime> ParseReading(std::string_view text) {
  text = TrimControls(text);
  bool has_day = false;
  auto time = TakeDate(text, 6, &has_day);
  if (!time.has_value()) {
    return std::nullopt;
  }
  if (!text.empty() && (!has_day || !(TakeChar(text, ' ') || TakeChar(text, 'T')) || !TakeClock(text, &*time))) {
    return std::nullopt;
  }
  const auto micros = MicrosOf(*time);
  return micros.has_value() ? std::optional(ParsedTime{*micros, text}) : std::nullopt;
}

// Double.parseDouble trims, takes a leading plus and a trailing d or f.
std::string_view JavaNumberBody(std::string_view text) {
  text = TrimControls(text);
  if (text.starts_with('+') && !text.starts_with("+-")) {
    text.remove_prefix(1);
  }
  const std::size_t size = text.size();
  if (size > 1 && std::string_view("dDfF").find(text.back()) != std::string_view::npos &&
      (IsDigit(text[size - 2]) || text[size - 2] == '.')) {
    text.remove_suffix(1);
  }
  return text;
}

template <typename T>
std::optional<T> ParseFloating(std::string_view text) {
  text = JavaNumberBody(text);
  const bool negative = text.starts_with('-');
  const std::string_view magnitude = text.substr(negative ? 1 : 0);
  if (magnitude == "Infinity") {
    return negative ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity();
  }
  if (magnitude == "NaN") {
    return std::numeric_limits<T>::quiet_NaN();
  }
  // from_chars also takes "inf" and "nan", which Java does not.
  if (magnitude.empty() || !(IsDigit(magnitude[0]) || magnitude[0] == '.')) {
    return std::nullopt;
  }
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) {
    return std::nullopt;
  }
  if (error == std::errc::result_out_of_range) {
    // Too large is infinite and too small is zero, as in Java. from_chars says neither; strtod does.
    value = static_cast<T>(std::strtod(std::string(text).c_str(), nullptr));
  }
  return value;
}

// A number as its digits, without leading zeros, and the power of ten of the last one.
struct DecimalDigits {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  std::int64_t exponent = 0;

  [[nodiscard]] std::size_t size() const { return whole.size() + fraction.size(); }
  [[nodiscard]] int at(std::size_t i) const { return (i < whole.size() ? whole[i] : fraction[i - whole.size()]) - '0'; }
};

std::optional<DecimalDigits> ReadDecimal(std::string_view text) {
  DecimalDigits made;
  made.negative = TakeChar(text, '-');
  if (!made.negative) {
    TakeChar(text, '+');
  }
  const auto take_digits = [&text] {
    std::size_t count = 0;
    while (count < text.size() && IsDigit(text[count])) {
      ++count;
    }
    const std::string_view taken = text.substr(0, count);
    text.remove_prefix(count);
    return taken;
  };
  made.whole = take_digits();
  if (TakeChar(text, '.')) {
    made.fraction = take_digits();
  }
  if (made.size() == 0) {
    return std::nullopt;
  }
  if (TakeChar(text, 'e') || TakeChar(text, 'E')) {
    TakeChar(text, '+');
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), made.exponent);
    // BigDecimal's exponent is a 32-bit integer.
    if (error != std::errc() || end != text.data() + text.size() || made.exponent > INT32_MAX ||
        made.exponent < INT32_MIN) {
      return std::nullopt;
    }
  } else if (!text.empty()) {
    return std::nullopt;
  }
  made.exponent -= static_cast<std::int64_t>(made.fraction.size());
  return made;
}

}  // namespace

std::string_view TrimControls(std::string_view text) {
  const auto trimmed = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; };
  while (!text.empty() && trimmed(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && trimmed(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

std::optional<std::int32_t> ParseDate(std::string_view text) {
  text = TrimControls(text);
  bool has_day = false;
  const auto time = TakeDate(text, 7, &has_day);
  if (!time.has_value() || (!text.empty() && !(has_day && (text[0] == ' ' || text[0] == 'T')))) {
    return std::nullopt;
  }
  return DateOf(*time);
}

std::optional<std::int64_t> ParseTimestamp(std::string_view text, const TimeZone& zone) {
  if (const auto micros = ParseCommonForm(text)) {
    return micros;
  }
  const auto parsed = ParseReading(text);
  if (!parsed.has_value()) {
    return std::nullopt;
  }
  if (parsed->zone.empty()) {
    return zone.InstantOf(parsed->local_micros);
  }
  const auto named = TimeZone::Find(TrimControls(parsed->zone));
  return named.ok() ? std::optional(named->InstantOf(parsed->local_micros)) : std::nullopt;
}

std::optional<std::int64_t> ParseTimestampNtz(std::string_view text, bool ignore_zone) {
  const auto parsed = ParseReading(text);
  const bool taken =
      parsed.has_value() && (parsed->zone.empty() || (ignore_zone && TimeZone::Find(TrimControls(parsed->zone)).ok()));
  return taken ? std::optional(parsed->local_micros) : std::nullopt;
}

std::optional<std::int64_t> ParseInteger(std::string_view text, std::int64_t least, std::int64_t most) {
  if (text.starts_with('+') && text.size() > 1 && IsDigit(text[1])) {
    text.remove_prefix(1);
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
    return std::nullopt;
  }
  return value;
}

std::optional<double> ParseDouble(std::string_view text) { return ParseFloating<double>(text); }
std::optional<float> ParseFloat(std::string_view text) { return ParseFloating<float>(text); }

std::optional<__int128> ParseDecimal(std::string_view text, int precision, int scale) {
  const auto digits = ReadDecimal(text);
  if (!digits.has_value()) {
    return std::nullopt;
  }
  std::size_t first = 0;
  while (first < digits->size() && digits->at(first) == 0) {
    ++first;
  }
  const auto count = static_cast<std::int64_t>(digits->size() - first);
  const std::int64_t shift = digits->exponent + scale;  // digits to add behind, or to drop when negative
  const std::int64_t kept = count + std::min<std::int64_t>(shift, 0);
  if (count == 0 || kept < 0) {
    return __int128{0};
  }
  if (count + shift > kDecimalPrecisionMax) {
    return std::nullopt;
  }
  __int128 value = 0;
  for (std::int64_t i = 0; i < kept; ++i) {
    value = value * 10 + digits->at(first + static_cast<std::size_t>(i));
  }
  if (shift >= 0) {
    value *= PowerOfTen(static_cast<int>(shift));
  } else if (digits->at(first + static_cast<std::size_t>(kept)) >= 5) {
    ++value;
  }
  if (!FitsDecimal(value, precision)) {
    return std::nullopt;
  }
  return digits->negative ? -value : value;
}

std::optional<bool> ParseBoolean(std::string_view text) {
  const auto equals = [text](std::string_view lower) {
    return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                      [](char c, char l) { return c == l || (c >= 'A' && c <= 'Z' && c - 'A' + 'a' == l); });
  };
  if (equals("true")) {
    return true;
  }
  return equals("false") ? std::optional(false) : std::nullopt;
}

std::optional<std::string> ParseBase64(std::string_view text) {
  const auto sextet = [](char c) -> int {
    if (c >= 'A' && c <= 'Z') {
      return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
      return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
      return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
  };
  std::string out;
  std::uint32_t word = 0;
  int filled = 0;
  int padding = 0;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 && filled == 0) {
      continue;
    }
    const int bits = c == '=' && filled >= 2 ? 0 : sextet(c);
    if (bits < 0 || (padding > 0 && c != '=')) {
      return std::nullopt;
    }
    padding += c == '=' ? 1 : 0;
    word = word << 6 | static_cast<std::uint32_t>(bits);
    if (++filled == 4) {
      for (int byte = 0; byte < 3 - padding; ++byte) {
        out += static_cast<char>(word >> (16 - 8 * byte));
      }
      word = 0;
      filled = 0;
    }
  }
  return filled == 0 ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace hf
