// SPDX-License-Identifier: Apache-2.0
#include "processor.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <numeric>
#include <vector>

#include "gil.h"
#include "keyed_input.h"
#include "rows.h"
#include "state.h"
#include "values.h"

namespace hfpy {

void GilObject::Reset() {
  if (object_ != nullptr && Py_IsInitialized() != 0) {
    const nb::gil_scoped_acquire locked;
    Py_DECREF(object_);
  }
  object_ = nullptr;
}

hf::Status Thrown::Keep(const nb::python_error& error) {
  hf::Status failure = StatusOf(error);
  auto exception = std::make_unique<GilObject>(nb::borrow(error.value()));
  const std::scoped_lock lock(mutex_);
  kept_.emplace_back(failure.message(), std::move(exception));
  return failure;
}

nb::object Thrown::Behind(const hf::Status& failure) const {
  const std::scoped_lock lock(mutex_);
  for (const auto& [message, exception] : kept_) {
    if (failure.message().find(message) != std::string_view::npos) {
      return nb::borrow(exception->get());
    }
  }
  return {};
}

nb::object Thrown::Take(const hf::Status& failure) {
  nb::object behind = Behind(failure);
  Kept forgotten;  // goes when the lock is given back: what an exception holds may run Python code when it goes
  {
    const std::scoped_lock lock(mutex_);
    forgotten.swap(kept_);
  }
  return behind;
}

void Thrown::ThrowIfAny(const hf::Status& failure) {
  if (const nb::object thrown = Take(failure); thrown.is_valid()) {
    SetStatus(thrown, failure);
    PyErr_SetObject(reinterpret_cast<PyObject*>(thrown.type().ptr()), thrown.ptr());
    throw nb::python_error();
  }
}

namespace {

// The methods of a Runner, looked up once.
struct Runner {
  nb::object init;
  nb::object begin_rows;
  nb::object handle_rows;
  nb::object begin_initial_state;
  nb::object handle_initial_state;
  nb::object handle_timer;
  nb::object flush;
  nb::object close;
  nb::object timer_values;  // the class

  explicit Runner(const nb::object& runner)
      : init(runner.attr("init")),
        begin_rows(runner.attr("begin_rows")),
        handle_rows(runner.attr("handle_rows")),
        begin_initial_state(runner.attr("begin_initial_state")),
        handle_initial_state(runner.attr("handle_initial_state")),
        handle_timer(runner.attr("handle_timer")),
        flush(runner.attr("flush")),
        close(runner.attr("close")),
        timer_values(nb::module_::import_("holdfast.sql.streaming.stateful_processor").attr("TimerValues")) {}
};

class PythonProcessor final : public hf::AnyProcessor {
 public:
  PythonProcessor(const nb::object& make_runner, hf::Schema key, hf::Schema output, std::shared_ptr<Thrown> thrown)
      : key_(std::move(key)), output_(std::move(output)), thrown_(std::move(thrown)) {
    InPython([&] { runner_ = std::make_unique<Runner>(make_runner()); });
  }
  ~PythonProcessor() override {
    const Locked locked;
    life_->handle = nullptr;
    timer_values_.reset();
    runner_.reset();
  }

  // One taking of the lock for a run of calls: two partitions that asked for it at each key would mostly wake each
  // other.
  void BeginCalls() override { run_.emplace(); }
  void EndCalls() noexcept override { run_.reset(); }

  void BeginRows(hf::RowSelection rows) override {
    all_ = rows.rows;
    batches_ = rows.batches;
    begun_ = false;
  }
  void Flush(hf::RowAppender& out) override {
    InPython([&] { TakeOutput(runner_->flush(), out); });
  }
  void Init(hf::StatefulProcessorHandle& handle) override {
    InPython([&] {
      life_->handle = &handle;
      runner_->init(MakeHandle(life_));
    });
  }
  void HandleInputRows(const void* key, const hf::RowReader&, hf::RowSelection rows, const hf::TimerValues& times,
                       hf::RowAppender& out) override {
    InPython([&] {
      const std::size_t begin = Place(rows, runner_->begin_rows);
      const nb::object rest = runner_->handle_rows(Key(key), begin, begin + rows.rows.size(), TimerValues(times));
      TakeOutput(rest, out);
    });
  }
  void HandleExpiredTimer(const void* key, const hf::TimerValues& times, const hf::ExpiredTimerInfo& timer,
                          hf::RowAppender& out) override {
    InPython([&] { TakeOutput(runner_->handle_timer(Key(key), TimerValues(times), timer.expiry_time_ms), out); });
  }
  void HandleInitialState(const void* key, const hf::RowReader&, hf::RowSelection rows,
                          const hf::TimerValues& times) override {
    InPython([&] {
      const std::size_t begin = Place(rows, runner_->begin_initial_state);
      runner_->handle_initial_state(Key(key), begin, begin + rows.rows.size(), TimerValues(times));
    });
  }
  void Close() override {
    InPython([&] {
      runner_->close();
      life_->handle = nullptr;
    });
  }

 private:
  // State may be used for as long as it lives.
  class InCall {
   public:
    explicit InCall(HandleLife& life) : life_(life) { life_.in_call = true; }
    ~InCall() { life_.in_call = false; }
    InCall(const InCall&) = delete;
    InCall& operator=(const InCall&) = delete;

