// SPDX-License-Identifier: Apache-2.0
// The verdicts on operator, grouping key and variables.
#include "state/evolution_judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/avro/avro_schema.h"
#include "state/evolution_rules.h"
#include "state/evolution_sentences.h"

namespace hf {
namespace {

constexpr const char* kKeyNotCompatible = "STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE";

class Judge {
 public:
  Judge(const StateHistory& history, const DeclaredState& declared, const EvolutionOptions& options)
      : history_(history), declared_(declared), options_(options) {}

  std::vector<Finding> Run() {
    Modes();
    GroupingKey();
    for (const DeclaredVariable& variable : declared_.variables) {
      const std::size_t before = findings_.size();
      Variable(variable);
      Declaration(variable);
      Members(variable);
      if (findings_.size() == before) {
        Add(Verdict::kSafe, variable.name, variable.name, "", "", fmt::format("{} is unchanged", variable.name));
      }
    }
    RemovedVariables();
    return std::move(findings_);
  }

 private:
  Finding& Add(Verdict verdict, std::string variable, std::string path, std::string before, std::string after,
               std::string sentence) {
    findings_.push_back({.verdict = verdict,
                         .variable = std::move(variable),
                         .path = std::move(path),
                         .before = std::move(before),
                         .after = std::move(after),
                         .sentence = std::move(sentence)});
    return findings_.back();
  }
  static void Refuse(Finding& finding, std::string_view condition, bool spark_too) {
    finding.refused = true;
    finding.condition = condition;
    if (spark_too) {
      finding.spark_condition = condition;
    }
  }
  [[nodiscard]] bool IsAccepted(const std::string& path) const {
    return std::find(options_.accept.begin(), options_.accept.end(), path) != options_.accept.end();
  }

  // Of Spark's operators only transformWithStateExec lists a default family.
  [[nodiscard]] bool IsJvmQuery() const {
    return history_.is_new() ? declared_.lists_default_family : history_.IsInLatestFile("default");
  }

  void Modes() {
    if (declared_.output_mode == "Complete") {
      Finding& finding = Add(Verdict::kRejected, "", "", "", declared_.output_mode,
                             "transformWithState has no output mode Complete; use Append or Update");
      Refuse(finding, "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", true);
      finding.kind = ErrorKind::kInvalid;
    }
    if (history_.is_new()) {
      return;
    }
    Mode("timeMode", history_.recorded().time_mode, declared_.time_mode);
    Mode("outputMode", history_.recorded().output_mode, declared_.output_mode);
  }

  void Mode(std::string_view name, const std::string& before, const std::string& after) {
    if (before != after) {
      Refuse(Add(Verdict::kRejected, "", "", before, after,
                 fmt::format("Cannot change {} from {} to {} between restarts; set it to {}, or begin a new checkpoint",
                             name, before, after, before)),
             "STATE_STORE_INVALID_CONFIG_AFTER_RESTART", true);
    }
  }

  void GroupingKey() {
    if (const auto recorded = history_.GroupingKey(); recorded.has_value()) {
      KeyColumns("", "{key}", "grouping key", *recorded, declared_.key.type());
    }
  }

  // Keys are found by their bytes, so that every column keeps its place and type. Spark ignores the names, also where
  // they change places; then each key would be read as another one.
  void KeyColumns(const std::string& variable, const std::string& path, std::string_view what, const DataType& before,
                  const DataType& after) {
    if (before == after) {
      return;
    }
    if (!FitsByPosition(after, before)) {
      Refuse(Add(Verdict::kRejected, variable, path, before.ToSql(), after.ToSql(),
                 KeyChangeSentence(what, path, before, after)),
             kKeyNotCompatible, true);
      return;
    }
    if (const auto moved = FindMovedName(after, before); moved.has_value()) {
      Refuse(Add(Verdict::kRejected, variable, fmt::format("{}.{}", path, *moved), before.ToSql(), after.ToSql(),
                 fmt::format("the column {} of the {} stands at another place than before; Spark compares places only "
                             "and would read every key "
                             "under the wrong names; keep the order {}",
                             *moved, what, before.ToSql())),
             kBentEvolution, false);
      return;
    }
    Add(Verdict::kSafe, variable, path, before.ToSql(), after.ToSql(),
        fmt::format(
            "the {} is the same but for names; keys are found by the places of their columns, so that no state is lost",
            what));
  }

