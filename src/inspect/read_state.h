// SPDX-License-Identifier: Apache-2.0
// ReadStateRows: Spark's "statestore" source over a checkpoint of either engine (holdfast/state_reader.h says what each
// option means).
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/random.h"
#include "files/file_system.h"
#include "holdfast/state_reader.h"

namespace hf {

struct StateReadPlace {
  FileSystem* files = nullptr;
  Random* random = nullptr;
  std::string checkpoint;  // a local directory
  std::string scratch;     // a directory of the caller's alone
};

// Visits batches of rows, at least one. A query may be at work meanwhile: a read of the last committed batch whose
// files were purged under it begins anew, a few times; other reads, and those that have visited rows, end with
// kUnavailable and HOLDFAST_BATCH_PURGED. `counts` (may be null): how many values each schema version wrote, by id.
Status ReadStateRows(const StateReadPlace& place, const StateReadOptions& options,
                     const std::function<Status(const ColumnBatch&)>& visit, std::map<int, std::int64_t>* counts);

}  // namespace hf
