// SPDX-License-Identifier: Apache-2.0
#include "rows/time_text.h"

namespace hf {

TimeText::TimeText(TimeZone zone, std::optional<DateTimePattern> timestamp,
                   std::optional<DateTimePattern> timestamp_ntz, std::optional<DateTimePattern> date)
    : zone_(std::move(zone)),
      timestamp_(std::move(timestamp)),
      timestamp_ntz_(std::move(timestamp_ntz)),
      date_(std::move(date)),
      default_offset_(DateTimePattern::Compile("XXXXX", DateTimePattern::Use::kWrite).value()) {}

std::string_view TimeText::TimestampText(std::int64_t micros) {
  text_.clear();
  const std::int32_t offset = zone_.OffsetSecondsAt(micros);
  const std::int64_t local = zone_.LocalOf(micros);
  if (timestamp_.has_value()) {
    timestamp_->Append(text_, CivilFromMicros(local), offset, zone_);
    return text_;
  }
  AppendDateTimeText(text_, local, 3);
  if (offset == 0) {
    text_ += 'Z';
  } else {
    default_offset_.Append(text_, CivilTime{}, offset, zone_);
  }
  return text_;
}

std::string_view TimeText::TimestampNtzText(std::int64_t micros) {
  text_.clear();
  if (timestamp_ntz_.has_value()) {
    timestamp_ntz_->Append(text_, CivilFromMicros(micros), 0, zone_);
  } else {
    AppendDateTimeText(text_, micros, 3);
  }
  return text_;
}

std::string_view TimeText::DateText(std::int32_t days) {
  text_.clear();
  if (date_.has_value()) {
    date_->Append(text_, CivilFromDays(days), 0, zone_);
  } else {
    AppendDateText(text_, days);
  }
  return text_;
}

}  // namespace hf
