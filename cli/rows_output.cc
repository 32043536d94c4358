// SPDX-License-Identifier: Apache-2.0
#include "rows_output.h"

#include <fmt/format.h>

#include <limits>

#include "console.h"
#include "holdfast/file_format.h"

namespace hf::cli {

Status RowsOutput::Write(const ColumnBatch& rows) {
  rows_ += rows.rows();
  if (format_ == "json") {
    std::string text;
    for (std::int64_t row = 0; row < rows.rows(); ++row) {
      text += ToJson(rows.RowAt(row), rows.schema());
      text += '\n';
    }
    Print(text);
    return Status();
  }
  if (format_ == "csv") {
    HF_ASSIGN_OR_RETURN(const std::string text, EncodeFile("csv", rows.schema(), {rows}));
    // Each batch is encoded with a header line; only the first is printed.
    Print(header_written_ ? std::string_view(text).substr(text.find('\n') + 1) : std::string_view(text));
    header_written_ = true;
    return Status();
  }
  // A table needs no more rows than it shows.
  if (rows_max_ == 0 || gathered_.empty() || rows_ - rows.rows() < static_cast<std::int64_t>(rows_max_)) {
    gathered_.push_back(rows);
  }
  return Status();
}

void RowsOutput::Finish() {
  if (gathered_.empty()) {
    return;
  }
  const std::size_t shown = rows_max_ == 0 ? std::numeric_limits<std::size_t>::max() : rows_max_;
  Print(FormatTable(gathered_.front().schema(), gathered_, shown));
  if (static_cast<std::int64_t>(std::min<std::size_t>(shown, std::numeric_limits<std::int64_t>::max())) < rows_) {
    PrintLine(fmt::format("{} rows, {} shown", rows_, shown));
  } else {
    PrintLine(fmt::format("{} rows", rows_));
  }
}

}  // namespace hf::cli