  void Variable(const DeclaredVariable& variable) {
    const StateHistory::Variable* recorded = history_.FindVariable(variable.name);
    if (recorded == nullptr) {
      Add(Verdict::kSafe, variable.name, variable.name, "", std::string(VariableKindName(variable.kind)),
          fmt::format("{} is new; it has no value for any key yet", variable.name));
      return;
    }
    if (recorded->kind != variable.kind) {
      Kind(variable, *recorded);
      return;
    }
    if (recorded->has_ttl != variable.has_ttl) {
      Refuse(Add(Verdict::kRejected, variable.name, variable.name, recorded->has_ttl ? "TTL" : "no TTL",
                 variable.has_ttl ? "TTL" : "no TTL", TtlChangeSentence(variable.name, variable.has_ttl)),
             kBentEvolution, false);
      findings_.back().spark_then = variable.has_ttl ? "java.lang.NullPointerException when an old value is read" : "";
      return;
    }
    const StateFamilySchema& latest = *history_.Of(variable.name).back();
    if (variable.kind == VariableKind::kMap && variable.user_key.has_value() && latest.key_schema.size() == 2) {
      KeyColumns(variable.name, variable.name + "{key}", fmt::format("user's key of {}", variable.name),
                 latest.key_schema.field(1).type, variable.user_key->type());
    }
    if (options_.encoding == StateEncoding::kUnsafeRow) {
      PositionalValue(variable, UserValue(latest, variable.has_ttl));
    } else {
      Value(variable, latest);
    }
    if (recorded->is_removed) {
      Add(Verdict::kSafe, variable.name, variable.name, "", std::string(VariableKindName(variable.kind)),
          fmt::format("{} was removed before and comes back, with the values it had then unless they were deleted",
                      variable.name));
    }
  }

  // Spark compares kinds with the newest metadata only, after the schemas.
  void Kind(const DeclaredVariable& variable, const StateHistory::Variable& recorded) {
    Finding& finding = Add(Verdict::kRejected, variable.name, variable.name,
                           std::string(VariableKindName(recorded.kind)), std::string(VariableKindName(variable.kind)),
                           KindChangeSentence(variable, recorded.kind, recorded.is_removed));
    for (const StateFamilySchema& family : FamiliesOf(declared_, options_.encoding, false)) {
      if (family.family == variable.name) {
        finding.spark_condition = SparkCondition(history_, family, options_.encoding);
      }
    }
    if (finding.spark_condition.empty() && !recorded.is_removed) {
      finding.spark_condition = "STATE_STORE_INVALID_VARIABLE_TYPE_CHANGE";
    }
    finding.refused = true;
    finding.condition = finding.spark_condition.empty() ? std::string(kBentEvolution) : finding.spark_condition;
  }

  void Value(const DeclaredVariable& variable, const StateFamilySchema& latest) {
    const DataType declared = AsNullable(variable.value.type());
    const DataType before = UserValue(latest, variable.has_ttl);
    const std::vector<FieldChange> changes = CompareStructs(before, declared, variable.name);
    for (const FieldChange& change : changes) {
      AddChange(variable.name, change, latest.value_schema_id);
    }
    std::vector<DataType> judged = {before};
    const auto& written = history_.Of(variable.name);
    for (auto at = written.rbegin(); at != written.rend(); ++at) {
      const DataType& older = UserValue(**at, variable.has_ttl);
      if (std::find(judged.begin(), judged.end(), older) == judged.end()) {
        judged.push_back(older);
        OlderValue(variable.name, older, before, declared, (*at)->value_schema_id);
      }
    }
    if (changes.empty() && !(before == declared)) {
      Add(Verdict::kSafe, variable.name, variable.name, before.ToSql(), declared.ToSql(),
          fmt::format("{} differs in nullability or field metadata only, which Avro state does not keep",
                      variable.name));
    }
  }

  // Values of a schema before the latest: what was lost on the way is history; what cannot be read, or would be read
  // as something else from now on, is not.
  void OlderValue(const std::string& variable, const DataType& older, const DataType& latest, const DataType& declared,
                  int schema_id) {
    const std::vector<FieldChange> on_the_way = CompareStructs(older, latest, variable);
    for (const FieldChange& change : CompareStructs(older, declared, variable)) {
      if (change.kind != ChangeKind::kBent && change.kind != ChangeKind::kUnreadable) {
        continue;
      }
      const bool said = std::any_of(findings_.begin(), findings_.end(), [&](const Finding& finding) {
        return finding.verdict == Verdict::kRejected && finding.variable == variable && finding.path == change.path;
      });
      const bool is_history =
          change.kind == ChangeKind::kBent &&
          std::any_of(on_the_way.begin(), on_the_way.end(), [&](const FieldChange& other) {
            return other.path == change.path && other.kind == ChangeKind::kBent && other.reading == change.reading;
          });
      if (is_history) {
        Add(Verdict::kLossy, variable, change.path, change.written->ToSql(), change.reading->ToSql(),
            BentHistorySentence(change, schema_id));
      } else if (!said) {
        AddChange(variable, change, schema_id);
      }
    }
  }

