// SPDX-License-Identifier: Apache-2.0
// Reading what is there now, outside a query: Spark's spark.read.
#pragma once

#include <functional>

#include "holdfast/query.h"

namespace hf {

// Formats: json, csv, parquet, text and delta. `path` is a file, a directory or a pattern; of a directory that a file
// sink wrote only what its log lists counts, as in Spark. `conf` has settings as a query has;
// spark.sql.session.timeZone counts. No checkpoint is read or written. The options are those of the source of the
// format without those of a stream (docs/operating.md); "delta" takes versionAsOf.

// The columns of the rows that ReadRows gives, each of which may be null. Without a schema in the description they are
// found in the files as Spark finds them: of parquet in the first file by name; of json in all of its records; of csv
// from the first record, as texts or, with inferSchema, by all of its records; text has the column "value". kInvalid
// carries Spark's condition where it has one (PATH_NOT_FOUND, UNABLE_TO_INFER_SCHEMA, COLUMN_ALREADY_EXISTS).
Result<Schema> SchemaOfRows(const InputDescription& input, const Options& conf);

// Hands all rows to `visit`, some at a time; ends with its failure when it has one. Files come as Spark 4.3 reads them
// when they are small: the largest first, those of one size in the order of their names. The rows of "delta" come in no
// particular order.
Status ReadRows(const InputDescription& input, const Options& conf,
                const std::function<Status(const ColumnBatch& rows)>& visit);

}  // namespace hf
