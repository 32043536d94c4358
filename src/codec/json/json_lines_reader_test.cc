// SPDX-License-Identifier: Apache-2.0
#include "codec/json/json_lines_reader.h"

#include <gtest/gtest.h>

#include "codec/json/json_lines_writer.h"
#include "rows/random_for_test.h"
#include "support/read_in_steps.h"

namespace hf {
namespace {

using Rest = JsonLinesReader::Rest;

std::unique_ptr<JsonLinesReader> Reader(const std::string& ddl, ParseMode mode = ParseMode::kPermissive) {
  JsonReadOptions options;
  options.mode = mode;
  options.file_name = "events/part-1.json";
  auto reader = JsonLinesReader::Make(*Schema::FromDdl(ddl), std::move(options));
  EXPECT_TRUE(reader.ok()) << reader.status().ToString();
  return std::move(*reader);
}

std::string Rows(const ColumnBatch& batch) {
  std::string out;
  for (std::int64_t i = 0; i < batch.rows(); ++i) {
    out += (i > 0 ? " " : "") + ToJson(batch.RowAt(i), batch.schema());
  }
  return out;
}

TEST(JsonLines, LinesEndInThreeWays) {
  const auto chunk = Reader("a INT")->Read("{\"a\":1}\n{\"a\":2}\r\n\r\n \t\n{\"a\":3}\r{\"a\":4}", Rest::kNone, 100);
  ASSERT_TRUE(chunk.ok());
  EXPECT_EQ(Rows(chunk->batch), R"({"a":1} {"a":2} {"a":3} {"a":4})");
  EXPECT_FALSE(chunk->truncated_last_line);
  EXPECT_EQ(chunk->malformed_rows, 0);
}

TEST(JsonLines, ChunksMayBeCutAnywhere) {
  const std::string bytes =
      "\xEF\xBB\xBF{\"a\":1,\"b\":\"x\\ny\"}\r\n\n{\"a\":2}\n[{\"a\":3},{\"a\":4}]\r{\"b\":\"\xC3\xA9\"}\r\n{\"a\":5}";
  const std::string expected =
      R"({"a":1,"b":"x\ny"} {"a":2,"b":null} {"a":3,"b":null} {"a":4,"b":null} {"a":null,"b":"é"} {"a":5,"b":null})";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    auto reader = Reader("a INT, b STRING");
    std::string rows;
    for (const ColumnBatch& batch : test::ReadInSteps(*reader, bytes, step, 2)) {
      rows += (rows.empty() || batch.rows() == 0 ? "" : " ") + Rows(batch);
    }
    ASSERT_EQ(rows, expected) << step;
  }
}

TEST(JsonLines, RowsAreBounded) {
  auto reader = Reader("a INT");
  const std::string bytes = "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n";
  const auto first = reader->Read(bytes, Rest::kNone, 2);
  EXPECT_EQ(Rows(first->batch), R"({"a":1} {"a":2})");
  EXPECT_EQ(first->consumed_bytes, 16u);
  EXPECT_EQ(Rows(reader->Read(std::string_view(bytes).substr(16), Rest::kNone, 2)->batch), R"({"a":3})");
}

TEST(JsonLines, AHalfWrittenLastLineIsReportedInEveryMode) {
  for (const ParseMode mode : {ParseMode::kPermissive, ParseMode::kDropMalformed, ParseMode::kFailFast}) {
    for (const char* tail : {"{", "{\"a\":2", "{\"a\":2,", "{\"a\":tr", "{\"a\":\"x", "[{\"a\":2}", "{\"b\":\"\xC3"}) {
      const auto chunk = Reader("a INT", mode)->Read("{\"a\":1}\n" + std::string(tail), Rest::kNone, 100);
      ASSERT_TRUE(chunk.ok()) << tail;
      EXPECT_TRUE(chunk->truncated_last_line) << tail;
      EXPECT_EQ(Rows(chunk->batch), R"({"a":1})") << tail;
      EXPECT_EQ(chunk->consumed_bytes, 8 + std::string(tail).size());
      EXPECT_TRUE(chunk->truncated_reason.starts_with("events/part-1.json, line 2")) << chunk->truncated_reason;
    }
  }
}

TEST(JsonLines, AWholeLastLineNeedsNoLineEnd) {
  const auto chunk = Reader("a INT")->Read("{\"a\":\"wrong\"}", Rest::kNone, 100);
  EXPECT_FALSE(chunk->truncated_last_line);
  EXPECT_EQ(chunk->malformed_rows, 1);
  EXPECT_EQ(chunk->batch.rows(), 1);
  EXPECT_FALSE(Reader("a INT")->Read("   ", Rest::kNone, 100)->truncated_last_line);
  EXPECT_EQ(Reader("a INT")->Read("", Rest::kNone, 100)->batch.rows(), 0);
}

TEST(JsonLines, DropMalformedLeavesBadRecordsOut) {
  const auto chunk =
      Reader("a INT, _corrupt_record STRING", ParseMode::kDropMalformed)
          ->Read("{\"a\":1}\n{\"a\":\"x\"}\nnonsense\n[{\"a\":2},{\"a\":true}]\n{\"a\":3}\n", Rest::kNone, 100);
  EXPECT_EQ(Rows(chunk->batch), R"({"a":1,"_corrupt_record":null} {"a":3,"_corrupt_record":null})");
  EXPECT_EQ(chunk->malformed_rows, 3);
}

TEST(JsonLines, FailFastNamesFileLineAndField) {
  const auto failure = [](const std::string& ddl, const std::string& bytes) {
    return Reader(ddl, ParseMode::kFailFast)->Read(bytes, Rest::kNone, 100).status();
  };
  const Status status = failure("a INT, s STRUCT<n: ARRAY<STRUCT<price: DOUBLE>>>",
                                "{\"a\":1}\n{\"s\":{\"n\":[{\"price\":\"cheap\"}]}}\n");
  EXPECT_EQ(status.kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(status.message(),
            "malformed record: events/part-1.json, line 2, field s.n[].price: \"cheap\" is no DOUBLE");
  EXPECT_EQ(failure("a INT", "{\"a\":1}\n\n{\"a\"\n").message(),
            "malformed record: events/part-1.json, line 3: not valid JSON");
  EXPECT_EQ(failure("a INT", "[5]\n").message(),
            "malformed record: events/part-1.json, line 1: an element of the array is no object");
}

TEST(JsonLines, TheCorruptColumnMayStandAnywhere) {
  const auto chunk = Reader("_corrupt_record STRING, a INT")->Read("{\"a\":1}\n{\"a\":\"x\"}\n", Rest::kNone, 100);
  EXPECT_EQ(Rows(chunk->batch), R"({"_corrupt_record":null,"a":1} {"_corrupt_record":"{\"a\":\"x\"}","a":null})");
  EXPECT_FALSE(JsonLinesReader::Make(*Schema::FromDdl("_corrupt_record INT"), {}).ok());
  EXPECT_FALSE(JsonLinesReader::Make(*Schema::FromDdl("m MAP<INT, INT>"), {}).ok());
}

TEST(JsonLines, WhatSparkWouldBendIsMalformed) {
  for (const char* line : {"{\"y\":128}\n", "{\"y\":255}\n", "{\"t\":\"T10:00\"}\n", "{\"t\":9223372036854775807}\n"}) {
    EXPECT_EQ(Reader("y TINYINT, t TIMESTAMP")->Read(line, Rest::kNone, 100)->malformed_rows, 1) << line;
  }
}

TEST(JsonLines, ABadNestedValueLeavesNothingForTheNextRow) {
  const auto chunk = Reader("r ARRAY<INT>, m MAP<STRING, INT>, q ARRAY<STRUCT<x: INT, y: ARRAY<INT>>>, d DECIMAL(5,2)")
                         ->Read(
                             "{\"r\":[1,\"x\"],\"m\":{\"a\":1,\"b\":\"x\"},\"q\":[{\"x\":1,\"y\":[7]},5]}\n"
                             "{\"r\":[2],\"m\":{\"c\":3},\"q\":[{\"x\":4,\"y\":[8,9]}],\"d\":\"1,2.5\"}\n"
                             "{\"r\":[1],\"q\":[{\"y\":[1]}\n"
                             "{\"r\":[6]}\n",
                             Rest::kNone, 100);
  EXPECT_EQ(Rows(chunk->batch), R"({"r":null,"m":null,"q":null,"d":null} )"
                                R"({"r":[2],"m":{"c":3},"q":[{"x":4,"y":[8,9]}],"d":12.50} )"
                                R"({"r":null,"m":null,"q":null,"d":null} {"r":[6],"m":null,"q":null,"d":null})");
}

TEST(JsonLines, PatternsReplaceTheDefaultForms) {
  JsonReadOptions options;
  options.times.timestamp = *DateTimePattern::Compile("dd/MM/yyyy HH:mm", DateTimePattern::Use::kRead);
  auto reader = *JsonLinesReader::Make(*Schema::FromDdl("t TIMESTAMP"), std::move(options));
  const auto chunk = reader->Read("{\"t\":\"31/12/2025 23:59\"}\n{\"t\":\"2025-12-31\"}\n", Rest::kNone, 100);
  EXPECT_EQ(Rows(chunk->batch), R"({"t":"2025-12-31T23:59:00.000000Z"} {"t":null})");
}

TEST(JsonLines, HostileBytesNeverDoMoreThanFail) {
  std::string deep_arrays(100'000, '[');
  std::string deep_objects;
  for (int i = 0; i < 50'000; ++i) {
    deep_objects += "{\"a\":";
  }
  const std::vector<std::string> lines = {deep_arrays,
                                          deep_objects,
                                          "{\"x\":" + deep_arrays + "}",
                                          "{\"a\":" + std::string(200'000, '9') + "}",
                                          "{\"d\":" + std::string(200'000, '9') + "e" + std::string(1000, '9') + "}",
                                          "{\"x\":\"" + std::string(99'999, '\\') + "\"}",
                                          std::string("{\"a\":\0}", 7),
                                          "{\"b\":\"\\u12\"}",
                                          "{\"b\":\"\xF5\x80\x80\x80\"}",
                                          "\xFF\xFE{\0"};
  for (const std::string& line : lines) {
    const auto chunk = Reader("a INT, b STRING, d DECIMAL(38,10)")->Read(line + "\n{\"a\":7}\n", Rest::kNone, 100);
    ASSERT_TRUE(chunk.ok());
    ASSERT_EQ(chunk->batch.rows(), 2) << line.substr(0, 40);
    EXPECT_EQ(chunk->batch.At(0, 1), Value(std::int32_t{7}));
    EXPECT_EQ(chunk->malformed_rows, 1) << line.substr(0, 40);
  }
}

TEST(JsonLines, DepthUpToTheLimitIsRead) {
  const std::string nested = std::string(900, '[') + std::string(900, ']');
  const auto chunk = Reader("b STRING")->Read("{\"b\":" + nested + "}\n", Rest::kNone, 100);
  EXPECT_EQ(chunk->batch.At(0, 0), Value(nested));
}

// Every prefix and every flipped byte of valid lines: no crash, and the line after it is read.
TEST(JsonLines, DamagedLinesDoNotSpread) {
  const std::string line = R"({"a":12,"b":"q\u00e9","s":{"x":[1,2,{"y":null}]},"m":{"k":1.5},"r":[1,null]})";
  RandomData random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string damaged =
        line.substr(0, static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(line.size())) + 1));
    for (std::int64_t flips = random.Below(3); flips > 0; --flips) {
      char& byte = damaged[static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(damaged.size())))];
      byte = static_cast<char>(random.Below(256));
      byte = byte == '\n' || byte == '\r' ? 'x' : byte;
    }
    auto reader = Reader("a INT, b STRING, s STRUCT<x: ARRAY<STRING>>, m MAP<STRING, DOUBLE>, r ARRAY<INT>");
    const auto chunk = reader->Read(damaged + "\n" + line + "\n", Rest::kNone, 100);
    ASSERT_TRUE(chunk.ok());
    ASSERT_GE(chunk->batch.rows(), 1);
    ASSERT_EQ(chunk->batch.At(0, chunk->batch.rows() - 1), Value(std::int32_t{12}));
  }
}

TEST(JsonLines, WhatIsWrittenReadsBack) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    RandomData random(seed);
    const Schema schema = random.Schema(4, 3, true);
    const std::vector<Row> rows = random.Rows(schema, 30);
    const ColumnBatch batch = *ColumnBatch::FromRows(schema, rows);
    JsonWriteOptions write;
    write.zone = *TimeZone::Find("Asia/Kolkata");
    write.timestamp = *DateTimePattern::Compile(kMicrosTimestampFormat, DateTimePattern::Use::kWrite);
    write.timestamp_ntz = *DateTimePattern::Compile(kMicrosTimestampNtzFormat, DateTimePattern::Use::kWrite);
    write.ignore_null_fields = random.OneIn(2);
    auto reader = *JsonLinesReader::Make(schema, {.mode = ParseMode::kFailFast});
    const auto chunk = reader->Read(WriteJsonLines(batch.Slice(3, 27), write), Rest::kNone, 1000);
    ASSERT_TRUE(chunk.ok()) << chunk.status().ToString();
    ASSERT_EQ(chunk->batch.rows(), 27);
    for (std::int64_t i = 0; i < 27; ++i) {
      ASSERT_EQ(ToJson(chunk->batch.RowAt(i), schema), ToJson(rows[static_cast<std::size_t>(i) + 3], schema))
          << schema.ToDdl();
    }
  }
}

