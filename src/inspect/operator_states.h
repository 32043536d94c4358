// SPDX-License-Identifier: Apache-2.0
// The stateful operators of a checkpoint, of any kind, as Spark's "state-metadata" source lists them.
#pragma once

#include <string>
#include <vector>

#include "files/file_system.h"
#include "holdfast/state_reader.h"

namespace hf {

// One for each state store of each operator, as of the last committed batch; variables are not looked at.
Result<std::vector<OperatorStateSummary>> ListOperatorStates(FileSystem& files, const std::string& checkpoint);

// Adds key and variables to the summary of a transformWithState operator; leaves others as they are.
Status DescribeVariables(FileSystem& files, const std::string& checkpoint, OperatorStateSummary* summary);

}  // namespace hf
