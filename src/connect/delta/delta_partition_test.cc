// SPDX-License-Identifier: Apache-2.0
// The Delta sink with partitionBy and mergeSchema.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "connect/delta/delta_sink.h"
#include "support/delta_rows.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;
using test::HasKind;
using test::IsOk;
using test::IsOkAnd;

Schema Sales() {
  return Schema({{.name = "id", .type = DataType::Long()},
                 {.name = "day", .type = DataType::String()},
                 {.name = "shop", .type = DataType::Int()}});
}

Row Sale(std::int64_t id, const char* day, std::int32_t shop) { return {Value(id), Value(day), Value(shop)}; }

class DeltaPartitions : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto library = DeltaLibrary::Get(); !library.ok()) {
      GTEST_SKIP() << library.status().ToString();
    }
  }
  Result<std::unique_ptr<DeltaSink>> Open(const Schema& schema, const std::vector<std::string>& partition_by,
                                          const std::map<std::string, std::string>& options = {}) {
    HF_ASSIGN_OR_RETURN(auto sink, DeltaSink::Create(table_, options, "Append", nullptr, partition_by));
    HF_RETURN_IF_ERROR(sink->Open(schema, "query"));
    return sink;
  }
  Result<SinkCommit> Write(std::int64_t batch, const Schema& schema, const std::vector<Row>& rows,
                           const std::vector<std::string>& partition_by = {},
                           const std::map<std::string, std::string>& options = {}) {
    HF_ASSIGN_OR_RETURN(auto sink, Open(schema, partition_by, options));
    HF_ASSIGN_OR_RETURN(const ColumnBatch columns, ColumnBatch::FromRows(schema, rows));
    return sink->Commit(batch, {columns});
  }
  // The directories of data files below the table, each once.
  std::vector<std::string> Directories() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(table_)) {
      if (entry.path().extension() == ".parquet") {
        found.push_back(fs::relative(entry.path().parent_path(), table_).string());
      }
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
  }
  std::vector<Row> Rows() const {
    std::vector<Row> rows;
    const auto batches = test::ReadDeltaTable(table_);
    EXPECT_THAT(batches, IsOk());
    for (const ColumnBatch& batch : *batches) {
      for (std::int64_t row = 0; row < batch.rows(); ++row) {
        rows.push_back(batch.RowAt(row));
      }
    }
    std::sort(rows.begin(), rows.end(),
              [](const Row& a, const Row& b) { return std::get<std::int64_t>(a[0]) < std::get<std::int64_t>(b[0]); });
    return rows;
  }
  static void ExpectRefused(const Status& status, std::string_view words) {
    ASSERT_THAT(status, HasKind(ErrorKind::kInvalid)) << words;
    EXPECT_NE(status.ToString().find(words), std::string::npos) << status.ToString();
  }

  test::TempDir root_;
  const std::string table_ = root_ / "sales";
};

TEST_F(DeltaPartitions, RowsLieInTheDirectoriesOfTheirValuesAndReadBackWhole) {
  const std::vector<Row> rows = {Sale(1, "2026-01-01", 7), Sale(2, "2026-01-02", 7), Sale(3, "2026-01-01", 7),
                                 Sale(4, "a b/%", 8)};
  EXPECT_THAT(Write(0, Sales(), rows, {"day", "shop"}), IsOkAnd(SinkCommit::kAdded));
  EXPECT_EQ(Directories(),
            (std::vector<std::string>{"day=2026-01-01/shop=7", "day=2026-01-02/shop=7", "day=a b%2F%25/shop=8"}));
  EXPECT_EQ(Rows(), rows);
  EXPECT_TRUE(DeltaTable::Open(table_)->State()->partitioned);
}

TEST_F(DeltaPartitions, ABatchIsAddedOnceWithPartitionsToo) {
  ASSERT_THAT(Write(0, Sales(), {Sale(1, "d", 7), Sale(2, "e", 7)}, {"day"}), IsOkAnd(SinkCommit::kAdded));
  EXPECT_THAT(Write(0, Sales(), {Sale(1, "d", 7), Sale(2, "e", 7)}, {"day"}), IsOkAnd(SinkCommit::kWasThere));
  EXPECT_THAT(Write(1, Sales(), {Sale(3, "d", 8)}), IsOkAnd(SinkCommit::kAdded));  // the table knows its columns
  EXPECT_THAT(Write(2, Sales(), {}, {"day"}), IsOkAnd(SinkCommit::kAdded));
  EXPECT_EQ(Rows().size(), 3U);
  EXPECT_EQ(Directories(), (std::vector<std::string>{"day=d", "day=e"}));
}

