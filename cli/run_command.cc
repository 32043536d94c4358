// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include "commands.h"
#include "holdfast/query_file.h"

namespace hf::cli {

namespace {

std::atomic<bool> stop_asked = false;

// Waits for the end of the query, or asks it to finish the batch it is in.
Status AwaitOrStop(StreamingQuery& query) {
  while (query.is_active()) {
    if (stop_asked) {
      return query.Stop();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return query.AwaitTermination();
}

}  // namespace

int RunQueryFile(const std::string& path, bool continue_foreign, ProgressStyle progress) {
  if (progress == ProgressStyle::kJson) {
    PrintToStandardError();
  }
  auto description = ReadQueryFile(path);
  if (!description.ok()) {
    return Fail(description.status());
  }
  if (continue_foreign) {
    description->conf["holdfast.continueForeign"] = "true";
  }
  ProgressDisplay display(progress, "batches", 0);
  description->on_progress = [&display](const StreamingQueryProgress& batch) { display.Batch(batch); };
  description->on_message = [](std::string_view line) { fmt::print(stderr, "holdfast: {}\n", line); };
  description->on_console = [](std::string_view table) { Print(table); };
  std::signal(SIGINT, [](int) { stop_asked = true; });
  std::signal(SIGTERM, [](int) { stop_asked = true; });
  auto query = StartQuery(*description);
  if (!query.ok()) {
    return Fail(query.status());
  }
  const Status ended = AwaitOrStop(**query);
  display.Summarize();
  return ended.ok() ? kExitOk : Fail(ended);
}

}  // namespace hf::cli
