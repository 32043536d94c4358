// SPDX-License-Identifier: Apache-2.0
#include "inspect/check_evolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/continuing.h"
#include "engine/dialect.h"
#include "engine/processor_handle.h"
#include "inspect/beside_writer.h"
#include "inspect/checkpoint_view.h"
#include "inspect/sample_state.h"
#include "state/evolution.h"
#include "state/value_variable.h"

namespace hf {
namespace {

// The map's key {key, userKey} as the schema file has it.
Result<Schema> RecordedUserKey(const CheckpointView& view, const std::string& variable) {
  const StateFamilySchema* family = view.Latest(variable);
  if (family == nullptr || family->user_key_schema_json == kNoUserKeySchema) {
    return Invalid(
        fmt::format("{} is to be a map, and the checkpoint has no map of that name to take the user's key "
                    "from; say its schema",
                    variable));
  }
  return Schema::FromJson(family->user_key_schema_json);
}

Result<VariableKind> KindNamed(const std::string& kind, const std::string& variable) {
  for (const auto& [name, found] :
       {std::pair("value", VariableKind::kValue), {"list", VariableKind::kList}, {"map", VariableKind::kMap}}) {
    if (kind == name || kind == VariableKindName(found)) {
      return found;
    }
  }
  return Invalid(fmt::format("{} is to be a \"{}\"; what there is are value, list and map", variable, kind));
}

// Fields that stand at the same places under other names, by type. REQUIRES: the structs fit by position.
void CollectRenamed(const DataType& before, const DataType& after, const std::string& path,
                    std::map<std::string, std::vector<std::string>>& renamed) {
  for (std::size_t i = 0; i < before.children().size(); ++i) {
    const StructField& old_field = before.children()[i];
    const StructField& new_field = after.children()[i];
    if (old_field.name != new_field.name) {
      renamed[old_field.type.ToSql()].push_back(fmt::format("{}.{} to {}", path, old_field.name, new_field.name));
    }
    if (old_field.type.kind() == TypeKind::kStruct) {
      CollectRenamed(old_field.type, new_field.type, fmt::format("{}.{}", path, old_field.name), renamed);
    }
  }
}

// As operator metadata has it.
TimeMode TimeModeOf(std::string_view name) {
  for (const TimeMode mode : {TimeMode::kProcessingTime, TimeMode::kEventTime}) {
    if (name == TimeModeName(mode)) {
      return mode;
    }
  }
  return TimeMode::kNone;
}

class Checking {
 public:
  static Result<EvolutionCheck> Run(const StateReadPlace& place, const CheckpointView& view,
                                    const EvolutionCheckOptions& asked) {
    HF_ASSIGN_OR_RETURN(const Conf conf, Conf::Make(asked.conf));
    return Checking(place, view, asked, conf).Run();
  }

 private:
  Checking(const StateReadPlace& place, const CheckpointView& view, const EvolutionCheckOptions& asked,
           const Conf& conf)
      : place_(place), view_(view), asked_(asked) {
    // The limits are the query's own, and the encoding is the checkpoint's.
    options_ = {.accept = asked.accept,
                .value_schema_evolution_threshold = static_cast<int>(conf.GetInt(conf_key::kEvolutionThreshold)),
                .schema_files_max = static_cast<int>(conf.GetInt(conf_key::kSchemaFilesMax)),
                .encoding = view.conf.encoding()};
    const std::vector<std::string> accepted = conf.GetList(conf_key::kEvolutionAccept);
    options_.accept.insert(options_.accept.end(), accepted.begin(), accepted.end());
    recorded_ = {
        .schema_files = view.schemas, .time_mode = view.metadata.time_mode, .output_mode = view.metadata.output_mode};
    for (const StateVariableInfo& variable : view.metadata.variables) {
      recorded_.variables.push_back(
          {.name = variable.name, .type = variable.type, .ttl_enabled = variable.ttl_enabled});
    }
  }

  Result<EvolutionCheck> Run() {
    HF_ASSIGN_OR_RETURN(const DeclaredState proposed, Proposed());
    Evolution evolution = Evolve(recorded_, proposed, options_);
    EvolutionCheck check{.changes = {}, .hazards = Hazards(evolution), .samples = {}, .status = {}};
    const EvolutionPolicy policy = asked_.policy;
    if (policy != EvolutionPolicy::kForward && policy != EvolutionPolicy::kForwardTransitive) {
      check.status = evolution.status.ok() ? CheckTypes(evolution) : evolution.status;
      Tell("backward", evolution.findings, check.changes);
    }
    if (policy != EvolutionPolicy::kBackward) {
      HF_RETURN_IF_ERROR(WaysBack(proposed, evolution, check));
    }
    if (asked_.sample.has_value()) {
      HF_RETURN_IF_ERROR(Sample(proposed, evolution, check));
    }
    return check;
  }

