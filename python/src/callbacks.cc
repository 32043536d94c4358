// SPDX-License-Identifier: Apache-2.0
#include "callbacks.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <cstdio>
#include <string>

#include "gil.h"
#include "holdfast/listener.h"
#include "holdfast/log.h"
#include "query.h"
#include "rows.h"
#include "values.h"

namespace hfpy {

namespace {

class PythonForeachWriter final : public hf::ForeachWriter<hf::Row> {
 public:
  PythonForeachWriter(nb::object writer, hf::Schema schema, std::shared_ptr<Thrown> thrown)
      : writer_(std::move(writer)), schema_(std::move(schema)), thrown_(std::move(thrown)) {}

  bool Open(std::int64_t partition_id, std::int64_t epoch_id) override {
    bool wanted = false;
    InPython([&] { wanted = nb::cast<bool>(writer_.get().attr("open")(partition_id, epoch_id)); });
    return wanted;
  }
  void Process(const hf::Row& row) override {
    InPython([&] { writer_.get().attr("process")(RowToTuple(row, schema_, {})); });
  }
  void Close(const hf::Status& error) override {
    InPython([&] { writer_.get().attr("close")(error.ok() ? nb::none() : nb::object(nb::cast(error.ToString()))); });
  }

 private:
  template <typename Call>
  void InPython(const Call& call) {
    const Locked locked;
    try {
      call();
    } catch (const nb::python_error& error) {
      throw hf::StatusError(thrown_->Keep(error));
    }
  }
  const GilObject writer_;
  const hf::Schema schema_;
  const std::shared_ptr<Thrown> thrown_;
};

// Hands events on to holdfast.sql.streaming.listener, as JSON or as plain values.
class PythonListener final : public hf::StreamingQueryListener {
 public:
  explicit PythonListener(nb::object target) : target_(std::move(target)) {}
  void OnQueryStarted(const hf::QueryStartedEvent& event) override {
    Tell("started", event.id, event.run_id, event.name, event.timestamp_ms);
  }
  void OnQueryProgress(const hf::StreamingQueryProgress& progress) override { Tell("progress", progress.json); }
  void OnQueryIdle(const hf::QueryIdleEvent& event) override {
    Tell("idle", event.id, event.run_id, event.timestamp_ms);
  }
  void OnQueryTerminated(const hf::QueryTerminatedEvent& event) override {
    Tell("terminated", event.id, event.run_id, event.exception, event.error_class_on_exception);
  }

 private:
  template <typename... Parts>
  void Tell(const char* method, const Parts&... parts) {
    const Locked locked;
    try {
      target_.get().attr(method)(parts...);
    } catch (const nb::python_error& error) {
      hf::Log(hf::LogLevel::kError, std::string("a StreamingQueryListener failed: ") + error.what());
    }
  }
  const GilObject target_;
};

struct Registration {
  std::shared_ptr<PythonListener> listener;
};

}  // namespace

ForeachBatchCall MakeForeachBatch(nb::object call, std::shared_ptr<Thrown> thrown) {
  const auto held = std::make_shared<const GilObject>(std::move(call));
  return [held, thrown](const hf::ColumnBatch& rows, std::int64_t batch_id) -> hf::Status {
    const Locked locked;
    try {
      held->get()(Rows{.schema = rows.schema(), .batches = {rows}}, batch_id);
      return {};
    } catch (const nb::python_error& error) {
      const hf::Status status = thrown->Keep(error);
      return status.kind() == hf::ErrorKind::kUser
                 ? hf::UserError(std::string(status.message()), "FOREACH_BATCH_USER_FUNCTION_ERROR")
                 : status;
    }
  };
}

std::shared_ptr<hf::ForeachWriter<hf::Row>> MakeForeachWriter(nb::object writer, hf::Schema schema,
                                                              std::shared_ptr<Thrown> thrown) {
  return std::make_shared<PythonForeachWriter>(std::move(writer), std::move(schema), std::move(thrown));
}

void BindListeners(nb::module_& module) {
  module.def(
      "set_log_level",
      [](const std::string& least) {
        hf::SetLogSink([least](hf::LogLevel level, std::string_view message) {
          for (const hf::LogLevel each :
               {hf::LogLevel::kDebug, hf::LogLevel::kInfo, hf::LogLevel::kWarning, hf::LogLevel::kError}) {
            if (hf::LogLevelName(each) == least && level >= each) {
              std::fprintf(stderr, "%s: %.*s\n", std::string(hf::LogLevelName(level)).c_str(),
                           static_cast<int>(message.size()), message.data());
            }
          }
        });
      },
      nb::arg("least"), "Messages below this level are not shown: debug, info, warning, error, off.");
  nb::class_<Registration>(module, "Registration", "A listener that was added.");
  module.def(
      "add_listener",
      [](nb::object target) {
        Registration made{std::make_shared<PythonListener>(std::move(target))};
        hf::AddListener(made.listener);
        return made;
      },
      nb::arg("target"));
  module.def(
      "remove_listener",
      [](const Registration& registration) { WithoutGil([&] { hf::RemoveListener(*registration.listener); }); },
      nb::arg("registration"));
}

}  // namespace hfpy
