// SPDX-License-Identifier: Apache-2.0
#include "state/changelog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace hf {
namespace {

using ::testing::HasSubstr;

const std::string kKey("\1\0key", 5);

std::string Records() {
  std::string records;
  AppendRecord(records, StateOp::kPut, kKey, "value");
  AppendRecord(records, StateOp::kMerge, kKey, "");
  AppendRecord(records, StateOp::kDelete, kKey, "");
  return records;
}

Result<Changelog> ReadContent(const std::string& content) {
  return ReadChangelog(*Compress(CompressionCodec::kLz4, content), CompressionCodec::kLz4);
}

std::string Format2(const std::string& records) { return std::string(kChangelogHeader) + records + kChangelogEnd; }

std::string Format(const std::string& version, const std::string& rest) {
  std::string content;
  EXPECT_TRUE(AppendJavaUtf(content, version).ok());
  return content + rest;
}

TEST(Changelog, RecordsAreFramedAsSparkWritesThem) {
  EXPECT_EQ(Records(), std::string("\x01\0\0\0\5\1\0key\0\0\0\5value"
                                   "\x11\0\0\0\5\1\0key\0\0\0\0"
                                   "\x10\0\0\0\5\1\0key\xff\xff\xff\xff",
                                   19 + 14 + 14));
}

TEST(Changelog, GivesBackItsRecordsInOrder) {
  const Result<Changelog> changelog = ReadContent(Format2(Records()));
  ASSERT_TRUE(changelog.ok()) << changelog.status().ToString();
  EXPECT_EQ(changelog->format, 2);
  ASSERT_EQ(changelog->offsets.size(), 3u);
  EXPECT_EQ(changelog->record(0).op, StateOp::kPut);
  EXPECT_EQ(changelog->record(0).key, kKey);
  EXPECT_EQ(changelog->record(0).value, "value");
  EXPECT_EQ(changelog->record(1).op, StateOp::kMerge);
  EXPECT_EQ(changelog->record(1).value, "");
  EXPECT_EQ(changelog->record(2).op, StateOp::kDelete);
}

TEST(Changelog, Format4TellsItsLineage) {
  std::string rest;
  ASSERT_TRUE(
      AppendJavaUtf(rest, R"([{"version":1,"checkpointUniqueId":"a-b"},{"version":2,"checkpointUniqueId":"c"}])").ok());
  const Result<Changelog> changelog = ReadContent(Format("v4", rest + Records() + kChangelogEnd));
  ASSERT_TRUE(changelog.ok()) << changelog.status().ToString();
  EXPECT_EQ(changelog->format, 4);
  ASSERT_EQ(changelog->lineage.size(), 2u);
  EXPECT_EQ(changelog->lineage[0].unique_id, "a-b");
  EXPECT_EQ(changelog->lineage[1].version, 2);
  EXPECT_EQ(changelog->offsets.size(), 3u);
}

TEST(Changelog, FormatsWithoutFamiliesAreRefusedByName) {
  const std::string format1("\0\0\0\1k\0\0\0\1v\xff\xff\xff\xff", 14);
  for (const auto& [content, number] : {std::pair(format1, "format 1"), std::pair(Format("v3", "\0\2[]"), "format 3"),
                                        std::pair(Format("v5", ""), "format 5"), std::pair(std::string(), "format 1"),
                                        std::pair(Format("v2x", ""), "format 1")}) {
    const Result<Changelog> changelog = ReadContent(content);
    ASSERT_FALSE(changelog.ok());
    EXPECT_EQ(changelog.status().kind(), ErrorKind::kIncompatible);
    EXPECT_THAT(changelog.status().ToString(), HasSubstr(number));
  }
}

TEST(Changelog, EveryTruncationIsCorrupt) {
  const std::string content = Format2(Records());
  for (std::size_t size = kChangelogHeader.size(); size < content.size(); ++size) {
    const Result<Changelog> changelog = ReadContent(content.substr(0, size));
    ASSERT_FALSE(changelog.ok()) << size;
    EXPECT_EQ(changelog.status().kind(), ErrorKind::kCorrupt);
  }
  EXPECT_THAT(ReadContent(content.substr(0, content.size() - 1)).status().ToString(),
              HasSubstr("no end-of-file record after 3 records"));
}

TEST(Changelog, ImpossibleRecordsAreCorrupt) {
  const auto message = [](const std::string& record) { return ReadContent(Format2(record)).status().ToString(); };
  EXPECT_THAT(message(std::string("\x02\0\0\0\2kk\0\0\0\0", 11)), HasSubstr("unknown type"));
  EXPECT_THAT(message(std::string("\x01\0\0\0\1k\0\0\0\0", 10)), HasSubstr("size of a key"));
  EXPECT_THAT(message(std::string("\x01\xff\xff\xff\xffk", 6)), HasSubstr("size of a key"));
  EXPECT_THAT(message(std::string("\x01\0\0\0\2kk\xff\xff\xff\xff", 11)), HasSubstr("size of a value"));
  EXPECT_THAT(message(std::string("\x10\0\0\0\2kk\0\0\0\0", 11)), HasSubstr("size of a value"));
  EXPECT_THAT(message(std::string("\x01\0\0\0\2kk\x7f\0\0\0v", 12)), HasSubstr("end too early"));
  EXPECT_FALSE(ReadContent(Format2("") + "left over").ok());
}

TEST(Changelog, BadLineageIsCorrupt) {
  for (const std::string text : {"", "{}", "[1]", R"([{"version":1}])", "[{"}) {
    std::string rest;
    ASSERT_TRUE(AppendJavaUtf(rest, text).ok());
    EXPECT_EQ(ReadContent(Format("v4", rest + kChangelogEnd)).status().kind(), ErrorKind::kCorrupt) << text;
  }
}

}  // namespace
}  // namespace hf
