// SPDX-License-Identifier: Apache-2.0
// What a checkpoint's schema files say, and the schema ids that follow.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "codec/avro/avro_schema.h"
#include "state/evolution_judge.h"
#include "state/evolution_rules.h"

namespace hf {
namespace {

constexpr const char* kThresholdConf = "spark.sql.streaming.stateStore.valueStateSchemaEvolutionThreshold";
// Spark's own message names stateSchemaFilesThreshold, a conf that nothing reads.
constexpr const char* kFilesConf = "spark.sql.streaming.stateStore.maxNumStateSchemaFiles";

// The variable that an internal family serves; empty for timers and "default".
std::string VariableOf(std::string_view family) {
  if (!IsInternalFamily(family)) {
    return family == "default" ? std::string() : std::string(family);
  }
  const auto bar = family.find('_');
  return family.ends_with("_keyToTimestamp") || family.ends_with("_timestampToKey") || bar == std::string_view::npos
             ? std::string()
             : std::string(family.substr(bar + 1));
}

Finding Refusal(const StateFamilySchema& family, std::string condition, std::string sentence) {
  Finding finding{
      .verdict = Verdict::kRejected, .variable = VariableOf(family.family), .path = VariableOf(family.family)};
  finding.sentence = std::move(sentence);
  finding.refused = true;
  finding.condition = condition;
  finding.spark_condition = std::move(condition);
  return finding;
}

// Ids of one family under Avro: the latest when nothing changed, else one more, also when an older schema returns
// and when only the key's names changed (Spark 4.3 StateSchemaCompatibilityChecker.check).
bool AssignAvroId(const StateFamilySchema& latest, const EvolutionOptions& options, StateFamilySchema& family,
                  std::vector<Finding>& findings) {
  family.key_schema_id = latest.key_schema_id;
  family.value_schema_id = latest.value_schema_id;
  if (latest.key_schema == family.key_schema && latest.value_schema == family.value_schema) {
    return false;
  }
  const int next = latest.value_schema_id + 1;
  const int allowed = std::min(options.value_schema_evolution_threshold, kStateSchemaIdMax + 1);
  if (next >= allowed) {
    findings.push_back(Refusal(
        family, "STATE_STORE_VALUE_SCHEMA_EVOLUTION_THRESHOLD_EXCEEDED",
        fmt::format(
            "column family {} would get schema id {}, and {} schemas are the most allowed (ids 0 to {}); set {} to a "
            "higher number, or take the change back",
            family.family, next, allowed, allowed - 1, kThresholdConf)));
    return false;
  }
  family.value_schema_id = next;
  return true;
}

// Without Avro there is one schema: what fits by position is stored under the old names.
bool AssignPositionalId(const StateFamilySchema& latest, StateFamilySchema& family) {
  const bool same = latest.key_schema == family.key_schema && latest.value_schema == family.value_schema;
  const std::string name = family.family;
  family = latest;
  family.family = name;
  return !same;
}

bool SaidAlready(const std::vector<Finding>& findings, const std::string& variable, std::string_view condition) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.refused && finding.spark_condition == condition &&
           (finding.variable == variable || finding.variable.empty());
  });
}

void JudgeNumberOfFiles(const StateHistory& history, const EvolutionOptions& options,
                        const std::vector<StateFamilySchema>& families, std::vector<Finding>& findings) {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::set<std::string_view> names;
  for (const StateFamilySchema& family : families) {
    names.insert(family.family);
    if (!history.IsInLatestFile(family.family)) {
      added.push_back(family.family);
    }
  }
  for (const StateFamilySchema& family : history.recorded().schema_files.back()) {
    if (!names.contains(family.family)) {
      removed.push_back(family.family);
    }
  }
  const auto files = static_cast<int>(history.recorded().schema_files.size());
  // Spark asks only here, where families come or go, and for exactly the number; a limit lowered below it is one too.
  if ((added.empty() && removed.empty()) || files < options.schema_files_max) {
    return;
  }
  Finding finding{.verdict = Verdict::kRejected};
  finding.sentence = fmt::format(
      "{} state schema files exceed the {} allowed; added: {}; removed: {}; set {} to a higher number, or take the "
      "change back",
      files + 1, options.schema_files_max, fmt::join(added, ", "), fmt::join(removed, ", "), kFilesConf);
  finding.refused = true;
  finding.condition = "STATE_STORE_STATE_SCHEMA_FILES_THRESHOLD_EXCEEDED";
  finding.spark_condition = finding.condition;
  findings.push_back(std::move(finding));
}

}  // namespace

Result<StateHistory> StateHistory::Read(const RecordedState& recorded, StateEncoding encoding) {
  StateHistory history;
  history.recorded_ = &recorded;
  for (const std::vector<StateFamilySchema>& file : recorded.schema_files) {
    for (const StateFamilySchema& family : file) {
      if (!IsKnownFamily(family.family)) {
        return Incompatible(
            fmt::format("the checkpoint has an internal column family that this release does not know: {}",
                        family.family),
            "STATE_STORE_UNKNOWN_INTERNAL_COLUMN_FAMILY");
      }
      auto& earlier = history.families_[family.family];
      for (const StateFamilySchema* other : earlier) {
        if (encoding == StateEncoding::kAvro && other->value_schema_id == family.value_schema_id &&
            !(other->value_schema == family.value_schema)) {
          return Corrupt(fmt::format(
              "two state schema files give column family {} different schemas under the id {}: {} and {}",
              family.family, family.value_schema_id, other->value_schema.ToDdl(), family.value_schema.ToDdl()));
        }
      }
      earlier.push_back(&family);
      if (!IsInternalFamily(family.family) && family.family != "default") {
        history.variables_.insert_or_assign(family.family, Variable{.kind = KindOfFamily(family, file),
                                                                    .has_ttl = HasTtlFamily(family.family, file),
                                                                    .is_removed = true});
      }
    }
  }
  HF_RETURN_IF_ERROR(history.ReadVariables());
  return history;
}

