// SPDX-License-Identifier: Apache-2.0
#include "base/random_access.h"

#include <gtest/gtest.h>

#include <limits>

namespace hf {
namespace {

TEST(MemoryRandomAccess, ReadsWithinAndRefusesBeyond) {
  MemoryRandomAccess bytes("abcdef");
  EXPECT_EQ(bytes.size_bytes(), 6u);
  std::string out(3, '?');
  ASSERT_TRUE(bytes.ReadAt(3, out).ok());
  EXPECT_EQ(out, "def");
  EXPECT_EQ(bytes.ReadAt(4, out).kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(bytes.ReadAt(std::numeric_limits<std::uint64_t>::max(), out).kind(), ErrorKind::kCorrupt);
  EXPECT_TRUE(bytes.ReadAt(6, {}).ok());
  EXPECT_FALSE(bytes.ReadAt(7, {}).ok());
}

}  // namespace
}  // namespace hf
