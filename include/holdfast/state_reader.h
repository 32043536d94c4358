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

// The names in the comments are those of Spark's options.
struct StateReadOptions {
  std::optional<std::int64_t> batch_id = {};  // batchId; nullopt: the last committed batch
  std::int64_t operator_id = 0;               // operatorId
  std::string variable = {};                  // stateVarName; empty: the only one there is
  bool timers = false;                        // readRegisteredTimers, instead of a variable
  bool flatten = true;                        // flattenCollectionTypes: a row for each element of a list or map
  struct Changes {
    std::int64_t first = 0;                 // changeStartBatchId
    std::optional<std::int64_t> last = {};  // changeEndBatchId; nullopt: the last committed batch
  };
  std::optional<Changes> changes = {};  // readChangeFeed: what each batch did instead of what is there
  // The state as one snapshot and the changelogs after it have it, whatever newer snapshots say.
  struct SnapshotStart {
    std::int64_t batch_id = 0;                      // snapshotStartBatchId: the snapshot is of the state after it
    std::optional<std::int64_t> partition_id = {};  // snapshotPartitionId; nullopt, unlike in Spark: all
  };
  std::optional<SnapshotStart> snapshot_start = {};
};

struct StateVariableSummary {
  std::string name;
  std::string kind;  // "ValueState"
  bool ttl_enabled = false;
  Schema value_schema;  // the latest
  int value_schema_id = 0;
  std::vector<int> schema_ids;  // all that values may have been written with
};

// What a checkpoint says of one state store of one stateful operator: a row of the "state-metadata" source. Key and
// variables are those of transformWithState; of other operators they are empty.
struct OperatorStateSummary {
  std::int64_t operator_id = 0;
  std::string operator_name;
  std::string state_store_name;
  std::int64_t num_partitions = 0;
  std::int64_t min_batch_id = 0;
  std::int64_t max_batch_id = 0;
  std::string operator_properties;  // JSON, of transformWithState: timeMode, outputMode, stateVariables; may be empty
  Schema key_schema;
  std::vector<StateVariableSummary> variables;
};

// Describes every stateful operator of the checkpoint, also of kinds whose state cannot be read. kInvalid
// STDS_COMMITTED_BATCH_UNAVAILABLE when no batch is committed.
Result<std::vector<OperatorStateSummary>> ReadStateMetadata(const std::string& checkpoint);

// The same as rows, with the visible columns of Spark's "state-metadata" source: operatorId, operatorName,
// stateStoreName, numPartitions, minBatchId, maxBatchId, operatorProperties.
Result<ColumnBatch> ReadStateMetadataRows(const std::string& checkpoint);

// Rows of one variable, with Spark's columns:
//   value: key, value          list: key, list_element (list_value, an array, when not flattened)
//   timers: key, expiration_timestamp_ms
//   map: key, user_map_key, user_map_value (map_value, a map, when not flattened)
// and partition_id behind them; a change feed begins with batch_id and change_type (update, append, delete). Values of
// older schema versions come in the schema of the batch that is read. With TTL a value is {value, ttlExpirationMs},
// whether it has expired or not. kInvalid with Spark's condition (STDS_...) for options that do not fit the checkpoint
// or each other. kUnavailable with HOLDFAST_BATCH_PURGED when a query at work has purged what was being read: read
// again. Visits at least one batch of rows (empty when there are none), until `visit` returns an error, which is then
// returned.
Status ReadState(const std::string& checkpoint, const StateReadOptions& options,
                 const std::function<Status(const ColumnBatch&)>& visit);

// How many values of a variable each schema version wrote: by schema id.
Result<std::vector<std::pair<int, std::int64_t>>> CountValuesBySchema(const std::string& checkpoint,
                                                                      const StateReadOptions& options);

}  // namespace hf
