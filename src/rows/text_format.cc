// SPDX-License-Identifier: Apache-2.0
#include "rows/text_format.h"

#include <fmt/core.h>

#include <algorithm>

namespace hf {
namespace {

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char c, char l) { return (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) == l; });
}

// DateTimeUtils.cleanLegacyTimestampStr: Spark 1.5 wrote "1970-01-01T00:00:00.000GMT+01:00".
std::optional<std::string> WithoutGmt(std::string_view text) {
  if (text.find("GMT") == std::string_view::npos) {
    return std::nullopt;
  }
  std::string cleaned(text);
  for (std::size_t at = cleaned.find("GMT"); at != std::string::npos; at = cleaned.find("GMT")) {
    cleaned.erase(at, 3);
  }
  return cleaned;
}

}  // namespace

ParseMode ParseModeOf(std::string_view name) {
  if (EqualsIgnoringCase(name, "dropmalformed")) {
    return ParseMode::kDropMalformed;
  }
  return EqualsIgnoringCase(name, "failfast") ? ParseMode::kFailFast : ParseMode::kPermissive;
}

Result<std::optional<std::size_t>> FindCorruptColumn(const Schema& schema, const std::string& name) {
  const std::optional<std::size_t> column = schema.IndexOf(name);
  if (column.has_value() &&
      (schema.field(*column).type.kind() != TypeKind::kString || !schema.field(*column).nullable)) {
    return Invalid(fmt::format("the column for corrupt records, {}, must be a nullable string", name),
                   "INVALID_CORRUPT_RECORD_TYPE");
  }
  return column;
}

std::optional<std::int32_t> ReadDate(std::string_view text, const TimeFormats& formats) {
  if (formats.date.has_value()) {
    const auto reading = formats.date->Read(text);
    return reading.has_value() ? DateOf(reading->time) : std::nullopt;
  }
  auto date = ParseDate(text);
  if (!date.has_value()) {
    if (const auto cleaned = WithoutGmt(text)) {
      date = ParseDate(*cleaned);
    }
  }
  return date;
}

std::optional<std::int64_t> ReadTimestamp(std::string_view text, const TimeFormats& formats) {
  if (formats.timestamp.has_value()) {
    const auto reading = formats.timestamp->Read(text);
    const auto local = reading.has_value() ? MicrosOf(reading->time) : std::nullopt;
    if (!local.has_value()) {
      return std::nullopt;
    }
    return reading->zone.has_value() ? reading->zone->InstantOf(*local) : formats.zone.InstantOf(*local);
  }
  const auto instant = ParseTimestamp(text, formats.zone);
  if (instant.has_value()) {
    return instant;
  }
  const auto cleaned = WithoutGmt(text);
  return cleaned.has_value() ? ParseTimestamp(*cleaned, formats.zone) : std::nullopt;
}

std::optional<std::int64_t> ReadTimestampNtz(std::string_view text, const TimeFormats& formats) {
  if (formats.timestamp_ntz.has_value()) {
    const auto reading = formats.timestamp_ntz->Read(text);
    return reading.has_value() && !reading->zone.has_value() ? MicrosOf(reading->time) : std::nullopt;
  }
  return ParseTimestampNtz(text);
}

}  // namespace hf
