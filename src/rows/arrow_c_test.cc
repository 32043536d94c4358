// SPDX-License-Identifier: Apache-2.0
#include "holdfast/arrow_c.h"

#include <gtest/gtest.h>

#include "rows/random_for_test.h"

namespace hf {
namespace {

std::vector<Row> AllRows(const ColumnBatch& batch) {
  std::vector<Row> rows;
  for (std::int64_t i = 0; i < batch.rows(); ++i) {
    rows.push_back(batch.RowAt(i));
  }
  return rows;
}

Result<ColumnBatch> ThereAndBack(const ColumnBatch& batch) {
  ArrowSchema schema{};
  ArrowArray array{};
  EXPECT_TRUE(ExportSchema(batch.schema(), &schema).ok());
  EXPECT_TRUE(ExportBatch(batch, &array).ok());
  auto imported = ImportBatch(schema, &array);
  EXPECT_EQ(array.release, nullptr);
  schema.release(&schema);
  EXPECT_EQ(schema.release, nullptr);
  return imported;
}

TEST(ArrowC, BatchesComeBackEvenWhenSliced) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    RandomData random(seed);
    const Schema schema = random.Schema(5, 3);
    const std::vector<Row> rows = random.Rows(schema, 40);
    const ColumnBatch batch = *ColumnBatch::FromRows(schema, rows);
    const std::int64_t begin = random.Below(40);
    const std::int64_t count = random.Below(40 - begin);
    const auto back = ThereAndBack(batch.Slice(begin, count));
    ASSERT_TRUE(back.ok()) << back.status().ToString();
    ASSERT_EQ(back->schema(), schema);
    ASSERT_EQ(AllRows(*back), std::vector<Row>(rows.begin() + begin, rows.begin() + begin + count)) << schema.ToDdl();
  }
}

TEST(ArrowC, NothingIsCopied) {
  const ColumnBatch batch = *ColumnBatch::FromRows(*Schema::FromDdl("a STRING, b BIGINT"), {{"x", std::int64_t{1}}});
  const auto back = ThereAndBack(batch);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->column(0).values, batch.column(0).values);
  EXPECT_EQ(back->column(0).offsets, batch.column(0).offsets);
  EXPECT_EQ(back->column(1).values, batch.column(1).values);
}

TEST(ArrowC, TheExportOutlivesTheBatch) {
  ArrowArray array{};
  {
    const ColumnBatch batch = *ColumnBatch::FromRows(*Schema::FromDdl("a STRING"), {{"a text of some length"}});
    ASSERT_TRUE(ExportBatch(batch, &array).ok());
  }
  ArrowArray* column = array.children[0];
  EXPECT_STREQ(std::string(static_cast<const char*>(column->buffers[2]), 21).c_str(), "a text of some length");
  array.release(&array);
}

TEST(ArrowC, AMovedChildIsReleasedOnItsOwn) {
  ArrowArray array{};
  const ColumnBatch batch = *ColumnBatch::FromRows(*Schema::FromDdl("a STRING, b INT"), {{"x", std::int32_t{1}}});
  ASSERT_TRUE(ExportBatch(batch, &array).ok());
  ArrowArray moved = *array.children[0];
  array.children[0]->release = nullptr;
  array.release(&array);
  EXPECT_EQ(static_cast<const char*>(moved.buffers[2])[0], 'x');
  moved.release(&moved);
}

TEST(ArrowC, SchemaSaysTypesAndNullability) {
  ArrowSchema schema{};
  ASSERT_TRUE(ExportSchema(*Schema::FromDdl("a TIMESTAMP NOT NULL, b MAP<STRING, DECIMAL(5,2)>"), &schema).ok());
  EXPECT_STREQ(schema.format, "+s");
  EXPECT_STREQ(schema.children[0]->format, "tsu:UTC");
  EXPECT_EQ(schema.children[0]->flags & ARROW_FLAG_NULLABLE, 0);
  EXPECT_STREQ(schema.children[1]->format, "+m");
  EXPECT_NE(schema.children[1]->flags & ARROW_FLAG_NULLABLE, 0);
  const ArrowSchema& entries = *schema.children[1]->children[0];
  EXPECT_STREQ(entries.name, "entries");
  EXPECT_STREQ(entries.children[1]->format, "d:5,2");
  const auto back = ImportSchema(&schema);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->ToDdl(), "a TIMESTAMP NOT NULL,b MAP<STRING, DECIMAL(5,2)>");
  EXPECT_EQ(schema.release, nullptr);
}

