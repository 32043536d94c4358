// SPDX-License-Identifier: Apache-2.0
// Sources that write nothing themselves, so that no sync of theirs helps: whatever a crash takes back, the query can go
// on.
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

// A query over a disk that stops.
struct Crashing {
  explicit Crashing(std::uint64_t seed) : random(seed) {}

  void Push() { ASSERT_TRUE(source->AddRows(std::vector<Row>{{std::int64_t{1}}, {std::int64_t{1}}}).ok()); }
  Status Run() {
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
  }

  test::TempDir scratch;
  ManualClock clock{0};
  SeededRandom random;
  SimulatedDisk disk{clock};
  std::shared_ptr<MemorySource> source = std::make_shared<MemorySource>(SchemaOf(detail::LayoutOf<Number>::Get()));
  std::shared_ptr<MemorySink> sink = std::make_shared<MemorySink>();
};

TEST(CrashFirstBatch, GoesOnWhateverIsLost) {
  constexpr std::uint64_t kOperations = 90;
  for (std::uint64_t at = 1; at <= kOperations; ++at) {
    Crashing crashing(at);
    crashing.Push();
    crashing.disk.SetFault({.stop_at_operation = at, .mode = FaultMode::kLoseSome, .seed = at, .only = "/checkpoint"});
    static_cast<void>(crashing.Run());
    crashing.disk.Restart();
    const Status again = crashing.Run();
    ASSERT_TRUE(again.ok()) << "stopped at operation " << at << " (" << crashing.disk.fault_operation()
                            << "): " << again.ToString();
    EXPECT_EQ(crashing.sink->rows(), std::vector<Row>({{std::int64_t{2}}})) << "operation " << at;
  }
}

// commits/1 has a name that is not durable when batch 2 begins. Were offsets/2 kept without it, nobody could tell what
// became of batch 1.
TEST(CrashLaterBatch, NoPromiseOutlivesTheProofBeforeIt) {
  constexpr std::uint64_t kOperations = 12;
  for (std::uint64_t at = 1; at <= kOperations; ++at) {
    for (std::uint64_t seed = 0; seed < 16; ++seed) {
      Crashing crashing(seed);
      for (int batch = 0; batch < 3; ++batch) {
        crashing.Push();
      }
      crashing.disk.SetFault(
          {.stop_at_operation = at, .mode = FaultMode::kLoseSome, .seed = seed, .count_from = "/checkpoint/offsets/2"});
      static_cast<void>(crashing.Run());
      crashing.disk.Restart();
      const Status again = crashing.Run();
      ASSERT_TRUE(again.ok()) << "operation " << at << ", seed " << seed << ": " << again.ToString();
    }
  }
}

}  // namespace
}  // namespace hf
