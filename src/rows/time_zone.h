// SPDX-License-Identifier: Apache-2.0
// TimeZone: the zones that Spark takes as session time zone and in texts (java.time.ZoneId, Spark 4.3
// SparkDateTimeUtils.getZoneId). Regions come from the system's tzdata, whose files hold changes of the clock up to
// 2037: later ones are not known.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "holdfast/status.h"

namespace date {
class time_zone;
}

namespace hf {

class TimeZone {
 public:
  TimeZone() = default;  // UTC

  // "Z", "UTC", "+h[h][:mm[:ss]]", "+hhmm[ss]", each offset also behind "UTC", "GMT" or "UT", Java's short ids
  // ("PST"), and regions ("Europe/Paris"). kInvalid when there is no such zone.
  static Result<TimeZone> Find(std::string_view id);

  [[nodiscard]] const std::string& id() const { return id_; }

  // The instant of a clock reading, both in microseconds. Where the clock jumps forward the reading is moved on by the
  // gap; where it is set back the earlier instant counts (java.time.ZonedDateTime.of).
  [[nodiscard]] std::int64_t InstantOf(std::int64_t local_micros) const;
  // Seconds that the clock is ahead of UTC at an instant.
  [[nodiscard]] std::int32_t OffsetSecondsAt(std::int64_t instant_micros) const;
  // The clock reading at an instant; at the ends of the integer's range, the nearest that it holds.
  [[nodiscard]] std::int64_t LocalOf(std::int64_t instant_micros) const;

 private:
  std::string id_ = "UTC";
  const date::time_zone* zone_ = nullptr;
  std::int32_t offset_seconds_ = 0;
};

}  // namespace hf
