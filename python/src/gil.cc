// SPDX-License-Identifier: Apache-2.0
#include "gil.h"

#include <nanobind/stl/string.h>

#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <thread>

namespace hfpy {

namespace {

constexpr const char* kStatusAttribute = "_engine_status";

// Python's state of a thread that Python did not start.
class ThreadState {
 public:
  ThreadState() : state_(PyGILState_Ensure()), saved_(PyEval_SaveThread()) {}
  ~ThreadState() {
    if (Py_IsInitialized() != 0) {
      PyEval_RestoreThread(saved_);
      PyGILState_Release(state_);
    }
  }
  ThreadState(const ThreadState&) = delete;
  ThreadState& operator=(const ThreadState&) = delete;

 private:
  const PyGILState_STATE state_;
  PyThreadState* const saved_;
};

PyGILState_STATE EnsureForLong() {
  thread_local std::optional<ThreadState> kept;
  if (!kept.has_value() && PyGILState_GetThisThreadState() == nullptr) {
    kept.emplace();
  }
  return PyGILState_Ensure();
}

// What the engine says may hold bytes of a path or a key that are no text.
nb::object Text(std::string_view text) {
  return nb::steal(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}

hf::ErrorKind KindOf(const std::string& name) {
  for (const hf::ErrorKind kind : {hf::ErrorKind::kInvalid, hf::ErrorKind::kUnavailable, hf::ErrorKind::kCorrupt,
                                   hf::ErrorKind::kIncompatible, hf::ErrorKind::kConflict, hf::ErrorKind::kUser}) {
    if (hf::ErrorKindName(kind) == name) {
      return kind;
    }
  }
  return hf::ErrorKind::kInternal;
}

void SetPythonError(const hf::Status& status, const char* make_exception) {
  try {
    const nb::object make = nb::module_::import_("holdfast._failures").attr(make_exception);
    const nb::object exception =
        make(Text(hf::ErrorKindName(status.kind())), Text(status.condition()), Text(status.message()));
    SetStatus(exception, status);
    PyErr_SetObject(reinterpret_cast<PyObject*>(exception.type().ptr()), exception.ptr());
  } catch (nb::python_error& error) {
    error.restore();
  }
}

}  // namespace

Locked::Locked() : state_(EnsureForLong()) {}

hf::Status Interruptibly(std::function<hf::Status()> call) {
  const auto task = std::make_shared<std::packaged_task<hf::Status()>>(std::move(call));
  std::future<hf::Status> ended = task->get_future();
  std::thread([task] { (*task)(); }).detach();
  while (true) {
    if (WithoutGil([&] { return ended.wait_for(kSignalPoll); }) == std::future_status::ready) {
      return ended.get();
    }
    if (PyErr_CheckSignals() != 0) {
      throw nb::python_error();
    }
  }
}

nb::tuple StatusToPython(const hf::Status& status) {
  return nb::make_tuple(Text(hf::ErrorKindName(status.kind())), Text(status.condition()), Text(status.message()));
}

void SetStatus(nb::handle exception, const hf::Status& status) {
  const nb::tuple parts = StatusToPython(status);
  // Not by the class's own __setattr__: a frozen dataclass refuses to be changed.
  if (PyObject_GenericSetAttr(exception.ptr(), nb::str(kStatusAttribute).ptr(), parts.ptr()) != 0) {
    throw nb::python_error();
  }
}

void RegisterExceptions(nb::module_&) {
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const StateError& error) {
      SetPythonError(error.status(), "from_state");
    } catch (const hf::StatusError& error) {
      SetPythonError(error.status(), "from_engine");
    }
  });
}

hf::Status StatusOf(const nb::python_error& error) {
  const nb::handle value = error.value();
  if (nb::hasattr(value, kStatusAttribute)) {
    const auto parts = nb::cast<nb::tuple>(value.attr(kStatusAttribute));
    return {KindOf(nb::cast<std::string>(parts[0])), nb::cast<std::string>(parts[2]), nb::cast<std::string>(parts[1])};
  }
  const nb::object text = nb::module_::import_("holdfast._failures").attr("user_traceback")(value);
  return hf::UserError(nb::cast<std::string>(text), "TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR");
}

}  // namespace hfpy