  void AddChange(const std::string& variable, const FieldChange& change, int schema_id) {
    Finding finding{.variable = variable,
                    .path = change.path,
                    .before = change.written.has_value() ? change.written->ToSql() : "",
                    .after = change.reading.has_value() ? change.reading->ToSql() : "",
                    .spark_then = std::string(change.rule.spark_then)};
    const bool accepted = IsAccepted(change.path);
    finding.sentence = ChangeSentence(change, schema_id, accepted);
    switch (change.kind) {
      case ChangeKind::kAdded: finding.verdict = Verdict::kNullFilled; break;
      case ChangeKind::kReordered: finding.verdict = Verdict::kSafe; break;
      case ChangeKind::kWidened: finding.verdict = Verdict::kWidened; break;
      case ChangeKind::kRemoved:
        // A void never held anything.
        finding.verdict = change.written->kind() == TypeKind::kNull ? Verdict::kSafe : Verdict::kLossy;
        break;
      case ChangeKind::kLossy: finding.verdict = Verdict::kLossy; break;
      case ChangeKind::kRenamed: finding.verdict = Verdict::kAmbiguous; break;
      case ChangeKind::kBent:
        finding.verdict = Verdict::kRejected;
        Refuse(finding, kBentEvolution, false);
        break;
      case ChangeKind::kUnreadable:
        finding.verdict = Verdict::kRejected;
        Refuse(finding, "STATE_STORE_INVALID_VALUE_SCHEMA_EVOLUTION", true);
        break;
    }
    if ((finding.verdict == Verdict::kLossy || finding.verdict == Verdict::kAmbiguous) && !accepted) {
      Refuse(finding, kLossyEvolution, false);
    }
    findings_.push_back(std::move(finding));
  }

  // UnsafeRow has no schema id on its values and no resolution: names and nullability may change, nothing else.
  void PositionalValue(const DeclaredVariable& variable, const DataType& before) {
    const DataType& after = variable.value.type();
    if (before == after) {
      return;
    }
    if (!FitsByPosition(after, before)) {
      Refuse(
          Add(Verdict::kRejected, variable.name, variable.name, before.ToSql(), after.ToSql(),
              fmt::format(
                  "{} would change from {} to {}; UnsafeRow state can change names and nothing else, evolution needs "
                  "spark.sql.streaming.stateStore.encodingFormat=avro on a new checkpoint",
                  variable.name, before.ToSql(), after.ToSql())),
          "STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE", true);
      return;
    }
    if (const auto moved = FindMovedName(after, before); moved.has_value()) {
      Refuse(Add(Verdict::kRejected, variable.name, fmt::format("{}.{}", variable.name, *moved), before.ToSql(),
                 after.ToSql(),
                 fmt::format("the field {} of {} stands at another place than before; UnsafeRow values are read by "
                             "place, under the wrong names then",
                             *moved, variable.name)),
             kBentEvolution, false);
      return;
    }
    Add(Verdict::kSafe, variable.name, variable.name, before.ToSql(), after.ToSql(),
        fmt::format("{} changes names only; UnsafeRow values are read by place and stay as they are", variable.name));
  }

  // Whether the declaration may stand at all, whatever the checkpoint holds.
  void Declaration(const DeclaredVariable& variable) {
    if (variable.has_ttl && declared_.time_mode != "ProcessingTime") {
      Finding& finding = Add(Verdict::kRejected, variable.name, variable.name, "", "TTL",
                             fmt::format("Cannot use TTL for state={} in timeMode={}; use ProcessingTime",
                                         variable.name, declared_.time_mode));
      Refuse(finding, "STATEFUL_PROCESSOR_INCORRECT_TIME_MODE_TO_ASSIGN_TTL", true);
      finding.kind = ErrorKind::kInvalid;
    }
    if (options_.encoding != StateEncoding::kAvro) {
      return;
    }
    for (const StructField& field : variable.value.fields()) {
      if (!field.nullable) {
        Finding& finding =
            Add(Verdict::kRejected, variable.name, fmt::format("{}.{}", variable.name, field.name), "",
                field.type.ToSql() + " NOT NULL",
                fmt::format("{}.{} is declared NOT NULL, and in Avro state every field must be nullable; declare "
                            "it without NOT NULL, or set {} to unsaferow",
                            variable.name, field.name, "spark.sql.streaming.stateStore.encodingFormat"));
        // Spark's JVM queries never ask, its Python queries only for the family's own fields, which TTL wraps.
        const bool spark_asks = !IsJvmQuery() && !variable.has_ttl;
        Refuse(finding, "TRANSFORM_WITH_STATE_SCHEMA_MUST_BE_NULLABLE", spark_asks);
        finding.kind = ErrorKind::kInvalid;
        if (!spark_asks) {
          finding.spark_then = "java.lang.NullPointerException when an old value has none";
        }
      }
    }
    for (const Schema* schema : {&variable.value, variable.user_key.has_value() ? &*variable.user_key : nullptr}) {
      const Status storable =
          schema == nullptr ? Status() : CheckAvroState(*schema, fmt::format("state variable {}", variable.name));
      if (!storable.ok()) {
        Finding& finding = Add(Verdict::kRejected, variable.name, variable.name, "", schema->type().ToSql(),
                               std::string(storable.message()));
        Refuse(finding, storable.condition(), false);
        finding.kind = storable.kind();
      }
    }
  }

