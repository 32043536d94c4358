// SPDX-License-Identifier: Apache-2.0
// Mistakes of the program around the engine, and settings that few use: each is met by name, and nothing is lost.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

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
  std::int64_t total = 0;
};
HOLDFAST_STRUCT(Out, key, total);

struct PlaceV1 {
  std::optional<std::string> zip;
};
HOLDFAST_STRUCT(PlaceV1, zip);

struct PlaceV2 {
  std::optional<std::string> zip;
  std::int32_t must = 0;
};
HOLDFAST_STRUCT(PlaceV2, zip, must);

template <typename Place>
struct State {
  std::int64_t total = 0;
  std::optional<Place> place;
};
struct StateV1 : State<PlaceV1> {};
HOLDFAST_STRUCT(StateV1, total, place);
struct StateV2 : State<PlaceV2> {};
HOLDFAST_STRUCT(StateV2, total, place);

// Counts the rows of a key.
template <typename Kept, bool kDeletes = false>
class Counting final : public StatefulProcessor<std::string, In, Out> {
 public:
  void Init(StatefulProcessorHandle& handle) override {
    if (kDeletes) {
      handle.DeleteIfExists("count");
    }
    count_ = handle.GetValueState<Kept>("count");
  }
  void HandleInputRows(const std::string& key, RowsOf<In> rows, const TimerValues&, Output<Out>& out) override {
    Kept kept = count_.Get() != nullptr ? *count_.Get() : Kept();
    kept.total += static_cast<std::int64_t>(rows.size());
    count_.Update(kept);
    out.Emit({key, kept.total});
  }

 private:
  ValueState<Kept> count_;
};

class Guards : public testing::Test {
 protected:
  // A batch for each list of keys that a query has not seen yet.
  void Push(const std::vector<std::string>& keys) {
    std::vector<Row> rows;
    for (const std::string& key : keys) {
      rows.push_back({key});
    }
    ASSERT_TRUE(source_->AddRows(rows).ok());
  }
  template <typename Processor>
  DataStreamWriter Describe(Options conf = {}) {
    auto writer = ReadStream(source_)
                      .GroupBy("key")
                      .TransformWithState<Processor>(OutputMode::kAppend, TimeMode::kNone)
                      .WriteStream(sink_)
                      .Option("checkpointLocation", directory_ / "checkpoint")
                      .Conf("spark.sql.shuffle.partitions", "1")
                      .Trigger(AvailableNow());
    for (const auto& [key, value] : conf) {
      writer = std::move(writer).Conf(key, value);
    }
    return writer;
  }
  static Status Run(DataStreamWriter writer) {
    auto query = std::move(writer).Start();
    return query.ok() ? (*query)->AwaitTermination() : query.status();
  }
  [[nodiscard]] std::map<std::string, std::uintmax_t> Files() const {
    std::map<std::string, std::uintmax_t> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_.path())) {
      if (entry.is_regular_file()) {
        files[entry.path().string()] = entry.file_size();
      }
    }
    return files;
  }

  test::TempDir directory_;
  std::shared_ptr<MemorySource> source_ = std::make_shared<MemorySource>(SchemaOf(detail::LayoutOf<In>::Get()));
  std::shared_ptr<MemorySink> sink_ = std::make_shared<MemorySink>();
};

TEST_F(Guards, AVariableIsNotBothDeclaredAndDeleted) {
  Push({"a"});
  const Status refused = Run(Describe<Counting<StateV1, true>>());
  EXPECT_EQ(refused.kind(), ErrorKind::kInvalid) << refused.ToString();
  EXPECT_NE(refused.message().find("DeleteIfExists"), std::string::npos) << refused.ToString();
}

TEST_F(Guards, ARequiredMemberInsideAnOptionalOneIsRefusedBeforeAnythingIsWritten) {
  Push({"a"});
  ASSERT_TRUE(Run(Describe<Counting<StateV1>>()).ok());
  const auto before = Files();
  Push({"a"});
  const Status refused = Run(Describe<Counting<StateV2>>());
  EXPECT_FALSE(refused.ok());
  EXPECT_NE(refused.message().find("must"), std::string::npos) << refused.ToString();
  EXPECT_EQ(Files(), before);
  EXPECT_TRUE(Run(Describe<Counting<StateV1>>()).ok());
}

TEST_F(Guards, StateWithoutChangelogsIsPurgedToo) {
  const Options conf = {{"spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled", "false"},
                        {"spark.sql.streaming.minBatchesToRetain", "2"}};
  constexpr int kBatches = 30;
  for (int batch = 0; batch < kBatches; ++batch) {
    Push({fmt::format("k{}", batch), "a"});
    ASSERT_TRUE(Run(Describe<Counting<StateV1>>(conf)).ok());
  }
  std::map<std::string, int> counts;
  for (const auto& [path, size] : Files()) {
    counts[std::filesystem::path(path).extension().string()] += 1;
  }
  EXPECT_LE(counts[".zip"], 4);
  EXPECT_LE(counts[".sst"], 40);
  EXPECT_EQ(std::get<std::int64_t>(sink_->rows().back()[1]), 1);
  Push({"a"});
  ASSERT_TRUE(Run(Describe<Counting<StateV1>>(conf)).ok());
  EXPECT_EQ(std::get<std::int64_t>(sink_->rows().back()[1]), kBatches + 1);
}

