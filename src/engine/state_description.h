// SPDX-License-Identifier: Apache-2.0
// StateDescription: what the state of this run looks like, and what the checkpoint must say of it before the first
// batch: the operator's metadata and, when a schema or the set of variables changed, a new state schema file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checkpoint/operator_metadata.h"
#include "engine/operator_plan.h"
#include "engine/processor_handle.h"
#include "engine/stream_plan.h"
#include "state/state_plan.h"
#include "state/state_schema_file.h"

namespace hf {

struct StateDescription {
  StatePlan plan;
  OperatorMetadata metadata;  // without the path of a file that is yet to be written
  std::optional<std::vector<StateFamilySchema>> new_schema;
  std::vector<std::string> notes;  // accepted changes, for people
};

// Compares what the processor declares with what the checkpoint holds after batch `committed` (-1: nothing), by the
// rules of state/evolution.h. Writes nothing; the refusal names variable, field and what to do.
Result<StateDescription> DescribeState(const StreamPlan& stream, const StreamOperator& described,
                                       const OperatorPlan& plan, const Conf& conf, const Declarations& declared,
                                       BatchId committed, std::size_t partitions);

// Writes the schema file, if there is a new one, and the metadata that names it, for the run that begins with `batch`.
Status WriteStateDescription(const StreamPlan& stream, const OperatorPlan& plan, const Conf& conf,
                             StateDescription& description, BatchId batch);

}  // namespace hf
