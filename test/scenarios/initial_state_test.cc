// SPDX-License-Identifier: Apache-2.0
// What a query can begin with: the state of another query, a Delta table, Parquet files. It is handed over until the
// first batch is committed, and never after.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "base/json.h"
#include "connect/delta/delta_sink.h"
#include "connect/memory/memory_sink.h"
#include "connect/memory/memory_source.h"
#include "holdfast/file_format.h"
#include "holdfast/query.h"
#include "holdfast/sql.h"
#include "holdfast/state_reader.h"
#include "support/query_files.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct In {
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(In, n);

struct Start {
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(Start, n);

struct Out {
  std::string id;
  std::int64_t total = 0;
};
HOLDFAST_STRUCT(Out, id, total);

struct Calls {
  int initial_rows = 0;
  int failures_left = 0;  // batches that are to fail when they come to their last key
};

// Sums n on top of what it begins with, and remembers that.
class Summing final : public StatefulProcessorWithInitialState<std::string, In, Out, Start> {
 public:
  explicit Summing(std::shared_ptr<Calls> calls) : calls_(std::move(calls)) {}
  void Init(StatefulProcessorHandle& handle) override {
    total_ = handle.GetValueState<std::int64_t>("total");
    begun_ = handle.GetMapState<std::string, std::int64_t>("begun");
  }
  void HandleInitialState(const std::string&, const Start& row, const TimerValues&) override {
    ++calls_->initial_rows;
    total_.Update(Total() + row.n);
    begun_.UpdateValue("n", row.n);
  }
  void HandleInputRows(const std::string& id, RowsOf<In> rows, const TimerValues&, Output<Out>& out) override {
    for (const In& row : rows) {
      total_.Update(Total() + row.n);
    }
    if (id == "z" && calls_->failures_left > 0) {
      --calls_->failures_left;
      throw std::runtime_error("this batch is to fail");
    }
    out.Emit({id, Total()});
  }

 private:
  [[nodiscard]] std::int64_t Total() const { return total_.Get() == nullptr ? 0 : *total_.Get(); }

  const std::shared_ptr<Calls> calls_;
  ValueState<std::int64_t> total_;
  MapState<std::string, std::int64_t> begun_;
};

class InitialStateOf : public testing::Test {
 protected:
  static constexpr int kIds = 20;

  // One start over all that has been pushed; one thread, so that calls are counted right.
  Status Run(const std::string& checkpoint, std::optional<InitialState> initial, int partitions) {
    GroupedStream grouped = ReadStream(std::shared_ptr<Source>(source_)).GroupBy("id");
    if (initial.has_value()) {
      grouped = std::move(grouped).WithInitialState(*std::move(initial));
    }
    HF_ASSIGN_OR_RETURN(const auto query, std::move(grouped)
                                              .TransformWithState(OutputMode::kAppend, TimeMode::kNone, Summing(calls_))
                                              .WriteStream(sink_)
                                              .Option("checkpointLocation", dir_ / checkpoint)
                                              .Conf("spark.sql.shuffle.partitions", std::to_string(partitions))
                                              .Conf("holdfast.threads", "1")
                                              .Trigger(AvailableNow())
                                              .Start());
    return query->AwaitTermination();
  }
  void Push(const std::string& id, std::int64_t n) { ASSERT_THAT(source_->AddRows(std::vector<Row>{{id, n}}), IsOk()); }
  // Another process, with rows of its own.
  void Reopen() {
    source_ = std::make_shared<MemorySource>(source_->schema());
    sink_ = std::make_shared<MemorySink>();
    calls_ = std::make_shared<Calls>();
  }
  // id: n * n for each of twenty.
  static std::vector<Row> Squares() {
    std::vector<Row> rows;
    for (std::int64_t n = 0; n < kIds; ++n) {
      rows.push_back({fmt::format("id{}", n), n * n});
    }
    return rows;
  }
  static Schema SquaresSchema() { return Schema::Parse("id STRING, n BIGINT").value(); }
  static InitialState StartWith(const ColumnBatch& rows) {
    return {.schema = rows.schema(), .rows = {rows}, .grouping_columns = {"id"}};
  }
  // What DuckDB answers, with the columns of a Start.
  static ColumnBatch Ask(SqlSession& sql, const std::string& question) {
    auto rows = sql.Query(question);
    EXPECT_THAT(rows, IsOk());
    return rows.ok() ? *rows : ColumnBatch();
  }
  // "id3=9" of all keys, in the order of their names.
  [[nodiscard]] std::vector<std::string> Totals(const std::string& checkpoint) const {
    std::vector<std::string> totals;
    const Status read = ReadState(dir_ / checkpoint, {.variable = "total"}, [&](const ColumnBatch& rows) {
      for (std::int64_t row = 0; row < rows.rows(); ++row) {
        const Json json = ParseJson(ToJson(rows.RowAt(row), rows.schema())).value();
        totals.push_back(
            fmt::format("{}={}", json["key"]["id"].get<std::string>(), json["value"]["value"].get<std::int64_t>()));
      }
      return Status();
    });
    EXPECT_THAT(read, IsOk());
    std::sort(totals.begin(), totals.end());
    return totals;
  }
  // Begins a query with the squares and one row of input, and expects its state to be theirs.
  void ExpectSquaresIn(const std::string& checkpoint, const InitialState& initial, int partitions) {
    Reopen();
    Push("id3", 1000);
    ASSERT_THAT(Run(checkpoint, initial, partitions), IsOk());
    EXPECT_EQ(calls_->initial_rows, kIds);
    std::vector<std::string> expected;
    for (std::int64_t n = 0; n < kIds; ++n) {
      expected.push_back(fmt::format("id{}={}", n, n * n + (n == 3 ? 1000 : 0)));
    }
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(Totals(checkpoint), expected) << checkpoint;
  }

