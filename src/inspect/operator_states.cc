// SPDX-License-Identifier: Apache-2.0
#include "inspect/operator_states.h"

#include <fmt/format.h>

#include "checkpoint/operator_metadata.h"
#include "inspect/checkpoint_view.h"

namespace hf {

Result<std::vector<OperatorStateSummary>> ListOperatorStates(FileSystem& files, const std::string& checkpoint) {
  HF_ASSIGN_OR_RETURN(const std::vector<std::int64_t> operators, ListOperators(files, checkpoint));
  if (operators.empty()) {
    return Invalid(fmt::format("{} has no stateful operator; is it a checkpoint?", checkpoint),
                   "STDS_OFFSET_LOG_UNAVAILABLE");
  }
  HF_ASSIGN_OR_RETURN(const std::vector<BatchId> committed, CommittedBatches(files, checkpoint));
  std::vector<OperatorStateSummary> summaries;
  for (const std::int64_t operator_id : operators) {
    HF_ASSIGN_OR_RETURN(auto outline, OperatorMetadataLog(files, checkpoint, operator_id).OutlineAt(committed.back()));
    if (!outline.has_value()) {
      return Invalid(fmt::format("{}/state/{} has no operator metadata of batch {} or before it", checkpoint,
                                 operator_id, committed.back()),
                     "STDS_FAILED_TO_READ_OPERATOR_METADATA");
    }
    for (const StateStoreInfo& store : outline->stores) {
      summaries.push_back({.operator_id = operator_id,
                           .operator_name = outline->operator_name,
                           .state_store_name = store.store_name,
                           .num_partitions = store.num_partitions,
                           .min_batch_id = committed.front(),
                           .max_batch_id = committed.back(),
                           .operator_properties = outline->properties,
                           .key_schema = Schema(),
                           .variables = {}});
    }
  }
  return summaries;
}

Status DescribeVariables(FileSystem& files, const std::string& checkpoint, OperatorStateSummary* summary) {
  if (!summary->operator_name.starts_with(kStatefulOperatorPrefix)) {
    return Status();
  }
  HF_ASSIGN_OR_RETURN(const CheckpointView view,
                      CheckpointView::Open(files, checkpoint, summary->operator_id, summary->max_batch_id));
  for (const StateVariableInfo& variable : view.metadata.variables) {
    const StateFamilySchema* latest = view.Latest(variable.name);
    if (latest == nullptr) {
      continue;
    }
    summary->key_schema = latest->key_schema;
    StateVariableSummary described{.name = variable.name,
                                   .kind = variable.type,
                                   .ttl_enabled = variable.ttl_enabled,
                                   .value_schema = latest->value_schema,
                                   .value_schema_id = latest->value_schema_id,
                                   .schema_ids = {}};
    for (const auto& [id, schema] : view.Written(variable.name)) {
      described.schema_ids.push_back(id);
    }
    summary->variables.push_back(std::move(described));
  }
  return Status();
}

}  // namespace hf
