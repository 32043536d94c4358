// SPDX-License-Identifier: Apache-2.0
// StreamPlan: a query as the engine gets it from query/: concrete parts behind their interfaces, nothing decided yet
// about the checkpoint.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "engine/conf.h"
#include "files/file_system.h"
#include "holdfast/query.h"

namespace hf {

// One of the streams whose rows the operator gets. Their columns go together by place.
struct StreamInput {
  std::shared_ptr<Source> source;
  std::optional<std::size_t> watermark;  // the one of StreamPlan::watermarks that watches its rows
};

struct WatermarkOperator {
  std::size_t column = 0;  // of StreamPlan::input, a timestamp
  std::int64_t delay_ms = 0;
};

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
  std::optional<InitialState> initial_state;
  OutputMode output_mode = OutputMode::kAppend;
  TimeMode time_mode = TimeMode::kNone;
  Trigger trigger;
  Conf conf;
  std::vector<StreamInput> inputs;  // at least one
  Schema input;                     // of the rows of all of them
  std::vector<WatermarkOperator> watermarks;
  // The column whose times can be late: the first input's, as Spark's union has it. With kEventTime there is one.
  std::optional<std::size_t> event_time;
  std::shared_ptr<Sink> sink;
  std::function<void(const StreamingQueryProgress&)> on_progress;
  std::function<void(std::string_view)> on_message;
};

}  // namespace hf
