// SPDX-License-Identifier: Apache-2.0
// Runs version 2 of the StreamShop sessionizer over a directory of JSON files, from a program of one's own.
//
//   sessionization EVENTS_DIRECTORY CHECKPOINT_DIRECTORY DELTA_TABLE_DIRECTORY
#include <cstdio>

#include "holdfast/query.h"
#include "sessionization/streamshop.h"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s EVENTS_DIRECTORY CHECKPOINT_DIRECTORY DELTA_TABLE_DIRECTORY\n", argv[0]);
    return 2;
  }
  auto query = hf::ReadStream("json")
                   .Schema<streamshop::ClickV2>()
                   .Option("maxFilesPerTrigger", "1")
                   .Load(argv[1])
                   .GroupBy("session_id")
                   .TransformWithState<streamshop::SessionizerV2>(hf::OutputMode::kAppend, hf::TimeMode::kNone)
                   .WriteStream("delta")
                   .Option("checkpointLocation", argv[2])
                   .Trigger(hf::AvailableNow())
                   .Start(argv[3]);
  const hf::Status ended = query.ok() ? (*query)->AwaitTermination() : query.status();
  if (!ended.ok()) {
    std::fprintf(stderr, "%s\n", ended.ToString().c_str());
    return 1;
  }
  return 0;
}
