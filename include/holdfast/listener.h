// SPDX-License-Identifier: Apache-2.0
// Watching all queries of the process: Spark's StreamingQueryListener.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "holdfast/query.h"

namespace hf {

// Times are since the epoch.
struct QueryStartedEvent {
  std::string id;      // the checkpoint's
  std::string run_id;  // of this start
  std::string name;    // empty: none
  std::int64_t timestamp_ms = 0;
};
struct QueryIdleEvent {
  std::string id;
  std::string run_id;
  std::int64_t timestamp_ms = 0;
};
struct QueryTerminatedEvent {
  std::string id;
  std::string run_id;
  std::optional<std::string> exception;                 // why it failed; nullopt: it ended well
  std::optional<std::string> error_class_on_exception;  // the condition of that, where it has one
};

// Events of a query come one at a time and in their order, those of several queries at the same time. What a listener
// throws is logged and harms nobody. It must not wait for the query that it hears of.
class StreamingQueryListener {
 public:
  virtual ~StreamingQueryListener() = default;
  // Before the start returns, on its thread; the others on the query's.
  virtual void OnQueryStarted(const QueryStartedEvent& event) { static_cast<void>(event); }
  virtual void OnQueryProgress(const StreamingQueryProgress& progress) { static_cast<void>(progress); }
  // The query found nothing to do, and has reported nothing for
  // spark.sql.streaming.noDataProgressEventInterval (10 seconds).
  virtual void OnQueryIdle(const QueryIdleEvent& event) { static_cast<void>(event); }
  virtual void OnQueryTerminated(const QueryTerminatedEvent& event) { static_cast<void>(event); }
};

// For the queries that start from now on.
void AddListener(std::shared_ptr<StreamingQueryListener> listener);
// Does nothing when it was not added. Queries at work may be calling it still.
void RemoveListener(const StreamingQueryListener& listener);

}  // namespace hf
