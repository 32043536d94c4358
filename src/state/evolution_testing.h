// SPDX-License-Identifier: Apache-2.0
// For tests of evolution: a checkpoint that remembers what each start decided, and short ways to declare state.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "state/evolution.h"

namespace hf::test {

inline Schema Ddl(const std::string& ddl) { return *Schema::FromDdl(ddl); }

inline DeclaredVariable DeclaredValue(std::string name, const std::string& ddl) {
  return {.name = std::move(name), .value = Ddl(ddl)};
}
inline DeclaredVariable DeclaredList(std::string name, const std::string& ddl) {
  return {.name = std::move(name), .kind = VariableKind::kList, .value = Ddl(ddl)};
}
inline DeclaredVariable DeclaredMap(std::string name, const std::string& key_ddl, const std::string& ddl) {
  return {.name = std::move(name), .kind = VariableKind::kMap, .value = Ddl(ddl), .user_key = Ddl(key_ddl)};
}
inline DeclaredVariable WithTtl(DeclaredVariable variable) {
  variable.has_ttl = true;
  return variable;
}
inline DeclaredState Declare(std::vector<DeclaredVariable> variables, const std::string& key_ddl = "id STRING") {
  return {.key = Ddl(key_ddl), .variables = std::move(variables)};
}

class EvolvingCheckpoint {
 public:
  // Decides as the start of a query does, and, when it may start, records what its first batch writes.
  Evolution Start(const DeclaredState& declared, const EvolutionOptions& options = {}) {
    Evolution decided = Evolve(recorded, declared, options);
    if (decided.status.ok()) {
      Record(declared, decided);
    }
    return decided;
  }

  // What the first batch writes, and what Spark's writes where we refuse and Spark does not.
  void Record(const DeclaredState& declared, const Evolution& decided) {
    if (decided.needs_schema_file) {
      recorded.schema_files.push_back(decided.families);
    }
    recorded.variables.clear();
    for (const DeclaredVariable& variable : declared.variables) {
      recorded.variables.push_back({.name = variable.name,
                                    .type = std::string(VariableKindName(variable.kind)),
                                    .ttl_enabled = variable.has_ttl});
    }
    recorded.time_mode = declared.time_mode;
    recorded.output_mode = declared.output_mode;
  }

  // What Spark does, which looks at less: a schema file without asking us.
  void WriteBehindOurBack(const DeclaredState& declared, int value_schema_id) {
    std::vector<StateFamilySchema> families = FamiliesOf(declared, StateEncoding::kAvro, false);
    for (StateFamilySchema& family : families) {
      family.value_schema_id = value_schema_id;
    }
    recorded.schema_files.push_back(std::move(families));
  }

  RecordedState recorded;
};

// "LOSSY v.a!, NULL_FILLED v.b": in order, '!' where a start ends.
inline std::string Summary(const Evolution& evolution) {
  std::string text;
  for (const Finding& finding : evolution.findings) {
    text += fmt::format("{}{}{}{}{}", text.empty() ? "" : ", ", VerdictName(finding.verdict),
                        finding.path.empty() ? "" : " ", finding.path, finding.refused ? "!" : "");
  }
  return text;
}

}  // namespace hf::test