Status StateHistory::ReadVariables() {
  for (const RecordedVariable& recorded : recorded_->variables) {
    if (recorded.type == "TimerState") {
      continue;
    }
    const auto found = variables_.find(recorded.name);
    if (found == variables_.end()) {
      return Corrupt(fmt::format("operator metadata lists the state variable {}, which is in no state schema file",
                                 recorded.name));
    }
    bool known = false;
    for (const VariableKind kind : {VariableKind::kValue, VariableKind::kList, VariableKind::kMap}) {
      if (VariableKindName(kind) == recorded.type) {
        found->second = {.kind = kind, .has_ttl = recorded.ttl_enabled, .is_removed = false};
        known = true;
      }
    }
    if (!known) {
      return Incompatible(
          fmt::format("the state variable {} is a {}, which this release does not know", recorded.name, recorded.type));
    }
  }
  return {};
}

const std::vector<const StateFamilySchema*>& StateHistory::Of(std::string_view family) const {
  static const std::vector<const StateFamilySchema*> kNone;
  const auto found = families_.find(family);
  return found == families_.end() ? kNone : found->second;
}

bool StateHistory::IsInLatestFile(std::string_view family) const {
  const auto& file = recorded_->schema_files.back();
  return std::any_of(file.begin(), file.end(), [&](const StateFamilySchema& other) { return other.family == family; });
}

const StateHistory::Variable* StateHistory::FindVariable(std::string_view name) const {
  const auto found = variables_.find(name);
  return found == variables_.end() ? nullptr : &found->second;
}

std::vector<std::string> StateHistory::CurrentVariables() const {
  std::vector<std::string> names;
  for (const auto& [name, variable] : variables_) {
    if (!variable.is_removed) {
      names.push_back(name);
    }
  }
  return names;
}

std::optional<DataType> StateHistory::GroupingKey() const {
  if (is_new()) {
    return std::nullopt;
  }
  for (const StateFamilySchema& family : recorded_->schema_files.back()) {
    if (!IsInternalFamily(family.family)) {
      const bool is_map = family.user_key_schema_json != kNoUserKeySchema;
      return is_map && family.key_schema.size() == 2 ? family.key_schema.field(0).type : family.key_schema.type();
    }
    if (family.family.ends_with("_keyToTimestamp") && family.key_schema.size() == 2) {
      return family.key_schema.field(0).type;
    }
  }
  return std::nullopt;
}

std::string SparkCondition(const StateHistory& history, const StateFamilySchema& family, StateEncoding encoding) {
  const auto& earlier = history.Of(family.family);
  if (earlier.empty()) {
    return {};
  }
  const StateFamilySchema& latest = *earlier.back();
  if (latest.key_schema == family.key_schema && latest.value_schema == family.value_schema) {
    return {};
  }
  if (!FitsByPosition(family.key_schema.type(), latest.key_schema.type())) {
    return "STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE";
  }
  if (encoding == StateEncoding::kUnsafeRow) {
    return FitsByPosition(family.value_schema.type(), latest.value_schema.type())
               ? ""
               : "STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE";
  }
  const bool readable = std::all_of(earlier.begin(), earlier.end(), [&](const StateFamilySchema* written) {
    return !FindAvroMismatch(written->value_schema.type(), family.value_schema.type()).has_value();
  });
  return readable ? "" : "STATE_STORE_INVALID_VALUE_SCHEMA_EVOLUTION";
}

bool AssignSchemaIds(const StateHistory& history, const EvolutionOptions& options,
                     std::vector<StateFamilySchema>& families, std::vector<Finding>& findings) {
  if (history.is_new()) {
    return true;
  }
  bool changed = families.size() != history.recorded().schema_files.back().size();
  for (StateFamilySchema& family : families) {
    changed = changed || !history.IsInLatestFile(family.family);
    const auto& earlier = history.Of(family.family);
    if (earlier.empty()) {
      continue;
    }
    const StateFamilySchema& latest = *earlier.back();
    const std::string condition = SparkCondition(history, family, options.encoding);
    if (!condition.empty()) {
      if (!SaidAlready(findings, VariableOf(family.family), condition)) {
        findings.push_back(Refusal(
            family, condition,
            fmt::format("column family {} cannot go on: it has key {} and value {}, and would get key {} and value {}",
                        family.family, latest.key_schema.ToDdl(), latest.value_schema.ToDdl(),
                        family.key_schema.ToDdl(), family.value_schema.ToDdl())));
      }
      continue;
    }
    changed = (options.encoding == StateEncoding::kAvro ? AssignAvroId(latest, options, family, findings)
                                                        : AssignPositionalId(latest, family)) ||
              changed;
  }
  JudgeNumberOfFiles(history, options, families, findings);
  return changed;
}

}  // namespace hf
