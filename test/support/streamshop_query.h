// SPDX-License-Identifier: Apache-2.0
// The StreamShop sessionizer over a simulated disk, as the crash and the damage tests run it.
#pragma once

#include <string>

#include "holdfast/query.h"

namespace hf::test {

// Files of /events that match `pattern`, one a batch, into sessions.
template <typename Processor, typename Click>
ResultStream SessionsOf(const std::string& pattern) {
  return ReadStream("json")
      .Schema<Click>()
      .Option("maxFilesPerTrigger", "1")
      .Option("pathGlobFilter", pattern)
      .Load("/events")
      .GroupBy("session_id")
      .template TransformWithState<Processor>(OutputMode::kAppend, TimeMode::kNone);
}

// Two partitions on one thread, to the end of what is there. `scratch` is RocksDB's, on the real disk.
inline DataStreamWriter OnCheckpoint(DataStreamWriter writer, const std::string& scratch,
                                     const std::string& min_deltas_for_snapshot,
                                     const std::string& min_batches_to_retain) {
  return std::move(writer)
      .Option("checkpointLocation", "/checkpoint")
      .Conf("spark.sql.shuffle.partitions", "2")
      .Conf("spark.sql.streaming.stateStore.minDeltasForSnapshot", min_deltas_for_snapshot)
      .Conf("spark.sql.streaming.minBatchesToRetain", min_batches_to_retain)
      .Conf("holdfast.threads", "1")
      .Conf("holdfast.state.scratchDirectory", scratch)
      .Trigger(AvailableNow());
}

}  // namespace hf::test
