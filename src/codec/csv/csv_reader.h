// SPDX-License-Identifier: Apache-2.0
// CsvReader: CSV files as columns, with the rules of Spark 4.3's csv data source (CSVOptions, UnivocityParser,
// FailureSafeParser).
//
//  1. Columns stand in the order of the schema. A header line is skipped, not compared (Spark's enforceSchema=true).
//  2. A line ends with \n, \r\n or \r, also inside quotes unless `multi_line`. Lines of white space are no records. A
//     byte order mark is skipped, and bytes that are not UTF-8 become U+FFFD.
//  3. A record with too few or too many fields, or with fields of a wrong form, is malformed: what can be read is
//     kept, and the mode says what becomes of it.
//  4. The last line of a file, when no line end follows, may be half written: if its record is malformed it is
//     reported as truncated in every mode and makes no row.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/csv/csv_tokens.h"
#include "holdfast/batch.h"
#include "rows/column_builder.h"
#include "rows/text_format.h"

namespace hf {

struct CsvReadOptions {
  ParseMode mode = ParseMode::kPermissive;
  std::string corrupt_record_column = "_corrupt_record";
  // Whether the last line, when no line end follows, may be half written; else it is malformed like any other.
  bool last_line_may_be_cut = true;
  TimeFormats times = {};
  CsvDialect dialect = {};
  bool header = false;
  bool multi_line = false;
  char comment = '\0';           // lines that begin with it are no records; '\0': none
  std::string null_value = {};   // also every field without a character
  std::string empty_value = {};  // what a quoted field without a character means
  std::string nan_value = "NaN";
  std::string positive_inf = "Inf";
  std::string negative_inf = "-Inf";
  std::string file_name = "CSV file";  // for messages
};

class CsvReader {
 public:
  // kInvalid when a column has a nested type, or the corrupt-record column is not a nullable string.
  static Result<std::unique_ptr<CsvReader>> Make(const Schema& schema, CsvReadOptions options);
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  enum class Rest { kFollows, kNone };
  struct Chunk {
    ColumnBatch batch;
    std::size_t consumed_bytes = 0;  // 0 when `bytes` hold no whole record
    std::int64_t malformed_rows = 0;
    bool truncated_last_line = false;
    std::string truncated_reason;
  };
  // As JsonLinesReader::Read.
  Result<Chunk> Read(std::string_view bytes, Rest rest, std::int64_t rows_max);

 private:
  CsvReader(const Schema& schema, CsvReadOptions options, std::size_t corrupt_column);

  enum class Outcome { kRow, kMalformed, kNone };
  Outcome ReadRecord(std::string_view record);
  bool ReadField(const CsvToken& token, ColumnBuilder& builder) const;
  bool AppendScalar(std::string_view text, ColumnBuilder& builder) const;
  bool AppendFloating(std::string_view text, ColumnBuilder& builder) const;
  Status Settle(Outcome outcome, std::string_view record, Chunk* chunk);
  Status ReadRecords(std::string_view bytes, Rest rest, std::int64_t rows_max, Chunk* chunk);
  void DropLast();
  [[nodiscard]] std::string Describe() const;

  static constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);

  Schema schema_;
  CsvReadOptions options_;
  std::size_t corrupt_column_;
  CsvTokens tokens_;
  std::vector<std::size_t> columns_;  // the column of each field of a record
  std::vector<ColumnBuilder> builders_;
  bool header_due_;
  bool at_file_start_ = true;
  std::int64_t rows_ = 0;
  std::int64_t line_number_ = 0;
  std::string problem_;
};

}  // namespace hf
