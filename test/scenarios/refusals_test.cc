// SPDX-License-Identifier: Apache-2.0
// What a query refuses, and that a refusal leaves the checkpoint as it was.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "connect/memory/memory_sink.h"
#include "connect/memory/memory_source.h"
#include "holdfast/query.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

struct In {
  std::string key;
  std::int32_t amount = 0;
};
HOLDFAST_STRUCT(In, key, amount);

struct Sum {
  std::string key;
  std::int64_t total = 0;
};
HOLDFAST_STRUCT(Sum, key, total);

// Sums amounts a key in a state struct of type State, whose field `total` is read and written by Get and Set.
template <typename State>
class Summing final : public StatefulProcessor<std::string, In, Sum> {
 public:
  void Init(StatefulProcessorHandle& handle) override { sum_ = handle.GetValueState<State>("sum"); }
  void HandleInputRows(const std::string& key, RowsOf<In> rows, const TimerValues&, Output<Sum>& out) override {
    State state = sum_.Get() != nullptr ? *sum_.Get() : State();
    for (const In& row : rows) {
      if (row.amount < 0) {
        throw std::runtime_error("negative amount");
      }
      state.Add(row.amount);
    }
    sum_.Update(state);
    out.Emit({key, state.Total()});
  }

 private:
  ValueState<State> sum_;
};

struct IntState {
  std::int32_t total = 0;
  std::string page;
  void Add(std::int32_t amount) { total += amount; }
  [[nodiscard]] std::int64_t Total() const { return total; }
};
HOLDFAST_STRUCT(IntState, total, page);

struct LongState {
  std::int64_t total = 0;
  std::string page;
  void Add(std::int32_t amount) { total += amount; }
  [[nodiscard]] std::int64_t Total() const { return total; }
};
HOLDFAST_STRUCT(LongState, total, page);

struct DateState {  // int -> date: Spark accepts it and shows another day
  std::optional<Date> total;
  std::string page;
  void Add(std::int32_t amount) { total = Date{amount}; }
  [[nodiscard]] std::int64_t Total() const { return 0; }
};
HOLDFAST_STRUCT(DateState, total, page);

struct DroppedState {  // `page` is gone
  std::int32_t total = 0;
  void Add(std::int32_t amount) { total += amount; }
  [[nodiscard]] std::int64_t Total() const { return total; }
};
HOLDFAST_STRUCT(DroppedState, total);

struct RequiredState {  // a new member that must have a value
  std::int32_t total = 0;
  std::string page;
  std::string country;
  void Add(std::int32_t amount) { total += amount; }
  [[nodiscard]] std::int64_t Total() const { return total; }
};
HOLDFAST_STRUCT(RequiredState, total, page, country);

void AssertOk(const Status& status) { ASSERT_TRUE(status.ok()) << status.ToString(); }

class Refusals : public ::testing::Test {
 protected:
  template <typename State>
  Status Run(const std::vector<Row>& rows, const Options& conf = {}) {
    auto source = std::make_shared<MemorySource>(SchemaOf(detail::LayoutOf<In>::Get()), next_offset_);
    EXPECT_TRUE(source->AddRows(rows).ok());
    auto writer = ReadStream(source)
                      .GroupBy("key")
                      .template TransformWithState<Summing<State>>(OutputMode::kAppend, TimeMode::kNone)
                      .WriteStream(sink_ = std::make_shared<MemorySink>())
                      .Option("checkpointLocation", checkpoint());
    for (const auto& [key, value] : conf) {
      writer = std::move(writer).Conf(key, value);
    }
    auto query = std::move(writer).Trigger(AvailableNow()).Start();
    const Status ended = query.ok() ? (*query)->AwaitTermination() : query.status();
    next_offset_ += ended.ok() ? 1 : 0;
    return ended;
  }

  [[nodiscard]] std::string checkpoint() const { return dir_.path() + "/checkpoint"; }

  // Every file of the checkpoint with its content.
  [[nodiscard]] std::map<std::string, std::string> Files() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(checkpoint())) {
      if (entry.is_regular_file()) {
        std::stringstream text;
        text << std::ifstream(entry.path()).rdbuf();
        files[entry.path().string()] = text.str();
      }
    }
    return files;
  }

  void ExpectRefused(const Status& status, std::string_view condition,
                     const std::map<std::string, std::string>& before) {
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.condition(), condition) << status.ToString();
    EXPECT_EQ(Files(), before) << "the refusal changed the checkpoint";
    AssertOk(Run<IntState>({{"a", 1}}));
  }

  test::TempDir dir_;
  std::shared_ptr<MemorySink> sink_;
  std::int64_t next_offset_ = 0;
};

TEST_F(Refusals, WideningGoesOnWithTheOldSum) {
  AssertOk(Run<IntState>({{"a", 5}, {"b", 7}}));
  AssertOk(Run<LongState>({{"a", 1}}));
  ASSERT_EQ(sink_->rows().size(), 1U);
  EXPECT_EQ(std::get<std::int64_t>(sink_->rows()[0][1]), 6);
}

TEST_F(Refusals, NarrowingIsRefusedWithSparksCondition) {
  AssertOk(Run<LongState>({{"a", 5}}));
  const auto before = Files();
  const Status refused = Run<IntState>({{"a", 1}});
  EXPECT_EQ(refused.condition(), "STATE_STORE_INVALID_VALUE_SCHEMA_EVOLUTION") << refused.ToString();
  EXPECT_EQ(Files(), before);
}

