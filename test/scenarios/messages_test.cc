// SPDX-License-Identifier: Apache-2.0
// What a query tells people: settings, those that are not in force, how the state evolves, input that was moved.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>

#include "holdfast/log.h"
#include "holdfast/query.h"
#include "support/query_files.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

namespace fs = std::filesystem;
using test::IsOk;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

struct Step {
  std::string key;
};
HOLDFAST_STRUCT(Step, key);
struct IntCount {
  std::int32_t n = 0;
};
HOLDFAST_STRUCT(IntCount, n);
struct LongCount {
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(LongCount, n);

template <typename Count>
class Counting final : public StatefulProcessor<std::string, Step, Count> {
 public:
  void Init(StatefulProcessorHandle& handle) override { count_ = handle.GetValueState<Count>("count"); }
  void HandleInputRows(const std::string&, RowsOf<Step>, const TimerValues&, Output<Count>& out) override {
    Count count = count_.Get() != nullptr ? *count_.Get() : Count();
    ++count.n;
    count_.Update(count);
    out.Emit(count);
  }

 private:
  ValueState<Count> count_;
};

class Messages : public testing::Test {
 protected:
  Messages() {
    SetLogSink([this](LogLevel level, std::string_view line) {
      logged_.push_back(fmt::format("{}: {}", LogLevelName(level), line));
    });
    test::WriteFile(dir_ / "in/0.json", R"({"key":"a"})"
                                        "\n");
  }
  ~Messages() override { SetLogSink({}); }

  template <typename Count>
  DataStreamWriter Query(const std::string& input = "in") {
    return ReadStream("json")
        .Schema<Step>()
        .Load(dir_ / input)
        .GroupBy("key")
        .template TransformWithState<Counting<Count>>(OutputMode::kAppend, TimeMode::kNone)
        .WriteStream("memory")
        .QueryName("counts")
        .ForeachBatch([](const ColumnBatch&, std::int64_t) { return Status(); })
        .Option("checkpointLocation", dir_ / "checkpoint")
        .Trigger(AvailableNow());
  }
  static void Run(DataStreamWriter writer) {
    const auto query = std::move(writer).Start();
    ASSERT_THAT(query.status(), IsOk());
    ASSERT_THAT((*query)->AwaitTermination(), IsOk());
  }

  const test::TempDir dir_;
  std::vector<std::string> logged_;
};

TEST_F(Messages, ReachWhoAskedForThemElseTheLog) {
  Run(Query<IntCount>().Conf("spark.sql.shuffle.partitions", "2"));
  logged_.clear();
  std::vector<std::string> told;
  Run(Query<LongCount>()
          .Conf("spark.sql.shuffle.partitions", "9")
          .Conf("spark.sql.streaming.stateStore.encodingFormat", "unsaferow")
          .OnMessage([&told](std::string_view line) { told.emplace_back(line); }));
  EXPECT_THAT(told, Contains(HasSubstr("spark.sql.shuffle.partitions=9 is not in force: the checkpoint keeps 2")));
  EXPECT_THAT(told, Contains(HasSubstr("encodingFormat=unsaferow is not in force: the checkpoint keeps avro")));
  EXPECT_THAT(told, Contains(HasSubstr("state evolution WIDENED: count.n")));
  EXPECT_THAT(logged_, IsEmpty());
  Run(Query<LongCount>().Conf("spark.sql.shuffle.partitions", "9"));
  EXPECT_THAT(logged_,
              Contains("warning: spark.sql.shuffle.partitions=9 is not in force: the checkpoint keeps 2, which "
                       "it began with; only a new checkpoint takes another"));
}

TEST_F(Messages, InputInAnotherPlaceIsSaidToBeTakenForNew) {
  Run(Query<IntCount>());
  fs::rename(dir_ / "in", dir_ / "moved");
  Run(Query<IntCount>("moved"));
  EXPECT_THAT(logged_, Contains(HasSubstr("whatever lies there is new input")));
}

TEST_F(Messages, ANegativeIntervalIsRefused) {
  const auto query = Query<IntCount>().Trigger(ProcessingTime(std::chrono::milliseconds(-1))).Start();
  EXPECT_THAT(query, test::HasKind(ErrorKind::kInvalid));
  EXPECT_FALSE(fs::exists(dir_ / "checkpoint"));
}

}  // namespace
}  // namespace hf
