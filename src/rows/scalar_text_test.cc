// SPDX-License-Identifier: Apache-2.0
// The expected results are those of Spark 4.3.0, observed with the session time zone Europe/Paris, where not said
// otherwise.
#include "rows/scalar_text.h"

#include <gtest/gtest.h>

#include <cmath>

#include "holdfast/value.h"
#include "rows/civil_time.h"
#include "rows/decimal_limits.h"
#include "rows/text_format.h"

namespace hf {
namespace {

TimeZone Zone(const std::string& id) {
  auto zone = TimeZone::Find(id);
  EXPECT_TRUE(zone.ok()) << id;
  return zone.ok() ? *zone : TimeZone();
}

std::string Instant(const std::string& text, const std::string& zone = "Europe/Paris") {
  const auto micros = ParseTimestamp(text, Zone(zone));
  return micros.has_value() ? ToJson(Timestamp{*micros}, DataType::Timestamp()) : "none";
}

std::string DateOfText(const std::string& text) {
  const auto days = ParseDate(text);
  return days.has_value() ? ToJson(Date{*days}, DataType::Date()) : "none";
}

TEST(ScalarText, TimestampsInEveryForm) {
  EXPECT_EQ(Instant("2026-01-01T00:00:00.064340Z"), "\"2026-01-01T00:00:00.064340Z\"");
  EXPECT_EQ(Instant("2026-07-01 12:34:56"), "\"2026-07-01T10:34:56.000000Z\"");
  EXPECT_EQ(Instant("2026"), "\"2025-12-31T23:00:00.000000Z\"");
  EXPECT_EQ(Instant("2026-1-2 3:4:5.6789012"), "\"2026-01-02T02:04:05.678901Z\"");
  EXPECT_EQ(Instant("2026-01-01T00:00:00+02:00"), "\"2025-12-31T22:00:00.000000Z\"");
  EXPECT_EQ(Instant("2026-01-01T00:00:00 America/New_York"), "\"2026-01-01T05:00:00.000000Z\"");
  EXPECT_EQ(Instant("2026-01-01 00:00:00GMT+1"), "\"2025-12-31T23:00:00.000000Z\"");
  EXPECT_EQ(Instant("2026-01-01T00:00:00PST"), "\"2026-01-01T08:00:00.000000Z\"");
  EXPECT_EQ(Instant("2026-01-01T00:00"), "\"2025-12-31T23:00:00.000000Z\"");
  EXPECT_EQ(Instant(" 2026-01-01 "), "\"2025-12-31T23:00:00.000000Z\"");
  EXPECT_EQ(Instant("0001-01-01"), "\"0000-12-31T23:50:39.000000Z\"");
  EXPECT_EQ(Instant("+12026-01-01"), "\"+12025-12-31T23:00:00.000000Z\"");
  EXPECT_EQ(Instant("-2026-01-01"), "\"-2027-12-31T23:50:39.000000Z\"");
  EXPECT_EQ(Instant("2026-01-01T00:00:00."), "\"2025-12-31T23:00:00.000000Z\"");
}

TEST(ScalarText, TimestampsWhereTheClockJumps) {
  EXPECT_EQ(Instant("2026-03-29T02:30:00"), "\"2026-03-29T01:30:00.000000Z\"");
  EXPECT_EQ(Instant("2026-10-25 02:30:00"), "\"2026-10-25T00:30:00.000000Z\"");
  EXPECT_EQ(Instant("2026-03-29T02:30:00", "UTC"), "\"2026-03-29T02:30:00.000000Z\"");
}

TEST(ScalarText, TimestampsThatAreNone) {
  for (const char* text :
       {"", " ", "x", "1767225600", "2026-02-30", "2026-01-01T24:00:00", "2026-01-01T00:00Z", "2026-13-01",
        "2026-01-01T", "2026-01-01x", "2026-01-01T00:60:00", "2026-01-01T00:00:60", "2026-01-01T00:00:00Mars/Base",
        "2026-01-01T00:00:00+19:00", "99999999-01-01", "2026-001-01", "20260101", "2026-01-01T00:00:00.5X"}) {
    EXPECT_EQ(Instant(text), "none") << text;
  }
  // Spark puts a time without a date on the day of the run.
  EXPECT_EQ(Instant("T10:00"), "none");
  EXPECT_EQ(Instant("10:00:00"), "none");
}

TEST(ScalarText, TimestampsBeyondSixtyFourBitsAreNone) {
  EXPECT_EQ(Instant("294247-01-10T04:00:54.775807Z"), "\"+294247-01-10T04:00:54.775807Z\"");
  EXPECT_EQ(Instant("294247-01-10T04:00:54.775808Z"), "none");
  EXPECT_EQ(Instant("999999-01-01"), "none");
}

TEST(ScalarText, WallClockReadingsHaveNoZone) {
  EXPECT_EQ(ParseTimestampNtz("1970-01-02"), kMicrosPerDay);
  EXPECT_EQ(ParseTimestampNtz("1970-01-01 00:00:01.5"), 1'500'000);
  EXPECT_EQ(ParseTimestampNtz("1970-01-01T00:00:00Z"), std::nullopt);
}

TEST(ScalarText, Dates) {
  EXPECT_EQ(DateOfText("2026-1-1"), "\"2026-01-01\"");
  EXPECT_EQ(DateOfText("2026"), "\"2026-01-01\"");
  EXPECT_EQ(DateOfText("2026-01-01T10:00:00"), "\"2026-01-01\"");
  EXPECT_EQ(DateOfText("2026-01-01 x"), "\"2026-01-01\"");
  EXPECT_EQ(DateOfText("12026-01-01"), "\"+12026-01-01\"");
  EXPECT_EQ(DateOfText("2024-02-29"), "\"2024-02-29\"");
  EXPECT_EQ(DateOfText("2000-02-29"), "\"2000-02-29\"");
  for (const char* text : {"", "x", "2026-13-01", "2026-01-32", "2023-02-29", "1900-02-29", "2026-01-01x", "2026 x",
                           "123", "9999999-01-01", "2026-01 x"}) {
    EXPECT_EQ(DateOfText(text), "none") << text;
  }
}

TEST(ScalarText, NumbersAsJavaReadsThem) {
  EXPECT_EQ(ParseInteger("+12", INT64_MIN, INT64_MAX), 12);
  EXPECT_EQ(ParseInteger("-128", -128, 127), -128);
  EXPECT_EQ(ParseInteger("128", -128, 127), std::nullopt);
  EXPECT_EQ(ParseInteger("9223372036854775808", INT64_MIN, INT64_MAX), std::nullopt);
  for (const char* text : {"", "+", "-", "+-1", " 1", "1 ", "1.0", "0x1"}) {
    EXPECT_EQ(ParseInteger(text, INT64_MIN, INT64_MAX), std::nullopt) << text;
  }
  EXPECT_EQ(ParseDouble(" 1.5 "), 1.5);
  EXPECT_EQ(ParseDouble("1d"), 1.0);
  EXPECT_EQ(ParseDouble(".5"), 0.5);
  EXPECT_EQ(ParseDouble("5."), 5.0);
  EXPECT_EQ(ParseDouble("1e400"), HUGE_VAL);
  EXPECT_EQ(ParseDouble("-1e400"), -HUGE_VAL);
  EXPECT_EQ(ParseDouble("1e-400"), 0.0);
  EXPECT_EQ(ParseDouble("4.9e-324"), 4.9e-324);
  EXPECT_EQ(ParseFloat("16777217"), 16777216.0f);
  EXPECT_EQ(ParseDouble("-Infinity"), -HUGE_VAL);
  EXPECT_TRUE(std::isnan(*ParseDouble("NaN")));
  for (const char* text : {"", "nan", "inf", "1_0", "abc", "1e", "+-1", "--1", "."}) {
    EXPECT_EQ(ParseDouble(text), std::nullopt) << text;
  }
}

TEST(ScalarText, DecimalsAreRoundedHalfUp) {
  const auto parse = [](const std::string& text) -> std::int64_t {
    const auto value = ParseDecimal(text, 5, 2);
    return value.has_value() ? static_cast<std::int64_t>(*value) : INT64_MIN;
  };
  EXPECT_EQ(parse("1.005"), 101);
  EXPECT_EQ(parse("1.004"), 100);
  EXPECT_EQ(parse("-0.005"), -1);
  EXPECT_EQ(parse("0.004999"), 0);
  EXPECT_EQ(parse("999.99"), 99999);
  EXPECT_EQ(parse("999.995"), INT64_MIN);
  EXPECT_EQ(parse("1000"), INT64_MIN);
  EXPECT_EQ(parse("1e2"), 10000);
  EXPECT_EQ(parse("1E-2"), 1);
  EXPECT_EQ(parse("000000000000000000000000000000000000000000001.5"), 150);
  EXPECT_EQ(parse("1e-1000000000"), 0);
  EXPECT_EQ(parse("1e1000000000"), INT64_MIN);
  EXPECT_EQ(parse("0e1000000000"), 0);
  for (const char* text : {"", "abc", " 1", "1 ", ".", "1e", "1e99999999999", "--1", "1.2.3"}) {
    EXPECT_EQ(parse(text), INT64_MIN) << text;
  }
  EXPECT_EQ(ParseDecimal("99999999999999999999999999999999999999", 38, 0), PowerOfTen(19) * PowerOfTen(19) - 1);
  EXPECT_FALSE(ParseDecimal("100000000000000000000000000000000000000", 38, 0).has_value());
  EXPECT_FALSE(ParseDecimal(std::string(100'000, '9'), 38, 0).has_value());
}

TEST(ScalarText, Base64NeedsItsPadding) {
  EXPECT_EQ(ParseBase64("aGk="), "hi");
  EXPECT_EQ(ParseBase64("YWJj"), "abc");
  EXPECT_EQ(ParseBase64(""), "");
  for (const char* text : {"aGk", "a G k =", "!!", "====", "aGk=x", "a===", "aG=k"}) {
    EXPECT_EQ(ParseBase64(text), std::nullopt) << text;
  }
}

TEST(ScalarText, Booleans) {
  EXPECT_EQ(ParseBoolean("TRUE"), true);
  EXPECT_EQ(ParseBoolean("False"), false);
  EXPECT_EQ(ParseBoolean("yes"), std::nullopt);
  EXPECT_EQ(ParseBoolean("1"), std::nullopt);
}

TEST(TimeZone, IdsAsJavaTakesThem) {
  EXPECT_EQ(Zone("Z").OffsetSecondsAt(0), 0);
  EXPECT_EQ(Zone("+5").OffsetSecondsAt(0), 5 * 3600);
  EXPECT_EQ(Zone("-0530").OffsetSecondsAt(0), -19800);
  EXPECT_EQ(Zone("UTC+01:30").OffsetSecondsAt(0), 5400);
  EXPECT_EQ(Zone("GMT-2").OffsetSecondsAt(0), -7200);
  EXPECT_EQ(Zone("+01:02:03").OffsetSecondsAt(0), 3723);
  EXPECT_EQ(Zone("EST").OffsetSecondsAt(0), -5 * 3600);
  EXPECT_EQ(Zone("Asia/Kolkata").OffsetSecondsAt(0), 19800);
  for (const char* id : {"", "Mars/Base", "+19", "+1:60", "UTC+", "+", "europe/paris"}) {
    EXPECT_FALSE(TimeZone::Find(id).ok()) << id;
  }
  EXPECT_EQ(TimeZone::Find("Mars/Base").status().message(), "there is no time zone \"Mars/Base\"");
}

TEST(TimeZone, LocalAndInstantAreInverse) {
  const TimeZone paris = Zone("Europe/Paris");
  for (std::int64_t hour = 0; hour < 24 * 800; ++hour) {
    const std::int64_t instant = 1767225600000000 + hour * 3'600'000'000;
    const std::int64_t back = paris.InstantOf(paris.LocalOf(instant));
    // In the hour that comes twice the earlier instant is taken.
    EXPECT_TRUE(back == instant || back == instant - 3'600'000'000) << hour;
  }
}

TEST(CivilTime, IsItsOwnInverse) {
  for (std::int64_t days = -800'000; days < 3'000'000; days += 13) {
    ASSERT_EQ(DateOf(CivilFromDays(days)), static_cast<std::int32_t>(days));
  }
  for (const std::int64_t micros :
       {std::int64_t{INT64_MIN}, std::int64_t{-1}, std::int64_t{0}, std::int64_t{INT64_MAX}}) {
    EXPECT_EQ(MicrosOf(CivilFromMicros(micros)), micros);
  }
}

std::string ByPattern(const std::string& pattern, const std::string& text) {
  TimeFormats formats;
  formats.zone = Zone("Europe/Paris");
  auto compiled = DateTimePattern::Compile(pattern, DateTimePattern::Use::kRead);
  EXPECT_TRUE(compiled.ok()) << compiled.status().ToString();
  formats.timestamp = std::move(*compiled);
  const auto micros = ReadTimestamp(text, formats);
  return micros.has_value() ? ToJson(Timestamp{*micros}, DataType::Timestamp()) : "none";
}

TEST(DateTimePattern, ReadsAsSpark) {
  EXPECT_EQ(ByPattern("dd/MM/yyyy hh:mm a", "01/02/2026 03:04 PM"), "\"2026-02-01T14:04:00.000000Z\"");
  EXPECT_EQ(ByPattern("yyyy-MM-dd HH:mm:ss[.SSSSSS][XXX]", "2026-01-02 03:04:05.6+01:00"),
            "\"2026-01-02T02:04:05.600000Z\"");
  EXPECT_EQ(ByPattern("yyyy-MM-dd HH:mm:ss[.SSSSSS][XXX]", "2026-01-02 03:04:05"), "\"2026-01-02T02:04:05.000000Z\"");
  EXPECT_EQ(ByPattern("d MMM y H:m:s", "2 Jan 2026 3:4:5"), "\"2026-01-02T02:04:05.000000Z\"");
  EXPECT_EQ(ByPattern("yyyy-MM-dd HH", "2026-01-02 99"), "none");
  EXPECT_EQ(ByPattern("yyyy-MM-dd", "12026-01-02"), "none");
  EXPECT_EQ(ByPattern("yyyy-MM-dd", "2026-01-01x"), "none");
  EXPECT_EQ(ByPattern("yyyyMMdd'T'HHmmss'Z'", "20260102T030405Z"), "\"2026-01-02T02:04:05.000000Z\"");
  EXPECT_EQ(ByPattern("yyyy-MM-dd HH:mm VV", "2026-01-02 03:04 America/New_York"), "\"2026-01-02T08:04:00.000000Z\"");
  EXPECT_EQ(ByPattern("h a", "12 AM"), "\"1969-12-31T23:00:00.000000Z\"");
}

TEST(DateTimePattern, WritesAsJava) {
  const auto write = [](const std::string& pattern, std::int32_t offset) {
    std::string out;
    const CivilTime time{.year = 2026, .month = 3, .day = 4, .hour = 15, .minute = 6, .second = 7, .micro = 89};
    DateTimePattern::Compile(pattern, DateTimePattern::Use::kWrite)->Append(out, time, offset, TimeZone());
    return out;
  };
  EXPECT_EQ(write("yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]", 3600), "2026-03-04T15:06:07.000+01:00");
  EXPECT_EQ(write("yy M d h a ''EEE EEEE MMM MMMM", 0), "26 3 4 3 PM 'Wed Wednesday Mar March");
  EXPECT_EQ(write("SSSSSSSSS X XX XXX x xx xxx Z ZZZZ ZZZZZ", 0), "000089000 Z Z Z +00 +0000 +00:00 +0000 GMT Z");
  EXPECT_EQ(write("X XX XXX Z ZZZZ ZZZZZ", -19800), "-0530 -0530 -05:30 -0530 GMT-05:30 -05:30");
}

TEST(DateTimePattern, RefusesWhatItDoesNotKnow) {
  for (const char* pattern : {"yyyy-ww", "QQQ", "'open", "[open", "close]", "yyyy{", "MMMMM", "hhh", "z"}) {
    EXPECT_FALSE(DateTimePattern::Compile(pattern, DateTimePattern::Use::kRead).ok()) << pattern;
  }
  EXPECT_FALSE(DateTimePattern::Compile("E", DateTimePattern::Use::kRead).ok());
  EXPECT_FALSE(DateTimePattern::Compile(std::string(10'000, '['), DateTimePattern::Use::kRead).ok());
  EXPECT_EQ(DateTimePattern::Compile("yyyy-ww", DateTimePattern::Use::kRead).status().message(),
            "pattern \"yyyy-ww\": \"ww\" is not supported here");
}

TEST(TextFormat, TheCorruptRecordColumnIsANullableString) {
  const Schema schema({{.name = "text", .type = DataType::String()},
                       {.name = "number", .type = DataType::Int()},
                       {.name = "always", .type = DataType::String(), .nullable = false}});
  EXPECT_EQ(FindCorruptColumn(schema, "text").value(), std::optional<std::size_t>(0));
  EXPECT_EQ(FindCorruptColumn(schema, "absent").value(), std::nullopt);
  for (const char* name : {"number", "always"}) {
    const Status refused = FindCorruptColumn(schema, name).status();
    EXPECT_EQ(refused.condition(), "INVALID_CORRUPT_RECORD_TYPE");
    EXPECT_NE(refused.message().find(name), std::string::npos);
  }
}

}  // namespace
}  // namespace hf
