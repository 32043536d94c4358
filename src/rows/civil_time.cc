// SPDX-License-Identifier: Apache-2.0
#include "rows/civil_time.h"

#include <fmt/core.h>

#include <array>

namespace hf {
namespace {

void AppendTwo(std::string& out, int value) {
  out += static_cast<char>('0' + value / 10);
  out += static_cast<char>('0' + value % 10);
}

void AppendDate(std::string& out, const CivilTime& time) {
  if (time.year >= 0 && time.year <= 9999) {
    AppendTwo(out, static_cast<int>(time.year / 100));
    AppendTwo(out, static_cast<int>(time.year % 100));
  } else {
    out += fmt::format("{}{:04}", time.year < 0 ? '-' : '+', time.year < 0 ? -time.year : time.year);
  }
  out += '-';
  AppendTwo(out, time.month);
  out += '-';
  AppendTwo(out, time.day);
}

}  // namespace

CivilTime CivilFromDays(std::int64_t days) {
  days += 719468;
  const std::int64_t era = FloorDiv(days, 146097);
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  CivilTime time;
  time.day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  time.month = static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  time.year = year_of_era + era * 400 + (time.month <= 2 ? 1 : 0);
  return time;
}

CivilTime CivilFromMicros(std::int64_t micros) {
  const std::int64_t days = FloorDiv(micros, kMicrosPerDay);
  const std::int64_t of_day = micros % kMicrosPerDay + (micros % kMicrosPerDay < 0 ? kMicrosPerDay : 0);
  CivilTime time = CivilFromDays(days);
  const std::int64_t seconds = of_day / kMicrosPerSecond;
  time.micro = static_cast<int>(of_day % kMicrosPerSecond);
  time.hour = static_cast<int>(seconds / 3600);
  time.minute = static_cast<int>(seconds / 60 % 60);
  time.second = static_cast<int>(seconds % 60);
  return time;
}

int DaysInMonth(std::int64_t year, int month) {
  static constexpr std::array<int, 13> days = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return days[static_cast<std::size_t>(month)] + (month == 2 && is_leap ? 1 : 0);
}

std::optional<std::int32_t> DateOf(const CivilTime& time) {
  // No 32-bit day lies outside of these years; the bound keeps the arithmetic below from overflowing.
  if (time.year < -9'999'999 || time.year > 9'999'999 || time.month < 1 || time.month > 12 || time.day < 1 ||
      time.day > DaysInMonth(time.year, time.month)) {
    return std::nullopt;
  }
  const std::int64_t days = DaysFromCivil(time.year, time.month, time.day);
  if (days < INT32_MIN || days > INT32_MAX) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(days);
}

std::optional<std::int64_t> MicrosOf(const CivilTime& time) {
  const std::optional<std::int32_t> days = DateOf(time);
  if (!days.has_value() || time.hour < 0 || time.hour > 23 || time.minute < 0 || time.minute > 59 || time.second < 0 ||
      time.second > 59) {
    return std::nullopt;
  }
  const std::int64_t of_day = (time.hour * 3600LL + time.minute * 60LL + time.second) * kMicrosPerSecond + time.micro;
  const __int128 micros = static_cast<__int128>(*days) * kMicrosPerDay + of_day;
  if (micros < INT64_MIN || micros > INT64_MAX) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(micros);
}

void AppendDateText(std::string& out, std::int32_t days) { AppendDate(out, CivilFromDays(days)); }

void AppendDateTimeText(std::string& out, std::int64_t micros, int fraction_digits) {
  const CivilTime time = CivilFromMicros(micros);
  AppendDate(out, time);
  out += 'T';
  AppendTwo(out, time.hour);
  out += ':';
  AppendTwo(out, time.minute);
  out += ':';
  AppendTwo(out, time.second);
  if (fraction_digits > 0) {
    out += '.';
    int unit = 100'000;
    for (int i = 0; i < fraction_digits; ++i, unit /= 10) {
      out += static_cast<char>('0' + time.micro / unit % 10);
    }
  }
}

}  // namespace hf
