// SPDX-License-Identifier: Apache-2.0
// CsvTypes: which columns CSV files have, as Spark 4.3 finds out where nobody gives a schema (CSVInferSchema,
// CSVUtils.makeSafeHeader). The first record says how many columns there are and, with a header, their names; types are
// looked for only when that is asked for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "codec/csv/csv_reader.h"

namespace hf {

struct CsvTypeOptions {
  bool infer_types = false;      // else every column is STRING
  bool prefer_date = true;       // a text is tried as a date before it is tried as a timestamp
  std::string date_format = {};  // empty: yyyy-MM-dd
};

class CsvTypes {
 public:
  // `reading` is how the files are read then. kInvalid for a pattern that is none.
  static Result<std::unique_ptr<CsvTypes>> Make(CsvReadOptions reading, CsvTypeOptions options);

  // The first record of the first file that has one; no further record is of interest then.
  [[nodiscard]] bool knows_all() const { return !options_.infer_types && !columns_.empty(); }
  [[nodiscard]] Schema Columns() const;

  // A record, without its line end; `first` of its file.
  void AddRecord(std::string_view record, bool first);
  // Whether it is none, but a comment or an empty line.
  [[nodiscard]] bool IsNoRecord(std::string_view record) const;
  [[nodiscard]] const CsvReadOptions& reading() const { return reading_; }

 private:
  enum class Kind { kNull, kInteger, kLong, kDecimal, kDouble, kDate, kTimestamp, kBoolean, kString };
  struct Column {
    std::string name;
    Kind kind = Kind::kNull;
    int digits = 0;  // of a decimal, whose scale is 0
  };

  CsvTypes(CsvReadOptions reading, CsvTypeOptions options, DateTimePattern date);

  void TakeNames(const std::vector<CsvToken>& fields);
  void AddField(std::string_view text, Column* column) const;
  // The narrowest type of a text that is not narrower than `least`.
  [[nodiscard]] Kind KindOf(std::string_view text, Kind least, int* digits) const;
  void Meet(Kind kind, int digits, Column* column) const;
  [[nodiscard]] bool IsMissing(const CsvToken& field, std::string_view* text) const;

  const CsvReadOptions reading_;
  const CsvTypeOptions options_;
  const DateTimePattern date_;
  CsvTokens tokens_;
  std::vector<Column> columns_;
  std::string header_;  // the record that gave the names
};

// The readers of one file after the other share `types`, which must outlive them.
class CsvTypesReader {
 public:
  explicit CsvTypesReader(CsvTypes* types) : types_(types), ends_(types->reading().dialect) {}

  enum class Rest { kFollows, kNone };
  struct Chunk {
    ColumnBatch batch;  // always empty
    std::size_t consumed_bytes = 0;
    bool truncated_last_line = false;
    std::string truncated_reason;
  };
  // As CsvReader::Read.
  Result<Chunk> Read(std::string_view bytes, Rest rest, std::int64_t rows_max);

 private:
  CsvTypes* types_;
  CsvTokens ends_;
  bool at_file_start_ = true;
  bool had_record_ = false;
};

}  // namespace hf
