// SPDX-License-Identifier: Apache-2.0
// Moments: dates and timestamps as Python's datetime objects, and back.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <optional>

namespace hfpy {

namespace nb = nanobind;

void ImportMoments();

nb::object DateToPython(std::int32_t days);
// Microseconds since 1970-01-01T00:00:00 as a datetime without a zone.
nb::object NaiveMomentToPython(std::int64_t micros);
// An instant as a datetime without a zone that a clock in the process's own zone shows (as datetime.fromtimestamp).
nb::object LocalMomentToPython(std::int64_t micros);
// A tzinfo, and whether it is UTC, so that nobody has to ask it.
struct Zone {
  nb::object tzinfo = {};
  bool is_utc = false;
};
// An instant as a datetime in a zone.
nb::object ZonedMomentToPython(std::int64_t micros, const Zone& zone);

// nullopt: it is none. Of a datetime its date.
std::optional<std::int32_t> DateFromPython(nb::handle object);
// Of a datetime with a zone that instant; of one without the instant at which a clock in the process's own zone shows
// it, the second one where it comes twice.
std::optional<std::int64_t> MomentFromPython(nb::handle object);
// The wall clock reading, whatever its zone.
std::optional<std::int64_t> WallClockFromPython(nb::handle object);
bool IsDatetime(nb::handle object);

}  // namespace hfpy
