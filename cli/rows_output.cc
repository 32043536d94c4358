// SPDX-License-Identifier: Apache-2.0
#include "rows_output.h"

#include <fmt/format.h>

#include <limits>

#include "console.h"
#include "holdfast/file_format.h"

namespace hf::cli {

namespace {

bool IsNested(const DataType& type) {
  return type.kind() == TypeKind::kStruct || type.kind() == TypeKind::kArray || type.kind() == TypeKind::kMap;
}

// CSV has no structs, arrays and maps: such a cell holds its JSON text.
Result<ColumnBatch> NestedAsJson(const ColumnBatch& rows) {
  std::vector<StructField> fields;
  for (const StructField& field : rows.schema().fields()) {
    fields.push_back({.name = field.name, .type = IsNested(field.type) ? DataType::String() : field.type});
  }
  std::vector<Row> texts;
  for (std::int64_t row = 0; row < rows.rows(); ++row) {
    Row values = rows.RowAt(row);
    for (std::size_t column = 0; column < values.size(); ++column) {
      const DataType& type = rows.schema().field(column).type;
      if (IsNested(type) && !values[column].is_null()) {
        values[column] = ToJson(values[column], type);
      }
    }
    texts.push_back(std::move(values));
  }
  return ColumnBatch::FromRows(Schema(std::move(fields)), texts);
}

}  // namespace

Status RowsOutput::Write(const ColumnBatch& rows) {
  rows_ += rows.rows();
  if (format_ == "json") {
    Print(ToJsonLines(rows));
    return Status();
  }
  if (format_ == "csv") {
    HF_ASSIGN_OR_RETURN(const ColumnBatch flat, NestedAsJson(rows));
    HF_ASSIGN_OR_RETURN(const std::string text, ToCsvLines(flat, !header_written_));
    Print(text);
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
  Print(FormatTable(gathered_.front().schema(), gathered_, shown, cell_length_max_));
  if (static_cast<std::int64_t>(std::min<std::size_t>(shown, std::numeric_limits<std::int64_t>::max())) < rows_) {
    PrintLine(fmt::format("{} rows, {} shown", rows_, shown));
  } else {
    PrintLine(fmt::format("{} rows", rows_));
  }
}

}  // namespace hf::cli
