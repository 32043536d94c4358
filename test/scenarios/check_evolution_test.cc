// SPDX-License-Identifier: Apache-2.0
// CheckEvolution on checkpoints that no golden one stands for.
#include <gmock/gmock.h>

#include "connect/memory/memory_sink.h"
#include "connect/memory/memory_source.h"
#include "holdfast/evolution_check.h"
#include "holdfast/query.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

using test::IsOk;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

struct In {
  std::string key;
  std::int32_t n = 0;
};
HOLDFAST_STRUCT(In, key, n);

struct Inner {
  std::int32_t c = 0;
  std::int32_t d = 0;
};
HOLDFAST_STRUCT(Inner, c, d);

struct Pair {
  std::int32_t a = 0;
  std::int32_t b = 0;
  Inner inner;
};
HOLDFAST_STRUCT(Pair, a, b, inner);

class Keeping final : public StatefulProcessor<std::string, In, In> {
 public:
  void Init(StatefulProcessorHandle& handle) override { pair_ = handle.GetValueState<Pair>("pair"); }
  void HandleInputRows(const std::string&, RowsOf<In> rows, const TimerValues&, Output<In>&) override {
    for (const In& row : rows) {
      pair_.Update({row.n, -row.n, {row.n, row.n}});
    }
  }

 private:
  ValueState<Pair> pair_;
};

class CheckOfUnsafeRow : public testing::Test {
 protected:
  void SetUp() override {
    auto source = std::make_shared<MemorySource>(SchemaOf(detail::LayoutOf<In>::Get()));
    ASSERT_THAT(source->AddRows(std::vector<Row>{{"k", 7}}), IsOk());
    auto query = ReadStream(source)
                     .GroupBy("key")
                     .TransformWithState<Keeping>(OutputMode::kAppend, TimeMode::kNone)
                     .WriteStream(std::make_shared<MemorySink>())
                     .Option("checkpointLocation", checkpoint_)
                     .Conf("spark.sql.streaming.stateStore.encodingFormat", "unsaferow")
                     .Trigger(AvailableNow())
                     .Start();
    ASSERT_THAT(query, IsOk());
    ASSERT_THAT((*query)->AwaitTermination(), IsOk());
  }

  EvolutionCheck Check(const char* schema) {
    EvolutionCheckOptions options;
    options.variables = {{.name = "pair", .schema = Schema::Parse(schema).value()}};
    options.sample = 0;
    auto check = CheckEvolution(checkpoint_, options);
    EXPECT_THAT(check, IsOk());
    return std::move(check).value();
  }

  test::TempDir dir_;
  const std::string checkpoint_ = dir_ / "checkpoint";
};

TEST_F(CheckOfUnsafeRow, NamesThatChangePlacesAreRefused) {
  const EvolutionCheck check = Check("b INT, a INT, inner STRUCT<c: INT, d: INT>");
  EXPECT_EQ(check.status.condition(), "HOLDFAST_BENT_STATE_EVOLUTION") << check.status.ToString();
  EXPECT_TRUE(check.samples.empty());
}

TEST_F(CheckOfUnsafeRow, NewNamesOfOneTypeMayBeExchangedAndSaySo) {
  const EvolutionCheck check = Check("x INT, y INT, inner STRUCT<c: INT, d: INT>");
  EXPECT_THAT(check.status, IsOk());
  EXPECT_THAT(check.hazards, Contains(HasSubstr("pair.a to x, pair.b to y: fields of one type (INT)")));
  ASSERT_EQ(check.samples.size(), 1U);
  const ColumnBatch& examples = check.samples.front().examples;
  ASSERT_EQ(examples.rows(), 1);
  EXPECT_EQ(ToJson(examples.At(2, 0), examples.schema().field(2).type), R"({"x":7,"y":-7,"inner":{"c":7,"d":7}})");
  EXPECT_THAT(Check("a INT, b INT, inner STRUCT<e: INT, f: INT>").hazards,
              Contains(HasSubstr("pair.inner.c to e, pair.inner.d to f")));
}

TEST_F(CheckOfUnsafeRow, OneNewNameCannotBeAnExchange) {
  EXPECT_THAT(Check("a INT, y INT, inner STRUCT<c: INT, d: INT>").hazards,
              Not(Contains(HasSubstr("fields of one type"))));
}

TEST(CheckOfSeveralOperators, MustBeToldWhichOneIsMeant) {
  const std::string checkpoint =
      std::string(HOLDFAST_SOURCE_DIR) + "/test/spark_compat/golden/chains/spark-4.3.0/event_event/ckpt";
  EvolutionCheckOptions options;
  options.variables = {{.name = "seen", .schema = Schema::Parse("n BIGINT").value()}};
  const auto refused = CheckEvolution(checkpoint, options);
  EXPECT_THAT(refused, test::HasKind(ErrorKind::kInvalid));
  EXPECT_THAT(refused.status().ToString(), HasSubstr("has the operators 0, 1"));
  options.operator_id = 1;
  const auto check = CheckEvolution(checkpoint, options);
  ASSERT_TRUE(check.ok()) << check.status().ToString();
  EXPECT_THAT(check->changes, Not(Contains(testing::Field(&EvolutionChange::variable, "numbers"))))
      << "a variable of operator 0";
}

}  // namespace
}  // namespace hf
