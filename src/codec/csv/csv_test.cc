// SPDX-License-Identifier: Apache-2.0
// The expected rows are those of Spark 4.3.0 (spark.read.csv with a schema, session time zone Europe/Paris), where not
// said otherwise.
#include <gtest/gtest.h>

#include <cmath>

#include "codec/csv/csv_reader.h"
#include "codec/csv/csv_writer.h"
#include "rows/random_for_test.h"
#include "support/read_in_steps.h"

namespace hf {
namespace {

using Rest = CsvReader::Rest;

std::string Rows(const ColumnBatch& batch) {
  std::string out;
  for (std::int64_t i = 0; i < batch.rows(); ++i) {
    out += (i > 0 ? " " : "") + ToJson(batch.RowAt(i), batch.schema());
  }
  return out;
}

CsvReadOptions Options() {
  CsvReadOptions options;
  options.times.zone = *TimeZone::Find("Europe/Paris");
  options.file_name = "part-1.csv";
  return options;
}

std::string Read(const std::string& ddl, const std::string& bytes, CsvReadOptions options = Options()) {
  auto reader = CsvReader::Make(*Schema::FromDdl(ddl), std::move(options));
  EXPECT_TRUE(reader.ok()) << reader.status().ToString();
  const auto chunk = (*reader)->Read(bytes, Rest::kNone, 1000);
  EXPECT_TRUE(chunk.ok()) << chunk.status().ToString();
  return Rows(chunk->batch);
}

// Three text columns, as their texts joined by '|'; <null> for null, and ! in front when the record is malformed.
std::string Texts(const std::string& bytes, CsvReadOptions options = Options()) {
  auto reader =
      *CsvReader::Make(*Schema::FromDdl("a STRING, b STRING, c STRING, _corrupt_record STRING"), std::move(options));
  const auto chunk = reader->Read(bytes, Rest::kNone, 1000);
  std::string out;
  for (std::int64_t row = 0; row < chunk->batch.rows(); ++row) {
    out += row > 0 ? " / " : "";
    out += chunk->batch.column(3).IsNull(row) ? "" : "!";
    for (std::size_t i = 0; i < 3; ++i) {
      const Column& column = chunk->batch.column(i);
      out += (i > 0 ? "|" : "") + (column.IsNull(row) ? std::string("<null>") : std::string(column.Bytes(row)));
    }
  }
  return out;
}

TEST(CsvReader, QuotesAndEscapes) {
  EXPECT_EQ(Texts("\"x\",\"y\",\"z\"\n"), "x|y|z");
  EXPECT_EQ(Texts("\"a\"\"b\",c,d\n"), "\"a\"\"b\"|c|d");
  EXPECT_EQ(Texts("\"a\\\"b\",c,d\n"), "a\"b|c|d");
  EXPECT_EQ(Texts("\"a\\\\\",c,d\n"), "a\\|c|d");
  EXPECT_EQ(Texts("\"a\\nb\",c,d\n"), "a\\nb|c|d");
  EXPECT_EQ(Texts("a\\\"b,c,d\n"), "a\\\"b|c|d");
  EXPECT_EQ(Texts("\"a\"b,c,d\n"), "\"a\"b|c|d");
  EXPECT_EQ(Texts("\"a\" ,c,d\n"), "a|c|d");
  EXPECT_EQ(Texts(" \"a\",c,d\n"), " \"a\"|c|d");
  EXPECT_EQ(Texts("\"a,b\",c,d\n"), "a,b|c|d");
  EXPECT_EQ(Texts("a\"b\"c,\"d\",e\n"), "a\"b\"c|d|e");
  EXPECT_EQ(Texts("\"a\"\",c,d\n"), "a\"|c|d");
  EXPECT_EQ(Texts("\"a\\,b\",c,d\n"), "a\\,b|c|d");
  EXPECT_EQ(Texts("\"a\\\\\"b\",c,d\n"), "\"a\\\"b\"|c|d");
  EXPECT_EQ(Texts("\"\\\"\",c,d\n"), "\"|c|d");
}

TEST(CsvReader, TheQuoteMayEscapeItself) {
  CsvReadOptions options = Options();
  options.dialect.escape = '"';
  EXPECT_EQ(Texts("\"a\"\"b\",c,d\n", options), "a\"b|c|d");
  EXPECT_EQ(Texts("\"a\"\"\",c,d\n", options), "a\"|c|d");
  EXPECT_EQ(Texts("\"a\"\"b,c\",d,e\n", options), "a\"b,c|d|e");
  EXPECT_EQ(Texts("\"\"\"\",c,d\n", options), "\"|c|d");
}

TEST(CsvReader, LinesAndRecords) {
  EXPECT_EQ(Texts("a,b,c\r\nd,e,f\r\n"), "a|b|c / d|e|f");
  EXPECT_EQ(Texts("a,b,c\rd,e,f\n"), "a|b|c / d|e|f");
  EXPECT_EQ(Texts("  \na,b,c\n"), "a|b|c");
  EXPECT_EQ(Texts(" a , b ,c \n"), " a | b |c ");
  EXPECT_EQ(Texts("a,b,c"), "a|b|c");
  EXPECT_EQ(Texts("\xEF\xBB\xBF"
                  "a,b,c\n"),
            "a|b|c");
  EXPECT_EQ(Texts("a\xFF,b,c\n"), "a\xEF\xBF\xBD|b|c");
  EXPECT_EQ(Texts("\"a,b\nc\",d,e\n"), "!a,b|<null>|<null> / c\"|d|e");
  EXPECT_EQ(Texts("\"abc,d,e\n"), "!abc,d,e|<null>|<null>");
  EXPECT_EQ(Texts(",,\n"), "<null>|<null>|<null>");
  EXPECT_EQ(Texts("\"\",\"\" ,x\n"), "<null>|<null>|x");
  EXPECT_EQ(Texts("a,b\n"), "!a|b|<null>");
  EXPECT_EQ(Texts("a,b,c,d\n"), "!a|b|c");
}

TEST(CsvReader, Options) {
  const auto with = [](auto change) {
    CsvReadOptions options = Options();
    change(options);
    return options;
  };
  EXPECT_EQ(Texts("\n\nx,y,z\n1,2,3\n", with([](auto& o) { o.header = true; })), "1|2|3");
  EXPECT_EQ(Texts("a||b||c\n", with([](auto& o) { o.dialect.separator = "||"; })), "a|b|c");
  EXPECT_EQ(Texts("NA,b,\"NA\"\n", with([](auto& o) { o.null_value = "NA"; })), "<null>|b|<null>");
  EXPECT_EQ(Texts("a,\"\",\n", with([](auto& o) { o.null_value = "NULL"; })), "a||<null>");
  EXPECT_EQ(Texts("a,\"\",\n", with([](auto& o) { o.empty_value = "E"; })), "a|E|<null>");
  EXPECT_EQ(Texts("#x\na,b,c\n", with([](auto& o) { o.comment = '#'; })), "a|b|c");
  EXPECT_EQ(Texts("'a,b',c,d\n", with([](auto& o) { o.dialect.quote = '\''; })), "a,b|c|d");
  EXPECT_EQ(Texts("\"a\",b,c\n", with([](auto& o) { o.dialect.quote = '\0'; })), "\"a\"|b|c");
  EXPECT_EQ(Texts("a,b\n1,2,3\n", with([](auto& o) { o.mode = ParseMode::kDropMalformed; })), "1|2|3");
  EXPECT_EQ(Texts("\"a,b\nc\",d,e\n1,2,3\n", with([](auto& o) { o.multi_line = true; })), "a,b\nc|d|e / 1|2|3");
  const auto trimming = with([](auto& o) { o.dialect.trim_leading = o.dialect.trim_trailing = true; });
  EXPECT_EQ(Texts(" a , b ,c \n", trimming), "a|b|c");
}

TEST(CsvReader, Scalars) {
  const std::string ddl = "y TINYINT, i INT, f FLOAT, d DOUBLE, o BOOLEAN, x DECIMAL(5,2)";
  EXPECT_EQ(Read(ddl, "+1,-2,1e3,.5,TRUE,1.005\n"), R"({"y":1,"i":-2,"f":1000.0,"d":0.5,"o":true,"x":1.01})");
  EXPECT_EQ(Read(ddl, ",,NaN,Inf,,\n"), R"({"y":null,"i":null,"f":"NaN","d":"Infinity","o":null,"x":null})");
  EXPECT_EQ(Read(ddl, ",,-Inf,Infinity,,\n"),
            R"({"y":null,"i":null,"f":"-Infinity","d":"Infinity","o":null,"x":null})");
  EXPECT_EQ(Read(ddl, ",,1d, 1.5 ,,1e2\n"), R"({"y":null,"i":null,"f":1.0,"d":1.5,"o":null,"x":100.00})");
  EXPECT_EQ(Read(ddl, "128, 1,nan,1_0,yes,abc\n"), R"({"y":null,"i":null,"f":null,"d":null,"o":null,"x":null})");
  EXPECT_EQ(Read(ddl, "1,2,3,4,1,\"1,2.5\"\n"), R"({"y":1,"i":2,"f":3.0,"d":4.0,"o":null,"x":12.50})");
}

TEST(CsvReader, DatesAndTimes) {
  const std::string ddl = "t TIMESTAMP, n TIMESTAMP_NTZ, dd DATE, bb BINARY";
  EXPECT_EQ(Read(ddl, "2026-07-01 12:34:56,2026-07-01 12:34:56,2026-1-1,hi\n"),
            R"({"t":"2026-07-01T10:34:56.000000Z","n":"2026-07-01T12:34:56.000000","dd":"2026-01-01","bb":"aGk="})");
  EXPECT_EQ(Read(ddl, "1767225600,2026-01-01T00:00:00Z,12,\n"), R"({"t":null,"n":null,"dd":null,"bb":null})");
  CsvReadOptions options = Options();
  options.times.timestamp = *DateTimePattern::Compile("dd/MM/yyyy hh:mm a", DateTimePattern::Use::kRead);
  options.times.date = *DateTimePattern::Compile("MMM-yy", DateTimePattern::Use::kRead);
  EXPECT_EQ(Read("t TIMESTAMP, dd DATE", "01/02/2026 03:04 PM,Jan-26\n", options),
            R"({"t":"2026-02-01T14:04:00.000000Z","dd":"2026-01-01"})");
}

// Ours: Spark has no such report.
TEST(CsvReader, AHalfWrittenLastLineIsReported) {
  for (const ParseMode mode : {ParseMode::kPermissive, ParseMode::kDropMalformed, ParseMode::kFailFast}) {
    CsvReadOptions options = Options();
    options.mode = mode;
    auto reader = *CsvReader::Make(*Schema::FromDdl("a INT, b INT"), options);
    const auto chunk = reader->Read("1,2\n3", Rest::kNone, 100);
    ASSERT_TRUE(chunk.ok());
    EXPECT_TRUE(chunk->truncated_last_line);
    EXPECT_EQ(chunk->truncated_reason, "part-1.csv, line 2: 1 fields for 2 columns");
    EXPECT_EQ(Rows(chunk->batch), R"({"a":1,"b":2})");
  }
}

TEST(CsvReader, FailFastNamesFileLineAndField) {
  CsvReadOptions options = Options();
  options.mode = ParseMode::kFailFast;
  auto reader = *CsvReader::Make(*Schema::FromDdl("a INT, b INT"), options);
  EXPECT_EQ(reader->Read("1,2\n3,x\n", Rest::kNone, 100).status().message(),
            "malformed record: part-1.csv, line 2: field b: x is no INT");
}

TEST(CsvReader, ChunksMayBeCutAnywhere) {
  const std::string bytes = "h,k\r\n1,\"x, y\"\r\n\n2,\"l1\r\nl2\"\n3,z";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    CsvReadOptions options = Options();
    options.header = true;
    options.multi_line = true;
    auto reader = *CsvReader::Make(*Schema::FromDdl("a INT, b STRING"), options);
    std::string rows;
    for (const ColumnBatch& batch : test::ReadInSteps(*reader, bytes, step, 1)) {
      rows += Rows(batch);
    }
    ASSERT_EQ(rows, R"({"a":1,"b":"x, y"}{"a":2,"b":"l1\r\nl2"}{"a":3,"b":"z"})") << step;
  }
}

TEST(CsvReader, WhatCsvCannotHoldIsRefused) {
  EXPECT_EQ(CsvReader::Make(*Schema::FromDdl("a INT, b ARRAY<INT>"), {}).status().message(),
            "column b: CSV has no type ARRAY<INT>");
  CsvReadOptions options;
  options.dialect.separator = "";
  EXPECT_FALSE(CsvReader::Make(*Schema::FromDdl("a INT"), options).ok());
}

// What Spark 4.3.0 wrote for these texts.
TEST(CsvWriter, WritesAsSpark) {
  const Schema schema = *Schema::FromDdl(
      "t TIMESTAMP, n TIMESTAMP_NTZ, d DATE, z INT, f DOUBLE, g DOUBLE, x DECIMAL(3,2), o BOOLEAN, s0 STRING, s1 "
      "STRING, s2 STRING, s3 STRING,"
      "s4 STRING, s5 STRING, s6 STRING, s7 STRING, s8 STRING, dz DECIMAL(38,18), inf DOUBLE, bb BINARY, s10 STRING, "
      "s11 STRING");
  const Row row = {Timestamp{1767222000123456},
                   TimestampNtz{1782909296000000},
                   Date{20455},
                   {},
                   1.5,
                   std::nan(""),
                   Decimal{150, 2},
                   true,
                   "plain",
                   "a\"b",
                   "a,b",
                   " lead",
                   "trail ",
                   "",
                   "a\\b",
                   "l1\nl2",
                   "\"q\"",
                   Decimal{0, 18},
                   HUGE_VAL,
                   Binary{"hi"},
                   "a\\\"b",
                   "\\"};
  const ColumnBatch batch = *ColumnBatch::FromRows(schema, {row});
  CsvWriteOptions options;
  options.zone = *TimeZone::Find("Europe/Paris");
  const std::string head = "2026-01-01T00:00:00.123+01:00,2026-07-01T12:34:56.000,2026-01-02,";
  EXPECT_EQ(*WriteCsv(batch, options), head + R"(,1.5,NaN,1.50,true,plain,"a\"b","a,b",lead,trail,"",a\b,"l1)"
                                              "\n"
                                              R"(l2","\"q\"",0E-18,Infinity,[68 69],"a\\\"b",\)"
                                              "\n");
  options.null_value = "NA";
  options.empty_value = "E";
  options.escape = '"';
  EXPECT_EQ(*WriteCsv(batch, options), head + R"(NA,1.5,NaN,1.50,true,plain,"a""b","a,b",lead,trail,E,a\b,"l1)"
                                              "\n"
                                              R"(l2","""q""",0E-18,Infinity,[68 69],"a\""b",\)"
                                              "\n");
  EXPECT_TRUE(WriteCsvHeader(schema, options).starts_with("t,n,d,z,"));
}

