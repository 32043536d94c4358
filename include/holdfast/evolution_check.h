// SPDX-License-Identifier: Apache-2.0
// CheckEvolution: whether a new version of a processor may go on with a checkpoint, before it is deployed.
//
// Asks the same function as the start of a query does. Reads only, and needs no lock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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
  std::int64_t operator_id = 0;
  // All variables of the new version: one that the checkpoint has and this list lacks counts as left out.
  std::vector<ProposedVariable> variables = {};
  std::vector<std::string> accept = {};  // as holdfast.evolution.accept
  EvolutionPolicy policy = EvolutionPolicy::kBackward;
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

struct EvolutionCheck {
  std::vector<EvolutionChange> changes;
  std::vector<std::string> hazards;  // what no change says: limits that come near, an encoding that cannot evolve
  Status status;                     // ok, or the refusal that a start would end with
};

// An error when the checkpoint cannot be looked at (as ReadState), or kInvalid when a proposed variable is incomplete.
Result<EvolutionCheck> CheckEvolution(const std::string& checkpoint, const EvolutionCheckOptions& options);

}  // namespace hf
