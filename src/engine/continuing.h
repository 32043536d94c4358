// SPDX-License-Identifier: Apache-2.0
// CheckContinuable: whether Holdfast can go on with a checkpoint at all, asked before anything of it is opened for
// writing. Everything that stands in the way is told at once: who moves a query from Spark wants the whole list.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "files/file_system.h"
#include "holdfast/status.h"

namespace hf {

// Who will read an input of the query.
enum class SourceKind {
  kFiles,
  kJudgesItself,  // any other, also of the host program: it refuses offsets that are not its own when it is opened
};

// Ok also where there is no checkpoint yet. kIncompatible: what of its sources, settings and operators Holdfast lacks,
// with the condition of the only obstacle, or HOLDFAST_CANNOT_CONTINUE. `sources` by input; nullopt: any that Holdfast
// has.
Status CheckContinuable(FileSystem& files, const std::string& checkpoint,
                        const std::optional<std::vector<SourceKind>>& sources);

}  // namespace hf