TEST(CsvWriter, QuoteAllQuotesNullsToo) {
  CsvWriteOptions options;
  options.quote_all = true;
  const ColumnBatch batch = *ColumnBatch::FromRows(*Schema::FromDdl("a STRING, b INT, c STRING"), {{"a\\b", {}, "x"}});
  EXPECT_EQ(*WriteCsv(batch, options), "\"a\\\\b\",\"\",\"x\"\n");
}

// Text that begins or ends with white space, or is empty, does not survive CSV as Spark writes it.
TEST(CsvWriter, WhatIsWrittenReadsBack) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    RandomData random(seed);
    std::vector<StructField> fields;
    for (int i = 0; i < 4; ++i) {
      DataType type = random.Type(0);
      fields.push_back(
          {.name = "c" + std::to_string(i), .type = type.kind() == TypeKind::kBinary ? DataType::String() : type});
    }
    const Schema schema(std::move(fields));
    std::vector<Row> rows = random.Rows(schema, 20);
    for (Row& row : rows) {
      for (Value& value : row) {
        if (auto* text = std::get_if<std::string>(&value)) {
          *text = "<" + *text + ">";
        }
      }
      row[0] = row[0].is_null() ? random.Datum(schema.field(0).type, false) : row[0];
      if (auto* text = std::get_if<std::string>(&row[0])) {
        *text = "<" + *text + ">";
      }
    }
    CsvWriteOptions write;
    write.escape = '"';
    write.timestamp = *DateTimePattern::Compile("yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX", DateTimePattern::Use::kWrite);
    write.timestamp_ntz = *DateTimePattern::Compile("yyyy-MM-dd'T'HH:mm:ss.SSSSSS", DateTimePattern::Use::kWrite);
    CsvReadOptions read;
    read.mode = ParseMode::kFailFast;
    read.multi_line = true;
    read.dialect.escape = '"';
    auto reader = *CsvReader::Make(schema, read);
    const auto chunk = reader->Read(*WriteCsv(*ColumnBatch::FromRows(schema, rows), write), Rest::kNone, 1000);
    ASSERT_TRUE(chunk.ok()) << chunk.status().ToString();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      ASSERT_EQ(ToJson(chunk->batch.RowAt(static_cast<std::int64_t>(i)), schema), ToJson(rows[i], schema))
          << schema.ToDdl();
    }
  }
}

TEST(CsvReader, HostileBytesNeverDoMoreThanFail) {
  RandomData random(3);
  static constexpr char kBytes[] = {'"', '\\', ',', '\n', '\r', ' ', 'a', '1', '\0', '\xFF'};
  for (int round = 0; round < 5000; ++round) {
    std::string bytes;
    for (std::int64_t size = random.Below(40); size > 0; --size) {
      bytes += kBytes[random.Below(10)];
    }
    CsvReadOptions options;
    options.multi_line = random.OneIn(2);
    options.dialect.escape = random.OneIn(2) ? '"' : '\\';
    options.dialect.trim_leading = random.OneIn(2);
    auto reader = *CsvReader::Make(*Schema::FromDdl("a INT, b STRING"), options);
    const auto chunk = reader->Read(bytes, Rest::kNone, 1000);
    ASSERT_TRUE(chunk.ok());
    ASSERT_EQ(chunk->consumed_bytes, bytes.size());
  }
}

}  // namespace
}  // namespace hf
