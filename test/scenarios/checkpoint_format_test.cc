// SPDX-License-Identifier: Apache-2.0
// What a start may and may not change about how a checkpoint is written: its format stays, changelogs come and go.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "scenarios/growing_query.h"
#include "support/status_matchers.h"

namespace hf {
namespace {

using test::IsOk;

constexpr int kVersion = 3;
constexpr const char* kFormat = "spark.sql.streaming.stateStore.checkpointFormatVersion";
constexpr const char* kChangelogs = "spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled";

class CheckpointFormat : public ::testing::TestWithParam<const char*> {
 protected:
  void RunBatches(int batches) {
    for (int batch = 0; batch < batches; ++batch) {
      const auto key = fmt::format("k{}", query_.batches_run() % 5);
      ASSERT_THAT(query_.Run(kVersion, {{key, "every"}}), IsOk());
      states_.push_back(query_.Expected(kVersion));
    }
  }
  // Every batch so far, as it was.
  void ExpectEveryBatch() {
    const std::string copy = query_.CopyCheckpoint();
    for (std::size_t batch = 0; batch < states_.size(); ++batch) {
      const auto found = ReadGrowingState(copy, static_cast<std::int64_t>(batch));
      ASSERT_TRUE(found.ok()) << batch << ": " << found.status().ToString();
      EXPECT_EQ(*found, states_[batch]) << batch;
    }
  }
  // How many files of the first partition end so.
  [[nodiscard]] std::size_t Count(std::string_view suffix) const {
    std::size_t count = 0;
    for (const auto& [path, content] : query_.CheckpointFiles()) {
      count +=
          path.find("state/0/0/") != std::string::npos && path.find("/.") == std::string::npos && path.ends_with(suffix)
              ? 1
              : 0;
    }
    return count;
  }
  [[nodiscard]] std::string CommitVersion(std::int64_t batch) const {
    for (const auto& [path, content] : query_.CheckpointFiles()) {
      if (path.ends_with(fmt::format("commits/{}", batch))) {
        return content.substr(0, 2);
      }
    }
    return "none";
  }

  GrowingQuery query_{{{"spark.sql.shuffle.partitions", "2"}, {kFormat, GetParam()}, {"holdfast.threads", "1"}}};
  std::vector<std::map<std::string, std::string>> states_;
};

TEST_P(CheckpointFormat, StaysWhatItWas) {
  RunBatches(3);
  query_.SetConf(kFormat, std::string(GetParam()) == "1" ? "2" : "1");
  RunBatches(2);
  ExpectEveryBatch();
  EXPECT_EQ(CommitVersion(0), fmt::format("v{}", GetParam()));
  EXPECT_EQ(CommitVersion(4), fmt::format("v{}", GetParam()));
  EXPECT_EQ(Count(".changelog"), 5u);
  EXPECT_EQ(Count(".changelog.crc"), std::string(GetParam()) == "1" ? 0u : 5u);
}

TEST_P(CheckpointFormat, ChangelogsAreSwitchedOffAndOn) {
  RunBatches(3);
  query_.SetConf(kChangelogs, "false");
  RunBatches(3);
  query_.SetConf(kChangelogs, "true");
  RunBatches(3);
  ExpectEveryBatch();
  EXPECT_EQ(Count(".changelog"), 6u);
  EXPECT_EQ(Count(".zip"), 4u);
}

TEST_P(CheckpointFormat, BeginsWithoutChangelogs) {
  query_.SetConf(kChangelogs, "false");
  RunBatches(4);
  EXPECT_EQ(Count(".changelog"), 0u);
  query_.SetConf(kChangelogs, "true");
  RunBatches(2);
  ExpectEveryBatch();
}

INSTANTIATE_TEST_SUITE_P(Formats, CheckpointFormat, ::testing::Values("1", "2"),
                         [](const auto& instance) { return std::string("Format") + instance.param; });

}  // namespace
}  // namespace hf
