// SPDX-License-Identifier: Apache-2.0
// CheckEvolution (holdfast/evolution_check.h) on any file system.
#pragma once

#include "holdfast/evolution_check.h"
#include "inspect/read_state.h"

namespace hf {

Result<EvolutionCheck> CheckEvolution(const StateReadPlace& place, const EvolutionCheckOptions& options);

}  // namespace hf
