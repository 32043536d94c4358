// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "engine/continuing.h"
#include "engine/stream_plan.h"
#include "query/environment.h"

namespace hf {

// Everything of a description but the checkpoint's lock and the source. All that can be refused without looking into
// the checkpoint is refused; nothing is written but a scratch directory.
Result<StreamPlan> MakePlan(const QueryDescription& description, const Environment& environment);

// The source of the description. It reads its log in the checkpoint, where nobody else may write from now on.
Result<std::shared_ptr<Source>> MakeSource(const QueryDescription& description, const Conf& conf,
                                           const Environment& environment, const std::string& checkpoint);

// Who reads the query's input.
inline SourceKind SourceKindOf(const QueryDescription& description) {
  return description.source == nullptr ? SourceKind::kFiles : SourceKind::kHost;
}

}  // namespace hf
