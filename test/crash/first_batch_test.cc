// SPDX-License-Identifier: Apache-2.0
// The first batch of a new checkpoint, from a source that writes nothing itself: whatever a crash takes back, the query
// can go on.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connect/memory/memory_sink.h"
#include "connect/memory/memory_source.h"
#include "files/disk_file_system.h"
#include "files/simulated_disk.h"
#include "query/environment.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

struct Number {
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(Number, n);

class Summing final : public StatefulProcessor<std::int64_t, Number, Number> {
 public:
  void Init(StatefulProcessorHandle& handle) override { sum_ = handle.GetValueState<std::int64_t>("sum"); }
  void HandleInputRows(const std::int64_t&, RowsOf<Number> rows, const TimerValues&, Output<Number>& out) override {
    const std::int64_t* held = sum_.Get();
    const std::int64_t sum = (held == nullptr ? 0 : *held) + static_cast<std::int64_t>(rows.size());
    sum_.Update(sum);
    out.Emit({sum});
  }

 private:
  ValueState<std::int64_t> sum_;
};

TEST(CrashFirstBatch, GoesOnWhateverIsLost) {
  constexpr std::uint64_t kOperations = 90;
  for (std::uint64_t at = 1; at <= kOperations; ++at) {
    const test::TempDir scratch;
    ManualClock clock(0);
    SeededRandom random(at);
    SimulatedDisk disk(clock);
    const auto source = std::make_shared<MemorySource>(SchemaOf(detail::LayoutOf<Number>::Get()));
    ASSERT_TRUE(source->AddRows(std::vector<Row>{{std::int64_t{1}}, {std::int64_t{1}}}).ok());
    const auto sink = std::make_shared<MemorySink>();
    const auto run = [&]() -> Status {
      const Environment environment = {
          .files = std::make_shared<DiskFileSystem>(disk), .clock = &clock, .random = &random};
      auto writer = ReadStream(source)
                        .GroupBy("n")
                        .TransformWithState<Summing>(OutputMode::kAppend, TimeMode::kNone)
                        .WriteStream(sink)
                        .Option("checkpointLocation", "/checkpoint")
                        .Conf("spark.sql.shuffle.partitions", "1")
                        .Conf("holdfast.state.scratchDirectory", scratch.path())
                        .Trigger(AvailableNow());
      HF_ASSIGN_OR_RETURN(const auto query, StartQuery(writer.description(), environment));
      return query->AwaitTermination();
    };
    disk.SetFault({.stop_at_operation = at, .mode = FaultMode::kLoseSome, .seed = at, .only = "/checkpoint"});
    static_cast<void>(run());
    disk.Restart();
    const Status again = run();
    ASSERT_TRUE(again.ok()) << "stopped at operation " << at << " (" << disk.fault_operation()
                            << "): " << again.ToString();
    EXPECT_EQ(sink->rows(), std::vector<Row>({{std::int64_t{2}}})) << "operation " << at;
  }
}

}  // namespace
}  // namespace hf
