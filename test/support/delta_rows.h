// SPDX-License-Identifier: Apache-2.0
// All rows of a Delta table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connect/delta/delta_table.h"

namespace hf::test {

inline Result<std::vector<ColumnBatch>> ReadDeltaTable(const std::string& path, std::int64_t version = kDeltaNewest) {
  HF_ASSIGN_OR_RETURN(DeltaTable table, DeltaTable::Open(path));
  HF_ASSIGN_OR_RETURN(DeltaScan scan, table.Scan(version));
  std::vector<ColumnBatch> batches;
  while (true) {
    HF_ASSIGN_OR_RETURN(std::optional<ColumnBatch> batch, scan.Next());
    if (!batch.has_value()) {
      return batches;
    }
    batches.push_back(std::move(*batch));
  }
}

}  // namespace hf::test
