// SPDX-License-Identifier: Apache-2.0
#include "state/evolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "state/evolution_judge.h"

namespace hf {
namespace {

// Which refusal a start names when there are several: the number of the rule in the header, split where one of
// Spark's checks comes before another (Spark 4.3: nullability, schemas, number of files, then metadata).
int Rank(const Finding& finding) {
  static constexpr std::pair<std::string_view, int> kRanks[] = {
      {"TRANSFORM_WITH_STATE_SCHEMA_MUST_BE_NULLABLE", 1},
      {"STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE", 2},
      {"STATE_STORE_INVALID_VALUE_SCHEMA_EVOLUTION", 2},
      {"STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE", 2},
      {"STATE_STORE_VALUE_SCHEMA_EVOLUTION_THRESHOLD_EXCEEDED", 3},
      {"STATE_STORE_STATE_SCHEMA_FILES_THRESHOLD_EXCEEDED", 4},
      {"STATE_STORE_INVALID_CONFIG_AFTER_RESTART", 5},
      {"STATE_STORE_INVALID_VARIABLE_TYPE_CHANGE", 6},
      {kBentEvolution, 7},
      {kLossyEvolution, 9},
  };
  if (finding.kind == ErrorKind::kInvalid && finding.condition != kRanks[0].first) {
    return finding.condition.empty() ? 8 : 0;
  }
  for (const auto& [condition, rank] : kRanks) {
    if (finding.condition == condition) {
      // A member without a value is our own rule under Spark's nearest name.
      return rank == 1 && finding.kind == ErrorKind::kIncompatible ? 8 : rank;
    }
  }
  return 8;
}

std::string ConfToSet(const std::vector<Finding>& findings, const std::vector<std::string>& accepted) {
  std::vector<std::string> paths = accepted;
  for (const Finding& finding : findings) {
    if (finding.refused && finding.condition == kLossyEvolution &&
        std::find(paths.begin(), paths.end(), finding.path) == paths.end()) {
      paths.push_back(finding.path);
    }
  }
  return fmt::format("holdfast.evolution.accept={}", fmt::join(paths, ","));
}

Status Decide(const std::vector<Finding>& findings, const EvolutionOptions& options) {
  std::vector<const Finding*> refused;
  for (const Finding& finding : findings) {
    if (finding.refused) {
      refused.push_back(&finding);
    }
  }
  if (refused.empty()) {
    return {};
  }
  std::stable_sort(refused.begin(), refused.end(),
                   [](const Finding* a, const Finding* b) { return Rank(*a) < Rank(*b); });
  const Finding& first = *refused.front();
  std::string message;
  for (const Finding* finding : refused) {
    if (finding->condition == first.condition) {
      message += fmt::format("{}{}", message.empty() ? "" : "; ", finding->sentence);
    }
  }
  if (first.condition == kLossyEvolution) {
    message += fmt::format(". To go on and lose these values, set {}", ConfToSet(findings, options.accept));
  }
  std::vector<std::string> others;
  for (const Finding* finding : refused) {
    if (finding->condition != first.condition) {
      others.push_back(finding->path.empty() ? finding->condition : finding->path);
    }
  }
  if (!others.empty()) {
    message += fmt::format(" (refused as well: {})", fmt::join(others, ", "));
  }
  return {first.kind, std::move(message), first.condition};
}

// `type` with NOT NULL where it stands in `recorded`, at the same place, and the member is never empty.
DataType WithNullabilityOf(const DataType& recorded, const DataType& type, const std::vector<std::string>& required,
                           const std::string& root) {
  if (type.kind() != TypeKind::kStruct || recorded.kind() != TypeKind::kStruct ||
      type.children().size() != recorded.children().size()) {
    return type;
  }
  std::vector<StructField> fields = type.children();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const StructField& before = recorded.children()[i];
    const std::string path = root.empty() ? fields[i].name : fmt::format("{}.{}", root, fields[i].name);
    fields[i].nullable =
        fields[i].nullable && (before.nullable || std::find(required.begin(), required.end(), path) == required.end());
    fields[i].type = WithNullabilityOf(before.type, fields[i].type, required, path);
  }
  return DataType::Struct(std::move(fields));
}

// UnsafeRow state keeps the nullability of the classes that Scala and Java declare it with; a C++ struct declares every
// field nullable and says elsewhere which members are never empty.
DeclaredState WithRecordedNullability(const DeclaredState& declared, const StateHistory& history) {
  DeclaredState out = declared;
  for (DeclaredVariable& variable : out.variables) {
    if (const auto& written = history.Of(variable.name); !written.empty()) {
      variable.value = Schema(WithNullabilityOf(UserValue(*written.back(), variable.has_ttl), variable.value.type(),
                                                variable.required_paths, ""));
    }
  }
  return out;
}

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kSafe: return "SAFE";
    case Verdict::kNullFilled: return "NULL_FILLED";
    case Verdict::kWidened: return "WIDENED";
    case Verdict::kLossy: return "LOSSY";
    case Verdict::kAmbiguous: return "AMBIGUOUS";
    case Verdict::kRejected: return "REJECTED";
  }
  return "";
}

Evolution Evolve(const RecordedState& recorded, const DeclaredState& declared_by_user,
                 const EvolutionOptions& options) {
  Evolution out;
  auto read = StateHistory::Read(recorded, options.encoding);
  if (!read.ok()) {
    out.status = std::move(read).status();
    return out;
  }
  const StateHistory history = std::move(read).value();
  const DeclaredState declared = options.encoding == StateEncoding::kUnsafeRow
                                     ? WithRecordedNullability(declared_by_user, history)
                                     : declared_by_user;
  out.families = FamiliesOf(declared, options.encoding,
                            history.is_new() ? declared.lists_default_family : history.IsInLatestFile("default"));
  // Kinds and fields first: the verdict on a family's schema ids knows then what has been said already.
  out.findings = JudgeChanges(history, declared, options);
  out.needs_schema_file = AssignSchemaIds(history, options, out.families, out.findings);
  out.status = Decide(out.findings, options);

  out.plan.frame.encoding = options.encoding;
  out.plan.key_schema = declared.key;
  for (const DeclaredVariable& variable : declared.variables) {
    for (const StateFamilySchema& family : out.families) {
      if (family.family != variable.name) {
        continue;
      }
      VariablePlan plan{.name = variable.name,
                        .kind = variable.kind,
                        .has_ttl = variable.has_ttl,
                        .stored = Schema(UserValue(family, variable.has_ttl)),
                        .stored_id = family.value_schema_id,
                        .written = {},
                        .user_key = variable.user_key.value_or(Schema())};
      if (options.encoding == StateEncoding::kUnsafeRow) {
        plan.stored = variable.value;  // the names on file may be older; values are read by place
      } else {
        for (const StateFamilySchema* written : history.Of(variable.name)) {
          plan.written.emplace(written->value_schema_id, Schema(UserValue(*written, variable.has_ttl)));
        }
      }
      plan.written.insert_or_assign(plan.stored_id, plan.stored);
      out.plan.key_schema_id = family.key_schema_id;
      out.plan.variables.push_back(std::move(plan));
    }
  }
  return out;
}

}  // namespace hf
