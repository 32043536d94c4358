// SPDX-License-Identifier: Apache-2.0
// Every row that Spark 4.3.0 encoded for us, read and written again.
#include <set>

#include "codec/unsafe_row/unsafe_row_reader.h"
#include "codec/unsafe_row/unsafe_row_testing.h"
#include "codec/unsafe_row/unsafe_row_writer.h"

namespace hf {
namespace {

std::string Encoded(const Schema& schema, const Row& row, const std::string& line) {
  const auto layout = RowLayout(schema);
  const auto writer = UnsafeRowWriter::Compile(schema, *layout);
  EXPECT_TRUE(writer.ok()) << writer.status().ToString() << line;
  std::string bytes = "kept";
  const Status status = writer->Encode(&row, bytes);
  EXPECT_TRUE(status.ok()) << status.ToString() << line;
  return bytes.substr(4);
}

Row Decoded(const Schema& schema, const std::string& bytes, const std::string& line) {
  const auto layout = RowLayout(schema);
  const auto reader = UnsafeRowReader::Compile(schema, *layout);
  EXPECT_TRUE(reader.ok()) << reader.status().ToString() << line;
  Row row;
  const Status status = reader->Decode(bytes, &row);
  EXPECT_TRUE(status.ok()) << status.ToString() << line;
  return row;
}

TEST(UnsafeRowSpark, WritesSparksBytes) {
  for (const SparkVector& vector : SparkVectors()) {
    ASSERT_EQ(ToHex(Encoded(vector.schema, vector.row, vector.line)), ToHex(vector.bytes)) << vector.line;
  }
}

TEST(UnsafeRowSpark, ReadsSparksBytesAndWritesThemAgain) {
  for (const SparkVector& vector : SparkVectors()) {
    const Row row = Decoded(vector.schema, vector.bytes, vector.line);
    const Row expected = vector.row;
    if (expected == vector.row) {  // not so when there is a NaN
      ASSERT_EQ(row, expected) << vector.line;
    }
    ASSERT_EQ(ToHex(Encoded(vector.schema, row, vector.line)), ToHex(vector.bytes)) << vector.line;
  }
}

// A key in two parts is two rows: of the columns before and of those behind.
TEST(UnsafeRowSpark, TheRowsOfWholeKeysAreSparks) {
  for (const SparkKey& key : SparkKeys()) {
    std::set<std::size_t> first(key.range.begin(), key.range.end());
    for (std::size_t i = 0; i < key.prefix_columns; ++i) {
      first.insert(i);
    }
    std::vector<StructField> fields[2];
    Row rows[2];
    for (std::size_t i = 0; i < key.vector.schema.size(); ++i) {
      const std::size_t side = first.contains(i) ? 0 : 1;
      fields[side].push_back(key.vector.schema.field(i));
      rows[side].push_back(key.vector.row[i]);
    }
    if (key.range.empty() && !fields[0].empty()) {
      EXPECT_EQ(ToHex(Encoded(Schema(fields[0]), rows[0], key.vector.line)), ToHex(key.prefix)) << key.vector.line;
      EXPECT_EQ(Decoded(Schema(fields[0]), key.prefix, key.vector.line), rows[0]) << key.vector.line;
    }
    if (!fields[1].empty()) {
      EXPECT_EQ(ToHex(Encoded(Schema(fields[1]), rows[1], key.vector.line)), ToHex(key.rest)) << key.vector.line;
      EXPECT_EQ(Decoded(Schema(fields[1]), key.rest, key.vector.line), rows[1]) << key.vector.line;
    }
  }
}

}  // namespace
}  // namespace hf
