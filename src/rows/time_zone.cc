// SPDX-License-Identifier: Apache-2.0
#include "rows/time_zone.h"

#include <date/tz.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>

#include "rows/civil_time.h"

namespace hf {
namespace {

// java.time.ZoneId.SHORT_IDS.
struct ShortId {
  std::string_view name;
  std::string_view zone;
};
constexpr std::array kShortIds = {ShortId{"ACT", "Australia/Darwin"},
                                  ShortId{"AET", "Australia/Sydney"},
                                  ShortId{"AGT", "America/Argentina/Buenos_Aires"},
                                  ShortId{"ART", "Africa/Cairo"},
                                  ShortId{"AST", "America/Anchorage"},
                                  ShortId{"BET", "America/Sao_Paulo"},
                                  ShortId{"BST", "Asia/Dhaka"},
                                  ShortId{"CAT", "Africa/Harare"},
                                  ShortId{"CNT", "America/St_Johns"},
                                  ShortId{"CST", "America/Chicago"},
                                  ShortId{"CTT", "Asia/Shanghai"},
                                  ShortId{"EAT", "Africa/Addis_Ababa"},
                                  ShortId{"ECT", "Europe/Paris"},
                                  ShortId{"IET", "America/Indiana/Indianapolis"},
                                  ShortId{"IST", "Asia/Kolkata"},
                                  ShortId{"JST", "Asia/Tokyo"},
                                  ShortId{"MIT", "Pacific/Apia"},
                                  ShortId{"NET", "Asia/Yerevan"},
                                  ShortId{"NST", "Pacific/Auckland"},
                                  ShortId{"PLT", "Asia/Karachi"},
                                  ShortId{"PNT", "America/Phoenix"},
                                  ShortId{"PRT", "America/Puerto_Rico"},
                                  ShortId{"PST", "America/Los_Angeles"},
                                  ShortId{"SST", "Pacific/Guadalcanal"},
                                  ShortId{"VST", "Asia/Ho_Chi_Minh"},
                                  ShortId{"EST", "-05:00"},
                                  ShortId{"MST", "-07:00"},
                                  ShortId{"HST", "-10:00"}};

// Reads one or two digits; -1 when there are none.
int TakeNumber(std::string_view& text, std::size_t digits_max) {
  int value = -1;
  for (std::size_t i = 0; i < digits_max && !text.empty() && text[0] >= '0' && text[0] <= '9'; ++i) {
    value = (value < 0 ? 0 : value * 10) + (text[0] - '0');
    text.remove_prefix(1);
  }
  return value;
}

// "+h", "+hh", "+hh:mm", "+h:mm", "+hh:m", "+hhmm", "+hh:mm:ss", "+hhmmss"; at most 18 hours.
std::optional<std::int32_t> ParseOffset(std::string_view text) {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) {
    return std::nullopt;
  }
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  const int hours = TakeNumber(text, 2);
  int minutes = 0;
  int seconds = 0;
  if (!text.empty()) {
    const bool colons = text[0] == ':';
    text.remove_prefix(colons ? 1 : 0);
    minutes = TakeNumber(text, 2);
    if (!text.empty() && (text[0] == ':') == colons) {
      text.remove_prefix(colons ? 1 : 0);
      seconds = TakeNumber(text, 2);
    }
  }
  if (!text.empty() || hours < 0 || minutes < 0 || seconds < 0 || minutes > 59 || seconds > 59) {
    return std::nullopt;
  }
  const int total = hours * 3600 + minutes * 60 + seconds;
  return total > 18 * 3600 ? std::nullopt : std::optional<std::int32_t>(sign * total);
}

std::optional<std::int32_t> FixedOffset(std::string_view id) {
  if (id == "Z" || id == "UTC" || id == "GMT" || id == "UT") {
    return 0;
  }
  for (const std::string_view prefix : {"UTC", "GMT", "UT", ""}) {
    if (id.starts_with(prefix)) {
      if (const auto offset = ParseOffset(id.substr(prefix.size()))) {
        return offset;
      }
    }
  }
  return std::nullopt;
}

// date-tz counts in its own range of years; instants outside of it get the rules of the nearest end.
date::sys_seconds SysSeconds(std::int64_t micros) {
  constexpr std::int64_t kReach = 100'000'000'000;  // about 3000 years
  return date::sys_seconds(std::chrono::seconds(std::clamp(FloorDiv(micros, kMicrosPerSecond), -kReach, kReach)));
}

}  // namespace

Result<TimeZone> TimeZone::Find(std::string_view id) {
  TimeZone made;
  made.id_ = id;
  for (const ShortId& short_id : kShortIds) {
    if (short_id.name == id) {
      id = short_id.zone;
    }
  }
  if (const auto offset = FixedOffset(id)) {
    made.offset_seconds_ = *offset;
    return made;
  }
  try {
    made.zone_ = date::locate_zone(std::string(id));
  } catch (const std::exception&) {
    return Invalid(fmt::format("there is no time zone \"{}\"", made.id_), "INVALID_TIMEZONE");
  }
  return made;
}

std::int64_t TimeZone::InstantOf(std::int64_t local_micros) const {
  std::int64_t offset = offset_seconds_;
  if (zone_ != nullptr) {
    const date::local_seconds local(SysSeconds(local_micros).time_since_epoch());
    offset = zone_->get_info(local).first.offset.count();
  }
  std::int64_t instant = 0;
  return __builtin_sub_overflow(local_micros, offset * kMicrosPerSecond, &instant)
             ? (offset > 0 ? INT64_MIN : INT64_MAX)
             : instant;
}

std::int64_t TimeZone::LocalOf(std::int64_t instant_micros) const {
  const std::int64_t offset = OffsetSecondsAt(instant_micros) * kMicrosPerSecond;
  std::int64_t local = 0;
  return __builtin_add_overflow(instant_micros, offset, &local) ? (offset < 0 ? INT64_MIN : INT64_MAX) : local;
}

std::int32_t TimeZone::OffsetSecondsAt(std::int64_t instant_micros) const {
  return zone_ == nullptr ? offset_seconds_
                          : static_cast<std::int32_t>(zone_->get_info(SysSeconds(instant_micros)).offset.count());
}

}  // namespace hf
