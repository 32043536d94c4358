// SPDX-License-Identifier: Apache-2.0
// Texts to scalars as Spark 4.3 reads them in JSON and CSV files. One home, so that both agree. Each function gives
// nullopt for a text that Spark would call malformed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rows/time_zone.h"

namespace hf {

// Without white space and control characters of ASCII at either end (Spark 4.3 UTF8String.trimAll and
// SparkDateTimeUtils).
std::string_view TrimControls(std::string_view text);

// SparkDateTimeUtils.stringToDate: "[+-]y...y[-[m]m[-[d]d[ |T...]]]", four to seven digits of year.
std::optional<std::int32_t> ParseDate(std::string_view text);
// SparkDateTimeUtils.stringToTimestamp: a date, then "( |T)h[h][:m[m][:s[s][.fraction][zone]]]"; digits of the fraction
// behind the sixth are cut. Without a zone the reading is one of `zone`. A time without a date, which Spark puts on
// today, is refused: it would mean something else when a batch is run again.
std::optional<std::int64_t> ParseTimestamp(std::string_view text, const TimeZone& zone);
// The same without a zone in the text; with `ignore_zone` one may be there and does not count, as in Spark's casts.
std::optional<std::int64_t> ParseTimestampNtz(std::string_view text, bool ignore_zone = false);

// Java's Long.parseLong, within [least, most].
std::optional<std::int64_t> ParseInteger(std::string_view text, std::int64_t least, std::int64_t most);
// Java's Double.parseDouble and Float.parseFloat, without their hexadecimal numbers.
std::optional<double> ParseDouble(std::string_view text);
std::optional<float> ParseFloat(std::string_view text);
// java.math.BigDecimal(text).setScale(scale, HALF_UP), unscaled; nullopt when it has more digits than `precision`.
std::optional<__int128> ParseDecimal(std::string_view text, int precision, int scale);
// "true" and "false" in any case.
std::optional<bool> ParseBoolean(std::string_view text);
// Base64 with the padding that Jackson's default variant requires, white space allowed between groups.
std::optional<std::string> ParseBase64(std::string_view text);

}  // namespace hf
