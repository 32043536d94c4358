// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "codec/parquet/column_cast.h"
#include "codec/parquet/parquet_reader.h"
#include "codec/parquet/parquet_writer.h"
#include "rows/random_for_test.h"

namespace hf {
namespace {

std::string Written(const Schema& schema, const std::vector<Row>& rows, const ParquetWriteOptions& options = {}) {
  const std::vector<ColumnBatch> batches = {*ColumnBatch::FromRows(schema, rows)};
  auto bytes = WriteParquet(schema, batches, options);
  EXPECT_TRUE(bytes.ok()) << bytes.status().ToString();
  return bytes.ok() ? *bytes : "";
}

Result<std::vector<Row>> ReadAll(const std::string& bytes, const Schema& schema, ParquetReadOptions options = {}) {
  HF_ASSIGN_OR_RETURN(auto reader, ParquetReader::Open(std::make_unique<MemoryRandomAccess>(bytes), schema, options));
  std::vector<Row> rows;
  while (true) {
    HF_ASSIGN_OR_RETURN(std::optional<ColumnBatch> batch, reader->Next());
    if (!batch.has_value()) {
      EXPECT_EQ(static_cast<std::int64_t>(rows.size()), reader->rows());
      return rows;
    }
    EXPECT_EQ(batch->schema(), schema);
    for (std::int64_t i = 0; i < batch->rows(); ++i) {
      rows.push_back(batch->RowAt(i));
    }
  }
}

std::string Printed(const Result<std::vector<Row>>& rows, const Schema& schema) {
  if (!rows.ok()) {
    return rows.status().ToString();
  }
  std::string out;
  for (const Row& row : *rows) {
    out += ToJson(row, schema) + " ";
  }
  return out;
}

TEST(Parquet, WhatIsWrittenReadsBack) {
  static constexpr const char* kCodecs[] = {"snappy", "none", "gzip", "zstd", "lz4", "lz4_raw"};
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    RandomData random(seed);
    const Schema schema = random.Schema(4, 3);
    const std::vector<Row> rows = random.Rows(schema, random.Below(60));
    const std::string bytes =
        Written(schema, rows, {.compression = kCodecs[seed % 5], .row_group_rows_max = 1 + random.Below(40)});
    const auto back = ReadAll(bytes, schema, {.batch_rows_max = 1 + random.Below(30)});
    ASSERT_TRUE(back.ok()) << back.status().ToString() << schema.ToDdl();
    ASSERT_EQ(*back, rows) << schema.ToDdl();
  }
}

TEST(Parquet, SlicedBatchesAreWrittenAsTheyShow) {
  RandomData random(7);
  const Schema schema = random.Schema(6, 2);
  const std::vector<Row> rows = random.Rows(schema, 50);
  const ColumnBatch batch = *ColumnBatch::FromRows(schema, rows);
  const std::vector<ColumnBatch> batches = {batch.Slice(3, 10), batch.Slice(13, 0), batch.Slice(13, 20)};
  const auto back = ReadAll(*WriteParquet(schema, batches), schema);
  EXPECT_EQ(*back, std::vector<Row>(rows.begin() + 3, rows.begin() + 33));
}

TEST(Parquet, NoBatchesGiveAnEmptyFile) {
  const Schema schema = *Schema::FromDdl("a INT");
  EXPECT_EQ(ReadAll(*WriteParquet(schema, {}), schema)->size(), 0u);
}

TEST(Parquet, ColumnsAreFoundByName) {
  const Schema file = *Schema::FromDdl("a INT, B STRING, c DOUBLE");
  const std::string bytes = Written(file, {{std::int32_t{1}, "x", 2.5}, {{}, {}, {}}});
  const Schema asked = *Schema::FromDdl("c DOUBLE, missing ARRAY<INT>, b STRING");
  EXPECT_EQ(Printed(ReadAll(bytes, asked), asked),
            R"({"c":2.5,"missing":null,"b":"x"} {"c":null,"missing":null,"b":null} )");
  const Schema nothing = *Schema::FromDdl("x INT, y STRING");
  EXPECT_EQ(Printed(ReadAll(bytes, nothing, {.batch_rows_max = 1}), nothing),
            R"({"x":null,"y":null} {"x":null,"y":null} )");
  EXPECT_EQ(ReadAll(bytes, Schema())->size(), 2u);
}

TEST(Parquet, NamesThatDifferInCaseOnlyAreAmbiguous) {
  const Schema file = *Schema::FromDdl("a INT, A INT");
  const std::string bytes = Written(file, {{std::int32_t{1}, std::int32_t{2}}});
  EXPECT_EQ(Printed(ReadAll(bytes, file), file), R"({"a":1,"A":2} )");
  const Schema same = *Schema::FromDdl("aa INT, AA INT");
  EXPECT_EQ(ReadAll(Written(same, {}), *Schema::FromDdl("Aa INT")).status().kind(), ErrorKind::kIncompatible);
}

TEST(Parquet, WiderTypesAreRead) {
  const Schema file = *Schema::FromDdl(
      "a INT, b SMALLINT, c FLOAT, d INT, e DECIMAL(5,2), f DATE, g STRING, h BINARY, i TIMESTAMP, j ARRAY<INT>, k "
      "STRUCT<x: INT, y: INT>,"
      "l MAP<STRING, FLOAT>, m BIGINT");
  const std::int32_t one = 1;
  const std::vector<Row> rows = {
      {one, std::int16_t{-2}, 0.5f, std::int32_t{-7}, Decimal{150, 2}, Date{1}, "s", Binary{"b"}, Timestamp{5},
       ArrayValue{{one, {}}}, StructValue{{one, std::int32_t{2}}}, MapValue{{{"k", 1.5f}}}, std::int64_t{9}},
      Row(13)};
  const Schema asked = *Schema::FromDdl(
      "a BIGINT, b INT, c DOUBLE, d DECIMAL(12,2), e DECIMAL(8,3), f TIMESTAMP_NTZ, g BINARY, h STRING, i "
      "TIMESTAMP_NTZ, j ARRAY<BIGINT>,"
      "k STRUCT<y: DOUBLE, z: STRING>, l MAP<STRING, DOUBLE>, m DECIMAL(20,0)");
  const std::string nulls =
      R"({"a":null,"b":null,"c":null,"d":null,"e":null,"f":null,"g":null,"h":null,"i":null,"j":null,"k":null,"l":null,"m":null} )";
  EXPECT_EQ(
      Printed(ReadAll(Written(file, rows), asked), asked),
      R"({"a":1,"b":-2,"c":0.5,"d":-7.00,"e":1.500,"f":"1970-01-02T00:00:00.000000","g":"cw==","h":"b","i":"1970-01-01T00:00:00.000005",)"
      R"("j":[1,null],"k":{"y":2.0,"z":null},"l":{"k":1.5},"m":9} )" +
          nulls);
}

TEST(Parquet, OtherTypesAreRefusedWithBothNames) {
  const auto failure = [](const char* file, const char* asked) {
    return ReadAll(Written(*Schema::FromDdl(file), {}), *Schema::FromDdl(asked), {.file_name = "part-1.parquet"})
        .status();
  };
  const Status status = failure("a STRUCT<x: BIGINT>", "a STRUCT<x: INT>");
  EXPECT_EQ(status.kind(), ErrorKind::kIncompatible);
  EXPECT_EQ(status.message(),
            "part-1.parquet: column a.x: the file has type BIGINT, which cannot be read as INT without loss");
  for (const auto& [file, asked] :
       std::vector<std::pair<const char*, const char*>>{{"a STRING", "a INT"},
                                                        {"a INT", "a STRING"},
                                                        {"a INT", "a SMALLINT"},
                                                        {"a INT", "a FLOAT"},
                                                        {"a BIGINT", "a DOUBLE"},
                                                        {"a DOUBLE", "a FLOAT"},
                                                        {"a DECIMAL(5,2)", "a DECIMAL(5,3)"},
                                                        {"a DECIMAL(5,2)", "a DECIMAL(6,1)"},
                                                        {"a INT", "a DECIMAL(9,0)"},
                                                        {"a DATE", "a TIMESTAMP"},
                                                        {"a TIMESTAMP", "a DATE"},
                                                        {"a ARRAY<INT>", "a INT"},
                                                        {"a ARRAY<INT>", "a MAP<STRING,INT>"},
                                                        {"a BOOLEAN", "a INT"}}) {
    EXPECT_EQ(failure(file, asked).kind(), ErrorKind::kIncompatible) << file << " " << asked;
  }
}

TEST(Parquet, ValuesBeyondTheWiderTypeAreCorrupt) {
  const std::string bytes = Written(*Schema::FromDdl("a DATE"), {{Date{INT32_MAX}}});
  EXPECT_EQ(ReadAll(bytes, *Schema::FromDdl("a TIMESTAMP_NTZ")).status().message(),
            "Parquet file: a value of type DATE is beyond the range of TIMESTAMP_NTZ");
}

TEST(Parquet, BytesThatAreNoParquetAreCorrupt) {
  const Schema schema = *Schema::FromDdl("a INT");
  for (const std::string& bytes : {std::string(), std::string("PAR1"), std::string(100, 'x'),
                                   std::string("PAR1") + std::string(4, '\xFF') + "PAR1"}) {
    const Status status = ReadAll(bytes, schema, {.file_name = "part-1.parquet"}).status();
    EXPECT_EQ(status.kind(), ErrorKind::kCorrupt) << status.ToString();
    EXPECT_TRUE(status.message().starts_with("part-1.parquet: ")) << status.message();
  }
}

TEST(Parquet, DamagedFilesNeverDoMoreThanFail) {
  RandomData random(5);
  const Schema schema = *Schema::FromDdl("a INT, b STRING, c ARRAY<DOUBLE>, d DECIMAL(20,2), m MAP<STRING, INT>");
  const std::string bytes = Written(schema, random.Rows(schema, 40));
  for (int round = 0; round < 1500; ++round) {
    std::string damaged = bytes;
    if (random.OneIn(5)) {
      damaged.resize(static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(bytes.size()))));
    } else {
      for (std::int64_t flips = 1 + random.Below(4); flips > 0; --flips) {
        damaged[static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(bytes.size())))] ^=
            static_cast<char>(1 << random.Below(8));
      }
    }
    auto reader = ParquetReader::Open(std::make_unique<MemoryRandomAccess>(damaged), schema);
    for (int batches = 0; reader.ok() && batches < 100; ++batches) {
      const auto batch = (*reader)->Next();
      if (!batch.ok() || !batch->has_value()) {
        break;
      }
    }
  }
}

