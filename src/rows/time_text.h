// SPDX-License-Identifier: Apache-2.0
// TimeText: dates and times as the text formats write them, by pattern or in Spark 4.3's default form
// (JSONOptions and CSVOptions: yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX], where writing never leaves out what is in brackets,
// and shows the seconds of an offset that has them).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rows/datetime_pattern.h"

namespace hf {

class TimeText {
 public:
  TimeText(TimeZone zone, std::optional<DateTimePattern> timestamp, std::optional<DateTimePattern> timestamp_ntz,
           std::optional<DateTimePattern> date);

  // Each view is valid until the next call.
  std::string_view TimestampText(std::int64_t micros);
  std::string_view TimestampNtzText(std::int64_t micros);
  std::string_view DateText(std::int32_t days);

 private:
  TimeZone zone_;
  std::optional<DateTimePattern> timestamp_;
  std::optional<DateTimePattern> timestamp_ntz_;
  std::optional<DateTimePattern> date_;
  DateTimePattern default_offset_;
  std::string text_;
};

}  // namespace hf
