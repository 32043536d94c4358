// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "engine/continuing.h"
#include "engine/stream_plan.h"
#include "query/environment.h"

namespace hf {

// Everything of a description but the checkpoint's lock and the sources. All that can be refused without looking into
// the checkpoint is refused; nothing is written but a scratch directory.
Result<StreamPlan> MakePlan(const QueryDescription& description, const Environment& environment);

// Gives the plan its sources. They read their logs in the checkpoint, where nobody else may write from now on.
Status OpenSources(const QueryDescription& description, const Environment& environment, StreamPlan* plan);

// Who reads the query's inputs.
std::vector<SourceKind> SourceKindsOf(const QueryDescription& description);

}  // namespace hf
