// SPDX-License-Identifier: Apache-2.0
// The list of what is offered: one routine for each function, operator and cast over each combination of types.
//
//  1. What is not in the list is refused before a query starts.
//  2. Each routine gives, for every row, the value or the error that Spark 4.3 gives in ANSI mode; the recording in
//     test/spark_compat/expressions has a case of each.
//  3. Arguments have exactly the types of the list: the analyzer has put casts where Spark does.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "expressions/vector.h"

namespace hf {

enum class NullRule : std::uint8_t {
  kPropagate,    // null when an argument is null; later arguments are then not evaluated
  kRightFirst,   // the same, but the last argument is evaluated first (Spark 4.3 DivModLike)
  kSpecialForm,  // no kernel: the expression decides which arguments are evaluated
  // The kernel sees nulls, all arguments are evaluated, and the result may be null when
  kSeesAny,    // any argument may
  kSeesAll,    // all may
  kSeesFirst,  // the first may
  kSeesNever,  // never
};

struct Routine {
  std::string name;                 // as the parser gives it: "+", "upper", "cast"
  std::vector<TypeKind> arguments;  // the last one repeats when `variadic`
  TypeKind result;                  // kNull, and for a decimal its digits: the analyzer says
  Kernel kernel = nullptr;
  NullRule nulls = NullRule::kPropagate;
  bool can_fail = false;    // there are values for which the query ends
  bool makes_null = false;  // may be null although no argument is
  bool variadic = false;
};

// The type whose values are T.
template <typename T>
constexpr TypeKind KindOf() {
  if constexpr (std::is_same_v<T, std::int8_t>) {
    return TypeKind::kByte;
  } else if constexpr (std::is_same_v<T, std::int16_t>) {
    return TypeKind::kShort;
  } else if constexpr (std::is_same_v<T, std::int32_t>) {
    return TypeKind::kInt;
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    return TypeKind::kLong;
  } else {
    return std::is_same_v<T, float> ? TypeKind::kFloat : TypeKind::kDouble;
  }
}

// Every routine, in no order that means something.
const std::vector<Routine>& Routines();

// The routine of this name over these types; nullptr when it is not offered. Of a cast, `result` is the target.
const Routine* FindRoutine(std::string_view name, std::span<const TypeKind> arguments);
const Routine* FindCast(TypeKind from, TypeKind to);

// Whether any routine has this name.

// "upper(STRING)", "CAST(INT AS STRING)"
std::string RoutineText(const Routine& routine);

// Each file of routines adds its own.
void AddArithmetic(std::vector<Routine>& list);
void AddDecimals(std::vector<Routine>& list);
void AddComparisons(std::vector<Routine>& list);
void AddMathematics(std::vector<Routine>& list);
void AddTexts(std::vector<Routine>& list);
void AddMoments(std::vector<Routine>& list);
void AddNumberCasts(std::vector<Routine>& list);
void AddTextCasts(std::vector<Routine>& list);
void AddMomentCasts(std::vector<Routine>& list);
void AddTextMakers(std::vector<Routine>& list);
void AddTimePatterns(std::vector<Routine>& list);
void AddLists(std::vector<Routine>& list);
void AddElementOrder(std::vector<Routine>& list);
void AddMaps(std::vector<Routine>& list);
void AddRegex(std::vector<Routine>& list);
void AddJson(std::vector<Routine>& list);
void AddSpecialForms(std::vector<Routine>& list);

}  // namespace hf
