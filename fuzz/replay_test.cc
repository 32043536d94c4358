// SPDX-License-Identifier: Apache-2.0
// Every fuzz target over its corpus: one test a target. What a fuzzer once found stays found.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "fuzz_target.h"

namespace hf::fuzz {
namespace {

class Corpus : public testing::TestWithParam<std::string> {};

TEST_P(Corpus, IsReplayed) {
  const std::filesystem::path directory = std::filesystem::path(HOLDFAST_SOURCE_DIR) / "fuzz/corpus" / GetParam();
  ASSERT_TRUE(std::filesystem::is_directory(directory)) << directory;
  int inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    // A target that fails takes the process with it: the last name is then the input.
    std::fprintf(stderr, "%s\n", entry.path().c_str());
    Targets().at(GetParam())(bytes);
    ++inputs;
  }
  fmt::print("{}: {} inputs\n", GetParam(), inputs);
  EXPECT_GT(inputs, 3) << "a corpus should not be as empty as that";
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const auto& [name, target] : Targets()) {
    names.push_back(name);
  }
  return names;
}

std::string NameOf(const testing::TestParamInfo<std::string>& info) { return info.param; }

// The targets register themselves before main, in any order with this file: so the names are asked for in main.
INSTANTIATE_TEST_SUITE_P(Fuzz, Corpus, testing::ValuesIn(Names()), NameOf);

}  // namespace
}  // namespace hf::fuzz
