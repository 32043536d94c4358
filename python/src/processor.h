// SPDX-License-Identifier: Apache-2.0
// A stateful processor written in Python, as the engine sees processors.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <mutex>

#include "holdfast/processor.h"

namespace hfpy {

namespace nb = nanobind;

// Holds a Python object where the interpreter's lock is not held.
class GilObject {
 public:
  GilObject() = default;
  // REQUIRES: the lock is held.
  explicit GilObject(nb::object object) : object_(object.release().ptr()) {}
  ~GilObject() { Reset(); }
  GilObject(const GilObject&) = delete;
  GilObject& operator=(const GilObject&) = delete;
  // REQUIRES: the lock is held.
  [[nodiscard]] nb::handle get() const { return object_; }
  void Set(nb::object object) {
    Reset();
    object_ = object.release().ptr();
  }
  void Reset();

 private:
  PyObject* object_ = nullptr;
};

// The first exception that came out of a query's Python code, for whoever asks the query why it failed.
struct FirstException {
  std::mutex mutex;
  GilObject exception;  // guarded by mutex
  // REQUIRES: the lock of the interpreter is held.
  void Keep(const nb::python_error& error);
  // The exception, which is forgotten; an invalid object when there is none. REQUIRES: as Keep.
  nb::object Take();
  // Throws the exception as it was, with the engine's view of it as an attribute; does nothing when there is none. What
  // the user's own code threw is better than a text about it. REQUIRES: as Keep.
  void ThrowIfAny(const hf::Status& status);
};

// `make_runner()` makes a fresh copy of the user's processor, dressed as holdfast.sql.streaming.runner.Runner.
std::shared_ptr<const hf::ProcessorFactory> MakePythonFactory(nb::object make_runner, const hf::Schema& key,
                                                              const hf::Schema& input, const hf::Schema& output,
                                                              const std::optional<hf::Schema>& initial_state,
                                                              std::shared_ptr<FirstException> first_exception);

void BindProcessor(nb::module_& module);

}  // namespace hfpy
