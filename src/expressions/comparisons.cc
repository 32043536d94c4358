// SPDX-License-Identifier: Apache-2.0
// Comparisons, greatest and least, NOT, isnan. NaN equals itself and is greater than any number, -0.0 equals 0.0
// (Spark 4.3 SQLOrderingUtil); strings and binary compare by unsigned bytes.
#include <array>
#include <cmath>
#include <utility>

#include "expressions/routine.h"

namespace hf {
namespace {

template <typename T>
int Compare(T left, T right) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(left) || std::isnan(right)) {
      return static_cast<int>(std::isnan(left)) - static_cast<int>(std::isnan(right));
    }
  }
  if constexpr (std::is_same_v<T, std::string_view>) {
    return left.compare(right);
  } else {
    return left < right ? -1 : right < left ? 1 : 0;
  }
}

template <typename T>
bool Equal(RowOutcome&, T left, T right) {
  return Compare(left, right) == 0;
}
template <typename T>
bool Less(RowOutcome&, T left, T right) {
  return Compare(left, right) < 0;
}
template <typename T>
bool LessOrEqual(RowOutcome&, T left, T right) {
  return Compare(left, right) <= 0;
}
template <typename T>
bool Greater(RowOutcome&, T left, T right) {
  return Compare(left, right) > 0;
}
template <typename T>
bool GreaterOrEqual(RowOutcome&, T left, T right) {
  return Compare(left, right) >= 0;
}

// <=>
template <typename T>
Status NullSafeEqual(const Arguments& arguments, ColumnBuilder& out) {
  const Vector& left = arguments.vectors[0];
  const Vector& right = arguments.vectors[1];
  const ValuesOf<T> left_cells(left);
  const ValuesOf<T> right_cells(right);
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    const bool a = left.IsNull(row);
    const bool b = right.IsNull(row);
    out.AppendBool(a || b ? a && b : Compare<T>(left_cells[row], right_cells[row]) == 0);
  }
  return {};
}

// The argument of each row that is greatest (sign 1) or least (-1); nulls do not count. Of equal ones the first.
template <typename T, int sign>
Status Extreme(const Arguments& arguments, ColumnBuilder& out) {
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    const Vector* best = nullptr;
    T value{};
    for (const Vector& vector : arguments.vectors) {
      if (vector.IsNull(row)) {
        continue;
      }
      const T candidate = ValuesOf<T>(vector)[row];
      if (best == nullptr || Compare(candidate, value) * sign > 0) {
        best = &vector;
        value = candidate;
      }
    }
    if (best == nullptr) {
      out.AppendNull();
    } else {
      AppendDatum(out, value);
    }
  }
  return {};
}

bool Not(RowOutcome&, bool value) { return !value; }

template <typename T>
Status IsNaN(const Arguments& arguments, ColumnBuilder& out) {
  const Vector& vector = arguments.vectors[0];
  const ValuesOf<T> cells(vector);
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    out.AppendBool(!vector.IsNull(row) && std::isnan(cells[row]));
  }
  return {};
}

template <typename T>
void AddOf(std::vector<Routine>& list, TypeKind kind) {
  const auto add = [&](std::string_view name, Kernel kernel) {
    list.push_back(
        {.name = std::string(name), .arguments = {kind, kind}, .result = TypeKind::kBoolean, .kernel = kernel});
  };
  add("=", EachRow<&Equal<T>>::Run);
  add("<", EachRow<&Less<T>>::Run);
  add("<=", EachRow<&LessOrEqual<T>>::Run);
  add(">", EachRow<&Greater<T>>::Run);
  add(">=", EachRow<&GreaterOrEqual<T>>::Run);
  list.push_back({.name = "<=>",
                  .arguments = {kind, kind},
                  .result = TypeKind::kBoolean,
                  .kernel = NullSafeEqual<T>,
                  .nulls = NullRule::kSeesNever});
  list.push_back({.name = "greatest",
                  .arguments = {kind},
                  .result = kind,
                  .kernel = Extreme<T, 1>,
                  .nulls = NullRule::kSeesAll,
                  .variadic = true});
  list.push_back({.name = "least",
                  .arguments = {kind},
                  .result = kind,
                  .kernel = Extreme<T, -1>,
                  .nulls = NullRule::kSeesAll,
                  .variadic = true});
}

}  // namespace

void AddComparisons(std::vector<Routine>& list) {
  AddOf<bool>(list, TypeKind::kBoolean);
  AddOf<std::int8_t>(list, TypeKind::kByte);
  AddOf<std::int16_t>(list, TypeKind::kShort);
  AddOf<std::int32_t>(list, TypeKind::kInt);
  AddOf<std::int64_t>(list, TypeKind::kLong);
  AddOf<float>(list, TypeKind::kFloat);
  AddOf<double>(list, TypeKind::kDouble);
  AddOf<__int128>(list, TypeKind::kDecimal);
  AddOf<std::string_view>(list, TypeKind::kString);
  AddOf<std::string_view>(list, TypeKind::kBinary);
  AddOf<std::int32_t>(list, TypeKind::kDate);
  AddOf<std::int64_t>(list, TypeKind::kTimestamp);
  AddOf<std::int64_t>(list, TypeKind::kTimestampNtz);
  list.push_back(
      {.name = "not", .arguments = {TypeKind::kBoolean}, .result = TypeKind::kBoolean, .kernel = EachRow<&Not>::Run});
  for (const TypeKind kind : {TypeKind::kFloat, TypeKind::kDouble}) {
    const bool single = kind == TypeKind::kFloat;
    list.push_back({.name = "isnan",
                    .arguments = {kind},
                    .result = TypeKind::kBoolean,
                    .kernel = single ? IsNaN<float> : IsNaN<double>,
                    .nulls = NullRule::kSeesNever});
  }
}

}  // namespace hf
