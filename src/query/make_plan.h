// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/stream_plan.h"
#include "query/environment.h"

namespace hf {

// Everything of a description but the checkpoint's lock and the source. All that can be refused without looking into
// the checkpoint is refused; nothing is written but a scratch directory.
Result<StreamPlan> MakePlan(const QueryDescription& description, const Environment& environment);

}  // namespace hf
