// SPDX-License-Identifier: Apache-2.0
// What Spark's text formats (JSON, CSV) have in common: what is done with a bad record, and how dates and times read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "holdfast/status.h"
#include "holdfast/types.h"
#include "rows/datetime_pattern.h"
#include "rows/scalar_text.h"
#include "rows/time_zone.h"

namespace hf {

// The option "mode" (org.apache.spark.sql.catalyst.util.ParseMode).
enum class ParseMode {
  kPermissive,     // a record that cannot be read becomes nulls, its text goes into the corrupt-record column
  kDropMalformed,  // it is left out
  kFailFast,       // it is an error
};

// "PERMISSIVE", "DROPMALFORMED", "FAILFAST" in any case; anything else is PERMISSIVE, as in Spark.
ParseMode ParseModeOf(std::string_view name);

// Where the text of records that cannot be read goes: the place of the column `name`, nullopt when the schema lacks it.
// kInvalid with INVALID_CORRUPT_RECORD_TYPE when it cannot hold them.
Result<std::optional<std::size_t>> FindCorruptColumn(const Schema& schema, const std::string& name);

// The options dateFormat, timestampFormat, timestampNTZFormat and timeZone. Without a pattern, ISO texts and their
// short forms are read.
struct TimeFormats {
  TimeZone zone = {};  // of texts that name none; Spark's session time zone
  std::optional<DateTimePattern> date = {};
  std::optional<DateTimePattern> timestamp = {};
  std::optional<DateTimePattern> timestamp_ntz = {};
};

// nullopt: malformed.
std::optional<std::int32_t> ReadDate(std::string_view text, const TimeFormats& formats);
std::optional<std::int64_t> ReadTimestamp(std::string_view text, const TimeFormats& formats);
std::optional<std::int64_t> ReadTimestampNtz(std::string_view text, const TimeFormats& formats);

}  // namespace hf
