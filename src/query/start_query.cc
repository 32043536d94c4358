// SPDX-License-Identifier: Apache-2.0
// From a description to a running query: the one place where concrete sources, sinks and disks meet the engine.
#include <fmt/format.h>

#include <mutex>

#include "connect/memory/callback_sink.h"
#include "connect/memory/foreach_sink.h"
#include "engine/continuing.h"
#include "engine/stream_execution.h"
#include "engine/task_pool.h"
#include "files/disk_file_system.h"
#include "files/posix_disk.h"
#include "holdfast/query.h"
#include "query/environment.h"
#include "query/listeners.h"
#include "query/make_plan.h"
#include "query/make_source.h"
#include "query/memory_tables.h"

namespace hf {

namespace {

// For the syncs of a barrier: a file system takes those that wait at the same time in one stroke. A barrier that comes
// while another one has the threads does its syncs itself.
void RunOnThreads(std::span<const std::function<void()>> work) {
  constexpr std::size_t kThreads = 8;
  // Never destroyed: a forked child that exits would join threads that it does not have.
  static TaskPool& pool = *new TaskPool(kThreads);
  static std::mutex pool_mutex;
  const std::unique_lock lock(pool_mutex, std::try_to_lock);
  if (!lock.owns_lock()) {
    RunInTurn(work);
    return;
  }
  pool.ForEach(work.size(), [&](std::size_t i) { work[i](); });
}

}  // namespace

Environment ProcessEnvironment() {
  static PosixDisk disk;
  static SystemClock clock;
  static SystemRandom random;
  return {.files = std::make_shared<DiskFileSystem>(disk, RunOnThreads), .clock = &clock, .random = &random};
}

Result<std::unique_ptr<StreamingQuery>> StartQuery(const QueryDescription& description,
                                                   const Environment& environment) {
  HF_ASSIGN_OR_RETURN(StreamPlan plan, MakePlan(description, environment));
  plan.listener = ListenersNow();
  const auto memory_sink = std::dynamic_pointer_cast<const MemorySink>(plan.sink);
  // Before the source looks at its log: nobody may write there from now on.
  HF_ASSIGN_OR_RETURN(auto lock, environment.files->Lock(plan.checkpoint));
  HF_ASSIGN_OR_RETURN(plan.lock, ClaimQueryName(plan.name, std::move(lock)));
  HF_RETURN_IF_ERROR(CheckContinuable(*environment.files, plan.checkpoint, SourceKindsOf(description)));
  HF_RETURN_IF_ERROR(OpenSources(description, environment, &plan));
  if (memory_sink != nullptr && description.sink == nullptr) {
    plan.on_open = [name = description.name, memory_sink] { PublishMemoryTable(name, memory_sink); };
  }
  HF_ASSIGN_OR_RETURN(auto execution, StreamExecution::Start(std::move(plan)));
  return std::unique_ptr<StreamingQuery>(std::move(execution));
}

Result<std::unique_ptr<StreamingQuery>> StartQuery(const QueryDescription& description) {
  return StartQuery(description, ProcessEnvironment());
}

Result<Schema> ColumnsOfInput(const InputDescription& input, const Options& conf) {
  HF_ASSIGN_OR_RETURN(const Conf made, Conf::Make(conf));
  HF_RETURN_IF_ERROR(CheckInput(input, made));
  return SchemaOfInput(input);
}

DataStreamWriter DataStreamWriter::ForeachBatch(
    std::function<Status(const ColumnBatch& rows, std::int64_t batch_id)> call) && {
  description_.sink = std::make_shared<CallbackSink>(std::move(call));
  return std::move(*this);
}

DataStreamWriter DataStreamWriter::ForeachAny(std::shared_ptr<detail::AnyForeachWriter> writer) && {
  description_.sink = std::make_shared<ForeachSink>(std::move(writer));
  return std::move(*this);
}

}  // namespace hf
