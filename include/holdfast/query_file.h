// SPDX-License-Identifier: Apache-2.0
// A query as a small JSON file, as `holdfast run` takes it.
//
//   {"source": {"format": "json", "path": "events", "schema": "session_id STRING, ...",
//               "options": {"maxFilesPerTrigger": "1"},
//               "watermark": {"eventTime": "event_timestamp", "delayThreshold": "10 minutes"}},
//    "groupBy": ["session_id"],
//    "processor": {"library": "libsessionizer.so", "class": "SessionizerV2"},
//    "outputMode": "append", "timeMode": "none",
//    "sink": {"format": "delta", "path": "tables/v2_sessions"},
//    "checkpointLocation": "checkpoint",
//    "trigger": {"availableNow": true},
//    "conf": {"spark.sql.shuffle.partitions": "4"}}
//
// Instead of "source" a list "sources" of such objects is their union (DataStream::Union), and "watermark" beside it
// one over all of them. "steps" in a source or beside "groupBy" are SQL expressions in front of the watermark there,
// "resultSteps" those on what the processor puts out: [{"filter": "price > 0"}, {"selectExpr": ["a", "b + 1 AS c"]},
// {"withColumn": {"name": "day", "expression": "to_date(ts)"}}].
//
// Several processors, each getting what the one before it puts out, are a list "operators" of objects with "groupBy",
// "processor" and, where wanted, "timeMode", "outputEventTime" and "resultSteps", which then do not stand beside it.
//
// Paths are relative to the directory of the file. The trigger is {"availableNow": true}, {"once": true},
// {"processingTime": "10 seconds"} or {"realTime": "5 minutes"}. "schema" may be left out: it is then the processor's
// input. So may "watermark" (WithWatermark), "options", "trigger" and "conf". "sink" may have "partitionBy": ["day"].
// Sources with columns of their own ("delta", "rate", "rate-micro-batch", "socket") take no schema, and the last three
// no path.
#pragma once

#include <string>

#include "holdfast/query.h"

namespace hf {

// kInvalid names the key that is missing, unknown or of the wrong type.
Result<QueryDescription> ReadQueryFile(const std::string& path);

}  // namespace hf
