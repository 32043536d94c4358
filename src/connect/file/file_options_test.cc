// SPDX-License-Identifier: Apache-2.0
#include "connect/file/file_options.h"

#include <gtest/gtest.h>

namespace hf {
namespace {

Result<FileSourceOptions> Parse(OptionMap options) {
  options.emplace("path", "/in");
  return ParseFileSourceOptions(options);
}

FileSourceOptions Parsed(OptionMap options) {
  const Result<FileSourceOptions> parsed = Parse(std::move(options));
  EXPECT_TRUE(parsed.ok()) << parsed.status().ToString();
  return parsed.ok() ? *parsed : FileSourceOptions();
}

TEST(FileOptions, DefaultsAreSparksExceptThatNothingAgesOut) {
  const FileSourceOptions options = Parsed({});
  EXPECT_EQ(options.path, "/in");
  EXPECT_EQ(options.files_per_trigger_max, std::nullopt);
  EXPECT_EQ(options.file_age_ms_max, std::nullopt);
  EXPECT_FALSE(options.latest_first);
  EXPECT_EQ(options.cached_files_max, 10000U);
  EXPECT_EQ(options.discard_cached_ratio, 0.2);
}

TEST(FileOptions, NamesAreNotCaseSensitive) {
  const FileSourceOptions options =
      Parsed({{"MAXFILESPERTRIGGER", "3"}, {"latestFirst", "TRUE"}, {"maxfileage", "2h"}});
  EXPECT_EQ(options.files_per_trigger_max, 3);
  EXPECT_TRUE(options.latest_first);
  EXPECT_EQ(options.file_age_ms_max, 7'200'000);
}

TEST(FileOptions, WhatTheSourceDoesNotKnowIsLeftToTheFormat) {
  EXPECT_EQ(Parsed({{"mode", "FAILFAST"}, {"cleanSource", "off"}}).format_options, (OptionMap{{"mode", "FAILFAST"}}));
}

TEST(FileOptions, BadValuesAreRefusedByNameAndValue) {
  const OptionMap bad = {{"maxFilesPerTrigger", "0"}, {"maxBytesPerTrigger", "10k"},
                         {"latestFirst", "yes"},      {"fileNameOnly", "1"},
                         {"recursiveFileLookup", ""}, {"maxFileAge", "7 days"},
                         {"maxCachedFiles", "-1"},    {"discardCachedInputRatio", "1.5"},
                         {"cleanSource", "delete"},   {"modifiedBefore", "2026"},
                         {"basePath", "/in"}};
  for (const auto& [name, value] : bad) {
    const Result<FileSourceOptions> parsed = Parse({{name, value}});
    ASSERT_FALSE(parsed.ok()) << name;
    EXPECT_EQ(parsed.status().kind(), ErrorKind::kInvalid);
    EXPECT_NE(parsed.status().ToString().find(name), std::string::npos) << parsed.status().ToString();
  }
}

TEST(FileOptions, TwoLimitsAtOnceAreRefused) {
  EXPECT_FALSE(Parse({{"maxFilesPerTrigger", "1"}, {"maxBytesPerTrigger", "1"}}).ok());
}

TEST(FileOptions, ThePathMustBeThereAndAbsolute) {
  EXPECT_FALSE(ParseFileSourceOptions({}).ok());
  EXPECT_FALSE(ParseFileSourceOptions({{"path", "events"}}).ok());
  EXPECT_FALSE(ParseFileSourceOptions({{"path", "s3://bucket/events"}}).ok());
  const std::map<std::string, std::string> paths = {
      {"file:/a b/%20", "/a b/%20"}, {"/in//x/", "/in/x"}, {"/", "/"}, {"/in/*.json", "/in/*.json"}};
  for (const auto& [given, path] : paths) {
    const Result<FileSourceOptions> parsed = ParseFileSourceOptions({{"path", given}});
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->path, path);
  }
}

TEST(FileOptions, DurationsHaveSparksUnits) {
  const std::map<std::string, std::int64_t> cases = {{"5", 5},          {"5ms", 5},         {"2500us", 2},
                                                     {"3s", 3000},      {"2m", 120'000},    {"2min", 120'000},
                                                     {"1H", 3'600'000}, {"7d", 604'800'000}};
  for (const auto& [text, ms] : cases) {
    EXPECT_EQ(ParseDurationMs("x", text).value(), ms) << text;
  }
  for (const char* bad : {"", "d", "-1s", "1w", "1.5s", "99999999999999999999", "9223372036854775807d"}) {
    EXPECT_FALSE(ParseDurationMs("x", bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace hf
