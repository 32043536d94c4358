// SPDX-License-Identifier: Apache-2.0
// Two processes on one checkpoint: the second is refused by name, harms nothing, and may go on when the first is gone.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "connect/memory/memory_sink.h"
#include "holdfast/query.h"
#include "support/child_test.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

constexpr const char* kDirectoryVariable = "HOLDFAST_TWO_PROCESSES_DIRECTORY";

struct In {
  std::string key;
};
HOLDFAST_STRUCT(In, key);

struct Out {
  std::string key;
  std::int64_t count = 0;
};
HOLDFAST_STRUCT(Out, key, count);

class Counting final : public StatefulProcessor<std::string, In, Out> {
 public:
  void Init(StatefulProcessorHandle& handle) override { count_ = handle.GetValueState<std::int64_t>("count"); }
  void HandleInputRows(const std::string& key, RowsOf<In> rows, const TimerValues&, Output<Out>& out) override {
    const std::int64_t* held = count_.Get();
    const std::int64_t count = (held == nullptr ? 0 : *held) + static_cast<std::int64_t>(rows.size());
    count_.Update(count);
    out.Emit({key, count});
  }

 private:
  ValueState<std::int64_t> count_;
};

Result<std::unique_ptr<StreamingQuery>> Start(const std::string& directory, std::shared_ptr<Sink> sink,
                                              hf::Trigger trigger) {
  return ReadStream("json")
      .Schema<In>()
      .Load(directory + "/events")
      .GroupBy("key")
      .TransformWithState<Counting>(OutputMode::kAppend, TimeMode::kNone)
      .WriteStream(std::move(sink))
      .Option("checkpointLocation", directory + "/checkpoint")
      .Trigger(trigger)
      .Start();
}

// The first process: runs until it is killed.
TEST(TwoProcessesChild, DISABLED_RunsForever) {
  const char* directory = std::getenv(kDirectoryVariable);
  ASSERT_NE(directory, nullptr);
  const auto query = Start(directory, std::make_shared<MemorySink>(), ProcessingTime(std::chrono::milliseconds(5)));
  ASSERT_TRUE(query.ok()) << query.status().ToString();
  EXPECT_TRUE((*query)->AwaitTermination().ok());
}

std::set<std::string> FilesBelow(const std::string& directory) {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) {
      files.insert(entry.path().string());
    }
  }
  return files;
}

// The files once nothing has come to them for half a second: an idle process may still write checksums and snapshots.
std::set<std::string> SettledFilesBelow(const std::string& directory) {
  std::set<std::string> files;
  for (std::set<std::string> now = FilesBelow(directory); now != files; now = FilesBelow(directory)) {
    files = std::move(now);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  return files;
}

TEST(TwoProcesses, TheSecondIsRefusedByNameUntilTheFirstIsGone) {
  const test::TempDir dir;
  std::filesystem::create_directories(dir / "events");
  std::ofstream(dir / "events/1.json") << "{\"key\":\"a\"}\n{\"key\":\"a\"}\n";
  test::ChildTest child("TwoProcessesChild.DISABLED_RunsForever", fmt::format("{}={}", kDirectoryVariable, dir.path()));
  const std::string committed = dir / "checkpoint/commits/0";
  for (int wait = 0; wait < 6000 && !std::filesystem::exists(committed); ++wait) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_TRUE(std::filesystem::exists(committed));
  const auto before = SettledFilesBelow(dir / "checkpoint");
  const auto sink = std::make_shared<MemorySink>();
  const auto refused = Start(dir.path(), sink, AvailableNow());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().kind(), ErrorKind::kConflict);
  EXPECT_NE(refused.status().ToString().find(dir / "checkpoint"), std::string::npos) << refused.status().ToString();
  EXPECT_NE(refused.status().ToString().find("in use"), std::string::npos) << refused.status().ToString();
  EXPECT_EQ(FilesBelow(dir / "checkpoint"), before);
  child.Kill();
  std::ofstream(dir / "events/2.json") << "{\"key\":\"a\"}\n";
  const auto goes_on = Start(dir.path(), sink, AvailableNow());
  ASSERT_TRUE(goes_on.ok()) << goes_on.status().ToString();
  ASSERT_TRUE((*goes_on)->AwaitTermination().ok());
  EXPECT_EQ(sink->rows(), std::vector<Row>({{"a", std::int64_t{3}}}));
}

}  // namespace
}  // namespace hf
