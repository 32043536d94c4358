// SPDX-License-Identifier: Apache-2.0
// CompareState: two versions of a checkpoint's state, compared key by key.
//
// Both are read once, side by side in the order of keys; neither is held in memory.
#pragma once

#include <functional>
#include <string>

#include "base/random.h"
#include "holdfast/rehearsal.h"
#include "inspect/checkpoint_view.h"

namespace hf {

struct StateSide {
  FileSystem* files = nullptr;
  const CheckpointView* view = nullptr;  // null: there was nothing
  std::string scratch;                   // a directory of the caller's alone
};

// Visits the entries of a variable (or of its family, where it is left out) whose bytes differ, as rows of
//   change, key, [user_map_key,] before, after, partition_id
// `change` is "added", "removed" or "changed"; a list is one entry. `before` has the schema of before, `after` that of
// after; the one that is not there is null. An entry that was written again with the same content under a newer
// schema id is "changed".
// REQUIRES: `after` has a view, and the same partitions.
Result<StateDifference> CompareState(const StateSide& before, const StateSide& after, const StateVariableInfo& variable,
                                     Random* random, const std::function<Status(const ColumnBatch&)>& visit);

}  // namespace hf
