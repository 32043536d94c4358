// SPDX-License-Identifier: Apache-2.0
// What a person reads about a change: what changed, why it matters, what to do. For evolution_judge.cc only.
#pragma once

#include <string>
#include <string_view>

#include "state/evolution.h"
#include "state/evolution_rules.h"

namespace hf {

// `schema_id`: that of the values meant.
std::string ChangeSentence(const FieldChange& change, int schema_id, bool accepted);
std::string BentHistorySentence(const FieldChange& change, int schema_id);
std::string KeyChangeSentence(std::string_view what, std::string_view path, const DataType& before,
                              const DataType& after);
std::string KindChangeSentence(const DeclaredVariable& variable, VariableKind before, bool was_removed);
std::string TtlChangeSentence(std::string_view variable, bool switched_on);
std::string VariableGoneSentence(std::string_view gone, bool accepted);
std::string VariableRenameSentence(std::string_view gone, std::string_view added, bool accepted);

}  // namespace hf
