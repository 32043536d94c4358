// SPDX-License-Identifier: Apache-2.0
#include "files/scratch_directory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;

TEST(ScratchDirectory, GoesWithItsObjectAndTakesThoseOfTheDeadAlong) {
  const test::TempDir dir;
  SystemRandom random;
  const std::string dead = dir / "holdfast-scratch-0b0c41de-0000-4000-8000-000000000000";
  fs::create_directories(dead + "/0/db");
  std::ofstream(dead + "/0/db/000001.sst") << "state";
  std::ofstream(dir / "other") << "somebody else's";
  auto living = ScratchDirectory::Make(dir.path(), random);
  ASSERT_TRUE(living.ok()) << living.status().ToString();
  EXPECT_FALSE(fs::exists(dead));
  std::ofstream((*living)->path() + "/file") << "in use";
  {
    const auto second = ScratchDirectory::Make(dir.path(), random);
    ASSERT_TRUE(second.ok()) << second.status().ToString();
    EXPECT_NE((*second)->path(), (*living)->path());
    EXPECT_TRUE(fs::exists((*living)->path() + "/file"));
  }
  living->reset();
  std::vector<std::string> left;
  for (const auto& entry : fs::directory_iterator(dir.path())) {
    left.push_back(entry.path().filename().string());
  }
  EXPECT_EQ(left, std::vector<std::string>{"other"});
}

TEST(ScratchDirectory, APlaceThatCannotBeHadIsNamed) {
  const test::TempDir dir;
  SystemRandom random;
  std::ofstream(dir / "file") << "no directory";
  const auto made = ScratchDirectory::Make(dir / "file", random);
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.status().ToString().find(dir / "file"), std::string::npos) << made.status().ToString();
}

}  // namespace
}  // namespace hf
