// SPDX-License-Identifier: Apache-2.0
// The column families behind a processor's declarations, with the schemas that Spark 4.3 writes for them
// (StateStoreColumnFamilySchemaUtils, DriverStatefulProcessorHandleImpl):
//
//   value x   x
//   list x    x, $rowCounter_x                      with TTL: $ttl_x ($min_x and $count_x for a list), and the value
//   map x     x, its key {key, userKey}             becomes {value, ttlExpirationMs}
//   timers    $procTimers_* or $eventTimers_*, two, whenever there is a time mode
//   default   only under transformWithStateExec
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/types.h"
#include "state/row_frame.h"
#include "state/state_schema_file.h"

namespace hf {

enum class VariableKind { kValue, kList, kMap };
// Spark's StateVariableType: "ValueState", "ListState", "MapState".
std::string_view VariableKindName(VariableKind kind);

// A variable as a processor asks for it, in the words of Spark's schema files.
struct DeclaredVariable {
  std::string name;
  VariableKind kind = VariableKind::kValue;
  Schema value;                         // of a value, of a list's element, of a map's value
  std::optional<Schema> user_key = {};  // REQUIRES: set for a map, and only there
  bool has_ttl = false;
  // Members that are not optional, so that there is no way to say that an earlier schema lacks them: "address.zip",
  // in the syntax of evolution.h without the variable in front.
  std::vector<std::string> required_paths = {};
};

// What a processor asks for.
struct DeclaredState {
  Schema key;  // the grouping columns
  std::vector<DeclaredVariable> variables = {};
  std::vector<std::string> deleted = {};  // by DeleteIfExists
  std::string time_mode = "NoTime";       // as operator metadata has it: "NoTime", "ProcessingTime", "EventTime"
  std::string output_mode = "Append";
  // For a checkpoint that is new; one that exists goes on as it began.
  bool lists_default_family = false;
};

// Every nullability in `type` becomes true (Spark StructType.toNullable). So Spark keeps values in Avro state.
DataType AsNullable(const DataType& type);

// All families of `declared`, ids 0. `with_default`: the family "default" is among them.
std::vector<StateFamilySchema> FamiliesOf(const DeclaredState& declared, StateEncoding encoding, bool with_default);

// The value of a variable's family without what TTL puts around it.
const DataType& UserValue(const StateFamilySchema& family, bool has_ttl);

// Whether `family` of one schema file belongs to a variable of this kind, with or without TTL.
VariableKind KindOfFamily(const StateFamilySchema& family, const std::vector<StateFamilySchema>& file);
bool HasTtlFamily(std::string_view variable, const std::vector<StateFamilySchema>& file);

// The families beside a variable's own, as in the table above: "$ttl_x", "$rowCounter_x", "$min_x", "$count_x".
std::string ExpirationFamily(std::string_view variable);
std::string RowCounterFamily(std::string_view variable);
std::string LeastExpirationFamily(std::string_view variable);
std::string ElementCountFamily(std::string_view variable);
// "$procTimers_keyToTimestamp" and "$procTimers_timestampToKey", or those of event time. REQUIRES: a time mode.
struct TimerFamilies {
  std::string_view by_key;
  std::string_view by_time;
};
TimerFamilies TimerFamiliesOf(std::string_view time_mode);

inline bool IsInternalFamily(std::string_view family) { return family.starts_with('$'); }
// False for a family that only a later Spark can have made.
bool IsKnownFamily(std::string_view family);

}  // namespace hf
