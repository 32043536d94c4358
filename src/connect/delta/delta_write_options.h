// SPDX-License-Identifier: Apache-2.0
// How rows come into a Delta table, by the options that a user gives, and what can be refused of it beforehand.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "connect/delta/delta_table.h"

namespace hf {

struct DeltaWriteOptions {
  std::map<std::string, std::string> properties = {};  // delta.*, of a table that is made
  DeltaWriting writing = {};
};

// delta.* and mergeSchema; others are refused by name.
Result<DeltaWriteOptions> ParseDeltaWriteOptions(const std::map<std::string, std::string>& options,
                                                 std::vector<std::string> partition_by);

// Refuses, without a look at the table at `path`, what no table can have: types, partition columns, properties.
Status CheckDeltaWrite(const std::string& path, const DeltaWriteOptions& options, const Schema& schema,
                       const DeltaLibrary* library);

}  // namespace hf
