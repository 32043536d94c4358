// SPDX-License-Identifier: Apache-2.0
// What Spark finds in files is in test/spark_compat/files.
#include "codec/json/json_types.h"

#include <gtest/gtest.h>

#include <random>

namespace hf {
namespace {

std::string Found(std::string_view text, JsonTypeOptions options = {}, std::size_t piece = 1 << 20) {
  JsonTypes types(std::move(options));
  JsonTypesReader reader(&types, "f.json");
  std::string held;
  while (!held.empty() || !text.empty()) {
    held += text.substr(0, piece);
    text.remove_prefix(std::min(piece, text.size()));
    const auto chunk =
        reader.Read(held, text.empty() ? JsonTypesReader::Rest::kNone : JsonTypesReader::Rest::kFollows, 1);
    if (!chunk.ok()) {
      return std::string(chunk.status().condition());
    }
    held.erase(0, chunk->consumed_bytes);
  }
  const auto schema = types.Columns();
  return schema.ok() ? schema->ToDdl() : std::string(schema.status().condition());
}

TEST(JsonTypes, TypesMeet) {
  EXPECT_EQ(Found("{\"a\":1,\"b\":[1]}\n{\"a\":1.5,\"b\":[null,{\"c\":true}]}"), "a DOUBLE,b ARRAY<STRING>");
  EXPECT_EQ(Found("{\"a\":{\"b\":1}}\r\n{\"a\":{\"c\":\"x\"}}\r\n"), "a STRUCT<b: BIGINT, c: STRING>");
  EXPECT_EQ(Found("{bad\n{\"a\":1}"), "_corrupt_record STRING,a BIGINT");
  EXPECT_EQ(Found("{bad", {.mode = ParseMode::kFailFast}), "MALFORMED_RECORD_IN_PARSING");
  EXPECT_EQ(Found("5", {.mode = ParseMode::kFailFast}), "INVALID_JSON_RECORD_TYPE");
  EXPECT_EQ(Found("{\"a\":1,\"A\":2}"), "COLUMN_ALREADY_EXISTS");
}

TEST(JsonTypes, TakesAnyBytesInAnyPieces) {
  std::mt19937 random(11);
  const std::string good =
      "{\"a\":[1,2.5,\"x\",{\"b\":null}],\"c\":{\"d\":[[]]},\"e\":-1e5,\"f\":NaN}\n[{\"a\":1},null]\n'q'\n";
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    for (int change = 0; change < 3; ++change) {
      bytes[random() % bytes.size()] = static_cast<char>(random() % 3 == 0 ? random() : good[random() % good.size()]);
    }
    const std::string whole = Found(bytes);
    ASSERT_EQ(Found(bytes, {}, 1 + random() % 20), whole) << bytes;
  }
  EXPECT_EQ(Found(std::string(100'000, '[')), "_corrupt_record STRING");
}

}  // namespace
}  // namespace hf
