// SPDX-License-Identifier: Apache-2.0
// Grouping by floating numbers: what Spark takes for one number is one key, within a batch and across batches.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "connect/memory/memory_sink.h"
#include "connect/memory/memory_source.h"
#include "holdfast/query.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

struct In {
  double number = 0;
};
HOLDFAST_STRUCT(In, number);

struct Out {
  double key = 0;
  std::int64_t rows = 0;
};
HOLDFAST_STRUCT(Out, key, rows);

struct Count {
  std::int64_t rows = 0;
};
HOLDFAST_STRUCT(Count, rows);

class Counting final : public StatefulProcessor<double, In, Out> {
 public:
  void Init(StatefulProcessorHandle& handle) override { count_ = handle.GetValueState<Count>("count"); }
  void HandleInputRows(const double& key, RowsOf<In> rows, const TimerValues&, Output<Out>& out) override {
    Count count = count_.Get() != nullptr ? *count_.Get() : Count();
    count.rows += static_cast<std::int64_t>(rows.size());
    count_.Update(count);
    out.Emit({key, count.rows});
  }

 private:
  ValueState<Count> count_;
};

TEST(FloatKeys, ZerosAreOneStateAndSoAreNans) {
  const test::TempDir directory;
  const auto source = std::make_shared<MemorySource>(SchemaOf(detail::LayoutOf<In>::Get()));
  const auto sink = std::make_shared<MemorySink>();
  const auto run = [&](std::vector<Row> rows) {
    ASSERT_TRUE(source->AddRows(rows).ok());
    auto query = ReadStream(source)
                     .GroupBy("number")
                     .TransformWithState<Counting>(OutputMode::kAppend, TimeMode::kNone)
                     .WriteStream(sink)
                     .Option("checkpointLocation", directory / "checkpoint")
                     .Trigger(AvailableNow())
                     .Start();
    ASSERT_TRUE(query.ok()) << query.status().ToString();
    ASSERT_TRUE((*query)->AwaitTermination().ok());
  };
  const double other_nan = std::bit_cast<double>(0xFFF8000000000123ull);
  run({{Value(-0.0)}, {Value(other_nan)}});
  run({{Value(0.0)}, {Value(std::nan(""))}});
  std::int64_t twos = 0;
  for (const Row& row : sink->rows()) {
    const double key = std::get<double>(row[0]);
    EXPECT_FALSE(std::signbit(key)) << "the processor sees the normalised key";
    twos += std::get<std::int64_t>(row[1]) == 2 ? 1 : 0;
  }
  EXPECT_EQ(twos, 2);
}

}  // namespace
}  // namespace hf
