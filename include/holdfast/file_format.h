// SPDX-License-Identifier: Apache-2.0
// Rows as the bytes of a file, for programs that make input or want output elsewhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "holdfast/batch.h"

namespace hf {

// Encodes rows as a whole file: format "json" (one object a line, as Spark's JSON writer), "csv" or "parquet".
Result<std::string> EncodeFile(std::string_view format, const Schema& schema, const std::vector<ColumnBatch>& rows);

// A line for each row, in the form of ToJson(row, schema) (holdfast/value.h): unlike Spark's files they keep nulls and
// all digits of timestamps.
std::string ToJsonLines(const ColumnBatch& rows);

// CSV as most programs read it (RFC 4180: a quote is doubled), where Spark's files have a backslash in front. kInvalid
// for columns that hold structs, arrays or maps.
Result<std::string> ToCsvLines(const ColumnBatch& rows, bool with_header);

// Rows as an aligned text table with a header, as Spark's show(): at most `rows_max` rows, texts cut at
// `cell_length_max` characters (0: whole).
std::string FormatTable(const Schema& schema, const std::vector<ColumnBatch>& rows, std::size_t rows_max,
                        std::size_t cell_length_max = 40);

}  // namespace hf