TEST(ArrowC, ABatchMayBeginInsideItsColumns) {
  const Schema schema = *Schema::FromDdl("a INT, s STRUCT<x: STRING>");
  const ColumnBatch batch = *ColumnBatch::FromRows(
      schema, {{std::int32_t{1}, {}}, {std::int32_t{2}, StructValue{{Value("b")}}}, {{}, StructValue{{Value("c")}}}});
  ArrowSchema source{};
  ArrowArray array{};
  ASSERT_TRUE(ExportSchema(schema, &source).ok());
  ASSERT_TRUE(ExportBatch(batch, &array).ok());
  array.offset = 1;
  array.length = 2;
  const auto back = ImportBatch(source, &array);
  source.release(&source);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(AllRows(*back), AllRows(batch.Slice(1, 2)));
}

TEST(ArrowC, StreamsComeBack) {
  const Schema schema = *Schema::FromDdl("a INT");
  const ColumnBatch one = *ColumnBatch::FromRows(schema, {{std::int32_t{1}}, {{}}});
  const ColumnBatch two = *ColumnBatch::FromRows(schema, {{std::int32_t{3}}});
  ArrowArrayStream stream{};
  ASSERT_TRUE(ExportStream(schema, {one, two}, &stream).ok());
  const auto back = ImportStream(&stream);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(stream.release, nullptr);
  ASSERT_EQ(back->size(), 2u);
  EXPECT_EQ(AllRows((*back)[0]), AllRows(one));
  EXPECT_EQ(AllRows((*back)[1]), AllRows(two));
  EXPECT_FALSE(ExportStream(*Schema::FromDdl("b INT"), {one}, &stream).ok());
}

// A hand-made array of one column, for layouts that we never export.
struct Foreign {
  explicit Foreign(const char* format) : column_schema{} {
    column_schema.format = format;
    column_schema.name = "a";
    column_schema.flags = ARROW_FLAG_NULLABLE;
    column_schema.release = [](ArrowSchema* released) { released->release = nullptr; };
    column.release = [](ArrowArray* released) { released->release = nullptr; };
  }
  Result<ColumnBatch> Import() {
    column.n_buffers = static_cast<std::int64_t>(buffers.size());
    column.buffers = buffers.data();
    ArrowSchema root{};
    root.format = "+s";
    root.n_children = 1;
    ArrowSchema* schemas[] = {&column_schema};
    root.children = schemas;
    ArrowArray array{};
    array.length = column.length;
    array.n_buffers = 1;
    const void* no_buffers[] = {nullptr};
    array.buffers = no_buffers;
    array.n_children = 1;
    ArrowArray* arrays[] = {&column};
    array.children = arrays;
    array.release = [](ArrowArray* released) { released->release = nullptr; };
    auto batch = ImportBatch(root, &array);
    if (batch.ok()) {
      text.clear();
      for (std::int64_t i = 0; i < batch->rows(); ++i) {
        text += ToJson(batch->At(0, i), batch->schema().field(0).type) + " ";
      }
      type = batch->schema().field(0).type.ToSql();
    }
    return batch;
  }

  ArrowSchema column_schema;
  ArrowArray column{};
  std::vector<const void*> buffers;
  std::string text;
  std::string type;
};

template <typename T>
void ExpectConverted(const char* format, const std::vector<T>& values, const std::string& type,
                     const std::string& text) {
  Foreign foreign(format);
  const std::uint8_t validity[] = {0xFF & ~2};  // row 1 is null
  foreign.column.length = static_cast<std::int64_t>(values.size());
  foreign.column.null_count = -1;
  foreign.buffers = {validity, values.data()};
  const auto batch = foreign.Import();
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  EXPECT_EQ(foreign.type, type);
  EXPECT_EQ(foreign.text, text);
}

