// SPDX-License-Identifier: Apache-2.0
#include "holdfast/file_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "codec/csv/csv_writer.h"
#include "codec/json/json_lines_writer.h"
#include "codec/parquet/parquet_writer.h"
#include "connect/memory/table_text.h"

namespace hf {

Result<std::string> EncodeFile(std::string_view format, const Schema& schema, const std::vector<ColumnBatch>& rows) {
  if (format == "parquet") {
    return WriteParquet(schema, rows);
  }
  std::string text;
  if (format == "json") {
    for (const ColumnBatch& batch : rows) {
      text += WriteJsonLines(batch);
    }
    return text;
  }
  if (format == "csv") {
    text = WriteCsvHeader(schema);
    for (const ColumnBatch& batch : rows) {
      HF_ASSIGN_OR_RETURN(const std::string lines, WriteCsv(batch));
      text += lines;
    }
    return text;
  }
  return Invalid(fmt::format("unknown file format {}; choose json, csv or parquet", format));
}

std::string ToJsonLines(const ColumnBatch& rows) {
  static const JsonWriteOptions options = {
      .ignore_null_fields = false,
      .timestamp = DateTimePattern::Compile(kMicrosTimestampFormat, DateTimePattern::Use::kWrite).value(),
      .timestamp_ntz = DateTimePattern::Compile(kMicrosTimestampNtzFormat, DateTimePattern::Use::kWrite).value(),
  };
  return WriteJsonLines(rows, options);
}

Result<std::string> ToCsvLines(const ColumnBatch& rows, bool with_header) {
  CsvWriteOptions options;
  options.escape = '"';
  HF_ASSIGN_OR_RETURN(const std::string lines, WriteCsv(rows, options));
  return (with_header ? WriteCsvHeader(rows.schema(), options) : std::string()) + lines;
}

std::string FormatTable(const Schema& schema, const std::vector<ColumnBatch>& rows, std::size_t rows_max,
                        std::size_t cell_length_max) {
  constexpr auto kMax = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  auto text = FormatTable(schema, rows,
                          TableTextOptions{.rows_max = static_cast<std::int64_t>(std::min(rows_max, kMax)),
                                           .cell_length_max = cell_length_max == 0 ? kMax : cell_length_max});
  return text.ok() ? std::move(text).value() : text.status().ToString() + "\n";
}

}  // namespace hf
