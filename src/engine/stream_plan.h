// SPDX-License-Identifier: Apache-2.0
// StreamPlan: a query as the engine gets it from query/: concrete parts behind their interfaces, nothing decided yet
// about the checkpoint.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "engine/conf.h"
#include "files/file_system.h"
#include "holdfast/query.h"

namespace hf {

struct StreamPlan {
  std::shared_ptr<FileSystem> files;  // first, so that it goes last: source and sink use it
  Clock* clock = nullptr;             // these two outlive the query
  Random* random = nullptr;
  std::string name;
  std::string checkpoint;                      // absolute path
  std::unique_ptr<DirectoryLock> lock;         // on the checkpoint; taken before the source looks at its log
  std::shared_ptr<const std::string> scratch;  // local directory for RocksDB, ours alone as long as somebody holds it
  std::vector<std::string> grouping_columns;
  std::shared_ptr<const ProcessorFactory> processor;
  OutputMode output_mode = OutputMode::kAppend;
  TimeMode time_mode = TimeMode::kNone;
  Trigger trigger;
  Conf conf;
  std::shared_ptr<Source> source;
  std::shared_ptr<Sink> sink;
  std::function<void(const StreamingQueryProgress&)> on_progress;
  std::function<void(std::string_view)> on_message;
};

}  // namespace hf
