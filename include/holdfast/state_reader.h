// SPDX-License-Identifier: Apache-2.0
// StateReader: looks into a checkpoint; Spark's "statestore" and "state-metadata" data sources, same columns.
//
// Reading never writes into the checkpoint and needs no lock.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "holdfast/batch.h"

namespace hf {

struct StateReadOptions {
  std::optional<std::int64_t> batch_id = {};  // nullopt: the last committed batch
  std::int64_t operator_id = 0;
  std::string variable = {};  // stateVarName; empty: the only one there is
};

// What a checkpoint says of one operator: a row of the "state-metadata" source.
struct StateVariableSummary {
  std::string name;
  std::string kind;  // "ValueState"
  bool ttl_enabled = false;
  Schema value_schema;  // the latest
  int value_schema_id = 0;
  std::vector<int> schema_ids;  // all that values may have been written with
};

struct OperatorStateSummary {
  std::int64_t operator_id = 0;
  std::string operator_name;
  std::string state_store_name;
  std::int64_t num_partitions = 0;
  std::int64_t min_batch_id = 0;
  std::int64_t max_batch_id = 0;
  std::string operator_properties;  // JSON: timeMode, outputMode, stateVariables
  Schema key_schema;
  std::vector<StateVariableSummary> variables;
};

// Describes every stateful operator of the checkpoint. kInvalid STDS_COMMITTED_BATCH_UNAVAILABLE when no batch is
// committed.
Result<std::vector<OperatorStateSummary>> ReadStateMetadata(const std::string& checkpoint);

// Rows of one variable: key struct, value struct, partition_id int. Values of older schema versions come in the
// schema of the batch that is read. Visits at least one batch of rows (empty when there are none), until `visit`
// returns an error, which is then returned.
Status ReadState(const std::string& checkpoint, const StateReadOptions& options,
                 const std::function<Status(const ColumnBatch&)>& visit);

// How many values of a variable each schema version wrote: by schema id.
Result<std::vector<std::pair<int, std::int64_t>>> CountValuesBySchema(const std::string& checkpoint,
                                                                      const StateReadOptions& options);

}  // namespace hf
