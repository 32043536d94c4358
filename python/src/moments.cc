// SPDX-License-Identifier: Apache-2.0
#include "moments.h"

#include <datetime.h>

#include <ctime>

#include "holdfast/status.h"

namespace hfpy {

namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;

struct Day {
  std::int64_t year;
  int month;
  int day;
};

// Days since 1970-01-01 in the proleptic Gregorian calendar and back (Howard Hinnant's algorithms).
std::int64_t DaysFromCivil(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

Day CivilFromDays(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;
  const int month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
          static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1)};
}

std::int64_t FloorDiv(std::int64_t value, std::int64_t by) {
  return value / by - (value % by != 0 && (value < 0) != (by < 0) ? 1 : 0);
}

nb::object Own(PyObject* made) {
  if (made == nullptr) {
    throw nb::python_error();
  }
  return nb::steal(made);
}

void CheckYear(std::int64_t year) {
  if (year < 1 || year > 9999) {
    throw hf::StatusError(hf::Invalid("a date in the year " + std::to_string(year) +
                                      " cannot be a Python datetime, which knows the years 1 to 9999"));
  }
}

bool IsUtc() {
  tzset();
  return timezone == 0 && daylight == 0;
}

std::int64_t WallClock(nb::handle moment) {
  PyObject* at = moment.ptr();
  const std::int64_t days = DaysFromCivil(PyDateTime_GET_YEAR(at), PyDateTime_GET_MONTH(at), PyDateTime_GET_DAY(at));
  const std::int64_t seconds =
      PyDateTime_DATE_GET_HOUR(at) * 3600 + PyDateTime_DATE_GET_MINUTE(at) * 60 + PyDateTime_DATE_GET_SECOND(at);
  return (days * kSecondsPerDay + seconds) * kMicrosPerSecond + PyDateTime_DATE_GET_MICROSECOND(at);
}

std::int64_t LocalOffset(std::int64_t seconds) {
  const std::time_t at = seconds;
  std::tm local{};
  localtime_r(&at, &local);
  return local.tm_gmtoff;
}

// The instant, in seconds, at which a clock in the process's own zone shows this. Of the two of a reading that comes
// twice mktime takes the one that suits what it was asked before, so that PySpark gives either; this gives the second,
// as PySpark does for columns of pandas.
std::int64_t LocalSeconds(std::int64_t wall) {
  for (const std::int64_t near : {wall + kSecondsPerDay, wall - kSecondsPerDay}) {
    const std::int64_t at = wall - LocalOffset(near);
    if (LocalOffset(at) == wall - at) {
      return at;
    }
  }
  const std::time_t as_if_utc = wall;
  std::tm local{};
  gmtime_r(&as_if_utc, &local);
  local.tm_isdst = -1;
  return mktime(&local);
}

bool HasZone(nb::handle moment) { return reinterpret_cast<PyDateTime_DateTime*>(moment.ptr())->hastzinfo != 0; }

}  // namespace

void ImportMoments() { PyDateTime_IMPORT; }

bool IsDatetime(nb::handle object) { return PyDateTime_Check(object.ptr()); }

nb::object DateToPython(std::int32_t days) {
  const Day day = CivilFromDays(days);
  CheckYear(day.year);
  return Own(PyDate_FromDate(static_cast<int>(day.year), day.month, day.day));
}

namespace {

nb::object WallClockToPython(std::int64_t micros, PyObject* tzinfo) {
  const std::int64_t seconds = FloorDiv(micros, kMicrosPerSecond);
  const std::int64_t days = FloorDiv(seconds, kSecondsPerDay);
  const Day day = CivilFromDays(days);
  CheckYear(day.year);
  const auto of_day = static_cast<int>(seconds - days * kSecondsPerDay);
  return Own(PyDateTimeAPI->DateTime_FromDateAndTime(
      static_cast<int>(day.year), day.month, day.day, of_day / 3600, of_day / 60 % 60, of_day % 60,
      static_cast<int>(micros - seconds * kMicrosPerSecond), tzinfo, PyDateTimeAPI->DateTimeType));
}

}  // namespace

nb::object NaiveMomentToPython(std::int64_t micros) { return WallClockToPython(micros, Py_None); }

nb::object LocalMomentToPython(std::int64_t micros) {
  if (IsUtc()) {
    return NaiveMomentToPython(micros);
  }
  const std::time_t seconds = FloorDiv(micros, kMicrosPerSecond);
  std::tm local{};
  localtime_r(&seconds, &local);
  CheckYear(local.tm_year + 1900);
  // The second of two equal readings has fold=1.
  const std::int64_t gone_back = LocalOffset(seconds - kSecondsPerDay) - local.tm_gmtoff;
  const bool is_second = gone_back > 0 && LocalOffset(seconds - gone_back) == local.tm_gmtoff + gone_back;
  return Own(PyDateTimeAPI->DateTime_FromDateAndTimeAndFold(
      local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec,
      static_cast<int>(micros - seconds * kMicrosPerSecond), Py_None, is_second ? 1 : 0, PyDateTimeAPI->DateTimeType));
}

nb::object ZonedMomentToPython(std::int64_t micros, const Zone& zone) {
  const nb::object at_utc = WallClockToPython(micros, zone.tzinfo.ptr());
  return zone.is_utc ? at_utc : nb::object(zone.tzinfo.attr("fromutc")(at_utc));
}

std::optional<std::int32_t> DateFromPython(nb::handle object) {
  if (!PyDate_Check(object.ptr())) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(DaysFromCivil(PyDateTime_GET_YEAR(object.ptr()), PyDateTime_GET_MONTH(object.ptr()),
                                                 PyDateTime_GET_DAY(object.ptr())));
}

std::optional<std::int64_t> WallClockFromPython(nb::handle object) {
  return IsDatetime(object) ? std::optional(WallClock(object)) : std::nullopt;
}

std::optional<std::int64_t> MomentFromPython(nb::handle object) {
  if (!IsDatetime(object)) {
    return std::nullopt;
  }
  const std::int64_t wall = WallClock(object);
  if (HasZone(object)) {
    const nb::object offset = object.attr("utcoffset")();
    if (!offset.is_none()) {
      const std::int64_t days = PyDateTime_DELTA_GET_DAYS(offset.ptr());
      const std::int64_t seconds = PyDateTime_DELTA_GET_SECONDS(offset.ptr());
      return wall -
             ((days * kSecondsPerDay + seconds) * kMicrosPerSecond + PyDateTime_DELTA_GET_MICROSECONDS(offset.ptr()));
    }
  }
  if (IsUtc()) {
    return wall;
  }
  const std::int64_t seconds = FloorDiv(wall, kMicrosPerSecond);
  return LocalSeconds(seconds) * kMicrosPerSecond + (wall - seconds * kMicrosPerSecond);
}

}  // namespace hfpy