class FailingAccess final : public RandomAccess {
 public:
  explicit FailingAccess(std::string bytes, int reads_left) : inner_(std::move(bytes)), reads_left_(reads_left) {}
  [[nodiscard]] std::uint64_t size_bytes() const override { return inner_.size_bytes(); }
  Status ReadAt(std::uint64_t offset, std::span<char> out) override {
    return reads_left_-- > 0 ? inner_.ReadAt(offset, out) : Unavailable("the disk is gone", "DISK_GONE");
  }

 private:
  MemoryRandomAccess inner_;
  int reads_left_;
};

TEST(Parquet, AFailedReadKeepsItsKind) {
  const Schema schema = *Schema::FromDdl("a INT, b STRING");
  const std::string bytes = Written(schema, {{std::int32_t{1}, "x"}});
  int failures = 0;
  for (int reads = 0; reads < 20; ++reads) {
    auto reader = ParquetReader::Open(std::make_unique<FailingAccess>(bytes, reads), schema);
    Status status = reader.status();
    if (reader.ok()) {
      status = (*reader)->Next().status();
    }
    if (!status.ok()) {
      ++failures;
      EXPECT_EQ(status.kind(), ErrorKind::kUnavailable) << status.ToString();
      EXPECT_EQ(status.condition(), "DISK_GONE");
    }
  }
  EXPECT_GT(failures, 1);
}

TEST(Parquet, TheWriterRefusesWhatItCannotDo) {
  const Schema schema = *Schema::FromDdl("a INT");
  const std::vector<ColumnBatch> batches = {*ColumnBatch::FromRows(*Schema::FromDdl("b INT"), {})};
  EXPECT_EQ(WriteParquet(schema, batches).status().message(), "a file of a INT cannot hold a batch of b INT");
  EXPECT_EQ(WriteParquet(schema, {}, {.compression = "zip"}).status().kind(), ErrorKind::kInvalid);
}

}  // namespace
}  // namespace hf
