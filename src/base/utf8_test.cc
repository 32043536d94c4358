// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <gtest/gtest.h>

namespace hf {
namespace {

TEST(Utf8, EveryScalarValueComesBack) {
  for (std::uint32_t value = 0; value <= 0x10FFFF; ++value) {
    if (value >= 0xD800 && value <= 0xDFFF) {
      continue;
    }
    std::string text;
    AppendUtf8(text, value);
    const CodePoint point = DecodeUtf8(text);
    ASSERT_EQ(point.value, value);
    ASSERT_EQ(point.size_bytes, text.size());
  }
}

TEST(Utf8, RefusesWhatTheStandardForbids) {
  for (const char* text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xC3x", "\xFF"}) {
    EXPECT_EQ(DecodeUtf8(text).size_bytes, 0u) << text;
    EXPECT_FALSE(IsValidUtf8(text));
    EXPECT_FALSE(IsValidUtf8(std::string("twelve bytes") + text + "and some more"));
  }
  EXPECT_EQ(DecodeUtf8("").size_bytes, 0u);
  // What follows the view does not complete it.
  EXPECT_EQ(DecodeUtf8(std::string_view("\u20ac").substr(0, 2)).size_bytes, 0u);
}

TEST(Utf8, AcceptsTextOfAnyLength) {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    EXPECT_TRUE(IsValidUtf8(text));
    text += i % 5 == 4 ? "\u20ac" : "a";
  }
}

TEST(Utf8, ReplacesOnlyTheBadBytes) {
  EXPECT_EQ(ReplaceInvalidUtf8("a\xFF\u20acz\xC3"), "a\uFFFD\u20acz\uFFFD");
  EXPECT_EQ(ReplaceInvalidUtf8("plain"), "plain");
}

}  // namespace
}  // namespace hf
