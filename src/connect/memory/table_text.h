// SPDX-License-Identifier: Apache-2.0
// Rows as the table of characters that Spark's Dataset.show prints (Spark 4.3: Dataset.showString, ToPrettyString).
//
//   +---+-----+
//   | id|price|
//   +---+-----+
//   |  a|  1.5|
//   +---+-----+
//   only showing top 1 row
#pragma once

#include <string>
#include <vector>

#include "holdfast/batch.h"

namespace hf {

struct TableTextOptions {
  std::int64_t rows_max = 20;
  // Cells longer than this (UTF-16 units, as Java counts) are cut and end in "..."; 0: cells are whole and align left.
  std::size_t cell_length_max = 20;
  std::string time_zone = "UTC";  // spark.sql.session.timeZone
};

// The table ends with a line feed, as what show() prints does without its empty last line. kInvalid for an unknown
// time zone.
Result<std::string> FormatTable(const Schema& schema, const std::vector<ColumnBatch>& rows,
                                const TableTextOptions& options = {});

// One value as the table shows it: "NULL", "[1, NULL]", "{a -> 1}", "{1, x}", "[1A C0]", "2026-01-01 00:00:00.5".
Result<std::string> PrettyText(const Value& value, const DataType& type, const std::string& time_zone = "UTC");

}  // namespace hf
