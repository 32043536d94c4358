// SPDX-License-Identifier: Apache-2.0
#include "state/evolution_sentences.h"

#include <fmt/format.h>

namespace hf {
namespace {

std::string HowToAccept(std::string_view path, bool accepted) {
  return accepted ? " (accepted)" : fmt::format("; keep it, or name {} in holdfast.evolution.accept", path);
}

std::string Types(const FieldChange& change) {
  return fmt::format("from {} to {}", change.written->ToSql(), change.reading->ToSql());
}

}  // namespace

std::string ChangeSentence(const FieldChange& change, int schema_id, bool accepted) {
  const std::string& path = change.path;
  switch (change.kind) {
    case ChangeKind::kAdded:
      return fmt::format("{} is new ({}); old values read null there", path, change.reading->ToSql());
    case ChangeKind::kRemoved:
      return fmt::format("{} ({}) is gone; what it holds is lost when a value is next written{}", path,
                         change.written->ToSql(), HowToAccept(path, accepted));
    case ChangeKind::kRenamed:
      return fmt::format(
          "{} ({}) is gone and {} ({}) is new; if that is a rename, fields are matched by name, so that the old values "
          "are lost and "
          "the new field reads null{}",
          path, change.written->ToSql(), change.other, change.reading->ToSql(), HowToAccept(path, accepted));
    case ChangeKind::kReordered:
      return fmt::format("the fields of {} stand in another order; they are matched by name", path);
    case ChangeKind::kWidened: return fmt::format("{} widens {}; every old value is kept", path, Types(change));
    case ChangeKind::kLossy:
      return fmt::format("{} changes {}: {}{}", path, Types(change), change.rule.reason, HowToAccept(path, accepted));
    case ChangeKind::kBent:
      return fmt::format(
          "{} changes {} for values written with schema {}: {}; Spark accepts it without a word; use a new field", path,
          Types(change), schema_id, change.rule.reason);
    case ChangeKind::kUnreadable:
      return fmt::format(
          "{} changes {}, but values written with schema {} cannot be read so: Schema evolution is not possible; keep "
          "the type, or use "
          "a new field",
          path, Types(change), schema_id);
  }
  return {};
}

std::string BentHistorySentence(const FieldChange& change, int schema_id) {
  return fmt::format(
      "{} was changed {} before this start: {}; values written with schema {} have been read so since then",
      change.path, Types(change), change.rule.reason, schema_id);
}

std::string KeyChangeSentence(std::string_view what, std::string_view path, const DataType& before,
                              const DataType& after) {
  std::string why = "its columns must keep number, order, types and nullability, because state is found by their bytes";
  const auto& old_columns = before.children();
  const auto& new_columns = after.children();
  if (old_columns.size() != new_columns.size()) {
    why = fmt::format("it had {} columns and would have {}; {}", old_columns.size(), new_columns.size(), why);
  }
  return fmt::format("the {} ({}) would change from {} to {}: {}; take the change back, or begin a new checkpoint",
                     what, path, before.ToSql(), after.ToSql(), why);
}

std::string KindChangeSentence(const DeclaredVariable& variable, VariableKind before, bool was_removed) {
  return fmt::format("Cannot change {} to {} between query restarts: {} a {}{}; use another name", variable.name,
                     VariableKindName(variable.kind), was_removed ? "before it was removed it was" : "it is",
                     VariableKindName(before), was_removed ? ", and values of that kind may still be there" : "");
}

std::string TtlChangeSentence(std::string_view variable, bool switched_on) {
  return fmt::format(
      "TTL of {} is switched {}, but its values were written {} a time to live; Spark accepts it and {}; use another "
      "name",
      variable, switched_on ? "on" : "off", switched_on ? "without" : "with",
      switched_on ? "fails at the first old value" : "reads null");
}

std::string VariableGoneSentence(std::string_view gone, bool accepted) {
  return fmt::format(
      "{} is not declared any more{}", gone,
      accepted ? " (accepted); its values stay on disk, unread, until it is declared again or deleted with "
                 "DeleteIfExists"
               : fmt::format(": declare it, delete it and its values with DeleteIfExists in Init, or name {} in "
                             "holdfast.evolution.accept, then its values stay on disk, unread",
                             gone));
}

std::string VariableRenameSentence(std::string_view gone, std::string_view added, bool accepted) {
  return fmt::format(
      "{} is not declared any more, and {} is new and the same otherwise; if that is a rename, {} begins empty{}", gone,
      added, added,
      accepted ? " (accepted)"
               : fmt::format(
                     "; keep the name, delete the old one with DeleteIfExists, or name {} in holdfast.evolution.accept",
                     gone));
}

}  // namespace hf
