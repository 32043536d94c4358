// SPDX-License-Identifier: Apache-2.0
#include "state/state_schema_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "files/disk_file_system.h"
#include "files/simulated_disk.h"
#include "support/status_matchers.h"

namespace hf {
namespace {

using test::HasKind;
using test::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kNoPrefix = R"({"keyStateEncoderType":"NoPrefixKeyStateEncoderSpec"})";

std::vector<std::filesystem::path> GoldenSchemaFiles() {
  std::vector<std::filesystem::path> found;
  const std::filesystem::path golden = std::filesystem::path(HOLDFAST_SOURCE_DIR) / "test/spark_compat/golden";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(golden)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && name[0] != '.' &&
        entry.path().parent_path().parent_path().filename() == "_stateSchema") {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string BytesOf(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

StateFamilySchema Family(std::string name, const std::string& value_ddl, int value_id = 0) {
  return {.family = std::move(name),
          .key_schema = *Schema::FromDdl("id STRING"),
          .value_schema_id = value_id,
          .value_schema = *Schema::FromDdl(value_ddl),
          .key_encoder_json = kNoPrefix};
}

std::vector<std::string> NamesOf(const std::vector<StateFamilySchema>& families) {
  std::vector<std::string> names;
  for (const StateFamilySchema& family : families) {
    names.push_back(family.family);
  }
  return names;
}

TEST(StateSchemaFile, EveryFileThatSparkWroteIsPrintedWithTheSameBytes) {
  const auto paths = GoldenSchemaFiles();
  EXPECT_GE(paths.size(), 10u);
  for (const auto& path : paths) {
    const std::string bytes = BytesOf(path);
    const auto families = DecodeStateSchemaFile(bytes);
    ASSERT_THAT(families, IsOk()) << path;
    EXPECT_EQ(EncodeStateSchemaFile(*families), bytes) << path;
  }
}

TEST(StateSchemaFile, SaysWhatSparkMeant) {
  for (const auto& path : GoldenSchemaFiles()) {
    if (path.string().find("/b_v1v2/") == std::string::npos || path.filename().string()[0] != '3') {
      continue;
    }
    const auto families = DecodeStateSchemaFile(BytesOf(path));
    ASSERT_THAT(families, IsOk());
    ASSERT_EQ(families->size(), 1u);
    const StateFamilySchema& family = families->front();
    EXPECT_EQ(family.family, "session_state");
    EXPECT_EQ(family.key_schema_id, 0);
    EXPECT_EQ(family.value_schema_id, 1);
    EXPECT_EQ(family.key_schema.ToDdl(), "session_id STRING");
    EXPECT_EQ(family.value_schema.field(family.value_schema.size() - 1).name, "page_category");
    EXPECT_EQ(family.key_encoder_json, kNoPrefix);
    EXPECT_EQ(family.user_key_schema_json, "{    }");
    return;
  }
  FAIL() << "no schema file of batch 3";
}

TEST(StateSchemaFile, FamiliesAreSortedAsJavaSortsStrings) {
  // U+1F600 is a pair of surrogates to Java and so comes before U+FF41.
  const std::string bytes = EncodeStateSchemaFile(
      {Family("\xEF\xBD\x81", "a INT"), Family("b", "a INT"), Family("\xF0\x9F\x98\x80", "a INT"),
       Family("$ttl_b", "a INT"), Family("B", "a INT"), Family("bb", "a INT"), Family("\xED\x9F\xBF", "a INT")});
  const auto families = DecodeStateSchemaFile(bytes);
  ASSERT_THAT(families, IsOk());
  EXPECT_THAT(NamesOf(*families),
              ElementsAre("$ttl_b", "B", "b", "bb", "\xED\x9F\xBF", "\xF0\x9F\x98\x80", "\xEF\xBD\x81"));
}

TEST(StateSchemaFile, LongTextIsCutIntoChunksThatJavaCanFrame) {
  // Umlauts put a character of two bytes on the border between two chunks.
  for (const char* letter : {"f", "\xC3\xBC", "\xF0\x9F\x98\x80"}) {
    std::vector<StructField> fields;
    for (int i = 0; i < 3000; ++i) {
      fields.push_back({.name = fmt::format("{}{}", letter, i), .type = DataType::Int()});
    }
    StateFamilySchema family = Family("wide", "a INT");
    family.value_schema = Schema(fields);
    const std::size_t size = JavaUtfSize(family.value_schema.ToJson());
    ASSERT_GT(size, 2 * kJavaUtfBytesMax);

    const std::string bytes = EncodeStateSchemaFile({family});
    const auto families = DecodeStateSchemaFile(bytes);
    ASSERT_THAT(families, IsOk()) << letter;
    EXPECT_EQ(families->front(), family) << letter;
    if (letter == std::string("f")) {
      EXPECT_NE(bytes.find(std::string("\xFF\xFF{\"type\"", 9)), std::string::npos) << "the first chunk is full";
    }
  }
}

TEST(StateSchemaFile, OtherVersionsAreRefusedByName) {
  for (const char* version : {"v1", "v2", "v4"}) {
    std::string bytes;
    ASSERT_THAT(AppendJavaUtf(bytes, version), IsOk());
    AppendBig32(bytes, 0);
    const auto families = DecodeStateSchemaFile(bytes);
    EXPECT_THAT(families, HasKind(ErrorKind::kIncompatible)) << version;
    EXPECT_THAT(std::string(families.status().message()), HasSubstr(version));
  }
  EXPECT_THAT(DecodeStateSchemaFile(std::string("\0\5hello\0\0\0\0", 11)), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(DecodeStateSchemaFile(""), HasKind(ErrorKind::kCorrupt));
}

TEST(StateSchemaFile, EveryTruncationIsRefused) {
  const std::string bytes = EncodeStateSchemaFile({Family("a", "x INT"), Family("b", "x INT, y STRING", 3)});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(DecodeStateSchemaFile(bytes.substr(0, size)), HasKind(ErrorKind::kCorrupt)) << size;
  }
  EXPECT_THAT(DecodeStateSchemaFile(bytes + "x"), HasKind(ErrorKind::kCorrupt));
}

TEST(StateSchemaFile, FlippedBytesNeverDoMoreThanFail) {
  const std::string bytes = EncodeStateSchemaFile({Family("a", "x INT"), Family("b", "x ARRAY<STRUCT<y: STRING>>", 3)});
  SeededRandom random(7);
  for (int round = 0; round < 4000; ++round) {
    std::string damaged = bytes;
    for (std::uint64_t flips = 1 + random.Below(3); flips > 0; --flips) {
      damaged[random.Below(damaged.size())] = static_cast<char>(random.Below(256));
    }
    const auto families = DecodeStateSchemaFile(damaged);
    if (families.ok()) {
      EXPECT_THAT(DecodeStateSchemaFile(EncodeStateSchemaFile(*families)), IsOk());
    }
  }
}

TEST(StateSchemaFile, ImpossibleContentIsRefusedWithTheFamily) {
  struct Case {
    const char* what;
    std::string from;
    std::string to;
    ErrorKind kind;
    const char* says;
  };
  const Case cases[] = {
      {"JSON that ends early", R"("metadata":{}}]})", R"("metadata":{}}] )", ErrorKind::kCorrupt, "column family 'a'"},
      {"no struct", R"({"type":"struct")", R"({"type":"structs)", ErrorKind::kCorrupt, "column family 'a'"},
      {"a type that Holdfast lacks", "\"integer\"", "\"variant\"", ErrorKind::kIncompatible, "variant"},
      {"an encoder that is no object", R"({"keyStateEncoderType":"NoPrefixKeyStateEncoderSpec"})",
       R"(["keyStateEncoderType","NoPrefixKeyStateEncoderSpec"])", ErrorKind::kCorrupt, "key encoder"},
      {"a user key that is no schema", "{    }", "{   } ", ErrorKind::kCorrupt, "user key"},
      {"a family twice", std::string("\0\1b", 3), std::string("\0\1a", 3), ErrorKind::kCorrupt, "twice"},
      {"a negative id", std::string("\0\1a\0\0", 5), std::string("\0\1a\xFF\xFF", 5), ErrorKind::kCorrupt, "negative"},
      {"a count beyond the bytes", std::string("\0\2v3\0\0\0\2", 8), std::string("\0\2v3\x7F\xFF\xFF\xFF", 8),
       ErrorKind::kCorrupt, "number of column families"},
  };
  const std::string good = EncodeStateSchemaFile({Family("a", "x INT"), Family("b", "y INT")});
  for (const Case& c : cases) {
    std::string bytes = good;
    const std::size_t at = bytes.find(c.from);
    ASSERT_NE(at, std::string::npos) << c.what;
    bytes.replace(at, c.from.size(), c.to);
    const auto families = DecodeStateSchemaFile(bytes);
    EXPECT_THAT(families, HasKind(c.kind)) << c.what;
    EXPECT_THAT(std::string(families.status().message()), HasSubstr(c.says)) << c.what;
  }
}

class ReadStateSchemaFilesTest : public ::testing::Test {
 protected:
  void Put(const std::string& path, const std::string& value_ddl) {
    ASSERT_THAT(files_.PutNew(path, EncodeStateSchemaFile({Family("v", value_ddl)})), IsOk());
  }
  ManualClock clock_;
  SimulatedDisk disk_{clock_};
  DiskFileSystem files_{disk_};
};

TEST_F(ReadStateSchemaFilesTest, ReadsThisCheckpointBeforeTheRecordedPlace) {
  Put("/copy/state/0/_stateSchema/default/0_aa", "here INT");
  Put("/original/state/0/_stateSchema/default/0_aa", "there INT");
  Put("/original/state/0/_stateSchema/default/3_bb", "only_there INT");
  const auto read = ReadStateSchemaFiles(
      files_, "/copy", 0,
      {"file:/original/state/0/_stateSchema/default/0_aa", "file:/original/state/0/_stateSchema/default/3_bb"});
  ASSERT_THAT(read, IsOk());
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0].front().value_schema.ToDdl(), "here INT");
  EXPECT_EQ((*read)[1].front().value_schema.ToDdl(), "only_there INT");
}

TEST_F(ReadStateSchemaFilesTest, NamesBothPlacesOfAMissingFile) {
  for (const char* recorded :
       {"file:/original/state/0/_stateSchema/default/0_aa", "s3a://bucket/c/state/0/_stateSchema/default/0_aa"}) {
    const auto read = ReadStateSchemaFiles(files_, "/copy", 0, {recorded});
    EXPECT_THAT(read, HasKind(ErrorKind::kCorrupt));
    EXPECT_THAT(std::string(read.status().message()), HasSubstr("/copy/state/0/_stateSchema/default/0_aa"));
    EXPECT_THAT(std::string(read.status().message()), HasSubstr(recorded));
  }
}

TEST_F(ReadStateSchemaFilesTest, NamesTheDamagedFile) {
  ASSERT_THAT(files_.PutNew("/c/state/2/_stateSchema/default/4_cc", "junk"), IsOk());
  const auto read = ReadStateSchemaFiles(files_, "/c", 2, {"file:/c/state/2/_stateSchema/default/4_cc"});
  EXPECT_THAT(read, HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(std::string(read.status().message()), HasSubstr("4_cc"));
}

TEST_F(ReadStateSchemaFilesTest, RefusesAPathWithoutAName) {
  for (const char* recorded : {"", "file:/c/state/0/", "file:/c/..", "file:/c/.hidden"}) {
    EXPECT_THAT(ReadStateSchemaFiles(files_, "/c", 0, {recorded}), HasKind(ErrorKind::kCorrupt)) << recorded;
  }
}

TEST(StateSchemaFile, NamesAreBatchAndUuid) {
  EXPECT_EQ(NewStateSchemaFileName(12, "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"),
            "12_1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed");
  EXPECT_EQ(StateSchemaDirectory("/c", 3), "/c/state/3/_stateSchema/default");
}

}  // namespace
}  // namespace hf