  const test::TempDir dir_;
  std::shared_ptr<Calls> calls_ = std::make_shared<Calls>();
  std::shared_ptr<MemorySource> source_ =
      std::make_shared<MemorySource>(Schema::Parse("id STRING NOT NULL, n BIGINT NOT NULL").value());
  std::shared_ptr<MemorySink> sink_ = std::make_shared<MemorySink>();
};

TEST_F(InitialStateOf, TheStateOfAnotherQueryWhateverItsPartitions) {
  ASSERT_THAT(source_->AddRows(Squares()), IsOk());
  ASSERT_THAT(Run("old", std::nullopt, 3), IsOk());

  // As ReadState gives it, with key and value as structs.
  std::set<std::int32_t> partitions_read;
  InitialState read{.schema = SquaresSchema(), .rows = {}, .grouping_columns = {"id"}};
  ASSERT_THAT(ReadState(dir_ / "old", {.variable = "total"},
                        [&](const ColumnBatch& rows) -> Status {
                          const Column& key = rows.column(0);
                          const Column& value = rows.column(1);
                          read.rows.emplace_back(read.schema, std::vector{key.children[0], value.children[0]},
                                                 rows.rows());
                          for (std::int64_t row = 0; row < rows.rows(); ++row) {
                            partitions_read.insert(rows.column(2).Fixed<std::int32_t>(row));
                          }
                          return Status();
                        }),
              IsOk());
  EXPECT_EQ(partitions_read.size(), 3U);
  for (const int partitions : {1, 3, 5}) {
    ExpectSquaresIn(fmt::format("read{}", partitions), read, partitions);
  }

  // And by SQL, which takes the structs apart.
  const auto sql = SqlSession::Open();
  ASSERT_THAT(sql, IsOk());
  const ColumnBatch asked = Ask(**sql, fmt::format("SELECT key.id AS id, value.value AS n "
                                                   "FROM read_statestore('{}', stateVarName => 'total')",
                                                   dir_ / "old"));
  for (const int partitions : {2, 3}) {
    ExpectSquaresIn(fmt::format("asked{}", partitions), StartWith(asked), partitions);
  }

  // What `holdfast state` writes is such rows as lines of JSON.
  std::string lines;
  ASSERT_THAT(ReadState(dir_ / "old", {.variable = "total"},
                        [&lines](const ColumnBatch& rows) {
                          lines += ToJsonLines(rows);
                          return Status();
                        }),
              IsOk());
  test::WriteFile(dir_ / "old.json", lines);
  const std::string from_lines = fmt::format("SELECT key.id AS id, value.value AS n FROM '{}'", dir_ / "old.json");
  ExpectSquaresIn("lines", StartWith(Ask(**sql, from_lines)), 2);
}

TEST_F(InitialStateOf, ADeltaTable) {
  if (const auto library = DeltaLibrary::Get(); !library.ok()) {
    GTEST_SKIP() << library.status().ToString();
  }
  const std::vector<Row> rows = Squares();
  auto table = DeltaSink::Create(dir_ / "table", {}, "Append").value();
  ASSERT_THAT(table->Open(SquaresSchema(), "writer"), IsOk());
  for (std::int64_t half = 0; half < 2; ++half) {  // in two files
    const std::vector<Row> of_it(rows.begin() + half * kIds / 2, rows.begin() + (half + 1) * kIds / 2);
    ASSERT_THAT(table->Commit(half, {ColumnBatch::FromRows(SquaresSchema(), of_it).value()}), IsOk());
  }
  const auto sql = SqlSession::Open();
  ASSERT_THAT(sql, IsOk());
  ASSERT_THAT((*sql)->CreateTableFromDelta("squares", dir_ / "table"), IsOk());
  ExpectSquaresIn("new", StartWith(Ask(**sql, "SELECT id, n FROM squares")), 2);
}

TEST_F(InitialStateOf, ParquetFiles) {
  const auto bytes =
      EncodeFile("parquet", SquaresSchema(), {ColumnBatch::FromRows(SquaresSchema(), Squares()).value()});
  ASSERT_THAT(bytes, IsOk());
  test::WriteFile(dir_ / "squares/part-0.parquet", *bytes);
  const auto sql = SqlSession::Open();
  ASSERT_THAT(sql, IsOk());
  ExpectSquaresIn("new", StartWith(Ask(**sql, fmt::format("SELECT id, n FROM '{}'", dir_ / "squares/*.parquet"))), 2);
}

TEST_F(InitialStateOf, AQueryThatFailsInItsFirstBatchIsHandedOverOnceMoreAndNeverAfterTheFirstCommit) {
  const InitialState initial =
      StartWith(ColumnBatch::FromRows(
                    SquaresSchema(),
                    std::vector<Row>{{"a", std::int64_t{40}}, {"z", std::int64_t{7}}, {"still", std::int64_t{5}}})
                    .value());
  calls_->failures_left = 2;
  Push("a", 1);
  Push("z", 1);
  for (int start = 1; start <= 2; ++start) {
    EXPECT_THAT(Run("c", initial, 2).ToString(), HasSubstr("this batch is to fail"));
    EXPECT_EQ(calls_->initial_rows, 3 * start);
    EXPECT_THAT(sink_->rows(), IsEmpty());
  }
  ASSERT_THAT(Run("c", initial, 2), IsOk());
  EXPECT_EQ(calls_->initial_rows, 9);
  EXPECT_THAT(Totals("c"), ElementsAre("a=41", "still=5", "z=8"));
  Push("a", 1);
  ASSERT_THAT(Run("c", initial, 2), IsOk());
  // One that fails in its second batch has its first, too.
  Push("z", 1);
  calls_->failures_left = 1;
  EXPECT_THAT(Run("c", initial, 2).ToString(), HasSubstr("this batch is to fail"));
  ASSERT_THAT(Run("c", initial, 2), IsOk());
  EXPECT_EQ(calls_->initial_rows, 9) << "not after the first commit";
  EXPECT_THAT(Totals("c"), ElementsAre("a=42", "still=5", "z=9"));
}

TEST_F(InitialStateOf, AQueryIsDescribedLikeAnother) {
  Push("a", 1);
  ASSERT_THAT(Run("without", std::nullopt, 2), IsOk());
  Reopen();
  Push("a", 1);
  ASSERT_THAT(
      Run("with", StartWith(ColumnBatch::FromRows(SquaresSchema(), std::vector<Row>{{"a", std::int64_t{40}}}).value()),
          2),
      IsOk());
  const auto with = ReadStateMetadata(dir_ / "with");
  ASSERT_THAT(with, IsOk());
  ASSERT_EQ(with->size(), 1U);
  EXPECT_EQ(with->front().num_partitions, 2);
  EXPECT_EQ(with->front().min_batch_id, 0);
  EXPECT_EQ(with->front().max_batch_id, 0);
  std::vector<std::string> named;
  for (const StateVariableSummary& variable : with->front().variables) {
    named.push_back(fmt::format("{} {} {}", variable.name, variable.kind, variable.value_schema.ToDdl()));
  }
  std::sort(named.begin(), named.end());
  EXPECT_THAT(named, ElementsAre("begun MapState value BIGINT", "total ValueState value BIGINT"));
  EXPECT_THAT(with->front().operator_properties, HasSubstr("MapState"));
  const auto rows = ReadStateMetadataRows(dir_ / "with");
  const auto others = ReadStateMetadataRows(dir_ / "without");
  ASSERT_THAT(rows, IsOk());
  ASSERT_THAT(others, IsOk());
  EXPECT_EQ(ToJson(rows->RowAt(0), rows->schema()), ToJson(others->RowAt(0), others->schema()));
  std::vector<std::string> begun;
  ASSERT_THAT(ReadState(dir_ / "with", {.variable = "begun"},
                        [&](const ColumnBatch& batch) {
                          for (std::int64_t row = 0; row < batch.rows(); ++row) {
                            begun.push_back(ToJson(batch.RowAt(row), batch.schema()));
                          }
                          return Status();
                        }),
              IsOk());
  EXPECT_THAT(begun, ElementsAre(HasSubstr(R"("user_map_key":{"value":"n"},"user_map_value":{"value":40})")));
}

}  // namespace
}  // namespace hf
