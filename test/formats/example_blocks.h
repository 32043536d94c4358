// SPDX-License-Identifier: Apache-2.0
// The examples in docs/formats are made by the encoders themselves. A page marks each with a line
//   <!-- example NAME -->
// and a fenced block behind it. A test makes the block anew and compares; with HOLDFAST_UPDATE_DOCS=1 it rewrites it.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace hf::test {

// So many bytes mean that.
struct Piece {
  std::size_t size;
  std::string meaning;
};

// The bytes in hexadecimal, a piece a line. The pieces must cover the bytes exactly.
inline std::string Annotated(std::string_view bytes, const std::vector<Piece>& pieces) {
  constexpr std::size_t kBytesPerLine = 12;
  std::string text;
  std::size_t at = 0;
  for (const Piece& piece : pieces) {
    for (std::size_t done = 0; done < piece.size; done += kBytesPerLine) {
      std::string hex;
      for (std::size_t i = done; i < std::min(done + kBytesPerLine, piece.size) && at + i < bytes.size(); ++i) {
        hex += fmt::format("{:02x} ", static_cast<unsigned char>(bytes[at + i]));
      }
      text += done == 0 ? fmt::format("{:37}{}\n", hex, piece.meaning) : hex.substr(0, hex.size() - 1) + "\n";
    }
    at += piece.size;
  }
  EXPECT_EQ(at, bytes.size()) << "the pieces do not cover the bytes:\n" << text;
  return text;
}

// Compares the example with what the page shows, or puts it there.
inline void CheckExample(const std::string& page, const std::string& name, std::string text) {
  const std::string path = fmt::format("{}/docs/formats/{}", HOLDFAST_SOURCE_DIR, page);
  std::ifstream in(path, std::ios::binary);
  std::string document{std::istreambuf_iterator<char>(in), {}};
  const std::string marker = fmt::format("<!-- example {} -->\n```text\n", name);
  const std::size_t marked = document.find(marker);
  ASSERT_NE(marked, std::string::npos) << page << " has no example " << name;
  const std::size_t begin = marked + marker.size();
  const std::size_t end = document.find("```\n", begin);
  ASSERT_NE(end, std::string::npos) << page << ", example " << name << ": the block does not end";
  if (!text.ends_with('\n')) {
    text += '\n';
  }
  if (std::getenv("HOLDFAST_UPDATE_DOCS") != nullptr) {
    document.replace(begin, end - begin, text);
    std::ofstream(path, std::ios::binary) << document;
    return;
  }
  EXPECT_EQ(document.substr(begin, end - begin), text)
      << page << ", example " << name << " is not what the code makes; HOLDFAST_UPDATE_DOCS=1 rewrites it";
}

}  // namespace hf::test
