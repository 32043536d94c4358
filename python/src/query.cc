// SPDX-License-Identifier: Apache-2.0
#include "query.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>
#include <unistd.h>

#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <thread>

#include "callbacks.h"
#include "gil.h"
#include "holdfast/memory_stream.h"
#include "holdfast/plugin.h"
#include "holdfast/query.h"
#include "processor.h"
#include "rows.h"
#include "steps.h"

namespace hfpy {

namespace {

hf::TimeMode TimeModeOf(const std::string& name) {
  for (const hf::TimeMode mode : {hf::TimeMode::kNone, hf::TimeMode::kProcessingTime, hf::TimeMode::kEventTime}) {
    if (hf::TimeModeName(mode) == name) {
      return mode;
    }
  }
  throw hf::StatusError(hf::Internal("unknown time mode " + name));
}

hf::OutputMode OutputModeOf(const std::string& name) {
  for (const hf::OutputMode mode : {hf::OutputMode::kAppend, hf::OutputMode::kUpdate, hf::OutputMode::kComplete}) {
    if (hf::OutputModeName(mode) == name) {
      return mode;
    }
  }
  throw hf::StatusError(hf::Internal("unknown output mode " + name));
}

hf::Trigger TriggerOf(const std::string& kind, std::int64_t interval_ms) {
  if (kind == "availableNow") {
    return hf::AvailableNow();
  }
  if (kind == "once") {
    return hf::Once();
  }
  const std::chrono::milliseconds interval(interval_ms);
  return kind == "realTime" ? hf::RealTime(interval) : hf::ProcessingTime(interval);
}

// A query that has been started, and the exceptions of its Python code.
class Query {
 public:
  Query(std::unique_ptr<hf::StreamingQuery> query, std::shared_ptr<Thrown> thrown)
      : query_(std::move(query)), thrown_(std::move(thrown)) {}
  // Whoever drops the last reference, the collector on a thread of the query's own maybe, does not wait for its end.
  ~Query() {
    if (getpid() != pid_) {
      static_cast<void>(new std::shared_ptr(std::move(query_)));  // a forked child has no threads of it to end
    } else if (query_->is_active()) {
      std::thread([query = std::move(query_)] { static_cast<void>(query->StopNow()); }).detach();
    } else {
      const nb::gil_scoped_release released;
      query_.reset();
    }
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  std::string Id() const { return query_->id(); }
  std::string RunId() const { return query_->run_id(); }
  bool IsActive() const { return query_->is_active(); }
  // True when it has ended, false after the timeout. Signals are looked at meanwhile: Ctrl-C gets through.
  bool AwaitEnd(std::optional<std::int64_t> timeout_ms) const {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    while (true) {
      auto wait = kSignalPoll;
      if (timeout_ms.has_value()) {
        const auto left = std::chrono::milliseconds(*timeout_ms) -
                          std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
        wait = std::clamp(left, std::chrono::milliseconds(0), kSignalPoll);
      }
      const hf::Result<bool> ended = WithoutGil([&] { return query_->AwaitTermination(wait); });
      if (!ended.ok() && query_->is_active()) {
        ThrowUnlessOk(ended.status());
      }
      if (!ended.ok() || *ended) {
        return true;
      }
      if (PyErr_CheckSignals() != 0) {
        throw nb::python_error();
      }
      if (timeout_ms.has_value() && Clock::now() - begin >= std::chrono::milliseconds(*timeout_ms)) {
        return false;
      }
    }
  }
  // These wait for the user's code. `interruptible`: signals are looked at meanwhile, for the main thread, which is
  // none of the query's own. Why the query failed is told by Failure.
  void ProcessAllAvailable(bool interruptible) const {
    const hf::Status status = Wait(interruptible, [query = query_] { return query->ProcessAllAvailable(); });
    if (query_->is_active()) {
      ThrowUnlessOk(status);
    }
  }
  void Stop(bool interruptible) const {
    static_cast<void>(Wait(interruptible, [query = query_] { return query->Stop(); }));
  }
  void StopNow(bool interruptible) const {
    static_cast<void>(Wait(interruptible, [query = query_] { return query->StopNow(); }));
  }
  // (kind, condition, message, the Python exception or None), or None.
  nb::object Failure() const {
    const hf::Status status = query_->Exception();
    if (status.ok()) {
      return nb::none();
    }
    const nb::object thrown = thrown_->Behind(status);
    const nb::tuple told = StatusToPython(status);
    return nb::make_tuple(told[0], told[1], told[2], thrown.is_valid() ? thrown : nb::none());
  }
  std::vector<std::string> RecentProgress() const {
    std::vector<std::string> texts;
    for (const hf::StreamingQueryProgress& progress : query_->RecentProgress()) {
      texts.push_back(progress.json);
    }
    return texts;
  }

 private:
  static hf::Status Wait(bool interruptible, const std::function<hf::Status()>& wait) {
    return interruptible ? Interruptibly(wait) : WithoutGil(wait);
  }
  std::shared_ptr<hf::StreamingQuery> query_;
  const pid_t pid_ = getpid();
  const std::shared_ptr<Thrown> thrown_;
};

// A query as it is described, part by part.
class QueryBuilder {
 public:
  void AddInput(const std::string& format, const std::string& path, const hf::Options& options,
                const std::string& schema_json) {
    hf::Schema schema = schema_json.empty() ? hf::Schema() : OrThrow(hf::Schema::Parse(schema_json));
    description_.inputs.push_back(
        {.format = format, .path = path, .options = options, .schema = std::move(schema), .source = nullptr});
  }
  // Rows that are there, as a source of their own.
  void AddRows(const nb::object& source) {
    const Rows rows = RowsFrom(source);
    const auto stream = hf::MemoryStream::Make(rows.schema, {.bytes_max = std::numeric_limits<std::int64_t>::max()});
    for (const hf::ColumnBatch& batch : rows.batches) {
      OrThrow(stream->AddRows(batch));
    }
    description_.inputs.push_back({.format = {}, .path = {}, .options = {}, .schema = rows.schema, .source = stream});
  }
  void AddStep(const std::string& kind, const std::vector<std::string>& texts, std::size_t first_input,
               std::size_t inputs) {
    auto& steps = description_.operators.empty() ? description_.steps : description_.operators.back().steps;
    steps.push_back({.what = StepOf(kind, texts), .first_input = first_input, .inputs = inputs});
  }
  void AddOperator(const std::vector<std::string>& grouping_columns, nb::object make_runner,
                   const std::string& key_json, const std::string& input_json, const std::string& output_json,
                   const std::string& time_mode, const std::string& output_mode, const std::string& output_event_time,
                   const nb::object& initial_state, const std::vector<std::string>& initial_grouping_columns) {
    hf::OperatorDescription op;
    op.grouping_columns = grouping_columns;
    op.time_mode = TimeModeOf(time_mode);
    op.output_mode = OutputModeOf(output_mode);
    op.output_event_time = output_event_time;
    std::optional<hf::Schema> initial_schema;
    if (!initial_state.is_none()) {
      Rows rows = RowsFrom(initial_state);
      initial_schema = rows.schema;
      op.initial_state = hf::InitialState{
          .schema = rows.schema, .rows = std::move(rows.batches), .grouping_columns = initial_grouping_columns};
    }
    op.processor = MakePythonFactory(std::move(make_runner), OrThrow(hf::Schema::Parse(key_json)),
                                     OrThrow(hf::Schema::Parse(input_json)), OrThrow(hf::Schema::Parse(output_json)),
                                     initial_schema, thrown_);
    description_.operators.push_back(std::move(op));
  }
  void AddNativeOperator(const std::vector<std::string>& grouping_columns, const std::string& library,
                         const std::string& name, const std::string& time_mode, const std::string& output_mode) {
    hf::OperatorDescription op;
    op.grouping_columns = grouping_columns;
    op.time_mode = TimeModeOf(time_mode);
    op.output_mode = OutputModeOf(output_mode);
    op.processor = OrThrow(hf::LoadProcessor(library, name));
    description_.operators.push_back(std::move(op));
  }
  void SetSink(const std::string& format, const std::string& path, const hf::Options& options,
               const std::vector<std::string>& partition_by) {
    description_.sink_format = format;
    description_.sink_path = path;
    description_.sink_options = options;
    description_.partition_by = partition_by;
  }
  void SetForeachBatch(nb::object call) { foreach_batch_ = MakeForeachBatch(std::move(call), thrown_); }
  void SetForeach(nb::object writer, const std::string& schema_json) {
    foreach_ = MakeForeachWriter(std::move(writer), OrThrow(hf::Schema::Parse(schema_json)), thrown_);
  }
  void SetQuery(const std::string& name, const std::string& checkpoint, const std::string& output_mode,
                const std::string& trigger, std::int64_t interval_ms, const hf::Options& conf) {
    description_.name = name;
    description_.checkpoint_location = checkpoint;
    description_.output_mode = OutputModeOf(output_mode);
    description_.trigger = TriggerOf(trigger, interval_ms);
    description_.conf = conf;
  }
  // A failure of the user's code comes as what was thrown, with the engine's view of it as an attribute.
  Query* Start() {
    hf::DataStreamWriter writer(description_);
    if (foreach_batch_ != nullptr) {
      writer = std::move(writer).ForeachBatch(foreach_batch_);
    } else if (foreach_ != nullptr) {
      writer = std::move(writer).Foreach(foreach_);
    }
    auto query = WithoutGil([&] { return hf::StartQuery(writer.description()); });
    if (!query.ok()) {
      thrown_->ThrowIfAny(query.status());
    }
    return new Query(OrThrow(std::move(query)), thrown_);
  }

