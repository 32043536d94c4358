// SPDX-License-Identifier: Apache-2.0
// Which columns files have where nobody says: what Spark's spark.read finds out from the files that are there.
#pragma once

#include <string>
#include <vector>

#include "connect/file/input_format.h"

namespace hf {

// `found` in the order in which they are read. `options` are those of the format. All columns may be null. kInvalid
// with UNABLE_TO_INFER_SCHEMA when there is no file to look into. Reads all of the files of json, and of csv with
// inferSchema; of csv without that, and of parquet, no more than tells.
Result<Schema> InferSchema(FileSystem& files, const std::string& format, const std::vector<InputFile>& found,
                           const OptionMap& options, const std::string& time_zone, GivingUp giving_up = {});

}  // namespace hf
