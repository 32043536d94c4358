// SPDX-License-Identifier: Apache-2.0
// Dates and times of day in the proleptic Gregorian calendar, as java.time.LocalDate and LocalDateTime have them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace hf {

inline constexpr std::int64_t kMicrosPerSecond = 1'000'000;
inline constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

// A reading of calendar and clock. Year 0 is the year before year 1.
struct CivilTime {
  std::int64_t year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int micro = 0;
};

inline std::int64_t FloorDiv(std::int64_t value, std::int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

// Days since 1970-01-01. REQUIRES: 1 <= month <= 12.
inline std::int64_t DaysFromCivil(std::int64_t year, int month, int day) {
  // The year begins in March, so that the leap day is its last (H. Hinnant, "chrono-compatible low-level date
  // algorithms").
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

// Midnight of a day.
CivilTime CivilFromDays(std::int64_t days);
// The reading at `micros` since 1970-01-01T00:00:00.
CivilTime CivilFromMicros(std::int64_t micros);

int DaysInMonth(std::int64_t year, int month);

// nullopt when a part is out of range, or the day is not in the month, or the result exceeds the integer.
std::optional<std::int32_t> DateOf(const CivilTime& time);
std::optional<std::int64_t> MicrosOf(const CivilTime& time);

// Appends "2026-01-31"; years beyond four digits with a sign, as Java's pattern uuuu-MM-dd prints them.
void AppendDateText(std::string& out, std::int32_t days);
// Appends "2026-01-31T23:59:59" and, when `fraction_digits` is not 0, a point and so many digits (at most 6, cut).
void AppendDateTimeText(std::string& out, std::int64_t micros, int fraction_digits);

}  // namespace hf
