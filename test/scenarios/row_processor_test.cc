// SPDX-License-Identifier: Apache-2.0
// The dynamic row API: a processor whose schemas are known only at run time, over several restarts, with a state value
// that evolves, and what it is told when a row does not fit its schema.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connect/memory/memory_sink.h"
#include "connect/memory/memory_source.h"
#include "holdfast/query.h"
#include "holdfast/state_reader.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

Schema Ddl(const char* text) { return *Schema::FromDdl(text); }

// Sums `amount` by (shop, day) in a state value of a schema given at run time; extra columns of it stay null.
class SumRows final : public RowProcessor {
 public:
  SumRows(Schema state, bool short_output) : state_schema_(std::move(state)), short_output_(short_output) {}
  void Init(StatefulProcessorHandle& handle) override { sum_ = handle.GetValueState("sum", state_schema_); }
  void HandleInputRows(const Row& key, RowsOf<Row> rows, const TimerValues&, Output<Row>& out) override {
    Row sum(state_schema_.size());
    if (sum_.Get() != nullptr) {
      sum = *sum_.Get();
    }
    const bool is_long = state_schema_.field(0).type == DataType::Long();
    std::int64_t total = 0;
    if (!sum[0].is_null()) {
      total = is_long ? std::get<std::int64_t>(sum[0]) : std::get<std::int32_t>(sum[0]);
    }
    for (const Row& row : rows) {
      total += row[2].is_null() ? 0 : std::get<std::int32_t>(row[2]);
    }
    sum[0] = is_long ? Value(total) : Value(static_cast<std::int32_t>(total));
    sum_.Update(sum);
    Row result = {key[0], key[1], Value(total)};
    if (short_output_) {
      result.pop_back();
    }
    out.Emit(result);
  }

 private:
  const Schema state_schema_;
  const bool short_output_;
  ValueState<Row> sum_;
};

class RowProcessors : public ::testing::Test {
 protected:
  Status Run(const Schema& state, const std::vector<Row>& rows, bool short_output = false) {
    const Schema input = Ddl("shop STRING, day DATE, amount INT");
    auto source = std::make_shared<MemorySource>(input, next_offset_);
    EXPECT_TRUE(source->AddRows(rows).ok());
    const auto make = [state, short_output] { return std::make_unique<SumRows>(state, short_output); };
    auto query =
        ReadStream(source)
            .GroupBy("shop", "day")
            .TransformWithState(std::make_shared<RowProcessorFactory>(make, Ddl("shop STRING, day DATE"), input,
                                                                      Ddl("shop STRING, day DATE, total BIGINT")),
                                OutputMode::kAppend, TimeMode::kNone)
            .WriteStream(sink_ = std::make_shared<MemorySink>())
            .Option("checkpointLocation", checkpoint())
            .Conf("spark.sql.shuffle.partitions", "1")
            .Trigger(AvailableNow())
            .Start();
    const Status ended = query.ok() ? (*query)->AwaitTermination() : query.status();
    next_offset_ += ended.ok() ? 1 : 0;
    return ended;
  }
  [[nodiscard]] std::string checkpoint() const { return dir_ / "checkpoint"; }

  test::TempDir dir_;
  std::shared_ptr<MemorySink> sink_;
  std::int64_t next_offset_ = 0;
};

void ExpectOk(const Status& status) { EXPECT_TRUE(status.ok()) << status.ToString(); }

TEST_F(RowProcessors, RowsGoInAndOutAndStateOutlivesARestart) {
  const Schema state = Ddl("total INT");
  ExpectOk(Run(state, {{"b", Date{5}, 1}, {"a", Date{5}, 2}, {"b", Date{5}, Value()}, {Value(), Value(), 7}}));
  EXPECT_EQ(sink_->rows(), (std::vector<Row>{{Value(), Value(), std::int64_t{7}},
                                             {"a", Date{5}, std::int64_t{2}},
                                             {"b", Date{5}, std::int64_t{1}}}));
  ExpectOk(Run(state, {{"b", Date{5}, 10}, {"b", Date{6}, 20}, {Value(), Value(), 1}}));
  EXPECT_EQ(sink_->rows(), (std::vector<Row>{{Value(), Value(), std::int64_t{8}},
                                             {"b", Date{5}, std::int64_t{11}},
                                             {"b", Date{6}, std::int64_t{20}}}));
}

TEST_F(RowProcessors, TheStateEvolvesAsATypedOneDoes) {
  ExpectOk(Run(Ddl("total INT"), {{"a", Date{1}, 2}}));
  ExpectOk(Run(Ddl("total BIGINT, note STRING"), {{"a", Date{1}, 3}, {"b", Date{1}, 4}}));
  EXPECT_EQ(std::get<std::int64_t>(sink_->rows()[0][2]), 5);
  std::string shown;
  ExpectOk(ReadState(checkpoint(), {.variable = "sum"}, [&shown](const ColumnBatch& rows) {
    for (std::int64_t row = 0; row < rows.rows(); ++row) {
      shown += ToJson(rows.RowAt(row), rows.schema()) + "\n";
    }
    return Status();
  }));
  EXPECT_NE(shown.find(R"({"key":{"shop":"a","day":"1970-01-02"},"value":{"total":5,"note":null},"partition_id":0})"),
            std::string::npos)
      << shown;
  // Narrowing is refused as for typed state.
  EXPECT_EQ(Run(Ddl("total INT, note STRING"), {{"a", Date{1}, 3}}).condition(),
            "STATE_STORE_INVALID_VALUE_SCHEMA_EVOLUTION");
}

TEST_F(RowProcessors, ARowThatDoesNotFitItsSchemaEndsTheQueryAndNamesWhatIsWrong) {
  const Status too_short = Run(Ddl("total INT"), {{"a", Date{1}, 2}}, true);
  ASSERT_FALSE(too_short.ok());
  EXPECT_NE(too_short.message().find("\"a\""), std::string::npos) << too_short.ToString();
  EXPECT_NE(too_short.message().find("2"), std::string::npos) << too_short.ToString();
  EXPECT_TRUE(sink_->rows().empty());
}

}  // namespace
}  // namespace hf
