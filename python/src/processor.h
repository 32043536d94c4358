// SPDX-License-Identifier: Apache-2.0
// A stateful processor written in Python, as the engine sees processors.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

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

// The exceptions that came out of a query's Python code, each with what the engine was told of it. There can be
// several: partitions fail side by side, and close() after a function that has failed. REQUIRES, for all: the
// interpreter's lock.
class Thrown {
 public:
  // Keeps an exception; returns the failure for the engine.
  hf::Status Keep(const nb::python_error& error);
  // The exception behind a failure, the message of which has what Keep returned; an invalid object: there is none.
  [[nodiscard]] nb::object Behind(const hf::Status& failure) const;
  // The same, and forgets all of them.
  nb::object Take(const hf::Status& failure);
  // Throws the exception behind the failure as it was, with the engine's view of it as an attribute, and forgets all of
  // them; does nothing when there is none. What the user's own code threw is better than a text about it.
  void ThrowIfAny(const hf::Status& failure);

 private:
  using Kept = std::vector<std::pair<std::string, std::unique_ptr<GilObject>>>;
  mutable std::mutex mutex_;
  Kept kept_;  // by the messages; guarded by mutex_
};

// `make_runner()` makes a fresh copy of the user's processor, dressed as holdfast.sql.streaming.runner.Runner.
std::shared_ptr<const hf::ProcessorFactory> MakePythonFactory(nb::object make_runner, const hf::Schema& key,
                                                              const hf::Schema& input, const hf::Schema& output,
                                                              const std::optional<hf::Schema>& initial_state,
                                                              std::shared_ptr<Thrown> thrown);

void BindProcessor(nb::module_& module);

}  // namespace hfpy