  void Members(const DeclaredVariable& variable) {
    if (options_.encoding != StateEncoding::kAvro) {
      return;  // what fits by place has a value for every member
    }
    std::vector<DataType> written;
    for (const StateFamilySchema* family : history_.Of(variable.name)) {
      written.push_back(UserValue(*family, variable.has_ttl));
    }
    for (const std::string& path : variable.required_paths) {
      const Status has_values = CheckMembersHaveValues(variable.name, {path}, written);
      if (!has_values.ok()) {
        Refuse(Add(Verdict::kRejected, variable.name, fmt::format("{}.{}", variable.name, path), "",
                   "a member that is not optional", std::string(has_values.message())),
               has_values.condition(), false);
        findings_.back().spark_then =
            "java.lang.NullPointerException when an old value is read into a type without null";
      }
    }
  }

  void RemovedVariables() {
    for (const std::string& name : history_.CurrentVariables()) {
      const auto same_name = [&](const DeclaredVariable& variable) { return variable.name == name; };
      if (std::any_of(declared_.variables.begin(), declared_.variables.end(), same_name)) {
        continue;
      }
      const std::string kind(VariableKindName(history_.FindVariable(name)->kind));
      if (std::find(declared_.deleted.begin(), declared_.deleted.end(), name) != declared_.deleted.end()) {
        Add(Verdict::kSafe, name, name, kind, "",
            fmt::format("{} is deleted with all its values, as DeleteIfExists asks", name));
        continue;
      }
      // Spark keeps the values without a word; whoever has misspelt a name would begin with empty state.
      const DeclaredVariable* successor = FindSuccessor(name);
      const bool accepted = IsAccepted(name);
      Finding& finding = Add(successor == nullptr ? Verdict::kLossy : Verdict::kAmbiguous, name, name, kind, "",
                             successor == nullptr ? VariableGoneSentence(name, accepted)
                                                  : VariableRenameSentence(name, successor->name, accepted));
      if (!accepted) {
        Refuse(finding, kLossyEvolution, false);
      }
    }
  }

  // A variable that never was, of the same kind and value as the one that is gone: probably its new name.
  [[nodiscard]] const DeclaredVariable* FindSuccessor(const std::string& gone) const {
    const StateHistory::Variable& recorded = *history_.FindVariable(gone);
    const DataType& value = UserValue(*history_.Of(gone).back(), recorded.has_ttl);
    for (const DeclaredVariable& variable : declared_.variables) {
      if (history_.FindVariable(variable.name) == nullptr && variable.kind == recorded.kind &&
          AsNullable(variable.value.type()) == AsNullable(value)) {
        return &variable;
      }
    }
    return nullptr;
  }

  const StateHistory& history_;
  const DeclaredState& declared_;
  const EvolutionOptions& options_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> JudgeChanges(const StateHistory& history, const DeclaredState& declared,
                                  const EvolutionOptions& options) {
  return Judge(history, declared, options).Run();
}

Status CheckMembersHaveValues(std::string_view variable, const std::vector<std::string>& required_paths,
                              const std::vector<DataType>& written) {
  for (const std::string& path : required_paths) {
    for (const DataType& earlier : written) {
      if (LacksField(earlier, path)) {
        return Incompatible(fmt::format("the member {}.{} is not optional, but values written with an earlier schema "
                                        "have none for it ({}); make it "
                                        "std::optional",
                                        variable, path, earlier.ToSql()),
                            "TRANSFORM_WITH_STATE_SCHEMA_MUST_BE_NULLABLE");
      }
    }
  }
  return {};
}

}  // namespace hf
