// SPDX-License-Identifier: Apache-2.0
// StreamPlan: a query as the engine gets it from query/: concrete parts behind their interfaces, nothing decided yet
// about the checkpoint.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/caught.h"
#include "base/clock.h"
#include "base/random.h"
#include "engine/batch_step.h"
#include "engine/conf.h"
#include "files/file_system.h"
#include "holdfast/listener.h"
#include "holdfast/log.h"
#include "holdfast/query.h"

namespace hf {

// One of the streams whose rows the first operator gets. Their columns go together by place.
struct StreamInput {
  std::shared_ptr<Source> source;
  Schema schema;  // of its rows
  BatchSteps steps;
  std::optional<std::size_t> watermark;  // the one of StreamPlan::watermarks that watches its rows
  std::size_t steps_before_watermark = 0;
};

struct WatermarkOperator {
  std::size_t column = 0;  // of the rows as it sees them, a timestamp
  std::int64_t delay_ms = 0;
};

// A transformWithState operator, as the description has it.
struct StreamOperator {
  Schema input = {};
  std::vector<std::string> grouping_columns = {};
  std::shared_ptr<const ProcessorFactory> processor = {};
  std::optional<InitialState> initial_state = {};
  TimeMode time_mode = TimeMode::kNone;
  OutputMode output_mode = OutputMode::kAppend;
  // The column of the input whose times can be late. With kEventTime there is one.
  std::optional<std::size_t> event_time = {};
  // The column of what the processor puts out that is the event time from there on: none may be late.
  std::optional<std::size_t> output_event_time = {};
  BatchSteps steps = {};  // on what it puts out
  // Spark 4.3 WatermarkPropagator: none comes out of an operator in processing time, so that it stays 0 for those that
  // follow one.
  bool has_watermark = true;
};

struct StreamPlan {
  std::shared_ptr<FileSystem> files;  // first, so that it goes last: source and sink use it
  Clock* clock = nullptr;             // these two outlive the query
  Random* random = nullptr;
  std::string name;
  std::string checkpoint;                      // absolute path
  std::unique_ptr<DirectoryLock> lock;         // on the checkpoint; taken before the source looks at its log
  std::shared_ptr<const std::string> scratch;  // local directory for RocksDB, ours alone as long as somebody holds it
  Trigger trigger;
  Conf conf;
  std::vector<StreamInput> inputs;  // at least one
  std::vector<WatermarkOperator> watermarks;
  std::vector<StreamOperator> operators;  // at least one; each gets what the one before it puts out
  std::shared_ptr<Sink> sink;
  std::function<void()> on_open;  // once the start is sure, before anybody hears of the query; may be empty
  std::function<void(const StreamingQueryProgress&)> on_progress;
  std::function<void(std::string_view)> on_message;
  std::shared_ptr<StreamingQueryListener> listener;  // null: nobody listens
  std::stop_token stop_now = {};                     // gives up the batch that is running

  // Says a line meant for people. What their function throws is no reason to fail.
  void Tell(LogLevel level, std::string_view message) const {
    const Status told = !on_message
                            ? Unavailable("nobody listens")
                            : CaughtFromUser("OnMessage failed", "", [&] { return on_message(message), Status(); });
    if (!told.ok()) {
      Log(level, message);
    }
  }
};

}  // namespace hf
