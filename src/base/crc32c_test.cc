// SPDX-License-Identifier: Apache-2.0
#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"

namespace hf {
namespace {

TEST(Crc32c, StandardVectors) {
  for (auto* function : {&Crc32c, &Crc32cPortable}) {
    EXPECT_EQ(function("123456789", 0), 0xE3069283u);
    EXPECT_EQ(function("", 0), 0u);
    // RFC 3720, B.4.
    EXPECT_EQ(function(std::string(32, '\0'), 0), 0x8A9136AAu);
    EXPECT_EQ(function(std::string(32, '\xff'), 0), 0x62A8AB43u);
  }
}

TEST(Crc32c, InstructionAndTablesAgreeAtEveryLengthAndCut) {
  SeededRandom random(7);
  std::string text;
  for (int size = 0; size < 200; ++size) {
    const std::uint32_t whole = Crc32c(text);
    ASSERT_EQ(Crc32cPortable(text), whole);
    const std::size_t cut = random.Below(text.size() + 1);
    ASSERT_EQ(Crc32c(text.substr(cut), Crc32c(text.substr(0, cut))), whole);
    text += static_cast<char>(random.Next64());
  }
}

}  // namespace
}  // namespace hf
