// SPDX-License-Identifier: Apache-2.0
// CheckEvolution: whether a new version of a processor may go on with a checkpoint, before it is deployed.
//
// Asks the same function as the start of a query does. Reads only, and needs no lock.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "holdfast/batch.h"
#include "holdfast/processor.h"
#include "holdfast/status.h"
#include "holdfast/types.h"

namespace hf {

// A state variable as the new version declares it.
struct ProposedVariable {
  std::string name;
  Schema schema;                   // of a value, of a list's element, of a map's value
  std::string kind = {};           // "value", "list", "map"; empty: as the checkpoint has it, "value" when it has none
  std::optional<bool> ttl = {};    // nullopt: as the checkpoint has it
  std::optional<Schema> key = {};  // a map's user key; nullopt: as the checkpoint has it
};

enum class EvolutionPolicy {
  kBackward,           // the new version reads what every earlier one wrote
  kForward,            // the present version reads what the new one will have written: the way back stays open
  kForwardTransitive,  // so does every earlier version that the checkpoint knows
  kFull,               // kBackward and kForward
  kFullTransitive,     // kBackward and kForwardTransitive
};

struct EvolutionCheckOptions {
  // Of the checkpoint's operators, the query's last processor being 0; nullopt: there is only one.
  std::optional<std::int64_t> operator_id = {};
  // All variables of the new version: one that the checkpoint has and this list lacks counts as left out.
  std::vector<ProposedVariable> variables = {};
  // Instead of `variables`: its Init is run, to learn what it declares and deletes. If its key has no members, it says
  // nothing of the grouping columns.
  std::shared_ptr<const ProcessorFactory> processor = {};
  // What is not said is taken as the checkpoint has it.
  std::optional<Schema> key = {};  // the grouping columns
  std::optional<TimeMode> time_mode = {};
  std::optional<OutputMode> output_mode = {};
  std::map<std::string, std::string> conf = {};  // of the new version's query
  std::vector<std::string> accept = {};          // beside holdfast.evolution.accept in `conf`
  EvolutionPolicy policy = EvolutionPolicy::kBackward;
  // So many entries of each variable are really read with the new schema, and into the processor's own type where there
  // is one; 0: all.
  std::optional<std::int64_t> sample = {};
};

struct EvolutionChange {
  std::string direction;  // "backward" or "forward"
  std::string variable;   // empty: the grouping key or the operator
  std::string path;       // "session_state.address.zip", "tags[]", "attrs{}.n"
  std::string before;     // type, kind or mode; empty when there was none
  std::string after;
  std::string verdict;  // SAFE, NULL_FILLED, WIDENED, LOSSY, AMBIGUOUS or REJECTED
  bool refused = false;
  std::string condition;        // of the refusal
  std::string spark_condition;  // empty: Spark's check accepts the change
  std::string spark_then;       // how Spark fails after accepting it; empty when it does not
  std::string sentence;         // what changed, why it matters, what to do
};

// What the new version makes of entries that are there.
struct VariableSample {
  std::string variable;
  bool is_left_out = false;           // the new version has no such variable: nothing reads its entries
  std::int64_t entries = 0;           // a list is one
  bool is_all = false;                // the variable has no more
  std::int64_t failed = 0;            // could not be read
  std::vector<std::string> failures;  // of the first of them: key and reason
  // Some entries, those first that look different: key, [user_map_key,] before, after, partition_id.
  ColumnBatch examples;
};

struct EvolutionCheck {
  std::vector<EvolutionChange> changes;
  // What no change says: limits that come near, an encoding that cannot evolve, settings that are not in force.
  std::vector<std::string> hazards;
  // As asked for, of every variable of the checkpoint. What is refused only as a loss is read as if the loss were
  // accepted; nothing is where something else is refused.
  std::vector<VariableSample> samples;
  // ok, or the refusal that a start would end with, else that entries of the sample cannot be read.
  Status status;
};

// An error when the checkpoint cannot be looked at (as ReadState), kInvalid when a proposed variable is
// incomplete or a setting unknown, kUser when Init throws.
Result<EvolutionCheck> CheckEvolution(const std::string& checkpoint, const EvolutionCheckOptions& options);

}  // namespace hf
