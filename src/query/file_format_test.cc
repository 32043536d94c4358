// SPDX-License-Identifier: Apache-2.0
#include "holdfast/file_format.h"

#include <gtest/gtest.h>

#include "rows/random_for_test.h"

namespace hf {
namespace {

TEST(FileFormat, JsonLinesAreTheRowsAsJson) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    RandomData random(seed);
    const Schema schema = random.Schema(4, 3);
    const std::vector<Row> rows = random.Rows(schema, 20);
    std::string wanted;
    for (const Row& row : rows) {
      wanted += ToJson(row, schema) + "\n";
    }
    ASSERT_EQ(ToJsonLines(*ColumnBatch::FromRows(schema, rows)), wanted) << schema.ToDdl();
  }
}

}  // namespace
}  // namespace hf