TEST_F(Guards, WhateverACallbackThrowsEndsTheQueryAndNotTheProcess) {
  Push({"a"});
  const auto throws = [](const ColumnBatch&, std::int64_t) -> Status { throw 42; };
  EXPECT_EQ(Run(Describe<Counting<StateV1>>().ForeachBatch(throws)).kind(), ErrorKind::kUser);
  const auto throws_too = [](const StreamingQueryProgress&) { throw 42; };
  EXPECT_EQ(Run(Describe<Counting<StateV1>>().OnProgress(throws_too)).kind(), ErrorKind::kUser);
}

TEST_F(Guards, ACallbackMayStopItsQueryButNotWaitForIt) {
  Push({"a"});
  StreamingQuery* running = nullptr;
  Status stopped = Internal("not called");
  Status awaited;
  std::mutex mutex;
  mutex.lock();
  auto writer = Describe<Counting<StateV1>>().Trigger(ProcessingTime(std::chrono::milliseconds(1)));
  auto query = std::move(writer)
                   .OnProgress([&](const StreamingQueryProgress&) {
                     const std::scoped_lock started(mutex);
                     awaited = running->AwaitTermination();
                     stopped = running->Stop();
                   })
                   .Start();
  ASSERT_TRUE(query.ok()) << query.status().ToString();
  running = query->get();
  mutex.unlock();
  EXPECT_TRUE(running->AwaitTermination().ok());
  EXPECT_TRUE(stopped.ok()) << stopped.ToString();
  EXPECT_EQ(awaited.kind(), ErrorKind::kInvalid);
}

// As another engine would, which does not know our lock.
TEST_F(Guards, WhoeverElsePlansTheNextBatchEndsThisQuery) {
  Push({"a"});
  std::map<std::string, std::uintmax_t> state_left;
  const auto state = [this] {
    auto files = Files();
    std::erase_if(files, [](const auto& file) { return file.first.find("/state/") == std::string::npos; });
    return files;
  };
  auto writer = Describe<Counting<StateV1>>().Trigger(ProcessingTime(std::chrono::milliseconds(1)));
  const Status failed = Run(std::move(writer).OnProgress([&](const StreamingQueryProgress&) {
    std::ofstream(directory_ / "checkpoint/offsets/1") << "v1\n{}\nof another engine";
    state_left = state();
    Push({"b"});
  }));
  EXPECT_EQ(failed.condition(), "CONCURRENT_STREAM_LOG_UPDATE") << failed.ToString();
  EXPECT_NE(failed.message().find("offsets/1"), std::string::npos) << failed.ToString();
  EXPECT_EQ(state(), state_left);
  EXPECT_EQ(sink_->rows().size(), 1U);
}

TEST_F(Guards, WhoeverElseCommitsTheBatchEndsThisQuery) {
  Push({"a"});
  const auto intrudes = [this](const ColumnBatch&, std::int64_t) {
    std::filesystem::create_directory(directory_ / "checkpoint/commits");
    std::ofstream(directory_ / "checkpoint/commits/0") << "v1\n{}";
    return Status();
  };
  const Status failed = Run(Describe<Counting<StateV1>>().ForeachBatch(intrudes));
  EXPECT_EQ(failed.condition(), "CONCURRENT_STREAM_LOG_UPDATE") << failed.ToString();
  EXPECT_NE(failed.message().find("commits/0"), std::string::npos) << failed.ToString();
  EXPECT_EQ(Files().at(directory_ / "checkpoint/commits/0"), 5U);
}

class Forgetful final : public StatefulProcessor<std::string, In, Out> {
 public:
  void Init(StatefulProcessorHandle&) override {}
  void HandleInputRows(const std::string&, RowsOf<In>, const TimerValues&, Output<Out>&) override { state_.Clear(); }

 private:
  ValueState<std::int64_t> state_;
};

TEST_F(Guards, AStateThatInitForgotIsNamed) {
  Push({"a"});
  const Status failed = Run(Describe<Forgetful>());
  EXPECT_FALSE(failed.ok());
  EXPECT_NE(failed.message().find("GetValueState"), std::string::npos) << failed.ToString();
}

TEST_F(Guards, ACommitThatDoesNotNameEveryPartitionsStateIsRefusedUntouched) {
  const Options conf = {{"spark.sql.streaming.stateStore.checkpointFormatVersion", "2"}};
  Push({"a"});
  ASSERT_TRUE(Run(Describe<Counting<StateV1>>(conf)).ok());
  const std::string commits = directory_ / "checkpoint/commits/";
  std::filesystem::remove(commits + ".0.crc");
  std::ofstream(commits + "0") << "v2\n{\"nextBatchWatermarkMs\":0,\"stateUniqueIds\":{\"0\":[[]]}}";
  Push({"b"});
  const auto before = Files();
  const Status refused = Run(Describe<Counting<StateV1>>(conf));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.kind(), ErrorKind::kCorrupt);
  EXPECT_NE(refused.message().find("commits/0"), std::string::npos) << refused.ToString();
  EXPECT_NE(refused.message().find("ids of 0 partitions"), std::string::npos) << refused.ToString();
  EXPECT_EQ(Files(), before);
}

}  // namespace
}  // namespace hf
