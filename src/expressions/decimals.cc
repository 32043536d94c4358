// SPDX-License-Identifier: Apache-2.0
// Arithmetic on decimals: exact, then rounded to the type of the result (Spark 4.3 Decimal.scala).
#include <fmt/format.h>

#include "expressions/routine.h"
#include "expressions/wide_decimal.h"

namespace hf {
namespace {

__int128 Fit(RowOutcome& outcome, const WideInteger& value, int scale, std::string_view operation) {
  const auto fits = Narrowed(Rescaled(value, scale, outcome.type().scale()), outcome.type().precision());
  if (!fits.has_value()) {
    outcome.Fail("NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION",
                 fmt::format("the result of {} does not fit {}", operation, outcome.type().ToSql()));
  }
  return fits.value_or(0);
}

struct Aligned {
  WideInteger left;
  WideInteger right;
  int scale = 0;
};

Aligned Align(RowOutcome& outcome, __int128 left, __int128 right) {
  const int left_scale = outcome.argument_type(0).scale();
  const int right_scale = outcome.argument_type(1).scale();
  const int scale = std::max(left_scale, right_scale);
  return {Rescaled(WideOf(left), left_scale, scale), Rescaled(WideOf(right), right_scale, scale), scale};
}

// What most decimals need: no more than 128 bits, and no digit of the result to round.
template <typename F>
std::optional<__int128> Quick(RowOutcome& outcome, __int128 left, __int128 right, const F& operation) {
  const int left_scale = outcome.argument_type(0).scale();
  const int right_scale = outcome.argument_type(1).scale();
  const int scale = std::max(left_scale, right_scale);
  __int128 made = 0;
  if (scale != outcome.type().scale() || __builtin_mul_overflow(left, PowerOfTen(scale - left_scale), &left) ||
      __builtin_mul_overflow(right, PowerOfTen(scale - right_scale), &right) || operation(left, right, &made) ||
      !FitsDecimal(made, outcome.type().precision())) {
    return std::nullopt;
  }
  return made;
}

__int128 Add(RowOutcome& outcome, __int128 left, __int128 right) {
  if (const auto made = Quick(outcome, left, right, [](__int128 a, __int128 b, __int128* sum) {
        return __builtin_add_overflow(a, b, sum);
      })) {
    return *made;
  }
  const Aligned both = Align(outcome, left, right);
  return Fit(outcome, both.left + both.right, both.scale, "+");
}

__int128 Subtract(RowOutcome& outcome, __int128 left, __int128 right) {
  if (const auto made = Quick(outcome, left, right, [](__int128 a, __int128 b, __int128* difference) {
        return __builtin_sub_overflow(a, b, difference);
      })) {
    return *made;
  }
  const Aligned both = Align(outcome, left, right);
  return Fit(outcome, both.left - both.right, both.scale, "-");
}

__int128 Multiply(RowOutcome& outcome, __int128 left, __int128 right) {
  const int scale = outcome.argument_type(0).scale() + outcome.argument_type(1).scale();
  if (__int128 product = 0; scale == outcome.type().scale() && !__builtin_mul_overflow(left, right, &product) &&
                            FitsDecimal(product, outcome.type().precision())) {
    return product;
  }
  return Fit(outcome, WideOf(left) * WideOf(right), scale, "*");
}

// Rounded twice, as Spark does: to 39 digits behind the point, then to the result's scale.
__int128 Divide(RowOutcome& outcome, __int128 left, __int128 right) {
  constexpr int kQuotientScale = kDecimalPrecisionMax + 1;
  if (right == 0) {
    outcome.Fail("DIVIDE_BY_ZERO", "a decimal / 0");
    return 0;
  }
  const int shift = kQuotientScale - outcome.argument_type(0).scale() + outcome.argument_type(1).scale();
  return Fit(outcome, DivideHalfUp(WideOf(left) * WidePower(shift), WideOf(right)), kQuotientScale, "/");
}

__int128 Remainder(RowOutcome& outcome, __int128 left, __int128 right) {
  if (right == 0) {
    outcome.Fail("REMAINDER_BY_ZERO", "a decimal % 0");
    return 0;
  }
  const Aligned both = Align(outcome, left, right);
  return Fit(outcome, both.left % both.right, both.scale, "%");
}

__int128 PositiveRemainder(RowOutcome& outcome, __int128 left, __int128 right) {
  if (right == 0) {
    outcome.Fail("REMAINDER_BY_ZERO", "pmod of a decimal and 0");
    return 0;
  }
  const Aligned both = Align(outcome, left, right);
  WideInteger remainder = both.left % both.right;
  if (remainder < 0) {
    remainder = (remainder + both.right) % both.right;
  }
  return Fit(outcome, remainder, both.scale, "pmod");
}

std::int64_t IntegralDivide(RowOutcome& outcome, __int128 left, __int128 right) {
  if (right == 0) {
    outcome.Fail("DIVIDE_BY_ZERO", "a decimal DIV 0");
    return 0;
  }
  const Aligned both = Align(outcome, left, right);
  const WideInteger quotient = both.left / both.right;
  const DataType& left_type = outcome.argument_type(0);
  const int digits = left_type.precision() - left_type.scale() + outcome.argument_type(1).scale();
  const auto narrow = Narrowed(quotient, std::clamp(digits, 1, kDecimalPrecisionMax));
  if (!narrow.has_value()) {
    outcome.Fail("NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION", "the result of DIV has more than 38 digits");
  }
  return static_cast<std::int64_t>(narrow.value_or(0));  // BigDecimal.longValue: the low 64 bits
}

// Decimal.unary_-: the minus of Scala's BigDecimal keeps 34 digits.
__int128 Negative(RowOutcome& outcome, __int128 value) {
  const auto made = RoundedTo34(WideOf(-value));
  const auto fits = Narrowed(made, outcome.type().precision());
  if (!fits.has_value()) {
    outcome.Fail("NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION",
                 fmt::format("the negative of a decimal does not fit {}", outcome.type().ToSql()));
  }
  return fits.value_or(0);
}
__int128 Same(RowOutcome&, __int128 value) { return value; }
__int128 Absolute(RowOutcome& outcome, __int128 value) { return value < 0 ? Negative(outcome, value) : value; }

}  // namespace

void AddDecimals(std::vector<Routine>& list) {
  constexpr TypeKind kKind = TypeKind::kDecimal;
  const auto two = [&](std::string_view name, Kernel kernel, NullRule nulls, TypeKind result) {
    list.push_back({.name = std::string(name),
                    .arguments = {kKind, kKind},
                    .result = result,
                    .kernel = kernel,
                    .nulls = nulls,
                    .can_fail = true,
                    .makes_null = nulls == NullRule::kRightFirst});
  };
  two("+", EachRow<&Add>::Run, NullRule::kPropagate, kKind);
  two("-", EachRow<&Subtract>::Run, NullRule::kPropagate, kKind);
  two("*", EachRow<&Multiply>::Run, NullRule::kPropagate, kKind);
  two("/", EachRow<&Divide>::Run, NullRule::kRightFirst, kKind);
  two("%", EachRow<&Remainder>::Run, NullRule::kRightFirst, kKind);
  two("pmod", EachRow<&PositiveRemainder>::Run, NullRule::kRightFirst, kKind);
  two("div", EachRow<&IntegralDivide>::Run, NullRule::kRightFirst, TypeKind::kLong);
  for (const auto& [name, kernel] :
       {std::pair("negative", Kernel{EachRow<&Negative>::Run}), std::pair("positive", Kernel{EachRow<&Same>::Run}),
        std::pair("abs", Kernel{EachRow<&Absolute>::Run})}) {
    list.push_back({.name = name, .arguments = {kKind}, .result = kKind, .kernel = kernel, .can_fail = true});
  }
}

}  // namespace hf