TEST_F(Refusals, AnIntReadAsADateIsRefused) {
  AssertOk(Run<IntState>({{"a", 5}}));
  const auto before = Files();
  ExpectRefused(Run<DateState>({{"a", 1}}), "HOLDFAST_BENT_STATE_EVOLUTION", before);
}

TEST_F(Refusals, ARemovedFieldIsRefusedUnlessItIsNamed) {
  AssertOk(Run<IntState>({{"a", 5}}));
  const auto before = Files();
  const Status refused = Run<DroppedState>({{"a", 1}});
  EXPECT_NE(refused.message().find("sum.page"), std::string::npos) << refused.ToString();
  ExpectRefused(refused, "HOLDFAST_LOSSY_STATE_EVOLUTION", before);
  const Status accepted = Run<DroppedState>({{"a", 1}}, {{"holdfast.evolution.accept", "sum.page"}});
  EXPECT_TRUE(accepted.ok()) << accepted.ToString();
}

TEST_F(Refusals, ANewMemberThatMustHaveAValueIsRefused) {
  AssertOk(Run<IntState>({{"a", 5}}));
  const auto before = Files();
  const Status refused = Run<RequiredState>({{"a", 1}});
  EXPECT_FALSE(refused.ok());
  EXPECT_NE(refused.message().find("country"), std::string::npos) << refused.ToString();
  EXPECT_EQ(Files(), before);
}

TEST_F(Refusals, AThrowingProcessorEndsTheQueryAndNothingOfTheBatchIsCommitted) {
  AssertOk(Run<IntState>({{"a", 5}}));
  const Status failed = Run<IntState>({{"a", 100}, {"b", -1}});
  EXPECT_EQ(failed.kind(), ErrorKind::kUser);
  EXPECT_EQ(failed.condition(), "TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR");
  EXPECT_NE(failed.message().find("\"b\""), std::string::npos) << failed.ToString();
  EXPECT_TRUE(sink_->rows().empty());
  // The same batch again, with rows that are in order: the failed attempt left no trace in the sum.
  AssertOk(Run<IntState>({{"a", 1}}));
  EXPECT_EQ(std::get<std::int64_t>(sink_->rows()[0][1]), 6);
}

TEST_F(Refusals, ASecondQueryOnTheCheckpointIsRefused) {
  auto source = std::make_shared<MemorySource>(SchemaOf(detail::LayoutOf<In>::Get()));
  auto first = ReadStream(source)
                   .GroupBy("key")
                   .TransformWithState<Summing<IntState>>(OutputMode::kAppend, TimeMode::kNone)
                   .WriteStream(std::make_shared<MemorySink>())
                   .Option("checkpointLocation", checkpoint())
                   .Trigger(ProcessingTime(std::chrono::milliseconds(10)))
                   .Start();
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  EXPECT_EQ(Run<IntState>({{"a", 1}}).kind(), ErrorKind::kConflict);
  EXPECT_TRUE((*first)->Stop().ok());
  AssertOk(Run<IntState>({{"a", 1}}));
}

TEST_F(Refusals, ARefusedFirstStartLeavesNothingThatWasNotThere) {
  const auto start = [](const std::string& checkpoint) {
    return ReadStream(std::make_shared<MemorySource>(SchemaOf(detail::LayoutOf<In>::Get())))
        .GroupBy("ky")
        .TransformWithState<Summing<IntState>>(OutputMode::kAppend, TimeMode::kNone)
        .WriteStream(std::make_shared<MemorySink>())
        .Option("checkpointLocation", checkpoint)
        .Start()
        .status();
  };
  EXPECT_FALSE(start(dir_ / "new/checkpoint").ok());
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
  std::filesystem::create_directory(dir_ / "mine");
  EXPECT_FALSE(start(dir_ / "mine").ok());
  EXPECT_TRUE(std::filesystem::exists(dir_ / "mine"));
}

TEST_F(Refusals, UnknownColumnsConfsAndModesAreNamed) {
  const auto start = [this](const std::string& column, const Options& conf, OutputMode mode) {
    auto source = std::make_shared<MemorySource>(SchemaOf(detail::LayoutOf<In>::Get()));
    auto writer = ReadStream(source)
                      .GroupBy(column)
                      .TransformWithState<Summing<IntState>>(mode, TimeMode::kNone)
                      .WriteStream(std::make_shared<MemorySink>())
                      .Option("checkpointLocation", checkpoint());
    for (const auto& [key, value] : conf) {
      writer = std::move(writer).Conf(key, value);
    }
    return std::move(writer).Start().status();
  };
  EXPECT_NE(start("ky", {}, OutputMode::kAppend).message().find("ky"), std::string::npos);
  EXPECT_NE(start("key", {{"holdfast.nonsense", "1"}}, OutputMode::kAppend).message().find("holdfast.nonsense"),
            std::string::npos);
  EXPECT_NE(start("key", {{"spark.sql.shuffle.partitions", "many"}}, OutputMode::kAppend).message().find("many"),
            std::string::npos);
  EXPECT_NE(start("key", {{"spark.sql.streaming.minBatchesToRetain", "0"}}, OutputMode::kAppend)
                .message()
                .find("minBatchesToRetain"),
            std::string::npos);
  EXPECT_EQ(start("key", {}, OutputMode::kComplete).kind(), ErrorKind::kInvalid);
  EXPECT_EQ(start("key", {{"spark.sql.streaming.stateStore.providerClass", "x.HDFS"}}, OutputMode::kAppend).condition(),
            "UNSUPPORTED_FEATURE.STORE_BACKEND_NOT_SUPPORTED_FOR_TWS");
}

}  // namespace
}  // namespace hf