// What Spark 4.3.0 wrote for this row with session time zone Europe/Paris.
TEST(JsonLinesWriter, WritesAsSpark) {
  const Schema schema = *Schema::FromDdl(
      "t TIMESTAMP, n TIMESTAMP_NTZ, d DATE, z INT, f DOUBLE, g DOUBLE, bb BINARY, x DECIMAL(3,2), s STRING, o "
      "BOOLEAN, m MAP<STRING,INT>,"
      "r ARRAY<INT>, st STRUCT<a: INT, b: INT>, mi MAP<INT,INT>, md MAP<DATE,TIMESTAMP>, dz DECIMAL(38,18), big "
      "DOUBLE, ff FLOAT");
  const std::int32_t one = 1;
  const Row row = {Timestamp{1767222000123456},
                   TimestampNtz{1782909296000000},
                   Date{20455},
                   {},
                   1.5,
                   std::nan(""),
                   Binary{"hi"},
                   Decimal{150, 2},
                   "a\"b\\c,\n \xC3\xA9/",
                   true,
                   MapValue{{{"k", one}, {"l", {}}}},
                   ArrayValue{{one, {}}},
                   StructValue{{one, {}}},
                   MapValue{{{one, std::int32_t{2}}}},
                   MapValue{{{Date{20454}, Timestamp{1767222000000000}}}},
                   Decimal{0, 18},
                   1e10,
                   0.1f};
  JsonWriteOptions options;
  options.zone = *TimeZone::Find("Europe/Paris");
  const ColumnBatch batch = *ColumnBatch::FromRows(schema, {row});
  EXPECT_EQ(
      WriteJsonLines(batch, options),
      R"({"t":"2026-01-01T00:00:00.123+01:00","n":"2026-07-01T12:34:56.000","d":"2026-01-02","f":1.5,"g":"NaN","bb":"aGk=","x":1.50,)"
      R"("s":"a\"b\\c,\n é/","o":true,"m":{"k":1,"l":null},"r":[1,null],"st":{"a":1},"mi":{"1":2},)"
      R"("md":{"20454":"2026-01-01T00:00:00.000+01:00"},"dz":0E-18,"big":1.0E10,"ff":0.1})"
      "\n");
  options.ignore_null_fields = false;
  options.zone = TimeZone();
  options.timestamp = *DateTimePattern::Compile(kMicrosTimestampFormat, DateTimePattern::Use::kWrite);
  const std::string whole = WriteJsonLines(batch, options);
  EXPECT_TRUE(whole.starts_with(
      R"({"t":"2025-12-31T23:00:00.123456Z","n":"2026-07-01T12:34:56.000","d":"2026-01-02","z":null,)"))
      << whole;
}

}  // namespace
}  // namespace hf
