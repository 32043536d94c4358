// SPDX-License-Identifier: Apache-2.0
// What Spark finds in files is in test/spark_compat/files.
#include "codec/csv/csv_types.h"

#include <gtest/gtest.h>

#include <random>

namespace hf {
namespace {

std::string Found(std::string_view text, CsvReadOptions reading, bool infer, std::size_t piece = 1 << 20) {
  const auto types = CsvTypes::Make(std::move(reading), {.infer_types = infer}).value();
  CsvTypesReader reader(types.get());
  std::string held;
  while (!held.empty() || !text.empty()) {
    held += text.substr(0, piece);
    text.remove_prefix(std::min(piece, text.size()));
    const auto chunk =
        reader.Read(held, text.empty() ? CsvTypesReader::Rest::kNone : CsvTypesReader::Rest::kFollows, 1);
    held.erase(0, chunk->consumed_bytes);
  }
  return types->Columns().ToDdl();
}

TEST(CsvTypes, NamesAndTypes) {
  const std::string text = "id,when,\n1,2024-02-29,x\n2.5,2024-03-01,\n";
  EXPECT_EQ(Found(text, {.header = true}, true), "id DOUBLE,when DATE,_c2 STRING");
  EXPECT_EQ(Found(text, {.header = true}, false), "id STRING,when STRING,_c2 STRING");
  EXPECT_EQ(Found(text, {}, true), "_c0 STRING,_c1 STRING,_c2 STRING");
  EXPECT_EQ(Found("", {.header = true}, true), "");
}

TEST(CsvTypes, TakesAnyBytesInAnyPieces) {
  std::mt19937 random(12);
  static constexpr std::string_view kBytes = "\",\\\n\r a1.-e\xFF:2T";
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    for (std::size_t size = random() % 40; bytes.size() < size;) {
      bytes += kBytes[random() % kBytes.size()];
    }
    const CsvReadOptions reading = {.header = round % 2 == 0, .multi_line = false};
    ASSERT_EQ(Found(bytes, reading, true, 1 + random() % 7), Found(bytes, reading, true)) << bytes;
  }
}

}  // namespace
}  // namespace hf
