// SPDX-License-Identifier: Apache-2.0
// Files of JSON lines. First byte: the mode; second: after how many rows the reading is broken off.
#include "codec/json/json_lines_reader.h"
#include "codec/json/json_lines_writer.h"
#include "fuzz_target.h"
#include "text_rows.h"

namespace hf {
namespace {

// What we write, we read as it was.
void TryWriting(const Schema& schema, const fuzz::Read& read) {
  static const JsonWriteOptions micros = [] {
    JsonWriteOptions made;
    const auto pattern = [](std::string_view text) {
      auto compiled = DateTimePattern::Compile(text, DateTimePattern::Use::kWrite);
      HF_FUZZ_CHECK(compiled.ok());
      return *compiled;
    };
    made.timestamp = pattern(kMicrosTimestampFormat);
    made.timestamp_ntz = pattern(kMicrosTimestampNtzFormat);
    return made;
  }();
  for (const std::string& row : read.rows) {
    if (!row.ends_with(R"("_corrupt_record":null})")) {
      return;  // that column is not a field of the record
    }
  }
  std::string text;
  for (const ColumnBatch& batch : read.batches) {
    text += WriteJsonLines(batch, micros);
  }
  const auto again = fuzz::ReadAll([&] { return JsonLinesReader::Make(schema, {}); }, text, std::int64_t{1} << 40);
  HF_FUZZ_CHECK(again.has_value());
  HF_FUZZ_CHECK(again->rows == read.rows);
}

}  // namespace

HOLDFAST_FUZZ_TARGET(json_lines) {
  static const Schema schema = fuzz::SchemaOfDdl(
      "session_id STRING,n INT,l BIGINT,t TINYINT,f FLOAT,d DOUBLE,dec DECIMAL(20,4),b BOOLEAN,bin BINARY,day DATE,"
      "ts TIMESTAMP,ntz TIMESTAMP_NTZ,a ARRAY<INT>,m MAP<STRING,DOUBLE>,s STRUCT<x:INT,y:ARRAY<STRING>>,"
      "_corrupt_record STRING");
  const unsigned mode = fuzz::TakeByte(bytes);
  const std::int64_t rows_max = 1 + fuzz::TakeByte(bytes) % 5;
  const JsonReadOptions options = {.mode = fuzz::kModes[mode % 3]};
  const auto make = [&] { return JsonLinesReader::Make(schema, options); };
  const auto rows = fuzz::ReadAll(make, bytes, std::int64_t{1} << 40);
  const auto in_parts = fuzz::ReadAll(make, bytes, rows_max);
  // A chunk may end in the middle of what would have failed, so only whole readings compare.
  if (rows.has_value() && in_parts.has_value()) {
    HF_FUZZ_CHECK(rows->rows == in_parts->rows);
  }
  if (rows.has_value()) {
    TryWriting(schema, *rows);
  }
}

}  // namespace hf
