// SPDX-License-Identifier: Apache-2.0
// The parts of Evolve (evolution.h): what was, what changed, and which schema ids follow. For evolution.cc only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/evolution.h"

namespace hf {

// The schema files of a checkpoint by family. Borrows the recorded state, which must outlive it.
class StateHistory {
 public:
  // As a variable was when it was last there.
  struct Variable {
    VariableKind kind = VariableKind::kValue;
    bool has_ttl = false;
    bool is_removed = false;  // not in the newest metadata
  };

  static Result<StateHistory> Read(const RecordedState& recorded, StateEncoding encoding);

  [[nodiscard]] const RecordedState& recorded() const { return *recorded_; }
  [[nodiscard]] bool is_new() const { return recorded_->schema_files.empty(); }
  // Every schema the family has had, oldest first, repeats included; empty when it never was.
  [[nodiscard]] const std::vector<const StateFamilySchema*>& Of(std::string_view family) const;
  [[nodiscard]] bool IsInLatestFile(std::string_view family) const;  // REQUIRES: !is_new()
  // nullptr when there never was such a variable.
  [[nodiscard]] const Variable* FindVariable(std::string_view name) const;
  // Variables of the newest metadata, timers left out.
  [[nodiscard]] std::vector<std::string> CurrentVariables() const;
  // The grouping key as any family of the newest file has it; nullopt when there is none.
  [[nodiscard]] std::optional<DataType> GroupingKey() const;

 private:
  Status ReadVariables();

  const RecordedState* recorded_ = nullptr;
  std::map<std::string, std::vector<const StateFamilySchema*>, std::less<>> families_;
  std::map<std::string, Variable, std::less<>> variables_;
};

// The verdicts on operator, grouping key and variables.
std::vector<Finding> JudgeChanges(const StateHistory& history, const DeclaredState& declared,
                                  const EvolutionOptions& options);

// Gives each family the ids that Spark 4.3 would (StateSchemaCompatibilityChecker.check) and says whether the result
// needs a file of its own. Appends a finding where a threshold is reached, and where Spark refuses a family of which no
// finding said so.
bool AssignSchemaIds(const StateHistory& history, const EvolutionOptions& options,
                     std::vector<StateFamilySchema>& families, std::vector<Finding>& findings);

// Of two families that Spark compares: the condition it refuses with, or empty. The threshold is not looked at.
std::string SparkCondition(const StateHistory& history, const StateFamilySchema& family, StateEncoding encoding);

}  // namespace hf
