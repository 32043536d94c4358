// SPDX-License-Identifier: Apache-2.0
// JsonLinesReader: files of one JSON record a line as columns, with the rules of Spark 4.3's json data source
// (TextInputJsonDataSource, JacksonParser, FailureSafeParser).
//
//  1. A line ends with \n, \r\n or \r. Lines of white space are no records. A byte order mark is skipped.
//  2. A line that is an array of objects is as many rows. What follows the first value of a line is ignored (so does
//     Jackson, which Spark asks for one value only).
//  3. A record with values of a wrong type keeps the others; one that is not JSON, or not UTF-8, is null throughout.
//     Both are malformed, and the mode says what becomes of them.
//  4. The last line of a file, when no line end follows, may be half written: if it is not JSON it is reported as
//     truncated in every mode and makes no row.
// Where Spark loses data silently we do not follow: a tinyint beyond 127 is malformed instead of wrapped around, and
// a time without a date is malformed instead of today's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "codec/json/json_column.h"
#include "holdfast/batch.h"
#include "rows/text_format.h"

namespace hf {

struct JsonReadOptions {
  ParseMode mode = ParseMode::kPermissive;
  // Of the string column that takes the text of malformed records, if the schema has it.
  std::string corrupt_record_column = "_corrupt_record";
  // Whether the last line, when no line end follows, may be half written; else it is malformed like any other.
  bool last_line_may_be_cut = true;
  TimeFormats times = {};
  std::string file_name = "JSON file";  // for messages
};

class JsonLinesReader {
 public:
  // kInvalid when the corrupt-record column is not a nullable string, or a map has keys that are no strings.
  static Result<std::unique_ptr<JsonLinesReader>> Make(const Schema& schema, JsonReadOptions options);
  JsonLinesReader(const JsonLinesReader&) = delete;
  JsonLinesReader& operator=(const JsonLinesReader&) = delete;

  enum class Rest { kFollows, kNone };
  struct Chunk {
    ColumnBatch batch;
    // The bytes that were read; the next call begins behind them. 0 when `bytes` hold no whole line (then more are
    // needed) or are empty.
    std::size_t consumed_bytes = 0;
    std::int64_t malformed_rows = 0;  // kept or left out, by the mode
    bool truncated_last_line = false;
    std::string truncated_reason;  // names file and line
  };
  // Reads whole lines from the front of `bytes`, up to `rows_max` rows (a line that is an array may add more).
  // `rest`: whether the file has bytes behind these. kCorrupt in kFailFast mode, with file, line and field.
  Result<Chunk> Read(std::string_view bytes, Rest rest, std::int64_t rows_max);

 private:
  JsonLinesReader(const Schema& schema, JsonReadOptions options, std::size_t corrupt_column);

  enum class Line { kRows, kMalformed, kPartial, kBlank };
  // `text` ends with a line end; `readable_end` bounds the memory behind it.
  Line ReadLine(std::string_view text, const char* readable_end);
  Line ReadRecords(JsonCursor& cursor);
  Line ReadArrayOfRecords(JsonCursor& cursor);
  Status KeepOrDrop(Line line, std::string_view text, Chunk* chunk);
  void TruncateTo(std::int64_t rows);
  void AppendCorrupt(const std::string* text);
  Status ReadLines(std::string_view bytes, std::int64_t rows_max, Chunk* chunk);
  Status ReadUnended(std::string_view bytes, Chunk* chunk);
  [[nodiscard]] std::string Describe() const;

  static constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);

  Schema schema_;
  JsonReadOptions options_;
  std::size_t corrupt_column_;
  Schema data_schema_;  // without the corrupt-record column
  JsonColumn root_;
  std::vector<ColumnBuilder> builders_;  // of data_schema_
  ColumnBuilder corrupt_;
  JsonProblem problem_;
  std::int64_t rows_ = 0;              // of the batch under way
  std::int64_t rows_before_line_ = 0;  // of them, those of earlier lines
  const char* stopped_at_ = nullptr;   // in the line read last: no line end lies before it
  std::int64_t line_number_ = 0;       // of the line read last, from 1
};

}  // namespace hf
