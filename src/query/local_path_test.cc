// SPDX-License-Identifier: Apache-2.0
#include "query/local_path.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "support/status_matchers.h"

namespace hf {
namespace {

using test::HasKind;

TEST(LocalPath, TakesWhatSparkTakesAndNoOtherScheme) {
  EXPECT_EQ(LocalPath("/a//b/../c/").value(), "/a/c");
  EXPECT_EQ(LocalPath("file:/a b%20c").value(), "/a b%20c");
  EXPECT_EQ(LocalPath("file:///a").value(), "/a");
  EXPECT_EQ(LocalPath("file://localhost/a").value(), "/a");
  EXPECT_TRUE(LocalPath("a:b/c").status().kind() == ErrorKind::kInvalid);
  EXPECT_EQ(LocalPath("x/y").value(), std::filesystem::current_path().string() + "/x/y");
  for (const std::string other : {"s3://bucket/x", "hdfs://host/x", "file://host/x", "file:relative"}) {
    EXPECT_THAT(LocalPath(other), HasKind(ErrorKind::kInvalid)) << other;
  }
}

TEST(OnePath, IsGivenOnce) {
  EXPECT_EQ(OnePath("source", {}, "/a").value(), "/a");
  EXPECT_EQ(OnePath("source", {{"path", "/a"}}, "").value(), "/a");
  EXPECT_EQ(OnePath("source", {{"other", "1"}}, "").value(), "");
  const Status twice = OnePath("json sink", {{"path", "/a"}}, "/b").status();
  EXPECT_EQ(twice.kind(), ErrorKind::kInvalid);
  EXPECT_NE(twice.message().find("json sink"), std::string::npos);
  EXPECT_NE(twice.message().find("/b"), std::string::npos);
}

}  // namespace
}  // namespace hf
