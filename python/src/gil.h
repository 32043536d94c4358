// SPDX-License-Identifier: Apache-2.0
// The interpreter's lock and its exceptions, where the engine's threads come into Python and where Python calls the
// engine.
#pragma once

#include <nanobind/nanobind.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "holdfast/status.h"

namespace hfpy {

namespace nb = nanobind;

// How often a call that waits looks at signals.
constexpr std::chrono::milliseconds kSignalPoll{100};

// Takes the interpreter's lock on a thread of the engine's. The thread keeps its Python state for as long as it lives,
// and not only until the lock is given back: user code has things of its own in there (threading.local, the context of
// decimal, numpy's error state) from Init on.
class Locked {
 public:
  Locked();
  ~Locked() { PyGILState_Release(state_); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  const PyGILState_STATE state_;
};

// Runs a call that may take long, and needs no lock, on a thread of its own, and looks at signals meanwhile: Ctrl-C
// gets through to the caller, and the call goes on, so it must own whatever it uses. Works at the interpreter's exit,
// too, where Python 3.12 starts no threads. REQUIRES: the lock is held.
hf::Status Interruptibly(std::function<hf::Status()> call);

// Releases the lock, calls the engine, and throws StatusError when it failed.
template <typename Call>
auto WithoutGil(const Call& call) {
  const nb::gil_scoped_release released;
  return call();
}

inline void ThrowUnlessOk(const hf::Status& status) {
  if (!status.ok()) {
    throw hf::StatusError(status);
  }
}

template <typename T>
T OrThrow(hf::Result<T> result) {
  ThrowUnlessOk(result.status());
  return std::move(result).value();
}

// A call on a state variable or a timer that failed: PySparkRuntimeError in Python, whatever the failure.
class StateError : public hf::StatusError {
 public:
  // `doing`: as PySpark begins the message: "Error updating value state".
  StateError(const hf::Status& status, const char* doing)
      : hf::StatusError(hf::Status(status.kind(), std::string(doing) + ": " + status.ToString(),
                                   std::string(status.condition()))) {}
};

// Makes hf::StatusError the exception that holdfast._failures.from_engine(kind, condition, message) returns.
void RegisterExceptions(nb::module_& module);

// (kind, condition, message). REQUIRES: the lock is held.
nb::tuple StatusToPython(const hf::Status& status);

// Puts the failure where from_engine's exceptions have theirs. REQUIRES: the lock is held.
void SetStatus(nb::handle exception, const hf::Status& status);

// The failure behind a Python exception: the engine's own when it came out of the engine, else kUser with the
// exception's traceback as text. REQUIRES: the lock is held.
hf::Status StatusOf(const nb::python_error& error);

}  // namespace hfpy
