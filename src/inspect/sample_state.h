// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "engine/processor_handle.h"
#include "holdfast/evolution_check.h"
#include "inspect/checkpoint_view.h"
#include "inspect/read_state.h"
#include "state/evolution.h"

namespace hf {

// Reads entries of `variables`, which the checkpoint describes, as the version would that `evolution` describes (its
// status is ok): with the readers of state, over all schemas that were written, and into the types of `declarations`,
// which may be empty. At most `entries_max` of each variable, taken from all partitions; 0: all. A variable that the
// version lacks is only counted.
Result<std::vector<VariableSample>> SampleState(const StateReadPlace& place, const CheckpointView& view,
                                                const std::vector<StateVariableInfo>& variables,
                                                const Evolution& evolution, const Declarations& declarations,
                                                std::int64_t entries_max);

}  // namespace hf
