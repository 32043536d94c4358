// SPDX-License-Identifier: Apache-2.0
// Evolution: whether a processor may go on with the state that a checkpoint holds, and how. The start of a query and
// the check before a deployment ask the same function, so that they cannot disagree.
//
// The rules, in the order in which a start ends over them:
//  1. What Spark 4.3 refuses is refused, under Spark's condition: an earlier schema of the variable, also of a time
//     before it was removed, that Avro cannot resolve; another grouping key or user's key; the thresholds; another
//     time mode, output mode or kind of variable.
//  2. What Spark accepts and then reads as something else is refused as HOLDFAST_BENT_STATE_EVOLUTION; no setting
//     allows it. A bend that the checkpoint has behind it already is only reported.
//  3. What loses values is refused as HOLDFAST_LOSSY_STATE_EVOLUTION unless holdfast.evolution.accept names the very
//     path: a field or a whole variable that is gone (perhaps renamed: then the old path), a number that is rounded.
//     Loss is judged against the latest schema, because what was lost before was accepted then; readability and bends
//     against all.
//
// Paths begin with the variable: "session_state.address.zip"; "[]" is an array's element, "{}" a map's value, "{key}"
// a map's key: "s.tags[]", "s.attrs{}.n". Elements of a list state and values of a map state are meant by the bare
// variable ("clicks.page"), the user's key of a map state by "m{key}.k". The grouping key is "{key}.user_id".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "holdfast/status.h"
#include "state/state_families.h"
#include "state/state_plan.h"
#include "state/state_schema_file.h"

namespace hf {

inline constexpr std::string_view kLossyEvolution = "HOLDFAST_LOSSY_STATE_EVOLUTION";
inline constexpr std::string_view kBentEvolution = "HOLDFAST_BENT_STATE_EVOLUTION";

// As operator metadata records it; "TimerState" entries may be among them.
struct RecordedVariable {
  std::string name;
  std::string type;  // "ValueState", "ListState", "MapState", "TimerState"
  bool ttl_enabled = false;
};

// What a checkpoint holds. Nothing at all (no file) is a new checkpoint.
struct RecordedState {
  std::vector<std::vector<StateFamilySchema>> schema_files = {};  // all that the newest metadata lists, oldest first
  std::vector<RecordedVariable> variables = {};
  std::string time_mode = {};
  std::string output_mode = {};
};

struct EvolutionOptions {
  std::vector<std::string> accept = {};       // holdfast.evolution.accept
  int value_schema_evolution_threshold = 16;  // spark.sql.streaming.stateStore.valueStateSchemaEvolutionThreshold
  int schema_files_max = 128;                 // spark.sql.streaming.stateStore.maxNumStateSchemaFiles
  StateEncoding encoding = StateEncoding::kAvro;
};

enum class Verdict {
  kSafe,
  kNullFilled,  // a new field: null in every old value
  kWidened,
  kLossy,
  kAmbiguous,  // perhaps a rename, which would be a loss
  kRejected,
};
// "SAFE", "NULL_FILLED", "WIDENED", "LOSSY", "AMBIGUOUS", "REJECTED".
std::string_view VerdictName(Verdict verdict);

struct Finding {
  Verdict verdict = Verdict::kSafe;
  std::string variable = {};  // empty: the grouping key or the operator
  std::string path = {};      // the variable alone when all of it is meant; empty for the operator
  std::string before = {};    // the type (or kind, or mode) that was there; empty when there was none
  std::string after = {};
  std::string sentence = {};  // what changed, why it matters, what to do
  // Set when a start ends over this finding. A LOSSY finding without it is accepted.
  bool refused = false;
  ErrorKind kind = ErrorKind::kIncompatible;  // of the refusal
  std::string condition = {};                 // of the refusal
  std::string spark_condition = {};           // empty: Spark's check accepts the change
  std::string spark_then = {};                // what Spark does after accepting, where that is a failure
};

struct Evolution {
  std::vector<Finding> findings;  // at least one a variable
  Status status;                  // ok, or the refusal that a start ends with; names every refused path
  // REQUIRES for what follows: status.ok().
  StatePlan plan;
  std::vector<StateFamilySchema> families;  // all families of the plan with the ids to write
  bool needs_schema_file = false;           // `families` is the content of a new one
};

// Writes nothing. status is kCorrupt when the schema files contradict each other or the metadata, kIncompatible when
// they hold a family that only a later Spark can have made.
Evolution Evolve(const RecordedState& recorded, const DeclaredState& declared, const EvolutionOptions& options);

// kIncompatible when an earlier schema lacks one of `required_paths`, members of a C++ struct that are not optional:
// what it wrote has no value for them. `written` are the variable's schemas without what TTL puts around them.
Status CheckMembersHaveValues(std::string_view variable, const std::vector<std::string>& required_paths,
                              const std::vector<DataType>& written);

}  // namespace hf
