// SPDX-License-Identifier: Apache-2.0
// EXPECT_THAT(result, IsOk()) and friends: they print the Status when it is not what it should be.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "holdfast/status.h"

namespace hf {

inline void PrintTo(const Status& status, std::ostream* out) {
  *out << (status.ok() ? "ok" : std::string(ErrorKindName(status.kind())) + ": " + status.ToString());
}
template <typename T>
void PrintTo(const Result<T>& result, std::ostream* out) {
  PrintTo(result.status(), out);
}

namespace test {

inline Status StatusOf(const Status& status) { return status; }
template <typename T>
Status StatusOf(const Result<T>& result) {
  return result.status();
}

MATCHER(IsOk, "is ok") { return StatusOf(arg).ok(); }
MATCHER_P(HasKind, kind, "fails with kind " + std::string(ErrorKindName(kind))) {
  const Status status = StatusOf(arg);
  return !status.ok() && status.kind() == kind;
}
// A Result that holds a value which the matcher (or value) takes.
MATCHER_P(IsOkAnd, inner, "is ok and its value is " + testing::PrintToString(inner)) {
  return arg.ok() && testing::ExplainMatchResult(inner, arg.value(), result_listener);
}

}  // namespace test
}  // namespace hf
