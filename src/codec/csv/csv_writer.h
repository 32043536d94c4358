// SPDX-License-Identifier: Apache-2.0
// Column batches as CSV, as Spark 4.3's csv data source writes them (UnivocityGenerator, CSVOptions.asWriterSettings).
#pragma once

#include <optional>
#include <string>

#include "holdfast/batch.h"
#include "rows/datetime_pattern.h"
#include "rows/time_zone.h"

namespace hf {

struct CsvWriteOptions {
  std::string separator = ",";
  char quote = '"';
  char escape = '\\';
  bool quote_all = false;
  bool trim_leading = true;  // Spark's default when it writes: white space around a text is lost
  bool trim_trailing = true;
  std::string null_value;
  std::string empty_value = "\"\"";
  TimeZone zone = {};
  std::optional<DateTimePattern> timestamp = {};  // as JsonWriteOptions
  std::optional<DateTimePattern> timestamp_ntz = {};
  std::optional<DateTimePattern> date = {};
};

// One line a row. kInvalid names a column of a nested type.
Result<std::string> WriteCsv(const ColumnBatch& batch, const CsvWriteOptions& options = {});
// The line of column names.
std::string WriteCsvHeader(const Schema& schema, const CsvWriteOptions& options = {});

}  // namespace hf