TEST(ArrowC, OtherUnitsAndWidthsAreConverted) {
  ExpectConverted<std::uint8_t>("C", {255, 0, 1}, "SMALLINT", "255 null 1 ");
  ExpectConverted<std::uint16_t>("S", {65535, 0}, "INT", "65535 null ");
  ExpectConverted<std::uint32_t>("I", {4294967295u, 0}, "BIGINT", "4294967295 null ");
  ExpectConverted<std::uint64_t>("L", {18446744073709551615u, 0}, "DECIMAL(20,0)", "18446744073709551615 null ");
  ExpectConverted<std::int32_t>("d:5,2,32", {-150, 0}, "DECIMAL(5,2)", "-1.50 null ");
  ExpectConverted<std::int64_t>("d:15,2,64", {150, 0}, "DECIMAL(15,2)", "1.50 null ");
  ExpectConverted<std::int64_t>("tss:UTC", {1, 0}, "TIMESTAMP", "\"1970-01-01T00:00:01.000000Z\" null ");
  ExpectConverted<std::int64_t>("tsm:Europe/Paris", {1, 0}, "TIMESTAMP", "\"1970-01-01T00:00:00.001000Z\" null ");
  ExpectConverted<std::int64_t>("tsn:", {-1, 0, 1999}, "TIMESTAMP_NTZ",
                                "\"1969-12-31T23:59:59.999999\" null \"1970-01-01T00:00:00.000001\" ");
  ExpectConverted<std::int64_t>("tdm", {-1, 0}, "DATE", "\"1969-12-31\" null ");
  using Words = std::array<std::uint64_t, 4>;
  ExpectConverted<Words>("d:38,0,256", {Words{5, 0, 0, 0}, Words{}, Words{~0ull, ~0ull, ~0ull, ~0ull}}, "DECIMAL(38,0)",
                         "5 null -1 ");
}

TEST(ArrowC, LargeOffsetsBecomeSmall) {
  Foreign foreign("U");
  const std::int64_t offsets[] = {0, 2, 3, 3, 5};
  foreign.column.length = 3;
  foreign.column.offset = 1;
  foreign.buffers = {nullptr, offsets, "abcde"};
  ASSERT_TRUE(foreign.Import().ok());
  EXPECT_EQ(foreign.text, R"("c" "" "de" )");
}

TEST(ArrowC, FixedSizeBinaryGetsOffsets) {
  Foreign foreign("w:2");
  foreign.column.length = 2;
  foreign.column.offset = 1;
  foreign.buffers = {nullptr, "xxhiho"};
  ASSERT_TRUE(foreign.Import().ok());
  EXPECT_EQ(foreign.type, "BINARY");
  EXPECT_EQ(foreign.text, R"("aGk=" "aG8=" )");
}

TEST(ArrowC, DictionariesAreDecodedAndChecked) {
  Foreign foreign("c");
  ArrowSchema values{};
  values.format = "u";
  foreign.column_schema.dictionary = &values;
  const std::int32_t offsets[] = {0, 1, 3};
  const void* buffers[] = {nullptr, offsets, "abb"};
  ArrowArray dictionary{};
  dictionary.length = 2;
  dictionary.n_buffers = 3;
  dictionary.buffers = buffers;
  foreign.column.dictionary = &dictionary;
  std::int8_t indices[] = {1, 0, 1};
  foreign.column.length = 3;
  foreign.buffers = {nullptr, indices};
  ASSERT_TRUE(foreign.Import().ok());
  EXPECT_EQ(foreign.text, R"("bb" "a" "bb" )");
  indices[2] = 2;
  foreign.column.release = [](ArrowArray* released) { released->release = nullptr; };
  EXPECT_EQ(foreign.Import().status().message(), "column a: malformed Arrow array: index 2 into a dictionary of 2");
}

TEST(ArrowC, TypesThatSparkLacksAreNamed) {
  for (const char* format : {"tDs", "ttu", "tiM", "e", "vu", "+ud:0", "+vl", "d:77,0,256", "d:5", "w:x", "?"}) {
    Foreign foreign(format);
    const Status status = foreign.Import().status();
    EXPECT_EQ(status.message(),
              fmt::format("column a: Arrow type '{}' has no counterpart among Spark's types", format));
  }
}

TEST(ArrowC, MalformedArraysAreRefused) {
  Foreign foreign("u");
  foreign.column.length = 1;
  foreign.buffers = {nullptr, nullptr};
  EXPECT_EQ(foreign.Import().status().message(), "column a: malformed Arrow array: 2 buffers instead of 3");
  foreign.buffers = {nullptr, nullptr, nullptr};
  EXPECT_FALSE(foreign.Import().ok());
}

}  // namespace
}  // namespace hf
