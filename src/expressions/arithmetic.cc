// SPDX-License-Identifier: Apache-2.0
// + - * / % DIV and bits, over integers, float and double (Spark 4.3 arithmetic.scala, bitwiseExpressions.scala).
#include <fmt/format.h>

#include <cmath>

#include "expressions/routine.h"

namespace hf {
namespace {

template <typename T>
void Overflow(RowOutcome& outcome, T left, std::string_view operation, T right) {
  outcome.Fail(sizeof(T) < 4 ? "BINARY_ARITHMETIC_OVERFLOW" : "ARITHMETIC_OVERFLOW",
               fmt::format("{} {} {} has no value of its type", left, operation, right));
}

template <typename T>
T Add(RowOutcome& outcome, T left, T right) {
  if constexpr (std::is_floating_point_v<T>) {
    return left + right;
  } else {
    T sum = 0;
    if (__builtin_add_overflow(left, right, &sum)) {
      Overflow(outcome, left, "+", right);
    }
    return sum;
  }
}

template <typename T>
T Subtract(RowOutcome& outcome, T left, T right) {
  if constexpr (std::is_floating_point_v<T>) {
    return left - right;
  } else {
    T difference = 0;
    if (__builtin_sub_overflow(left, right, &difference)) {
      Overflow(outcome, left, "-", right);
    }
    return difference;
  }
}

template <typename T>
T Multiply(RowOutcome& outcome, T left, T right) {
  if constexpr (std::is_floating_point_v<T>) {
    return left * right;
  } else {
    T product = 0;
    if (__builtin_mul_overflow(left, right, &product)) {
      Overflow(outcome, left, "*", right);
    }
    return product;
  }
}

double Divide(RowOutcome& outcome, double left, double right) {
  if (right == 0) {
    outcome.Fail("DIVIDE_BY_ZERO", fmt::format("{} / 0", left));
  }
  return left / right;
}

std::int64_t IntegralDivide(RowOutcome& outcome, std::int64_t left, std::int64_t right) {
  if (right == 0) {
    outcome.Fail("DIVIDE_BY_ZERO", fmt::format("{} DIV 0", left));
    return 0;
  }
  if (left == INT64_MIN && right == -1) {
    Overflow(outcome, left, "DIV", right);
    return 0;
  }
  return left / right;
}

// Java's %: the sign of the left side.
template <typename T>
T RemainderOf(T left, T right) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmod(left, right);
  } else {
    return right == -1 ? 0 : static_cast<T>(left % right);
  }
}

template <typename T>
T Remainder(RowOutcome& outcome, T left, T right) {
  if (right == 0) {
    outcome.Fail("REMAINDER_BY_ZERO", fmt::format("{} % 0", left));
    return 0;
  }
  return RemainderOf(left, right);
}

template <typename T>
T PositiveRemainder(RowOutcome& outcome, T left, T right) {
  if (right == 0) {
    outcome.Fail("REMAINDER_BY_ZERO", fmt::format("pmod({}, 0)", left));
    return 0;
  }
  const T remainder = RemainderOf(left, right);
  if (!(remainder < 0)) {
    return remainder;
  }
  if constexpr (std::is_floating_point_v<T>) {
    return RemainderOf(remainder + right, right);
  } else if constexpr (sizeof(T) < 4) {
    return static_cast<T>((remainder + right) % right);
  } else {
    // Java's integers wrap.
    using Unsigned = std::make_unsigned_t<T>;
    return RemainderOf(static_cast<T>(static_cast<Unsigned>(remainder) + static_cast<Unsigned>(right)), right);
  }
}

template <typename T>
T Negative(RowOutcome& outcome, T value) {
  if constexpr (!std::is_floating_point_v<T>) {
    if (value == std::numeric_limits<T>::min()) {
      outcome.Fail("ARITHMETIC_OVERFLOW", fmt::format("- {} has no value of its type", value));
      return 0;
    }
  }
  return static_cast<T>(-value);
}

template <typename T>
T Absolute(RowOutcome& outcome, T value) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::fabs(value);
  } else {
    return value < 0 ? Negative(outcome, value) : value;
  }
}

template <typename T>
T Same(RowOutcome&, T value) {
  return value;
}

template <typename T>
T BitAnd(RowOutcome&, T left, T right) {
  return static_cast<T>(left & right);
}
template <typename T>
T BitOr(RowOutcome&, T left, T right) {
  return static_cast<T>(left | right);
}
template <typename T>
T BitXor(RowOutcome&, T left, T right) {
  return static_cast<T>(left ^ right);
}
template <typename T>
T BitNot(RowOutcome&, T value) {
  return static_cast<T>(~value);
}

template <typename T>
void AddOf(std::vector<Routine>& list) {
  constexpr TypeKind kKind = KindOf<T>();
  const bool whole = !std::is_floating_point_v<T>;
  const auto two = [&](std::string_view name, Kernel kernel, bool can_fail) {
    list.push_back({.name = std::string(name),
                    .arguments = {kKind, kKind},
                    .result = kKind,
                    .kernel = kernel,
                    .can_fail = can_fail});
  };
  const auto one = [&](std::string_view name, Kernel kernel, bool can_fail) {
    list.push_back(
        {.name = std::string(name), .arguments = {kKind}, .result = kKind, .kernel = kernel, .can_fail = can_fail});
  };
  two("+", EachRow<&Add<T>>::Run, whole);
  two("-", EachRow<&Subtract<T>>::Run, whole);
  two("*", EachRow<&Multiply<T>>::Run, whole);
  for (const auto& [name, kernel] : {std::pair("%", Kernel{EachRow<&Remainder<T>>::Run}),
                                     std::pair("pmod", Kernel{EachRow<&PositiveRemainder<T>>::Run})}) {
    list.push_back({.name = name,
                    .arguments = {kKind, kKind},
                    .result = kKind,
                    .kernel = kernel,
                    .nulls = NullRule::kRightFirst,
                    .can_fail = true,
                    .makes_null = true});
  }
  one("negative", EachRow<&Negative<T>>::Run, whole);
  one("positive", EachRow<&Same<T>>::Run, false);
  one("abs", EachRow<&Absolute<T>>::Run, whole);
  if constexpr (!std::is_floating_point_v<T>) {
    two("&", EachRow<&BitAnd<T>>::Run, false);
    two("|", EachRow<&BitOr<T>>::Run, false);
    two("^", EachRow<&BitXor<T>>::Run, false);
    one("~", EachRow<&BitNot<T>>::Run, false);
  }
}

}  // namespace

void AddArithmetic(std::vector<Routine>& list) {
  AddOf<std::int8_t>(list);
  AddOf<std::int16_t>(list);
  AddOf<std::int32_t>(list);
  AddOf<std::int64_t>(list);
  AddOf<float>(list);
  AddOf<double>(list);
  list.push_back({.name = "/",
                  .arguments = {TypeKind::kDouble, TypeKind::kDouble},
                  .result = TypeKind::kDouble,
                  .kernel = EachRow<&Divide>::Run,
                  .nulls = NullRule::kRightFirst,
                  .can_fail = true,
                  .makes_null = true});
  list.push_back({.name = "div",
                  .arguments = {TypeKind::kLong, TypeKind::kLong},
                  .result = TypeKind::kLong,
                  .kernel = EachRow<&IntegralDivide>::Run,
                  .nulls = NullRule::kRightFirst,
                  .can_fail = true,
                  .makes_null = true});
}

}  // namespace hf
