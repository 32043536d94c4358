// SPDX-License-Identifier: Apache-2.0
#include "codec/text/text_lines_reader.h"

#include <gmock/gmock.h>

#include <random>

namespace hf {
namespace {

using testing::ElementsAre;
using Lines = std::vector<std::string>;

// Hands the file over in pieces of `piece` bytes, `rows_max` lines at a time.
Lines Read(std::string_view file, TextReadOptions options = {}, std::size_t piece = 1 << 20,
           std::int64_t rows_max = 1000) {
  TextLinesReader reader(Schema({{"value", DataType::String()}}), std::move(options));
  Lines lines;
  std::string held;
  while (!held.empty() || !file.empty()) {
    held += file.substr(0, piece);
    file.remove_prefix(std::min(piece, file.size()));
    const bool last = file.empty();
    while (!held.empty()) {
      const auto chunk =
          reader.Read(held, last ? TextLinesReader::Rest::kNone : TextLinesReader::Rest::kFollows, rows_max);
      EXPECT_TRUE(chunk.ok());
      for (std::int64_t row = 0; row < chunk->batch.rows(); ++row) {
        lines.emplace_back(chunk->batch.column(0).Bytes(row));
      }
      if (chunk->consumed_bytes == 0) {
        EXPECT_FALSE(last) << "left over: " << held;
        break;
      }
      held.erase(0, chunk->consumed_bytes);
    }
  }
  return lines;
}

TEST(TextLinesReader, EachLineEndEndsALine) {
  EXPECT_THAT(Read("a\nb\r\nc\rd\n\n\r\r\n e \n"), ElementsAre("a", "b", "c", "d", "", "", "", " e "));
  EXPECT_THAT(Read("a"), ElementsAre("a"));
  EXPECT_THAT(Read(""), ElementsAre());
  EXPECT_THAT(Read("\n"), ElementsAre(""));
}

TEST(TextLinesReader, ASeparatorOfOnesOwnIsTheOnlyOne) {
  EXPECT_THAT(Read("a||b|||c\n||", {.line_separator = "||"}), ElementsAre("a", "b", "|c\n"));
  EXPECT_THAT(Read("a\r\nb\rc", {.line_separator = "\n"}), ElementsAre("a\r", "b\rc"));
}

TEST(TextLinesReader, TheByteOrderMarkOfTheFileIsLeftOut) {
  EXPECT_THAT(Read("\xEF\xBB\xBF"
                   "a\n\xEF\xBB\xBF"
                   "b"),
              ElementsAre("a",
                          "\xEF\xBB\xBF"
                          "b"));
  EXPECT_THAT(Read("\xEF\xBB\xBF"), ElementsAre());
  EXPECT_THAT(Read("\xEF\xBB\xBF\n"), ElementsAre(""));
}

TEST(TextLinesReader, AWholeFileIsOneRow) {
  EXPECT_THAT(Read("\xEF\xBB\xBF"
                   "a\nb\n",
                   {.whole_file = true}),
              ElementsAre("\xEF\xBB\xBF"
                          "a\nb\n"));
}

TEST(TextLinesReader, PiecesDoNotMatter) {
  std::mt19937 random(7);
  static constexpr std::string_view kBytes = "a|\n\r\xFF ";
  for (int round = 0; round < 3000; ++round) {
    std::string file;
    for (std::size_t size = random() % 20; file.size() < size;) {
      file += kBytes[random() % kBytes.size()];
    }
    const TextReadOptions options = {.line_separator = round % 3 == 0 ? "||" : "", .whole_file = round % 7 == 0};
    const Lines whole = Read(file, options);
    for (const std::size_t piece : {1, 2, 3, 5}) {
      ASSERT_EQ(Read(file, options, piece, 1 + static_cast<std::int64_t>(random() % 3)), whole) << file;
    }
  }
}

}  // namespace
}  // namespace hf
