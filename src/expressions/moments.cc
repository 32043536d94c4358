// SPDX-License-Identifier: Apache-2.0
// Dates and timestamps (Spark 4.3 datetimeExpressions.scala, DateTimeUtils), in the proleptic Gregorian calendar.
#include <fmt/format.h>

#include <array>

#include "expressions/routine.h"
#include "expressions/token.h"
#include "rows/civil_time.h"

namespace hf {
namespace {

enum class Unit : std::uint8_t {
  kMicrosecond,
  kMillisecond,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kQuarter,
  kYear,
};

std::optional<Unit> UnitOf(std::string_view text) {
  struct Named {
    std::string_view name;
    Unit unit;
  };
  static constexpr std::array kNamed = {Named{"microsecond", Unit::kMicrosecond},
                                        Named{"millisecond", Unit::kMillisecond},
                                        Named{"second", Unit::kSecond},
                                        Named{"minute", Unit::kMinute},
                                        Named{"hour", Unit::kHour},
                                        Named{"day", Unit::kDay},
                                        Named{"dd", Unit::kDay},
                                        Named{"week", Unit::kWeek},
                                        Named{"mon", Unit::kMonth},
                                        Named{"month", Unit::kMonth},
                                        Named{"mm", Unit::kMonth},
                                        Named{"quarter", Unit::kQuarter},
                                        Named{"year", Unit::kYear},
                                        Named{"yyyy", Unit::kYear},
                                        Named{"yy", Unit::kYear}};
  for (const Named& named : kNamed) {
    if (SameWord(named.name, text)) {
      return named.unit;
    }
  }
  return std::nullopt;
}

std::int64_t FloorMod(std::int64_t value, std::int64_t by) { return value - FloorDiv(value, by) * by; }

std::int32_t DaysOf(std::int64_t micros) { return static_cast<std::int32_t>(FloorDiv(micros, kMicrosPerDay)); }

// Monday is 0.
std::int32_t WeekDay(std::int32_t days) { return static_cast<std::int32_t>(FloorMod(std::int64_t{days} + 3, 7)); }

std::int64_t FirstDay(std::int64_t days, Unit unit) {
  if (unit == Unit::kWeek) {
    return days - FloorMod(days + 3, 7);
  }
  const CivilTime time = CivilFromDays(days);
  const int month = unit == Unit::kYear ? 1 : unit == Unit::kQuarter ? (time.month - 1) / 3 * 3 + 1 : time.month;
  return DaysFromCivil(time.year, month, 1);
}

std::int32_t Year(RowOutcome&, std::int32_t days) { return static_cast<std::int32_t>(CivilFromDays(days).year); }
std::int32_t Quarter(RowOutcome&, std::int32_t days) { return (CivilFromDays(days).month - 1) / 3 + 1; }
std::int32_t Month(RowOutcome&, std::int32_t days) { return CivilFromDays(days).month; }
std::int32_t DayOfMonth(RowOutcome&, std::int32_t days) { return CivilFromDays(days).day; }
std::int32_t DayOfWeek(RowOutcome&, std::int32_t days) { return (WeekDay(days) + 1) % 7 + 1; }
std::int32_t WeekDayOf(RowOutcome&, std::int32_t days) { return WeekDay(days); }
std::int32_t DayOfYear(RowOutcome&, std::int32_t days) {
  return static_cast<std::int32_t>(days - DaysFromCivil(CivilFromDays(days).year, 1, 1)) + 1;
}
// ISO 8601: the week belongs to the year of its Thursday.
std::int32_t WeekOfYear(RowOutcome&, std::int32_t days) {
  const std::int64_t thursday = std::int64_t{days} - WeekDay(days) + 3;
  return static_cast<std::int32_t>((thursday - DaysFromCivil(CivilFromDays(thursday).year, 1, 1)) / 7) + 1;
}
std::string_view DayName(RowOutcome&, std::int32_t days) {
  static constexpr std::array<std::string_view, 7> kNames = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  return kNames[static_cast<std::size_t>(WeekDay(days))];
}
std::string_view MonthName(RowOutcome&, std::int32_t days) {
  static constexpr std::array<std::string_view, 12> kNames = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return kNames[static_cast<std::size_t>(CivilFromDays(days).month - 1)];
}

std::int32_t HourOfReading(RowOutcome&, std::int64_t micros) { return CivilFromMicros(micros).hour; }
std::int32_t MinuteOfReading(RowOutcome&, std::int64_t micros) { return CivilFromMicros(micros).minute; }
std::int32_t SecondOfReading(RowOutcome&, std::int64_t micros) { return CivilFromMicros(micros).second; }
std::int32_t Hour(RowOutcome& outcome, std::int64_t micros) {
  return CivilFromMicros(outcome.zone().LocalOf(micros)).hour;
}
std::int32_t Minute(RowOutcome& outcome, std::int64_t micros) {
  return CivilFromMicros(outcome.zone().LocalOf(micros)).minute;
}
std::int32_t Second(RowOutcome& outcome, std::int64_t micros) {
  return CivilFromMicros(outcome.zone().LocalOf(micros)).second;
}

std::int64_t InstantOfDay(RowOutcome& outcome, std::int64_t days) {
  std::int64_t local = 0;
  if (__builtin_mul_overflow(days, kMicrosPerDay, &local)) {
    outcome.Fail("DATETIME_OVERFLOW", "a date lies beyond every timestamp");
  }
  return outcome.zone().InstantOf(local);
}

// The instant that begins a unit of so many microseconds, as a clock `offset` ahead of UTC has it.
std::int64_t Floored(RowOutcome& outcome, std::int64_t micros, std::int64_t unit, std::int64_t offset = 0) {
  const __int128 local = static_cast<__int128>(micros) + offset;
  const __int128 rest = local % unit;
  const __int128 cut = local - rest - (rest < 0 ? unit : 0) - offset;
  if (cut < INT64_MIN || cut > INT64_MAX) {
    outcome.Fail("DATETIME_OVERFLOW", "date_trunc leaves the range of timestamps");
    return 0;
  }
  return static_cast<std::int64_t>(cut);
}

// ZonedDateTime.truncatedTo: the offset stays where the truncated reading has it.
std::int64_t TruncatedReading(RowOutcome& outcome, std::int64_t micros, std::int64_t unit) {
  const TimeZone& zone = outcome.zone();
  const std::int64_t offset = zone.OffsetSecondsAt(micros) * kMicrosPerSecond;
  const std::int64_t cut = Floored(outcome, micros, unit, offset);
  std::int64_t reading = 0;
  if (zone.OffsetSecondsAt(cut) * kMicrosPerSecond == offset || __builtin_add_overflow(cut, offset, &reading)) {
    return cut;
  }
  return zone.InstantOf(reading);
}

std::int64_t DateTrunc(RowOutcome& outcome, std::string_view text, std::int64_t micros) {
  const auto unit = UnitOf(text);
  if (!unit.has_value()) {
    outcome.SetNull();
    return 0;
  }
  switch (*unit) {
    case Unit::kMicrosecond: return micros;
    case Unit::kMillisecond: return Floored(outcome, micros, 1000);
    case Unit::kSecond: return Floored(outcome, micros, kMicrosPerSecond);
    case Unit::kMinute: return TruncatedReading(outcome, micros, 60 * kMicrosPerSecond);
    case Unit::kHour: return TruncatedReading(outcome, micros, 3600 * kMicrosPerSecond);
    case Unit::kDay: return TruncatedReading(outcome, micros, kMicrosPerDay);
    default: return InstantOfDay(outcome, FirstDay(DaysOf(outcome.zone().LocalOf(micros)), *unit));
  }
}

std::int32_t Trunc(RowOutcome& outcome, std::int32_t days, std::string_view text) {
  const auto unit = UnitOf(text);
  if (!unit.has_value() || *unit < Unit::kWeek) {
    outcome.SetNull();
    return 0;
  }
  return static_cast<std::int32_t>(FirstDay(days, *unit));
}

// Java's sum of ints wraps.
std::int32_t WrappingSum(std::int64_t left, std::int64_t right) { return static_cast<std::int32_t>(left + right); }

template <typename T>
std::int32_t DateAdd(RowOutcome&, std::int32_t days, T more) {
  return WrappingSum(days, more);
}
template <typename T>
std::int32_t DateSub(RowOutcome&, std::int32_t days, T less) {
  return WrappingSum(days, -std::int64_t{less});
}
std::int32_t DateDiff(RowOutcome&, std::int32_t end, std::int32_t start) {
  return WrappingSum(end, -std::int64_t{start});
}

std::int32_t AddMonths(RowOutcome& outcome, std::int32_t days, std::int32_t months) {
  CivilTime time = CivilFromDays(days);
  const std::int64_t month = time.year * 12 + time.month - 1 + months;
  time.year = FloorDiv(month, 12);
  time.month = static_cast<int>(FloorMod(month, 12)) + 1;
  time.day = std::min(time.day, DaysInMonth(time.year, time.month));
  const auto made = DateOf(time);
  if (!made.has_value()) {
    outcome.Fail("ARITHMETIC_OVERFLOW", fmt::format("add_months of {} months leaves the range of dates", months));
  }
  return made.value_or(0);
}

std::int32_t LastDay(RowOutcome&, std::int32_t days) {
  const CivilTime time = CivilFromDays(days);
  return WrappingSum(days, DaysInMonth(time.year, time.month) - time.day);
}

std::int32_t MakeDate(RowOutcome& outcome, std::int32_t year, std::int32_t month, std::int32_t day) {
  const auto made = DateOf({.year = year, .month = month, .day = day});
  if (!made.has_value()) {
    outcome.Fail("DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION",
                 fmt::format("make_date({}, {}, {}) is no date", year, month, day));
  }
  return made.value_or(0);
}

// unix_timestamp cuts towards zero, other than unix_seconds.
std::int64_t UnixTimestamp(RowOutcome&, std::int64_t micros) { return micros / kMicrosPerSecond; }

std::int32_t SameDays(RowOutcome&, std::int32_t days) { return days; }
template <std::int64_t unit>
std::int64_t UnixTime(RowOutcome&, std::int64_t micros) {
  return FloorDiv(micros, unit);
}

template <typename T, std::int64_t unit>
std::int64_t InstantOfUnix(RowOutcome& outcome, T value) {
  std::int64_t micros = 0;
  if (__builtin_mul_overflow(static_cast<std::int64_t>(value), unit, &micros)) {
    outcome.Fail("DATETIME_OVERFLOW", fmt::format("{} lies beyond every timestamp", value));
  }
  return micros;
}

std::int32_t DateOfInstant(RowOutcome& outcome, std::int64_t micros) { return DaysOf(outcome.zone().LocalOf(micros)); }
std::int32_t DateOfReading(RowOutcome&, std::int64_t micros) { return DaysOf(micros); }
std::int64_t InstantOfDate(RowOutcome& outcome, std::int32_t days) { return InstantOfDay(outcome, days); }
std::int64_t ReadingOfDate(RowOutcome& outcome, std::int32_t days) {
  std::int64_t local = 0;
  if (__builtin_mul_overflow(std::int64_t{days}, kMicrosPerDay, &local)) {
    outcome.Fail("DATETIME_OVERFLOW", "a date lies beyond every timestamp");
  }
  return local;
}
std::int64_t ReadingOfInstant(RowOutcome& outcome, std::int64_t micros) { return outcome.zone().LocalOf(micros); }
std::int64_t InstantOfReading(RowOutcome& outcome, std::int64_t micros) { return outcome.zone().InstantOf(micros); }

template <typename T>
void AddOfInteger(std::vector<Routine>& list, TypeKind kind) {
  if (sizeof(T) <= 4) {
    list.push_back({.name = "date_add",
                    .arguments = {TypeKind::kDate, kind},
                    .result = TypeKind::kDate,
                    .kernel = EachRow<&DateAdd<T>>::Run});
    list.push_back({.name = "date_sub",
                    .arguments = {TypeKind::kDate, kind},
                    .result = TypeKind::kDate,
                    .kernel = EachRow<&DateSub<T>>::Run});
  }
  const auto add = [&](std::string_view name, Kernel kernel) {
    list.push_back({.name = std::string(name),
                    .arguments = {kind},
                    .result = TypeKind::kTimestamp,
                    .kernel = kernel,
                    .can_fail = true});
  };
  add("timestamp_seconds", EachRow<&InstantOfUnix<T, kMicrosPerSecond>>::Run);
  add("timestamp_millis", EachRow<&InstantOfUnix<T, 1000>>::Run);
  add("timestamp_micros", EachRow<&InstantOfUnix<T, 1>>::Run);
}

}  // namespace

void AddMoments(std::vector<Routine>& list) {
  const auto add = [&](std::string_view name, std::vector<TypeKind> from, TypeKind to, Kernel kernel,
                       bool can_fail = false, bool makes_null = false) {
    list.push_back({.name = std::string(name),
                    .arguments = std::move(from),
                    .result = to,
                    .kernel = kernel,
                    .can_fail = can_fail,
                    .makes_null = makes_null});
  };
  constexpr TypeKind kDate = TypeKind::kDate;
  constexpr TypeKind kInt = TypeKind::kInt;
  add("year", {kDate}, kInt, EachRow<&Year>::Run);
  add("quarter", {kDate}, kInt, EachRow<&Quarter>::Run);
  add("month", {kDate}, kInt, EachRow<&Month>::Run);
  add("dayofmonth", {kDate}, kInt, EachRow<&DayOfMonth>::Run);
  add("dayofweek", {kDate}, kInt, EachRow<&DayOfWeek>::Run);
  add("weekday", {kDate}, kInt, EachRow<&WeekDayOf>::Run);
  add("dayofyear", {kDate}, kInt, EachRow<&DayOfYear>::Run);
  add("weekofyear", {kDate}, kInt, EachRow<&WeekOfYear>::Run);
  add("dayname", {kDate}, TypeKind::kString, EachRow<&DayName>::Run);
  add("monthname", {kDate}, TypeKind::kString, EachRow<&MonthName>::Run);
  add("last_day", {kDate}, kDate, EachRow<&LastDay>::Run);
  add("unix_date", {kDate}, kInt, EachRow<&SameDays>::Run);
  add("date_from_unix_date", {kInt}, kDate, EachRow<&SameDays>::Run);
  add("datediff", {kDate, kDate}, kInt, EachRow<&DateDiff>::Run);
  add("add_months", {kDate, kInt}, kDate, EachRow<&AddMonths>::Run, true);
  add("make_date", {kInt, kInt, kInt}, kDate, EachRow<&MakeDate>::Run, true);
  add("trunc", {kDate, TypeKind::kString}, kDate, EachRow<&Trunc>::Run, false, true);
  add("hour", {TypeKind::kTimestamp}, kInt, EachRow<&Hour>::Run);
  add("minute", {TypeKind::kTimestamp}, kInt, EachRow<&Minute>::Run);
  add("second", {TypeKind::kTimestamp}, kInt, EachRow<&Second>::Run);
  add("hour", {TypeKind::kTimestampNtz}, kInt, EachRow<&HourOfReading>::Run);
  add("minute", {TypeKind::kTimestampNtz}, kInt, EachRow<&MinuteOfReading>::Run);
  add("second", {TypeKind::kTimestampNtz}, kInt, EachRow<&SecondOfReading>::Run);
  add("date_trunc", {TypeKind::kString, TypeKind::kTimestamp}, TypeKind::kTimestamp, EachRow<&DateTrunc>::Run, true,
      true);
  for (const TypeKind kind : {TypeKind::kTimestamp, TypeKind::kTimestampNtz}) {  // of which a zone is no part
    add("unix_seconds", {kind}, TypeKind::kLong, EachRow<&UnixTime<kMicrosPerSecond>>::Run);
    add("unix_millis", {kind}, TypeKind::kLong, EachRow<&UnixTime<1000>>::Run);
    add("unix_micros", {kind}, TypeKind::kLong, EachRow<&UnixTime<1>>::Run);
  }
  add("unix_timestamp", {TypeKind::kTimestamp}, TypeKind::kLong, EachRow<&UnixTimestamp>::Run);
  AddOfInteger<std::int8_t>(list, TypeKind::kByte);
  AddOfInteger<std::int16_t>(list, TypeKind::kShort);
  AddOfInteger<std::int32_t>(list, TypeKind::kInt);
  AddOfInteger<std::int64_t>(list, TypeKind::kLong);
}

void AddMomentCasts(std::vector<Routine>& list) {
  const auto add = [&](TypeKind from, TypeKind to, Kernel kernel, bool can_fail) {
    const bool ntz = from == TypeKind::kTimestampNtz || to == TypeKind::kTimestampNtz;
    const bool date = from == TypeKind::kDate || to == TypeKind::kDate;
    list.push_back({.name = "cast",
                    .arguments = {from},
                    .result = to,
                    .kernel = kernel,
                    .can_fail = can_fail,
                    .makes_null = ntz && date});
  };
  add(TypeKind::kTimestamp, TypeKind::kDate, EachRow<&DateOfInstant>::Run, false);
  add(TypeKind::kTimestampNtz, TypeKind::kDate, EachRow<&DateOfReading>::Run, false);
  add(TypeKind::kDate, TypeKind::kTimestamp, EachRow<&InstantOfDate>::Run, true);
  add(TypeKind::kDate, TypeKind::kTimestampNtz, EachRow<&ReadingOfDate>::Run, true);
  add(TypeKind::kTimestamp, TypeKind::kTimestampNtz, EachRow<&ReadingOfInstant>::Run, false);
  add(TypeKind::kTimestampNtz, TypeKind::kTimestamp, EachRow<&InstantOfReading>::Run, false);
}

}  // namespace hf
