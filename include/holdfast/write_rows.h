// SPDX-License-Identifier: Apache-2.0
// Writing rows as they are, outside a query: Spark's DataFrame.write.
#pragma once

#include <string>
#include <vector>

#include "holdfast/query.h"

namespace hf {

// What is done when something lies at the path already.
enum class SaveMode {
  kErrorIfExists,
  kAppend,
  kOverwrite,  // what was there goes when the new rows are durable; of a table, in the same commit
  kIgnore,     // nothing is written then
};

struct OutputDescription {
  std::string format;  // json, csv, parquet, text, delta
  std::string path;
  Options options;  // those of the sink of this format (docs/operating.md)
  SaveMode mode = SaveMode::kErrorIfExists;
  // Columns that are not in the files but in the names of their directories (name=value), in this order.
  std::vector<std::string> partition_by;
  Options conf;  // settings as a query has; spark.sql.session.timeZone counts
};

// Writes all rows; when it returns well they are durable and visible. Files are named as Spark names them: one for all
// rows, or for those of a directory, and _SUCCESS when everything is there. On failure what was there is there. A
// process that dies, or a disk that does not let files be removed, leaves what was there, perhaps with files of the new
// rows beside it and without _SUCCESS; of a new Delta table perhaps an empty one. kInvalid carries Spark's condition
// where it has one (PATH_ALREADY_EXISTS).
Status WriteRows(const OutputDescription& output, const Schema& schema, const std::vector<ColumnBatch>& rows);

}  // namespace hf
