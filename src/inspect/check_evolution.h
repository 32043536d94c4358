// SPDX-License-Identifier: Apache-2.0
// CheckEvolution (holdfast/evolution_check.h) on any file system.
#pragma once

#include "files/file_system.h"
#include "holdfast/evolution_check.h"

namespace hf {

Result<EvolutionCheck> CheckEvolution(FileSystem& files, const std::string& checkpoint,
                                      const EvolutionCheckOptions& options);

}  // namespace hf