  // Key and modes as they are, no variables. REQUIRES: there is a schema file.
  [[nodiscard]] DeclaredState Unchanged() const {
    DeclaredState declared;
    declared.time_mode = recorded_.time_mode;
    declared.output_mode = recorded_.output_mode;
    for (const StateFamilySchema& family : view_.schemas.back()) {
      if (family.user_key_schema_json != kNoUserKeySchema || family.family.ends_with("_keyToTimestamp")) {
        declared.key = Schema(family.key_schema.field(0).type);
      } else if (!IsInternalFamily(family.family)) {
        declared.key = family.key_schema;
        break;
      }
    }
    return declared;
  }

  Result<DeclaredState> Proposed() {
    DeclaredState declared = Unchanged();
    HF_ASSIGN_OR_RETURN(declared.key, ProposedKey(declared.key));
    if (asked_.time_mode.has_value()) {
      declared.time_mode = TimeModeName(*asked_.time_mode);
    }
    if (asked_.output_mode.has_value()) {
      declared.output_mode = OutputModeName(*asked_.output_mode);
    }
    if (asked_.processor != nullptr) {
      HF_ASSIGN_OR_RETURN(declarations_,
                          CollectDeclarations(*asked_.processor, TimeModeOf(declared.time_mode),
                                              {.query_id = {}, .run_id = {}, .batch_id = view_.batch + 1}));
      for (const Declaration& declaration : declarations_.variables) {
        declared.variables.push_back(declaration.variable);
      }
      declared.deleted = declarations_.deleted;
      return declared;
    }
    for (const ProposedVariable& proposed : asked_.variables) {
      const auto recorded =
          std::find_if(recorded_.variables.begin(), recorded_.variables.end(),
                       [&](const RecordedVariable& variable) { return variable.name == proposed.name; });
      const bool is_there = recorded != recorded_.variables.end();
      const std::string kind = !proposed.kind.empty() ? proposed.kind : is_there ? recorded->type : "value";
      DeclaredVariable variable{.name = proposed.name, .value = proposed.schema};
      HF_ASSIGN_OR_RETURN(variable.kind, KindNamed(kind, proposed.name));
      variable.has_ttl = proposed.ttl.value_or(is_there && recorded->ttl_enabled);
      if (variable.kind == VariableKind::kMap) {
        variable.user_key = proposed.key;
        if (!proposed.key.has_value()) {
          HF_ASSIGN_OR_RETURN(variable.user_key, RecordedUserKey(view_, proposed.name));
        }
      }
      declared.variables.push_back(std::move(variable));
    }
    return declared;
  }

  // The grouping columns, as the checkpoint's dialect has them. A processor knows how many there are, but neither their
  // names nor, since it may read a column as a wider type, theirs; one whose key has no members knows nothing of them.
  [[nodiscard]] Result<Schema> ProposedKey(const Schema& unchanged) const {
    const std::size_t members = asked_.processor == nullptr ? 0 : asked_.processor->key_layout().fields.size();
    if (!asked_.key.has_value()) {
      return members > 0 && members != unchanged.size() ? SchemaOf(asked_.processor->key_layout()) : unchanged;
    }
    if (members > 0 && members != asked_.key->size()) {
      return Invalid(fmt::format("the grouping key is said to have {} columns, but the processor's key has {} members",
                                 asked_.key->size(), members));
    }
    const auto layout = RowLayout(*asked_.key);
    return KeyStructOf(view_.metadata.operator_name, *asked_.key,
                       members == 0 ? *layout : asked_.processor->key_layout(), &view_.schemas.back());
  }

  // The last question of a start: whether the processor's types take what was written.
  [[nodiscard]] Status CheckTypes(const Evolution& evolution) const {
    for (const Declaration& declaration : declarations_.variables) {
      if (const VariablePlan* plan = evolution.plan.Find(declaration.variable.name); plan != nullptr) {
        HF_RETURN_IF_ERROR(CheckVariable(evolution.plan.frame, *plan, declaration.type));
      }
    }
    return Status();
  }

  // Those that the checkpoint has, and those that it had and that come back.
  [[nodiscard]] std::vector<StateVariableInfo> VariablesOf(const DeclaredState& proposed) const {
    std::vector<StateVariableInfo> variables;
    const auto add = [this, &variables](StateVariableInfo variable) {
      const bool is_known =
          std::any_of(variables.begin(), variables.end(),
                      [&variable](const StateVariableInfo& known) { return known.name == variable.name; });
      if (!is_known && variable.type != kTimerStateType && view_.Latest(variable.name) != nullptr) {
        variables.push_back(std::move(variable));
      }
    };
    std::for_each(view_.metadata.variables.begin(), view_.metadata.variables.end(), add);
    for (const DeclaredVariable& variable : proposed.variables) {
      add({.name = variable.name,
           .type = std::string(VariableKindName(variable.kind)),
           .ttl_enabled = variable.has_ttl});
    }
    return variables;
  }

