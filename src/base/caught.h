// SPDX-License-Identifier: Apache-2.0
// Where the host's code may throw into ours: the end of a thread, a callback.
#pragma once

#include <exception>

#include "holdfast/status.h"

namespace hf {

// Runs `work`, which returns a Status; what it throws becomes one: a StatusError its own, anything else kInternal.
template <typename Work>
Status Caught(const Work& work) {
  try {
    return work();
  } catch (const StatusError& error) {
    return error.status();
  } catch (const std::exception& error) {
    return Internal(error.what());
  } catch (...) {
    return Internal("something was thrown that is no std::exception");
  }
}

}  // namespace hf
