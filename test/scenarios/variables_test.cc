// SPDX-License-Identifier: Apache-2.0
// State variables that a new version of the processor drops, deletes or takes up again.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "base/json.h"
#include "connect/memory/memory_sink.h"
#include "connect/memory/memory_source.h"
#include "holdfast/query.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

struct In {
  std::string key;
};
HOLDFAST_STRUCT(In, key);

struct Out {
  std::string key;
  std::int64_t visits = 0;
  std::int64_t extra = 0;
};
HOLDFAST_STRUCT(Out, key, visits, extra);

struct IntCount {
  std::int32_t n = 0;
};
HOLDFAST_STRUCT(IntCount, n);
struct LongCount {
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(LongCount, n);
struct TextCount {
  std::string n;
};
HOLDFAST_STRUCT(TextCount, n);

template <typename State>
std::int64_t CountOne(ValueState<State>& variable) {
  State state = variable.Get() != nullptr ? *variable.Get() : State();
  if constexpr (!std::is_same_v<State, TextCount>) {
    state.n += 1;
    variable.Update(state);
    return state.n;
  }
  return -1;
}

// Counts a key's rows in "visits", and in "extra" too, which is of type Extra.
template <typename Extra>
class Both final : public StatefulProcessor<std::string, In, Out> {
 public:
  void Init(StatefulProcessorHandle& handle) override {
    visits_ = handle.GetValueState<IntCount>("visits");
    extra_ = handle.GetValueState<Extra>("extra");
  }
  void HandleInputRows(const std::string& key, RowsOf<In> rows, const TimerValues&, Output<Out>& out) override {
    for ([[maybe_unused]] const In& row : rows) {
    }
    const std::int64_t visits = CountOne(visits_);
    out.Emit({key, visits, CountOne(extra_)});
  }

 private:
  ValueState<IntCount> visits_;
  ValueState<Extra> extra_;
};

// Has no "extra"; deletes it when told to.
template <bool kDeletes>
class Alone final : public StatefulProcessor<std::string, In, Out> {
 public:
  void Init(StatefulProcessorHandle& handle) override {
    visits_ = handle.GetValueState<IntCount>("visits");
    if (kDeletes) {
      handle.DeleteIfExists("extra");
    }
  }
  void HandleInputRows(const std::string& key, RowsOf<In> rows, const TimerValues&, Output<Out>& out) override {
    for ([[maybe_unused]] const In& row : rows) {
    }
    out.Emit({key, CountOne(visits_), -1});
  }

 private:
  ValueState<IntCount> visits_;
};

class Variables : public testing::Test {
 protected:
  // One batch with one row of key "a".
  template <typename Processor>
  Status Run(const std::string& accept = "") {
    EXPECT_TRUE(source_->AddRows({{"a"}}).ok());
    auto query = ReadStream(source_)
                     .GroupBy("key")
                     .TransformWithState<Processor>(OutputMode::kAppend, TimeMode::kNone)
                     .WriteStream(sink_)
                     .Option("checkpointLocation", directory_ / "checkpoint")
                     .Conf("spark.sql.shuffle.partitions", "1")
                     .Conf("holdfast.evolution.accept", accept)
                     .Trigger(AvailableNow())
                     .Start();
    if (!query.ok()) {
      return query.status();
    }
    const Status ended = (*query)->AwaitTermination();
    progress_ = ParseJson((*query)->LastProgress()->json).value();
    return ended;
  }
  [[nodiscard]] Json DeletedVariables() const {
    return progress_["stateOperators"][0]["customMetrics"]["numDeletedStateVars"];
  }
  [[nodiscard]] std::int64_t LastExtra() const { return std::get<std::int64_t>(sink_->rows().back()[2]); }
  [[nodiscard]] std::map<std::string, std::filesystem::file_time_type> Files() const {
    std::map<std::string, std::filesystem::file_time_type> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_.path())) {
      files[entry.path().string()] = entry.is_regular_file() ? entry.last_write_time() : decltype(files)::mapped_type();
    }
    return files;
  }

  test::TempDir directory_;
  std::shared_ptr<MemorySource> source_ = std::make_shared<MemorySource>(SchemaOf(detail::LayoutOf<In>::Get()));
  std::shared_ptr<MemorySink> sink_ = std::make_shared<MemorySink>();
  Json progress_;
};

TEST_F(Variables, OneThatIsNeitherDeclaredNorDeletedIsRefusedBeforeAnythingIsWritten) {
  ASSERT_TRUE(Run<Both<IntCount>>().ok());
  const auto before = Files();
  const Status refused = Run<Alone<false>>();
  EXPECT_EQ(refused.condition(), "HOLDFAST_LOSSY_STATE_EVOLUTION") << refused.ToString();
  EXPECT_NE(refused.message().find("extra is not declared any more"), std::string::npos) << refused.ToString();
  EXPECT_NE(refused.message().find("holdfast.evolution.accept=extra"), std::string::npos) << refused.ToString();
  EXPECT_EQ(Files(), before);
}

TEST_F(Variables, OneWhoseLossIsAcceptedStaysOnDiskAndIsJudgedByItsLastSchemaWhenItComesBack) {
  ASSERT_TRUE(Run<Both<IntCount>>().ok());
  ASSERT_TRUE(Run<Both<IntCount>>().ok());
  ASSERT_TRUE(Run<Alone<false>>("extra").ok());
  // Accepted once and for all; and enough batches for snapshots, which keep it too.
  for (int batch = 0; batch < 12; ++batch) {
    ASSERT_TRUE(Run<Alone<false>>().ok());
  }
  const auto before = Files();
  EXPECT_EQ(Run<Both<TextCount>>().condition(), "STATE_STORE_INVALID_VALUE_SCHEMA_EVOLUTION");
  EXPECT_EQ(Files(), before);
  ASSERT_TRUE(Run<Both<LongCount>>().ok());
  EXPECT_GT(LastExtra(), 2) << "the two counts of before";
}

TEST_F(Variables, OneThatIsDeletedGoesWithItsValues) {
  ASSERT_TRUE(Run<Both<IntCount>>().ok());
  EXPECT_EQ(DeletedVariables(), 0);
  ASSERT_TRUE(Run<Alone<true>>().ok());
  EXPECT_EQ(DeletedVariables(), 1);
  ASSERT_TRUE(Run<Alone<true>>().ok());
  EXPECT_EQ(DeletedVariables(), 0) << "there was none any more";
  ASSERT_TRUE(Run<Alone<false>>().ok());
  ASSERT_TRUE(Run<Both<IntCount>>().ok());
  EXPECT_EQ(LastExtra(), 1);
}

}  // namespace
}  // namespace hf