  // A loss is shown by what it leaves; what is refused otherwise has no values to show.
  Status Sample(const DeclaredState& proposed, const Evolution& evolution, EvolutionCheck& check) const {
    EvolutionOptions options = options_;
    for (const Finding& finding : evolution.findings) {
      if (finding.refused && finding.condition == kLossyEvolution) {
        options.accept.push_back(finding.path);
      }
    }
    const Evolution accepted = Evolve(recorded_, proposed, options);
    if (!accepted.status.ok()) {
      return Status();
    }
    HF_ASSIGN_OR_RETURN(check.samples,
                        SampleState(place_, view_, VariablesOf(proposed), accepted, declarations_, *asked_.sample));
    for (const VariableSample& sample : check.samples) {
      const bool is_deleted =
          std::find(proposed.deleted.begin(), proposed.deleted.end(), sample.variable) != proposed.deleted.end();
      if (sample.is_left_out && !is_deleted && sample.entries > 0) {
        check.hazards.push_back(fmt::format("{} is left out and still holds {}{} entries, which nothing reads",
                                            sample.variable, sample.is_all ? "" : "at least ", sample.entries));
      }
      if (sample.failed > 0 && check.status.ok()) {
        check.status = Incompatible(
            fmt::format("{} of {} entries of {} that were tried cannot be read by the new version, the first: {}",
                        sample.failed, sample.entries, sample.variable, sample.failures.front()));
      }
    }
    return Status();
  }

  // What the variables were under one schema file.
  Result<DeclaredState> VersionOf(const std::vector<StateFamilySchema>& file) const {
    DeclaredState declared = Unchanged();
    for (const StateFamilySchema& family : file) {
      if (IsInternalFamily(family.family) || family.family == "default") {
        continue;
      }
      DeclaredVariable variable{.name = family.family, .kind = KindOfFamily(family, file), .value = {}};
      variable.has_ttl = HasTtlFamily(family.family, file);
      variable.value = Schema(UserValue(family, variable.has_ttl));
      if (variable.kind == VariableKind::kMap) {
        HF_ASSIGN_OR_RETURN(variable.user_key, Schema::FromJson(family.user_key_schema_json));
      }
      declared.variables.push_back(std::move(variable));
    }
    return declared;
  }

  // Each earlier version is started on a checkpoint in which the new one has written a batch.
  Status WaysBack(const DeclaredState& proposed, const Evolution& evolution, EvolutionCheck& check) {
    RecordedState after = recorded_;
    after.variables.clear();
    for (const DeclaredVariable& variable : proposed.variables) {
      after.variables.push_back({.name = variable.name,
                                 .type = std::string(VariableKindName(variable.kind)),
                                 .ttl_enabled = variable.has_ttl});
    }
    if (evolution.needs_schema_file) {
      after.schema_files.push_back(evolution.families);
    }
    const bool all =
        asked_.policy == EvolutionPolicy::kForwardTransitive || asked_.policy == EvolutionPolicy::kFullTransitive;
    for (std::size_t i = all ? 0 : view_.schemas.size() - 1; i < view_.schemas.size(); ++i) {
      HF_ASSIGN_OR_RETURN(const DeclaredState version, VersionOf(view_.schemas[i]));
      const Evolution back = Evolve(after, version, options_);
      Tell("forward", back.findings, check.changes);
      if (check.status.ok()) {
        check.status = back.status;
      }
    }
    return Status();
  }

  [[nodiscard]] std::vector<std::string> Hazards(const Evolution& evolution) const {
    std::vector<std::string> hazards;
    if (options_.encoding == StateEncoding::kUnsafeRow) {
      hazards.emplace_back(
          "the state is UnsafeRow, which can never evolve: only names may change; a checkpoint that can is a new one "
          "with spark.sql.streaming.stateStore.encodingFormat=avro");
    }
    for (const std::string& path : options_.accept) {
      if (std::none_of(evolution.findings.begin(), evolution.findings.end(),
                       [&path](const Finding& finding) { return finding.path == path; })) {
        hazards.push_back(fmt::format("{} is accepted, and nothing is lost or changed there", path));
      }
    }
    if (options_.encoding == StateEncoding::kUnsafeRow && evolution.status.ok()) {
      AddExchanges(evolution, hazards);
    }
    for (const std::string& sentence : view_.conf.NotInForce(asked_.conf)) {
      hazards.push_back(sentence);
    }
    for (const StateFamilySchema& family : evolution.families) {
      if (options_.encoding != StateEncoding::kAvro || IsInternalFamily(family.family) || family.family == "default") {
        continue;
      }
      const StateFamilySchema* latest = view_.Latest(family.family);
      const int left = options_.value_schema_evolution_threshold - 1 - family.value_schema_id;
      if (left <= kVersionsLeftToTell || (latest != nullptr && latest->value_schema_id < family.value_schema_id)) {
        hazards.push_back(
            fmt::format("{} will be at schema id {}: {} more changes until {}={} is to be raised, which "
                        "each query sets for itself",
                        family.family, family.value_schema_id, std::max(left, 0), conf_key::kEvolutionThreshold,
                        options_.value_schema_evolution_threshold));
      }
    }
    const int files = static_cast<int>(view_.schemas.size()) + (evolution.needs_schema_file ? 1 : 0);
    if (options_.schema_files_max - files <= kVersionsLeftToTell) {
      hazards.push_back(
          fmt::format("there will be {} state schema files, and {}={}, which each query sets for itself "
                      "(stateSchemaFilesThreshold, of which Spark's message speaks, does not exist)",
                      files, conf_key::kSchemaFilesMax, options_.schema_files_max));
    }
    return hazards;
  }