TEST_F(DeltaPartitions, StagedRowsThatAreNotCommittedLeaveNoDirectory) {
  ASSERT_THAT(Write(0, Sales(), {Sale(1, "d", 7)}, {"day"}), IsOk());
  {
    auto sink = Open(Sales(), {"day"});
    ASSERT_THAT(sink, IsOk());
    ASSERT_THAT((*sink)->Stage(1, {ColumnBatch::FromRows(Sales(), {Sale(2, "e", 7)}).value()}), IsOk());
    EXPECT_EQ(Directories(), (std::vector<std::string>{"day=d", "day=e"}));
  }
  EXPECT_EQ(Directories(), (std::vector<std::string>{"day=d"}));
  EXPECT_FALSE(fs::exists(table_ + "/day=e"));
}

TEST_F(DeltaPartitions, PartitionColumnsThatCannotBeAreRefusedByNameAndNothingIsWritten) {
  ExpectRefused(Open(Sales(), {"days"}).status(), "did you mean day");
  ExpectRefused(Open(Sales(), {"day", "day"}).status(), "day is named twice");
  ExpectRefused(Open(Sales(), {"id", "day", "shop"}).status(), "all of its columns");
  const Schema nested(
      {{.name = "id", .type = DataType::Long()}, {.name = "tags", .type = DataType::Array(DataType::String())}});
  ExpectRefused(Open(nested, {"tags"}).status(), "tags");
  EXPECT_FALSE(fs::exists(table_));
  ASSERT_THAT(Write(0, Sales(), {Sale(1, "d", 7)}, {"day"}), IsOk());
  ExpectRefused(Open(Sales(), {"shop"}).status(), "partitioned by day");
}

Schema WithCoupon() {
  return Schema({{.name = "id", .type = DataType::Long()},
                 {.name = "coupon", .type = DataType::String()},
                 {.name = "day", .type = DataType::String()},
                 {.name = "shop", .type = DataType::Int()}});
}

const std::map<std::string, std::string> kMerge = {{"mergeSchema", "true"}};

TEST_F(DeltaPartitions, ColumnsThatTheTableLacksAreRefusedByNameUnlessTheyAreToBeMerged) {
  for (const std::vector<std::string>& partition_by : {std::vector<std::string>{}, {"day"}}) {
    fs::remove_all(table_);
    ASSERT_THAT(Write(0, Sales(), {Sale(1, "d", 7)}, partition_by), IsOk());
    const Row row = {Value(std::int64_t{2}), Value("c"), Value("e"), Value(std::int32_t{8})};
    ExpectRefused(Open(WithCoupon(), partition_by).status(), "'coupon'");
    ExpectRefused(Open(WithCoupon(), partition_by, {{"mergeSchema", "false"}}).status(), "'coupon'");
    EXPECT_THAT(Write(1, WithCoupon(), {row}, partition_by, kMerge), IsOkAnd(SinkCommit::kAdded));
    EXPECT_EQ(Rows(), (std::vector<Row>{{Value(std::int64_t{1}), Value("d"), Value(std::int32_t{7}), Value()},
                                        {Value(std::int64_t{2}), Value("e"), Value(std::int32_t{8}), Value("c")}}));
    // Rows of before go on, and have nothing for the new column.
    EXPECT_THAT(Write(2, Sales(), {Sale(3, "f", 9)}, partition_by, kMerge), IsOkAnd(SinkCommit::kAdded));
    EXPECT_EQ(DeltaTable::Open(table_)->State()->version, 3);
  }
}

TEST_F(DeltaPartitions, TheNewColumnComesWithTheBatchAlsoWithAnEmptyOneAndOnce) {
  ASSERT_THAT(Write(0, Sales(), {Sale(1, "d", 7)}), IsOk());
  ASSERT_THAT(Write(1, WithCoupon(), {}, {}, kMerge), IsOkAnd(SinkCommit::kAdded));
  EXPECT_EQ(DeltaTable::Open(table_)->State()->version, 2);
  EXPECT_EQ(DeltaTable::Open(table_)->SchemaAt(2)->ToDdl(), "id BIGINT,day STRING,shop INT,coupon STRING");
  EXPECT_EQ(DeltaTable::Open(table_)->SchemaAt(1)->ToDdl(), "id BIGINT,day STRING,shop INT");
  EXPECT_THAT(Write(1, WithCoupon(), {}, {}, kMerge), IsOkAnd(SinkCommit::kWasThere));
  EXPECT_EQ(DeltaTable::Open(table_)->State()->version, 2);
}

TEST_F(DeltaPartitions, AnotherTypeIsRefusedByNameAlsoWhenSchemasAreMerged) {
  ASSERT_THAT(Write(0, Sales(), {Sale(1, "d", 7)}), IsOk());
  const Schema bent({{.name = "id", .type = DataType::Long()},
                     {.name = "day", .type = DataType::Date()},
                     {.name = "shop", .type = DataType::Int()}});
  ExpectRefused(Open(bent, {}, kMerge).status(), "'day' is string in the table and date in the rows");
  EXPECT_EQ(DeltaTable::Open(table_)->State()->version, 1);
}

}  // namespace
}  // namespace hf
