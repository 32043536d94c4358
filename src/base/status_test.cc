// SPDX-License-Identifier: Apache-2.0
#include "holdfast/status.h"

#include <gtest/gtest.h>

namespace hf {
namespace {

TEST(Status, SuccessSaysOk) {
  EXPECT_TRUE(Status().ok());
  EXPECT_EQ(Status().ToString(), "ok");
  EXPECT_EQ(Status().message(), "");
  EXPECT_TRUE(Status().WithContext("reading").ok());
}

TEST(Status, ToStringPutsTheConditionInFront) {
  EXPECT_EQ(Invalid("no such option").ToString(), "no such option");
  EXPECT_EQ(Invalid("no such option", "BAD_OPTION").ToString(), "[BAD_OPTION] no such option");
}

TEST(Status, ContextKeepsKindAndCondition) {
  const Status status = Corrupt("bad magic", "X").WithContext("a.zip");
  EXPECT_EQ(status.kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(status.condition(), "X");
  EXPECT_EQ(status.message(), "a.zip: bad magic");
}

TEST(Status, CopiesAreIndependent) {
  Status first = Conflict("taken");
  const Status copy = first;
  first = Status();
  EXPECT_TRUE(first.ok());
  EXPECT_EQ(copy.message(), "taken");
}

TEST(Status, EveryKindHasAName) {
  EXPECT_EQ(ErrorKindName(ErrorKind::kInvalid), "invalid");
  EXPECT_EQ(ErrorKindName(ErrorKind::kUnavailable), "unavailable");
  EXPECT_EQ(ErrorKindName(ErrorKind::kCorrupt), "corrupt");
  EXPECT_EQ(ErrorKindName(ErrorKind::kIncompatible), "incompatible");
  EXPECT_EQ(ErrorKindName(ErrorKind::kConflict), "conflict");
  EXPECT_EQ(ErrorKindName(ErrorKind::kUser), "user");
  EXPECT_EQ(ErrorKindName(ErrorKind::kInternal), "internal");
}

Result<int> Half(int number) {
  if (number % 2 != 0) {
    return Invalid("odd");
  }
  return number / 2;
}

Result<int> Quarter(int number) {
  HF_ASSIGN_OR_RETURN(const int half, Half(number));
  HF_ASSIGN_OR_RETURN(const int quarter, Half(half));
  return quarter;
}

TEST(Result, AssignOrReturnPassesTheFirstFailureOn) {
  EXPECT_EQ(Quarter(8).value(), 2);
  EXPECT_EQ(Quarter(6).status().message(), "odd");
  EXPECT_EQ(Quarter(7).status().message(), "odd");
}

}  // namespace
}  // namespace hf
