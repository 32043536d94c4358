// SPDX-License-Identifier: Apache-2.0
// WriteDelta: rows into a Delta table in one commit, outside a stream (Delta's WriteIntoDelta). A table that is not
// there is made by a commit before it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "holdfast/batch.h"
#include "holdfast/status.h"
#include "holdfast/write_rows.h"

namespace hf {

struct DeltaWrite {
  std::string path;  // absolute
  std::map<std::string, std::string> options;
  SaveMode mode = SaveMode::kErrorIfExists;
  std::vector<std::string> partition_by;
};

// Durable when it returns well. kConflict when somebody else changed the table while it was overwritten, or changed its
// schema. kInvalid with DELTA_PATH_EXISTS for a table that may not be there.
Status WriteDelta(const DeltaWrite& write, const Schema& schema, const std::vector<ColumnBatch>& rows);

}  // namespace hf