  // Two new names for fields of one type: UnsafeRow cannot tell a rename from an exchange, and nobody else can.
  void AddExchanges(const Evolution& evolution, std::vector<std::string>& hazards) const {
    for (const RecordedVariable& variable : recorded_.variables) {
      const VariablePlan* plan = evolution.plan.Find(variable.name);
      const StateFamilySchema* latest = view_.Latest(variable.name);
      if (plan == nullptr || latest == nullptr) {
        continue;
      }
      std::map<std::string, std::vector<std::string>> renamed;
      CollectRenamed(UserValue(*latest, variable.ttl_enabled), plan->stored.type(), variable.name, renamed);
      for (const auto& [type, names] : renamed) {
        if (names.size() > 1) {
          hazards.push_back(
              fmt::format("{}: fields of one type ({}) get new names; UnsafeRow keeps values by place, so "
                          "make sure that the new names stand in the order of the old ones",
                          fmt::join(names, ", "), type));
        }
      }
    }
  }

  static void Tell(const char* direction, const std::vector<Finding>& findings, std::vector<EvolutionChange>& changes) {
    for (const Finding& finding : findings) {
      changes.push_back({.direction = direction,
                         .variable = finding.variable,
                         .path = finding.path,
                         .before = finding.before,
                         .after = finding.after,
                         .verdict = std::string(VerdictName(finding.verdict)),
                         .refused = finding.refused,
                         .condition = finding.condition,
                         .spark_condition = finding.spark_condition,
                         .spark_then = finding.spark_then,
                         .sentence = finding.sentence});
    }
  }

  static constexpr int kVersionsLeftToTell = 3;

  const StateReadPlace& place_;
  const CheckpointView& view_;
  const EvolutionCheckOptions& asked_;
  Declarations declarations_;  // of the processor; empty without one
  EvolutionOptions options_;
  RecordedState recorded_;
};

Result<std::int64_t> OperatorOf(const StateReadPlace& place, const EvolutionCheckOptions& options) {
  if (options.operator_id.has_value()) {
    return *options.operator_id;
  }
  HF_ASSIGN_OR_RETURN(const std::vector<std::int64_t> operators, ListOperators(*place.files, place.checkpoint));
  if (operators.size() > 1) {
    return Invalid(
        fmt::format("{} has the operators {}, 0 being the query's last processor: say which one the new version is of "
                    "(--operator)",
                    place.checkpoint, fmt::join(operators, ", ")));
  }
  return operators.empty() ? 0 : operators.front();
}

Result<EvolutionCheck> CheckOnce(const StateReadPlace& place, const EvolutionCheckOptions& options) {
  HF_ASSIGN_OR_RETURN(const std::int64_t operator_id, OperatorOf(place, options));
  HF_ASSIGN_OR_RETURN(const CheckpointView view,
                      CheckpointView::Open(*place.files, place.checkpoint, operator_id, std::nullopt));
  if (view.schemas.empty()) {
    return Corrupt(
        fmt::format("the metadata of operator {} in {} names no state schema file", operator_id, place.checkpoint));
  }
  HF_ASSIGN_OR_RETURN(EvolutionCheck check, Checking::Run(place, view, options));
  // No matter of the state: who stays with Spark may go on.
  if (const Status obstacle = CheckContinuable(*place.files, place.checkpoint, std::nullopt); !obstacle.ok()) {
    check.hazards.push_back(fmt::format("Holdfast itself cannot go on with this checkpoint: {}", obstacle.message()));
  }
  return check;
}

}  // namespace

Result<EvolutionCheck> CheckEvolution(const StateReadPlace& place, const EvolutionCheckOptions& options) {
  return ReadBesideWriter(*place.files, place.checkpoint, [&] { return CheckOnce(place, options); });
}

}  // namespace hf
