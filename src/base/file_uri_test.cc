// SPDX-License-Identifier: Apache-2.0
#include "base/file_uri.h"

#include <gtest/gtest.h>

namespace hf {
namespace {

TEST(FileUri, EscapesAsJava) {
  EXPECT_EQ(FileUriFromPath("/tmp/a b.json"), "file:///tmp/a%20b.json");
  EXPECT_EQ(FileUriFromPath("/a%20b"), "file:///a%2520b");
  EXPECT_EQ(FileUriFromPath("/x#?[]\"<>\\^`{|}\x7f\n"), "file:///x%23%3F%5B%5D%22%3C%3E%5C%5E%60%7B%7C%7D%7F%0A");
  EXPECT_EQ(FileUriFromPath("/dt=2026-01-01/a_-!.~'()*,;:$&+=@"), "file:///dt=2026-01-01/a_-!.~'()*,;:$&+=@");
  EXPECT_EQ(FileUriFromPath("/\u00e4\U0001F600"), "file:///\u00e4\U0001F600");
  EXPECT_EQ(FileUriFromPath("/a\u00a0\u2003b"), "file:///a%C2%A0%E2%80%83b");
  EXPECT_EQ(FileUriFromPath("/a\xff"), "file:///a%FF");
}

TEST(FileUri, PathsComeBack) {
  for (const char* path : {"/", "/tmp/a b.json", "/a%20b", "/x#?[]", "/\u00e4 \u2003", "/a\xff"}) {
    EXPECT_EQ(PathFromFileUri(FileUriFromPath(path)).value(), path);
    EXPECT_EQ(PathFromHadoopPath(HadoopPathFromPath(path)).value(), path);
  }
}

TEST(FileUri, AcceptsEveryNotation) {
  EXPECT_EQ(PathFromFileUri("file:/x/a%20b").value(), "/x/a b");
  EXPECT_EQ(PathFromFileUri("file:///x/a%2fb").value(), "/x/a/b");
  EXPECT_EQ(PathFromFileUri("file://localhost/x").value(), "/x");
  EXPECT_EQ(PathFromFileUri("/plain/a%20b").value(), "/plain/a%20b");
  EXPECT_EQ(PathFromFileUri("relative/x:y").value(), "relative/x:y");
  EXPECT_EQ(PathFromHadoopPath("file:/x/a%20b c").value(), "/x/a%20b c");
  EXPECT_EQ(PathFromHadoopPath("file:///x").value(), "/x");
  EXPECT_EQ(PathFromHadoopPath("/x y").value(), "/x y");
}

TEST(FileUri, RefusesWhatIsNoLocalFile) {
  for (const char* uri : {"s3a://bucket/x", "hdfs:/x", "file://server/x", "file:x", "file:", "file://"}) {
    EXPECT_EQ(PathFromFileUri(uri).status().kind(), ErrorKind::kInvalid) << uri;
    EXPECT_EQ(PathFromHadoopPath(uri).status().kind(), ErrorKind::kInvalid) << uri;
  }
  for (const char* uri : {"file:/a%", "file:/a%2", "file:/a%zz", "file:/a%2g"}) {
    EXPECT_EQ(PathFromFileUri(uri).status().kind(), ErrorKind::kCorrupt) << uri;
  }
}

}  // namespace
}  // namespace hf
