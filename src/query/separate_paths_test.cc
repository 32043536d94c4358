// SPDX-License-Identifier: Apache-2.0
#include "query/separate_paths.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/temp_dir.h"

namespace hf {
namespace {

struct Case {
  const char* source;
  const char* sink;
  const char* checkpoint;
  const char* refused;  // a part of the refusal; empty: none
};

TEST(SeparatePaths, WhatOverlapsIsRefusedAndWhatLiesBesideIsNot) {
  const Case cases[] = {
      {"/r/events", "/r/tables/t", "/r/checkpoint", ""},
      {"/r/events", "/r/events2", "/r/event", ""},
      {"/r/events", "", "/r/checkpoint", ""},
      {"", "/r/t", "/r/c", ""},
      // The same.
      {"/r/x", "/r/x", "/r/c", "sink /r/x and the source /r/x"},
      {"/r/x", "/r/t", "/r/x", "checkpoint /r/x and the source /r/x"},
      {"/r/x", "/r/t", "/r/t", "checkpoint /r/t and the sink /r/t"},
      {"", "/r/t", "/r/t", "checkpoint /r/t and the sink /r/t"},
      // In one another.
      {"/r", "/r/t", "/c", "come back as its input"},
      {"/r/t/in", "/r/t", "/c", "readers of the sink would meet the files of the source"},
      {"/r/in", "/r/t", "/r/in/c", "come back as input"},
      {"/r/in", "/r/t", "/r/t/c", "meet the files of the checkpoint"},
      {"/", "/r/t", "/c", "come back"},
      // Under a hidden name, as Spark's users do it.
      {"/r/in", "/r/t", "/r/t/_checkpoint", ""},
      {"/r/in", "/r/t", "/r/t/.checkpoints/q1", ""},
      {"/r/in", "/r/t", "/r/t/_checkpoints/q1/x", ""},
      {"/r/in", "/r/in/_out", "/r/in/_checkpoint", ""},
      {"/r/in", "/r/t", "/r/t/_delta_log", "meet the files of the checkpoint"},
      {"/r/in", "/r/t", "/r/t/_spark_metadata/c", "meet the files of the checkpoint"},
      // A root that is the checkpoint, as long as its own directories are left alone.
      {"/r/events", "/r/tables", "/r", ""},
      {"/r/events", "/r/state", "/r", "keeps its own files"},
      {"/r/sources/0", "/r/tables", "/r", "keeps its own files"},
      // Patterns.
      {"/r/*/events", "/r/shop/out", "/r/shop/checkpoint", ""},
      {"/r/*.json", "/r/out", "/r/checkpoint", ""},
      {"/r/*", "/r/out", "/c", "come back as its input"},
      {"/r/*", "/r/_out", "/r/_checkpoint", ""},
      {"/r/*/*.json", "/r/out", "/c", "meet the files of the source"},
      {"/r/{a,b}", "/r/b/t", "/c", "come back as its input"},
      {"/r/{a,b}", "/r/c/t", "/c", ""},
      {"/r/?vents", "/t", "/r/events", "come back as input"},
  };
  for (const Case& c : cases) {
    const Status checked = CheckSeparate({.source = c.source, .sink = c.sink, .checkpoint = c.checkpoint});
    if (std::string_view(c.refused).empty()) {
      EXPECT_TRUE(checked.ok()) << checked.ToString();
    } else {
      EXPECT_EQ(checked.kind(), ErrorKind::kInvalid) << c.source << " " << c.sink << " " << c.checkpoint;
      EXPECT_NE(checked.message().find(c.refused), std::string::npos) << checked.ToString();
    }
  }
}

TEST(SeparatePaths, ASymbolicLinkHidesNothing) {
  const test::TempDir directory;
  std::filesystem::create_directory(directory / "events");
  std::filesystem::create_directory_symlink(directory / "events", directory / "elsewhere");
  const Status checked = CheckSeparate(
      {.source = directory / "events", .sink = directory / "elsewhere/out", .checkpoint = directory / "c"});
  EXPECT_EQ(checked.kind(), ErrorKind::kInvalid) << checked.ToString();
}

}  // namespace
}  // namespace hf
