// SPDX-License-Identifier: Apache-2.0
// OperatorMetadataLog: <checkpoint>/state/<operator>/_metadata/v2/N, what batch N and those after it keep in state.
// Written at the first batch of each run. Format: docs/formats/operator_metadata.md.
//
// Spark 4.3 OperatorStateMetadataV2: "v2", then one line of JSON. Inside it, operatorPropertiesJson is itself JSON as
// a text. Spark lists the state variables in the order of a hash map, so their order means nothing. Operators other
// than transformWithState mostly have version 1, without properties and schema files, in <operator>/_metadata/metadata.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/numbered_log.h"

namespace hf {

inline constexpr std::string_view kTimerStateType = "TimerState";
// With what the names of all forms of transformWithState begin.
inline constexpr std::string_view kStatefulOperatorPrefix = "transformWithState";

struct StateVariableInfo {
  std::string name;
  std::string type;  // "ValueState", "ListState", "MapState", "TimerState"
  bool ttl_enabled = false;

  bool operator==(const StateVariableInfo&) const = default;
};

struct StateStoreInfo {
  std::string store_name = "default";
  std::int64_t num_cols_prefix_key = 0;
  std::int64_t num_partitions = 0;
  // Oldest first, as Hadoop paths ("file:/checkpoint/state/0/_stateSchema/default/0_<uuid>"): absolute, so that they
  // are stale in a checkpoint that was copied. See state/state_schema_file.h.
  std::vector<std::string> schema_file_paths;

  bool operator==(const StateStoreInfo&) const = default;
};

struct OperatorMetadata {
  std::int64_t operator_id = 0;
  std::string operator_name;  // Spark refuses to go on under another name
  std::vector<StateStoreInfo> stores;
  std::string time_mode;    // "NoTime", "ProcessingTime", "EventTime"
  std::string output_mode;  // "Append", "Update", "Complete"
  std::vector<StateVariableInfo> variables;
};

// Whether both say the same; the order of the variables does not count.
bool SameMetadata(const OperatorMetadata& a, const OperatorMetadata& b);

// What an operator of any kind says of itself.
struct OperatorOutline {
  std::int64_t operator_id = 0;
  std::string operator_name;
  std::vector<StateStoreInfo> stores;
  std::string properties;  // JSON of the operator's own making; empty in version 1
};

// kIncompatible with HOLDFAST_UNSUPPORTED_OPERATOR for operators other than transformWithState.
Result<OperatorMetadata> ParseOperatorMetadata(std::string_view text, const std::string& path);
std::string PrintOperatorMetadata(const OperatorMetadata& metadata);

class OperatorMetadataLog {
 public:
  OperatorMetadataLog(FileSystem& files, const std::string& checkpoint, std::int64_t operator_id);

  struct Entry {
    BatchId batch = 0;
    OperatorMetadata metadata;
  };
  // The newest at or before `batch`; nullopt when there is none. Fails as ParseOperatorMetadata does also where there
  // is only the file of version 1.
  [[nodiscard]] Result<std::optional<Entry>> LatestAt(BatchId batch) const;
  // The same of an operator of any kind.
  [[nodiscard]] Result<std::optional<OperatorOutline>> OutlineAt(BatchId batch) const;
  // Writes what holds from `batch` on, which is not committed yet. What a failed attempt at the same batch left is
  // replaced when it says something else: a new version of the processor may take over from a crashed old one.
  Status Put(BatchId batch, const OperatorMetadata& metadata);
  // Deletes what no batch from `first_retained` on needs: all but the newest at or before it, and later ones.
  Status Purge(BatchId first_retained);

  [[nodiscard]] const NumberedLog& log() const { return log_; }

 private:
  struct Text {
    BatchId batch = 0;  // 0 for the file of version 1
    std::string path;
    std::string text;
  };
  [[nodiscard]] Result<std::optional<Text>> ReadAt(BatchId batch) const;

  NumberedLog log_;
  std::string version_1_path_;
};

// The operators that have a directory under <checkpoint>/state, ascending.
Result<std::vector<std::int64_t>> ListOperators(FileSystem& files, const std::string& checkpoint);

}  // namespace hf
