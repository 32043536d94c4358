// SPDX-License-Identifier: Apache-2.0
#include "engine/task_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace hf {
namespace {

TEST(TaskPool, EveryIndexRunsExactlyOnceInEveryRound) {
  for (const std::size_t threads : {1U, 2U, 5U}) {
    TaskPool pool(threads);
    for (std::size_t count = 0; count < 40; ++count) {
      std::vector<std::atomic<int>> ran(count);
      pool.ForEach(count, [&](std::size_t i) { ++ran[i]; });
      for (const auto& times : ran) {
        EXPECT_EQ(times, 1);
      }
    }
  }
}

}  // namespace
}  // namespace hf
