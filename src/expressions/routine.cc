// SPDX-License-Identifier: Apache-2.0
#include "expressions/routine.h"

#include <fmt/format.h>

#include <map>

#include "rows/type_names.h"

namespace hf {
namespace {

const std::multimap<std::string_view, const Routine*>& ByName() {
  static const auto index = [] {
    std::multimap<std::string_view, const Routine*> made;
    for (const Routine& routine : Routines()) {
      made.emplace(routine.name, &routine);
    }
    return made;
  }();
  return index;
}

bool Takes(const Routine& routine, std::span<const TypeKind> arguments) {
  const std::size_t size = routine.arguments.size();
  if (routine.variadic ? arguments.size() < size : arguments.size() != size) {
    return false;
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] != routine.arguments[std::min(i, size - 1)]) {
      return false;
    }
  }
  return true;
}

}  // namespace

const std::vector<Routine>& Routines() {
  static const auto routines = [] {
    std::vector<Routine> made;
    for (const auto add : {AddArithmetic, AddDecimals, AddComparisons, AddMathematics, AddTexts, AddMoments,
                           AddNumberCasts, AddTextCasts, AddMomentCasts, AddTextMakers, AddTimePatterns, AddLists,
                           AddElementOrder, AddMaps, AddJson, AddRegex, AddSpecialForms}) {
      add(made);
    }
    return made;
  }();
  return routines;
}

const Routine* FindRoutine(std::string_view name, std::span<const TypeKind> arguments) {
  const auto [begin, end] = ByName().equal_range(name);
  for (auto at = begin; at != end; ++at) {
    if (Takes(*at->second, arguments)) {
      return at->second;
    }
  }
  return nullptr;
}

const Routine* FindCast(TypeKind from, TypeKind to) {
  const auto [begin, end] = ByName().equal_range("cast");
  for (auto at = begin; at != end; ++at) {
    if (at->second->arguments[0] == from && at->second->result == to) {
      return at->second;
    }
  }
  return nullptr;
}

std::string RoutineText(const Routine& routine) {
  std::vector<std::string_view> types;
  for (const TypeKind kind : routine.arguments) {
    types.push_back(NamesOf(kind).sql);
  }
  if (routine.name == "cast") {
    return fmt::format("CAST({} AS {})", types[0], NamesOf(routine.result).sql);
  }
  return fmt::format("{}({}{})", routine.name, fmt::join(types, ", "), routine.variadic ? ", ..." : "");
}

}  // namespace hf