 private:
  hf::QueryDescription description_;
  ForeachBatchCall foreach_batch_;
  std::shared_ptr<hf::ForeachWriter<hf::Row>> foreach_;
  const std::shared_ptr<Thrown> thrown_ = std::make_shared<Thrown>();
};

std::string ColumnsOfInput(const std::string& format, const std::string& path, const hf::Options& options,
                           const std::string& schema_json, const hf::Options& conf) {
  const hf::InputDescription input{
      .format = format,
      .path = path,
      .options = options,
      .schema = schema_json.empty() ? hf::Schema() : OrThrow(hf::Schema::Parse(schema_json)),
      .source = nullptr};
  return WithoutGil([&] { return OrThrow(hf::ColumnsOfInput(input, conf)).ToJson(); });
}

std::string NativeOutputSchema(const std::string& library, const std::string& name) {
  return hf::SchemaOf(OrThrow(hf::LoadProcessor(library, name))->output_layout()).ToJson();
}

Rows MemoryTableRows(const std::string& name) {
  hf::MemoryTable table = WithoutGil([&] { return OrThrow(hf::ReadMemoryTable(name)); });
  return {.schema = table.schema, .batches = std::move(table.rows)};
}

}  // namespace

void BindQuery(nb::module_& module) {
  nb::class_<Query>(module, "Query", "A query that has been started.")
      .def_prop_ro("id", &Query::Id)
      .def_prop_ro("run_id", &Query::RunId)
      .def_prop_ro("is_active", &Query::IsActive)
      .def("await_end", &Query::AwaitEnd, nb::arg("timeout_ms") = nb::none())
      .def("process_all_available", &Query::ProcessAllAvailable, nb::arg("interruptible"))
      .def("stop", &Query::Stop, nb::arg("interruptible"))
      .def("stop_now", &Query::StopNow, nb::arg("interruptible"))
      .def("failure", &Query::Failure)
      .def("recent_progress", &Query::RecentProgress);
  nb::class_<QueryBuilder>(module, "QueryBuilder", "A query as it is described, part by part.")
      .def(nb::init<>())
      .def("add_input", &QueryBuilder::AddInput, nb::arg("format"), nb::arg("path"), nb::arg("options"),
           nb::arg("schema_json"))
      .def("add_rows", &QueryBuilder::AddRows, nb::arg("rows"))
      .def("add_step", &QueryBuilder::AddStep, nb::arg("kind"), nb::arg("texts"), nb::arg("first_input"),
           nb::arg("inputs"))
      .def("add_operator", &QueryBuilder::AddOperator, nb::arg("grouping_columns"), nb::arg("make_runner"),
           nb::arg("key_json"), nb::arg("input_json"), nb::arg("output_json"), nb::arg("time_mode"),
           nb::arg("output_mode"), nb::arg("output_event_time"), nb::arg("initial_state").none(),
           nb::arg("initial_grouping_columns"))
      .def("add_native_operator", &QueryBuilder::AddNativeOperator, nb::arg("grouping_columns"), nb::arg("library"),
           nb::arg("name"), nb::arg("time_mode"), nb::arg("output_mode"))
      .def("set_sink", &QueryBuilder::SetSink, nb::arg("format"), nb::arg("path"), nb::arg("options"),
           nb::arg("partition_by"))
      .def("set_foreach_batch", &QueryBuilder::SetForeachBatch, nb::arg("call"))
      .def("set_foreach", &QueryBuilder::SetForeach, nb::arg("writer"), nb::arg("schema_json"))
      .def("set_query", &QueryBuilder::SetQuery, nb::arg("name"), nb::arg("checkpoint"), nb::arg("output_mode"),
           nb::arg("trigger"), nb::arg("interval_ms"), nb::arg("conf"))
      .def("start", &QueryBuilder::Start, nb::rv_policy::take_ownership);
  module.def("memory_table", &MemoryTableRows, nb::arg("query_name"));
  module.def(
      "has_memory_table",
      [](const std::string& name) { return WithoutGil([&] { return hf::ReadMemoryTable(name).ok(); }); },
      nb::arg("query_name"));
  module.def("schema_of_input", &ColumnsOfInput, nb::arg("format"), nb::arg("path"), nb::arg("options"),
             nb::arg("schema_json"), nb::arg("conf"));
  module.def("native_output_schema", &NativeOutputSchema, nb::arg("library"), nb::arg("name"));
}

}  // namespace hfpy