   private:
    HandleLife& life_;
  };

  // What Python throws becomes a Status; the exception itself is kept for whoever asks the query.
  template <typename Call>
  void InPython(const Call& call) {
    const Locked locked;
    const InCall in_call(*life_);
    try {
      call();
    } catch (const nb::python_error& error) {
      throw hf::StatusError(thrown_->Keep(error));
    }
  }
  [[nodiscard]] nb::object Key(const void* key) const {
    return RowToTuple(*static_cast<const hf::Row*>(key), key_, {});
  }
  // Where the rows of a key begin among those that the runner was told of.
  std::size_t Place(hf::RowSelection rows, const nb::object& begin) {
    if (!begun_) {
      begin(KeyedInput({.batches = batches_, .rows = all_}));
      begun_ = true;
    }
    return static_cast<std::size_t>(rows.rows.data() - all_.data());
  }
  const nb::object& TimerValues(const hf::TimerValues& times) {
    if (!timer_values_.has_value() || times.current_processing_time_ms != times_.current_processing_time_ms ||
        times.current_watermark_ms != times_.current_watermark_ms) {
      timer_values_ = runner_->timer_values(times.current_processing_time_ms, times.current_watermark_ms);
      times_ = times;
    }
    return *timer_values_;
  }
  // What a runner hands over: None, or Arrow columns in the order of the output's.
  void TakeOutput(const nb::object& output, hf::RowAppender& out) const {
    if (output.is_none()) {
      return;
    }
    const Rows rows = RowsFrom(output);
    if (rows.schema.type().ToString() != output_.type().ToString()) {
      throw hf::StatusError(hf::Internal("the rows put out have the columns " + rows.schema.ToDdl() + ", but " +
                                         output_.ToDdl() + " were announced"));
    }
    for (const hf::ColumnBatch& batch : rows.batches) {
      CheckNulls(batch);
      out.AppendBatch(batch);
    }
  }

  void CheckNulls(const hf::ColumnBatch& batch) const {
    for (std::size_t column = 0; column < output_.size(); ++column) {
      const hf::StructField& field = output_.field(column);
      if (!field.nullable && batch.column(column).null_count > 0) {
        throw hf::StatusError(
            hf::Invalid("the processor put out a null in the column " + field.name +
                            ", which is NOT NULL; put out a value, or declare the column without NOT NULL",
                        "NOT_NULL_ASSERT_VIOLATION"));
      }
    }
  }

  const hf::Schema key_;
  const hf::Schema output_;
  const std::shared_ptr<Thrown> thrown_;
  const std::shared_ptr<HandleLife> life_ = std::make_shared<HandleLife>();
  std::unique_ptr<Runner> runner_;
  std::optional<Locked> run_;
  std::span<const hf::RowRef> all_;
  std::span<const hf::ColumnBatch> batches_;
  bool begun_ = false;  // the runner knows of all_
  std::optional<nb::object> timer_values_;
  hf::TimerValues times_;
};

class PythonFactory final : public hf::ProcessorFactory {
 public:
  PythonFactory(nb::object make_runner, const hf::Schema& key, const hf::Schema& input, const hf::Schema& output,
                const std::optional<hf::Schema>& initial_state, std::shared_ptr<Thrown> thrown)
      : make_runner_(std::move(make_runner)),
        thrown_(std::move(thrown)),
        key_(hf::RowLayout(key)),
        input_(hf::RowLayout(input)),
        output_(hf::RowLayout(output)),
        initial_state_(initial_state.has_value() ? hf::RowLayout(*initial_state) : nullptr) {}
  [[nodiscard]] std::unique_ptr<hf::AnyProcessor> Make() const override {
    const Locked locked;
    return std::make_unique<PythonProcessor>(nb::borrow(make_runner_.get()), hf::SchemaOf(*key_),
                                             hf::SchemaOf(*output_), thrown_);
  }
  [[nodiscard]] const hf::TypeLayout& key_layout() const override { return *key_; }
  [[nodiscard]] const hf::TypeLayout& input_layout() const override { return *input_; }
  [[nodiscard]] const hf::TypeLayout& output_layout() const override { return *output_; }
  [[nodiscard]] const hf::TypeLayout* initial_state_layout() const override { return initial_state_.get(); }

 private:
  const GilObject make_runner_;
  const std::shared_ptr<Thrown> thrown_;
  const std::shared_ptr<const hf::TypeLayout> key_;
  const std::shared_ptr<const hf::TypeLayout> input_;
  const std::shared_ptr<const hf::TypeLayout> output_;
  const std::shared_ptr<const hf::TypeLayout> initial_state_;
};

}  // namespace

std::shared_ptr<const hf::ProcessorFactory> MakePythonFactory(nb::object make_runner, const hf::Schema& key,
                                                              const hf::Schema& input, const hf::Schema& output,
                                                              const std::optional<hf::Schema>& initial_state,
                                                              std::shared_ptr<Thrown> thrown) {
  return std::make_shared<PythonFactory>(std::move(make_runner), key, input, output, initial_state, std::move(thrown));
}

void BindProcessor(nb::module_& module) { BindKeyedInput(module); }

}  // namespace hfpy
